"""What is prepared once of a rule set, for one of its currencies, so that an answer only reads facts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from engine.advice.facts import Goods
from engine.advice.requirements import NextStep, Requirements, Shortfalls
from engine.advice.segments import Segments
from engine.advice.sets import NextSet
from engine.advice.situation import Situation
from engine.advice.wording import Wording
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.pricing.reference.eligibility import listed_codes, sent_codes
from engine.pricing.reference.numbers import numbers_of
from engine.pricing.sketch import Sketch, sketch_of
from engine.rules.checked import CheckedRules, Promotion


@dataclass(frozen=True)
class Entry:
    """One promotion: what its condition, its numbers and its next set need."""

    promotion: Promotion
    requirements: Requirements
    wording: Wording

    @cached_property
    def condition(self) -> Shortfalls:
        """What keeps its condition from holding; found once of the same facts."""
        condition = self.promotion.condition
        if condition is None:
            return lambda _: []
        id, find = self.promotion.id, self.requirements.condition(condition)
        return lambda facts: facts.once(id, find)

    @cached_property
    def values(self) -> list[Shortfalls]:
        """What keeps each number from having a value."""
        return [self.requirements.any_value(number) for number in numbers_of(self.promotion.reward)]

    @cached_property
    def next_steps(self) -> list[NextStep]:
        """What keeps each number that has steps from its next one."""
        return list(filter(None, map(self.requirements.next_step, numbers_of(self.promotion.reward))))

    @cached_property
    def may_grow(self) -> bool:
        """Whether it may give more when it applies: at a next step, or for a next set."""
        return bool(self.next_steps) or self.next_set.exists

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
        self._gift_weights = rules.gift_weights
        self._listed_codes = listed_codes(rules)

    def situation(self, cart: Cart, sketch: Sketch) -> Situation:
        codes = sent_codes(self.rules, cart, self._listed_codes)
        return Situation(self.rules, Goods(cart, self._segments), codes, sketch)

    def sketch(self, quote: Quote) -> Sketch:
        return sketch_of(quote, self._gift_weights)
