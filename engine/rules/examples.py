"""Examples with every name resolved, every amount exact, and a cart that can be priced (docs/pricing.md §10)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from engine.errors import InvalidCart
from engine.pricing.cart import (
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
from engine.pricing.quote import Status
from engine.pricing.validation import validate
from engine.rules import example_model, model
from engine.rules.amounts import is_listed, read_figure
from engine.rules.checked import Example, declaration
from engine.rules.checked_schedules import Zone
from engine.rules.conditions.environment import Environment
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar
from engine.rules.scalars import read_literal
from engine.rules.schedules import wall_clock
from engine.rules.zones import first_moment

_SECOND = 10**9
_BEFORE_SCHEDULES = -24 * 60 * 60 * _SECOND
"""Before any local time of 1970, when the first schedule may begin."""
_STEP = re.compile(r"[^.\[\]]+")


class Examples:
    """Resolves the examples of one rule set."""

    def __init__(self, rules: model.RuleSet, environment: Environment, zone: Zone, issues: Issues) -> None:
        promotions = [each for each in rules.promotions.values() if each is not None]
        schedules = [each.schedule for each in promotions]
        self._open_ended = any(each is not None and "from" not in each.written for each in schedules)
        coupons = [each.coupon for each in promotions if each.coupon is not None]
        self._pools: Mapping[str, None] = dict.fromkeys(each.pool for each in coupons if each.pool is not None)
        self._promotions: Mapping[str, None] = dict.fromkeys(rules.promotions)
        self._environment = environment
        self._declaration = declaration(environment.currencies, environment.attributes)
        self._zone = zone
        self._issues = issues

    def resolve(self, written: example_model.Example) -> Example | None:
        """None, with an issue added, when the cart has no currency for its amounts."""
        currency = self._currency(written.cart)
        if currency is None:
            return None
        reader = _Reader(currency, self._environment, self._issues)
        cart = reader.cart(written.name, self._moment(written.cart), written.cart)
        self._validate(cart, written)
        self._check_known("line", written.lines, dict.fromkeys(line.id for line in cart.lines if not line.gift_of))
        gifts = [line.gift_of for line in written.cart.lines if line.gift_of is not None]
        self._check_known("promotion", [*(written.applied or ()), *written.cart.usage, *gifts], self._promotions)
        pools = [each.pool for each in written.cart.coupon_facts.values() if each.pool is not None]
        self._check_known("pool", pools, self._pools)
        self._check_known("coupon", written.coupons, dict.fromkeys(cart.coupons))
        return Example(
            name=written.name,
            cart=cart,
            total=reader.amount(written.total),
            subtotal=reader.optional(written.subtotal),
            shipping=reader.optional(written.shipping),
            lines=tuple((id.text, reader.amount(figure)) for id, figure in written.lines.items()),
            applied=None if written.applied is None else tuple(id.text for id in written.applied),
            points=written.points,
            credit=reader.optional(written.credit),
            gifts=None if written.gifts is None else tuple((sku.text, each) for sku, each in written.gifts.items()),
            coupons=tuple((code.text, Status(status)) for code, status in written.coupons.items()),
        )

    def _currency(self, written: example_model.Cart) -> str | None:
        known = self._environment.currencies
        if written.currency is not None:
            return written.currency.text if is_listed(written.currency, known, self._issues) else None
        if len(known) == 1:
            return known[0]
        if "currency" not in written.written:
            self._issues.missing_key(written.place(), "currency")
        return None

    def _moment(self, written: example_model.Cart) -> int:
        if written.at is not None:
            return first_moment(self._zone, wall_clock(written.at)) * _SECOND
        if self._open_ended and "at" not in written.written:
            self._issues.missing_key(written.place(), "at")
        return _BEFORE_SCHEDULES

    def _validate(self, cart: Cart, written: example_model.Example) -> None:
        try:
            validate(cart, self._declaration)
        except InvalidCart as error:
            for each in error.violations:
                path = [int(step) if step.isdigit() else step for step in _STEP.findall(each.field)]
                self._issues.invalid_cart(written.cart.place(*path), each.field, each.description)

    def _check_known(self, what: str, names: Iterable[Scalar], known: Mapping[str, None]) -> None:
        for name in names:
            if name not in known:
                self._issues.unknown_name(name.place, what, name, known)


class _Reader:
    """Reads a cart with amounts in one currency. A mistaken amount counts as 0: its issue is added."""

    def __init__(self, currency: str, environment: Environment, issues: Issues) -> None:
        self._currency = currency
        self._types = environment.facts
        self._issues = issues

    def amount(self, written: Scalar) -> int:
        return read_figure(written, self._currency, self._issues) or 0

    def optional(self, written: Scalar | None) -> int | None:
        return None if written is None else self.amount(written)

    def cart(self, id: str, at: int, written: example_model.Cart) -> Cart:
        return Cart(
            id=id,
            currency=self._currency,
            at=at,
            lines=tuple(map(self._line, written.lines)),
            shipments=tuple(map(self._shipment, written.shipments)),
            customer=None if written.customer is None else self._customer(written.customer),
            channel=written.channel,
            payment_method=written.payment_method,
            coupons=written.coupons,
            declined_promotions=written.declined_promotions,
            usage=tuple(self._usage(id.text, each) for id, each in written.usage.items()),
            coupon_facts=tuple(
                CouponFact(
                    code=code.text,
                    state=CouponState(each.state),
                    pool="" if each.pool is None else each.pool.text,
                )
                for code, each in written.coupon_facts.items()
            ),
            attributes=self._attributes("cart", written.attributes),
        )

    def _line(self, written: example_model.Line) -> Line:
        return Line(
            id=written.id,
            sku=written.sku,
            quantity=written.quantity,
            price=self.amount(written.price),
            list_price=self.optional(written.list_price),
            cost=self.optional(written.cost),
            minimum_price=self.optional(written.minimum_price),
            weight=written.weight,
            category=written.category,
            brand=written.brand,
            tags=written.tags,
            attributes=self._attributes("item", written.attributes),
            shipment_id=written.shipment,
            discountable=written.discountable,
            gift_of="" if written.gift_of is None else written.gift_of.text,
        )

    def _usage(self, promotion_id: str, written: example_model.Usage) -> Usage:
        return Usage(
            promotion_id=promotion_id,
            total=written.total,
            customer=written.customer,
            codes={code.text: count for code, count in written.codes.items()},
            spent=self.optional(written.spent) or 0,
        )

    def _shipment(self, written: example_model.Shipment) -> Shipment:
        return Shipment(
            id=written.id,
            country=written.country,
            region=written.region,
            postal_code=written.postal_code,
            store=written.store,
            pickup=bool(written.store),
            method=written.method,
            rates=tuple(
                Rate(method=each.method, price=self.amount(each.price), carrier=each.carrier, speed=each.speed)
                for each in written.rates
            ),
        )

    def _customer(self, written: example_model.Customer) -> Customer:
        return Customer(
            id=written.id,
            tier=written.tier,
            segments=written.segments,
            orders=written.orders,
            lifetime_spend=self.optional(written.lifetime_spend),
            points=written.points,
            attributes=self._attributes("customer", written.attributes),
        )

    def _attributes(self, subject: str, written: example_model.AttributeValues) -> dict[str, AttributeValue]:
        types = self._types[f"{subject}.attributes"]
        values: dict[str, AttributeValue] = {}
        for name, value in written.items():
            if name not in types:
                self._issues.unknown_name(name.place, "attribute", name, types)
            elif (read := read_literal(value, types[name], self._issues)) is not None:
                values[name.text] = read
        return values
