"""Sessions: carts go in, quotes come out."""

from engine._native.basket cimport Basket
from engine._native.candidates cimport Search
from engine._native.layers cimport price_basket
from engine._native.loading cimport LoadedCart
from engine._native.program cimport Program
from engine._native.quoting cimport draw_up, outcomes_of, sketch_of

from engine.pricing.quote import Answer
from engine.pricing.validation import validate

cdef enum State:
    EMPTY
    LOADED
    EVALUATED

cdef class Session:
    """Prices one cart after the other under one program. Belongs to one thread at a time."""

    cdef Program program
    cdef LoadedCart loaded
    cdef State state

    def __cinit__(self, Program program not None):
        self.program = program
        self.loaded = LoadedCart(program)
        self.state = EMPTY

    def load(self, cart, variant_of=None):
        """Takes a cart in. Raises InvalidCart; the session is empty then, and good for the next cart.

        Of a variant of a cart that a session of the program has taken in, what both share is not validated again.
        """
        self.state = EMPTY
        validate(cart, self.program.declaration, variant_of=variant_of)
        self.loaded.fill(cart)
        # The status of a coupon tells why its promotions do not apply.
        self.loaded.basket.explains = len(self.loaded.codes.sent) > 0
        self.state = LOADED

    def evaluate(self):
        """Prices the loaded cart. Raises RuntimeError when none is loaded."""
        cdef Basket* basket = &self.loaded.basket
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
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
        self.load(cart)
        self.loaded.basket.explains = True
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
