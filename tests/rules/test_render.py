"""How issues look to people."""

from __future__ import annotations

import pytest

from engine.rules import InvalidRules, load_text
from engine.rules.found import Issue, Position
from engine.rules.nodes import Source
from engine.rules.render import render


def underlined(line: str, column: int, length: int) -> list[str]:
    issue = Issue(Position("f", 1, column, length), "code", "message")
    first, *others = render([issue], {"f": Source("f", line)}).splitlines()
    assert first == f"f:1:{column}: code: message"
    return others


def test_an_issue_in_full() -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text("ruleset: shop\ncurrencies: [USD]\nroundin: down\n", "shop.yaml")
    assert str(caught.value) == (
        "shop.yaml:3:1: unknown_key: unknown key `roundin`\n"
        "    roundin: down\n"
        "    ^~~~~~~\n"
        "    did you mean `rounding`?"
    )


def test_tabs_keep_their_width() -> None:
    assert underlined("\ta:\tbcd", 5, 3) == ["    \ta:\tbcd", "    \t  \t^~~"]


def test_wide_and_combining_characters() -> None:
    assert underlined("日本: 値x", 5, 1) == ["    日本: 値x", "          ^~"]
    assert underlined("e\u0301: bad", 5, 3) == ["    e\u0301: bad", "       ^~~"]


def test_a_long_line_is_cut_around_the_place() -> None:
    line, mark = underlined("a" * 5000 + "bad" + "c" * 5000, 5001, 3)
    assert line[mark.index("^") : mark.index("^") + 3] == "bad"
    assert line.startswith("    …a")
    assert line.endswith("c…")
    assert len(line) < 120
    assert mark.endswith("^~~")


def test_a_span_longer_than_what_is_shown() -> None:
    line, mark = underlined("a" * 5000, 1, 5000)
    assert len(mark) == len(line) - 1


def test_nothing_that_a_terminal_would_obey() -> None:
    assert underlined("a: \x1b[2J", 4, 1) == ["    a: \ufffd[2J", "       ^"]


def test_a_place_behind_the_line_and_an_empty_line() -> None:
    assert underlined("a:", 3, 1) == ["    a:", "      ^"]
    assert underlined("", 1, 1) == []
