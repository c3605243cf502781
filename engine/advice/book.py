"""What is prepared once for a rule set and one of its currencies, so that an answer only reads facts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

from engine.advice.facts import LayerFacts
from engine.advice.numbers import NextStep, any_value, next_step
from engine.advice.requirements import Requirements, Shortfall, Shortfalls
from engine.advice.sets import NextSet
from engine.advice.situation import Situation
from engine.advice.touching import Touching
from engine.advice.wording import Wording
from engine.pricing.cart import Cart
from engine.pricing.quote import Outcome, Reason
from engine.pricing.reference.numbers import numbers_of
from engine.pricing.sketch import Outcomes, Sketch
from engine.rules.checked import CheckedRules, Promotion


class Entry:
    """What the condition, the numbers and the next set of one promotion need, each prepared on first use."""

    def __init__(self, promotion: Promotion, requirements: Requirements, wording: Wording) -> None:
        self.promotion = promotion
        self._requirements = requirements
        self._wording = wording

    @cached_property
    def condition(self) -> Shortfalls:
        """What keeps the condition from holding."""
        condition = self.promotion.condition
        return (lambda _: []) if condition is None else self._requirements.condition(condition)

    @cached_property
    def values(self) -> list[Shortfalls]:
        """What keeps each number from having a value."""
        return [any_value(number, self._requirements) for number in numbers_of(self.promotion.reward)]

    @cached_property
    def next_steps(self) -> list[NextStep]:
        """What keeps each number that has steps from its next step."""
        steps = (next_step(number, self._requirements) for number in numbers_of(self.promotion.reward))
        return [each for each in steps if each is not None]

    @cached_property
    def next_set(self) -> NextSet:
        return NextSet(self.promotion.reward, self._wording)


class Asked(NamedTuple):
    """A promotion that touches a cart, the facts that it read, and why it is not applied (None if it is).

    ``shortfalls`` are those of its condition, if that is why.
    """

    entry: Entry
    facts: LayerFacts
    outcome: Outcome | None
    shortfalls: Sequence[Shortfall]


class Book:
    """The promotions of a rule set in the order of granting, in one currency (an index into the rule set's).

    A promotion is prepared when it first touches a cart.
    """

    def __init__(self, rules: CheckedRules, currency: int, touching: Touching) -> None:
        self.rules = rules
        self.wording = Wording(rules, currency)
        self._requirements = Requirements(self.wording)
        self._touching = touching
        self._indices = {each.id: index for index, each in enumerate(rules.promotions)}
        self._entries: dict[int, Entry] = {}

    def promotion(self, id: str) -> Promotion:
        return self.rules.promotions[self._indices[id]]

    def entry(self, index: int) -> Entry:
        """The entry of a promotion, by index."""
        entry = self._entries.get(index)
        if entry is None:
            entry = Entry(self.rules.promotions[index], self._requirements, self.wording)
            self._entries[index] = entry
        return entry

    def situation(self, cart: Cart, sketch: Sketch) -> Situation:
        return Situation(cart, self._touching.codes(cart), sketch)

    def asked(self, situation: Situation, outcomes: Outcomes) -> list[Asked]:
        """The promotions that touch a cart, in the order of granting."""
        applied = {self._indices[id] for id in situation.sketch.grants}
        indices = sorted(self._touching.of(situation) | applied)
        return [
            self._asked(self.entry(index), outcome, situation)
            for index, outcome in zip(indices, outcomes(indices), strict=True)
        ]

    def _asked(self, entry: Entry, outcome: Outcome | None, situation: Situation) -> Asked:
        facts = situation.facts(entry.promotion)
        fails = outcome is not None and outcome.reason in (Reason.CONDITION, Reason.MISSING_FACT)
        return Asked(entry, facts, outcome, entry.condition(facts) if fails else ())
