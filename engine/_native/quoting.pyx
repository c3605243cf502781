"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    EFFECT_REWARDS, GIFT_REWARDS, LAYERS, SHIPPING_REWARDS, EffectReward, GiftReward, Layer, LayerKind, Promotion,
)
from engine._native.basket cimport Adjustment, Basket, LayerResult, Line, Run, Share, Shipment, Text, Totals
from engine._native.codes cimport Codes, SentCode, why
from engine._native.compatibility cimport displacing
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program, needs_coupon
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

LAYER_KINDS = {LayerKind.GOODS: "goods", LayerKind.SHIPPING: "shipping", LayerKind.POINTS: "points"}
REASONS = tuple(Reason)
STATUSES = tuple(Status)


cdef object draw_up(Program program, LoadedCart loaded):
    cdef Basket* basket = &loaded.basket
    cdef const Totals* totals = &basket.totals
    cdef int32_t index
    cdef const SentCart* sent = loaded.sent
    cdef int64_t open_until = loaded.eligibility.open_until
    layers = tuple([quoted_layer(program, loaded, index) for index in range(program.rules.counts[<int>LAYERS])])
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
        coupons=coupon_statuses(program, loaded) if loaded.eligibility.codes.count else (),
        search=quoted_search(loaded),
    )


cdef object sketch_of(Program program, LoadedCart loaded):
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


cdef object quoted_layer(Program program, LoadedCart loaded, int32_t index):
    cdef const Layer* layer = &program.rules.layers[index]
    cdef const LayerResult* result = &loaded.basket.layers[index]
    cdef int32_t place
    adjustments = [
        quoted_adjustment(program, loaded, place)
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count)
    ]
    return QuotedLayer(
        program.texts[layer.name], LAYER_KINDS[layer.kind], tuple(adjustments), result.subtotal, result.shipping
    )


cdef object quoted_adjustment(Program program, LoadedCart loaded, int32_t index):
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
        gift=quoted_gift(program, loaded, adjustment) if promotion.family == GIFT_REWARDS else None,
        effect=quoted_effect(program, promotion) if promotion.family == EFFECT_REWARDS else None,
        coupon=decoded(coupon_of(loaded, adjustment.promotion)),
    )


cdef inline bint is_of_line(LoadedCart loaded, const Share* share) noexcept:
    """Whether the share is of a line, not of a shipment."""
    return share.target < loaded.basket.line_count


cdef Text carrier_of(LoadedCart loaded, const Share* share):
    """The id of the line or shipment that a share is of."""
    if is_of_line(loaded, share):
        return loaded.sent.lines[loaded.places[share.target]].id
    return loaded.sent.shipments[share.target - loaded.basket.line_count].id


cdef Text coupon_of(LoadedCart loaded, int32_t promotion):
    """The code, as sent, by which a promotion applies; absent when it needs none."""
    cdef Codes codes = loaded.eligibility.codes
    if needs_coupon(&loaded.program.rules.promotions[promotion]):
        return codes.codes[codes.used[promotion]].sent
    return Text(NULL, 0)


cdef object quoted_gift(Program program, LoadedCart loaded, const Adjustment* adjustment):
    cdef const GiftReward* reward = &program.rules.gift_rewards[program.rules.promotions[adjustment.promotion].reward]
    cdef int32_t sku
    promotion_id = program.texts[program.rules.promotions[adjustment.promotion].id]
    skus = []
    for sku in program.rules.text_lists[reward.first_sku:reward.first_sku + reward.sku_count]:
        skus.append(program.texts[sku])
    if len(skus) == 1:
        return Gift(promotion_id, skus[0], adjustment.gifts)
    return Gift(promotion_id, picked_sku(loaded, promotion_id, skus), adjustment.gifts, tuple(skus))


cdef str picked_sku(LoadedCart loaded, str promotion_id, list skus):
    """The SKU of the first gift sent back that is one of those to choose from; else empty."""
    cdef const SentLine* line
    for line in loaded.sent.lines[:loaded.sent.line_count]:
        if line.gift_of.start != NULL and decoded(line.gift_of) == promotion_id and decoded(line.sku) in skus:
            return decoded(line.sku)
    return ""


cdef object quoted_effect(Program program, const Promotion* promotion):
    cdef const EffectReward* reward = &program.rules.effect_rewards[promotion.reward]
    return Effect(program.texts[reward.name], program.texts[reward.payload])


cdef tuple quoted_gifts(tuple layers):
    return tuple([each.gift for layer in layers for each in layer.adjustments if each.gift is not None])


cdef tuple coupon_statuses(Program program, LoadedCart loaded):
    """Of a cart that sends codes."""
    cdef Codes codes = loaded.eligibility.codes
    cdef const SentCode* code
    cdef int32_t index
    statuses = []
    for code in codes.codes[:codes.count]:
        reason = None if code.reason == GRANTED else REASONS[code.reason]
        promotions = []
        for index in code.promotions[:code.promotion_count]:
            promotions.append(program.texts[program.rules.promotions[index].id])
        statuses.append(CouponStatus(decoded(code.sent), STATUSES[code.state], reason, tuple(promotions)))
    return tuple(statuses)


cdef object outcome_of(Program program, LoadedCart loaded, int32_t index):
    """Why a promotion is not applied; None when it is."""
    cdef int outcome = why(program, &loaded.basket, loaded.sent.second, index)
    by = ""
    if outcome == GRANTED:
        return None
    if outcome == DISPLACED:
        by = program.texts[program.rules.promotions[displacing(&program.rules, &loaded.basket, index)].id]
    return Outcome(program.texts[program.rules.promotions[index].id], REASONS[outcome], by)
