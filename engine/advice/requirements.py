"""What a condition needs and a cart does not have, found in one walk over its parts."""

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
from engine.rules.checked_rewards import CART
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
    PerCurrency,
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
        self.currency = wording.currency
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

    def at_least(self, by: Expression, figures: PerCurrency) -> Shortfalls:
        """What keeps the value of an expression from reaching a figure."""
        figure = figures[self.currency]
        least = Amount(figures) if by.type is Type.MONEY or figure is None else Constant(Type.INT, figure)
        return self._comparison(Compare(Comparison.GREATER_OR_EQUAL, by, least))

    def _compiled(self, expression: Expression) -> Evaluate[LayerFacts]:
        return compiled(expression, self.currency, layer_reader)

    def _any(self, expression: Expression, wanted: bool, alternatives: Sequence[Shortfalls]) -> Shortfalls:
        """Alternatives that are all unmet are one unmet thing; its gap is that of the first that goods can meet."""
        part = self._wording.expression(expression if wanted else Not(expression))

        def unmet(facts: LayerFacts) -> list[Shortfall]:
            found = [each(facts) for each in alternatives]
            if not all(found):
                return []
            gaps = next(filter(None, map(closable, found)), ())
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
            gaps: tuple[Gap, ...] = ()
            if found is not None and wanted is not None:
                if holds(found, wanted):
                    return []
                if group is not None and beyond is not None and found <= wanted:
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
                figure = values[self.currency]
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


def closable(shortfalls: Sequence[Shortfall]) -> tuple[Gap, ...]:
    """The gaps of all shortfalls; none if goods cannot close one of them."""
    if not all(each.gaps for each in shortfalls):
        return ()
    return tuple(gap for each in shortfalls for gap in each.gaps)


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
