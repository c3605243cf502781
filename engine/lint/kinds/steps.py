"""Step tables and choices with gaps, and falling steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

from engine.lint.comparisons import equals
from engine.lint.desk import Desk, finding, money
from engine.lint.findings import Finding, Kind
from engine.lint.literals import TooComplex, Variable
from engine.lint.needs import Goal, Needs
from engine.lint.reading import Reader
from engine.lint.reward_numbers import RewardNumber, reward_numbers, value_named
from engine.lint.scenarios import Scenario, widest
from engine.lint.trials import Trial, Trials
from engine.pricing.sketch import grant_of
from engine.rules.checked import LayerKind, Promotion
from engine.rules.checked_rewards import Choice, ForEvery, MoneyReward, StepTable
from engine.rules.expressions import Compare, Expression, Fact, Subject, Type, facts_of

_GOODS_FACTS = frozenset({"subtotal", "merchandise", "quantity", "lines", "skus"})
_WORTH_FACTS = frozenset({"subtotal", "merchandise"})
_MOST_VALUES = 50
_COUNTED = {"quantity": "unit", "skus": "product", "weight": "g"}
"""What a whole number counts, where the name of the fact does not say it."""


@dataclass(frozen=True, slots=True)
class _Gap:
    """A value of the fact without an entry in the table, one with an entry, and the sentence of the finding."""

    missing: Compare
    named: Expression
    why: str


def step_gap(desk: Desk, promotion: Promotion) -> Finding | None:
    """The first gap of the promotion's numbers for which a cart shows that the promotion stops applying."""
    for trials, at in desk.open_in(promotion):
        if trials.scenarios(promotion) == []:
            continue
        for each in reward_numbers(promotion):
            for gap in _gaps(desk, trials, promotion, each):
                found = _shown(trials, promotion, gap, at)
                if found is not None:
                    without, with_value = found
                    return finding(
                        Kind.STEP_GAP,
                        [promotion],
                        gap.why,
                        ("its condition is met, but it does not apply", without),
                        (f"it applies ({_given(with_value, promotion)})", with_value),
                    )
    return None


def _shown(trials: Trials, promotion: Promotion, gap: _Gap, at: int) -> tuple[Trial, Trial] | None:
    need = trials.needs(promotion)
    goal = trials.goal(promotion)
    there = trials.find(goal.and_true(gap.named, layer=need.layer), at, lambda trial: trial.applies(promotion))
    if there is None:
        return None
    base = replace(goal, expressions=()).and_true(*need.condition, layer=need.layer)
    base = base.and_true(*(each for each in need.reward if gap.missing.left not in facts_of(each)), layer=need.layer)
    missing = trials.find(base.and_true(gap.missing, layer=need.layer), at, lambda trial: not trial.applies(promotion))
    return None if missing is None else (missing, there)


def _gaps(desk: Desk, trials: Trials, promotion: Promotion, each: RewardNumber) -> Iterator[_Gap]:
    need = trials.needs(promotion)
    match each.number:
        case StepTable(by=Fact() as by) as table:
            yield from _gaps_of_steps(trials, need, table, by, each.rising)
        case ForEvery(by=Fact() as by) as number:
            yield from _gap_of_every(trials, need, number, by)
        case Choice(by=Fact() as by) as choice:
            yield from _gaps_of_choice(desk, trials, need, choice, by)


def _gaps_of_steps(trials: Trials, need: Needs, table: StepTable, by: Fact, rising: bool) -> Iterator[_Gap]:
    thresholds = [step.threshold[trials.currency] or 0 for step in table.steps]
    values = [step.value[trials.currency] or 0 for step in table.steps]
    first = next((index for index, value in enumerate(values) if value or not rising), None)
    if first is None:
        return
    start = _start(trials, need, by)
    if start is not None and start < thresholds[first]:
        yield _Gap(
            equals(by, start),
            equals(by, thresholds[first]),
            f"has a condition that is met from {_shown_value(trials, by, start)}, but steps that begin at "
            f"{_shown_value(trials, by, thresholds[first])}: in between, it gives nothing",
        )
    for index in range(first + 1, len(values)):
        if rising and not values[index] and values[index - 1]:
            yield _Gap(
                equals(by, thresholds[index]),
                equals(by, thresholds[index] - 1),
                f"has a step of zero from {_shown_value(trials, by, thresholds[index])}: there, it gives nothing",
            )


def _gap_of_every(trials: Trials, need: Needs, number: ForEvery, by: Fact) -> Iterator[_Gap]:
    start, every = _start(trials, need, by), number.every[trials.currency] or 0
    if start is not None and start < every:
        yield _Gap(
            equals(by, start),
            equals(by, every),
            f"has a condition that is met from {_shown_value(trials, by, start)}, but gives something for every "
            f"{_shown_value(trials, by, every)}: below that, it gives nothing",
        )


def _start(trials: Trials, need: Needs, by: Fact) -> int | None:
    """The least value of a fact at which the condition holds, if the condition sets one."""
    variable = Reader(trials.currency, need.layer).variable(by)
    starts = []
    for scenario in _conditions(trials, need):
        low = scenario.bound(variable)[0]
        if low <= widest(variable)[0]:
            return None
        starts.append(low)
    return min(starts, default=None)


def _conditions(trials: Trials, need: Needs) -> list[Scenario]:
    """The ways to meet a promotion's condition, as it is written."""
    try:
        found = trials.alternatives(Goal().and_true(*need.condition, layer=need.layer))
    except TooComplex:
        return []
    return [each for each in map(Scenario.of, found) if not each.impossible]


def _gaps_of_choice(desk: Desk, trials: Trials, need: Needs, choice: Choice, by: Fact) -> Iterator[_Gap]:
    keys = [case.key for case in choice.cases if case.value[trials.currency]]
    if not keys or by.type is Type.BOOL:
        return
    named = value_named(choice, [bool(case.value[trials.currency]) for case in choice.cases])
    variable = Reader(trials.currency, need.layer).variable(by)
    for value in _asked_for(_conditions(trials, need), variable):
        if value not in keys:
            yield _Gap(
                equals(by, value), named, f"has a condition that allows {_name(by)} {value}, but names no value for it"
            )
    if by.type is Type.INT:
        whole = sorted(key for key in keys if isinstance(key, int))
        for value in range(whole[0] + 1, whole[-1]) if len(whole) > 2 and whole[-1] - whole[0] <= _MOST_VALUES else ():
            if value not in whole and value - 1 in whole and value + 1 in whole:
                yield _Gap(
                    equals(by, value),
                    named,
                    f"names values for {_name(by)} {value - 1} and {value + 1}, but none for {value}",
                )
    left_out = _left_out(desk, trials, choice, by, keys)
    if left_out is not None:
        value, other = left_out
        yield _Gap(
            equals(by, value),
            named,
            f"names no value for {_name(by)} {value}, which {other} names along with all those named here",
        )


def _asked_for(scenarios: list[Scenario], variable: Variable) -> list[str | int]:
    """The values that a condition names for a fact; none when it admits others."""
    values: list[str | int] = []
    for scenario in scenarios:
        texts = scenario.texts.get(variable)
        low, high = scenario.bound(variable)
        if texts is not None and texts.allowed is not None:
            values += [each for each in sorted(texts.allowed) if texts.admits(each)]
        elif variable in scenario.bounds and high - low <= _MOST_VALUES:
            values += range(low, high + 1)
        else:
            return []
    return list(dict.fromkeys(values))


def _left_out(
    desk: Desk, trials: Trials, choice: Choice, by: Fact, keys: list[str | int | bool]
) -> tuple[str, str] | None:
    """A value that another promotion names between two that are named here, or above them where the rewards rise.

    Values below all those named here are left out on purpose: the reward is for the higher ones.
    """
    if len(keys) < 2:
        return None
    for other, table in desk.choices.get(by, []):
        theirs = [case.key for case in table.cases]
        if table is choice or not set(keys) < set(theirs):
            continue
        positions = [theirs.index(key) for key in keys]
        figures = [case.value[trials.currency] or 0 for case in choice.cases]
        grows = positions == sorted(positions) and figures == sorted(figures) and figures[0] < figures[-1]
        for position in range(min(positions) + 1, len(theirs)):
            value = theirs[position]
            if value not in keys and isinstance(value, str) and (position < max(positions) or grows):
                return value, other.id
    return None


def _name(by: Fact) -> str:
    return f"{by.subject.value}.{by.name}" if by.subject is not Subject.SEGMENT else by.name


def _shown_value(trials: Trials, by: Fact, value: int) -> str:
    if by.type is Type.MONEY:
        return trials.shown(value)
    noun = _COUNTED.get(by.name, by.name.removesuffix("s"))
    return f"{value:,} {noun if value == 1 or noun == 'g' else noun + 's'}"


def falling_step(desk: Desk, promotion: Promotion) -> Finding | None:
    """The first step of the promotion at which a shopper who buys more gets less."""
    shipping = desk.rules.layers[promotion.layer].kind is LayerKind.SHIPPING
    facts = _WORTH_FACTS if shipping else _GOODS_FACTS
    for trials, at in desk.open_in(promotion):
        for each in reward_numbers(promotion):
            table = each.number
            if not isinstance(table, StepTable) or not isinstance(table.by, Fact):
                continue
            if table.by.name in facts and table.by.subject in (Subject.CART, Subject.SEGMENT, Subject.SHIPMENT):
                found = _falls(trials, promotion, each, table, table.by, at)
                if found is not None:
                    return found
    return None


def _falls(
    trials: Trials, promotion: Promotion, each: RewardNumber, table: StepTable, by: Fact, at: int
) -> Finding | None:
    need = trials.needs(promotion)
    for before, after in zip(table.steps, table.steps[1:], strict=False):
        old, new = before.value[trials.currency] or 0, after.value[trials.currency] or 0
        threshold = after.threshold[trials.currency] or 0
        if not (new < old if each.rising else new > old) or (each.rising and not new):
            continue
        goal = trials.goal(promotion)
        if isinstance(promotion.reward, MoneyReward) and each.number is promotion.reward.number and not each.rising:
            # Of goods that cost far more than a fixed price, one unit more saves more, although the price has risen.
            goal = replace(goal, price=new + max(1, (new - old) // 2))
        below_it = goal.and_true(equals(by, threshold - 1), layer=need.layer)
        on_it = goal.and_true(equals(by, threshold), layer=need.layer)
        lower = trials.find(below_it, at, lambda trial: trial.applies(promotion))
        if lower is None:
            continue
        higher = trials.find(on_it, at, partial(_gives_less, promotion, lower))
        if higher is not None:
            shown = _shown_value(trials, by, threshold)
            return finding(
                Kind.FALLING_STEP,
                [promotion],
                f"gives less from {shown} on than just below: a shopper who buys more gets less",
                (f"just below {shown} it gives {_given(lower, promotion)}", lower),
                (f"at {shown} it gives {_given(higher, promotion)}", higher),
            )
    return None


def _gives_less(promotion: Promotion, other: Trial, trial: Trial) -> bool:
    """Whether a trial with at least as many goods as the other is granted less."""
    before = _worth(other, promotion)
    return trial.quote.merchandise >= other.quote.merchandise and 0 < _worth(trial, promotion) < before


def _worth(trial: Trial, promotion: Promotion) -> int:
    """What a promotion granted: money off, or credit, points or units of gifts."""
    granted = trial.granted(promotion)
    return 0 if granted is None else sum(grant_of(granted))


def _given(trial: Trial, promotion: Promotion) -> str:
    """The same in words, for a promotion that applies."""
    granted = trial.granted(promotion)
    assert granted is not None
    if granted.amount:
        return f"{money(granted.amount, trial)} off"
    if granted.credit:
        return f"a credit of {money(granted.credit, trial)}"
    return f"{_worth(trial, promotion):,} {'points' if granted.points else 'gifts'}"
