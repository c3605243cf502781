"""The protobuf wire format: a first look at requests before they are taken in, and what tests ask of the codec."""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.program cimport Program
from engine._native.store cimport SentStore
from engine._native.texts cimport decoded
from engine._native.wire_reading cimport read_octets
from engine._native.wire_writing cimport Output, write_cart


cdef Octets read_long_varint(Octets at, Octets end, uint64_t* value) noexcept:
    cdef int shift
    value[0] = 0
    for shift in range(0, 64, 7):
        if at >= end or shift == 63 and at[0] > 1:
            return NULL
        value[0] |= <uint64_t>(at[0] & (SHORT - 1)) << shift
        if at[0] < SHORT:
            return at + 1
        at += 1
    return NULL


cdef Octets read_long_text(Octets at, Octets end, int64_t most, Text* text) noexcept:
    cdef Octets limit
    at = read_size(at, end, &limit)
    if at == NULL:
        return NULL
    return text_between(at, limit, most, text)


cdef Octets text_between(Octets at, Octets end, int64_t most, Text* text) noexcept:
    """These bytes as a text."""
    cdef int64_t count = end - at
    text.start = <const char*>at if count else NULL
    text.length = count
    if not is_ascii(at, end):
        count = characters(at, end)
    return end if 0 <= count <= most else NULL


cdef bint is_ascii(Octets at, Octets end) noexcept:
    cdef uint64_t word
    while end - at >= 8:
        memcpy(&word, at, 8)
        if word & HIGH_BITS:
            return False
        at += 8
    while at < end:
        if at[0] >= SHORT:
            return False
        at += 1
    return True


cdef int64_t characters(Octets at, Octets end) noexcept:
    """The number of UTF-8 code points; -1 when it is not UTF-8 (The Unicode Standard, table 3-7)."""
    cdef int64_t count = 0
    cdef unsigned char first, least, most
    cdef int more
    while at < end:
        first = at[0]
        at += 1
        count += 1
        if first < 0x80:
            continue
        least = 0x80
        most = 0xBF
        if 0xC2 <= first <= 0xDF:
            more = 1
        elif 0xE0 <= first <= 0xEF:
            more = 2
            if first == 0xE0:
                least = 0xA0
            elif first == 0xED:
                most = 0x9F
        elif 0xF0 <= first <= 0xF4:
            more = 3
            if first == 0xF0:
                least = 0x90
            elif first == 0xF4:
                most = 0x8F
        else:
            return -1
        if end - at < more:
            return -1
        while more:
            if not least <= at[0] <= most:
                return -1
            least = 0x80
            most = 0xBF
            at += 1
            more -= 1
    return count


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


def recoded(Program program not None, const unsigned char[::1] data not None, int64_t now):
    """For tests: the bytes of a cart, taken in and written again; None when it is not taken."""
    cdef SentStore store = SentStore()
    cdef Output output = Output()
    cdef const unsigned char* start = &data[0] if data.shape[0] else <const unsigned char*>b""
    if not read_octets(store, &program.rules, start, start + data.shape[0], now):
        return None
    write_cart(output, &store.cart, True)
    return output.taken()
