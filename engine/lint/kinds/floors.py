"""Two or three promotions that together would take a unit below its floor.

Only floors that the rule file itself mentions count: in the filter of a segment or in the lines of an example.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.lint.comparisons import equals
from engine.lint.desk import Desk
from engine.lint.findings import Finding, Kind
from engine.lint.kinds.clamps import clamped
from engine.lint.needs import Demand, target
from engine.lint.neighbours import Claim, Claims, Neighbours
from engine.lint.reward_numbers import least, most
from engine.lint.trials import Trials
from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.cart import Line
from engine.pricing.reference.basket import unit_floor
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import BuyGetReward, GoodsReward, RewardKind
from engine.rules.expressions import And, Constant, Expression, Fact, In, Subject, Type

_MOST_EXAMPLES = 20


def below_floor(desk: Desk, trials: Trials, claims: Claims) -> Finding | None:
    """Promotions that may all apply and together want more than a floor in the rule file leaves."""
    promotions = [each.promotion for each in claims]
    for demand, price in _floors(trials, [each.segment for each in claims]):
        goal = trials.goal(*promotions)
        goal = replace(goal, demands=(demand, *goal.demands), price=price)
        found = clamped(desk, trials, goal, promotions, Kind.BELOW_FLOOR)
        if found is not None:
            return found
    return None


def reaching(trials: Trials, promotions: Sequence[Promotion]) -> list[Claim]:
    """The promotions that reduce units, each with its segment."""
    found = [(each, target(each)) for each in promotions if trials.has_figures(each)]
    return [Claim(each, segment, WHOLE) for each, segment in found if segment is not None]


def floors_of_three(trials: Trials, reach: Sequence[Claim], neighbours: Neighbours) -> Iterator[Claims]:
    """Triples that want more than a floor leaves of a unit, where no two do.

    A unit of 20.00 that must cost 17.00 leaves 15 %: 6 %, 6 % and 6 % are more.
    """
    for line, near in _floored_lines(trials, reach):
        wanting = [claim for each in near if (claim := _at_price(each, line.price, trials.currency)) is not None]
        left = (line.price - unit_floor(line, trials.rules.markup)) * WHOLE // line.price
        yield from neighbours.threes(wanting, wanting, left)


def _floored_lines(trials: Trials, reach: Sequence[Claim]) -> Iterator[tuple[Line, list[Claim]]]:
    """The dearest units with a floor in the rule file, and the promotions that reduce them."""
    for segment in sorted(floored_segments(trials, reach)):
        price = trials.structure.limits(segment, "price")[1]
        if 0 < price < MAX_AMOUNT:
            cost, minimum_price = (trials.structure.limits(segment, name)[0] for name in ("cost", "minimum_price"))
            line = Line(id="line", sku="sku", quantity=1, price=price, cost=cost, minimum_price=minimum_price)
            yield line, [each for each in reach if not trials.structure.apart(segment, each.segment)]
    for line in example_lines(trials.rules):
        yield line, [each for each in reach if trials.in_segment(line, each.segment)]


def _at_price(claim: Claim, price: int, currency: int) -> Claim | None:
    """What a promotion may want of a unit at a price; None when that depends on more than the unit."""
    reward = claim.promotion.reward
    if not isinstance(reward, GoodsReward | BuyGetReward):
        return None
    value = most(reward.number, currency)
    if reward.kind is RewardKind.PERCENT_OFF:
        return replace(claim, ppm=value)
    amount_off = price - least(reward.number, currency) if reward.kind is RewardKind.FIXED_PRICE else value
    return replace(claim, ppm=max(0, amount_off) * WHOLE // price)


def floored_segments(trials: Trials, claims: Sequence[Claim]) -> set[int]:
    """Segments whose units have a floor according to the rule file."""
    return {each.segment for each in claims if _has_floor(trials, each.segment)}


def _has_floor(trials: Trials, segment: int) -> bool:
    names = ("minimum_price", "cost") if trials.rules.markup is not None else ("minimum_price",)
    return any(trials.structure.limits(segment, name)[0] > 0 for name in names)


def _floors(trials: Trials, segments: list[int]) -> Iterator[tuple[Demand, int | None]]:
    """Lines with a floor, and the price to give them: the highest that is known."""
    if any(_has_floor(trials, each) for each in segments):
        high = min(trials.structure.limits(each, "price")[1] for each in segments)
        if high < MAX_AMOUNT:
            yield Demand(tuple(segments)), high
    for line in example_lines(trials.rules):
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
    """Requires that an item is that of a line."""
    item = Subject.ITEM
    parts: list[Expression] = []
    for name in ("sku", "category", "brand"):
        if getattr(line, name):
            parts.append(equals(Fact(Type.STRING, item, name), getattr(line, name)))
    for name in ("price", "list_price", "cost", "minimum_price"):
        if getattr(line, name) is not None:
            parts.append(equals(Fact(Type.MONEY, item, name), getattr(line, name)))
    tags = Fact(Type.STRINGS, item, "tags")
    parts += [In(Constant(Type.STRING, tag), tags) for tag in line.tags]
    for name, value in line.attributes.items():
        type = Type.BOOL if isinstance(value, bool) else Type.INT if isinstance(value, int) else Type.STRING
        parts.append(equals(Fact(type, item, f"attributes.{name}"), value))
    return And(tuple(parts))
