"""Two promotions that together want more of a unit than there is: its whole price, or what its floor leaves.

A price about which the rule file says nothing is taken to be high enough: what counts are percentages that add up to
more than the whole, amounts at the threshold from which they are given, and floors of which the file itself speaks, in
a segment's filter or in the lines of an example.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.lint.claim import Claim
from engine.lint.desk import Desk, money, witness
from engine.lint.findings import Finding, Kind
from engine.lint.needs import Demand, amount, target
from engine.lint.neighbours import Neighbours
from engine.lint.reading import Reader
from engine.lint.reward_numbers import least, most
from engine.lint.structure import group_variable
from engine.lint.trials import Goal, Trial, Trials
from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.cart import Line
from engine.pricing.reference.basket import unit_floor
from engine.rules.checked import CheckedRules, Percentages, Promotion
from engine.rules.checked_rewards import (
    CART,
    DISCOUNTABLE,
    BundleReward,
    BuyGetReward,
    ForEvery,
    GoodsReward,
    Per,
    RewardKind,
    StepTable,
)
from engine.rules.expressions import (
    Amount,
    And,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    In,
    Subject,
    Type,
)

_MOST_EXAMPLES = 20


def claims(trials: Trials, promotion: Promotion) -> Claim | None:
    """The most that a promotion may want of a unit; None when the rule file does not say."""
    segment, reward = target(promotion), promotion.reward
    if segment is None or not isinstance(reward, GoodsReward | BuyGetReward | BundleReward):
        return None
    value = most(reward.number, trials.currency)
    if isinstance(reward, GoodsReward) and reward.up_to is not None:
        return None
    if reward.kind is RewardKind.PERCENT_OFF:
        return Claim(promotion, segment, value)
    low, high = trials.structure.limits(segment, "price") or (0, MAX_AMOUNT)
    if reward.kind is RewardKind.FIXED_PRICE and not value:
        return Claim(promotion, segment, WHOLE)
    if reward.kind is RewardKind.FIXED_PRICE:
        return Claim(promotion, segment, (high - value) * WHOLE // high) if value < high < MAX_AMOUNT else None
    if isinstance(reward, GoodsReward) and reward.per is Per.ORDER:
        return _order_claim(trials, promotion, reward, segment)
    return Claim(promotion, segment, value * WHOLE // low, Fact(Type.MONEY, Subject.ITEM, "price")) if low else None


def _order_claim(trials: Trials, promotion: Promotion, reward: GoodsReward, segment: int) -> Claim | None:
    """An amount once per order, at the least value at which it is given."""
    layer = trials.needs(promotion).layer
    found: list[Claim] = []
    groups = (CART, DISCOUNTABLE) if segment == DISCOUNTABLE else (segment,)
    for scenario in trials.scenarios(promotion) or []:
        for group in groups:
            for name in ("subtotal", "merchandise"):
                variable = group_variable(group, name, layer if name == "subtotal" else 0)
                low = scenario.bound(variable)[0]
                value = _value_at(reward, low, trials.currency)
                if low > 1:
                    subject = Subject.CART if group == CART else Subject.SEGMENT
                    fact = Fact(Type.MONEY, subject, name, variable.group)
                    found.append(Claim(promotion, segment, value * WHOLE // low, fact))
    return max(found, key=lambda each: each.ppm, default=None)


def _value_at(reward: GoodsReward, low: int, currency: int) -> int:
    number = reward.number
    if isinstance(number, ForEvery):
        return least(number, currency)
    if not isinstance(number, StepTable):
        return most(number, currency)
    reached = [step.value[currency] or 0 for step in number.steps if (step.threshold[currency] or 0) <= low]
    return reached[-1] if reached else 0


def clashes(rules: CheckedRules, claims: Sequence[Claim], neighbours: Neighbours) -> Iterator[tuple[Claim, Claim]]:
    """Pairs of which one may ask for what the other has taken: a share of what is left never does."""
    for index, layer in enumerate(rules.layers):
        own = [each for each in claims if each.promotion.layer == index]
        earlier = [each for each in claims if each.promotion.layer < index]
        additive = layer.percentages is Percentages.ADDITIVE
        yield from neighbours.pairs(own if additive else [each for each in own if each.fact is not None], own)
        late = [each for each in own if each.fact is not None and each.fact.name != "subtotal"]
        yield from neighbours.pairs(late, earlier)


def over_100(desk: Desk, trials: Trials, one: Claim, other: Claim) -> Iterator[Finding]:
    """Two that may both apply and want more than the whole of a unit."""
    goal = trials.goal(one.promotion, other.promotion)
    possible = trials.possible(goal)
    if not possible:
        return
    item = None
    for claim in (one, other):
        if claim.fact is None:
            continue
        if claim.fact.subject is Subject.ITEM:
            limits = [trials.structure.limits(each.segment, "price") or (0, 0) for each in (one, other)]
            item = _at_most(claim.fact, max(low for low, _ in limits))
        else:
            layer = trials.needs(claim.promotion).layer
            low = possible[0].bound(Reader(trials.currency, layer).variable(claim.fact))[0]
            goal = goal.and_true(_at_most(claim.fact, low), layer=layer)
    goal = Goal(goal.expressions, (Demand((one.segment, other.segment), item), *goal.demands), goal.codes)
    yield from _clamped(desk, trials, goal, one.promotion, other.promotion, Kind.OVER_100)


def _at_most(fact: Fact, value: int) -> Expression:
    return Compare(Comparison.LESS_OR_EQUAL, fact, amount(value))


def below_floor(desk: Desk, trials: Trials, one: Promotion, other: Promotion) -> Iterator[Finding]:
    """Two that may both apply and want more than a floor of which the rule file speaks leaves."""
    segments = [each for each in map(target, (one, other)) if each is not None]
    for demand, price in _floors(desk.rules, trials, segments):
        goal = trials.goal(one, other)
        goal = Goal(goal.expressions, (demand, *goal.demands), goal.codes, price)
        found = list(_clamped(desk, trials, goal, one, other, Kind.BELOW_FLOOR))
        if found:
            yield from found
            return


def reaching(trials: Trials, promotions: Sequence[Promotion]) -> list[Claim]:
    """The promotions that take of units, each with its segment."""
    found = [(each, target(each)) for each in promotions if trials.has_figures(each)]
    return [Claim(each, segment, WHOLE) for each, segment in found if segment is not None]


def floored_segments(trials: Trials, claims: Sequence[Claim]) -> set[int]:
    """Segments of whose units the rule file says that they have a floor."""
    return {each.segment for each in claims if _has_floor(trials.rules, trials, each.segment)}


def _has_floor(rules: CheckedRules, trials: Trials, segment: int) -> bool:
    names = ("minimum_price", "cost") if rules.markup is not None else ("minimum_price",)
    return any((trials.structure.limits(segment, name) or (0, 0))[0] > 0 for name in names)


def _floors(rules: CheckedRules, trials: Trials, segments: list[int]) -> Iterator[tuple[Demand, int | None]]:
    """Lines with a floor, and the price to give them: the highest that is known."""
    if any(_has_floor(rules, trials, each) for each in segments):
        high = min((trials.structure.limits(each, "price") or (0, MAX_AMOUNT))[1] for each in segments)
        if high < MAX_AMOUNT:
            yield Demand(tuple(segments)), high
    for line in example_lines(rules):
        yield Demand(tuple(segments), _like(line)), line.price


def example_lines(rules: CheckedRules) -> list[Line]:
    """Lines of the examples that have a floor, each once."""
    found: dict[tuple[object, ...], Line] = {}
    for example in rules.examples:
        for line in example.cart.lines:
            if unit_floor(line, rules.markup) > 0 and len(found) < _MOST_EXAMPLES:
                found.setdefault((line.sku, line.price, line.cost, line.minimum_price), line)
    return list(found.values())


def _like(line: Line) -> Expression:
    """That an item is that of a line."""
    item = Subject.ITEM
    parts: list[Expression] = []
    for name in ("sku", "category", "brand"):
        if getattr(line, name):
            parts.append(_is(Fact(Type.STRING, item, name), Constant(Type.STRING, getattr(line, name))))
    for name in ("price", "list_price", "cost", "minimum_price"):
        if getattr(line, name) is not None:
            parts.append(_is(Fact(Type.MONEY, item, name), amount(getattr(line, name))))
    tags = Fact(Type.STRINGS, item, "tags")
    parts += [In(Constant(Type.STRING, tag), tags) for tag in line.tags]
    for name, value in line.attributes.items():
        type = Type.BOOL if isinstance(value, bool) else Type.INT if isinstance(value, int) else Type.STRING
        parts.append(_is(Fact(type, item, f"attributes.{name}"), Constant(type, value)))
    return And(tuple(parts))


def _is(fact: Fact, value: Constant | Amount) -> Expression:
    return Compare(Comparison.EQUAL, fact, value)


def _clamped(desk: Desk, trials: Trials, goal: Goal, one: Promotion, other: Promotion, kind: Kind) -> Iterator[Finding]:
    """The finding, when a cart shows that one gets less than written only because of the other."""
    at = desk.moments.common(one.schedule, other.schedule)
    if at is None:
        return

    def short(trial: Trial, promotion: Promotion) -> int:
        granted = trial.granted(promotion)
        return 0 if granted is None else granted.ungranted

    def shows(trial: Trial) -> bool:
        if trial.granted(one) is None or trial.granted(other) is None:
            return False
        if not (short(trial, one) or short(trial, other)) or _floored(desk.rules, trial) != (kind is Kind.BELOW_FLOOR):
            return False
        apart = [(trials.declining(trial.cart, other), one), (trials.declining(trial.cart, one), other)]
        return all(alone is not None and not short(alone, promotion) for alone, promotion in apart)

    trial = trials.find(goal, at, shows)
    if trial is None:
        return
    loser = other if short(trial, other) else one
    if desk.rivals.goes_first(other, one):
        one, other = other, one
    what = "than the floor of a unit leaves" if kind is Kind.BELOW_FLOOR else "than the whole price of a unit"
    yield Finding(
        kind,
        (one.id, other.id),
        f"and {other.id} together want more {what}: {loser.id} gives less than it says",
        (witness(f"{loser.id} falls short by {money(short(trial, loser), trial)}", trial),),
    )


def _floored(rules: CheckedRules, trial: Trial) -> bool:
    return any(unit_floor(line, rules.markup) > 0 for line in trial.cart.lines)
