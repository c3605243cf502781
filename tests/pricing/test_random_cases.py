"""The random cases reach everything: each kind is granted, and each option changes a quote, in many cases.

With so few cases, one in a hundred is required; `make prove`, with more cases, requires two in a hundred.
"""

from __future__ import annotations

from collections import Counter
from itertools import islice

from engine.pricing.reference import Reference
from tests.effects import GRANTED, TELLING, kinds_granted, kinds_that_tell
from tests.strategies import random_cases

CASES = 600


def test_every_kind_is_granted_and_every_option_has_an_effect_in_many_cases() -> None:
    counts: Counter[str] = Counter()
    often: set[str] = set()
    for rules, cart in islice(random_cases(7), CASES):
        layers = Reference(rules, "").price(cart).layers
        counts.update({*kinds_granted(rules, layers), *kinds_that_tell(rules, cart, layers, often)})
        often = {kind for kind, count in counts.items() if count >= CASES / 100}
    assert {kind: counts[kind] for kind in (*GRANTED, *TELLING) if kind not in often} == {}
