"""Quotes as protobuf messages, and back."""

from __future__ import annotations

from google.protobuf import json_format
from google.protobuf.timestamp_pb2 import Timestamp

from engine.pricing.quote import Adjustment, Bucket, Quote, QuotedLayer, QuotedLine, QuotedShipment, Share
from engine.v1 import quote_pb2


def quote_to_message(quote: Quote) -> quote_pb2.Quote:
    """The message of a quote."""
    message = quote_pb2.Quote(
        cart_id=quote.cart_id,
        rule_set=quote.rule_set,
        rule_set_version=quote.rule_set_version,
        currency=quote.currency,
        valid_until=None if quote.valid_until is None else Timestamp(seconds=quote.valid_until),
        lines=[
            quote_pb2.QuotedLine(
                id=line.id,
                sku=line.sku,
                quantity=line.quantity,
                merchandise=line.merchandise,
                subtotal=line.subtotal,
                buckets=[quote_pb2.UnitBucket(price=each.price, quantity=each.quantity) for each in line.buckets],
            )
            for line in quote.lines
        ],
        shipments=[
            quote_pb2.QuotedShipment(id=each.id, method=each.method, price=each.price, charge=each.charge)
            for each in quote.shipments
        ],
        layers=[
            quote_pb2.QuotedLayer(
                name=layer.name,
                kind=layer.kind,
                adjustments=[_adjustment_message(adjustment) for adjustment in layer.adjustments],
                subtotal=layer.subtotal,
                shipping=layer.shipping,
            )
            for layer in quote.layers
        ],
        merchandise=quote.merchandise,
        subtotal=quote.subtotal,
        shipping_price=quote.shipping_price,
        shipping=quote.shipping,
        total=quote.total,
    )
    message.at.FromNanoseconds(quote.at)
    return message


def _adjustment_message(adjustment: Adjustment) -> quote_pb2.Adjustment:
    return quote_pb2.Adjustment(
        promotion_id=adjustment.promotion_id,
        promotion_name=adjustment.promotion_name,
        amount=adjustment.amount,
        ungranted=adjustment.ungranted,
        shares=[quote_pb2.Share(id=share.id, amount=share.amount) for share in adjustment.shares],
    )


def quote_bytes(quote: Quote) -> bytes:
    """The quote as sent: equal quotes give equal bytes."""
    return quote_to_message(quote).SerializeToString(deterministic=True)


def quote_json(quote: Quote) -> str:
    """The protobuf JSON mapping of ``engine.v1.Quote`` (int64 stand as texts), every field named."""
    return json_format.MessageToJson(
        quote_to_message(quote), always_print_fields_with_no_presence=True, ensure_ascii=False
    )


def quote_from_message(message: quote_pb2.Quote) -> Quote:
    """The quote a message stands for."""
    return Quote(
        cart_id=message.cart_id,
        rule_set=message.rule_set,
        rule_set_version=message.rule_set_version,
        currency=message.currency,
        at=message.at.ToNanoseconds(),
        valid_until=message.valid_until.seconds if message.HasField("valid_until") else None,
        lines=tuple(
            QuotedLine(
                id=line.id,
                sku=line.sku,
                quantity=line.quantity,
                merchandise=line.merchandise,
                subtotal=line.subtotal,
                buckets=tuple(Bucket(price=each.price, quantity=each.quantity) for each in line.buckets),
            )
            for line in message.lines
        ),
        shipments=tuple(
            QuotedShipment(id=each.id, method=each.method, price=each.price, charge=each.charge)
            for each in message.shipments
        ),
        layers=tuple(
            QuotedLayer(
                name=layer.name,
                kind=layer.kind,
                adjustments=tuple(_adjustment(each) for each in layer.adjustments),
                subtotal=layer.subtotal,
                shipping=layer.shipping,
            )
            for layer in message.layers
        ),
        merchandise=message.merchandise,
        subtotal=message.subtotal,
        shipping_price=message.shipping_price,
        shipping=message.shipping,
        total=message.total,
    )


def _adjustment(message: quote_pb2.Adjustment) -> Adjustment:
    return Adjustment(
        promotion_id=message.promotion_id,
        promotion_name=message.promotion_name,
        amount=message.amount,
        ungranted=message.ungranted,
        shares=tuple(Share(id=share.id, amount=share.amount) for share in message.shares),
    )
