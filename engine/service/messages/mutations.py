"""Mutations as protobuf messages, and back; a message that cannot be a mutation is an `InvalidMutation`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from google.protobuf.timestamp_pb2 import Timestamp

from engine.errors import InvalidMutation, Violation
from engine.pricing.cart import UNPRICED
from engine.pricing.field_checks import too_many
from engine.pricing.mutations import (
    MAX_MUTATIONS,
    MAX_VIOLATIONS,
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    RemoveShipment,
    SetAt,
    SetAttribute,
    SetChannel,
    SetCouponFact,
    SetCustomer,
    SetDeclined,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetShipment,
    SetUsage,
)
from engine.pricing.validation import CART_LIMITS
from engine.service.messages.cart_parts import (
    attribute_from_message,
    attribute_to_message,
    coupon_fact_from_message,
    coupon_fact_to_message,
    customer_from_message,
    customer_to_message,
    line_from_message,
    line_to_message,
    price_from_message,
    shipment_from_message,
    shipment_to_message,
    usage_from_message,
    usage_to_message,
)
from engine.service.messages.parsing import moment_from_message
from engine.v1 import mutation_pb2


def mutations_from_messages(
    messages: Sequence[mutation_pb2.Mutation], *, unpriced: bool = False
) -> tuple[Mutation, ...]:
    """The mutations in messages; raises InvalidMutation with everything that a mutation cannot express.

    ``unpriced``: lines may leave their price to a catalogue.
    """
    if len(messages) > MAX_MUTATIONS:
        raise InvalidMutation([too_many("mutations", len(messages), MAX_MUTATIONS)])
    violations: list[Violation] = []
    mutations = [
        _mutation(message, f"mutations[{index}]", violations, unpriced) for index, message in enumerate(messages)
    ]
    if violations:
        raise InvalidMutation(violations[:MAX_VIOLATIONS])
    return tuple(mutations)


def _mutation(message: mutation_pb2.Mutation, path: str, violations: list[Violation], unpriced: bool) -> Mutation:
    """If a violation is added, the mutation returned is never used."""
    kind = message.WhichOneof("kind")
    path = f"{path}.{kind}"
    match kind:
        case "set_line":
            return SetLine(line_from_message(message.set_line, path, violations, unpriced=unpriced))
        case "remove_line":
            return RemoveLine(message.remove_line)
        case "set_quantity":
            if not message.set_quantity.HasField("quantity"):
                violations.append(Violation(f"{path}.quantity", "is missing"))
            return SetQuantity(message.set_quantity.line_id, message.set_quantity.quantity)
        case "set_price":
            price = price_from_message(message.set_price, path, violations, unpriced=unpriced)
            return SetPrice(message.set_price.line_id, price)
        case "attach_coupon":
            return AttachCoupon(message.attach_coupon)
        case "detach_coupon":
            return DetachCoupon(message.detach_coupon)
        case "set_customer":
            return SetCustomer(customer_from_message(message.set_customer, path, violations))
        case "clear_customer":
            return SetCustomer(None)
        case "set_shipment":
            return _set_shipment(message, path, violations)
        case "remove_shipment":
            return RemoveShipment(message.remove_shipment)
        case "choose_rate":
            return ChooseRate(message.choose_rate.shipment_id, message.choose_rate.method)
        case "set_payment_method":
            return SetPaymentMethod(message.set_payment_method)
        case "set_channel":
            return SetChannel(message.set_channel)
        case "set_at":
            return SetAt(moment_from_message(message.set_at, path, violations))
        case "set_usage":
            return SetUsage(usage_from_message(message.set_usage))
        case "set_coupon_fact":
            return SetCouponFact(coupon_fact_from_message(message.set_coupon_fact, path, violations))
        case "set_attribute":
            return _set_attribute(message.set_attribute, path, violations)
        case "set_declined":
            return SetDeclined(tuple(message.set_declined.promotion_ids))
    violations.append(
        Violation(path.removesuffix(f".{kind}"), "has no kind that this service knows: set one, or update the service")
    )
    return SetChannel("")


def _set_shipment(message: mutation_pb2.Mutation, path: str, violations: list[Violation]) -> SetShipment:
    rates = len(message.set_shipment.rates)
    if rates > CART_LIMITS.rates:
        raise InvalidMutation([*violations[:MAX_VIOLATIONS], too_many(f"{path}.rates", rates, CART_LIMITS.rates)])
    return SetShipment(shipment_from_message(message.set_shipment, path, violations))


def _set_attribute(message: mutation_pb2.SetAttribute, path: str, violations: list[Violation]) -> SetAttribute:
    if not message.HasField("value"):
        return SetAttribute(message.name, None)
    return SetAttribute(message.name, attribute_from_message(message.value, f"{path}.value", violations))


def mutation_to_message(mutation: Mutation) -> mutation_pb2.Mutation:
    """The message that `mutations_from_messages` reads back as the same mutation."""
    match mutation:
        case SetLine(line):
            return mutation_pb2.Mutation(set_line=line_to_message(line))
        case RemoveLine(line_id):
            return mutation_pb2.Mutation(remove_line=line_id)
        case SetQuantity(line_id, quantity):
            return mutation_pb2.Mutation(set_quantity=mutation_pb2.SetQuantity(line_id=line_id, quantity=quantity))
        case SetPrice(line_id, price):
            sent_price = None if price == UNPRICED else price
            return mutation_pb2.Mutation(set_price=mutation_pb2.SetPrice(line_id=line_id, price=sent_price))
        case AttachCoupon(code):
            return mutation_pb2.Mutation(attach_coupon=code)
        case DetachCoupon(code):
            return mutation_pb2.Mutation(detach_coupon=code)
        case SetCustomer(customer):
            if customer is None:
                return mutation_pb2.Mutation(clear_customer=mutation_pb2.ClearCustomer())
            return mutation_pb2.Mutation(set_customer=customer_to_message(customer))
        case SetShipment(shipment):
            return mutation_pb2.Mutation(set_shipment=shipment_to_message(shipment))
        case RemoveShipment(shipment_id):
            return mutation_pb2.Mutation(remove_shipment=shipment_id)
        case ChooseRate(shipment_id, method):
            return mutation_pb2.Mutation(choose_rate=mutation_pb2.ChooseRate(shipment_id=shipment_id, method=method))
        case SetPaymentMethod(payment_method):
            return mutation_pb2.Mutation(set_payment_method=payment_method)
        case SetChannel(channel):
            return mutation_pb2.Mutation(set_channel=channel)
        case SetAt(at):
            moment = Timestamp()
            moment.FromNanoseconds(at)
            return mutation_pb2.Mutation(set_at=moment)
        case SetUsage(usage):
            return mutation_pb2.Mutation(set_usage=usage_to_message(usage))
        case SetCouponFact(fact):
            return mutation_pb2.Mutation(set_coupon_fact=coupon_fact_to_message(fact))
        case SetAttribute(name, value):
            sent = None if value is None else attribute_to_message(value)
            return mutation_pb2.Mutation(set_attribute=mutation_pb2.SetAttribute(name=name, value=sent))
        case SetDeclined(promotion_ids):
            return mutation_pb2.Mutation(set_declined=mutation_pb2.SetDeclined(promotion_ids=promotion_ids))
        case _:
            assert_never(mutation)
