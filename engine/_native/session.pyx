"""Sessions: carts go in, quotes come out."""

from libc.stdint cimport int32_t, int64_t

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search
from engine._native.edits cimport Edits
from engine._native.layers cimport price_basket
from engine._native.loading cimport LoadedCart
from engine._native.objects cimport read_object
from engine._native.program cimport Program
from engine._native.quoting cimport draw_up, outcomes_of, sketch_of
from engine._native.sent cimport SentCart
from engine._native.texts cimport decoded
from engine._native.updating cimport Updated, update
from engine._native.wire_mutations cimport mutate_cart
from engine._native.wire_quotes cimport write_quote
from engine._native.wire_reading cimport read_cart
from engine._native.wire_writing cimport Output, write_cart

from engine.pricing.quote import Answer
from engine.pricing.validation import validate

cdef int64_t SECOND = 10**9     # nanoseconds

cdef enum State:
    EMPTY
    LOADED
    EVALUATED

cdef class Session:
    """Prices one cart after the other under one program. Belongs to one thread at a time."""

    cdef Program program
    cdef LoadedCart loaded
    cdef State state
    cdef Edits edits              # what the last mutations changed
    cdef Output output

    def __cinit__(self, Program program not None):
        self.program = program
        self.loaded = LoadedCart(program)
        self.state = EMPTY
        self.edits = Edits()
        self.output = Output()

    def load(self, cart, variant_of=None, only=None):
        """Takes a cart in. Raises InvalidCart; the session is empty then, and good for the next cart.

        Of a variant of a cart that a session of the program has taken in, what both share is not validated again.
        ``only``: the ids of the promotions that may apply, as if the cart declined all others.
        """
        self.restrict(only)
        self.take(cart, variant_of, False)

    cdef int restrict(self, object only) except -1:
        """Which promotions may apply to the cart taken in next, by id; None: any."""
        cdef dict indices = self.program.promotion_indices
        self.loaded.eligibility.only = None if only is None else {indices[each] for each in only if each in indices}
        return 0

    cdef int take(self, object cart, object variant_of, bint explains) except -1:
        """``explains``: why each promotion is not applied will be asked."""
        self.state = EMPTY
        validate(cart, self.program.declaration, variant_of=variant_of)
        read_object(cart, self.loaded.store)
        return self.lay_out(explains)

    cdef int lay_out(self, bint explains) except -1:
        self.loaded.lay_out(explains, False)
        # The status of a coupon tells why its promotions do not apply.
        self.loaded.basket.explains = explains or self.loaded.eligibility.codes.count > 0
        self.state = LOADED
        return 0

    def load_bytes(self, bytes data not None, int64_t now):
        """Takes in a serialized ``engine.v1.Cart``; ``now`` (ns since 1970 UTC) is its moment when it sends none.

        False: it is invalid, or protobuf reads it in a way of its own. The session is empty then; protobuf's parser
        and ``load`` say what is wrong, or take it.
        """
        self.state = EMPTY
        self.restrict(None)
        if not read_cart(self.loaded.store, &self.program.rules, data, now):
            return False
        self.lay_out(False)
        return True

    def mutate(self, bytes request not None, int64_t now):
        """Applies the mutations of a serialized ``engine.v1.MutateCartRequest`` to the loaded cart, all or none; a cart
        that sends no moment moves to ``now`` (nanoseconds since 1970 UTC). Raises RuntimeError when no cart is loaded.

        False: they are invalid, or protobuf reads them in a way of its own. The cart and its quote are as before then.
        """
        cdef State state = self.state
        cdef Updated updated
        if state == EMPTY:
            raise RuntimeError("no cart is loaded")
        # Should memory run out midway, no cart is left.
        self.state = EMPTY
        if not mutate_cart(self.loaded.store, &self.program.rules, request, now, self.edits, self.output):
            self.state = state
            return False
        updated = update(self.loaded, self.edits)
        if updated != Updated.UP_TO_DATE:
            self.loaded.lay_out(False, updated == Updated.LINES_KEPT)
        self.loaded.basket.explains = self.loaded.eligibility.codes.count > 0
        self.state = LOADED
        return True

    def cart_bytes(self):
        """The loaded cart as ``engine.v1.Cart``, lines and shipments by id; with its moment where it was sent, so that
        another one is priced at the clock again. Raises RuntimeError when none is loaded.
        """
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        write_cart(self.output, self.loaded.sent, self.loaded.sent.moment_sent)
        return self.output.taken()

    def redeemer(self):
        """What of the loaded cart counters are asked by: its id, currency, moment (nanoseconds since 1970 UTC),
        customer's id, codes as sent, and the promotions of which it brings usage. Raises RuntimeError when none is
        loaded.
        """
        cdef const SentCart* cart = self.loaded.sent
        cdef int32_t place
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        return (
            decoded(cart.id),
            decoded(cart.currency),
            cart.second * SECOND + cart.nanosecond,
            decoded(cart.customer.id),
            tuple([
                decoded(cart.texts[place])
                for place in range(cart.first_coupon, cart.first_coupon + cart.coupon_count)
            ]) if cart.coupon_count else (),
            [decoded(cart.usage[place].promotion_id) for place in range(cart.usage_count)] if cart.usage_count else (),
        )

    def quote_bytes(self):
        """The quote of the cart last evaluated as ``engine.v1.Quote``. Raises RuntimeError when there is none."""
        if self.state != EVALUATED:
            raise RuntimeError("no cart is evaluated")
        write_quote(self.output, self.program, self.loaded)
        return self.output.taken()

    def evaluate(self):
        """Prices the loaded cart. Raises RuntimeError when none is loaded."""
        cdef Basket* basket = &self.loaded.basket
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        # Should memory run out midway, there is no quote.
        self.state = LOADED
        while not price_basket(&self.program.rules, basket):
            self.loaded.take_room(2 * <long long>basket.room)
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

    def answer(self, cart):
        """The quote of a cart, and the outcome of every promotion that is not applied. Raises InvalidCart."""
        self.restrict(None)
        self.take(cart, None, True)
        self.evaluate()
        return Answer(self.quote(), outcomes_of(self.program, self.loaded))

    def sketch(self, cart, variant_of=None):
        """What a cart comes to, which promotions apply and what entered each layer. Raises InvalidCart.

        ``variant_of`` as in `load`.
        """
        self.load(cart, variant_of)
        self.evaluate()
        return sketch_of(self.program, self.loaded)

    def audit(self, cart):
        """For tests: how many nodes a search of the cart has when none is passed over, and how many of their sets save
        more than a bound above them says they may. Raises InvalidCart.
        """
        cdef Search* search = &self.loaded.basket.search
        self.load(cart)
        search.audited = True
        search.violations = 0
        try:
            self.evaluate()
        finally:
            search.audited = False
        return search.nodes, search.violations
