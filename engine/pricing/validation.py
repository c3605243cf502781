"""Refuses a cart that cannot be priced (docs/pricing.md §3), with every violation at once and the path of its field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engine.errors import InvalidCart, UnknownCurrency
from engine.money import MAX_AMOUNT, exponent
from engine.pricing.cart import UNPRICED, AttributeValue, Cart, CouponFact, CouponState, Customer, Line, Shipment, Usage
from engine.pricing.field_checks import FieldChecks

MAX_QUANTITY = 1_000_000
MAX_WEIGHT = 10**9
"""Grams per unit."""
MAX_COUNT = 10**15
"""Redemptions of a promotion."""

_MAX_INT = 2**63 - 1
FIRST_MOMENT = -62_104_060_800 * 10**9
LAST_MOMENT = 253_339_228_800 * 10**9 - 1
"""Nanoseconds since 1970 of the years 2 and 9997: the clocks of every zone, and the next change of a schedule, stay
within the years 1 to 9999."""

_TYPE_NAMES = {str: "a string", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Declaration:
    """What a rule set expects of a cart: one of its currencies, and the attributes it declares.

    ``attributes`` holds str, int or bool by subject (``item``, ``customer``, ``cart``) and name.
    """

    currencies: tuple[str, ...]
    attributes: Mapping[tuple[str, str], type]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one cart may hold; ``text`` is in characters, ``violations`` is how many are reported."""

    lines: int = 2_000
    shipments: int = 100
    rates: int = 100
    coupons: int = 100
    coupon_facts: int = 100
    declined_promotions: int = 1_000
    usage: int = 10_000
    segments: int = 1_000
    tags: int = 100
    attributes: int = 100
    text: int = 1_000
    violations: int = 50


CART_LIMITS = Limits()

_EMPTY = Cart(id="", currency="", at=0)  # valid, and shares nothing with any cart


def validate(cart: Cart, declaration: Declaration, variant_of: Cart | None = None) -> None:
    """Raises InvalidCart with every violation; only the first `CART_LIMITS.violations` are described.

    ``variant_of`` has passed validation; objects that both carts share are not checked again.
    """
    fields = FieldChecks(CART_LIMITS.text, CART_LIMITS.violations)
    _Check(declaration, fields).cart(cart, variant_of or _EMPTY)
    violations = fields.report()
    if violations:
        raise InvalidCart(violations)


class _Check:
    """One walk over a cart."""

    def __init__(self, declaration: Declaration, fields: FieldChecks) -> None:
        self._declaration = declaration
        self._items_declare = any(subject == "item" for subject, _ in declaration.attributes)
        self._fields = fields

    def cart(self, cart: Cart, known: Cart) -> None:
        """Objects shared with a cart that is ``known`` to be valid are skipped."""
        self._currency(cart.currency)
        if not FIRST_MOMENT <= cart.at <= LAST_MOMENT:
            self._fields.add("at", "must be in the years 2 to 9997")
        self._fields.texts(
            "", id=cart.id, rule_set=cart.rule_set, channel=cart.channel, payment_method=cart.payment_method
        )
        if cart.coupons is not known.coupons:
            self._fields.text_list("coupons", cart.coupons, CART_LIMITS.coupons)
        if cart.declined_promotions is not known.declined_promotions:
            self._fields.text_list("declined_promotions", cart.declined_promotions, CART_LIMITS.declined_promotions)
        if cart.usage is not known.usage:
            self._usage(cart.usage)
        if cart.coupon_facts is not known.coupon_facts:
            self._coupon_facts(cart.coupon_facts)
        if cart.attributes is not known.attributes:
            self._attributes("", "cart", cart.attributes)
        if cart.customer is not None and cart.customer is not known.customer:
            self._customer(cart.customer)
        shipments_known = cart.shipments is known.shipments
        if not shipments_known:
            self._shipments(cart.shipments)
        if self._fields.size("lines", cart.lines, CART_LIMITS.lines):
            self._fields.ids("lines", [line.id for line in cart.lines])
            known_lines = known.lines if shipments_known else ()
            self._lines(cart.lines, {"", *(shipment.id for shipment in cart.shipments)}, known_lines)

    def _currency(self, currency: str) -> None:
        if currency in self._declaration.currencies:
            return
        known = ", ".join(self._declaration.currencies)
        if not currency:
            self._fields.add("currency", f"is missing; use {known}")
            return
        try:
            exponent(currency)
        except UnknownCurrency as error:
            self._fields.add("currency", f"{error}; use {known}")
        else:
            self._fields.add("currency", f"{currency} is not a currency of this rule set; use {known}")

    def _customer(self, customer: Customer) -> None:
        self._fields.texts("customer.", id=customer.id, tier=customer.tier)
        self._fields.text_list("customer.segments", customer.segments, CART_LIMITS.segments)
        self._fields.whole("customer.orders", customer.orders, 0, _MAX_INT)
        self._fields.whole("customer.lifetime_spend", customer.lifetime_spend, 0, MAX_AMOUNT)
        self._fields.whole("customer.points", customer.points, -_MAX_INT - 1, _MAX_INT)
        self._attributes("customer.", "customer", customer.attributes)

    def _usage(self, usages: Sequence[Usage]) -> None:
        if not self._fields.size("usage", usages, CART_LIMITS.usage):
            return
        self._fields.ids("usage", [usage.promotion_id for usage in usages], "promotion_id")
        for index, usage in enumerate(usages):
            path = f"usage[{index}]."
            self._fields.texts(path, promotion_id=usage.promotion_id)
            self._fields.whole(f"{path}total", usage.total, 0, MAX_COUNT)
            self._fields.whole(f"{path}customer", usage.customer, 0, MAX_COUNT)
            self._fields.whole(f"{path}spent", usage.spent, 0, MAX_AMOUNT)
            if self._fields.size(f"{path}codes", usage.codes, CART_LIMITS.usage):
                for code, count in usage.codes.items():
                    self._fields.text(f"{path}codes", code)
                    self._fields.whole(f"{path}codes.{code}", count, 0, MAX_COUNT)

    def _coupon_facts(self, facts: Sequence[CouponFact]) -> None:
        if not self._fields.size("coupon_facts", facts, CART_LIMITS.coupon_facts):
            return
        self._fields.ids("coupon_facts", [fact.code for fact in facts], "code")
        for index, fact in enumerate(facts):
            path = f"coupon_facts[{index}]."
            self._fields.texts(path, code=fact.code, pool=fact.pool)
            if not fact.pool and fact.state is not CouponState.UNVERIFIED:
                self._fields.add(f"{path}pool", "is missing")

    def _shipments(self, shipments: Sequence[Shipment]) -> None:
        if not self._fields.size("shipments", shipments, CART_LIMITS.shipments):
            return
        self._fields.ids("shipments", [shipment.id for shipment in shipments])
        chosen = 0
        for index, shipment in enumerate(shipments):
            path = f"shipments[{index}]."
            self._fields.texts(
                path,
                id=shipment.id,
                country=shipment.country,
                region=shipment.region,
                postal_code=shipment.postal_code,
                store=shipment.store,
                method=shipment.method,
            )
            if shipment.pickup and (shipment.country or shipment.region or shipment.postal_code):
                self._fields.add(
                    f"{path}pickup", "cannot be combined with an address: a shipment goes to a store or to an address"
                )
            if self._fields.size(f"{path}rates", shipment.rates, CART_LIMITS.rates):
                chosen += self._rates(path, shipment)
        if chosen > MAX_AMOUNT:
            self._fields.add("shipments", f"the chosen rates add up to more than {MAX_AMOUNT:,} minor units")

    def _rates(self, path: str, shipment: Shipment) -> int:
        """The price of the one that is chosen."""
        chosen = 0
        methods = set()
        for index, rate in enumerate(shipment.rates):
            place = f"{path}rates[{index}]."
            self._fields.texts(place, method=rate.method, carrier=rate.carrier, speed=rate.speed)
            self._fields.whole(f"{place}price", rate.price, 0, MAX_AMOUNT)
            if not rate.method:
                self._fields.add(f"{place}method", "is missing")
            elif rate.method in methods:
                self._fields.add(f"{place}method", f"{rate.method!r} is used more than once in this shipment")
            elif rate.method == shipment.method:
                chosen += rate.price
            methods.add(rate.method)
        if shipment.method and shipment.method not in methods:
            self._fields.add(f"{path}method", f"{shipment.method!r} is not the method of any of its rates")
        return chosen

    def _lines(self, lines: Sequence[Line], shipment_ids: Collection[str], known: Sequence[Line]) -> None:
        # Runs over every line of every cart, so the common case is one comparison per field.
        text_limit, tag_limit, attribute_limit = CART_LIMITS.text, CART_LIMITS.tags, CART_LIMITS.attributes
        items_declare = self._items_declare
        known_count = len(known)
        goods = 0
        for index, line in enumerate(lines):
            quantity, price = line.quantity, line.price
            goods += quantity * price
            if index < known_count and line is known[index]:
                continue
            if not 1 <= quantity <= MAX_QUANTITY:
                self._fields.outside(f"lines[{index}].quantity", quantity, 1, MAX_QUANTITY)
            if not 0 <= price <= MAX_AMOUNT:
                self._price(f"lines[{index}].price", price)
            if (amount := line.list_price) is not None and not 0 <= amount <= MAX_AMOUNT:
                self._fields.outside(f"lines[{index}].list_price", amount, 0, MAX_AMOUNT)
            if (amount := line.cost) is not None and not 0 <= amount <= MAX_AMOUNT:
                self._fields.outside(f"lines[{index}].cost", amount, 0, MAX_AMOUNT)
            if (amount := line.minimum_price) is not None and not 0 <= amount <= MAX_AMOUNT:
                self._fields.outside(f"lines[{index}].minimum_price", amount, 0, MAX_AMOUNT)
            if (weight := line.weight) is not None and not 0 <= weight <= MAX_WEIGHT:
                self._fields.outside(f"lines[{index}].weight", weight, 0, MAX_WEIGHT)
            if not line.sku:
                self._fields.add(f"lines[{index}].sku", "is missing")
            if line.shipment_id not in shipment_ids:
                self._fields.add(f"lines[{index}].shipment_id", f"{line.shipment_id!r} is not a shipment of this cart")
            text = f"{line.id}{line.sku}{line.category}{line.brand}{line.gift_of}"
            if len(text) > text_limit or not text.isascii():
                self._fields.texts(
                    f"lines[{index}].",
                    id=line.id,
                    sku=line.sku,
                    category=line.category,
                    brand=line.brand,
                    gift_of=line.gift_of,
                )
            if line.tags:
                self._fields.text_list(f"lines[{index}].tags", line.tags, tag_limit)
            if items_declare or len(line.attributes) > attribute_limit:
                self._attributes(f"lines[{index}].", "item", line.attributes)
        if goods > MAX_AMOUNT:
            self._fields.add("lines", f"price × quantity adds up to more than {MAX_AMOUNT:,} minor units")

    def _price(self, path: str, price: int) -> None:
        if price == UNPRICED:
            self._fields.add(path, "is missing")
        else:
            self._fields.outside(path, price, 0, MAX_AMOUNT)

    def _attributes(self, path: str, subject: str, attributes: Mapping[str, AttributeValue]) -> None:
        if not self._fields.size(f"{path}attributes", attributes, CART_LIMITS.attributes):
            return
        for name, value in attributes.items():
            declared = self._declaration.attributes.get((subject, name))
            if declared is None:
                continue
            field = f"{path}attributes.{name}"
            if type(value) is not declared:
                self._fields.add(field, f"must be {_TYPE_NAMES[declared]}, as the rule set declares it")
            elif isinstance(value, str):
                self._fields.text(field, value)
            else:
                self._fields.whole(field, value, -_MAX_INT - 1, _MAX_INT)
