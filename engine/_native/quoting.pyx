"""Drawing up the quote of a cart that was priced, and why promotions do not apply (docs/pricing.md §8)."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport (
    EFFECT_REWARDS, GIFT_REWARDS, LAYERS, PROMOTIONS, SHIPPING_REWARDS, EffectReward, GiftReward, Layer, LayerKind,
    Promotion,
)
from engine._native.basket cimport Adjustment, Basket, LayerResult, Line, Run
from engine._native.compatibility cimport displacing
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program
from engine._native.rewards cimport DISPLACED, EMPTY_CART, EXPIRED, GRANTED, NOT_STARTED, OUTSIDE_SCHEDULE

from engine.pricing.quote import Adjustment as QuotedAdjustment
from engine.pricing.quote import (
    Bucket,
    Effect,
    Gift,
    Outcome,
    Quote,
    QuotedLayer,
    QuotedLine,
    QuotedShipment,
    Reason,
    Search,
    Share,
)
from engine.pricing.sketch import Entered, Grant, Sketch

LAYER_KINDS = {LayerKind.GOODS: "goods", LayerKind.SHIPPING: "shipping", LayerKind.POINTS: "points"}
REASONS = tuple(Reason)
SECOND = 10**9
"""Nanoseconds."""


cdef object draw_up(Program program, LoadedCart loaded):
    cdef Basket* basket = &loaded.basket
    cdef int64_t merchandise = 0, subtotal = 0, shipping_price = 0, shipping = 0, points = 0, credit = 0
    cdef int32_t index
    cdef const Adjustment* adjustment
    for index in range(basket.line_count):
        merchandise += basket.lines[index].merchandise
        subtotal += basket.lines[index].subtotal
    for index in range(basket.shipment_count):
        shipping_price += basket.shipments[index].price
        shipping += basket.shipments[index].charge
    cart = loaded.cart
    layers = tuple([quoted_layer(program, loaded, index) for index in range(program.rules.counts[<int>LAYERS])])
    for adjustment in basket.adjustments[:basket.adjustment_count]:
        points += adjustment.points
        credit += adjustment.credit
    return Quote(
        cart_id=cart.id,
        rule_set=program.name,
        rule_set_version=program.version,
        currency=cart.currency,
        at=cart.at,
        valid_until=None if loaded.open_until == INT64_MAX else loaded.open_until,
        lines=tuple([quoted_line(basket, index, loaded.lines[index]) for index in range(basket.line_count)]),
        shipments=tuple([
            quoted_shipment(basket, index, loaded.shipments[index]) for index in range(basket.shipment_count)
        ]),
        layers=layers,
        merchandise=merchandise,
        subtotal=subtotal,
        shipping_price=shipping_price,
        shipping=shipping,
        total=subtotal + shipping,
        points=points,
        credit=credit,
        gifts=quoted_gifts(layers) if program.rules.counts[<int>GIFT_REWARDS] else (),
        coupons=coupon_statuses(program, loaded, layers) if loaded.codes.sent else (),
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
    for index in range(basket.line_count):
        total += basket.lines[index].subtotal
        subtotals[loaded.lines[index].id] = basket.lines[index].merchandise
    charges = {}
    for index in range(basket.shipment_count):
        total += basket.shipments[index].charge
        charges[loaded.shipments[index].id] = basket.shipments[index].price
    weight = 0
    grants = {}
    entered = []
    for index in range(program.rules.counts[<int>LAYERS]):
        result = &basket.layers[index]
        entered.append(Entered(subtotals, charges, weight))
        if result.adjustment_count and program.rules.layers[index].kind == LayerKind.SHIPPING:
            charges = charges.copy()
        elif result.adjustment_count:
            subtotals = subtotals.copy()
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count):
            adjustment = &basket.adjustments[place]
            promotion = &program.rules.promotions[adjustment.promotion]
            grants[program.texts[promotion.id]] = Grant(
                adjustment.amount, adjustment.points, adjustment.credit, adjustment.gifts
            )
            if promotion.family == GIFT_REWARDS:
                weight += adjustment.gifts * program.rules.gift_rewards[promotion.reward].weight
            if program.rules.layers[index].kind == LayerKind.SHIPPING:
                take_shares(basket, adjustment, charges, loaded.shipments)
            else:
                take_shares(basket, adjustment, subtotals, loaded.lines)
    return Sketch(total, grants, tuple(entered))


cdef int take_shares(const Basket* basket, const Adjustment* adjustment, dict left, list carriers) except -1:
    cdef int32_t place
    for place in range(adjustment.first_share, adjustment.first_share + adjustment.share_count):
        id = carriers[basket.shares[place].target].id
        left[id] = left[id] - basket.shares[place].amount
    return 0


cdef object quoted_search(LoadedCart loaded):
    if not loaded.searches:
        return None
    return Search(bool(loaded.basket.search.optimal), loaded.basket.search.nodes, loaded.basket.search.gap)


cdef object quoted_line(const Basket* basket, int32_t index, object sent):
    cdef const Line* line = &basket.lines[index]
    cdef const Run* run
    buckets = []
    for run in basket.runs[line.first_run:line.first_run + line.run_count]:
        buckets.append(Bucket(run.price, run.count))
    return QuotedLine(sent.id, sent.sku, line.quantity, line.merchandise, line.subtotal, tuple(buckets))


cdef object quoted_shipment(const Basket* basket, int32_t index, object sent):
    return QuotedShipment(sent.id, sent.method, basket.shipments[index].price, basket.shipments[index].charge)


cdef object quoted_layer(Program program, LoadedCart loaded, int32_t index):
    cdef const Layer* layer = &program.rules.layers[index]
    cdef const LayerResult* result = &loaded.basket.layers[index]
    cdef int32_t place
    carriers = loaded.shipments if layer.kind == LayerKind.SHIPPING else loaded.lines
    adjustments = [
        quoted_adjustment(program, loaded, place, carriers)
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count)
    ]
    return QuotedLayer(
        program.texts[layer.name], LAYER_KINDS[layer.kind], tuple(adjustments), result.subtotal, result.shipping
    )


cdef object quoted_adjustment(Program program, LoadedCart loaded, int32_t index, list carriers):
    cdef const Basket* basket = &loaded.basket
    cdef const Adjustment* adjustment = &basket.adjustments[index]
    cdef const Promotion* promotion = &program.rules.promotions[adjustment.promotion]
    cdef int32_t place
    shares = []
    for place in range(adjustment.first_share, adjustment.first_share + adjustment.share_count):
        shares.append(Share(carriers[basket.shares[place].target].id, basket.shares[place].amount))
    quoted = QuotedAdjustment(
        program.texts[promotion.id], program.texts[promotion.name], adjustment.amount, adjustment.ungranted,
        tuple(shares),
    )
    if promotion.family <= <int>SHIPPING_REWARDS and not promotion.code_count:
        return quoted
    return quoted._replace(
        points=adjustment.points,
        credit=adjustment.credit,
        gift=quoted_gift(program, loaded, adjustment) if promotion.family == GIFT_REWARDS else None,
        effect=quoted_effect(program, promotion) if promotion.family == EFFECT_REWARDS else None,
        coupon=loaded.coupons.get(adjustment.promotion, ""),
    )


cdef object quoted_gift(Program program, LoadedCart loaded, const Adjustment* adjustment):
    cdef const GiftReward* reward = &program.rules.gift_rewards[program.rules.promotions[adjustment.promotion].reward]
    cdef int32_t sku
    promotion_id = program.texts[program.rules.promotions[adjustment.promotion].id]
    skus = []
    for sku in program.rules.text_lists[reward.first_sku:reward.first_sku + reward.sku_count]:
        skus.append(program.texts[sku])
    if len(skus) == 1:
        return Gift(promotion_id, skus[0], adjustment.gifts)
    picked = next((each for each in loaded.picks.get(promotion_id, ()) if each in skus), "")
    return Gift(promotion_id, picked, adjustment.gifts, tuple(skus))


cdef object quoted_effect(Program program, const Promotion* promotion):
    cdef const EffectReward* reward = &program.rules.effect_rewards[promotion.reward]
    return Effect(program.texts[reward.name], program.texts[reward.payload])


cdef tuple quoted_gifts(tuple layers):
    return tuple([each.gift for layer in layers for each in layer.adjustments if each.gift is not None])


cdef tuple coupon_statuses(Program program, LoadedCart loaded, tuple layers):
    adjustments = [adjustment for layer in layers for adjustment in layer.adjustments]
    return loaded.codes.statuses(program.coded.values(), adjustments, coded_outcomes(program, loaded))


cdef tuple outcomes_of(Program program, LoadedCart loaded):
    """Of every promotion that is not applied, in the order of granting."""
    cdef int32_t index
    outcomes = [outcome_of(program, loaded, index) for index in range(program.rules.counts[<int>PROMOTIONS])]
    return tuple([outcome for outcome in outcomes if outcome is not None])


cdef dict coded_outcomes(Program program, LoadedCart loaded):
    """Of promotions that need one of the codes sent, by id."""
    cdef int32_t index
    outcomes = {}
    for index, coded in program.coded.items():
        if not coded.codes.isdisjoint(loaded.codes.sent):
            outcome = outcome_of(program, loaded, index)
            if outcome is not None:
                outcomes[coded.promotion_id] = outcome
    return outcomes


cdef object outcome_of(Program program, LoadedCart loaded, int32_t index):
    """None for a promotion that is applied."""
    cdef const Promotion* promotion = &program.rules.promotions[index]
    cdef Basket* basket = &loaded.basket
    cdef int outcome = basket.outcomes[index]
    cdef int64_t second = loaded.cart.at // SECOND
    by = ""
    if basket.line_count == 0:
        outcome = EMPTY_CART
    elif outcome == GRANTED:
        return None
    elif outcome == DISPLACED:
        by = program.texts[program.rules.promotions[displacing(&program.rules, basket, index)].id]
    elif outcome == OUTSIDE_SCHEDULE:
        if second < program.rules.schedules[promotion.schedule].starts:
            outcome = NOT_STARTED
        elif second >= program.rules.schedules[promotion.schedule].ends:
            outcome = EXPIRED
    return Outcome(program.texts[promotion.id], REASONS[outcome], by)
