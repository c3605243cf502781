"""Writing the protobuf wire format from the end: the size of a message is known once its contents are written.

So fields are written last to first. Each function writes before a place, for which there must be room, and returns
where what it wrote begins.
"""

from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.basket cimport Text
from engine._native.money cimport leading_zeros
from engine._native.sent cimport SentCart
from engine._native.wire.octets cimport SHORT, VARINT_1, VARINT_2

cdef enum:
    FIELD_ROOM = 12               # the most bytes of a tag with a number or size
    TWO_BYTES = 1 << 14           # varints below this take at most two bytes


cdef class Output:
    cdef unsigned char* start
    cdef unsigned char* end
    cdef unsigned char* at        # what is written, from here to the end
    cdef unsigned char* start_before  # what was written before, up to ``end_before``
    cdef unsigned char* end_before

    cdef void keep(self) noexcept
    cdef unsigned char* make_room(self, unsigned char* at, int64_t size) except NULL
    cdef object taken(self)


cdef inline unsigned char* room(Output output, unsigned char* at, int64_t size) except NULL:
    """A place like ``at`` with room for so many bytes before it."""
    return at if at - output.start >= size else output.make_room(at, size)


cdef inline int64_t written(Output output, const unsigned char* at) noexcept:
    """Bytes so far."""
    return output.end - at


cdef inline unsigned char* put_varint(unsigned char* at, uint64_t value) noexcept:
    cdef int size, index
    if value < 1 << 7:
        at -= 1
        at[0] = <unsigned char>value
        return at
    if value < 1 << 14:
        at -= 2
        at[0] = <unsigned char>(value | SHORT)
        at[1] = <unsigned char>(value >> 7)
        return at
    if value < 1 << 21:
        at -= 3
        at[0] = <unsigned char>(value | SHORT)
        at[1] = <unsigned char>(value >> 7 | SHORT)
        at[2] = <unsigned char>(value >> 14)
        return at
    size = (70 - leading_zeros(value)) // 7
    at -= size
    for index in range(size - 1):
        at[index] = <unsigned char>(value | SHORT)
        value >>= 7
    at[size - 1] = <unsigned char>value
    return at


cdef inline unsigned char* put_number(unsigned char* at, uint32_t tag, int64_t value) noexcept:
    return put_varint(put_varint(at, <uint64_t>value), tag)


cdef inline unsigned char* put_word(unsigned char* at, uint64_t word, int64_t size) noexcept:
    """The first bytes of a word. Up to eight bytes before them are overwritten with anything."""
    word <<= 64 - 8 * size
    memcpy(at - sizeof(word), &word, sizeof(word))
    return at - size


cdef inline unsigned char* put_money(unsigned char* at, unsigned char tag, uint64_t value) noexcept:
    """As ``put_number``, without a branch on whether the value takes one byte or two, which is hard to predict."""
    cdef uint64_t one = has_one(value)
    if value >= TWO_BYTES:
        return put_number(at, tag, value)
    return put_word(at, (tag | two_bytes(value) << 8) - (one << 15), 3 - one)


cdef inline uint64_t has_one(uint64_t value) noexcept:
    """1 when the varint takes one byte, else 0; for values below ``TWO_BYTES``."""
    return value - SHORT >> 63


cdef inline uint64_t two_bytes(uint64_t value) noexcept:
    """A varint below ``TWO_BYTES`` in two bytes: 300 is 0xAC, 0x02, and 3 is 0x83, 0x00, 128 more than in one."""
    return 2 * value - (value & SHORT - 1) + SHORT


cdef inline unsigned char* put_whole(unsigned char* at, uint32_t tag, int64_t value) noexcept:
    """Nothing for 0, the default."""
    return put_number(at, tag, value) if value else at


cdef inline unsigned char* put_size(unsigned char* at, uint32_t tag, int64_t size) noexcept:
    """The tag and size before the bytes of a text or message."""
    return put_varint(put_varint(at, <uint64_t>size), tag)


cdef inline unsigned char* put_short_size(unsigned char* at, unsigned char tag, int64_t size) noexcept:
    """The same for a size below 128."""
    at -= 2
    at[0] = tag
    at[1] = <unsigned char>size
    return at


cdef inline unsigned char* put_bytes(unsigned char* at, const char* start, int64_t length) noexcept:
    at -= length
    if length > 16:
        memcpy(at, start, length)
    elif length >= 8:
        memcpy(at, start, 8)
        memcpy(at + length - 8, start + length - 8, 8)
    elif length >= 4:
        memcpy(at, start, 4)
        memcpy(at + length - 4, start + length - 4, 4)
    elif length:
        at[0] = start[0]
        at[length // 2] = start[length // 2]
        at[length - 1] = start[length - 1]
    return at


cdef inline unsigned char* put_entry(unsigned char* at, uint32_t tag, const Text* text) noexcept:
    """A text in a list."""
    return put_size(put_bytes(at, text.start, text.length), tag, text.length)


cdef inline unsigned char* put_text(unsigned char* at, uint32_t tag, const Text* text) noexcept:
    """Nothing for an empty one, the default."""
    return put_entry(at, tag, text) if text.length else at


cdef inline unsigned char* put_moment(unsigned char* at, uint32_t tag, int64_t second, int64_t nanosecond) noexcept:
    """A google.protobuf.Timestamp."""
    cdef unsigned char* end = at
    at = put_whole(at, VARINT_2, nanosecond)
    at = put_whole(at, VARINT_1, second)
    return put_size(at, tag, end - at)


cdef int write_cart(Output output, const SentCart* cart, bint with_moment) except -1
