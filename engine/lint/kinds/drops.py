"""One unit more, and the shopper saves less: conditions that end, and promotions that replace better ones.

More units may well cost more to ship, so rewards of shipping layers are left aside; and a bound on the number of
lines or on the weight of a cart is intended.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial

from engine.lint.comparisons import at_least, at_most, equals
from engine.lint.desk import Desk, finding, money
from engine.lint.findings import Finding, Kind
from engine.lint.literals import AtMost, Literal, TooComplex, Variable
from engine.lint.needs import Goal, Needs
from engine.lint.reward_numbers import at_least_as_high
from engine.lint.scenarios import Scenario, widest
from engine.lint.trials import Trial, Trials
from engine.rules.checked import LayerKind, Promotion
from engine.rules.checked_rewards import GoodsReward, RewardKind
from engine.rules.expressions import Compare, Fact, Subject, Type

_FACTS = frozenset({"quantity", "subtotal", "merchandise"})
_SPLITS = (10, 2, 1)
"""Into how many units, at least, a value just at a bound is divided: small steps show a drop best."""


@dataclass(frozen=True, slots=True)
class _Edge:
    """A value of a fact at which something changes."""

    variable: Variable
    value: int


def drops_at_end(desk: Desk, promotion: Promotion) -> Finding | None:
    """The condition holds up to a bound: with one unit more, the reward is gone."""
    if desk.rules.layers[promotion.layer].kind is not LayerKind.GOODS:
        return None
    for trials, at in desk.open_in(promotion):
        need = trials.needs(promotion)
        for edge in _edges(trials, need, highest=True):
            for goal in _goals(trials.goal(promotion), edge, need.layer, ending=True):
                found = trials.find_pair(goal, at, partial(_past_the_end, trials, promotion))
                if found is not None:
                    before, after = found
                    return _finding([promotion], f"applies only up to {_value(trials, edge)}", before, after)
    return None


def drops_by_takeover(desk: Desk, first: Promotion, second: Promotion) -> Finding | None:
    """From a threshold on, the first applies in place of the second and gives less."""
    if not all(desk.rules.layers[each.layer].kind is LayerKind.GOODS for each in (first, second)):
        return None
    if desk.rivals.searched(first) or desk.rivals.searched(second) or _always_better(first, second):
        return None
    for trials, at in desk.open_in(first, second):
        need = trials.needs(first)
        for edge in _edges(trials, need, highest=False):
            for goal in _goals(trials.goal(first, second), edge, need.layer, ending=False):
                found = trials.find_pair(goal, at, partial(_before_the_takeover, trials, first, second))
                if found is not None:
                    after, before = found
                    why = f"takes the place of {second.id} from {_value(trials, edge)} on"
                    return _finding([first, second], why, before, after)
    return None


def _always_better(first: Promotion, second: Promotion) -> bool:
    """The quick way out for two of one kind on one segment."""
    one, other = first.reward, second.reward
    return (
        isinstance(one, GoodsReward)
        and isinstance(other, GoodsReward)
        and (one.kind, one.segment, one.per, one.units) == (other.kind, other.segment, other.per, other.units)
        and (one.shipping, one.of_list_price) == (other.shipping, other.of_list_price)
        and one.kind is not RewardKind.FIXED_PRICE
        and at_least_as_high(one.number, other.number)
    )


def _edges(trials: Trials, need: Needs, highest: bool) -> list[_Edge]:
    """The bounds that the condition, or for a beginning the reward's numbers too, sets to quantities and values.

    Where facts are compared with each other (shoes at most half of the cart) a drop is what they are compared for, and
    the bound a figure that no rule file names.
    """
    units = tuple(each for each in need.reach if isinstance(each, Compare) and each.left.type is Type.INT)
    expressions = need.condition if highest else need.condition + need.numbers + units
    try:
        found = trials.alternatives(Goal().and_true(*expressions, layer=need.layer))
    except TooComplex:
        return []
    edges = []
    for literals in found:
        scenario, alone = Scenario.of(literals), Scenario.of(each for each in literals if not _compares(each))
        for variable in sorted(scenario.bounds):
            bound, limit = scenario.bound(variable)[highest], widest(variable)[highest]
            counted = variable.subject in (Subject.CART.value, Subject.SEGMENT.value) and variable.name in _FACTS
            named = bound not in (limit, 0, 1) and bound == alone.bound(variable)[highest]
            if not scenario.impossible and counted and named:
                edges.append(_Edge(variable, bound))
    return list(dict.fromkeys(edges))


def _compares(literal: Literal) -> bool:
    """Whether it holds facts against each other."""
    return isinstance(literal, AtMost) and len({factor > 0 for _, factor in literal.terms}) > 1


def _goals(goal: Goal, edge: _Edge, layer: int, ending: bool) -> Iterator[Goal]:
    """Carts at an edge: at its last value, or from its first on, by less than a unit."""
    variable = edge.variable
    subject = Subject(variable.subject)
    type = Type.INT if variable.name == "quantity" else Type.MONEY
    fact = Fact(type, subject, variable.name, variable.group)
    if type is Type.INT:
        yield goal.and_true(equals(fact, edge.value), layer=layer)
        return
    for units in _SPLITS:
        room = edge.value // (2 * units)
        low, high = (edge.value - room, edge.value) if ending else (edge.value, edge.value + room)
        several = at_least(Fact(Type.INT, subject, "quantity", variable.group), units)
        yield goal.and_true(at_least(fact, low), at_most(fact, high), layer=layer).and_true(several)


def _past_the_end(trials: Trials, promotion: Promotion, before: Trial) -> Trial | None:
    """Where the promotion applies, the cart with one unit more on which it does not and the shopper saves less."""
    if not before.applies(promotion):
        return None
    ended = (after for after in _with_units(trials, before, 1) if not after.applies(promotion))
    return next((after for after in ended if _less(before, after)), None)


def _before_the_takeover(trials: Trials, first: Promotion, second: Promotion, after: Trial) -> Trial | None:
    """Where the first applies, the cart with one unit less on which the second does and the shopper saves more."""
    if not after.applies(first) or after.applies(second):
        return None
    others = (each for each in _with_units(trials, after, -1) if each.applies(second) and not each.applies(first))
    return next((before for before in others if _less(before, after)), None)


def _with_units(trials: Trials, trial: Trial, change: int) -> Iterator[Trial]:
    """The cart with one unit more, or less, of each line."""
    lines = trial.cart.lines
    for index, line in enumerate(lines):
        if line.quantity + change:
            changed = replace(line, quantity=line.quantity + change)
            other = trials.price(replace(trial.cart, lines=(*lines[:index], changed, *lines[index + 1 :])))
            if other is not None:
                yield other


def _less(before: Trial, after: Trial) -> bool:
    """Whether a benefit falls and none rises."""
    pairs = list(zip(before.benefit, after.benefit, strict=True))
    return any(new < old for old, new in pairs) and all(new <= old for old, new in pairs)


def _finding(promotions: Iterable[Promotion], why: str, before: Trial, after: Trial) -> Finding:
    less = f"with one unit more, {_benefit(after)}"
    sentence = f"{why}: with one unit more, the shopper saves less"
    return finding(Kind.BENEFIT_DROPS, promotions, sentence, (_benefit(before), before), (less, after))


def _benefit(trial: Trial) -> str:
    off, points, others = trial.benefit
    parts = [f"{points:,} points"] if points else []
    parts += [f"{others:,} gift{'s' if others > 1 else ''} or effect{'s' if others > 1 else ''}"] if others else []
    return " and ".join([f"{money(off, trial)} off", *parts] if off or not parts else parts)


def _value(trials: Trials, edge: _Edge) -> str:
    if edge.variable.name == "quantity":
        return f"{edge.value:,} units"
    return trials.shown(edge.value)
