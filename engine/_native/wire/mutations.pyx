"""Mutations read from the wire and applied to a sent cart, all or none (engine/pricing/mutations.py defines them).
Those of lines are here, all others in cart_mutations.pyx.

A request that is invalid, or of a form that only protobuf's own parser reads, is not taken, and leaves the cart as it
was. That may also happen to a valid request whose last mutations repair what its first ones made invalid.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t

from engine._native.basket cimport Text, same
from engine._native.checking cimport allowed, is_too_much, lines_are_shipped, shipments_fit, sum_up_goods
from engine._native.edits cimport ALL_MOVED, LINES_CHANGED, MOMENT_CHANGED, SHIPMENTS_CHANGED, Edit, EditKind, Edits
from engine._native.money cimport MAX_AMOUNT
from engine._native.ordering cimport lower_bound, sorted_index_of
from engine._native.program cimport Rules
from engine._native.sent cimport ABSENT, SentAttribute, SentCart, SentLine
from engine._native.store cimport Record, SentStore
from engine._native.wire.cart_mutations cimport apply_to_cart
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_3, BYTES_4, BYTES_18, VARINT_2, Octets, next_tag, read_any_text, read_message, read_size,
    read_whole, skip_field, text_between,
)
from engine._native.wire.reading cimport read_cart, read_line, set_moment
from engine._native.wire.writing cimport Output, write_cart

from engine.pricing.mutations import MAX_MUTATIONS

cdef enum:
    MOST_STALE = 1 << 12          # bytes left behind, before the cart is written and read anew
    MOST_ADDED = 1 << 18          # texts or attributes by one request

cdef int64_t most_mutations = MAX_MUTATIONS


cdef bint mutate_cart(
    SentStore store, const Rules* rules, bytes request, int64_t now, Edits edits, Output output
) except -1:
    """Applies the mutations of an ``engine.v1.MutateCartRequest``; its other fields are skipped.

    ``now`` (ns since 1970 UTC) becomes the moment of a cart that sends none. False: not taken, and the cart is as it
    was. ``output`` is scratch.
    """
    cdef Octets start = <Octets>PyBytes_AS_STRING(request)
    edits.begin(store)
    if store.goods < 0:
        sum_up_goods(store)
        edits.goods_before = store.goods
    if read_mutations(store, rules, start, start + PyBytes_GET_SIZE(request), edits) == NULL or not fits(store, edits):
        edits.undo(store)
        return False
    if not store.cart.moment_sent:
        follow_clock(store, now, edits)
    if edits.refers:
        store.keep_source(request)
        store.stale_size += PyBytes_GET_SIZE(request)
    if store.stale_size > MOST_STALE:
        move(store, rules, edits, output)
    return True


cdef int follow_clock(SentStore store, int64_t now, Edits edits) except -1:
    cdef int64_t second = store.cart.second
    cdef int32_t nanosecond = store.cart.nanosecond
    set_moment(&store.cart, now)
    if store.cart.second != second or store.cart.nanosecond != nanosecond:
        edits.changed |= MOMENT_CHANGED
    return 0


cdef int move(SentStore store, const Rules* rules, Edits edits, Output output) except -1:
    """Writes the cart and reads it anew, to free what mutations left behind."""
    cdef bint moment_sent = store.cart.moment_sent
    write_cart(output, &store.cart, True)
    if not read_cart(store, rules, output.taken(), 0):
        raise AssertionError("a cart does not read back")
    store.cart.moment_sent = moment_sent
    edits.changed |= ALL_MOVED
    return 0


cdef bint fits(SentStore store, Edits edits) noexcept:
    """Whether the changed parts of the cart are consistent."""
    if store.goods > <int64_t>MAX_AMOUNT:
        return False
    if edits.changed & SHIPMENTS_CHANGED and not shipments_fit(&store.cart):
        return False
    return not edits.changed & (LINES_CHANGED | SHIPMENTS_CHANGED) or lines_are_shipped(&store.cart)


cdef Octets read_mutations(SentStore store, const Rules* rules, Octets at, Octets end, Edits edits) except? NULL:
    cdef uint32_t tag
    cdef Octets limit
    cdef int64_t count = 0
    while next_tag(&at, end, &tag):
        if tag == BYTES_4:
            at = read_message(at, end, count < most_mutations, &limit)
            at = read_mutation(store, rules, at, limit, edits)
            count += 1
            if edits.kept and adds_too_much(&edits.before, &store.cart):
                return NULL
        else:
            at = skip_field(at, end, tag)
    return at


cdef bint adds_too_much(const SentCart* before, const SentCart* cart) noexcept:
    """Lists are copied when they change, so that a short request could fill any memory."""
    return cart.text_count - before.text_count > MOST_ADDED or (
        cart.attribute_count - before.attribute_count > MOST_ADDED
    )


cdef Octets read_mutation(SentStore store, const Rules* rules, Octets at, Octets end, Edits edits) except? NULL:
    cdef bint has_kind = False
    cdef uint32_t tag
    cdef Octets limit
    while next_tag(&at, end, &tag):
        if tag & 7 == BYTES_1 & 7 and BYTES_1 <= tag <= BYTES_18:
            at = read_size(at, end, &limit)
            if at == NULL or has_kind:
                return NULL
            has_kind = True
            at = apply(store, rules, tag, at, limit, edits)
        else:
            at = skip_field(at, end, tag)
    if not has_kind:
        return NULL
    return at


cdef Octets apply(
    SentStore store, const Rules* rules, uint32_t tag, Octets at, Octets end, Edits edits
) except? NULL:
    """Applies one mutation, a message or text up to ``end``."""
    if tag == BYTES_3:
        return set_quantity(store, at, end, edits)
    if tag == BYTES_4:
        return set_price(store, at, end, edits)
    edits.keep(store)
    if tag == BYTES_1:
        return set_line(store, rules, at, end, edits)
    if tag == BYTES_2:
        return remove_line(store, at, end, edits)
    return apply_to_cart(store, rules, tag, at, end, edits)


cdef Octets set_line(SentStore store, const Rules* rules, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef int32_t index, texts = cart.text_count, attributes = cart.attribute_count
    cdef int64_t amount
    cdef SentLine line
    if read_line(store, rules, at, end, &line) == NULL:
        return NULL
    index = line_of(cart, line.id)
    if index >= 0 and same_but_amounts(cart, &cart.lines[index], &line):
        cart.text_count = texts
        cart.attribute_count = attributes
        return set_amounts(store, edits, index, line.quantity, line.price, end)
    if is_too_much(line.price, line.quantity, &amount):
        return NULL
    if index >= 0:
        store.goods -= cart.lines[index].price * cart.lines[index].quantity
        edits.replace(store, Record.LINE, index, &line)
    elif cart.line_count == allowed.lines:
        return NULL
    else:
        index = lower_bound(cart.lines, cart.line_count, sizeof(SentLine), line.id)
        edits.add(store, Record.LINE, index, &line)
    store.goods += amount
    edits.changed |= LINES_CHANGED
    edits.refers = True
    return end


cdef Octets remove_line(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef SentCart* cart = &store.cart
    cdef int32_t index
    cdef Text line_id
    if text_between(at, end, INT64_MAX, &line_id) == NULL:
        return NULL
    index = line_of(cart, line_id)
    if index < 0:
        return NULL
    remove_line_at(store, edits, index)
    return end


cdef int remove_line_at(SentStore store, Edits edits, int32_t index) except -1:
    cdef SentCart* cart = &store.cart
    store.goods -= cart.lines[index].price * cart.lines[index].quantity
    edits.remove(store, Record.LINE, index)
    edits.changed |= LINES_CHANGED
    return 0


cdef Octets set_quantity(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef int64_t quantity = ABSENT
    cdef int32_t index = read_amount(&store.cart, at, end, allowed.quantity, &quantity)
    if index < 0 or quantity == ABSENT:
        return NULL
    if quantity == 0:
        edits.keep(store)
        remove_line_at(store, edits, index)
        return end
    return set_amounts(store, edits, index, quantity, store.cart.lines[index].price, end)


cdef Octets set_price(SentStore store, Octets at, Octets end, Edits edits) except? NULL:
    cdef int64_t price = ABSENT
    cdef int32_t index = read_amount(&store.cart, at, end, MAX_AMOUNT, &price)
    if index < 0 or price == ABSENT:
        return NULL
    return set_amounts(store, edits, index, store.cart.lines[index].quantity, price, end)


cdef int32_t read_amount(const SentCart* cart, Octets at, Octets end, int64_t most, int64_t* amount) noexcept:
    """Reads the id of a line and an amount for it; returns the line's index, -1 when there is none."""
    cdef Text line_id = Text(NULL, 0)
    cdef uint32_t tag
    while next_tag(&at, end, &tag):
        if tag == BYTES_1:
            at = read_any_text(at, end, &line_id)
        elif tag == VARINT_2:
            at = read_whole(at, end, most, amount)
        else:
            at = skip_field(at, end, tag)
    return -1 if at == NULL else line_of(cart, line_id)


cdef Octets set_amounts(
    SentStore store, Edits edits, int32_t index, int64_t quantity, int64_t price, Octets behind
) except? NULL:
    """Returns the place behind the mutation; NULL when price times quantity is too large."""
    cdef SentLine* line = &store.cart.lines[index]
    cdef int64_t amount
    cdef Edit* edit
    if is_too_much(price, quantity, &amount):
        return NULL
    if quantity != line.quantity or price != line.price:
        edit = edits.new_edit(EditKind.AMOUNTS_SET, Record.LINE, index)
        edit.quantity = line.quantity
        edit.price = line.price
        store.goods += amount - line.price * line.quantity
        line.quantity = quantity
        line.price = price
        line.matched = False
    return behind


cdef int32_t line_of(const SentCart* cart, Text line_id) noexcept:
    """-1 when there is none."""
    return sorted_index_of(cart.lines, cart.line_count, sizeof(SentLine), line_id)


cdef bint same_but_amounts(const SentCart* cart, const SentLine* left, const SentLine* right) noexcept:
    """Whether two lines differ in nothing but quantity and price."""
    cdef const SentAttribute* attributes = cart.attributes
    cdef int32_t index
    if not (
        same(left.sku, right.sku) and same(left.category, right.category) and same(left.brand, right.brand)
        and same(left.shipment_id, right.shipment_id) and same(left.gift_of, right.gift_of)
        and left.list_price == right.list_price and left.cost == right.cost
        and left.minimum_price == right.minimum_price and left.weight == right.weight
        and left.discountable == right.discountable and left.tags.count == right.tags.count
        and left.attributes.count == right.attributes.count
    ):
        return False
    for index in range(left.tags.count):
        if not same(cart.texts[left.tags.first + index], cart.texts[right.tags.first + index]):
            return False
    for index in range(left.attributes.count):
        if not same_attribute(&attributes[left.attributes.first + index], &attributes[right.attributes.first + index]):
            return False
    return True


cdef bint same_attribute(const SentAttribute* left, const SentAttribute* right) noexcept:
    return (
        same(left.name, right.name) and left.type == right.type and left.number == right.number
        and same(left.text, right.text)
    )
