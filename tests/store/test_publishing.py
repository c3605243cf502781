"""What can be published: checked, examples priced, linted, compiled."""

from __future__ import annotations

from hashlib import sha256

import pytest

from engine.rules import InvalidRules, Limits, Source, compile, load_sources
from engine.store.publishing import prepare
from tests.serving import spring

EXAMPLES = """\
examples:
  - name: boots
    cart: {at: 2026-06-01T17:00, lines: [{id: a, sku: BOOT, quantity: 2, price: 50.00}]}
    total: 90.00
  - name: hats
    cart: {at: 2026-06-01T17:00, lines: [{id: a, sku: HAT, quantity: 1, price: 20.00}]}
    total: 18.00
"""


def sources(*more: str) -> list[Source]:
    texts = [spring(), *more]
    return [Source(f"{number}.yaml", text) for number, text in enumerate(texts)]


def test_what_is_sound_is_compiled() -> None:
    publication = prepare(sources(EXAMPLES), Limits())
    assert publication.artifact == compile(load_sources(sources(), Limits()))
    assert publication.version == sha256(publication.artifact).hexdigest()
    assert [source.file for source in publication.sources] == ["0.yaml", "1.yaml"]
    assert publication.findings == ()


def test_every_example_that_fails_is_told_at_its_place() -> None:
    more = EXAMPLES.replace("total: 18.00", "total: 19.00")
    with pytest.raises(InvalidRules) as caught:
        prepare(sources(EXAMPLES.replace("90.00", "91.00"), more), Limits())
    assert [(each.position.file, each.position.line, each.code) for each in caught.value.issues] == [
        ("1.yaml", 2, "example_fails"),
        ("2.yaml", 5, "example_fails"),
    ]
    assert caught.value.issues[0].message == ("the example `boots` fails: total: wanted 91.00, found 90.00")


def test_files_are_limited_together() -> None:
    both = sources("# " + "x" * 100)
    size = sum(len(each.text) for each in both)
    assert prepare(both, Limits(size=size)).rules.name == "spring"
    with pytest.raises(InvalidRules, match="larger than the limit"):
        prepare(both, Limits(size=size - 1))
