"""Rewards without money off: gifts, points, credit, effects (docs/pricing.md §5)."""

from __future__ import annotations

from engine.money import MAX_AMOUNT, exponent
from engine.pricing.quote import Effect, Gift, Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.facts import lines_of_segment
from engine.pricing.reference.rewards import Grant
from engine.pricing.reference.selection import candidates
from engine.pricing.validation import MAX_QUANTITY
from engine.rules.checked import Percentages
from engine.rules.checked_rewards import CreditReward, EffectReward, GiftReward, PointsKind, PointsReward
from engine.rules.expressions import PerCurrency

_MILLION = 10**6


def grant_gift(
    promotion_id: str, reward: GiftReward, quantity: int, for_every: int | None, basket: Basket
) -> Grant | Reason:
    """``for_every`` units of its segment earn ``quantity`` once: 2 gifts for every 3 of 7 units is 4 gifts."""
    if reward.for_every is not None and for_every is not None:
        units = len(candidates(basket, {reward.for_every.segment}, Percentages.ADDITIVE))
        if units == 0:
            return Reason.NOT_IN_CART
        if units < for_every:
            return Reason.INCOMPLETE
        quantity *= units // for_every
    quantity = min(quantity, MAX_QUANTITY)
    basket.gift_weight_so_far += reward.weight * quantity
    gift = Gift(promotion_id, *_picked(promotion_id, reward.skus, quantity, basket))
    return Grant(gift=gift, value=min(_figure(reward.value, basket) * quantity, MAX_AMOUNT))


def _picked(
    promotion_id: str, skus: tuple[str, ...], quantity: int, basket: Basket
) -> tuple[str, int, tuple[str, ...]]:
    if len(skus) == 1:
        return skus[0], quantity, ()
    sent = sorted((each for each in basket.cart.lines if each.gift_of == promotion_id), key=lambda line: line.id)
    picked = next((line.sku for line in sent if line.sku in skus), "")
    return picked, quantity, skus


def grant_points(reward: PointsReward, number: int, basket: Basket) -> Grant | Reason:
    """1.25 points per USD of 95.74 is 119; a multiplier of 2 grants as many again as the layer granted so far."""
    match reward.kind:
        case PointsKind.FIXED:
            points = number
        case PointsKind.PER_UNIT_SPENT:
            lines = lines_of_segment(basket, reward.segment)
            if not lines:
                return Reason.NOT_IN_CART
            units = _MILLION * 10 ** exponent(basket.cart.currency)
            points = sum(line.entered for line in lines) * number // units
        case PointsKind.MULTIPLIER:
            points = basket.points * number // _MILLION - basket.points
    points = min(points, MAX_AMOUNT)
    basket.points += points
    return Grant(points=points, value=min(points * _figure(reward.value, basket) // 100, MAX_AMOUNT))


def grant_credit(reward: CreditReward, amount: int, up_to: int | None, basket: Basket) -> Grant:
    """``up_to`` is what is left of a budget that may be granted in part: 3.00 of it cuts a credit of 5.00 to 3.00."""
    credit = amount if up_to is None else min(amount, up_to)
    return Grant(credit=credit, value=_figure(reward.value, basket))


def grant_effect(reward: EffectReward, basket: Basket) -> Grant:
    return Grant(effect=Effect(reward.name, reward.payload), value=_figure(reward.value, basket))


def _figure(values: PerCurrency | None, basket: Basket) -> int:
    """Minor units in the cart's currency, 0 if there are no values. Promotions without a figure are never tried."""
    return (values[basket.currency] if values is not None else None) or 0
