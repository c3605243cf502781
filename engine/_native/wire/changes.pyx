"""Answers to mutations, as ``engine.v1.MutateCartResponse``: a whole quote, or what differs from the quote before.

Quotes come as the bytes that this service wrote: fields by number, lines and shipments by id.
"""

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize, PyBytes_GET_SIZE
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uint64_t
from libc.string cimport memcmp, memcpy

from engine._native.basket cimport Text, compared
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_2, BYTES_3, BYTES_7, BYTES_8, BYTES_9, SHORT, VARINT_1, Octets, read_entry, read_size, read_tag,
    skip_field,
)
from engine._native.wire.writing cimport FIELD_ROOM


cdef struct Field:                # of a quote
    Octets start                  # NULL: there is none
    Octets end
    uint32_t tag
    Text id                       # of a line or shipment; of a layer, its name


cdef bint next_field(Octets at, Octets end, Field* field) except -1:
    """Reads the field that starts here; False at the end."""
    cdef Octets message, limit = end
    field.start = NULL
    if at == end:
        return False
    message = read_tag(at, end, &field.tag)
    if message != NULL:
        field.end = skip_field(message, end, field.tag)
        if field.end != NULL and is_part(field.tag):
            message = read_size(message, end, &limit)
            if message == limit or message[0] != BYTES_1:
                message = NULL
            else:
                message = read_entry(message + 1, limit, INT64_MAX, &field.id)
    if message == NULL or field.end == NULL:
        raise ValueError("these bytes are not a quote of this service")
    field.start = at
    return True


cdef inline bint is_part(uint32_t tag) noexcept:
    """Whether it is a line, a shipment or a layer."""
    return tag == BYTES_7 or tag == BYTES_8 or tag == BYTES_9


cdef int next_part(Octets at, Octets end, Field* field) except -1:
    """The next line, shipment or layer from here on."""
    while next_field(at, end, field) and not is_part(field.tag):
        at = field.end
    return 0


cdef int64_t compare(const Field* left, const Field* right) noexcept:
    """By their order in a quote."""
    if left.tag != right.tag:
        return <int64_t>left.tag - <int64_t>right.tag
    if left.tag == BYTES_9:       # every quote of a rule set has all its layers
        return 0
    return compared(left.id, right.id)


cdef inline bint equal(const Field* left, const Field* right) noexcept:
    cdef int64_t size = left.end - left.start
    return size == right.end - right.start and memcmp(left.start, right.start, size) == 0


cdef inline unsigned char* put(unsigned char* at, const void* data, int64_t size) noexcept:
    memcpy(at, data, size)
    return at + size


cdef unsigned char* put_varint(unsigned char* at, uint64_t value) noexcept:
    while value >= SHORT:
        at[0] = <unsigned char>(value | SHORT)
        value >>= 7
        at += 1
    at[0] = <unsigned char>value
    return at + 1


cdef unsigned char* begin_field(unsigned char* at, uint32_t tag, int64_t size) noexcept:
    """Writes a tag of one byte, and a size or number."""
    at[0] = <unsigned char>tag
    return put_varint(at + 1, size)


cdef bytes head_of(uint32_t tag, int64_t size):
    """A tag and a size, or a number."""
    cdef unsigned char[FIELD_ROOM] head
    return PyBytes_FromStringAndSize(<const char*>&head[0], begin_field(head, tag, size) - head)


cdef bytes response(int64_t revision, uint32_t tag, list contents):
    """A response with its revision and a message of these contents."""
    revised = head_of(VARINT_1, revision) if revision else b""
    return b"".join([revised, head_of(tag, sum([len(each) for each in contents])), *contents])


def quote_response(int64_t revision, bytes quote not None):
    """A response with a serialized quote."""
    return response(revision, BYTES_2, [quote])


def changes_response(int64_t revision, bytes before not None, bytes after not None):
    """A response with what differs between two serialized quotes of one rule set version."""
    cdef int64_t size = PyBytes_GET_SIZE(after)
    cdef unsigned char* changed = <unsigned char*>PyMem_Malloc(size + PyBytes_GET_SIZE(before) + 1)
    cdef unsigned char* changed_end = changed
    cdef unsigned char* removed = changed + size
    cdef unsigned char* removed_end = removed
    if changed == NULL:
        raise MemoryError
    try:
        compare_quotes(before, after, &changed_end, &removed_end)
        size = changed_end - changed
        return response(revision, BYTES_3, [head_of(BYTES_1, size), changed[:size], removed[:removed_end - removed]])
    finally:
        PyMem_Free(changed)


cdef int compare_quotes(bytes before, bytes after, unsigned char** changed, unsigned char** removed) except -1:
    """Copies the changed fields, and writes the ids of parts that are gone."""
    cdef Octets at = <Octets>PyBytes_AS_STRING(after), end = at + PyBytes_GET_SIZE(after)
    cdef Octets before_end = <Octets>PyBytes_AS_STRING(before) + PyBytes_GET_SIZE(before)
    cdef Field new, old
    next_part(<Octets>PyBytes_AS_STRING(before), before_end, &old)
    while next_field(at, end, &new):
        at = new.end
        if is_part(new.tag):
            while old.start != NULL and compare(&old, &new) < 0:
                removed[0] = put_removed(removed[0], &old)
                next_part(old.end, before_end, &old)
            if old.start != NULL and compare(&old, &new) == 0:
                if equal(&old, &new):
                    next_part(old.end, before_end, &old)
                    continue
                next_part(old.end, before_end, &old)
        changed[0] = put(changed[0], new.start, new.end - new.start)
    while old.start != NULL:
        removed[0] = put_removed(removed[0], &old)
        next_part(old.end, before_end, &old)
    return 0


cdef unsigned char* put_removed(unsigned char* at, const Field* field) noexcept:
    """Writes the id of a line or shipment that is gone."""
    if field.tag == BYTES_9:
        return at
    at = begin_field(at, BYTES_2 if field.tag == BYTES_7 else BYTES_3, field.id.length)
    return put(at, field.id.start, field.id.length)
