"""The random cases reach everything: each kind of reward, number and combination tells on the quotes of many."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from engine.pricing.reference import Reference
from engine.pricing.reference.basket import Unit
from tests.effects import GRANTED, TELLING, kinds_granted, kinds_that_tell
from tests.strategies import random_cases

CASES = 2000
LEAST = CASES * 2 // 100


def test_every_kind_has_an_effect_in_two_per_cent_of_the_cases() -> None:
    counts: Counter[str] = Counter()
    for rules, cart in islice(random_cases(7), CASES):
        layers = Reference(rules, "").price(cart).layers
        counts.update({*kinds_granted(rules, layers), *kinds_that_tell(rules, cart, layers)})
    kinds = [*GRANTED, *TELLING]
    for kind in kinds:
        print(f"{kind:28}{counts[kind] / CASES:6.1%}")
    assert {kind: counts[kind] for kind in kinds if counts[kind] < LEAST} == {}
    assert counts.keys() == set(kinds)


def test_claims_have_an_effect_in_two_per_cent_of_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = list(islice(random_cases(7), CASES))
    expected = [Reference(rules, "").price(cart).layers for rules, cart in cases]
    monkeypatch.setattr(Unit, "claim", lambda unit: None)
    found = [Reference(rules, "").price(cart).layers for rules, cart in cases]
    assert sum(map(tuple.__ne__, found, expected)) >= LEAST
