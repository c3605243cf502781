"""Running the layers of a rule set over a cart (docs/pricing.md §6) and drawing up the quote (§8)."""

from __future__ import annotations

from collections import Counter

from engine.pricing.cart import Cart
from engine.pricing.quote import Adjustment, Bucket, Quote, QuotedLayer, QuotedLine, QuotedShipment
from engine.pricing.reference.basket import Basket, BasketLine, BasketShipment, basket_line, basket_shipment
from engine.pricing.reference.conditions import holds
from engine.pricing.reference.facts import item_facts, layer_facts
from engine.pricing.reference.goods import grant_goods
from engine.pricing.reference.numbers import evaluate_number, has_figures
from engine.pricing.reference.rewards import Offer
from engine.pricing.reference.schedules import is_open, next_change
from engine.pricing.reference.shipping import grant_shipping
from engine.pricing.validation import Declaration, validate
from engine.rules.checked import CheckedRules, Combine, GoodsReward, Layer, Promotion
from engine.rules.expressions import Type

_ATTRIBUTE_TYPES = {Type.STRING: str, Type.INT: int, Type.BOOL: bool}
_NANOSECONDS = 10**9


class Reference:
    """Prices carts under one rule set; ``version`` is what the quotes say it is."""

    def __init__(self, rules: CheckedRules, version: str) -> None:
        self._rules = rules
        self._version = version
        self._declaration = Declaration(
            rules.currencies,
            {(each.subject.value, each.name): _ATTRIBUTE_TYPES[each.type] for each in rules.attributes},
        )

    def price(self, cart: Cart) -> Quote:
        """The quote of a cart. Raises InvalidCart."""
        validate(cart, self._declaration)
        basket = self._basket(cart)
        layers = tuple(self._run(index, layer, basket) for index, layer in enumerate(self._rules.layers))
        return self._quote(basket, layers)

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

    def _run(self, index: int, layer: Layer, basket: Basket) -> QuotedLayer:
        basket.enter_layer()
        adjustments: list[Adjustment] = []
        for promotion in self._rules.promotions:
            if promotion.layer != index or not self._may_apply(promotion, basket):
                continue
            adjustment = self._grant(promotion, layer, basket)
            if adjustment is not None:
                adjustments.append(adjustment)
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

    def _grant(self, promotion: Promotion, layer: Layer, basket: Basket) -> Adjustment | None:
        reward = promotion.reward
        if isinstance(reward, GoodsReward):
            offer = self._offer(promotion, basket)
            return None if offer is None else grant_goods(promotion, reward, offer, basket, layer.percentages)
        offers = []
        for shipment in basket.shipments:
            if shipment.rate is not None and (not reward.methods or shipment.rate.method in reward.methods):
                offer = self._offer(promotion, basket, shipment)
                if offer is not None:
                    offers.append((shipment, offer))
        return grant_shipping(promotion, offers, layer.percentages)

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
