"""Random rule sets and carts that fit each other, for hypothesis and for seeded bulk runs alike.

Every choice comes from a seeded ``random.Random``; hypothesis draws only the seed, because drawing every choice would
take most of a test's time.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

from hypothesis import strategies as st

from engine.pricing.cart import Cart
from engine.rules.checked import CheckedRules
from tests.random_carts import random_cart
from tests.random_rules import ORDINARY, Shape, random_rules


def priced_cases() -> st.SearchStrategy[tuple[CheckedRules, Cart]]:
    """A rule set and a cart for it."""
    return st.integers(0, 2**63 - 1).map(lambda seed: random_case(Random(seed)))


def random_cases(seed: int, shape: Shape = ORDINARY) -> Iterator[tuple[CheckedRules, Cart]]:
    """Endless cases; the same seed gives the same cases."""
    for number in count():
        yield numbered_case(seed, number, shape)


def numbered_case(seed: int, number: int, shape: Shape = ORDINARY) -> tuple[CheckedRules, Cart]:
    return random_case(Random(f"{seed}/{number}"), shape)


def random_case(random: Random, shape: Shape = ORDINARY) -> tuple[CheckedRules, Cart]:
    rules = random_rules(random, shape)
    return rules, random_cart(random, rules)
