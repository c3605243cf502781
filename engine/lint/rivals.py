"""Rivals: pairs of promotions that keep each other from applying, and which of the two goes first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import combinations

from engine.pricing.reference.compatibility import Compatibility
from engine.rules.checked import CheckedRules, Combine, ExclusionKind, Exclusive, Policy, Promotion, Selection

MOST_PAIRS = 200_000
"""The most pairs of promotions that are looked at for one kind of finding."""
MOST_THREES = 500
"""The most triples, of which there are far more."""


class Rivals:
    """Knows the promotions of one rule set."""

    def __init__(self, rules: CheckedRules) -> None:
        self.rules = rules
        self._compatibility = Compatibility(rules)

    @cached_property
    def _order(self) -> dict[str, int]:
        """Strict promotions are decided first, the others as they are granted."""
        others = [each for each in self.rules.promotions if each.exclusive is not Exclusive.STRICT]
        return {each.id: position for position, each in enumerate([*self.rules.strict, *others])}

    def goes_first(self, one: Promotion, other: Promotion) -> bool:
        return self._order[one.id] < self._order[other.id]

    def in_order(self, promotions: Iterable[Promotion]) -> list[Promotion]:
        return sorted(promotions, key=lambda each: self._order[each.id])

    def searched(self, promotion: Promotion) -> bool:
        """Whether a search, not the order, decides about it."""
        if promotion.exclusive is Exclusive.STRICT:
            return False
        layer = self.rules.layers[promotion.layer]
        return layer.combine is Combine.BEST or self.rules.selection is Selection.GLOBAL

    def rival(self, one: Promotion, other: Promotion) -> bool:
        """Whether at most one of the two applies on a cart."""
        return Exclusive.STRICT in (one.exclusive, other.exclusive) or not self._compatibility.goes_with(one, other)

    def grouped(self) -> Iterator[tuple[Promotion, Promotion]]:
        """Pairs within groups with `policy: one`, each in the order of granting."""
        single = self.rules.grouped(Policy.ONE)
        members = defaultdict(list)
        for each in self.rules.promotions:
            if each.group in single:
                members[each.group].append(each)
        for name in sorted(members):
            yield from combinations(members[name], 2)

    def pairs(self) -> Iterator[tuple[Promotion, Promotion]]:
        """Every pair of rivals once, the one that goes first named first."""
        seen = set()
        for pair in self._candidates():
            one, other = pair if self.goes_first(*pair) else pair[::-1]
            if one is not other and (one.id, other.id) not in seen:
                seen.add((one.id, other.id))
                yield one, other

    def _candidates(self) -> Iterator[tuple[Promotion, Promotion]]:
        yield from self.grouped()
        promotions = self.rules.promotions
        for one in promotions:
            for exclusion in one.excludes:
                for other in self._by_name.get((exclusion.kind, exclusion.name), []):
                    yield one, other
            if one.exclusive is not None:
                for other in promotions:
                    if one.exclusive is not Exclusive.LAYER or one.layer == other.layer:
                        yield one, other
        for index, layer in enumerate(self.rules.layers):
            if layer.combine is Combine.FIRST:
                yield from combinations([each for each in promotions if each.layer == index], 2)

    @cached_property
    def _by_name(self) -> dict[tuple[ExclusionKind, str], list[Promotion]]:
        named = defaultdict(list)
        for each in self.rules.promotions:
            named[ExclusionKind.PROMOTION, each.id].append(each)
            if each.group:
                named[ExclusionKind.GROUP, each.group].append(each)
            for tag in each.tags:
                named[ExclusionKind.TAG, tag].append(each)
        return dict(named)
