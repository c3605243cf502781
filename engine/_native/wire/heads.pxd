"""The first bytes of a line in a quote."""

from libc.stdint cimport int64_t

from engine._native.basket cimport Line
from engine._native.sent cimport SentLine
from engine._native.wire.octets cimport BYTES_1, BYTES_2, VARINT_3, VARINT_4
from engine._native.wire.writing cimport put_text, put_whole

cdef enum:
    HEAD_ROOM = 56
    SHARE_HEAD_ROOM = 24

cdef struct Head:
    # Id, SKU, quantity and merchandise.
    int64_t size                  # bytes; 0: the line is not short
    unsigned char[HEAD_ROOM] data  # the last ``size`` bytes

cdef struct ShareHead:
    # A share of a line up to its amount, as if that took one byte.
    int64_t size                  # bytes; 0: there is too little room
    unsigned char[SHARE_HEAD_ROOM] data  # the last ``size`` bytes

cdef void write_head(const SentLine* sent, const Line* line, Head* head, ShareHead* share_head) noexcept


cdef inline unsigned char* put_head(unsigned char* at, const SentLine* sent, const Line* line) noexcept:
    at = put_whole(at, VARINT_4, line.merchandise)
    at = put_whole(at, VARINT_3, line.quantity)
    at = put_text(at, BYTES_2, &sent.sku)
    return put_text(at, BYTES_1, &sent.id)
