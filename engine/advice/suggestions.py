"""What next: what a cart lacks for a promotion or its next step, and what the whole cart would cost with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeAlias

from engine.advice.book import Asked, Book
from engine.advice.facts import LayerFacts
from engine.advice.gaps import Gap
from engine.advice.requirements import Shortfalls, closable
from engine.advice.situation import Situation
from engine.advice.what_if import WhatIf
from engine.pricing.cart import Line
from engine.pricing.quote import Addition, Reason, Suggestion
from engine.pricing.sketch import Grant
from engine.rules.checked import Promotion

LINES = 3
"""Lines tried for one gap, those with the cheapest units first, until one helps."""
TRIES = 3
"""Quantities tried for one line."""

Gaps: TypeAlias = Callable[[LayerFacts], tuple[Gap, ...]]
"""The gaps to close for one promotion or step; none if they are closed, or if more goods cannot close them."""


def suggestions(book: Book, situation: Situation, asked: Sequence[Asked], what_if: WhatIf) -> tuple[Suggestion, ...]:
    """In the order of granting. The gaps whose goods cost least are tried first, because not all may be priced."""
    wishes = list(_wishes(asked))
    trial = _Trial(book, situation, what_if)
    found: list[Suggestion | None] = [None] * len(wishes)
    for index in sorted(range(len(wishes)), key=lambda index: wishes[index].cost):
        found[index] = trial.suggestion(wishes[index])
    return tuple(each for each in found if each is not None)


class _Wish(NamedTuple):
    """A gap of the cart: what is missing, and the lines and units that may make it up, cheapest first.

    ``at_least`` says that more may be missing: there are enough units for the set begun, but its parts take the wrong
    ones.
    """

    promotion: Promotion
    gaps: Gaps
    at_least: bool
    facts: LayerFacts
    missing: tuple[Gap, ...]
    candidates: list[tuple[Line, int]]

    @property
    def cost(self) -> int:
        """The cost of the first candidate, in minor units as sent."""
        return next((units * line.price for line, units in self.candidates), 0)


def _wishes(asked: Sequence[Asked]) -> Iterator[_Wish]:
    for each in asked:
        for gaps, missing, at_least in _gaps(each):
            if missing:
                candidates = _candidates(missing, each.facts)
                yield _Wish(each.entry.promotion, gaps, at_least, each.facts, missing, candidates)


def _gaps(asked: Asked) -> Iterator[tuple[Gaps, tuple[Gap, ...], bool]]:
    """What keeps a promotion from applying, or an applied one from giving more: how to find it, and what it is now.

    The third value is the ``at_least`` of the wish. Yields nothing if more goods do not help.
    """
    entry, facts, _, _ = asked
    match None if asked.outcome is None else asked.outcome.reason:
        case None:
            for next_step in entry.next_steps:
                step = next_step(facts)
                if step is not None:
                    yield partial(_unclosed, [step]), _unclosed([step], facts), False
            if entry.next_set.exists:
                goal = entry.next_set.next(facts)
                if goal is not None:
                    yield partial(entry.next_set.gaps, goal), entry.next_set.gaps(goal, facts), goal.units > 0
        case Reason.CONDITION | Reason.MISSING_FACT:
            yield partial(_unclosed, [entry.condition]), closable(asked.shortfalls), False
        case Reason.NO_VALUE:
            yield partial(_unclosed, entry.values), _unclosed(entry.values, facts), False
        case Reason.INCOMPLETE | Reason.NOT_IN_CART:
            goal = entry.next_set.first(facts)
            yield partial(entry.next_set.gaps, goal), entry.next_set.gaps(goal, facts), goal.units > 0


def _unclosed(requirements: Sequence[Shortfalls], facts: LayerFacts) -> tuple[Gap, ...]:
    return closable([each for requirement in requirements for each in requirement(facts)])


def _candidates(gaps: tuple[Gap, ...], facts: LayerFacts) -> list[tuple[Line, int]]:
    """The lines that may close all gaps, with the fewest units that may; the cheapest first."""
    found = [(units * line.price, units, line.id, line) for line, units in _closers(gaps, facts)]
    return [(line, units) for _, units, _, line in sorted(found)[:LINES]]


def _closers(gaps: tuple[Gap, ...], facts: LayerFacts) -> list[tuple[Line, int]]:
    """The lines that may close all gaps with some number of units, and the fewest that may."""
    first, *others = (gap.closers(facts) for gap in gaps)
    for other in others:
        units_of = {line.id: units for line, units in other}
        first = [(line, max(units, units_of[line.id])) for line, units in first if line.id in units_of]
    return first


@dataclass(frozen=True, slots=True)
class _Trial:
    """Closes gaps with units of lines in the cart, and prices the result."""

    book: Book
    situation: Situation
    what_if: WhatIf

    def suggestion(self, wish: _Wish) -> Suggestion | None:
        """None if a line closes the gap but no such line helps."""
        addition, closed = None, False
        for line, units in wish.candidates:
            addition, closes = self._addition(wish, line, units)
            if addition is not None:
                break
            closed |= closes
        if addition is None and closed:
            return None
        missing = wish.missing
        if wish.at_least and addition is not None:
            missing = tuple(replace(gap, missing=addition.quantity) for gap in missing)
        return Suggestion(
            promotion_id=wish.promotion.id,
            promotion_name=wish.promotion.name,
            text=" and ".join(gap.text(self.book.wording, wish.facts) for gap in missing),
            fact=missing[0].group.fact,
            missing=missing[0].missing,
            addition=addition,
        )

    def _addition(self, wish: _Wish, line: Line, units: int) -> tuple[Addition | None, bool]:
        """The fewest units found that close the gap, if that helps; and whether they close it, or may have.

        If 5.51 is missing and a unit costs 6.25, off which a promotion takes 3.00, one unit is not enough but two are.
        """
        id = wish.promotion.id
        before = self.situation.sketch.grants.get(id)
        for _ in range(TRIES):
            then = self.what_if.added(line.id, units)
            if then is None:
                break
            after = then.sketch.grants.get(id)
            if before is None and after is not None:
                return self._added(line, units, then.sketch.total), True
            facts = then.facts(wish.promotion)
            missing = wish.gaps(facts)
            helps = _more(before, after)
            if not missing and (helps or not wish.at_least):
                return self._added(line, units, then.sketch.total) if helps else None, True
            more = {each.id: needed for each, needed in _closers(missing, facts)}.get(line.id) if missing else 1
            if more is None:
                break
            units += more
        return None, wish.at_least

    def _added(self, line: Line, units: int, total: int) -> Addition:
        return Addition(line.id, units, units * line.price, total, total - self.situation.sketch.total)


def _more(before: Grant | None, after: Grant | None) -> bool:
    """Whether a promotion that applied before gives more than it did."""
    if before is None or after is None:
        return False
    return any(more > less for more, less in zip(after, before, strict=True))
