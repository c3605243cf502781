"""The quote of a priced cart, written to the wire as ``engine.v1.Quote``: fields by number, defaults left out.

After mutations, what has not changed since the last quote is copied from its bytes.
"""

from libc.stdint cimport INT64_MAX, int32_t, int64_t, uint32_t, uint64_t
from libc.string cimport memcpy

from engine._native.artifact cimport (
    EFFECT_REWARDS, GIFT_REWARDS, LAYERS, SHIPPING_REWARDS, EffectReward, GiftReward, Layer, Promotion,
)
from engine._native.basket cimport Adjustment, Basket, LayerResult, Line, Run, Share, Shipment, Text, Totals
from engine._native.bits cimport contains
from engine._native.codes cimport Codes, SentCode
from engine._native.loading cimport LoadedCart, Written
from engine._native.program cimport Rules, constant_text, needs_coupon
from engine._native.quoting cimport coupon_of, kind_of, picked_sku
from engine._native.rewards cimport GRANTED
from engine._native.search.candidates cimport Search
from engine._native.sent cimport SentCart, SentLine, SentShipment
from engine._native.texts cimport encoded
from engine._native.wire.heads cimport HEAD_ROOM, SHARE_HEAD_ROOM, Head, ShareHead, put_head
from engine._native.wire.octets cimport (
    BYTES_1, BYTES_10, BYTES_11, BYTES_17, BYTES_18, BYTES_19, BYTES_2, BYTES_3, BYTES_4, BYTES_5, BYTES_6, BYTES_7,
    BYTES_8, BYTES_9, VARINT_1, VARINT_10, VARINT_11, VARINT_12, VARINT_13, VARINT_14, VARINT_15, VARINT_16, VARINT_2,
    VARINT_3, VARINT_4, VARINT_5, VARINT_6, VARINT_7,
)
from engine._native.wire.writing cimport (
    FIELD_ROOM, Output, has_one, put_bytes, put_entry, put_moment, put_money, put_number, put_short_size, put_size,
    put_text, put_varint, put_whole, room, two_bytes, written,
)

cdef enum:
    LINE_ROOM = HEAD_ROOM + 4 * FIELD_ROOM
    SHARE_ROOM = SHARE_HEAD_ROOM + FIELD_ROOM


cdef int write_quote(Output output, LoadedCart loaded) except -1:
    """Writes the bytes of the quote that ``quoting.draw_up`` gives."""
    cdef const Rules* rules = &loaded.program.rules
    cdef const Basket* basket = &loaded.basket
    cdef const SentCart* sent = loaded.sent
    cdef const Totals* totals = &basket.totals
    cdef int64_t open_until = loaded.eligibility.open_until
    cdef Text version = encoded(loaded.program.version), name = constant_text(rules, rules.rule_set.name)
    cdef int32_t index
    cdef unsigned char* at
    cdef bint follows = basket.kept.good and loaded.quoted == basket.kept.times - 1
    output.keep()
    # If memory runs out midway, the next quote copies nothing.
    loaded.quoted = -1
    loaded.adjustments_written, loaded.adjustments_written_before = (
        loaded.adjustments_written_before, loaded.adjustments_written
    )
    at = room(output, output.end, 4 * FIELD_ROOM)
    if loaded.searches:
        at = put_search(at, &basket.search)
    at = put_coupons(output, at, loaded, rules)
    if rules.counts[<int>GIFT_REWARDS]:
        at = put_gifts(output, at, loaded, rules)
    at = room(output, at, 7 * FIELD_ROOM)
    at = put_whole(at, VARINT_16, totals.credit)
    at = put_whole(at, VARINT_15, totals.points)
    at = put_whole(at, VARINT_14, basket.subtotal + totals.shipping)
    at = put_whole(at, VARINT_13, totals.shipping)
    at = put_whole(at, VARINT_12, totals.shipping_price)
    at = put_whole(at, VARINT_11, basket.subtotal)
    at = put_whole(at, VARINT_10, basket.merchandise)
    for index in range(rules.counts[<int>LAYERS] - 1, -1, -1):
        at = put_layer(output, at, loaded, rules, index, follows)
    for index in range(basket.shipment_count - 1, -1, -1):
        at = put_shipment(output, at, &sent.shipments[index], &basket.shipments[index])
    at = put_lines(output, at, loaded, follows)
    at = room(output, at, sent.currency.length + version.length + name.length + sent.id.length + 10 * FIELD_ROOM)
    if open_until != INT64_MAX:
        at = put_moment(at, BYTES_6, open_until, 0)
    at = put_moment(at, BYTES_5, sent.second, sent.nanosecond)
    at = put_text(at, BYTES_4, &sent.currency)
    at = put_text(at, BYTES_3, &version)
    at = put_text(at, BYTES_2, &name)
    output.at = put_text(at, BYTES_1, &sent.id)
    loaded.quoted = basket.kept.times
    return 0


cdef unsigned char* put_search(unsigned char* at, const Search* search) noexcept:
    """The caller has made room."""
    cdef unsigned char* end = at
    at = put_whole(at, VARINT_3, search.gap)
    at = put_whole(at, VARINT_2, search.nodes)
    at = put_whole(at, VARINT_1, search.optimal != 0)
    return put_size(at, BYTES_19, end - at)


cdef inline unsigned char* put_again(Output output, unsigned char* at, Written* place) except NULL:
    """Copies what was written at a place of the quote before."""
    at = put_bytes(room(output, at, place.size), <const char*>(output.end_before - place.back), place.size)
    place.back = written(output, at)
    return at


cdef unsigned char* put_lines(Output output, unsigned char* at, LoadedCart loaded, bint follows) except NULL:
    """There is always room for all lines to come, if they are short."""
    cdef const Basket* basket = &loaded.basket
    cdef const Line* lines = basket.lines
    cdef const Head* heads = loaded.heads
    cdef Written* places = loaded.lines_written
    cdef const Line* line
    cdef const Run* first
    cdef const Run* second
    cdef unsigned char* end
    cdef int64_t index, several, size
    at = room(output, at, basket.line_count * <int64_t>LINE_ROOM)
    for index in range(basket.line_count - 1, -1, -1):
        line = &lines[index]
        end = at
        if follows and not contains(basket.kept.priced, <int32_t>index):
            at = put_again(output, at, &places[index])
            at = room(output, at, index * <int64_t>LINE_ROOM)
            continue
        first = line.runs
        several = line.run_count > 1
        second = first + several
        size = heads[index].size
        if size and line.run_count <= 2 and second.price > 0:
            # Whether there are one or two runs is hard to predict, so nothing branches on it: a single one is written
            # twice, in the same place.
            at -= at - put_short_bucket(at, second) & -several
            at = put_short_bucket(at, first)
            at = put_money(at, VARINT_5, line.subtotal)
            memcpy(at - HEAD_ROOM, heads[index].data, HEAD_ROOM)
            at -= size
            at = put_short_size(at, BYTES_7, end - at)
            places[index].size = end - at
            places[index].back = written(output, at)
        else:
            at = put_long_line(output, at, loaded, <int32_t>index)
            at = room(output, at, index * <int64_t>LINE_ROOM)
    return at


cdef unsigned char* put_long_line(Output output, unsigned char* at, LoadedCart loaded, int32_t index) except NULL:
    """A line of any size."""
    cdef const Line* line = &loaded.basket.lines[index]
    cdef const SentLine* sent = &loaded.sent.lines[loaded.places[index]]
    cdef const Run* first = line.runs
    cdef int64_t done = written(output, at)
    cdef int32_t place
    at = room(output, at, sent.id.length + sent.sku.length + (6 + 3 * line.run_count) * FIELD_ROOM)
    for place in range(line.run_count - 1, -1, -1):
        at = put_bucket(at, &first[place])
    at = put_whole(at, VARINT_5, line.subtotal)
    at = put_head(at, sent, line)
    at = put_size(at, BYTES_7, written(output, at) - done)
    loaded.lines_written[index] = Written(written(output, at), written(output, at) - done)
    return at


cdef inline unsigned char* put_short_bucket(unsigned char* at, const Run* run) noexcept:
    """The bucket of a short line, which fits into a word: price before count, laid out as if the price took two bytes.
    """
    cdef uint64_t one = has_one(run.price)
    cdef uint64_t word = BYTES_6 | 5 << 8 | VARINT_1 << 16 | two_bytes(run.price) << 24
    word -= (one << 8) + (one << 31)
    word = (word << 8 + 8 * one) + (<uint64_t>(VARINT_2 | run.count << 8) << 48)
    memcpy(at - sizeof(word), &word, sizeof(word))
    return at + one - 7


cdef inline unsigned char* put_bucket(unsigned char* at, const Run* run) noexcept:
    cdef unsigned char* end = at
    at = put_number(at, VARINT_2, run.count)
    if run.price:
        at = put_money(at, VARINT_1, run.price)
    return put_short_size(at, BYTES_6, end - at)


cdef unsigned char* put_shipment(
    Output output, unsigned char* at, const SentShipment* sent, const Shipment* shipment
) except NULL:
    cdef int64_t done = written(output, at)
    at = room(output, at, sent.id.length + sent.method.length + 5 * FIELD_ROOM)
    at = put_whole(at, VARINT_4, shipment.charge)
    at = put_whole(at, VARINT_3, shipment.price)
    at = put_text(at, BYTES_2, &sent.method)
    at = put_text(at, BYTES_1, &sent.id)
    return put_size(at, BYTES_8, written(output, at) - done)


cdef unsigned char* put_layer(
    Output output, unsigned char* at, LoadedCart loaded, const Rules* rules, int32_t index, bint follows
) except NULL:
    cdef const Layer* layer = &rules.layers[index]
    cdef const LayerResult* result = &loaded.basket.layers[index]
    cdef int64_t done = written(output, at), begun
    cdef Text name = constant_text(rules, layer.name), kind = kind_of(layer)
    cdef const Adjustment* adjustment
    cdef int32_t place
    at = room(output, at, 2 * FIELD_ROOM)
    at = put_whole(at, VARINT_5, result.shipping)
    at = put_whole(at, VARINT_4, result.subtotal)
    for place in range(result.first_adjustment + result.adjustment_count - 1, result.first_adjustment - 1, -1):
        adjustment = &loaded.basket.adjustments[place]
        if follows and adjustment.before >= 0 and not needs_coupon(&rules.promotions[adjustment.promotion]):
            loaded.adjustments_written[place] = loaded.adjustments_written_before[adjustment.before]
            at = put_again(output, at, &loaded.adjustments_written[place])
        else:
            begun = written(output, at)
            at = put_adjustment(output, at, loaded, rules, adjustment)
            loaded.adjustments_written[place] = Written(written(output, at), written(output, at) - begun)
    at = room(output, at, kind.length + name.length + 3 * FIELD_ROOM)
    at = put_text(at, BYTES_2, &kind)
    at = put_text(at, BYTES_1, &name)
    return put_size(at, BYTES_9, written(output, at) - done)


cdef unsigned char* put_adjustment(
    Output output, unsigned char* at, LoadedCart loaded, const Rules* rules, const Adjustment* adjustment
) except NULL:
    cdef const Promotion* promotion = &rules.promotions[adjustment.promotion]
    cdef int64_t done = written(output, at)
    cdef Text promotion_id = constant_text(rules, promotion.id), name = constant_text(rules, promotion.name)
    cdef const Share* first = &loaded.basket.shares[adjustment.first_share]
    cdef const Share* behind = &first[adjustment.share_count]
    cdef const Share* of_shipments = behind
    while of_shipments > first and (of_shipments - 1).target >= loaded.basket.line_count:
        of_shipments -= 1
    if promotion.family != SHIPPING_REWARDS:
        at = put_shipment_shares(output, at, loaded, of_shipments, behind, BYTES_11)
    if promotion.family > <int>SHIPPING_REWARDS or needs_coupon(promotion):
        at = put_beyond_money(output, at, loaded, rules, adjustment)
    if promotion.family == SHIPPING_REWARDS:
        at = put_shipment_shares(output, at, loaded, of_shipments, behind, BYTES_5)
    at = put_line_shares(output, at, loaded, first, of_shipments)
    at = room(output, at, promotion_id.length + name.length + 5 * FIELD_ROOM)
    at = put_whole(at, VARINT_4, adjustment.ungranted)
    at = put_whole(at, VARINT_3, adjustment.amount)
    at = put_text(at, BYTES_2, &name)
    at = put_text(at, BYTES_1, &promotion_id)
    return put_size(at, BYTES_3, written(output, at) - done)


cdef unsigned char* put_line_shares(
    Output output, unsigned char* at, LoadedCart loaded, const Share* first, const Share* behind
) except NULL:
    cdef const Share* share = behind
    cdef const ShareHead* heads = loaded.share_heads
    cdef const ShareHead* head
    cdef unsigned char* end
    at = room(output, at, (behind - first) * SHARE_ROOM)
    while share > first:
        share -= 1
        head = &heads[share.target]
        if head.size:
            end = at
            at = put_varint(at, <uint64_t>share.amount)
            memcpy(at - SHARE_HEAD_ROOM, head.data, SHARE_HEAD_ROOM)
            at -= head.size
            at[1] = <unsigned char>(end - at - 2)
        else:
            at = put_share(output, at, &loaded.sent.lines[loaded.places[share.target]].id, share, BYTES_5)
            at = room(output, at, (share - first) * SHARE_ROOM)
    return at


cdef unsigned char* put_shipment_shares(
    Output output, unsigned char* at, LoadedCart loaded, const Share* first, const Share* behind, uint32_t tag
) except NULL:
    cdef const Share* share = behind
    while share > first:
        share -= 1
        at = put_share(output, at, &loaded.sent.shipments[share.target - loaded.basket.line_count].id, share, tag)
    return at


cdef unsigned char* put_share(
    Output output, unsigned char* at, const Text* carrier, const Share* share, uint32_t tag
) except NULL:
    cdef unsigned char* end
    end = at = room(output, at, carrier.length + 3 * FIELD_ROOM)
    at = put_money(at, VARINT_2, share.amount)
    at = put_text(at, BYTES_1, carrier)
    return put_size(at, tag, end - at)


cdef unsigned char* put_beyond_money(
    Output output, unsigned char* at, LoadedCart loaded, const Rules* rules, const Adjustment* adjustment
) except NULL:
    """Points, credit, gift, effect and the coupon used."""
    cdef const Promotion* promotion = &rules.promotions[adjustment.promotion]
    cdef Text coupon = coupon_of(loaded, adjustment.promotion)
    at = room(output, at, coupon.length + FIELD_ROOM)
    at = put_text(at, BYTES_10, &coupon)
    if promotion.family == EFFECT_REWARDS:
        at = put_effect(output, at, rules, &rules.effect_rewards[promotion.reward])
    if promotion.family == GIFT_REWARDS:
        at = put_gift(output, at, BYTES_8, loaded, rules, adjustment)
    at = room(output, at, 2 * FIELD_ROOM)
    at = put_whole(at, VARINT_7, adjustment.credit)
    return put_whole(at, VARINT_6, adjustment.points)


cdef unsigned char* put_effect(
    Output output, unsigned char* at, const Rules* rules, const EffectReward* reward
) except NULL:
    cdef Text name = constant_text(rules, reward.name), payload = constant_text(rules, reward.payload)
    cdef int64_t inner
    at = room(output, at, payload.length + name.length + 3 * FIELD_ROOM)
    inner = written(output, at)
    at = put_text(at, BYTES_2, &payload)
    at = put_text(at, BYTES_1, &name)
    return put_size(at, BYTES_9, written(output, at) - inner)


cdef unsigned char* put_gifts(Output output, unsigned char* at, LoadedCart loaded, const Rules* rules) except NULL:
    """The gifts of all layers."""
    cdef const Adjustment* adjustment
    cdef int32_t index
    for index in range(loaded.basket.adjustment_count - 1, -1, -1):
        adjustment = &loaded.basket.adjustments[index]
        if rules.promotions[adjustment.promotion].family == GIFT_REWARDS:
            at = put_gift(output, at, BYTES_17, loaded, rules, adjustment)
    return at


cdef unsigned char* put_gift(
    Output output, unsigned char* at, uint32_t tag, LoadedCart loaded, const Rules* rules, const Adjustment* adjustment
) except NULL:
    cdef const Promotion* promotion = &rules.promotions[adjustment.promotion]
    cdef const GiftReward* reward = &rules.gift_rewards[promotion.reward]
    cdef Text promotion_id = constant_text(rules, promotion.id), sku
    cdef int64_t done = written(output, at)
    cdef int32_t place
    if reward.sku_count > 1:
        for place in range(reward.first_sku + reward.sku_count - 1, reward.first_sku - 1, -1):
            sku = constant_text(rules, rules.text_lists[place])
            at = put_entry(room(output, at, sku.length + FIELD_ROOM), BYTES_4, &sku)
        sku = picked_sku(loaded.sent, promotion_id, rules, reward)
    else:
        sku = constant_text(rules, rules.text_lists[reward.first_sku])
    at = room(output, at, sku.length + promotion_id.length + 4 * FIELD_ROOM)
    at = put_whole(at, VARINT_3, adjustment.gifts)
    at = put_text(at, BYTES_2, &sku)
    at = put_text(at, BYTES_1, &promotion_id)
    return put_size(at, tag, written(output, at) - done)


cdef unsigned char* put_coupons(Output output, unsigned char* at, LoadedCart loaded, const Rules* rules) except NULL:
    cdef Codes codes = loaded.eligibility.codes
    cdef int32_t index
    for index in range(codes.count - 1, -1, -1):
        at = put_coupon(output, at, rules, &codes.codes[index])
    return at


cdef unsigned char* put_coupon(Output output, unsigned char* at, const Rules* rules, const SentCode* code) except NULL:
    """Enums count from 1 on the wire, where 0 means unspecified."""
    cdef int64_t done = written(output, at)
    cdef int32_t place
    cdef Text promotion_id
    for place in range(code.promotion_count - 1, -1, -1):
        promotion_id = constant_text(rules, rules.promotions[code.promotions[place]].id)
        at = put_entry(room(output, at, promotion_id.length + FIELD_ROOM), BYTES_4, &promotion_id)
    at = room(output, at, code.sent.length + 4 * FIELD_ROOM)
    if code.reason != GRANTED:
        at = put_number(at, VARINT_3, <int64_t>code.reason + 1)
    at = put_number(at, VARINT_2, <int64_t>code.state + 1)
    at = put_text(at, BYTES_1, &code.sent)
    return put_size(at, BYTES_18, written(output, at) - done)
