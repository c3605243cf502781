"""Reading carts that are Python objects into sent carts; nothing else reads such objects."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport Type
from engine._native.basket cimport Number, Text
from engine._native.sent cimport (
    ABSENT, SECOND, FactState, SentAttribute, SentCart, SentCouponFact, SentCustomer, SentLine, SentRate, SentShipment,
    SentUsage, SentUses, Slice,
)
from engine._native.store cimport (
    SentStore, new_attribute, new_coupon_fact, new_line, new_rate, new_shipment, new_text, new_usage, new_uses,
)
from engine._native.texts cimport encoded

from operator import attrgetter

from engine.pricing.cart import CouponState

# Texts order by code point, which is the order of their UTF-8 bytes.
BY_ID = attrgetter("id")
STATES = {
    CouponState.AVAILABLE: <int>FactState.AVAILABLE,
    CouponState.SPENT: <int>FactState.SPENT,
    CouponState.UNVERIFIED: <int>FactState.UNVERIFIED_CODE,
}


cdef class Reader:
    """Reads one cart; its texts point into the Python objects, which the store keeps alive."""

    cdef SentStore store
    cdef SentCart* sent           # that of the store

    cdef int read(self, object cart) except -1:
        cdef SentCart* sent = self.sent
        self.store.clear()
        sent.id = self.text(cart.id)
        sent.rule_set = self.text(cart.rule_set)
        sent.currency = self.text(cart.currency)
        sent.channel = self.text(cart.channel)
        sent.payment_method = self.text(cart.payment_method)
        sent.second, sent.nanosecond = divmod(cart.at, SECOND)
        sent.moment_sent = True
        sent.explain = cart.explain
        sent.compare_rates = cart.compare_rates
        sent.coupons = self.texts(cart.coupons)
        sent.declined = self.texts(cart.declined_promotions)
        sent.own_attributes = self.attributes(cart.attributes)
        self.customer(cart.customer)
        for line in sorted(cart.lines, key=BY_ID):
            self.line(new_line(self.store), line)
        for shipment in sorted(cart.shipments, key=BY_ID):
            self.shipment(new_shipment(self.store), shipment)
        for usage in cart.usage:
            self.usage(new_usage(self.store), usage)
        for fact in cart.coupon_facts:
            self.coupon_fact(new_coupon_fact(self.store), fact)
        return 0

    cdef int line(self, SentLine* sent, object line) except -1:
        sent.id = self.text(line.id)
        sent.sku = self.text(line.sku)
        sent.category = self.text(line.category)
        sent.brand = self.text(line.brand)
        sent.shipment_id = self.text(line.shipment_id)
        sent.gift_of = self.text(line.gift_of)
        sent.quantity = whole(line.quantity)
        sent.price = whole(line.price)
        sent.list_price = whole_or_absent(line.list_price)
        sent.cost = whole_or_absent(line.cost)
        sent.minimum_price = whole_or_absent(line.minimum_price)
        sent.weight = whole_or_absent(line.weight)
        sent.tags = self.texts(line.tags)
        sent.attributes = self.attributes(line.attributes)
        sent.discountable = line.discountable
        sent.segments = Slice(0, 0)
        sent.matched = False
        return 0

    cdef int shipment(self, SentShipment* sent, object shipment) except -1:
        cdef SentRate* rate
        sent.id = self.text(shipment.id)
        sent.country = self.text(shipment.country)
        sent.region = self.text(shipment.region)
        sent.postal_code = self.text(shipment.postal_code)
        sent.store = self.text(shipment.store)
        sent.method = self.text(shipment.method)
        sent.pickup = shipment.pickup
        sent.rates.first = self.sent.rate_count
        for each in shipment.rates:
            rate = new_rate(self.store)
            rate.method = self.text(each.method)
            rate.carrier = self.text(each.carrier)
            rate.speed = self.text(each.speed)
            rate.price = whole(each.price)
        sent.rates.count = self.sent.rate_count - sent.rates.first
        return 0

    cdef int customer(self, object customer) except -1:
        cdef SentCustomer* sent = &self.sent.customer
        sent.present = customer is not None
        if not sent.present:
            return 0
        sent.id = self.text(customer.id)
        sent.tier = self.text(customer.tier)
        sent.orders = number(customer.orders)
        sent.lifetime_spend = number(customer.lifetime_spend)
        sent.points = number(customer.points)
        sent.segments = self.texts(customer.segments)
        sent.attributes = self.attributes(customer.attributes)
        return 0

    cdef int usage(self, SentUsage* sent, object usage) except -1:
        cdef SentUses* uses
        sent.promotion_id = self.text(usage.promotion_id)
        sent.total = whole(usage.total)
        sent.customer = whole(usage.customer)
        sent.spent = whole(usage.spent)
        sent.codes.first = self.sent.use_count
        for code, times in usage.codes.items():
            uses = new_uses(self.store)
            uses.code = self.entry(code)
            uses.count = whole(times)
        sent.codes.count = self.sent.use_count - sent.codes.first
        return 0

    cdef int coupon_fact(self, SentCouponFact* sent, object fact) except -1:
        sent.code = self.text(fact.code)
        sent.pool = self.text(fact.pool)
        sent.state = <FactState><int>STATES[fact.state]
        return 0

    cdef Slice attributes(self, object attributes) except *:
        """Attributes that no message could have are left out: they are undeclared, or were refused before."""
        cdef int32_t first = self.sent.attribute_count
        cdef SentAttribute* attribute
        for name, value in attributes.items():
            if not (is_readable(name) and is_readable(value)):
                continue
            attribute = new_attribute(self.store)
            attribute.name = self.entry(name)
            attribute.text = self.text(value if isinstance(value, str) else "")
            attribute.number = 0 if isinstance(value, str) else whole(value)
            attribute.type = type_of(value)
        return Slice(first, self.sent.attribute_count - first)

    cdef Slice texts(self, object values) except *:
        cdef int32_t first = self.sent.text_count
        cdef Text* text
        for value in values:
            text = new_text(self.store)
            text[0] = self.entry(value)
        return Slice(first, self.sent.text_count - first)

    cdef Text text(self, str value) except *:
        """An empty one is absent."""
        return self.entry(value) if value else Text(NULL, 0)

    cdef Text entry(self, str value) except *:
        """A text in a list, where an empty one counts."""
        self.store.sources.append(value)
        return encoded(value)


cdef int read_object(object cart, SentStore store) except -1:
    """Reads a cart that has passed validation. Raises TypeError for a number that is not whole."""
    cdef Reader reader = Reader()
    reader.store = store
    reader.sent = &store.cart
    return reader.read(cart)


cdef int64_t whole(object value) except? -1:
    """A whole number or truth value; raises TypeError for a float, which C would silently truncate."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is not a whole number")
    return value


cdef bint is_readable(object value) except -1:
    if isinstance(value, str):
        return value.isascii() or is_unicode(value)
    return isinstance(value, int) and -(1 << 63) <= value < 1 << 63


cdef bint is_unicode(str value) except -1:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


cdef Type type_of(object value) noexcept:
    if isinstance(value, str):
        return Type.STRING
    return Type.BOOL if isinstance(value, bool) else Type.INT


cdef int64_t whole_or_absent(object value) except? -1:
    return ABSENT if value is None else whole(value)


cdef Number number(object value) except *:
    return Number(0, 0) if value is None else Number(whole(value), 1)
