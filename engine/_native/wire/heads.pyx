"""The first bytes of a line in a quote, and of its shares: written when the line changes, then copied."""

from engine._native.basket cimport Line
from engine._native.sent cimport SentLine
from engine._native.wire.octets cimport BYTES_1, BYTES_5, SHORT, VARINT_2
from engine._native.wire.writing cimport TWO_BYTES, put_short_size, put_text

cdef enum:
    # Bytes of a head besides id and SKU: their tags and sizes, a quantity up to 1,000,000, an amount up to 10^15.
    AROUND_TEXTS = 2 + 2 + 4 + 9
    # The same of the head of a share.
    AROUND_ID = 2 + 2 + 1


cdef void write_head(const SentLine* sent, const Line* line, Head* head, ShareHead* share_head) noexcept:
    cdef unsigned char* end = &head.data[HEAD_ROOM]
    cdef unsigned char* at
    head.size = share_head.size = 0
    # No unit ever costs more than its price.
    if line.price < <int>TWO_BYTES and line.quantity < <int>SHORT and (
        sent.id.length + sent.sku.length <= HEAD_ROOM - AROUND_TEXTS
    ):
        head.size = end - put_head(end, sent, line)
    if sent.id.length <= SHARE_HEAD_ROOM - AROUND_ID:
        at = end = &share_head.data[SHARE_HEAD_ROOM]
        at -= 1
        at[0] = VARINT_2
        at = put_text(at, BYTES_1, &sent.id)
        share_head.size = end - put_short_size(at, BYTES_5, end - at + 1)
