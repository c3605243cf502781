"""Which kinds of reward, number and combination have an effect on a cart, according to the reference."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any, TypeAlias
from unittest.mock import patch

from engine.pricing.cart import Cart
from engine.pricing.quote import QuotedLayer
from engine.pricing.reference import Reference
from engine.pricing.reference.basket import Unit
from engine.pricing.reference.numbers import numbers_of
from engine.rules.checked import (
    CheckedRules,
    Combine,
    Coupons,
    ExclusionKind,
    Exclusive,
    Layer,
    Leftover,
    Percentages,
    Promotion,
    Selection,
)
from engine.rules.checked_rewards import (
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    PointsKind,
    PointsReward,
    Reward,
    RewardKind,
    ShippingReward,
    StepTable,
    Units,
)
from tests.random_rules import GROUPS

Rewrite: TypeAlias = Callable[[CheckedRules], CheckedRules]
Layers: TypeAlias = tuple[QuotedLayer, ...]


def kinds_granted(rules: CheckedRules, layers: Layers) -> Iterator[str]:
    """The kinds of the rewards granted, and of the numbers in them."""
    rewards = {promotion.id: promotion.reward for promotion in rules.promotions}
    for adjustment in (each for layer in layers for each in layer.adjustments):
        reward = rewards[adjustment.promotion_id]
        yield _kind(reward)
        first, *others = [NUMBERS[type(number)] for number in numbers_of(reward)] or ["constant"]
        yield first
        if any(other != "constant" for other in others):
            yield VARYING


def kinds_that_tell(rules: CheckedRules, cart: Cart, layers: Layers, known: Collection[str] = ()) -> Iterator[str]:
    """The options without which the layers would differ from these; options already known are not tried."""
    for option, without in OPTIONS.items():
        rewritten = without(rules) if option not in known else rules
        if rewritten != rules and Reference(rewritten, "").price(cart).layers != layers:
            yield option
    if (without_picks := _without_picks(cart)) != cart and Reference(rules, "").price(without_picks).layers != layers:
        yield PICK
    if any(isinstance(each.reward, BuyGetReward | BundleReward) for each in rules.promotions):
        with patch.object(Unit, "claim", lambda unit: None):
            if Reference(rules, "").price(cart).layers != layers:
                yield CLAIMS


def _kind(reward: Reward) -> str:
    match reward:
        case GoodsReward(units=None):
            return f"{reward.kind.value} per {reward.per.value}"
        case GoodsReward() | BuyGetReward() | BundleReward() | ShippingReward():
            return f"{reward.kind.value} {_FORMS[type(reward)]}"
        case PointsReward():
            return f"points {reward.kind.value}"
        case GiftReward(for_every=None):
            return "gift" if len(reward.skus) == 1 else "gift of choices"
        case GiftReward():
            return "gift for_every"
        case CreditReward():
            return "credit"
        case EffectReward():
            return "effect"


_FORMS = {
    GoodsReward: "with units",
    BuyGetReward: "in buy_get",
    BundleReward: "in bundle",
    ShippingReward: "of shipping",
}
NUMBERS = {Fixed: "constant", StepTable: "step table", Choice: "choice", ForEvery: "for every"}
VARYING = "varying cap or quantity"
PICK = "gift_of"
CLAIMS = "units claimed"


def _of_layers(rewrite: Callable[[Layer], Layer]) -> Rewrite:
    return lambda rules: replace(rules, layers=tuple(map(rewrite, rules.layers)))


def _of_promotions(rewrite: Callable[[Promotion], Promotion]) -> Rewrite:
    return lambda rules: replace(rules, promotions=tuple(map(rewrite, rules.promotions)))


def _of_rewards(types: tuple[type[Any], ...], **changes: object) -> Rewrite:
    """Replaces these fields in rewards of these types."""
    return _of_promotions(
        lambda promotion: (
            replace(promotion, reward=replace(promotion.reward, **changes))
            if isinstance(promotion.reward, types)
            else promotion
        )
    )


def _of_units(rewrite: Callable[[Units], Units | None]) -> Rewrite:
    def of_reward(promotion: Promotion) -> Promotion:
        reward = promotion.reward
        if isinstance(reward, GoodsReward) and reward.units is not None:
            return replace(promotion, reward=replace(reward, units=rewrite(reward.units)))
        return promotion

    return _of_promotions(of_reward)


def _without_sets(rows: bool) -> Rewrite:
    """Reaches all units, if no quantity is given."""

    def rewrite(units: Units) -> Units | None:
        if units.sets is None or units.sets.rows is not rows:
            return units
        return replace(units, sets=None) if units.quantity is not None else None

    return _of_units(rewrite)


def _of_limits(**changes: Any) -> Rewrite:
    return _of_promotions(
        lambda promotion: (
            replace(promotion, limits=replace(promotion.limits, **changes))
            if promotion.limits is not None
            else promotion
        )
    )


def _of_combine(combine: Combine) -> Rewrite:
    return _of_layers(lambda layer: replace(layer, combine=Combine.ALL) if layer.combine is combine else layer)


def _of_leftover(leftover: Leftover) -> Rewrite:
    return lambda rules: replace(rules, leftover=Leftover.LARGEST_REMAINDER) if rules.leftover is leftover else rules


def _without_exclusions(kind: ExclusionKind) -> Rewrite:
    return _of_promotions(
        lambda promotion: replace(promotion, excludes=tuple(e for e in promotion.excludes if e.kind is not kind))
    )


def _without_exclusive(exclusive: Exclusive) -> Rewrite:
    return _of_promotions(
        lambda promotion: replace(promotion, exclusive=None) if promotion.exclusive is exclusive else promotion
    )


def _without_case(rules: CheckedRules) -> CheckedRules:
    return replace(rules, coupons=Coupons(not rules.coupons.case_sensitive, rules.coupons.one_per_cart))


def _without_picks(cart: Cart) -> Cart:
    return replace(cart, lines=tuple(line for line in cart.lines if not line.gift_of))


_WITHOUT_MONEY = (GiftReward, PointsReward, CreditReward, EffectReward)

OPTIONS: dict[str, Rewrite] = {
    "combine: first": _of_combine(Combine.FIRST),
    "combine: best": _of_combine(Combine.BEST),
    "combine: best_per_line": _of_combine(Combine.BEST_PER_LINE),
    "policy: together": lambda rules: replace(rules, groups=GROUPS),
    "selection: global": lambda rules: replace(rules, selection=Selection.LAYERED),
    "percentages: compounding": _of_layers(lambda layer: replace(layer, percentages=Percentages.ADDITIVE)),
    "leftover: first_lines": _of_leftover(Leftover.FIRST_LINES),
    "leftover: last_line": _of_leftover(Leftover.LAST_LINE),
    "leftover: carried": _of_leftover(Leftover.CARRIED),
    "leftover: rounded": _of_leftover(Leftover.ROUNDED),
    "floor": lambda rules: replace(rules, markup=None),
    "schedule": _of_promotions(lambda promotion: replace(promotion, schedule=None)),
    "when": _of_promotions(lambda promotion: replace(promotion, condition=None)),
    "up_to": _of_rewards((GoodsReward,), up_to=None),
    "up_to of shipping": _of_rewards((ShippingReward,), up_to=None),
    "shipping together": _of_rewards((ShippingReward,), together=False),
    "skip_reduced": _of_rewards((GoodsReward,), skip_reduced=False),
    "base: list_price": _of_rewards((GoodsReward,), of_list_price=False),
    "shipping beside goods": _of_rewards((GoodsReward,), shipping=False),
    "units": _of_units(lambda units: None),
    "units per line": _of_units(lambda units: replace(units, same="") if units.same == "line" else units),
    "units of alike lines": _of_units(lambda units: units if units.same == "line" else replace(units, same="")),
    "units at_least": _of_units(lambda units: replace(units, at_least=0)),
    "units in sets": _without_sets(rows=False),
    "units in rows": _without_sets(rows=True),
    "repeat": _of_rewards((BuyGetReward, BundleReward), repeat=Fixed((1, 1, 1))),
    "same": _of_rewards((BuyGetReward, BundleReward), same=""),
    "different": _of_rewards((BundleReward,), different=""),
    "parts at full price": _of_rewards((BundleReward,), full_price=0),
    "incomplete sets": _of_rewards((BuyGetReward,), incomplete=False),
    "carried_by: set": _of_rewards((BuyGetReward,), carried_by_set=False),
    "weight of gifts": _of_rewards((GiftReward,), weight=0),
    "value": _of_rewards(_WITHOUT_MONEY, value=None),
    "coupon": _of_promotions(lambda promotion: replace(promotion, codes=(), pool="")),
    "coupon: pool": _of_promotions(lambda promotion: replace(promotion, pool=promotion.pool and "elsewhere")),
    "coupons: case_sensitive": _without_case,
    "coupons: per_cart": lambda rules: replace(rules, coupons=Coupons(rules.coupons.case_sensitive)),
    "limits: total": _of_limits(total=None),
    "limits: per_customer": _of_limits(per_customer=None),
    "limits: per_code": _of_limits(per_code=None),
    "limits: budget": _of_limits(budget=None),
    "limits: partial": _of_limits(partial=False),
    "group": _of_promotions(lambda promotion: replace(promotion, group="")),
    **{f"excludes a {kind.value}": _without_exclusions(kind) for kind in ExclusionKind},
    **{f"exclusive: {exclusive.value}": _without_exclusive(exclusive) for exclusive in Exclusive},
}
"""The rule set without an option."""

_MONEY_FORMS = ("per unit", "per line", "per order", *_FORMS.values())
REWARDS = [
    *(f"{kind.value} {form}" for kind in RewardKind for form in _MONEY_FORMS),
    *(f"points {kind.value}" for kind in PointsKind),
    *("gift", "gift of choices", "gift for_every", "credit", "effect"),
]
GRANTED = [*REWARDS, *NUMBERS.values(), VARYING]
TELLING = [*OPTIONS, PICK, CLAIMS]
