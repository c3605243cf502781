"""Carts as Python objects become sent carts. All reading of Python objects is here."""

from libc.stdint cimport int32_t, int64_t

from cpython.unicode cimport PyUnicode_AsUTF8AndSize

from engine._native.artifact cimport Type
from engine._native.basket cimport Number, Text
from engine._native.memory cimport Arena
from engine._native.sent cimport (
    ABSENT, SentAttribute, SentCart, SentCustomer, SentLine, SentRate, SentShipment, SentUsage, SentUses,
)

from operator import attrgetter

# Texts order by code point, which is the order of their UTF-8 bytes.
BY_ID = attrgetter("id")


cdef class Reader:
    """Reads one cart; texts are those of the Python objects, which ``kept`` keeps alive."""

    cdef SentCart* sent
    cdef list kept
    cdef int64_t text_room
    cdef int64_t attribute_room
    cdef int64_t rate_room
    cdef int64_t use_room

    cdef int read(self, object cart, Arena memory) except -1:
        cdef SentCart* sent = self.sent
        cdef int32_t index
        lines = sorted(cart.lines, key=BY_ID)
        shipments = sorted(cart.shipments, key=BY_ID)
        self.take_room(cart, lines, shipments, memory)
        sent.id = self.text(cart.id)
        sent.rule_set = self.text(cart.rule_set)
        sent.currency = self.text(cart.currency)
        sent.channel = self.text(cart.channel)
        sent.payment_method = self.text(cart.payment_method)
        sent.at = whole(cart.at)
        sent.moment_sent = True
        sent.explain = cart.explain
        sent.compare_rates = cart.compare_rates
        sent.first_coupon = self.texts(cart.coupons, &sent.coupon_count)
        sent.first_declined = self.texts(cart.declined_promotions, &sent.declined_count)
        sent.first_attribute = self.attributes(cart.attributes, &sent.own_attribute_count)
        self.customer(cart.customer)
        for index, line in enumerate(lines):
            self.line(&sent.lines[index], line)
        for index, shipment in enumerate(shipments):
            self.shipment(&sent.shipments[index], shipment)
        for index, usage in enumerate(tuple(cart.usage)[:sent.usage_count]):
            self.usage(&sent.usage[index], usage)
        return 0

    cdef int take_room(self, object cart, list lines, list shipments, Arena memory) except -1:
        """Room for all of it; what is counted here is filled from 0 again."""
        cdef SentCart* sent = self.sent
        customer = cart.customer
        self.attribute_room = count(cart.attributes) + sum([count(line.attributes) for line in lines])
        self.text_room = count(cart.coupons) + count(cart.declined_promotions) + sum([count(line.tags) for line in lines])
        if customer is not None:
            self.attribute_room += count(customer.attributes)
            self.text_room += count(customer.segments)
        self.rate_room = sum([count(each.rates) for each in shipments])
        self.use_room = sum([count(each.codes) for each in cart.usage])
        sent.line_count = len(lines)
        sent.shipment_count = len(shipments)
        sent.usage_count = count(cart.usage)
        sent.rate_count = sent.use_count = sent.attribute_count = sent.text_count = 0
        sent.lines = <SentLine*>memory.take(sent.line_count, sizeof(SentLine))
        sent.shipments = <SentShipment*>memory.take(sent.shipment_count, sizeof(SentShipment))
        sent.rates = <SentRate*>memory.take(self.rate_room, sizeof(SentRate))
        sent.usage = <SentUsage*>memory.take(sent.usage_count, sizeof(SentUsage))
        sent.uses = <SentUses*>memory.take(self.use_room, sizeof(SentUses))
        sent.attributes = <SentAttribute*>memory.take(self.attribute_room, sizeof(SentAttribute))
        sent.texts = <Text*>memory.take(self.text_room, sizeof(Text))
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
        sent.first_tag = self.texts(line.tags, &sent.tag_count)
        sent.first_attribute = self.attributes(line.attributes, &sent.attribute_count)
        sent.discountable = line.discountable
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
        sent.first_rate = self.sent.rate_count
        for each in tuple(shipment.rates):
            require_room(self.sent.rate_count, self.rate_room)
            rate = &self.sent.rates[self.sent.rate_count]
            rate.method = self.text(each.method)
            rate.carrier = self.text(each.carrier)
            rate.speed = self.text(each.speed)
            rate.price = whole(each.price)
            self.sent.rate_count += 1
        sent.rate_count = self.sent.rate_count - sent.first_rate
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
        sent.first_segment = self.texts(customer.segments, &sent.segment_count)
        sent.first_attribute = self.attributes(customer.attributes, &sent.attribute_count)
        return 0

    cdef int usage(self, SentUsage* sent, object usage) except -1:
        cdef SentUses* uses
        sent.promotion_id = self.text(usage.promotion_id)
        sent.total = whole(usage.total)
        sent.customer = whole(usage.customer)
        sent.spent = whole(usage.spent)
        sent.first_code = self.sent.use_count
        for code, times in tuple(usage.codes.items()):
            require_room(self.sent.use_count, self.use_room)
            uses = &self.sent.uses[self.sent.use_count]
            uses.code = self.entry(code)
            uses.count = whole(times)
            self.sent.use_count += 1
        sent.code_count = self.sent.use_count - sent.first_code
        return 0

    cdef int32_t attributes(self, object attributes, int32_t* read) except -1:
        """Returns the first one's place. What no message could say is left out: it is not declared, or refused before."""
        cdef int32_t first = self.sent.attribute_count
        cdef SentAttribute* attribute
        for name, value in tuple(attributes.items()):
            if not (is_readable(name) and is_readable(value)):
                continue
            require_room(self.sent.attribute_count, self.attribute_room)
            attribute = &self.sent.attributes[self.sent.attribute_count]
            attribute.name = self.entry(name)
            attribute.text = self.text(value if isinstance(value, str) else "")
            attribute.number = 0 if isinstance(value, str) else whole(value)
            attribute.type = type_of(value)
            self.sent.attribute_count += 1
        read[0] = self.sent.attribute_count - first
        return first

    cdef int32_t texts(self, object values, int32_t* read) except -1:
        """Returns the first one's place."""
        cdef int32_t first = self.sent.text_count
        for value in tuple(values):
            require_room(self.sent.text_count, self.text_room)
            self.sent.texts[self.sent.text_count] = self.entry(value)
            self.sent.text_count += 1
        read[0] = self.sent.text_count - first
        return first

    cdef Text text(self, str value) except *:
        """An empty one is absent."""
        cdef Text text
        if value:
            return self.entry(value)
        text.start = NULL
        text.length = 0
        return text

    cdef Text entry(self, str value) except *:
        """A text of a list, where an empty one is a text like any other."""
        cdef Py_ssize_t length
        cdef Text text
        self.kept.append(value)
        text.start = PyUnicode_AsUTF8AndSize(value, &length)
        text.length = length
        return text


cdef int read_object(object cart, Arena memory, list kept, SentCart* sent) except -1:
    """A cart that has passed validation. Raises TypeError where a number is none."""
    cdef Reader reader = Reader()
    reader.sent = sent
    reader.kept = kept
    return reader.read(cart, memory)


cdef int32_t count(object values) except -1:
    """How many there are, whatever they say themselves."""
    return len(tuple(values))


cdef int require_room(int64_t used, int64_t room) except -1:
    if used == room:
        raise ValueError("the cart holds more than it did a moment ago")
    return 0


cdef int64_t whole(object value) except? -1:
    """A whole number or truth value; raises TypeError for a float, which C would cut off unasked."""
    if not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
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
    cdef Number number
    number.present = value is not None
    number.value = whole(value) if number.present else 0
    return number
