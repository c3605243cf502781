"""The parts of octets.pxd that are too long, or too rare, to be inline."""

from libc.stdint cimport int64_t, uint64_t
from libc.string cimport memcpy


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
