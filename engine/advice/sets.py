"""The next set of a reward that counts units: how many it has, and how many more fill it (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain, combinations
from typing import NamedTuple, TypeAlias

from engine.advice.evaluation import Evaluate
from engine.advice.facts import LayerFacts
from engine.advice.formed import in_pick_order, sets_formed
from engine.advice.gaps import Common, Different, Gap, Group
from engine.advice.numbers import value_of
from engine.advice.wording import Wording
from engine.pricing.reference.different import sets_possible
from engine.rules.checked_rewards import BundleReward, BuyGetReward, GiftReward, GoodsReward, Number, Reward, reached

_MOST_SEGMENTS = 5
"""Segments of which all combinations are examined; if there are more, only single ones and all together."""
_MOST_FORMED = 100
_Quantity: TypeAlias = tuple[int, Number]
"""A segment and a number of units."""


class Goal(NamedTuple):
    """A number of sets, of all units or of alike ones; ``incomplete`` if the last set needs only one unit to get.

    A part may take units that the next part then lacks, although there are enough in total. In that case all parts
    together must have ``units`` units.
    """

    sets: int
    incomplete: bool
    only: Common | None = None
    units: int = 0


class _Part(NamedTuple):
    """The units of a group in each set; ``got`` of them are got."""

    group: Group
    quantity: Evaluate[LayerFacts]
    got: Evaluate[LayerFacts]


class _Counted(NamedTuple):
    """A part, and how many units of its group a cart has."""

    group: Group
    have: int
    quantity: int
    got: int

    def missing(self, goal: Goal) -> int:
        if goal.units:
            return goal.units - self.have
        lacking = max(0, self.got - 1) if goal.incomplete else 0
        return goal.sets * self.quantity - lacking - self.have


class NextSet:
    """What fills the next set of a reward; nothing for rewards without sets."""

    def __init__(self, reward: Reward, wording: Wording) -> None:
        self._wording = wording
        self._incomplete = isinstance(reward, BuyGetReward) and reward.incomplete
        self._parts = list(self._parts_of(reward))
        self._most: Evaluate[LayerFacts] | None = None
        self._same = ""
        self._different = reward.different if isinstance(reward, BundleReward) else ""
        self._overlapping = reward if isinstance(reward, BundleReward) and len(self._parts) > 1 else None
        match reward:
            case BuyGetReward() | BundleReward():
                self._most = None if reward.repeat is None else value_of(reward.repeat, wording.currency)
                self._same = reward.same
            case GoodsReward(units=units) if units is not None:
                self._most = (lambda _: 1) if units.at_least else None
                self._same = units.same

    @property
    def exists(self) -> bool:
        return bool(self._parts)

    def first(self, facts: LayerFacts) -> Goal:
        """The smallest goal that earns anything, for a reward that does not apply."""
        goals = [self._first(facts, only) for only in self._alike(facts)]
        return min(goals, key=partial(self._lacking, facts), default=Goal(1, self._incomplete))

    def next(self, facts: LayerFacts) -> Goal | None:
        """The next goal of a reward that applies; None if no set may follow, or no unit is left over from its sets.

        With buy 2 get 1 free, 5 pairs of socks are one set and 2 pairs towards the second; with 3 pairs, no second set
        is begun.
        """
        goals = [goal for only in self._alike(facts) if (goal := self._next(facts, only)) is not None]
        return min(goals, key=partial(self._lacking, facts), default=None)

    def _alike(self, facts: LayerFacts) -> list[Common | None]:
        """What the units of a set must have in common, for each kind in the cart."""
        if not self._same:
            return [None]
        values = dict.fromkeys(line.value_of(self._same) for part in self._parts for line in part.group.lines(facts))
        return [Common(self._same, value) for value in values if value is not None]

    def _lacking(self, facts: LayerFacts, goal: Goal) -> int:
        return sum(gap.missing for gap in self.gaps(goal, facts))

    def _first(self, facts: LayerFacts, only: Common | None) -> Goal:
        goal = Goal(1, self._incomplete, only)
        parts = self._counted(facts, only, goal.sets)
        if not parts or any(part.missing(goal) > 0 for part in parts):
            return goal
        return goal._replace(units=parts[-1].have + 1)

    def _next(self, facts: LayerFacts, only: Common | None) -> Goal | None:
        parts = self._counted(facts, only)
        if not parts:
            return None
        sets = self._formed(facts, only, min(self._sets(part, facts) for part in parts))
        most = None if self._most is None else self._most(facts)
        if (most is not None and sets >= most) or all(part.have == sets * part.quantity for part in parts):
            return None
        begun = Goal(sets + 1, self._incomplete, only)
        if any(part.missing(begun) > 0 for part in parts):
            return begun
        return Goal(sets + 1, False, only) if self._overlapping is None else begun._replace(units=parts[-1].have + 1)

    def _formed(self, facts: LayerFacts, only: Common | None, most: int) -> int:
        """The number of sets formed, at most ``most``; large numbers are assumed to be formed without counting."""
        if self._overlapping is None or most > _MOST_FORMED:
            return most
        parts = []
        for part in self._overlapping.parts:
            lines = [line for line in facts.lines(reached(part.segment)) if only is None or only.is_of(line)]
            quantity = value_of(part.quantity, self._wording.currency)(facts)
            parts.append((in_pick_order(lines, self._overlapping.pick, facts), quantity or 0))
        return sets_formed(parts, most)

    def _sets(self, part: _Counted, facts: LayerFacts) -> int:
        """How many sets the units of the part fill."""
        if not self._different:
            return part.have // part.quantity
        return sets_possible(Different(self._different, 0).kinds(part.group.lines(facts)).values(), part.quantity)

    def gaps(self, goal: Goal, facts: LayerFacts) -> tuple[Gap, ...]:
        """What is missing; all gaps have to be closed. In the example of ``next``, 1 pair for 2 sets."""
        parts = self._counted(facts, goal.only, goal.sets)[-1 if goal.units else 0 :]
        gaps = [Gap(part.group, part.missing(goal)) for part in parts]
        missing = [gap for gap in gaps if gap.missing > 0]
        fewest = min((len(gap.group.segments) for gap in missing), default=0)
        return tuple(gap for gap in missing if len(gap.group.segments) == fewest)

    def _counted(self, facts: LayerFacts, only: Common | None, sets: int | None = None) -> list[_Counted]:
        """Every part, of all units or of alike ones; nothing if a number of one of them has no value.

        With ``different``, only units count that ``sets`` sets can use.
        """
        found = []
        for part in self._parts:
            quantity, got = part.quantity(facts), part.got(facts)
            if quantity is None or got is None:
                return []
            group = part.group if only is None else part.group.only_of(only)
            if self._different and sets is not None:
                group = group.of_different(Different(self._different, sets))
            found.append(_Counted(group, group.units(facts), quantity, got))
        return found

    def _parts_of(self, reward: Reward) -> Iterator[_Part]:
        match reward:
            case BuyGetReward():
                bought, got = (reached(reward.buy), reward.buy_quantity), (reached(reward.get), reward.get_quantity)
                yield from self._together([bought, got], got=[got])
            case BundleReward():
                yield from self._together([(reached(part.segment), part.quantity) for part in reward.parts])
            case GoodsReward(units=units) if units is not None and (units.at_least or units.sets is not None):
                size = units.at_least or (0 if units.sets is None else units.sets.size)
                yield _Part(self._group(reached(reward.segment)), lambda _: size, lambda _: 0)
            case GiftReward(for_every=for_every) if for_every is not None:
                yield from self._together([(reached(for_every.segment), for_every.quantity)])

    def _together(self, parts: Sequence[_Quantity], got: Sequence[_Quantity] = ()) -> Iterator[_Part]:
        """Units of each segment and of segments combined, because a unit can fill only one place in a set.

        Sets can be formed exactly if no combination of segments has too few units for them (Hall's theorem).
        """
        segments = tuple(dict.fromkeys(segment for segment, _ in parts))
        sizes = range(1, len(segments) + 1) if len(segments) <= _MOST_SEGMENTS else (1, len(segments))
        for group in chain.from_iterable(combinations(segments, size) for size in sizes):
            yield _Part(self._group(*group), self._sum(parts, group), self._sum(got, group))

    def _sum(self, parts: Sequence[_Quantity], segments: Sequence[int]) -> Evaluate[LayerFacts]:
        """The sum of the parts in these segments; None if one has no value."""
        quantities = [value_of(quantity, self._wording.currency) for segment, quantity in parts if segment in segments]

        def read(facts: LayerFacts) -> int | None:
            values = [quantity(facts) for quantity in quantities]
            return None if None in values else sum(filter(None, values))

        return read

    def _group(self, *segments: int) -> Group:
        fact = " + ".join(f"{self._wording.group(segment)}.quantity" for segment in segments)
        return Group("quantity", fact, segments)
