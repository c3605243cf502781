"""A priced cart as each of its promotions met it: the facts that entered its layer, and whether it reaches anything."""

from __future__ import annotations

from functools import cached_property

from engine.advice.facts import Goods, LayerFacts
from engine.pricing.cart import Cart, Shipment
from engine.pricing.coupons import SentCodes
from engine.pricing.reference.eligibility import coded
from engine.pricing.sketch import Sketch
from engine.rules.checked import CheckedRules, Exclusive, Promotion
from engine.rules.checked_rewards import BundleReward, BuyGetReward, GoodsReward, ShippingReward


class Situation:
    """One cart, its goods, its codes, and what it comes to."""

    def __init__(self, rules: CheckedRules, goods: Goods, codes: SentCodes, sketch: Sketch) -> None:
        self.cart: Cart = goods.cart
        self.codes = codes
        self.sketch = sketch
        self._goods = goods
        self._rules = rules
        self._facts: dict[tuple[int, str], LayerFacts] = {}
        self._touched: dict[str, bool] = {}

    def varied(self, cart: Cart, sketch: Sketch) -> Situation:
        """That of a cart with other quantities."""
        return Situation(self._rules, self._goods.varied(cart), self.codes, sketch)

    @cached_property
    def _shipments(self) -> list[Shipment]:
        return sorted(self.cart.shipments, key=lambda shipment: shipment.id)

    @cached_property
    def _rates(self) -> set[str]:
        """Methods quoted for shipments for which one is chosen."""
        return {rate.method for shipment in self._shipments for rate in shipment.rates if shipment.method}

    def facts(self, promotion: Promotion) -> LayerFacts:
        """What the promotion's condition and numbers read.

        A strict promotion is tried on the cart as sent. In a shipping layer it is the first shipment with a chosen
        rate of the promotion's methods.
        """
        layer = 0 if promotion.exclusive is Exclusive.STRICT else promotion.layer
        shipment = self._shipment(promotion.reward) if isinstance(promotion.reward, ShippingReward) else None
        key = layer, shipment.id if shipment is not None else ""
        if key not in self._facts:
            self._facts[key] = LayerFacts(self._goods, self.sketch.entered[layer], shipment)
        return self._facts[key]

    def touches(self, promotion: Promotion) -> bool:
        """Whether the promotion is about this cart: it reaches goods or rates, is no money off, or has a code sent."""
        if promotion.id not in self._touched:
            self._touched[promotion.id] = self._reaches(promotion) or self._has_code(promotion)
        return self._touched[promotion.id]

    def _reaches(self, promotion: Promotion) -> bool:
        reward = promotion.reward
        match reward:
            case GoodsReward():
                return bool(self._goods.segment(reward.segment))
            case BuyGetReward():
                return any(self._goods.segment(segment) for segment in (reward.buy, reward.get))
            case BundleReward():
                return any(self._goods.segment(part.segment) for part in reward.parts)
            case ShippingReward():
                return bool(self._rates) and (not reward.methods or not self._rates.isdisjoint(reward.methods))
        return True

    def _has_code(self, promotion: Promotion) -> bool:
        if not self.codes.sent or not promotion.needs_coupon:
            return False
        needing = coded(promotion, self._rules)
        return any(self.codes.belongs_to(needing, code) for code in self.codes.sent)

    def _shipment(self, reward: ShippingReward) -> Shipment | None:
        chosen = (each for each in self._shipments if each.method)
        return next((each for each in chosen if not reward.methods or each.method in reward.methods), None)
