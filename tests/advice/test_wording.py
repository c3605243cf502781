"""The wording of a condition is a condition with the same meaning."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice.evaluation import Evaluate, Value, compiled
from engine.advice.wording import Wording
from engine.rules import load_text
from engine.rules.checked import CheckedRules
from engine.rules.expressions import Expression, Fact, Subject, Type
from tests.random_expressions import RandomExpressions

RULES = """\
ruleset: words
currencies: [USD]
attributes: {{cart: {{gift_wrap: bool, visits: int}}, customer: {{member: bool}}}}
segments:
  shoes: item.category == "shoes"
promotions:
  x:
    layer: order
    when: >-
      {condition}
    reward: {{amount_off: {{of: cart, per: order, amount: 1.00}}}}
"""


VALUES: dict[Type, tuple[Value, ...]] = {
    Type.BOOL: (True, False, None),
    Type.INT: (-1, 0, 1, 3, 10**6, None),
    Type.MONEY: (0, 500, 1500, None),
    Type.STRING: ("gold", "shoes/", "web", None),
    Type.STRINGS: ((), ("gold",), ("web", "vip")),
}
"""Values of facts, by type."""


def loaded(condition: str) -> tuple[CheckedRules, Expression]:
    rules = load_text(RULES.format(condition=condition))
    expression = rules.promotions[0].condition
    assert expression is not None
    return rules, expression


@pytest.mark.parametrize(
    "condition",
    [
        "cart.subtotal >= 95.00",
        '!(customer.tier == "gold") && (cart.quantity > 3 || shoes.lines < 2)',
        'customer.tier in ["gold", "a \\"quoted\\" one"]',
        "cart.subtotal - (shoes.subtotal - 5.00) >= 10.00",
        "cart.quantity * (cart.lines + 1) - -1 > 2",
        'size(cart.coupons) > 0 && !has(customer.id) && cart.channel.startsWith("we")',
        '(cart.quantity > 3 ? cart.channel : customer.tier) == "web"',
        'cart.attributes.gift_wrap ? "VIP" in customer.segments : false',
        "-(-9223372036854775808) == cart.quantity",
    ],
)
def test_a_condition_is_said_as_it_was_written(condition: str) -> None:
    rules, expression = loaded(condition)
    assert Wording(rules, 0).expression(expression) == condition


@given(st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_what_is_said_means_the_same(random: Random) -> None:
    rules, _ = loaded("true")
    drawn = RandomExpressions(random, 1, len(rules.segments))
    expression = drawn.expression(Type.BOOL, (Subject.CART, Subject.SEGMENT, Subject.CUSTOMER), 3)
    _, again = loaded(Wording(rules, 0).expression(expression))
    for seed in range(20):

        def read(fact: Fact, seed: int = seed) -> Evaluate[None]:
            value = Random(f"{seed} {fact}").choice(VALUES[fact.type])
            return lambda _: value

        assert compiled(expression, 0, read)(None) == compiled(again, 0, read)(None)
