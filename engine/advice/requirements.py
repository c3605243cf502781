"""What a condition or a number needs and a cart does not have, found in one walk over the parts of the condition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple, TypeAlias

from engine.advice.evaluation import Evaluate, compiled
from engine.advice.facts import SHIPMENT, LayerFacts, layer_reader
from engine.advice.gaps import Gap, Group
from engine.advice.wording import Wording
from engine.pricing.quote import Unmet
from engine.pricing.reference.conditions import COMPARISONS, Value
from engine.rules.checked_rewards import CART, Choice, Fixed, ForEvery, Number, StepTable
from engine.rules.expressions import (
    GROUP_FACTS,
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    Has,
    In,
    Not,
    Operation,
    Or,
    Subject,
    TestText,
    Type,
    facts_of,
)


class Shortfall(NamedTuple):
    """One unmet thing, what it reads from the cart, and the gaps to close to meet it (none if more goods cannot).

    Alternatives that are all unmet read several things: then ``subject`` is empty, and ``unmet`` names them.
    """

    unmet: Unmet
    subject: str
    gaps: tuple[Gap, ...]

    @property
    def found(self) -> str:
        return f"{self.subject} {self.unmet.found}".strip() if self.unmet.found else f"no {self.subject}"

    @property
    def needed(self) -> str:
        return f"{self.subject} {self.unmet.needed}".strip()


Shortfalls: TypeAlias = Callable[[LayerFacts], list[Shortfall]]
"""Everything that is unmet on a cart as it enters a layer; nothing if the requirement is met."""

NextStep: TypeAlias = Callable[[LayerFacts], Shortfalls | None]
"""What is unmet of the next step of a number on a cart; None if there is no further step."""

_TURNED = {
    Comparison.EQUAL: Comparison.EQUAL,
    Comparison.NOT_EQUAL: Comparison.NOT_EQUAL,
    Comparison.LESS: Comparison.GREATER,
    Comparison.LESS_OR_EQUAL: Comparison.GREATER_OR_EQUAL,
    Comparison.GREATER: Comparison.LESS,
    Comparison.GREATER_OR_EQUAL: Comparison.LESS_OR_EQUAL,
}
_NEEDED = {
    Comparison.EQUAL: "{}",
    Comparison.NOT_EQUAL: "anything but {}",
    Comparison.LESS: "less than {}",
    Comparison.LESS_OR_EQUAL: "at most {}",
    Comparison.GREATER: "more than {}",
    Comparison.GREATER_OR_EQUAL: "at least {}",
}
_TESTS = {"startsWith": "to start with", "endsWith": "to end with", "contains": "to contain"}
_OF_GOODS = {Subject.CART, Subject.SEGMENT, Subject.SHIPMENT}
_CLOSABLE = {Comparison.EQUAL: 0, Comparison.GREATER_OR_EQUAL: 0, Comparison.GREATER: 1}
"""Comparisons that more goods may meet, and by how much the number must exceed the other side."""


class Requirements:
    """Builds the functions that find what is unmet, for one rule set and currency."""

    def __init__(self, wording: Wording) -> None:
        self._wording = wording
        self._groups: dict[str, Group | None] = {}  # most conditions use the same few

    def condition(self, expression: Expression, wanted: bool = True) -> Shortfalls:
        """What keeps an expression from having the value ``wanted``; an error value is neither true nor false."""
        match expression:
            case Not(operand=operand):
                return self.condition(operand, not wanted)
            case And(operands=operands) | Or(operands=operands):
                parts = [self.condition(operand, wanted) for operand in operands]
                return _every(parts) if wanted is isinstance(expression, And) else self._any(expression, wanted, parts)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                decides = self._compiled(condition)
                unmet = self.condition(condition), self.condition(then, wanted), self.condition(otherwise, wanted)
                return lambda facts: unmet[{None: 0, True: 1, False: 2}[decides(facts)]](facts)
            case Compare(comparison=comparison, left=left, right=right):
                if not facts_of(left):
                    comparison, left, right = _TURNED[comparison], right, left
                return self._comparison(Compare(comparison if wanted else comparison.opposite, left, right))
        return self._test(expression, wanted)

    def next_step(self, number: Number) -> NextStep | None:
        """What keeps a number from its next step or its next ``every``; None for other numbers."""
        match number:
            case StepTable(by=by, steps=steps):
                unmet = [self._step(by, step.threshold) for step in steps]
                return lambda facts: next((each for each in unmet if each(facts)), None)
            case ForEvery():
                return self._next_time(number)
        return None

    def any_value(self, number: Number) -> Shortfalls:
        """What keeps a number from having a value."""
        match number:
            case Fixed():
                return lambda _: []
            case StepTable(by=by, steps=steps):
                return self._step(by, steps[0].threshold)
            case Choice(by=by, cases=cases):
                choices = tuple(Constant(by.type, case.key) for case in cases)
                return self._test(In(by, choices), True)
            case ForEvery(by=by, every=every):
                return self._step(by, every)

    def value(self, number: Number) -> Evaluate[LayerFacts]:
        """Reads a number; None if it has no value."""
        currency = self._wording.currency
        match number:
            case Fixed(values=values):
                figure = values[currency]
                return lambda _: figure
            case StepTable(by=by, steps=steps):
                read = self._compiled(by)
                figures = [(step.threshold[currency], step.value[currency]) for step in reversed(steps)]
                return lambda facts: _highest(read(facts), figures)
            case Choice(by=by, cases=cases):
                key = self._compiled(by)
                by_key = {case.key: case.value[currency] for case in cases}
                return lambda facts: by_key.get(key(facts))
            case ForEvery(by=by):
                held = self._compiled(by)
                return lambda facts: _times(number, held(facts), currency)

    def _next_time(self, number: ForEvery) -> NextStep:
        held, currency = self._compiled(number.by), self._wording.currency
        every, up_to = number.every[currency], number.up_to[currency]

        def next_step(facts: LayerFacts) -> Shortfalls | None:
            fact = held(facts)
            if fact is None or every is None or _times(number, fact, currency) == up_to:
                return None
            return self._step(number.by, (every * (max(fact, 0) // every + 1),) * len(number.every))

        return next_step

    def _step(self, by: Expression, threshold: tuple[int | None, ...]) -> Shortfalls:
        figure = threshold[self._wording.currency]
        least = Amount(threshold) if by.type is Type.MONEY or figure is None else Constant(Type.INT, figure)
        return self._comparison(Compare(Comparison.GREATER_OR_EQUAL, by, least))

    def _compiled(self, expression: Expression) -> Evaluate[LayerFacts]:
        return compiled(expression, self._wording.currency, layer_reader)

    def _any(self, expression: Expression, wanted: bool, alternatives: Sequence[Shortfalls]) -> Shortfalls:
        """Alternatives that are all unmet are one unmet thing; its gap is that of the first that goods can meet."""
        part = self._wording.expression(expression if wanted else Not(expression))

        def unmet(facts: LayerFacts) -> list[Shortfall]:
            found = [each(facts) for each in alternatives]
            if not all(found):
                return []
            gaps = next((_gaps(each) for each in found if all(shortfall.gaps for shortfall in each)), ())
            values = dict.fromkeys(shortfall.found for each in found for shortfall in each)
            needed = dict.fromkeys(" and ".join(shortfall.needed for shortfall in each) for each in found)
            return [Shortfall(Unmet(part, ", ".join(values), ", or ".join(needed)), "", gaps)]

        return unmet

    def _comparison(self, compare: Compare) -> Shortfalls:
        left, right = map(self._compiled, (compare.left, compare.right))
        part, subject = map(self._wording.expression, (compare, compare.left))
        holds, shown = COMPARISONS[compare.comparison], partial(self._wording.value, compare.left.type)
        needed = self._side(compare.right, _NEEDED[compare.comparison])
        beyond = _CLOSABLE.get(compare.comparison)
        group = None if beyond is None else self._group(compare.left, subject)

        def unmet(facts: LayerFacts) -> list[Shortfall]:
            found, wanted = left(facts), right(facts)
            if found is not None and wanted is not None and holds(found, wanted):
                return []
            gaps: tuple[Gap, ...] = ()
            if (
                group is not None
                and beyond is not None
                and found is not None
                and wanted is not None
                and found <= wanted
            ):
                gaps = (Gap(group, wanted - found + beyond),)
            return [Shortfall(Unmet(part, shown(found), needed(wanted)), subject, gaps)]

        return unmet

    def _side(self, expression: Expression, needed: str) -> Callable[[Value], str]:
        """Words what is needed, from the other side of a comparison; for most sides it is always the same."""
        text = self._wording.expression(expression)
        match expression:
            case Constant(type=type, value=value):
                always = needed.format(self._wording.value(type, value))
                return lambda _: always
            case Amount(values=values):
                figure = values[self._wording.currency]
                always = needed.format(text if figure is None else self._wording.amount(figure))
                return lambda _: always
        return lambda value: needed.format(text if value is None else self._wording.value(expression.type, value))

    def _group(self, expression: Expression, text: str) -> Group | None:
        """The goods counted by a fact, or by a sum of facts of one measure; None for any other expression."""
        if text not in self._groups:
            self._groups[text] = self._counted(expression, text)
        return self._groups[text]

    def _counted(self, expression: Expression, text: str) -> Group | None:
        facts = _terms(expression)
        if not all(fact.subject in _OF_GOODS and fact.name in GROUP_FACTS for fact in facts):
            return None
        if len({fact.name for fact in facts}) != 1:
            return None
        return Group(facts[0].name, text, tuple(map(_segment, facts)), text if len(facts) > 1 else None)

    def _test(self, expression: Expression, wanted: bool) -> Shortfalls:
        """Everything except comparisons: booleans, ``has``, ``in``, tests of a text."""
        holds = self._compiled(expression)
        part = self._wording.expression(expression if wanted else Not(expression))
        looked_at, needed = self._needed(expression, wanted)
        read, subject = self._compiled(looked_at), self._wording.expression(looked_at)

        def unmet(facts: LayerFacts) -> list[Shortfall]:
            if holds(facts) is wanted:
                return []
            return [Shortfall(Unmet(part, self._wording.value(looked_at.type, read(facts)), needed), subject, ())]

        return unmet

    def _needed(self, expression: Expression, wanted: bool) -> tuple[Expression, str]:
        """The expression that is read, and what its value must be."""
        unless = "" if wanted else "not "
        match expression:
            case Has(fact=fact):
                return fact, "any" if wanted else "none"
            case In(needle=needle, choices=Fact() as texts):
                return texts, f"{unless}{self._plain(needle)}"
            case In(needle=needle, choices=tuple() as choices):
                return needle, f"{unless}{' or '.join(map(self._plain, choices))}"
            case TestText(test=test, text=text, part=part):
                return text, f"{unless}{_TESTS[test.value]} {self._plain(part)}"
        return expression, "yes" if wanted else "no"

    def _plain(self, expression: Expression) -> str:
        """A text without its quotes, as values are shown."""
        match expression:
            case Constant(type=type, value=value):
                return self._wording.value(type, value)
        return self._wording.expression(expression)


def _every(parts: Sequence[Shortfalls]) -> Shortfalls:
    return lambda facts: [shortfall for part in parts for shortfall in part(facts)]


def _gaps(shortfalls: Sequence[Shortfall]) -> tuple[Gap, ...]:
    return tuple(gap for shortfall in shortfalls for gap in shortfall.gaps)


def _highest(fact: int | None, figures: Sequence[tuple[int | None, int | None]]) -> int | None:
    if fact is None:
        return None
    return next((value for threshold, value in figures if threshold is not None and fact >= threshold), None)


def _times(number: ForEvery, fact: int | None, currency: int) -> int | None:
    every, value, up_to = number.every[currency], number.value[currency], number.up_to[currency]
    if fact is None or every is None or value is None or up_to is None or fact < every:
        return None
    return min(fact // every * value, up_to)


def _terms(expression: Expression) -> list[Fact]:
    """The facts of a sum of facts; nothing for any other expression."""
    match expression:
        case Fact():
            return [expression]
        case Arithmetic(operation=Operation.ADD, left=left, right=right):
            one, other = _terms(left), _terms(right)
            return one + other if one and other else []
    return []


def _segment(fact: Fact) -> int:
    return {Subject.SEGMENT: fact.segment, Subject.SHIPMENT: SHIPMENT}.get(fact.subject, CART)
