"""Reading the protobuf wire format: each function reads from a place, and returns the place behind what it read.

It returns NULL for malformed bytes, and for a form that only protobuf's own parser reads; nothing is read at or behind
``end``.
"""

from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.basket cimport Text

ctypedef const unsigned char* Octets

cdef enum Wire:
    VARINT, FIXED64, DELIMITED, START_GROUP, END_GROUP, FIXED32

# A tag is the number of a field and its wire type. A field of an unexpected wire type is an unknown field.
cdef enum VarintTag:
    VARINT_1 = 0x08, VARINT_2 = 0x10, VARINT_3 = 0x18, VARINT_4 = 0x20, VARINT_5 = 0x28, VARINT_6 = 0x30
    VARINT_7 = 0x38, VARINT_8 = 0x40, VARINT_10 = 0x50, VARINT_11 = 0x58, VARINT_12 = 0x60, VARINT_13 = 0x68
    VARINT_14 = 0x70, VARINT_15 = 0x78, VARINT_16 = 0x80

cdef enum BytesTag:
    BYTES_1 = 0x0A, BYTES_2 = 0x12, BYTES_3 = 0x1A, BYTES_4 = 0x22, BYTES_5 = 0x2A, BYTES_6 = 0x32, BYTES_7 = 0x3A
    BYTES_8 = 0x42, BYTES_9 = 0x4A, BYTES_10 = 0x52, BYTES_11 = 0x5A, BYTES_12 = 0x62, BYTES_13 = 0x6A
    BYTES_14 = 0x72, BYTES_15 = 0x7A, BYTES_16 = 0x82, BYTES_17 = 0x8A, BYTES_18 = 0x92, BYTES_19 = 0x9A

cdef enum:
    SHORT = 1 << 7                # varints below this take one byte
    HIGH_BITS = 0x8080808080808080


cdef inline Octets read_varint(Octets at, Octets end, uint64_t* value) noexcept:
    """Up to 64 bits; protobuf ignores further ones."""
    if at < end and at[0] < SHORT:
        value[0] = at[0]
        return at + 1
    if end - at > 1 and at[1] < SHORT:
        value[0] = at[0] - SHORT + (<uint64_t>at[1] << 7)
        return at + 2
    return read_long_varint(at, end, value)


cdef inline Octets read_tag(Octets at, Octets end, uint32_t* tag) noexcept:
    """Up to 32 bits in up to five bytes; sizes are written the same way. With NULL the tag is 0, which is none."""
    cdef uint64_t wide
    cdef Octets behind
    if at < end and at[0] < SHORT:
        tag[0] = at[0]
        return at + 1
    behind = read_long_varint(at, end, &wide)
    if behind == NULL or behind - at > 5 or wide != <uint32_t>wide:
        tag[0] = 0
        return NULL
    tag[0] = <uint32_t>wide
    return behind


cdef inline bint next_tag(Octets* at, Octets end, uint32_t* tag) noexcept:
    """Reads the tag of the next field; False at the end, and behind what is malformed."""
    if at[0] == NULL or at[0] >= end:
        return False
    at[0] = read_tag(at[0], end, tag)
    return True


cdef inline Octets read_size(Octets at, Octets end, Octets* limit) noexcept:
    """The size of bytes or of a message, which extend from here to ``limit``."""
    cdef uint32_t size
    at = read_tag(at, end, &size)
    if at == NULL or size > <uint64_t>(end - at):
        return NULL
    limit[0] = at + size
    return at


cdef inline Octets read_message(Octets at, Octets end, bint fits, Octets* limit) noexcept:
    """The size of a message, if there may be one more."""
    limit[0] = end
    return read_size(at, end, limit) if fits else NULL


cdef inline Octets skip_field(Octets at, Octets end, uint32_t tag) noexcept:
    """An unknown field, from behind its tag; groups and field 0 count as malformed."""
    cdef uint64_t value
    cdef Octets limit
    cdef int wire = tag & 7
    if tag >> 3 == 0:
        return NULL
    if wire == Wire.VARINT:
        return read_varint(at, end, &value)
    if wire == Wire.DELIMITED:
        if read_size(at, end, &limit) == NULL:
            return NULL
        return limit
    if wire == Wire.FIXED64:
        return at + 8 if end - at >= 8 else NULL
    if wire == Wire.FIXED32:
        return at + 4 if end - at >= 4 else NULL
    return NULL


cdef inline Octets read_text(Octets at, Octets end, int64_t most, Text* text) noexcept:
    """A text of at most so many characters, at least 16; an empty one is absent."""
    cdef uint64_t head, tail
    cdef int64_t size
    if at < end and at[0] <= 16 and at[0] < end - at:
        size = at[0]
        at += 1
        if size >= 8:
            memcpy(&head, at, 8)
            memcpy(&tail, at + size - 8, 8)
            head |= tail
        elif end - at >= 8:
            memcpy(&head, at, 8)
            head = head << 4 * (8 - size) << 4 * (8 - size)
        else:
            return text_between(at, at + size, most, text)
        if head & HIGH_BITS:
            return text_between(at, at + size, most, text)
        text.start = <const char*>at if size else NULL
        text.length = size
        return at + size
    return read_long_text(at, end, most, text)


cdef inline Octets read_any_text(Octets at, Octets end, Text* text) noexcept:
    """A text of any length."""
    return read_text(at, end, INT64_MAX, text)


cdef inline Octets read_entry(Octets at, Octets end, int64_t most, Text* text) noexcept:
    """A text in a list: an empty one counts, so its start is not NULL."""
    at = read_text(at, end, most, text)
    if at != NULL and text.length == 0:
        text.start = <const char*>at
    return at


cdef inline Octets read_whole(Octets at, Octets end, int64_t most, int64_t* value) noexcept:
    """A number from 0 to ``most``."""
    cdef uint64_t sent
    at = read_varint(at, end, &sent)
    value[0] = <int64_t>sent
    return at if sent <= <uint64_t>most else NULL


cdef Octets read_long_varint(Octets at, Octets end, uint64_t* value) noexcept
cdef Octets read_long_text(Octets at, Octets end, int64_t most, Text* text) noexcept
cdef Octets text_between(Octets at, Octets end, int64_t most, Text* text) noexcept
