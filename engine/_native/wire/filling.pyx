"""Lines completed from a catalogue, on the wire: the facts of the catalogue are put before what a line says.

Of a field or attribute that is sent twice, protobuf takes the last, so what the line says wins. Only tags would add up:
``facts`` gives the facts of a SKU with tags and without. None: ask protobuf's parser.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from libc.stdint cimport uint32_t

from engine._native.basket cimport Text
from engine._native.texts cimport decoded
from engine._native.wire.changes cimport head_of
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_4, BYTES_9, BYTES_10, BYTES_11, Octets, next_tag, read_any_text, read_size, read_tag,
    skip_field,
)


def fill_cart(bytes data not None, facts):
    """A serialized ``engine.v1.Cart``, its lines completed."""
    return filled(data, facts, False)


def fill_request(bytes data not None, facts):
    """A serialized ``engine.v1.MutateCartRequest``, the lines set by its mutations completed; the cart in it is not."""
    return filled(data, facts, True)


cdef bytes filled(bytes data, object facts, bint in_mutations):
    """Lines are in field 4 of a cart, or in field 1 of a mutation, which is field 4 of a request."""
    cdef Octets start = <Octets>PyBytes_AS_STRING(data), end = start + PyBytes_GET_SIZE(data)
    cdef Octets at = start, field, line, limit, line_limit, copied = start
    cdef uint32_t tag, kind = BYTES_1
    cdef list chunks = []
    while at < end:
        field = at
        at = read_tag(at, end, &tag)
        if tag != BYTES_4:
            at = skip_field(at, end, tag)
            if at == NULL:
                return None
            continue
        line = at = read_size(at, end, &limit)
        if at == NULL:
            return None
        if in_mutations:
            line = read_tag(at, limit, &kind)
        if line != NULL and kind == BYTES_1:
            if in_mutations:
                line = read_size(line, limit, &line_limit)
                if line == NULL or line_limit != limit:
                    return None
            known = facts_of(line, limit, facts)
            if known is None:
                return None
            head = head_of(BYTES_1, len(known) + (limit - line)) if in_mutations else b""
            chunks.append(slice_of(copied, field))
            chunks.append(head_of(BYTES_4, len(head) + len(known) + (limit - line)))
            chunks.append(head)
            chunks.append(known)
            copied = line
        at = limit
    if not chunks:
        return data
    chunks.append(slice_of(copied, end))
    return b"".join(chunks)


cdef bytes facts_of(Octets at, Octets end, object facts):
    """The facts of a line's product; None when an empty text of the line would hide some of them."""
    cdef Text sku = Text(NULL, 0)
    cdef uint32_t tag
    cdef Octets limit
    cdef bint tagged = False
    while next_tag(&at, end, &tag):
        if tag == BYTES_2:
            at = read_any_text(at, end, &sku)
        elif tag == BYTES_9 or tag == BYTES_10 or tag == BYTES_11:
            tagged |= tag == BYTES_11
            at = read_size(at, end, &limit)
            if at == NULL or at == limit:
                return None
            at = limit
        else:
            at = skip_field(at, end, tag)
    if at == NULL:
        return None
    with_tags, without_tags = facts(decoded(sku))
    return without_tags if tagged else with_tags


cdef inline bytes slice_of(Octets start, Octets end):
    return PyBytes_FromStringAndSize(<const char*>start, end - start)
