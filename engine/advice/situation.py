"""A priced cart as each promotion found it: the facts that entered its layer."""

from __future__ import annotations

from functools import cached_property

from engine.advice.facts import Goods, LayerFacts
from engine.pricing.cart import Cart, Shipment
from engine.pricing.coupons import SentCodes
from engine.pricing.sketch import Sketch
from engine.rules.checked import Exclusive, Promotion
from engine.rules.checked_rewards import ShippingReward


class Situation:
    """One cart, its codes, and its sketch."""

    def __init__(self, cart: Cart, codes: SentCodes, sketch: Sketch) -> None:
        self.cart = cart
        self.codes = codes
        self.sketch = sketch
        self._goods = Goods(cart, sketch.segments)
        self._facts: dict[tuple[int, str], LayerFacts] = {}
        self._asked: dict[tuple[str, ...], Shipment | None] = {}

    @cached_property
    def methods(self) -> set[str]:
        """The methods quoted for shipments that have a chosen one."""
        return {rate.method for shipment in self._shipments for rate in shipment.rates if shipment.method}

    @cached_property
    def _shipments(self) -> list[Shipment]:
        return sorted(self.cart.shipments, key=lambda shipment: shipment.id)

    def facts(self, promotion: Promotion) -> LayerFacts:
        """The facts that the promotion's condition and numbers read.

        A strict promotion is tried on the cart as sent. In a shipping layer, the facts are those of the first shipment
        whose chosen rate is among the promotion's methods.
        """
        layer = 0 if promotion.exclusive is Exclusive.STRICT else promotion.layer
        shipment = self._shipment(promotion.reward.methods) if isinstance(promotion.reward, ShippingReward) else None
        key = layer, shipment.id if shipment is not None else ""
        if key not in self._facts:
            self._facts[key] = LayerFacts(self._goods, self.sketch.entered[layer], shipment)
        return self._facts[key]

    def _shipment(self, methods: tuple[str, ...]) -> Shipment | None:
        if methods not in self._asked:
            chosen = (each for each in self._shipments if each.method)
            self._asked[methods] = next((each for each in chosen if not methods or each.method in methods), None)
        return self._asked[methods]
