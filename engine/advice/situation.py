"""A quoted cart as each of its promotions met it: the facts that entered its layer, and whether it reaches anything."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from engine.advice.facts import Goods, LayerFacts, layers_entered
from engine.pricing.cart import Cart, Shipment
from engine.pricing.coupons import fold
from engine.pricing.quote import Quote
from engine.rules.checked import (
    BundleReward,
    BuyGetReward,
    CheckedRules,
    Exclusive,
    GoodsReward,
    Promotion,
    ShippingReward,
)


class Situation:
    """One cart, its goods and its quote; ``gift_weights`` are grams per unit by promotion."""

    def __init__(
        self, rules: CheckedRules, goods: Goods, gift_weights: Mapping[str, int], cart: Cart, quote: Quote
    ) -> None:
        self.cart = cart
        self.quote = quote
        self._goods = goods
        self._rules = rules
        self._gift_weights = gift_weights
        self.applied = {each.promotion_id: each for layer in quote.layers for each in layer.adjustments}

    @cached_property
    def _entered(self) -> list[LayerFacts]:
        return layers_entered(self._goods, self.quote, self._gift_weights)

    @cached_property
    def _shipments(self) -> list[Shipment]:
        return sorted(self.cart.shipments, key=lambda shipment: shipment.id)

    @cached_property
    def _codes(self) -> set[str]:
        return {fold(code, self._rules.coupons.case_sensitive) for code in self.cart.coupons}

    def facts(self, promotion: Promotion) -> LayerFacts:
        """What the promotion's condition and numbers read.

        A strict promotion is tried on the cart as sent. In a shipping layer it is the first shipment with a chosen
        rate of the promotion's methods.
        """
        facts = self._entered[0 if promotion.exclusive is Exclusive.STRICT else promotion.layer]
        if isinstance(promotion.reward, ShippingReward):
            shipment = self._shipment(promotion.reward)
            return facts if shipment is None else facts.asking(shipment)
        return facts

    def touches(self, promotion: Promotion) -> bool:
        """Whether the promotion is about this cart: it reaches goods or rates, is no money off, or has a code sent."""
        reward = promotion.reward
        match reward:
            case GoodsReward():
                reached = bool(self._goods.segment(reward.segment))
            case BuyGetReward():
                reached = any(self._goods.segment(segment) for segment in (reward.buy, reward.get))
            case BundleReward():
                reached = any(self._goods.segment(part.segment) for part in reward.parts)
            case ShippingReward():
                methods = {rate.method for shipment in self._shipments for rate in shipment.rates if shipment.method}
                reached = bool(methods) and (not reward.methods or not methods.isdisjoint(reward.methods))
            case _:
                return True
        return reached or self._has_code(promotion)

    def _has_code(self, promotion: Promotion) -> bool:
        return any(fold(code, self._rules.coupons.case_sensitive) in self._codes for code in promotion.codes)

    def _shipment(self, reward: ShippingReward) -> Shipment | None:
        chosen = (each for each in self._shipments if each.method)
        return next((each for each in chosen if not reward.methods or each.method in reward.methods), None)
