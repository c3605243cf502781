"""Looks for every kind of finding: each promotion by itself, then the pairs that can affect each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, islice
from typing import TypeVar

from engine.lint.desk import Desk
from engine.lint.findings import Finding, Kind
from engine.lint.kinds.clamps import claims, clashes, clashes_of_three, over_100
from engine.lint.kinds.drops import drops_at_end, drops_by_takeover
from engine.lint.kinds.early import early_end
from engine.lint.kinds.floors import below_floor, example_lines, floored_segments, floors_of_three, reaching
from engine.lint.kinds.never import never_applies
from engine.lint.kinds.pairs import code_twice, overlaps, same_codes, schedule_overlap, share_on_purpose
from engine.lint.kinds.percentages import tiny_percentage
from engine.lint.kinds.refused import code_refused
from engine.lint.kinds.shadowed import freed, left_nothing, shadowed
from engine.lint.kinds.steps import falling_step, step_gap
from engine.lint.neighbours import Claims, Neighbours
from engine.lint.rivals import MOST_PAIRS, MOST_THREES
from engine.lint.trials import Pricing
from engine.lint.unseen import Unseen, unseen
from engine.rules.checked import CheckedRules, Promotion

_TOO_MUCH = "together may take too much", "promotions that together take too much", over_100
_FLOORS = "together may reach a floor", "floors", below_floor

Progress = Callable[[str], None]
_T = TypeVar("_T")


def lint(rules: CheckedRules, pricing: Pricing, progress: Progress = lambda what: None) -> Iterator[Finding]:
    """Every finding about a valid rule set, each with carts priced by ``pricing`` to show it."""
    yield from Lint(rules, pricing, progress).findings()


class Lint:
    """Looks for everything once; ``progress`` is called with what is being looked at.

    At most MOST_PAIRS pairs and MOST_THREES threes are looked at for a kind.
    """

    def __init__(self, rules: CheckedRules, pricing: Pricing, progress: Progress = lambda what: None) -> None:
        self._desk = Desk(rules, pricing)
        self._rules = rules
        self._progress = progress
        self._dead: set[str] = set()
        self._reported: set[frozenset[str]] = set()
        self._in_threes: set[str] = set()
        self._named: set[str] = set()
        self._left_out: dict[str, None] = {}

    def unseen(self) -> Iterator[Unseen]:
        """What lint knows nothing about; call it after ``findings``."""
        for each in self._rules.promotions:
            if each.id not in self._named and not any(each.id in trials.seen for trials in self._desk.trials):
                self._progress("promotions that were not seen to apply")
                found = unseen(self._desk, each)
                if found is not None:
                    yield found
        yield from (Unseen("", each) for each in self._left_out)

    def findings(self) -> Iterator[Finding]:
        """Every finding."""
        for finding in self._findings():
            self._named.update(finding.promotions)
            yield finding

    def _findings(self) -> Iterator[Finding]:
        promotions = self._rules.promotions
        for each in promotions:
            self._progress("promotions that never apply")
            finding = never_applies(self._desk, each)
            if finding is not None:
                self._dead.add(each.id)
                yield finding
        alive = [each for each in promotions if each.id not in self._dead]
        for each in alive:
            self._progress("numbers of rewards")
            yield from filter(None, (look(self._desk, each) for look in (step_gap, falling_step, tiny_percentage)))
            self._progress("ends of schedules")
            yield from early_end(self._desk, each)
        yield from self._rivals()
        yield from self._codes(alive)
        yield from self._clamps(alive)
        for each in alive:
            self._progress("conditions that end")
            if each.id not in self._dead:
                yield from filter(None, [drops_at_end(self._desk, each)])

    def _rivals(self) -> Iterator[Finding]:
        desk, rivals = self._desk, self._desk.rivals
        for what, pairs, look in (
            ("promotions that exclude each other", rivals.pairs(), shadowed),
            ("shipping that is free already", freed(desk), left_nothing),
            ("schedules within a group", overlaps(rivals), schedule_overlap),
            ("promotions that take each other's place", rivals.pairs(), drops_by_takeover),
        ):
            for first, second in self._alive(pairs):
                self._progress(what)
                if frozenset((first.id, second.id)) not in self._reported:
                    yield from self._noted(look(desk, first, second))

    def _codes(self, alive: list[Promotion]) -> Iterator[Finding]:
        for each in alive:
            if each.codes:
                yield from filter(None, [code_refused(self._desk, each)])
        for one, other, code in self._first(same_codes(self._rules), MOST_PAIRS, "pairs with a code in common"):
            self._progress("coupon codes")
            reported = {one.id, other.id} & self._dead or frozenset((one.id, other.id)) in self._reported
            if not reported and not share_on_purpose(self._rules, one, other):
                yield from filter(None, [code_twice(self._desk, one, other, code)])

    def _clamps(self, alive: list[Promotion]) -> Iterator[Finding]:
        for trials in self._desk.trials:
            neighbours = Neighbours(trials.structure)
            wanted = [claim for each in alive if trials.has_figures(each) and (claim := claims(trials, each))]
            reach = reaching(trials, alive)
            floored = floored_segments(trials, reach)
            with_floor = reach if example_lines(self._rules) else [each for each in reach if each.segment in floored]
            for groups, most, may, what, look in (
                (clashes(self._rules, wanted, neighbours), MOST_PAIRS, *_TOO_MUCH),
                (neighbours.pairs(with_floor, reach), MOST_PAIRS, *_FLOORS),
                (clashes_of_three(self._rules, wanted, neighbours), MOST_THREES, *_TOO_MUCH),
                (floors_of_three(trials, reach, neighbours), MOST_THREES, *_FLOORS),
            ):
                for several in self._first(self._unreported(groups), most, f"groups of promotions that {may}"):
                    self._progress(what)
                    yield from self._noted(look(self._desk, trials, several))

    def _unreported(self, candidates: Iterator[Claims]) -> Iterator[Claims]:
        """Those that may apply together. Pairs with a finding are left out; each promotion is in one triple at most."""
        seen: set[frozenset[str]] = set()
        for several in self._first(candidates, MOST_PAIRS, "groups of promotions that may apply to the same unit"):
            promotions = [each.promotion for each in several]
            ids = frozenset(each.id for each in promotions)
            if ids in seen or (len(ids) > 2 and ids & self._in_threes):
                continue
            seen.add(ids)
            if not any(self._is_rival_or_reported(*pair) for pair in combinations(promotions, 2)):
                yield several

    def _is_rival_or_reported(self, one: Promotion, other: Promotion) -> bool:
        return self._desk.rivals.rival(one, other) or frozenset((one.id, other.id)) in self._reported

    def _alive(self, pairs: Iterator[tuple[Promotion, Promotion]]) -> Iterator[tuple[Promotion, Promotion]]:
        for pair in self._first(pairs, MOST_PAIRS, "pairs that exclude each other or share a group"):
            if not {each.id for each in pair} & self._dead:
                yield pair

    def _first(self, candidates: Iterator[_T], most: int, what: str) -> Iterator[_T]:
        """The first ``most`` candidates; notes if there are more."""
        yield from islice(candidates, most)
        if next(candidates, None) is not None:
            self._left_out[f"only the first {most:,} {what} were looked at"] = None

    def _noted(self, finding: Finding | None) -> Iterator[Finding]:
        """Notes the pairs of a finding, so that they are not reported again as another kind, unless a benefit drops."""
        if finding is not None and finding.kind is not Kind.BENEFIT_DROPS:
            self._reported.update(map(frozenset, combinations(finding.promotions, 2)))
            if len(finding.promotions) > 2:
                self._in_threes.update(finding.promotions)
            if finding.kind is Kind.SHADOWED:
                self._dead.add(finding.promotions[0])
        yield from filter(None, [finding])
