"""Trying one promotion on a basket: what it grants, or why it does not (docs/pricing.md §5, §8)."""

from __future__ import annotations

from engine.pricing.quote import Reason
from engine.pricing.reference.basket import Basket, BasketShipment
from engine.pricing.reference.bundle import grant_bundle
from engine.pricing.reference.buy_get import Quantities, grant_buy_get
from engine.pricing.reference.conditions import FactReader, evaluate
from engine.pricing.reference.eligibility import Eligibility
from engine.pricing.reference.facts import layer_facts
from engine.pricing.reference.goods import grant_goods
from engine.pricing.reference.numbers import NoValue, Numbers
from engine.pricing.reference.rewards import Grant, Offer, least
from engine.pricing.reference.shipping import grant_shipping, grant_together
from engine.pricing.reference.without_money import grant_credit, grant_effect, grant_gift, grant_points
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import (
    BundleReward,
    BuyGetReward,
    CreditReward,
    EffectReward,
    GiftReward,
    GoodsReward,
    MoneyReward,
    PointsReward,
    ShippingReward,
)


class Granting:
    """Tries the promotions of a rule set on the baskets of one cart."""

    def __init__(self, rules: CheckedRules, eligibility: Eligibility) -> None:
        self._rules = rules
        self._eligibility = eligibility

    def attempt(self, promotion: Promotion, basket: Basket) -> Grant | Reason:
        """What the promotion grants, taken off the basket; or the reason why not, with the basket unchanged."""
        budget = self._eligibility.budget(promotion)
        if budget is None or promotion.limits is None:
            return self._attempt(promotion, basket, None)
        if promotion.limits.partial:
            return self._attempt(promotion, basket, budget)
        whole = self._attempt(promotion, basket.copy(), None)
        if isinstance(whole, Grant) and whole.cost > budget:
            return Reason.BUDGET_EXCEEDED
        return self._attempt(promotion, basket, None)

    def _attempt(self, promotion: Promotion, basket: Basket, most: int | None) -> Grant | Reason:
        """``most`` is the most it may cost, None without limit."""
        try:
            grant = self._grant(promotion, basket, most)
        except NoValue:
            return Reason.NO_VALUE
        return Reason.NO_EFFECT if isinstance(grant, Grant) and not grant.has_effect else grant

    def _grant(self, promotion: Promotion, basket: Basket, most: int | None) -> Grant | Reason:
        """Raises NoValue."""
        reward = promotion.reward
        if isinstance(reward, ShippingReward):
            return self._shipping(promotion, reward, basket, most)
        facts = layer_facts(basket)
        unmet = _unmet(promotion, facts, basket.currency)
        if unmet is not None:
            return unmet
        numbers = Numbers(facts, basket.currency)
        percentages = self._rules.layers[promotion.layer].percentages
        match reward:
            case GoodsReward():
                offer = self._offer(reward, numbers, most)
                quantity = None if reward.units is None else numbers.read_if_any(reward.units.quantity)
                return grant_goods(reward, offer, quantity, basket, percentages)
            case BuyGetReward():
                offer = self._offer(reward, numbers, most)
                buy, get = numbers.read(reward.buy_quantity), numbers.read(reward.get_quantity)
                quantities = Quantities(buy, get, numbers.read_if_any(reward.repeat))
                return grant_buy_get(reward, offer, quantities, basket, percentages)
            case BundleReward():
                offer = self._offer(reward, numbers, most)
                parts = [numbers.read(part.quantity) for part in reward.parts]
                return grant_bundle(reward, offer, parts, numbers.read_if_any(reward.repeat), basket, percentages)
            case GiftReward():
                for_every = None if reward.for_every is None else numbers.read(reward.for_every.quantity)
                return grant_gift(promotion.id, reward, numbers.read(reward.quantity), for_every, basket)
            case PointsReward():
                return grant_points(reward, numbers.read(reward.number), basket)
            case CreditReward():
                return grant_credit(reward, numbers.read(reward.number), most, basket)
            case EffectReward():
                return grant_effect(reward, basket)

    def _shipping(
        self, promotion: Promotion, reward: ShippingReward, basket: Basket, most: int | None
    ) -> Grant | Reason:
        """Grants shipment by shipment. If nothing is granted, the reason is that of the first shipment reached."""
        percentages = self._rules.layers[promotion.layer].percentages
        offers: list[tuple[BasketShipment, Offer]] = []
        reasons: list[Reason | None] = []
        for shipment in basket.shipments:
            if shipment.rate is None or (reward.methods and shipment.rate.method not in reward.methods):
                continue
            facts = layer_facts(basket, shipment)
            reason = _unmet(promotion, facts, basket.currency)
            if reason is None:
                try:
                    offers.append((shipment, self._offer(reward, Numbers(facts, basket.currency), most)))
                except NoValue:
                    reason = Reason.NO_VALUE
            reasons.append(reason)
        if not reasons:
            return Reason.NO_RATE
        together = reward.together and bool(offers)
        grant = grant_together(offers, percentages) if together else grant_shipping(offers, percentages)
        return grant if grant.has_effect else reasons[0] or Reason.NO_EFFECT

    def _offer(self, reward: MoneyReward, numbers: Numbers, most: int | None) -> Offer:
        """Raises NoValue."""
        up_to = numbers.read_if_any(reward.up_to) if isinstance(reward, GoodsReward | ShippingReward) else None
        return Offer(
            reward.kind,
            numbers.read(reward.number),
            least(up_to, most),
            self._rules.rounding,
            self._rules.leftover,
            isinstance(reward, GoodsReward) and reward.of_list_price,
        )


def _unmet(promotion: Promotion, facts: FactReader, currency: int) -> Reason | None:
    """Why the promotion's condition is not met; None if it is."""
    if promotion.condition is None:
        return None
    value = evaluate(promotion.condition, facts, currency)
    if value is None:
        return Reason.MISSING_FACT
    return None if value is True else Reason.CONDITION
