"""The parts that carts and mutations share, as protobuf messages, and back: lines, shipments, customers, facts.

What a message can express and a cart cannot is added to the violations; the value returned for it is never used.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import Violation
from engine.pricing.cart import (
    UNPRICED,
    AttributeValue,
    CouponFact,
    CouponState,
    Customer,
    Line,
    Rate,
    Shipment,
    Usage,
)
from engine.service.messages.enums import STATE_NAMES, STATES
from engine.store.catalogue import Product
from engine.v1 import cart_pb2, mutation_pb2


def line_from_message(message: cart_pb2.Line, path: str, violations: list[Violation], *, unpriced: bool) -> Line:
    return Line(
        id=message.id,
        sku=message.sku,
        quantity=message.quantity,
        price=price_from_message(message, path, violations, unpriced=unpriced),
        list_price=message.list_price if message.HasField("list_price") else None,
        cost=message.cost if message.HasField("cost") else None,
        minimum_price=message.minimum_price if message.HasField("minimum_price") else None,
        weight=message.weight if message.HasField("weight") else None,
        category=message.category,
        brand=message.brand,
        tags=tuple(message.tags),
        attributes=attributes_from_messages(message.attributes, f"{path}.attributes", violations),
        shipment_id=message.shipment_id,
        discountable=message.discountable if message.HasField("discountable") else True,
        gift_of=message.gift_of,
    )


def price_from_message(
    message: cart_pb2.Line | cart_pb2.Rate | mutation_pb2.SetPrice,
    path: str,
    violations: list[Violation],
    *,
    unpriced: bool = False,
) -> int:
    """A forgotten price must not mean free."""
    if not message.HasField("price"):
        if unpriced:
            return UNPRICED
        violations.append(Violation(f"{path}.price", "is missing"))
    return message.price


def shipment_from_message(message: cart_pb2.Shipment, path: str, violations: list[Violation]) -> Shipment:
    return Shipment(
        id=message.id,
        country=message.address.country,
        region=message.address.region,
        postal_code=message.address.postal_code,
        store=message.pickup.store,
        pickup=message.HasField("pickup"),
        method=message.method,
        rates=tuple(
            Rate(
                method=rate.method,
                carrier=rate.carrier,
                speed=rate.speed,
                price=price_from_message(rate, f"{path}.rates[{index}]", violations),
            )
            for index, rate in enumerate(message.rates)
        ),
    )


def customer_from_message(message: cart_pb2.Customer, path: str, violations: list[Violation]) -> Customer:
    return Customer(
        id=message.id,
        tier=message.tier,
        segments=tuple(message.segments),
        orders=message.orders if message.HasField("orders") else None,
        lifetime_spend=message.lifetime_spend if message.HasField("lifetime_spend") else None,
        points=message.points if message.HasField("points") else None,
        attributes=attributes_from_messages(message.attributes, f"{path}.attributes", violations),
    )


def usage_from_message(message: cart_pb2.Usage) -> Usage:
    return Usage(
        promotion_id=message.promotion_id,
        total=message.total,
        customer=message.customer,
        codes=dict(message.codes),
        spent=message.spent,
    )


def coupon_fact_from_message(message: cart_pb2.CouponFact, path: str, violations: list[Violation]) -> CouponFact:
    """A forgotten state must not mean available."""
    state = STATES.get(message.state)
    if state is None:
        violations.append(Violation(f"{path}.state", "must be STATE_AVAILABLE, STATE_SPENT or STATE_UNVERIFIED"))
    return CouponFact(code=message.code, state=state or CouponState.UNVERIFIED, pool=message.pool)


def attributes_from_messages(
    values: Mapping[str, cart_pb2.AttributeValue], path: str, violations: list[Violation]
) -> dict[str, AttributeValue]:
    return {name: attribute_from_message(values[name], f"{path}.{name}", violations) for name in sorted(values)}


def attribute_from_message(message: cart_pb2.AttributeValue, path: str, violations: list[Violation]) -> AttributeValue:
    """The value of an attribute."""
    match message.WhichOneof("value"):
        case "text":
            return message.text
        case "number":
            return message.number
        case "flag":
            return message.flag
    violations.append(Violation(path, "has no value: set text, number or flag"))
    return ""


def line_to_message(line: Line) -> cart_pb2.Line:
    return cart_pb2.Line(
        id=line.id,
        sku=line.sku,
        quantity=line.quantity,
        price=None if line.price == UNPRICED else line.price,
        list_price=line.list_price,
        cost=line.cost,
        minimum_price=line.minimum_price,
        weight=line.weight,
        category=line.category,
        brand=line.brand,
        tags=line.tags,
        attributes=attributes_to_messages(line.attributes),
        shipment_id=line.shipment_id,
        discountable=line.discountable,
        gift_of=line.gift_of,
    )


def product_to_message(product: Product) -> cart_pb2.Line:
    """A line with only the fields of a product."""
    return cart_pb2.Line(
        price=product.price,
        list_price=product.list_price,
        cost=product.cost,
        minimum_price=product.minimum_price,
        weight=product.weight,
        category=product.category,
        brand=product.brand,
        tags=product.tags,
        attributes=attributes_to_messages(product.attributes),
    )


def shipment_to_message(shipment: Shipment) -> cart_pb2.Shipment:
    message = cart_pb2.Shipment(
        id=shipment.id,
        method=shipment.method,
        rates=[
            cart_pb2.Rate(method=rate.method, carrier=rate.carrier, speed=rate.speed, price=rate.price)
            for rate in shipment.rates
        ],
    )
    if shipment.pickup:
        message.pickup.CopyFrom(cart_pb2.Pickup(store=shipment.store))
    else:
        message.address.CopyFrom(
            cart_pb2.Address(country=shipment.country, region=shipment.region, postal_code=shipment.postal_code)
        )
    return message


def customer_to_message(customer: Customer) -> cart_pb2.Customer:
    return cart_pb2.Customer(
        id=customer.id,
        tier=customer.tier,
        segments=customer.segments,
        orders=customer.orders,
        lifetime_spend=customer.lifetime_spend,
        points=customer.points,
        attributes=attributes_to_messages(customer.attributes),
    )


def usage_to_message(usage: Usage) -> cart_pb2.Usage:
    return cart_pb2.Usage(
        promotion_id=usage.promotion_id,
        total=usage.total,
        customer=usage.customer,
        codes=usage.codes,
        spent=usage.spent,
    )


def coupon_fact_to_message(fact: CouponFact) -> cart_pb2.CouponFact:
    return cart_pb2.CouponFact(code=fact.code, pool=fact.pool, state=STATE_NAMES[fact.state])


def attributes_to_messages(attributes: Mapping[str, AttributeValue]) -> dict[str, cart_pb2.AttributeValue]:
    return {name: attribute_to_message(value) for name, value in attributes.items()}


def attribute_to_message(value: AttributeValue) -> cart_pb2.AttributeValue:
    """Raises TypeError for a value of any other type, because an empty message would remove the attribute."""
    match value:
        case bool():
            return cart_pb2.AttributeValue(flag=value)
        case int():
            return cart_pb2.AttributeValue(number=value)
        case str():
            return cart_pb2.AttributeValue(text=value)
        case _:
            raise TypeError(f"{value!r} must be a string, a whole number, or true or false")
