"""Texts of a rule file, and the position of their characters."""

from __future__ import annotations

import pytest

from engine.rules.document import Limits, decode, read
from engine.rules.found import Position
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Scalar, Source


def values(text: str) -> dict[str, Scalar]:
    issues = Issues()
    (root,) = read([Source("f", text)], Limits(), issues)
    assert isinstance(root, Mapping)
    assert not issues
    return {key: value for key, value in root.items() if isinstance(value, Scalar)}


def places(scalar: Scalar) -> list[tuple[str, int, int]]:
    """Each character that is not a blank, with line and column."""
    return [
        (character, position.line, position.column)
        for offset, character in enumerate(scalar)
        if not character.isspace()
        for position in [scalar.position(offset, 1)]
    ]


def test_scalars_are_the_text_written() -> None:
    written = values("a: on\nb: 0010\nc: 50.00\nd: 2026-06-01\ne: ~\nf: 1e3\ng:\nh: 'it''s'\n")
    assert list(written.values()) == ["on", "0010", "50.00", "2026-06-01", "~", "1e3", "", "it's"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k: ab c", [("a", 1, 4), ("b", 1, 5), ("c", 1, 7)]),
        ("k: é😀x", [("é", 1, 4), ("😀", 1, 5), ("x", 1, 6)]),
        ("\ufeffk: a", [("a", 1, 4)]),
        ("j: 1\r\nk: a\r\n", [("a", 2, 4)]),
        ("j: 1\rk: a\r", [("a", 2, 4)]),
        ("k:\ta", [("a", 1, 4)]),
        ("k: a\n  b", [("a", 1, 4), ("b", 2, 3)]),
        ("k: 'a''b\n\n  c'", [("a", 1, 5), ("'", 1, 6), ("b", 1, 8), ("c", 3, 3)]),
        (r'k: "a\"\x41\u0020\tb"', [("a", 1, 5), ('"', 1, 6), ("A", 1, 8), ("b", 1, 20)]),
        ('k: "a\\\n   b"', [("a", 1, 5), ("b", 2, 4)]),
        ("k: |\n  ab\n   c\n", [("a", 2, 3), ("b", 2, 4), ("c", 3, 4)]),
        ("k: >-  # note\n\n  ab\n  c\n", [("a", 3, 3), ("b", 3, 4), ("c", 4, 3)]),
    ],
)
def test_places_of_characters(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert places(values(text)["k"]) == expected


def test_place_of_a_part_ends_with_its_line() -> None:
    condition = values("k: >\n  ab cd\n  ef\n")["k"]
    assert condition.position(3, 5) == Position("f", 2, 6, 2)


def test_place_of_the_end_is_just_behind_the_text() -> None:
    assert values("k: abc  # note")["k"].position(3, 1) == Position("f", 1, 7, 1)
    assert values('k: "abc"')["k"].position(3, 1) == Position("f", 1, 8, 1)
    assert values("k: ''")["k"].position(0, 1) == Position("f", 1, 4, 1)


def test_a_collection_stands_where_its_key_stands() -> None:
    (root,) = read([Source("f", "a:\n  - b:\n      c: 1\n")], Limits(), Issues())
    assert isinstance(root, Mapping)
    assert root["a"].place == Position("f", 1, 1, 1)


def test_bytes_that_are_no_text() -> None:
    issues = Issues()
    assert decode("f", "a: é\nb: ".encode() + b"\xff", issues) is None
    assert [(issue.position, issue.code) for issue in issues.found] == [(Position("f", 2, 4, 1), "not_utf8")]


@pytest.mark.parametrize("text", ["a: \x1b[2J", "a: \x85", "a: \u2028b: 1", "a: \ufeff", "a: \ud800", "a: \x7f"])
def test_characters_that_may_not_stand_in_a_file(text: str) -> None:
    issues = Issues()
    assert list(read([Source("f", text)], Limits(), issues)) == [None]
    assert [issue.code for issue in issues.found] == ["control_character"]


def test_a_file_that_is_no_text_is_one_mistake() -> None:
    issues = Issues()
    assert list(read([Source("f", "PK\3\4\n\0\0\x08\0")], Limits(), issues)) == [None]
    assert [(issue.position, issue.code) for issue in issues.found] == [(Position("f", 2, 1, 1), "no_text")]


def test_a_text_without_a_document_is_an_empty_mapping() -> None:
    assert values("") == values("# nothing but this\n") == {}


def test_nesting_ends_at_the_limit() -> None:
    issues = Issues()
    assert list(read([Source("f", "[" * 3 + "]" * 3)], Limits(depth=3), issues)) == [[[[]]]]
    assert list(read([Source("f", "[" * 4 + "]" * 4)], Limits(depth=3), issues)) == [None]
    assert [(issue.position.column, issue.code) for issue in issues.found] == [(4, "too_deep")]
