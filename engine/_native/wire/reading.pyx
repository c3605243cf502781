"""Reading a cart from the wire: the bytes of an ``engine.v1.Cart`` become a sent cart, with every check it has to pass.

Invalid carts are not taken, nor are forms that only protobuf's own parser reads: a message field sent twice, which it
merges; a map key sent twice, of which the last counts; an unknown field in a map entry; groups. The caller then reads
the cart by that parser, and learns what is wrong.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memset

from engine._native.artifact cimport ATTRIBUTES, CART, CUSTOMER, ITEM, Attribute, Type
from engine._native.basket cimport Text, same
from engine._native.checking cimport allowed, currency_of, lines_are_shipped, shipments_fit, sum_up_goods
from engine._native.money cimport MAX_AMOUNT
from engine._native.ordering cimport are_distinct, index_of, sort_distinct
from engine._native.program cimport Rules, constant_text
from engine._native.sent cimport (
    ABSENT, SECOND, FactState, SentAttribute, SentCart, SentCouponFact, SentCustomer, SentLine, SentRate, SentShipment,
    SentUsage, SentUses, Slice,
)
from engine._native.store cimport (
    SentStore, new_attribute, new_coupon_fact, new_line, new_rate, new_shipment, new_text, new_usage, new_uses,
)
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_3, BYTES_4, BYTES_5, BYTES_6, BYTES_7, BYTES_8, BYTES_9, BYTES_10, BYTES_11, BYTES_12,
    BYTES_13, BYTES_15, BYTES_16, VARINT_1, VARINT_2, VARINT_3, VARINT_4, VARINT_5, VARINT_6, VARINT_7, VARINT_8,
    VARINT_14, VARINT_15, Octets, next_tag, read_entry, read_message, read_size, read_text, read_varint, read_whole,
    skip_field,
)


cdef bint read_cart(SentStore store, const Rules* rules, bytes data, int64_t now) except -1:
    """Takes in the bytes of an ``engine.v1.Cart``; ``now`` (ns since 1970 UTC) is its moment when it sends none.

    False: not taken, and the store holds no cart.
    """
    cdef Octets start = <Octets>PyBytes_AS_STRING(data)
    if not read_octets(store, rules, start, start + PyBytes_GET_SIZE(data), now):
        return False
    store.keep_source(data)
    return True


cdef bint read_octets(SentStore store, const Rules* rules, Octets at, Octets end, int64_t now) except -1:
    """The same for bytes that the caller keeps alive."""
    cdef SentCart* cart = &store.cart
    store.clear()
    if read_fields(store, rules, at, end) == NULL:
        return False
    if not cart.moment_sent:
        set_moment(cart, now)
    return (
        allowed.first_second <= cart.second <= allowed.last_second
        and currency_of(rules, cart.currency) >= 0
        and sort_distinct(store, cart.lines, cart.line_count, sizeof(SentLine))
        and sort_distinct(store, cart.shipments, cart.shipment_count, sizeof(SentShipment))
        and are_distinct(store, cart.usage, cart.usage_count, sizeof(SentUsage))
        and are_distinct(store, cart.coupon_facts, cart.coupon_fact_count, sizeof(SentCouponFact))
        and sum_up_goods(store) and shipments_fit(cart) and lines_are_shipped(cart)
    )


cdef Octets read_fields(SentStore store, const Rules* rules, Octets at, Octets end) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef uint32_t tag
    cdef uint64_t value
    cdef Octets limit
    while next_tag(&at, end, &tag):
        if tag == BYTES_4:
            at = read_message(at, end, cart.line_count < allowed.lines, &limit)
            at = read_line(store, rules, at, limit, new_line(store))
        elif tag == BYTES_1:
            at = read_text(at, end, allowed.text, &cart.id)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &cart.rule_set)
        elif tag == BYTES_3:
            at = read_text(at, end, allowed.text, &cart.currency)
        elif tag == BYTES_5:
            at = read_message(at, end, cart.shipment_count < allowed.shipments, &limit)
            at = read_shipment(store, at, limit, new_shipment(store))
        elif tag == BYTES_6:
            at = read_message(at, end, not cart.customer.present, &limit)
            at = read_customer(store, rules, at, limit, &cart.customer)
        elif tag == BYTES_7:
            at = read_text(at, end, allowed.text, &cart.channel)
        elif tag == BYTES_8:
            at = read_text(at, end, allowed.text, &cart.payment_method)
        elif tag == BYTES_9:
            at = read_list(store, tag, at, end, allowed.coupons, &cart.coupons)
        elif tag == BYTES_10:
            at = read_list(store, tag, at, end, allowed.declined, &cart.declined)
        elif tag == BYTES_11:
            at = read_attribute(store, rules, CART, at, end, &cart.own_attributes)
        elif tag == BYTES_12:
            at = read_message(at, end, not cart.moment_sent, &limit)
            at = read_moment(at, limit, cart)
        elif tag == BYTES_13:
            at = read_message(at, end, cart.usage_count < allowed.usage, &limit)
            at = read_usage(store, at, limit, new_usage(store))
        elif tag == VARINT_14:
            at = read_varint(at, end, &value)
            cart.explain = value != 0
        elif tag == VARINT_15:
            at = read_varint(at, end, &value)
            cart.compare_rates = value != 0
        elif tag == BYTES_16:
            at = read_message(at, end, cart.coupon_fact_count < allowed.coupon_facts, &limit)
            at = read_coupon_fact(at, limit, new_coupon_fact(store))
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets read_line(SentStore store, const Rules* rules, Octets at, Octets end, SentLine* line) except? NULL:
    cdef uint32_t tag
    cdef uint64_t value
    line.id = line.sku = line.category = line.brand = line.shipment_id = line.gift_of = Text(NULL, 0)
    line.quantity = 0
    line.tags = line.attributes = line.segments = Slice(0, 0)
    line.matched = False
    line.price = line.list_price = line.cost = line.minimum_price = line.weight = ABSENT
    line.discountable = True
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &line.id)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &line.sku)
        elif tag == VARINT_3:
            at = read_whole(at, end, allowed.quantity, &line.quantity)
        elif tag == VARINT_4:
            at = read_whole(at, end, MAX_AMOUNT, &line.price)
        elif tag == VARINT_5:
            at = read_whole(at, end, MAX_AMOUNT, &line.list_price)
        elif tag == VARINT_6:
            at = read_whole(at, end, MAX_AMOUNT, &line.cost)
        elif tag == VARINT_7:
            at = read_whole(at, end, MAX_AMOUNT, &line.minimum_price)
        elif tag == VARINT_8:
            at = read_whole(at, end, allowed.weight, &line.weight)
        elif tag == BYTES_9:
            at = read_text(at, end, allowed.text, &line.category)
        elif tag == BYTES_10:
            at = read_text(at, end, allowed.text, &line.brand)
        elif tag == BYTES_11:
            at = read_list(store, tag, at, end, allowed.tags, &line.tags)
        elif tag == BYTES_12:
            at = read_attribute(store, rules, ITEM, at, end, &line.attributes)
        elif tag == BYTES_13:
            at = read_text(at, end, allowed.text, &line.shipment_id)
        elif tag == VARINT_14:
            at = read_varint(at, end, &value)
            line.discountable = value != 0
        elif tag == BYTES_15:
            at = read_text(at, end, allowed.text, &line.gift_of)
        else:
            at = skip_field(at, end, tag)
    if line.id.start == NULL or line.sku.start == NULL or line.quantity == 0 or line.price == ABSENT:
        return NULL
    return at


cdef Octets read_customer(
    SentStore store, const Rules* rules, Octets at, Octets end, SentCustomer* customer
) except? NULL:
    cdef uint32_t tag
    cdef uint64_t value
    memset(customer, 0, sizeof(SentCustomer))
    customer.present = True
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &customer.id)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &customer.tier)
        elif tag == BYTES_3:
            at = read_list(store, tag, at, end, allowed.segments, &customer.segments)
        elif tag == VARINT_4:
            at = read_whole(at, end, INT64_MAX, &customer.orders.value)
            customer.orders.present = 1
        elif tag == VARINT_5:
            at = read_whole(at, end, MAX_AMOUNT, &customer.lifetime_spend.value)
            customer.lifetime_spend.present = 1
        elif tag == VARINT_6:
            at = read_varint(at, end, &value)
            customer.points.value = <int64_t>value
            customer.points.present = 1
        elif tag == BYTES_7:
            at = read_attribute(store, rules, CUSTOMER, at, end, &customer.attributes)
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets read_shipment(SentStore store, Octets at, Octets end, SentShipment* shipment) except? NULL:
    cdef uint32_t tag
    cdef Octets limit
    cdef bint has_destination = False
    shipment.id = shipment.country = shipment.region = shipment.postal_code = shipment.store = Text(NULL, 0)
    shipment.method = Text(NULL, 0)
    shipment.pickup = False
    shipment.rates = Slice(store.cart.rate_count, 0)
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &shipment.id)
        elif tag == BYTES_2 or tag == BYTES_3:
            at = read_message(at, end, not has_destination, &limit)
            has_destination = True
            shipment.pickup = tag == BYTES_3
            at = read_pickup(at, limit, shipment) if shipment.pickup else read_address(at, limit, shipment)
        elif tag == BYTES_4:
            at = read_text(at, end, allowed.text, &shipment.method)
        elif tag == BYTES_5:
            at = read_message(at, end, shipment.rates.count < allowed.rates, &limit)
            at = read_rate(at, limit, new_rate(store))
            shipment.rates.count += 1
        else:
            at = skip_field(at, end, tag)
    if shipment.id.start == NULL:
        return NULL
    if not are_distinct(store, &store.cart.rates[shipment.rates.first], shipment.rates.count, sizeof(SentRate)):
        return NULL
    return at


cdef Octets read_address(Octets at, Octets end, SentShipment* shipment) noexcept:
    cdef uint32_t tag
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &shipment.country)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &shipment.region)
        elif tag == BYTES_3:
            at = read_text(at, end, allowed.text, &shipment.postal_code)
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets read_pickup(Octets at, Octets end, SentShipment* shipment) noexcept:
    cdef uint32_t tag
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &shipment.store)
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets read_rate(Octets at, Octets end, SentRate* rate) noexcept:
    cdef uint32_t tag
    memset(rate, 0, sizeof(SentRate))
    rate.price = ABSENT
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &rate.method)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &rate.carrier)
        elif tag == BYTES_3:
            at = read_text(at, end, allowed.text, &rate.speed)
        elif tag == VARINT_4:
            at = read_whole(at, end, MAX_AMOUNT, &rate.price)
        else:
            at = skip_field(at, end, tag)
    if rate.method.start == NULL or rate.price == ABSENT:
        return NULL
    return at


cdef Octets read_usage(SentStore store, Octets at, Octets end, SentUsage* usage) except? NULL:
    cdef uint32_t tag
    cdef Octets limit
    memset(usage, 0, sizeof(SentUsage))
    usage.codes.first = store.cart.use_count
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &usage.promotion_id)
        elif tag == VARINT_2:
            at = read_whole(at, end, allowed.count, &usage.total)
        elif tag == VARINT_3:
            at = read_whole(at, end, allowed.count, &usage.customer)
        elif tag == BYTES_4:
            at = read_message(at, end, usage.codes.count < allowed.usage, &limit)
            at = read_uses(at, limit, new_uses(store))
            usage.codes.count += 1
        elif tag == VARINT_5:
            at = read_whole(at, end, MAX_AMOUNT, &usage.spent)
        else:
            at = skip_field(at, end, tag)
    if usage.promotion_id.start == NULL:
        return NULL
    if not are_distinct(store, &store.cart.uses[usage.codes.first], usage.codes.count, sizeof(SentUses)):
        return NULL
    return at


cdef Octets read_uses(Octets at, Octets end, SentUses* uses) noexcept:
    """A map entry; the empty code is a code like any other."""
    cdef uint32_t tag
    uses.code.start = <const char*>at
    uses.code.length = 0
    uses.count = 0
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_entry(at, end, allowed.text, &uses.code)
        elif tag == VARINT_2:
            at = read_whole(at, end, allowed.count, &uses.count)
        else:
            return NULL
    return at


cdef Octets read_coupon_fact(Octets at, Octets end, SentCouponFact* fact) noexcept:
    cdef uint32_t tag
    cdef uint64_t state = FactState.UNSAID
    memset(fact, 0, sizeof(SentCouponFact))
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, allowed.text, &fact.code)
        elif tag == BYTES_2:
            at = read_text(at, end, allowed.text, &fact.pool)
        elif tag == VARINT_3:
            at = read_varint(at, end, &state)
        else:
            at = skip_field(at, end, tag)
    if fact.code.start == NULL or not FactState.AVAILABLE <= state <= FactState.UNVERIFIED_CODE:
        return NULL
    if fact.pool.start == NULL and state != FactState.UNVERIFIED_CODE:
        return NULL
    fact.state = <FactState>state
    return at


cdef Octets read_attribute(
    SentStore store, const Rules* rules, int subject, Octets at, Octets end, Slice* attributes
) except? NULL:
    """A map entry: one more attribute."""
    cdef SentAttribute* attribute
    cdef Octets limit, value, value_end = NULL
    cdef int32_t index = store.cart.attribute_count
    at = read_size(at, end, &limit)
    if at == NULL or attributes.count == allowed.attributes or not extends(attributes, index):
        return NULL
    attribute = new_attribute(store)
    attributes.count += 1
    at = read_attribute_fields(at, limit, True, &attribute.name, &value, &value_end)
    if at == NULL or value == NULL or read_attribute_value(rules, subject, value, value_end, attribute) == NULL:
        return NULL
    if index_of(
        &store.cart.attributes[attributes.first], attributes.count - 1, sizeof(SentAttribute), attribute.name
    ) >= 0:
        return NULL
    return at


cdef Octets read_attribute_fields(
    Octets at, Octets end, bint is_entry, Text* name, Octets* value, Octets* value_end
) noexcept:
    """The name of an attribute, and its value, which is NULL when none was sent. An entry of a map has nothing else."""
    cdef uint32_t tag
    name[0] = Text(<const char*>at, 0)
    value[0] = NULL
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_entry(at, end, INT64_MAX, name)
        elif tag == BYTES_2:
            value[0] = read_message(at, end, value[0] == NULL, value_end)
            if value[0] == NULL:
                return NULL
            at = value_end[0]
        elif is_entry:
            return NULL
        else:
            at = skip_field(at, end, tag)
    return at


cdef Octets read_attribute_value(
    const Rules* rules, int subject, Octets at, Octets end, SentAttribute* attribute
) noexcept:
    """The value of the named attribute; of the type that the rule set declares, if it does. The last member sent
    counts.
    """
    cdef const Attribute* declared = declared_attribute(rules, subject, attribute.name)
    cdef uint32_t tag
    cdef uint64_t value
    cdef bint has_value = False
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_text(at, end, INT64_MAX if declared == NULL else allowed.text, &attribute.text)
            attribute.number = 0
            attribute.type = Type.STRING
            has_value = True
        elif tag == VARINT_2 or tag == VARINT_3:
            at = read_varint(at, end, &value)
            attribute.text = Text(NULL, 0)
            attribute.number = <int64_t>value if tag == VARINT_2 else value != 0
            attribute.type = Type.INT if tag == VARINT_2 else Type.BOOL
            has_value = True
        else:
            at = skip_field(at, end, tag)
    if not has_value or declared != NULL and declared.type != <int>attribute.type:
        return NULL
    return at


cdef const Attribute* declared_attribute(const Rules* rules, int subject, Text name) noexcept:
    """NULL when the rule set does not declare it."""
    cdef const Attribute* attribute
    for attribute in rules.attributes[:rules.counts[<int>ATTRIBUTES]]:
        if attribute.subject == subject and same(constant_text(rules, attribute.name), name):
            return attribute
    return NULL


cdef inline bint extends(Slice* slice, int32_t index) noexcept:
    """Whether a new record is adjacent to a slice, or its first one."""
    if slice.count == 0:
        slice.first = index
    return slice.first + slice.count == index


cdef Octets read_list(
    SentStore store, int tag, Octets at, Octets end, int64_t most, Slice* texts
) except? NULL:
    """Appends a text to a list, whose texts are adjacent, and those that follow directly."""
    cdef int64_t longest = allowed.text, more = most - texts.count
    if not extends(texts, store.cart.text_count):
        return NULL
    while more > 0:
        more -= 1
        at = read_entry(at, end, longest, new_text(store))
        if at == NULL or at == end or at[0] != tag:
            texts.count = <int32_t>(most - more)
            return at
        at += 1
    return NULL


cdef Octets read_moment(Octets at, Octets end, SentCart* cart) noexcept:
    cdef uint32_t tag
    cdef uint64_t seconds = 0, nanoseconds = 0
    while next_tag(&at, end, &tag):
        if tag == VARINT_1:
            at = read_varint(at, end, &seconds)
        elif tag == VARINT_2:
            at = read_varint(at, end, &nanoseconds)
        else:
            at = skip_field(at, end, tag)
    if nanoseconds >= SECOND or not allowed.first_second <= <int64_t>seconds <= allowed.last_second:
        return NULL
    cart.second = <int64_t>seconds
    cart.nanosecond = <int32_t>nanoseconds
    cart.moment_sent = True
    return at


cdef void set_moment(SentCart* cart, int64_t now) noexcept:
    """The moment of a cart that sends none."""
    cart.second = now // SECOND - (now % SECOND < 0)
    cart.nanosecond = <int32_t>(now - cart.second * SECOND)
