"""What a cart must have for a promotion to take effect: its condition, and goods or rates for its reward."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import takewhile

from engine.lint.codes import Code
from engine.lint.comparisons import at_least
from engine.lint.reward_numbers import NOWHERE, has_value, least, reward_numbers
from engine.rules.checked import CheckedRules, Exclusive, Promotion
from engine.rules.checked_rewards import (
    CART,
    BundleReward,
    BuyGetReward,
    GiftReward,
    GoodsReward,
    Number,
    Per,
    Pick,
    PointsKind,
    PointsReward,
    RewardKind,
    ShippingReward,
    Units,
    reached,
)
from engine.rules.expressions import Constant, Expression, Fact, Has, In, Size, Subject, Type

_A_CODE = (at_least(Size(Fact(Type.STRINGS, Subject.CART, "coupons")), 1),)


@dataclass(frozen=True, slots=True)
class Demand:
    """A line must be in all of some segments, and meet a condition over ``item`` too when there is one."""

    segments: tuple[int, ...]
    item: Expression | None = None


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be true as ``layer`` begins; layer 0 is a cart that nothing has reduced.

    ``code`` requires a code, where the promotion needs one; ``numbers`` are what the numbers of the reward need for a
    value, ``reach`` requires that there is something for the reward to reduce.
    """

    layer: int
    condition: tuple[Expression, ...]
    code: tuple[Expression, ...]
    numbers: tuple[Expression, ...]
    reach: tuple[Expression, ...]
    demands: tuple[Demand, ...]

    @property
    def reward(self) -> tuple[Expression, ...]:
        return self.numbers + self.reach

    @property
    def expressions(self) -> tuple[Expression, ...]:
        return self.condition + self.code + self.reward


@dataclass(frozen=True, slots=True)
class Goal:
    """What a cart should satisfy: expressions that are true as their layers begin, and lines that it must have.

    ``price`` is that of a unit about which nothing is known.
    """

    expressions: tuple[tuple[Expression, int], ...] = ()
    demands: tuple[Demand, ...] = ()
    codes: tuple[Code, ...] = ()
    price: int | None = None

    def and_true(self, *expressions: Expression, layer: int = 0) -> Goal:
        return replace(self, expressions=self.expressions + tuple((each, layer) for each in expressions))

    def with_codes(self, *codes: Code) -> Goal:
        return replace(self, codes=tuple(dict.fromkeys((*self.codes, *codes))))


def entry_layer(promotion: Promotion) -> int:
    """The layer whose entering figures a promotion reads; a strict one reads those of an untouched cart."""
    return 0 if promotion.exclusive is Exclusive.STRICT else promotion.layer


def target(promotion: Promotion) -> int | None:
    """The segment whose units a goods reward reduces: for a ``buy_get`` those got, for a bundle its first part."""
    reward = promotion.reward
    match reward:
        case GoodsReward(segment=segment) | BuyGetReward(get=segment):
            return reached(segment)
        case BundleReward(parts=parts):
            return reached(parts[0].segment)
    return None


def needs(rules: CheckedRules, promotion: Promotion, currency: int) -> Needs:
    """What must be true, in a currency (its index), for the promotion to have an effect: all of it is necessary."""
    values = (has_value(each, currency) for each in reward_numbers(promotion))
    return Needs(
        layer=entry_layer(promotion),
        condition=() if promotion.condition is None else (promotion.condition,),
        code=_A_CODE if promotion.codes or promotion.pool else (),
        numbers=tuple(dict.fromkeys(each for each in values if each is not None)),
        reach=tuple(dict.fromkeys(_reach(rules, promotion, currency))),
        demands=tuple(_demands(promotion, currency)),
    )


def _reach(rules: CheckedRules, promotion: Promotion, currency: int) -> Iterator[Expression]:
    """Requires units or rates for the reward."""
    reward = promotion.reward
    match reward:
        case GoodsReward():
            units = reward.units or Units(None, Pick.CHEAPEST)
            yield _units(reward.segment, max(1, units.at_least, 0 if units.sets is None else units.sets.size))
            if not reward.shipping:
                yield _worth(reward.segment, reward.kind, reward.number, currency)
        case BuyGetReward():
            buy = least(reward.buy_quantity, currency)
            get = 1 if reward.incomplete else least(reward.get_quantity, currency)
            same = reached(reward.buy) == reached(reward.get)
            yield _units(reward.buy, buy + get if same else buy)
            yield _units(reward.get, get)
            yield _units(CART, buy + get)
            # An amount that the whole set carries may come off units bought alone.
            carried_by_any = reward.carried_by_set and reward.kind is RewardKind.AMOUNT_OFF
            yield _worth(CART if carried_by_any else reward.get, reward.kind, reward.number, currency)
        case BundleReward():
            counts: Counter[int] = Counter()
            for part in reward.parts:
                counts[reached(part.segment)] += least(part.quantity, currency)
            for segment, quantity in counts.items():
                yield _units(segment, quantity)
                if reward.different:
                    yield at_least(_figure(segment, "skus" if reward.different == "sku" else "lines"), quantity)
            yield _units(CART, counts.total())
            yield _worth(CART, reward.kind, reward.number, currency)
        case ShippingReward():
            method = Fact(Type.STRING, Subject.SHIPMENT, "method")
            if reward.methods:
                yield In(method, tuple(Constant(Type.STRING, each) for each in reward.methods))
            price = Fact(Type.MONEY, Subject.SHIPMENT, "price")
            floor = least(reward.number, currency) if reward.kind is RewardKind.FIXED_PRICE else 0
            yield at_least(price, floor + 1)
        case GiftReward(for_every=part) if part is not None:
            yield _units(part.segment, least(part.quantity, currency))
        case PointsReward(kind=PointsKind.PER_UNIT_SPENT, segment=segment):
            cart = Fact(Type.MONEY, Subject.CART, "subtotal")
            yield at_least(cart if segment == CART else _figure(segment, "subtotal"), 1)
        case PointsReward(kind=PointsKind.MULTIPLIER):
            if not _gives_points_before(rules, promotion):
                yield NOWHERE


def _gives_points_before(rules: CheckedRules, promotion: Promotion) -> bool:
    before = takewhile(lambda each: each is not promotion, rules.promotions)
    return promotion.exclusive is not Exclusive.STRICT and any(
        each.layer == promotion.layer and isinstance(each.reward, PointsReward) for each in before
    )


def _figure(segment: int, name: str) -> Fact:
    """A figure of the units that a reward of the segment reaches."""
    return Fact(Type.MONEY if name == "subtotal" else Type.INT, Subject.SEGMENT, name, reached(segment))


def _units(segment: int, quantity: int) -> Expression:
    return at_least(_figure(segment, "quantity"), quantity)


def _worth(segment: int, kind: RewardKind, number: Number, currency: int) -> Expression:
    """Requires something to take: a price above the fixed price."""
    floor = least(number, currency) if kind is RewardKind.FIXED_PRICE else 0
    return at_least(_figure(segment, "subtotal"), floor + 1)


def _demands(promotion: Promotion, currency: int) -> Iterator[Demand]:
    """Lines that the cart must have."""
    reward = promotion.reward
    match reward:
        case GoodsReward(kind=RewardKind.FIXED_PRICE, per=Per.UNIT):
            yield Demand((reward.segment,), _price_above(reward.number, currency))
        case BuyGetReward(kind=RewardKind.FIXED_PRICE):
            yield Demand((reward.get,), _price_above(reward.number, currency))
    yield from (Demand((segment,), Has(fact)) for segment, fact in _in_common(promotion))


def _in_common(promotion: Promotion) -> Iterator[tuple[int, Fact]]:
    """Segments whose lines must have the fact that the units of a set share, or differ in."""
    match promotion.reward:
        case GoodsReward(segment=segment, units=units) if units is not None:
            segments, names = [segment], [units.same]
        case BuyGetReward(buy=buy, get=get, same=same):
            segments, names = [buy, get], [same]
        case BundleReward(parts=parts, same=same, different=different):
            segments, names = [part.segment for part in parts], [same, different]
        case _:
            return
    for name in names:
        if name not in ("", "sku", "line"):
            yield from ((segment, Fact(Type.STRING, Subject.ITEM, name)) for segment in segments)


def _price_above(number: Number, currency: int) -> Expression:
    return at_least(Fact(Type.MONEY, Subject.ITEM, "price"), least(number, currency) + 1)
