"""Running the layers of a rule set over a cart (docs/pricing.md §6) and drawing up the quote (§8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.pricing.cart import Cart
from engine.pricing.quote import Adjustment, Bucket, Quote, QuotedLayer, QuotedLine, QuotedShipment
from engine.pricing.reference.basket import Basket, BasketLine, BasketShipment, basket_line, basket_shipment
from engine.pricing.reference.bundle import grant_bundle
from engine.pricing.reference.buy_get import grant_buy_get
from engine.pricing.reference.compatibility import Compatibility
from engine.pricing.reference.conditions import holds
from engine.pricing.reference.facts import item_facts, layer_facts
from engine.pricing.reference.goods import grant_goods
from engine.pricing.reference.numbers import evaluate_number, has_figures
from engine.pricing.reference.rewards import Grant, Offer, adjustment
from engine.pricing.reference.schedules import is_open, next_change
from engine.pricing.reference.shipping import grant_shipping
from engine.pricing.validation import validate
from engine.rules.checked import (
    BundleReward,
    BuyGetReward,
    CheckedRules,
    Combine,
    Exclusive,
    GoodsReward,
    Layer,
    Promotion,
    ShippingReward,
    declaration,
)

_NANOSECONDS = 10**9


class Reference:
    """Prices carts under one rule set; ``version`` is what the quotes say it is."""

    def __init__(self, rules: CheckedRules, version: str) -> None:
        self._rules = rules
        self._version = version
        self._compatibility = Compatibility(rules)
        self._declaration = declaration(rules.currencies, rules.attributes)

    def price(self, cart: Cart) -> Quote:
        """The quote of a cart. Raises InvalidCart."""
        validate(cart, self._declaration)
        strict = [each for each in self._rules.promotions if each.exclusive is Exclusive.STRICT]
        for promotion in sorted(strict, key=lambda each: (-each.priority, each.id)):
            quote = self._priced(cart, [promotion])
            if any(layer.adjustments for layer in quote.layers):
                return quote
        return self._priced(cart, [each for each in self._rules.promotions if each.exclusive is not Exclusive.STRICT])

    def _priced(self, cart: Cart, promotions: Sequence[Promotion]) -> Quote:
        """The quote as if the rule set had no other promotions."""
        basket = self._basket(cart)
        applied: list[Promotion] = []
        layers = [
            self._run(layer, [each for each in promotions if each.layer == index], basket, applied)
            for index, layer in enumerate(self._rules.layers)
        ]
        return self._quote(basket, tuple(layers))

    def _basket(self, cart: Cart) -> Basket:
        currency = self._rules.currencies.index(cart.currency)
        lines = []
        for line in sorted(cart.lines, key=lambda line: line.id):
            facts = item_facts(line)
            segments = frozenset(
                index
                for index, segment in enumerate(self._rules.segments)
                if line.discountable and holds(segment.filter, facts, currency)
            )
            lines.append(basket_line(line, cart, self._rules.markup, segments))
        shipments = [basket_shipment(each) for each in sorted(cart.shipments, key=lambda shipment: shipment.id)]
        return Basket(cart, currency, lines, shipments)

    def _run(
        self, layer: Layer, promotions: Sequence[Promotion], basket: Basket, applied: list[Promotion]
    ) -> QuotedLayer:
        """Grants what the promotions of a layer may; ``applied`` grows by those that had an effect."""
        basket.enter_layer()
        adjustments: list[Adjustment] = []
        for promotion in promotions:
            if not self._may_apply(promotion, basket) or not self._compatibility.admits(promotion, applied):
                continue
            granted = adjustment(promotion, self._grant(promotion, layer, basket))
            if granted is not None:
                adjustments.append(granted)
                applied.append(promotion)
                if layer.combine is Combine.FIRST:
                    break
        return QuotedLayer(layer.name, layer.kind.value, tuple(adjustments), basket.subtotal, basket.shipping)

    def _may_apply(self, promotion: Promotion, basket: Basket) -> bool:
        """What is decided for the cart as a whole, before any condition."""
        if not basket.lines or promotion.id in basket.cart.declined_promotions:
            return False
        if promotion.schedule is not None:
            second = basket.cart.at // _NANOSECONDS
            if not is_open(promotion.schedule, self._rules.zone, second):
                return False
        return has_figures(promotion, basket.currency)

    def _grant(self, promotion: Promotion, layer: Layer, basket: Basket) -> Grant:
        reward = promotion.reward
        if isinstance(reward, ShippingReward):
            return grant_shipping(self._shipping_offers(promotion, reward, basket), layer.percentages)
        offer = self._offer(promotion, basket)
        if offer is None:
            return Grant()
        match reward:
            case GoodsReward():
                return grant_goods(reward, offer, basket, layer.percentages)
            case BuyGetReward():
                return grant_buy_get(reward, offer, basket, layer.percentages)
            case BundleReward():
                return grant_bundle(reward, offer, basket, layer.percentages)

    def _shipping_offers(
        self, promotion: Promotion, reward: ShippingReward, basket: Basket
    ) -> list[tuple[BasketShipment, Offer]]:
        """What is offered to each shipment that the reward reaches."""
        offers = []
        for shipment in basket.shipments:
            if shipment.rate is not None and (not reward.methods or shipment.rate.method in reward.methods):
                offer = self._offer(promotion, basket, shipment)
                if offer is not None:
                    offers.append((shipment, offer))
        return offers

    def _offer(self, promotion: Promotion, basket: Basket, shipment: BasketShipment | None = None) -> Offer | None:
        """The promotion's reward with its numbers read; None when its condition fails or a number has no value."""
        reward = promotion.reward
        facts = layer_facts(basket, shipment)
        if not holds(promotion.condition, facts, basket.currency):
            return None
        number = evaluate_number(reward.number, facts, basket.currency)
        up_to = None
        if isinstance(reward, GoodsReward) and reward.up_to is not None:
            up_to = evaluate_number(reward.up_to, facts, basket.currency)
            if up_to is None:
                return None
        return None if number is None else Offer(reward.kind, number, up_to, self._rules.rounding)

    def _quote(self, basket: Basket, layers: tuple[QuotedLayer, ...]) -> Quote:
        cart = basket.cart
        return Quote(
            cart_id=cart.id,
            rule_set=self._rules.name,
            rule_set_version=self._version,
            currency=cart.currency,
            at=cart.at,
            valid_until=self._valid_until(cart.at // _NANOSECONDS),
            lines=tuple(_quoted_line(line) for line in basket.lines),
            shipments=tuple(
                QuotedShipment(each.shipment.id, each.shipment.method, each.price, each.running)
                for each in basket.shipments
            ),
            layers=layers,
            merchandise=sum(line.merchandise for line in basket.lines),
            subtotal=basket.subtotal,
            shipping_price=sum(each.price for each in basket.shipments),
            shipping=basket.shipping,
            total=basket.subtotal + basket.shipping,
        )

    def _valid_until(self, second: int) -> int | None:
        """The first second after this one at which any schedule of the rule set opens or closes."""
        schedules = [promotion.schedule for promotion in self._rules.promotions if promotion.schedule is not None]
        changes = [next_change(schedule, self._rules.zone, second) for schedule in schedules]
        return min((change for change in changes if change is not None), default=None)


def _quoted_line(line: BasketLine) -> QuotedLine:
    counts = Counter(unit.running for unit in line.units)
    return QuotedLine(
        id=line.line.id,
        sku=line.line.sku,
        quantity=line.line.quantity,
        merchandise=line.merchandise,
        subtotal=line.subtotal,
        buckets=tuple(Bucket(price, counts[price]) for price in sorted(counts, reverse=True)),
    )
