"""The random cases reach everything: each option, and claims, tell on the quotes of many."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from engine.pricing.reference import Reference
from engine.pricing.reference.basket import Unit
from tests.effects import TELLING, kinds_that_tell
from tests.prove import LEAST
from tests.strategies import random_cases

CASES = 2000


def test_every_option_has_an_effect_in_two_per_cent_of_the_cases() -> None:
    counts: Counter[str] = Counter()
    for rules, cart in islice(random_cases(7), CASES):
        counts.update(set(kinds_that_tell(rules, cart, Reference(rules, "").price(cart).layers)))
    assert {kind: counts[kind] for kind in TELLING if counts[kind] < LEAST * CASES} == {}


def test_claims_have_an_effect_in_two_per_cent_of_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = list(islice(random_cases(7), CASES))
    expected = [Reference(rules, "").price(cart).layers for rules, cart in cases]
    monkeypatch.setattr(Unit, "claim", lambda unit: None)
    found = [Reference(rules, "").price(cart).layers for rules, cart in cases]
    assert sum(map(tuple.__ne__, found, expected)) >= LEAST * CASES
