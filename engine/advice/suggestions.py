"""What next: what a cart lacks for a promotion or its next step, and what the whole cart would come to with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from engine.advice.book import Book, Entry
from engine.advice.facts import LayerFacts
from engine.advice.gaps import Gap
from engine.advice.requirements import Shortfalls
from engine.advice.situation import Situation
from engine.advice.what_if import WhatIf
from engine.pricing.cart import Line
from engine.pricing.quote import Addition, Adjustment, Outcome, Reason, Suggestion

LINES = 3
"""Lines tried for one gap, those first whose units cost least, until one helps."""
TRIES = 3
"""Quantities tried of one line."""

Gaps: TypeAlias = Callable[[LayerFacts], tuple[Gap, ...]]
"""All to be closed for one promotion or one step of it; none when they are, or when more goods do not close them."""

_REASONS = {Reason.CONDITION, Reason.MISSING_FACT, Reason.NO_VALUE, Reason.INCOMPLETE, Reason.NOT_IN_CART}
"""Reasons that more goods may do away with."""


def suggestions(
    book: Book, situation: Situation, outcomes: tuple[Outcome, ...], what_if: WhatIf
) -> tuple[Suggestion, ...]:
    """In the order of granting."""
    reasons = {outcome.promotion_id: outcome.reason for outcome in outcomes}
    found: list[Suggestion | None] = []
    for entry in book.entries.values():
        reason = reasons.get(entry.promotion.id)
        if reason is None or (reason in _REASONS and situation.touches(entry.promotion)):
            facts = situation.facts(entry.promotion)
            attempt = _Attempt(book, entry, situation, what_if)
            found += [attempt.suggestion(gaps, facts) for gaps in _gaps(entry, reason, facts)]
    return tuple(each for each in found if each is not None)


def _gaps(entry: Entry, reason: Reason | None, facts: LayerFacts) -> Iterator[Gaps]:
    """What keeps a promotion from applying or, without a reason, an applied one from giving more."""
    match reason:
        case None:
            for steps in entry.steps:
                step = next((step for step in steps if step(facts)), None)
                if step is not None:
                    yield partial(_closable, [step])
            yield from _next_set(entry, facts)
        case Reason.CONDITION | Reason.MISSING_FACT:
            yield partial(_closable, [entry.condition])
        case Reason.NO_VALUE:
            yield partial(_closable, entry.values)
        case _:
            yield from _next_set(entry, facts)


def _next_set(entry: Entry, facts: LayerFacts) -> Iterator[Gaps]:
    number = entry.next_set.number(facts)
    if number is not None:
        yield partial(entry.next_set.gaps, number)


def _closable(requirements: Sequence[Shortfalls], facts: LayerFacts) -> tuple[Gap, ...]:
    shortfalls = [each for requirement in requirements for each in requirement(facts)]
    return tuple(gap for each in shortfalls for gap in each.gaps) if all(each.gaps for each in shortfalls) else ()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """Tries to get more of one promotion by adding units of lines that are in the cart."""

    book: Book
    entry: Entry
    situation: Situation
    what_if: WhatIf

    def suggestion(self, gaps: Gaps, facts: LayerFacts) -> Suggestion | None:
        """None when there is no gap, and when closing it was tried and does not help."""
        missing = gaps(facts)
        if not missing:
            return None
        addition, closed = None, False
        for line, units in _candidates(missing, facts)[:LINES]:
            addition, closes = self._added(line, units, gaps)
            if addition is not None:
                break
            closed |= closes
        if addition is None and closed:
            return None
        promotion = self.entry.promotion
        return Suggestion(
            promotion_id=promotion.id,
            promotion_name=promotion.name,
            text=" and ".join(gap.text(self.book.wording, facts) for gap in missing),
            fact=missing[0].group.fact,
            missing=missing[0].missing,
            addition=addition,
        )

    def _added(self, line: Line, units: int, gaps: Gaps) -> tuple[Addition | None, bool]:
        """The fewest units found that close the gaps, if that helps; and whether the gaps closed.

        5.51 are missing and a unit is 6.25, of which a promotion takes 3.00: the first is not enough, a second is.
        """
        promotion = self.entry.promotion
        before = self.situation.applied.get(promotion.id)
        for _ in range(TRIES):
            added = self.what_if.added(line.id, units)
            if added is None:
                break
            situation = self.book.situation(*added)
            after = situation.applied.get(promotion.id)
            if before is None and after is not None:
                return self._addition(line, units, situation), True
            facts = situation.facts(promotion)
            missing = gaps(facts)
            if not missing:
                return self._addition(line, units, situation) if _more(before, after) else None, True
            more = _units(line, missing, facts)
            if more is None:
                break
            units += more
        return None, False

    def _addition(self, line: Line, units: int, situation: Situation) -> Addition:
        total = situation.quote.total
        return Addition(line.id, units, units * line.price, total, total - self.situation.quote.total)


def _more(before: Adjustment | None, after: Adjustment | None) -> bool:
    """Whether a promotion gives more than it did."""
    if before is None or after is None:
        return False
    return any(more > less for more, less in zip(_given(after), _given(before), strict=True))


def _given(adjustment: Adjustment) -> tuple[int, int, int, int]:
    gift = adjustment.gift
    return adjustment.amount, adjustment.points, adjustment.credit, 0 if gift is None else gift.quantity


def _candidates(gaps: tuple[Gap, ...], facts: LayerFacts) -> list[tuple[Line, int]]:
    """Lines that are in the groups of all gaps and the fewest units that may close them, by what these cost."""
    lines = {line.id: line for line in gaps[0].group.lines(facts)}
    for gap in gaps[1:]:
        ids = {line.id for line in gap.group.lines(facts)}
        lines = {id: line for id, line in lines.items() if id in ids}
    counted = [(line, _units(line, gaps, facts)) for line in lines.values()]
    found = [(line, units) for line, units in counted if units is not None]
    return sorted(found, key=lambda each: (each[1] * each[0].price, each[1], each[0].id))


def _units(line: Line, gaps: tuple[Gap, ...], facts: LayerFacts) -> int | None:
    """The fewest units that may close all gaps; None when no number of them does."""
    units = [gap.units(line, facts) for gap in gaps]
    return None if None in units else max(filter(None, units))
