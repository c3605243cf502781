"""Carts as protobuf messages, and back; what a message can say and a cart cannot is an `InvalidCart`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized

from google.protobuf.timestamp_pb2 import Timestamp

from engine.errors import InvalidCart, Violation
from engine.pricing.cart import (
    UNPRICED,
    AttributeValue,
    Cart,
    CouponFact,
    CouponState,
    Customer,
    Line,
    Rate,
    Shipment,
    Usage,
)
from engine.pricing.field_checks import too_many
from engine.pricing.validation import DEFAULT_LIMITS
from engine.service.messages.enums import STATE_NAMES, state_of
from engine.service.messages.parsing import parsed
from engine.store.catalogue import Product
from engine.v1 import cart_pb2, mutation_pb2


def parse_cart(data: bytes) -> cart_pb2.Cart:
    """Read a serialized ``engine.v1.Cart``; raises InvalidCart for bytes that are none."""
    return parsed(cart_pb2.Cart, data, InvalidCart, "cart")


def cart_from_message(message: cart_pb2.Cart, now: int, *, unpriced: bool = False) -> Cart:
    """The cart a message stands for; ``now`` (nanoseconds since 1970 UTC) is its moment when it sends none.

    ``unpriced``: its lines may leave their price to a catalogue.

    Raises InvalidCart with everything that the message says and a cart cannot; whether the cart makes sense is the
    business of `engine.pricing.validation`. Only its limits count here already, so that four megabytes of empty lines
    do not become two million objects first.
    """
    violations = [
        too_many(path, len(entries), limit) for path, entries, limit in _crowds(message) if len(entries) > limit
    ]
    if violations:
        raise InvalidCart(violations)
    cart = Cart(
        id=message.id,
        rule_set=message.rule_set,
        currency=message.currency,
        at=moment_from_message(message.at, "at", violations) if message.HasField("at") else now,
        lines=tuple(
            line_from_message(line, f"lines[{index}]", violations, unpriced=unpriced)
            for index, line in enumerate(message.lines)
        ),
        shipments=tuple(
            shipment_from_message(each, f"shipments[{index}]", violations)
            for index, each in enumerate(message.shipments)
        ),
        customer=customer_from_message(message.customer, "customer", violations)
        if message.HasField("customer")
        else None,
        channel=message.channel,
        payment_method=message.payment_method,
        coupons=tuple(message.coupons),
        declined_promotions=tuple(message.declined_promotions),
        usage=tuple(usage_from_message(each) for each in message.usage),
        coupon_facts=tuple(
            coupon_fact_from_message(each, f"coupon_facts[{index}]", violations)
            for index, each in enumerate(message.coupon_facts)
        ),
        explain=message.explain,
        compare_rates=message.compare_rates,
        attributes=attributes_from_messages(message.attributes, "attributes", violations),
    )
    if violations:
        raise InvalidCart(violations)
    return cart


def _crowds(message: cart_pb2.Cart) -> Iterator[tuple[str, Sized, int]]:
    yield "lines", message.lines, DEFAULT_LIMITS.lines
    yield "shipments", message.shipments, DEFAULT_LIMITS.shipments
    yield "usage", message.usage, DEFAULT_LIMITS.usage
    yield "coupon_facts", message.coupon_facts, DEFAULT_LIMITS.coupon_facts
    for index, shipment in enumerate(message.shipments[: DEFAULT_LIMITS.shipments]):
        yield f"shipments[{index}].rates", shipment.rates, DEFAULT_LIMITS.rates


def moment_from_message(timestamp: Timestamp, path: str, violations: list[Violation]) -> int:
    try:
        return timestamp.ToNanoseconds()
    except ValueError:
        violations.append(Violation(path, "must lie in the years 1 to 9999, its nanos between 0 and 999,999,999"))
        return 0


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
    """What is forgotten must not be free."""
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
    """What is not known must not be good."""
    state = state_of(message.state)
    if state is None:
        violations.append(Violation(f"{path}.state", "must be STATE_AVAILABLE, STATE_SPENT or STATE_UNVERIFIED"))
    return CouponFact(code=message.code, state=state or CouponState.UNVERIFIED, pool=message.pool)


def attributes_from_messages(
    values: Mapping[str, cart_pb2.AttributeValue], path: str, violations: list[Violation]
) -> dict[str, AttributeValue]:
    return {name: attribute_from_message(values[name], f"{path}.{name}", violations) for name in sorted(values)}


def attribute_from_message(message: cart_pb2.AttributeValue, path: str, violations: list[Violation]) -> AttributeValue:
    """The value of a free fact."""
    match message.WhichOneof("value"):
        case "text":
            return message.text
        case "number":
            return message.number
        case "flag":
            return message.flag
    violations.append(Violation(path, "has no value: give it a text, number or flag"))
    return ""


def cart_to_message(cart: Cart) -> cart_pb2.Cart:
    """The message that `cart_from_message` reads back as the same cart."""
    message = cart_pb2.Cart(
        id=cart.id,
        rule_set=cart.rule_set,
        currency=cart.currency,
        lines=[line_to_message(line) for line in cart.lines],
        shipments=[shipment_to_message(shipment) for shipment in cart.shipments],
        customer=None if cart.customer is None else customer_to_message(cart.customer),
        channel=cart.channel,
        payment_method=cart.payment_method,
        coupons=cart.coupons,
        declined_promotions=cart.declined_promotions,
        usage=[usage_to_message(usage) for usage in cart.usage],
        coupon_facts=[coupon_fact_to_message(fact) for fact in cart.coupon_facts],
        explain=cart.explain,
        compare_rates=cart.compare_rates,
        attributes=attributes_to_messages(cart.attributes),
    )
    message.at.FromNanoseconds(cart.at)
    return message


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
    """A line of which only the facts of a product are said."""
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
    """Raises TypeError for a value of any other type: sent without one, the fact would be taken out."""
    match value:
        case bool():
            return cart_pb2.AttributeValue(flag=value)
        case int():
            return cart_pb2.AttributeValue(number=value)
        case str():
            return cart_pb2.AttributeValue(text=value)
        case _:
            raise TypeError(f"{value!r} is no text, whole number, true or false")
