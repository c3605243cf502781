"""What is prepared once of a rule set, for one of its currencies, so that an answer only reads facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.advice.facts import Goods
from engine.advice.requirements import Requirements, Shortfalls
from engine.advice.segments import Segments
from engine.advice.sets import NextSet
from engine.advice.situation import Situation
from engine.advice.wording import Wording
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.pricing.reference.numbers import numbers_of
from engine.rules.checked import CheckedRules, GiftReward, Promotion


@dataclass(frozen=True)
class Entry:
    """One promotion: what its condition, its numbers and its next set need."""

    promotion: Promotion
    requirements: Requirements
    wording: Wording

    @cached_property
    def condition(self) -> Shortfalls:
        condition = self.promotion.condition
        return (lambda _: []) if condition is None else self.requirements.condition(condition)

    @cached_property
    def values(self) -> list[Shortfalls]:
        """What keeps each number from having a value."""
        return [self.requirements.any_value(number) for number in numbers_of(self.promotion.reward)]

    @cached_property
    def steps(self) -> list[list[Shortfalls]]:
        """What keeps each number from each of its steps."""
        return [self.requirements.steps(number) for number in numbers_of(self.promotion.reward)]

    @cached_property
    def next_set(self) -> NextSet:
        return NextSet(self.promotion.reward, self.requirements, self.wording)


class Book:
    """The promotions of a rule set in the order of granting, in one currency (an index into the rule set's)."""

    def __init__(self, rules: CheckedRules, currency: int) -> None:
        self.rules = rules
        self.wording = Wording(rules, currency)
        requirements = Requirements(self.wording)
        self.entries = {each.id: Entry(each, requirements, self.wording) for each in rules.promotions}
        self._segments = Segments(rules.segments, currency)
        self._gift_weights = {
            each.id: each.reward.weight for each in rules.promotions if isinstance(each.reward, GiftReward)
        }

    def situation(self, cart: Cart, quote: Quote) -> Situation:
        return Situation(self.rules, Goods(cart, self._segments), self._gift_weights, cart, quote)
