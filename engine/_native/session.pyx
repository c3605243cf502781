"""Sessions: carts go in, quotes come out."""

from libc.stdint cimport INT64_MAX, int32_t, int64_t

from engine._native.artifact cimport LAYERS, Layer, LayerKind
from engine._native.basket cimport Adjustment, Basket, LayerResult, Line, Run
from engine._native.layers cimport price_basket
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program

from engine.pricing.quote import Adjustment as QuotedAdjustment
from engine.pricing.quote import Bucket, Quote, QuotedLayer, QuotedLine, QuotedShipment, Search, Share
from engine.pricing.validation import validate

cdef enum State:
    EMPTY
    LOADED
    EVALUATED

LAYER_KINDS = {LayerKind.GOODS: "goods", LayerKind.SHIPPING: "shipping", LayerKind.POINTS: "points"}


cdef class Session:
    """Prices one cart after the other under one program. Belongs to one thread at a time."""

    cdef Program program
    cdef LoadedCart loaded
    cdef State state

    def __cinit__(self, Program program not None):
        self.program = program
        self.loaded = LoadedCart(program)
        self.state = EMPTY

    def load(self, cart):
        """Takes a cart in. Raises InvalidCart; the session is empty then, and good for the next cart."""
        self.state = EMPTY
        validate(cart, self.program.declaration)
        self.loaded.fill(cart)
        self.state = LOADED

    def evaluate(self):
        """Prices the loaded cart. Raises RuntimeError when none is loaded."""
        cdef Basket* basket = &self.loaded.basket
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        while not price_basket(&self.program.rules, basket):
            self.loaded.take_room(2 * <int64_t>basket.room)
        self.state = EVALUATED

    def quote(self):
        """The quote of the cart last evaluated. Raises RuntimeError when there is none."""
        if self.state != EVALUATED:
            raise RuntimeError("no cart is evaluated")
        return draw_up(self.program, self.loaded)

    def price(self, cart):
        """The quote of a cart. Raises InvalidCart."""
        self.load(cart)
        self.evaluate()
        return self.quote()


cdef object draw_up(Program program, LoadedCart loaded):
    cdef Basket* basket = &loaded.basket
    cdef int64_t merchandise = 0, subtotal = 0, shipping_price = 0, shipping = 0
    cdef int32_t index
    for index in range(basket.line_count):
        merchandise += basket.lines[index].merchandise
        subtotal += basket.lines[index].subtotal
    for index in range(basket.shipment_count):
        shipping_price += basket.shipments[index].price
        shipping += basket.shipments[index].charge
    cart = loaded.cart
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
        layers=tuple([quoted_layer(program, loaded, index) for index in range(program.rules.counts[<int>LAYERS])]),
        merchandise=merchandise,
        subtotal=subtotal,
        shipping_price=shipping_price,
        shipping=shipping,
        total=subtotal + shipping,
        search=quoted_search(loaded),
    )


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
        quoted_adjustment(program, &loaded.basket, place, carriers)
        for place in range(result.first_adjustment, result.first_adjustment + result.adjustment_count)
    ]
    return QuotedLayer(
        program.texts[layer.name], LAYER_KINDS[layer.kind], tuple(adjustments), result.subtotal, result.shipping
    )


cdef object quoted_adjustment(Program program, const Basket* basket, int32_t index, list carriers):
    cdef const Adjustment* adjustment = &basket.adjustments[index]
    cdef int32_t place
    shares = []
    for place in range(adjustment.first_share, adjustment.first_share + adjustment.share_count):
        shares.append(Share(carriers[basket.shares[place].target].id, basket.shares[place].amount))
    return QuotedAdjustment(
        program.texts[program.rules.promotions[adjustment.promotion].id],
        program.texts[program.rules.promotions[adjustment.promotion].name],
        adjustment.amount,
        adjustment.ungranted,
        tuple(shares),
    )
