"""Codes in two promotions, and schedules that overlap within a group with `policy: one`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from engine.lint.codes import Code, Codes
from engine.lint.desk import Desk, finding
from engine.lint.findings import Finding, Kind
from engine.lint.rivals import Rivals
from engine.lint.trials import Trial
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import MoneyReward


def same_codes(rules: CheckedRules) -> Iterator[tuple[Promotion, Promotion, Code]]:
    """Pairs with a code or pool in common, each once, with the code as the first of the two writes it."""
    codes = Codes(rules)
    holders: dict[tuple[str, str], list[tuple[Promotion, Code]]] = defaultdict(list)
    for promotion in rules.promotions:
        for key, code in {codes.key(each): each for each in codes.all_of(promotion)}.items():
            holders[key].append((promotion, code))
    seen = set()
    for sharing in holders.values():
        for (one, written), (other, _) in combinations(sharing, 2):
            if (one.id, other.id) not in seen:
                seen.add((one.id, other.id))
                yield one, other, written


def share_on_purpose(rules: CheckedRules, one: Promotion, other: Promotion) -> bool:
    """A code may give several things: of different kinds, or in a group that says how they combine."""
    if one.group and one.group == other.group:
        return True
    kinds = [(rules.layers[each.layer].kind, isinstance(each.reward, MoneyReward)) for each in (one, other)]
    return kinds[0] != kinds[1]


def code_twice(desk: Desk, one: Promotion, other: Promotion, code: Code) -> Finding | None:
    """Two promotions with the same code that both apply on a cart, or displace each other there."""
    rival = desk.rivals.rival(one, other)

    def shows(trial: Trial) -> bool:
        return (any if rival else all)(map(trial.applies, (one, other)))

    for trials, at in desk.open_in(one, other):
        trial = trials.find(replace(trials.goal(one, other), codes=(code,)), at, shows)
        if trial is not None:
            applied = [each.id for each in (one, other) if trial.applies(each)]
            what = "one displaces the other" if rival else "the shopper gets both"
            sentence = f"applies with {code}, and so does {other.id}: {what}"
            shown = f"with {code}, {' and '.join(applied)} applied"
            return finding(Kind.CODE_TWICE, [one, other], sentence, (shown, trial))
    return None


def overlaps(rivals: Rivals) -> Iterator[tuple[Promotion, Promotion]]:
    """Pairs in groups with `policy: one` whose schedules differ, in layers without a search."""
    for one, other in rivals.grouped():
        if one.schedule is None or other.schedule is None or one.schedule == other.schedule:
            continue
        if not rivals.searched(one) and not rivals.searched(other):
            yield (one, other) if rivals.goes_first(one, other) else (other, one)


def schedule_overlap(desk: Desk, first: Promotion, second: Promotion) -> Finding | None:
    """Two schedules of a group, open at the same time, so that one promotion is silently displaced.

    A schedule within the other's, with a higher priority, is an intended interlude.
    """
    if first.priority > second.priority and desk.moments.within(first.schedule, second.schedule):
        return None

    def shows(trial: Trial) -> bool:
        return trials.displacement(trial, first, second) is not None

    for trials, at in desk.open_in(first, second):
        trial = trials.find(trials.goal(first, second), at, shows)
        if trial is not None:
            return finding(
                Kind.SCHEDULE_OVERLAP,
                [second, first],
                f"is open at the same time as {first.id}, but only one promotion of the group {second.group} applies: "
                f"while both are open, {second.id} is displaced",
                (f"{first.id} applies and {second.id} does not", trial),
            )
    return None
