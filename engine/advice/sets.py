"""The next set of a reward that counts units: how many it has, and how many more fill it (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from engine.advice.evaluation import Evaluate
from engine.advice.facts import LayerFacts
from engine.advice.gaps import Gap, Group
from engine.advice.requirements import Requirements
from engine.advice.wording import Wording
from engine.rules.checked_rewards import (
    CART,
    DISCOUNTABLE,
    BundleReward,
    BuyGetReward,
    GiftReward,
    GoodsReward,
    Number,
    Reward,
)


class _Part(NamedTuple):
    """So many units of a group in each set."""

    group: Group
    count: Evaluate[LayerFacts]


class CountedSet(NamedTuple):
    """Which set it is, from 1: of all units, or of those of a SKU."""

    number: int
    sku: str | None = None


class NextSet:
    """What fills the next set of a reward; nothing for rewards that know no sets."""

    def __init__(self, reward: Reward, requirements: Requirements, wording: Wording) -> None:
        self._wording = wording
        self._requirements = requirements
        self._parts = list(self._parts_of(reward))
        repeat = reward.repeat if isinstance(reward, BuyGetReward | BundleReward) else None
        self._most = None if repeat is None else requirements.value(repeat)
        self._same_sku = isinstance(reward, BuyGetReward | BundleReward) and reward.same_sku

    @property
    def exists(self) -> bool:
        return bool(self._parts)

    def wanted(self, facts: LayerFacts) -> CountedSet | None:
        """Which set is to be filled next: None when none may follow, or no unit stands ready beyond the sets there are.

        Buy 2 get 1 free and 5 pairs of socks: one set, 2 pairs towards the second. With 3 pairs no second is begun. Of
        sets of one SKU each it is the one that lacks the fewest units.
        """
        if not self._same_sku:
            number = self._number(facts, None)
            return None if number is None else CountedSet(number)
        skus = dict.fromkeys(line.sku for part in self._parts for line in part.group.lines(facts))
        numbers = [(self._number(facts, sku), sku) for sku in skus]
        sets = [CountedSet(number, sku) for number, sku in numbers if number is not None]
        return min(sets, key=lambda each: sum(gap.missing for gap in self.gaps(each, facts)), default=None)

    def _number(self, facts: LayerFacts, sku: str | None) -> int | None:
        parts = self._counted(facts, sku)
        if not parts:
            return None
        sets = min(have // count for _, have, count in parts)
        most = None if self._most is None else self._most(facts)
        if (most is not None and sets >= most) or all(have == sets * count for _, have, count in parts):
            return None
        return sets + 1

    def gaps(self, wanted: CountedSet, facts: LayerFacts) -> tuple[Gap, ...]:
        """What is missing to so many sets; all to be closed. In the example above, 1 pair to 2 sets."""
        counted = self._counted(facts, wanted.sku)
        gaps = [Gap(group, wanted.number * count - have) for group, have, count in counted]
        missing = [gap for gap in gaps if gap.missing > 0]
        return tuple([gap for gap in missing if len(gap.group.segments) == 1] or missing)

    def _counted(self, facts: LayerFacts, sku: str | None) -> list[tuple[Group, int, int]]:
        """Each group, its units, and how many of them a set takes; nothing when one of these has no value."""
        counts = [part.count(facts) for part in self._parts]
        if None in counts:
            return []
        groups = [part.group if sku is None else part.group.of_sku(sku) for part in self._parts]
        units = [sum(line.quantity for line in group.lines(facts)) for group in groups]
        return list(zip(groups, units, counts, strict=True))

    def _parts_of(self, reward: Reward) -> Iterator[_Part]:
        match reward:
            case BuyGetReward():
                yield from self._together([(reward.buy, reward.buy_quantity), (reward.get, reward.get_quantity)])
            case BundleReward():
                yield from self._together([(part.segment, part.quantity) for part in reward.parts])
            case GoodsReward(units=units) if units is not None and units.sets is not None and not units.per_line:
                size = units.sets.size
                yield _Part(self._group(reward.segment), lambda _: size)
            case GiftReward(for_every=for_every) if for_every is not None:
                yield from self._together([(for_every.segment, for_every.quantity)])

    def _together(self, parts: Sequence[tuple[int, Number]]) -> Iterator[_Part]:
        """Units of each segment, and of all together, for one unit is in a set once."""
        segments = tuple(dict.fromkeys(segment for segment, _ in parts))
        for segment in segments:
            quantities = [quantity for each, quantity in parts if each == segment]
            yield _Part(self._group(segment), _sum([self._requirements.value(each) for each in quantities]))
        if len(segments) > 1:
            quantities = [quantity for _, quantity in parts]
            yield _Part(self._group(*segments), _sum([self._requirements.value(each) for each in quantities]))

    def _group(self, *segments: int) -> Group:
        """A reward reaches only discountable lines, in ``cart`` too."""
        reached = tuple(DISCOUNTABLE if segment == CART else segment for segment in segments)
        fact = " + ".join(f"{self._wording.group(segment)}.quantity" for segment in reached)
        return Group("quantity", fact, reached)


def _sum(quantities: Sequence[Evaluate[LayerFacts]]) -> Evaluate[LayerFacts]:
    def read(facts: LayerFacts) -> int | None:
        values = [quantity(facts) for quantity in quantities]
        return None if None in values else sum(values)

    return read
