"""A first look at requests: what the service asks of them before they are taken in."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, uint64_t

from engine._native.basket cimport Text
from engine._native.texts cimport decoded
from engine._native.wire.octets cimport (
    BytesTag, Octets, VarintTag, next_tag, read_any_text, read_size, read_tag, read_varint, skip_field,
)


def peek_cart(bytes data not None):
    """Of a serialized ``engine.v1.Cart``: the name of its rule set, whether it sends its moment, and whether it asks
    for more than a price. None: ask protobuf's parser.
    """
    cdef Octets at = <Octets>PyBytes_AS_STRING(data), end = at + PyBytes_GET_SIZE(data)
    cdef Text rule_set = Text(NULL, 0)
    cdef bint moment_sent = False
    cdef uint64_t explain = 0, compare_rates = 0
    cdef uint32_t tag
    while next_tag(&at, end, &tag):
        if tag == BytesTag.BYTES_2:
            at = read_any_text(at, end, &rule_set)
        elif tag == VarintTag.VARINT_14:
            at = read_varint(at, end, &explain)
        elif tag == VarintTag.VARINT_15:
            at = read_varint(at, end, &compare_rates)
        else:
            moment_sent |= tag == BytesTag.BYTES_12
            at = skip_field(at, end, tag)
    if at == NULL:
        return None
    return decoded(rule_set), bool(moment_sent), explain != 0 or compare_rates != 0


def peek_mutation(bytes data not None):
    """Of a serialized ``engine.v1.MutateCartRequest``: the cart's id, the name of its rule set, the revision, the bytes
    of the cart (None: not sent), whether only changes are asked for, the number of mutations, whether one of them sets
    the moment, and whether one sets usage or a fact of a coupon. None: ask protobuf's parser.
    """
    cdef Octets at = <Octets>PyBytes_AS_STRING(data), end = at + PyBytes_GET_SIZE(data), limit
    cdef Text cart_id = Text(NULL, 0), rule_set = Text(NULL, 0)
    cdef uint64_t revision = 0, changes_only = 0
    cdef uint32_t tag, kind = 0
    cdef int64_t mutations = 0
    cdef bint moment_set = False, facts_set = False
    cart = None
    while next_tag(&at, end, &tag):
        if tag == BytesTag.BYTES_1:
            at = read_any_text(at, end, &cart_id)
        elif tag == BytesTag.BYTES_2:
            at = read_any_text(at, end, &rule_set)
        elif tag == VarintTag.VARINT_3:
            at = read_varint(at, end, &revision)
        elif tag == BytesTag.BYTES_4:
            at = read_size(at, end, &limit)
            if at == NULL:
                return None
            if at < limit:
                at = read_tag(at, limit, &kind)
                if at == NULL or skip_field(at, limit, kind) != limit:  # more than one kind
                    return None
                moment_set |= kind == BytesTag.BYTES_13
                facts_set |= kind == BytesTag.BYTES_14 or kind == BytesTag.BYTES_18
            mutations += 1
            at = limit
        elif tag == BytesTag.BYTES_5:
            at = read_size(at, end, &limit)
            if at == NULL or cart is not None:
                return None
            cart = (<const char*>at)[:limit - at]
            at = limit
        elif tag == VarintTag.VARINT_6:
            at = read_varint(at, end, &changes_only)
        else:
            at = skip_field(at, end, tag)
    if at == NULL:
        return None
    return (
        decoded(cart_id),
        decoded(rule_set),
        <int64_t>revision,
        cart,
        changes_only != 0,
        mutations,
        bool(moment_set),
        bool(facts_set),
    )
