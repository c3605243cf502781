"""Drawing up the quote of a cart that was priced (docs/pricing.md §8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from engine.pricing.coupons import SentCodes
from engine.pricing.quote import Bucket, Outcome, Quote, QuotedLine, QuotedShipment
from engine.pricing.quote import Search as QuotedSearch
from engine.pricing.reference.basket import BasketLine
from engine.pricing.reference.eligibility import coded
from engine.pricing.reference.layers import Priced
from engine.pricing.reference.schedules import next_change
from engine.rules.checked import CheckedRules, Combine, Selection


def draw_up(rules: CheckedRules, version: str, codes: SentCodes, priced: Priced, outcomes: Sequence[Outcome]) -> Quote:
    """The quote; ``outcomes`` are those of all promotions that do not apply."""
    basket, cart = priced.basket, priced.basket.cart
    adjustments = [adjustment for layer in priced.layers for adjustment in layer.adjustments]
    needing_codes = [coded(promotion, rules) for promotion in rules.promotions if promotion.needs_coupon]
    searched = rules.selection is Selection.GLOBAL or any(layer.combine is Combine.BEST for layer in rules.layers)
    return Quote(
        cart_id=cart.id,
        rule_set=rules.name,
        rule_set_version=version,
        currency=cart.currency,
        at=cart.at,
        valid_until=_valid_until(rules, cart.at // 10**9),
        lines=tuple(_quoted_line(line) for line in basket.lines),
        shipments=tuple(
            QuotedShipment(each.shipment.id, each.shipment.method, each.price, each.running)
            for each in basket.shipments
        ),
        layers=tuple(priced.layers),
        merchandise=sum(line.merchandise for line in basket.lines),
        subtotal=basket.subtotal,
        shipping_price=sum(each.price for each in basket.shipments),
        shipping=basket.shipping,
        total=basket.subtotal + basket.shipping,
        points=sum(each.points for each in adjustments),
        credit=sum(each.credit for each in adjustments),
        gifts=tuple(each.gift for each in adjustments if each.gift is not None),
        coupons=codes.statuses(needing_codes, adjustments, {each.promotion_id: each for each in outcomes}),
        # Every admissible set was tried; nodes are counted only by searches that may skip some.
        search=QuotedSearch(optimal=True, nodes=0, gap=0) if searched else None,
    )


def _valid_until(rules: CheckedRules, second: int) -> int | None:
    """The first second after this one at which a schedule of the rule set begins, opens, closes or ends."""
    schedules = [promotion.schedule for promotion in rules.promotions if promotion.schedule is not None]
    changes = [next_change(schedule, rules.zone, second) for schedule in schedules]
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
