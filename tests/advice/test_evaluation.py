"""The two evaluators of expressions agree, and a condition holds exactly if nothing is unmet."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.advice.evaluation import compiled
from engine.advice.facts import Goods, LayerFacts, layer_reader
from engine.advice.requirements import Requirements
from engine.advice.wording import Wording
from engine.pricing.cart import Cart
from engine.pricing.reference.basket import Basket, basket_line, basket_shipment
from engine.pricing.reference.conditions import evaluate
from engine.pricing.reference.facts import is_in, layer_facts
from engine.pricing.sketch import Entered
from engine.rules.checked import CheckedRules
from engine.rules.expressions import Expression, Subject, Type
from tests.random_carts import random_cart
from tests.random_expressions import RandomExpressions
from tests.random_rules import random_rules

LAYER = (Subject.CART, Subject.SEGMENT, Subject.CUSTOMER, Subject.SHIPMENT)


class Case:
    """A random rule set, a cart entering its first layer for both evaluators, and expressions over it."""

    def __init__(self, random: Random) -> None:
        self.rules: CheckedRules = random_rules(random)
        self.cart: Cart = random_cart(random, self.rules)
        self.currency = self.rules.currencies.index(self.cart.currency)
        self._random = random
        segments = {
            line.id: frozenset(
                index for index, segment in enumerate(self.rules.segments) if is_in(segment, line, self.currency)
            )
            for line in self.cart.lines
        }
        goods = Goods(self.cart, segments)
        lines = [basket_line(line, self.cart, self.rules.markup, segments[line.id]) for line in goods.lines]
        self.shipments = [basket_shipment(each) for each in sorted(self.cart.shipments, key=lambda each: each.id)]
        self.basket = Basket(self.cart, self.currency, lines, self.shipments)
        self.facts = LayerFacts(
            goods,
            Entered(
                {line.id: line.price * line.quantity for line in goods.lines},
                {each.shipment.id: each.price for each in self.shipments},
                0,
            ),
        )

    def conditions(self, subjects: tuple[Subject, ...], count: int = 10) -> Iterator[Expression]:
        drawn = RandomExpressions(self._random, len(self.rules.currencies), len(self.rules.segments))
        return (drawn.expression(Type.BOOL, subjects, 4) for _ in range(count))


cases = st.randoms(use_true_random=False).map(Case)


@given(cases)
@settings(max_examples=100)
def test_conditions_have_the_values_of_the_reference_and_are_unmet_exactly_when_they_do_not_hold(case: Case) -> None:
    requirements = Requirements(Wording(case.rules, case.currency))
    for condition in case.conditions(LAYER):
        function = compiled(condition, case.currency, layer_reader)
        unmet, unmet_as_false = requirements.condition(condition), requirements.condition(condition, False)
        for shipment in case.shipments:
            if shipment.rate is None:
                continue
            facts = LayerFacts(case.facts.goods, case.facts.entered, shipment.shipment)
            value = evaluate(condition, layer_facts(case.basket, shipment), case.currency)
            assert function(facts) is value
            assert bool(unmet(facts)) == (value is not True)
            assert bool(unmet_as_false(facts)) == (value is not False)
