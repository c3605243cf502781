"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    EFFECT_REWARDS, GIFT_REWARDS, LAYERS, SHIPPING_REWARDS, EffectReward, GiftReward, Layer, LayerKind, Promotion,
)
from engine._native.basket cimport Adjustment, Basket, LayerResult, Line, Run, Share, Shipment, Text, Totals, same
from engine._native.codes cimport Codes, SentCode, why
from engine._native.compatibility cimport displacing
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program, Rules, constant_text, needs_coupon
from engine._native.rewards cimport DISPLACED, GRANTED
from engine._native.sent cimport SECOND, SentCart, SentLine, SentShipment
from engine._native.texts cimport decoded

from engine.pricing.quote import Adjustment as QuotedAdjustment
from engine.pricing.quote import (
    Bucket,
    CouponStatus,
    Effect,
    Gift,
    Outcome,
    Quote,
    QuotedLayer,
    QuotedLine,
    QuotedShipment,
    Reason,
    Search,
    Status,
)
from engine.pricing.quote import Share as QuotedShare
from engine.pricing.sketch import Entered, Grant, Sketch

REASONS = tuple(Reason)
STATUSES = tuple(Status)


cdef object draw_up(LoadedCart loaded):
    cdef Program program = loaded.program
    cdef Basket* basket = &loaded.basket
    cdef const Totals* totals = &basket.totals
    cdef int32_t index
    cdef const SentCart* sent = loaded.sent
    cdef int64_t open_until = loaded.eligibility.open_until
    layers = tuple([quoted_layer(loaded, index) for index in range(program.rules.counts[<int>LAYERS])])
    return Quote(
        cart_id=decoded(sent.id),
        rule_set=program.name,
        rule_set_version=program.version,
        currency=decoded(sent.currency),
        at=<object>sent.second * SECOND + sent.nanosecond,
        valid_until=None if open_until == INT64_MAX else open_until,
        lines=tuple([quoted_line(loaded, index) for index in range(basket.line_count)]),
        shipments=tuple([quoted_shipment(loaded, index) for index in range(basket.shipment_count)]),
        layers=layers,
        merchandise=basket.merchandise,
        subtotal=basket.subtotal,
        shipping_price=totals.shipping_price,
        shipping=totals.shipping,
        total=basket.subtotal + totals.shipping,
        points=totals.points,
        credit=totals.credit,
        gifts=quoted_gifts(layers) if program.rules.counts[<int>GIFT_REWARDS] else (),
        coupons=coupon_statuses(loaded) if loaded.eligibility.codes.count else (),
        search=quoted_search(loaded),
    )


cdef object sketch_of(LoadedCart loaded):
    cdef Program program = loaded.program
    cdef Basket* basket = &loaded.basket
    cdef const LayerResult* result
    cdef const Adjustment* adjustment
    cdef const Promotion* promotion
    cdef int64_t total = 0
    cdef int32_t index, place
    subtotals = {}
    segments = {}
    for index in range(basket.line_count):
        total += basket.lines[index].subtotal
        id = decoded(loaded.sent.lines[loaded.places[index]].id)
        subtotals[id] = basket.lines[index].merchandise
        segments[id] = segments_of(loaded, index)
    charges = {}
    for index in range(basket.shipment_count):
        total += basket.shipments[index].charge
        charges[decoded(loaded.sent.shipments[index].id)] = basket.shipments[index].price
    weight = 0
    grants = {}
    entered = []
    for index in range(program.rules.counts[<int>LAYERS]):
        result = &basket.layers[index]
        entered.append(Entered(subtotals, charges, weight))
        if result.adjustment_count:
            subtotals = subtotals.copy()
            charges = charges.copy()
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count):
            adjustment = &basket.adjustments[place]
            promotion = &program.rules.promotions[adjustment.promotion]
            grants[program.texts[promotion.id]] = Grant(
                adjustment.amount, adjustment.points, adjustment.credit, adjustment.gifts
            )
            if promotion.family == GIFT_REWARDS:
                weight += adjustment.gifts * program.rules.gift_rewards[promotion.reward].weight
            take_shares(loaded, adjustment, subtotals, charges)
    return Sketch(total, grants, tuple(entered), segments)


cdef object segments_of(LoadedCart loaded, int32_t index):
    """The segments by which rewards reach a line."""
    cdef const Line* line = &loaded.basket.lines[index]
    cdef int32_t place
    if not loaded.sent.lines[loaded.places[index]].discountable:
        return frozenset()
    return frozenset([line.segments[place] for place in range(line.segment_count)])


cdef int take_shares(LoadedCart loaded, const Adjustment* adjustment, dict subtotals, dict charges) except -1:
    cdef int32_t place
    cdef const Share* share
    for place in range(adjustment.first_share, adjustment.first_share + adjustment.share_count):
        share = &loaded.basket.shares[place]
        id = decoded(carrier_of(loaded, share))
        left = subtotals if is_of_line(loaded, share) else charges
        left[id] = left[id] - share.amount
    return 0


cdef object quoted_search(LoadedCart loaded):
    if not loaded.searches:
        return None
    return Search(bool(loaded.basket.search.optimal), loaded.basket.search.nodes, loaded.basket.search.gap)


cdef object quoted_line(LoadedCart loaded, int32_t index):
    cdef const Basket* basket = &loaded.basket
    cdef const SentLine* sent = &loaded.sent.lines[loaded.places[index]]
    cdef const Line* line = &basket.lines[index]
    cdef const Run* run
    buckets = []
    for run in line.runs[:line.run_count]:
        buckets.append(Bucket(run.price, run.count))
    return QuotedLine(
        decoded(sent.id), decoded(sent.sku), line.quantity, line.merchandise, line.subtotal, tuple(buckets)
    )


cdef object quoted_shipment(LoadedCart loaded, int32_t index):
    cdef const SentShipment* sent = &loaded.sent.shipments[index]
    cdef const Shipment* shipment = &loaded.basket.shipments[index]
    return QuotedShipment(decoded(sent.id), decoded(sent.method), shipment.price, shipment.charge)


cdef object quoted_layer(LoadedCart loaded, int32_t index):
    cdef const Layer* layer = &loaded.program.rules.layers[index]
    cdef const LayerResult* result = &loaded.basket.layers[index]
    cdef int32_t place
    adjustments = [
        quoted_adjustment(loaded, place)
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count)
    ]
    return QuotedLayer(
        loaded.program.texts[layer.name], decoded(kind_of(layer)), tuple(adjustments), result.subtotal, result.shipping
    )


cdef Text kind_of(const Layer* layer) noexcept:
    if layer.kind == LayerKind.GOODS:
        return Text(b"goods", 5)
    if layer.kind == LayerKind.SHIPPING:
        return Text(b"shipping", 8)
    return Text(b"points", 6)


cdef object quoted_adjustment(LoadedCart loaded, int32_t index):
    cdef Program program = loaded.program
    cdef const Basket* basket = &loaded.basket
    cdef const Adjustment* adjustment = &basket.adjustments[index]
    cdef const Promotion* promotion = &program.rules.promotions[adjustment.promotion]
    cdef int32_t place
    cdef const Share* share
    shares = []
    shipment_shares = []
    for place in range(adjustment.first_share, adjustment.first_share + adjustment.share_count):
        share = &basket.shares[place]
        beside = promotion.family != SHIPPING_REWARDS and not is_of_line(loaded, share)
        (shipment_shares if beside else shares).append(QuotedShare(decoded(carrier_of(loaded, share)), share.amount))
    quoted = QuotedAdjustment(
        program.texts[promotion.id], program.texts[promotion.name], adjustment.amount, adjustment.ungranted,
        tuple(shares), shipment_shares=tuple(shipment_shares),
    )
    if promotion.family <= <int>SHIPPING_REWARDS and not needs_coupon(promotion):
        return quoted
    return quoted._replace(
        points=adjustment.points,
        credit=adjustment.credit,
        gift=quoted_gift(loaded, adjustment) if promotion.family == GIFT_REWARDS else None,
        effect=quoted_effect(program, promotion) if promotion.family == EFFECT_REWARDS else None,
        coupon=decoded(coupon_of(loaded, adjustment.promotion)),
    )


cdef inline bint is_of_line(LoadedCart loaded, const Share* share) noexcept:
    """Whether the share is of a line, not of a shipment."""
    return share.target < loaded.basket.line_count


cdef Text carrier_of(LoadedCart loaded, const Share* share) noexcept:
    """The id of the line or shipment that a share is of."""
    if is_of_line(loaded, share):
        return loaded.sent.lines[loaded.places[share.target]].id
    return loaded.sent.shipments[share.target - loaded.basket.line_count].id


cdef Text coupon_of(LoadedCart loaded, int32_t promotion) noexcept:
    """The code, as sent, by which a promotion applies; absent when it needs none."""
    cdef Codes codes = loaded.eligibility.codes
    if needs_coupon(&loaded.program.rules.promotions[promotion]):
        return codes.codes[codes.used[promotion]].sent
    return Text(NULL, 0)


cdef object quoted_gift(LoadedCart loaded, const Adjustment* adjustment):
    cdef Program program = loaded.program
    cdef const Rules* rules = &program.rules
    cdef const Promotion* promotion = &rules.promotions[adjustment.promotion]
    cdef const GiftReward* reward = &rules.gift_rewards[promotion.reward]
    cdef int32_t sku
    skus = []
    for sku in rules.text_lists[reward.first_sku:reward.first_sku + reward.sku_count]:
        skus.append(program.texts[sku])
    if len(skus) == 1:
        return Gift(program.texts[promotion.id], skus[0], adjustment.gifts)
    picked = decoded(picked_sku(loaded.sent, constant_text(rules, promotion.id), rules, reward))
    return Gift(program.texts[promotion.id], picked, adjustment.gifts, tuple(skus))


cdef Text picked_sku(const SentCart* sent, Text promotion_id, const Rules* rules, const GiftReward* reward) noexcept:
    """The SKU of the first gift sent back that is one of those to choose from; else absent."""
    cdef const SentLine* line
    cdef int32_t sku
    for line in sent.lines[:sent.line_count]:
        if line.gift_of.start != NULL and same(line.gift_of, promotion_id):
            for sku in rules.text_lists[reward.first_sku:reward.first_sku + reward.sku_count]:
                if same(constant_text(rules, sku), line.sku):
                    return line.sku
    return Text(NULL, 0)


cdef object quoted_effect(Program program, const Promotion* promotion):
    cdef const EffectReward* reward = &program.rules.effect_rewards[promotion.reward]
    return Effect(program.texts[reward.name], program.texts[reward.payload])


cdef tuple quoted_gifts(tuple layers):
    return tuple([each.gift for layer in layers for each in layer.adjustments if each.gift is not None])


cdef tuple coupon_statuses(LoadedCart loaded):
    """Of a cart that sends codes."""
    cdef Codes codes = loaded.eligibility.codes
    cdef const SentCode* code
    cdef int32_t index
    statuses = []
    for code in codes.codes[:codes.count]:
        reason = None if code.reason == GRANTED else REASONS[code.reason]
        promotions = []
        for index in code.promotions[:code.promotion_count]:
            promotions.append(id_of(loaded, index))
        statuses.append(CouponStatus(decoded(code.sent), STATUSES[code.state], reason, tuple(promotions)))
    return tuple(statuses)


cdef object outcome_of(LoadedCart loaded, int32_t index):
    """Why a promotion is not applied; None when it is."""
    cdef int outcome = why(loaded.program, &loaded.basket, loaded.sent.second, index)
    by = ""
    if outcome == GRANTED:
        return None
    if outcome == DISPLACED:
        by = id_of(loaded, displacing(&loaded.program.rules, &loaded.basket, index))
    return Outcome(id_of(loaded, index), REASONS[outcome], by)


cdef str id_of(LoadedCart loaded, int32_t promotion):
    return loaded.program.texts[loaded.program.rules.promotions[promotion].id]
