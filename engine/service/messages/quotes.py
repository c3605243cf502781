"""Quotes as protobuf messages, and back."""

from __future__ import annotations

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from engine.pricing.quote import (
    Adjustment,
    Bucket,
    CouponStatus,
    Effect,
    Gift,
    Quote,
    QuotedLayer,
    QuotedLine,
    QuotedRate,
    QuotedShipment,
    Search,
    Share,
)
from engine.service.messages.advice import (
    explanation_from_message,
    suggestion_from_message,
    write_advice,
)
from engine.service.messages.enums import REASON_NAMES, REASONS, STATUS_NAMES, STATUSES
from engine.service.messages.fields import reader
from engine.v1 import quote_pb2

_bucket, _rate, _effect, _search = reader(Bucket), reader(QuotedRate), reader(Effect), reader(Search)
share_from_message = reader(Share)


def quote_to_message(quote: Quote) -> quote_pb2.Quote:
    """The message of a quote."""
    message = quote_pb2.Quote(
        cart_id=quote.cart_id,
        rule_set=quote.rule_set,
        rule_set_version=quote.rule_set_version,
        currency=quote.currency,
        valid_until=None if quote.valid_until is None else Timestamp(seconds=quote.valid_until),
        lines=[_line_to_message(line) for line in quote.lines],
        shipments=[_shipment_to_message(shipment) for shipment in quote.shipments],
        layers=[_layer_to_message(layer) for layer in quote.layers],
        merchandise=quote.merchandise,
        subtotal=quote.subtotal,
        shipping_price=quote.shipping_price,
        shipping=quote.shipping,
        total=quote.total,
        points=quote.points,
        credit=quote.credit,
        gifts=[gift_to_message(gift) for gift in quote.gifts],
        coupons=[_coupon_to_message(coupon) for coupon in quote.coupons],
        search=None if quote.search is None else quote_pb2.Search(**quote.search._asdict()),
        rule_set_revision=quote.rule_set_revision,
    )
    message.at.FromNanoseconds(quote.at)
    write_advice(quote, message)
    return message


def _line_to_message(line: QuotedLine) -> quote_pb2.QuotedLine:
    return quote_pb2.QuotedLine(
        id=line.id,
        sku=line.sku,
        quantity=line.quantity,
        merchandise=line.merchandise,
        subtotal=line.subtotal,
        buckets=[quote_pb2.UnitBucket(price=each.price, quantity=each.quantity) for each in line.buckets],
    )


def _shipment_to_message(shipment: QuotedShipment) -> quote_pb2.QuotedShipment:
    return quote_pb2.QuotedShipment(
        id=shipment.id,
        method=shipment.method,
        price=shipment.price,
        charge=shipment.charge,
        rates=[quote_pb2.QuotedRate(**rate._asdict()) for rate in shipment.rates],
    )


def _layer_to_message(layer: QuotedLayer) -> quote_pb2.QuotedLayer:
    return quote_pb2.QuotedLayer(
        name=layer.name,
        kind=layer.kind,
        adjustments=[_adjustment_to_message(adjustment) for adjustment in layer.adjustments],
        subtotal=layer.subtotal,
        shipping=layer.shipping,
    )


def _adjustment_to_message(adjustment: Adjustment) -> quote_pb2.Adjustment:
    return quote_pb2.Adjustment(
        promotion_id=adjustment.promotion_id,
        promotion_name=adjustment.promotion_name,
        amount=adjustment.amount,
        ungranted=adjustment.ungranted,
        shares=[quote_pb2.Share(**share._asdict()) for share in adjustment.shares],
        points=adjustment.points,
        credit=adjustment.credit,
        gift=None if adjustment.gift is None else gift_to_message(adjustment.gift),
        effect=None if adjustment.effect is None else quote_pb2.Effect(**adjustment.effect._asdict()),
        coupon=adjustment.coupon,
        shipment_shares=[quote_pb2.Share(**share._asdict()) for share in adjustment.shipment_shares],
    )


def gift_to_message(gift: Gift) -> quote_pb2.Gift:
    return quote_pb2.Gift(**gift._asdict())


def _coupon_to_message(coupon: CouponStatus) -> quote_pb2.CouponStatus:
    return quote_pb2.CouponStatus(
        code=coupon.code,
        status=None if coupon.status is None else STATUS_NAMES[coupon.status],
        reason=None if coupon.reason is None else REASON_NAMES[coupon.reason],
        promotion_ids=coupon.promotion_ids,
    )


def quote_bytes(quote: Quote) -> bytes:
    """The quote as sent: equal quotes give equal bytes."""
    return quote_to_message(quote).SerializeToString(deterministic=True)


def revision_field(revision: int) -> bytes:
    """The last field of a serialized quote, for a revision from the store; empty for 0."""
    return quote_pb2.Quote(rule_set_revision=revision).SerializeToString()


def quote_json(quote: Quote) -> str:
    """The protobuf JSON mapping of ``engine.v1.Quote`` (int64 as strings), with every field."""
    return json_format.MessageToJson(
        quote_to_message(quote), always_print_fields_with_no_presence=True, ensure_ascii=False
    )


def quote_from_message(message: quote_pb2.Quote) -> Quote:
    """The quote in a message; what only a newer service sends is left out."""
    return Quote(
        cart_id=message.cart_id,
        rule_set=message.rule_set,
        rule_set_version=message.rule_set_version,
        currency=message.currency,
        at=message.at.ToNanoseconds(),
        valid_until=message.valid_until.seconds if message.HasField("valid_until") else None,
        lines=tuple(_line_from_message(line) for line in message.lines),
        shipments=tuple(_shipment_from_message(shipment) for shipment in message.shipments),
        layers=tuple(_layer_from_message(layer) for layer in message.layers),
        merchandise=message.merchandise,
        subtotal=message.subtotal,
        shipping_price=message.shipping_price,
        shipping=message.shipping,
        total=message.total,
        points=message.points,
        credit=message.credit,
        gifts=tuple(gift_from_message(gift) for gift in message.gifts),
        coupons=tuple(_coupon_from_message(coupon) for coupon in message.coupons),
        search=_search(message.search) if message.HasField("search") else None,
        explanations=tuple(explanation_from_message(each) for each in message.explanations),
        suggestions=tuple(suggestion_from_message(each) for each in message.suggestions),
        rule_set_revision=message.rule_set_revision,
    )


def _line_from_message(message: quote_pb2.QuotedLine) -> QuotedLine:
    return QuotedLine(
        id=message.id,
        sku=message.sku,
        quantity=message.quantity,
        merchandise=message.merchandise,
        subtotal=message.subtotal,
        buckets=tuple(map(_bucket, message.buckets)),
    )


def _shipment_from_message(message: quote_pb2.QuotedShipment) -> QuotedShipment:
    return QuotedShipment(
        id=message.id,
        method=message.method,
        price=message.price,
        charge=message.charge,
        rates=tuple(map(_rate, message.rates)),
    )


def _layer_from_message(message: quote_pb2.QuotedLayer) -> QuotedLayer:
    return QuotedLayer(
        name=message.name,
        kind=message.kind,
        adjustments=tuple(_adjustment_from_message(each) for each in message.adjustments),
        subtotal=message.subtotal,
        shipping=message.shipping,
    )


def _adjustment_from_message(message: quote_pb2.Adjustment) -> Adjustment:
    return Adjustment(
        promotion_id=message.promotion_id,
        promotion_name=message.promotion_name,
        amount=message.amount,
        ungranted=message.ungranted,
        shares=tuple(map(share_from_message, message.shares)),
        points=message.points,
        credit=message.credit,
        gift=gift_from_message(message.gift) if message.HasField("gift") else None,
        effect=_effect(message.effect) if message.HasField("effect") else None,
        coupon=message.coupon,
        shipment_shares=tuple(map(share_from_message, message.shipment_shares)),
    )


def gift_from_message(message: quote_pb2.Gift) -> Gift:
    return Gift(
        promotion_id=message.promotion_id,
        sku=message.sku,
        quantity=message.quantity,
        choices=tuple(message.choices),
    )


def _coupon_from_message(message: quote_pb2.CouponStatus) -> CouponStatus:
    return CouponStatus(
        code=message.code,
        status=STATUSES.get(message.status),
        reason=REASONS.get(message.reason),
        promotion_ids=tuple(message.promotion_ids),
    )
