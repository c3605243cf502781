# cython: binding=False
# Without binding, methods are plain C functions: a call takes some 80 instructions less.
"""Sessions: carts go in, quotes come out."""

from libc.stdint cimport int32_t, int64_t

from engine._native.artifact cimport PROMOTIONS
from engine._native.layers cimport add_up, price_basket
from engine._native.loading cimport LoadedCart
from engine._native.objects cimport read_object
from engine._native.program cimport Program
from engine._native.quoting cimport draw_up, outcome_of, sketch_of
from engine._native.search.candidates cimport Search
from engine._native.sent cimport SECOND, SentCart
from engine._native.store cimport SentStore
from engine._native.texts cimport decoded
from engine._native.updating cimport update
from engine._native.wire.mutations cimport mutate_cart
from engine._native.wire.quotes cimport write_quote
from engine._native.wire.reading cimport read_cart
from engine._native.wire.writing cimport Output, write_cart
from engine._native.workspace cimport Workspace

from engine.pricing.quote import Answer
from engine.pricing.sketch import Explained
from engine.pricing.validation import validate

cdef enum:
    OBJECTS = 1024                # bytes of a session's own objects, about

cdef enum State:
    EMPTY
    LOADED
    EVALUATED

cdef class Session:
    """A cart under one program: as it was sent, and which segments its lines are in. Takes any number of carts in turn.

    It is priced in a workspace, which must have the same owner. The workspace keeps the cart that was priced there last
    laid out: that one is only updated after mutations, any other is laid out first.
    """

    cdef Program program
    cdef Workspace _workspace
    cdef SentStore store
    cdef State state              # EVALUATED is valid while the cart is laid out in the workspace
    cdef bint explains            # why each promotion is not applied will be asked
    cdef set only                 # the only promotions that may apply, by index; None: any may

    def __cinit__(self, Program program not None, Workspace workspace=None):
        self.program = program
        self.store = SentStore()
        self.workspace = Workspace(program) if workspace is None else workspace

    @property
    def workspace(self):
        return self._workspace

    @workspace.setter
    def workspace(self, Workspace workspace not None):
        """Raises ValueError for that of another program."""
        if workspace.program is not self.program:
            raise ValueError("this workspace is for another program")
        # A cart is laid out in one workspace at most: mutations would not reach another.
        if self._workspace is not None and self._workspace is not workspace:
            self.leave()
        self._workspace = workspace

    def load(self, cart, variant_of=None, only=None):
        """Takes in a cart. Raises InvalidCart; the session is empty then, and can take the next cart.

        ``variant_of``: a cart that a session of the program has taken in; what both share is not validated again.
        ``only``: ids of the only promotions that may apply, as if the cart declined all others.
        """
        self.take(cart, variant_of, False, only)

    cdef int take(self, object cart, object variant_of, bint explains, object only) except -1:
        """``explains``: why each promotion is not applied will be asked."""
        cdef dict indices = self.program.promotion_indices
        self.state = EMPTY
        validate(cart, self.program.declaration, variant_of=variant_of)
        read_object(cart, self.store)
        self.explains = explains
        self.only = None if only is None else {indices[each] for each in only if each in indices}
        return self.lay_out()

    cdef int lay_out(self) except -1:
        self._workspace.loaded.eligibility.only = self.only
        self._workspace.loaded.lay_out(self.store, self.explains)
        self.explain()
        self.state = LOADED
        return 0

    cdef void explain(self) noexcept:
        """With coupons, outcomes are needed: the status of a code says why its promotions do not apply."""
        cdef LoadedCart loaded = self._workspace.loaded
        loaded.basket.explains = self.explains or loaded.eligibility.codes.count > 0

    cdef bint is_laid_out(self) noexcept:
        """Whether the cart is laid out in the workspace."""
        return self._workspace.loaded.store is self.store

    cdef void leave(self) noexcept:
        """The cart is no longer laid out in the workspace."""
        if self.is_laid_out():
            self._workspace.loaded.store = None

    def load_bytes(self, bytes data not None, int64_t now):
        """Takes in a serialized ``engine.v1.Cart``; ``now`` (ns since 1970 UTC) is its moment when it sends none.

        False: the cart is invalid, or of a form that only protobuf's parser reads. The session is empty then;
        protobuf's parser and ``load`` say what is wrong, or take the cart.
        """
        self.state = EMPTY
        self.only = None
        if not read_cart(self.store, &self.program.rules, data, now):
            return False
        self.explains = False
        self.lay_out()
        return True

    def mutate(self, bytes request not None, int64_t now):
        """Applies the mutations of a serialized ``engine.v1.MutateCartRequest`` to the loaded cart, all or none. A cart
        that sends no moment moves to ``now`` (ns since 1970 UTC). Raises RuntimeError when no cart is loaded.

        False: they are invalid, or of a form that only protobuf's parser reads; the cart and its quote are unchanged.
        """
        cdef State state = self.state
        cdef Workspace room = self._workspace
        if state == EMPTY:
            raise RuntimeError("no cart is loaded")
        # If memory runs out midway, no cart is loaded.
        self.state = EMPTY
        if not mutate_cart(self.store, &self.program.rules, request, now, room.edits, room.output):
            self.state = state
            return False
        self.explains = False
        if self.is_laid_out() and update(room.loaded, room.edits):
            self.explain()
            self.state = LOADED
        else:
            self.lay_out()
        room.loaded.basket.kept.wanted = True
        return True

    def cart_bytes(self):
        """The loaded cart as ``engine.v1.Cart``, lines and shipments by id. It has a moment only if one was sent, so
        that any other cart is priced at the clock again. The workspace may be in use meanwhile. Raises RuntimeError
        when none is loaded.
        """
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        cdef Output output = Output()
        write_cart(output, &self.store.cart, self.store.cart.moment_sent)
        return output.taken()

    def redeemer(self):
        """What counters are looked up by: the loaded cart's id, currency, moment (ns since 1970 UTC), customer id and
        codes as sent; then the promotions whose usage it brings, and the codes whose facts it brings. Raises
        RuntimeError when none is loaded.
        """
        cdef const SentCart* cart = &self.store.cart
        cdef int32_t place
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        return (
            decoded(cart.id),
            decoded(cart.currency),
            <object>cart.second * SECOND + cart.nanosecond,
            decoded(cart.customer.id),
            tuple([
                decoded(cart.texts[place])
                for place in range(cart.coupons.first, cart.coupons.first + cart.coupons.count)
            ]),
            [decoded(cart.usage[place].promotion_id) for place in range(cart.usage_count)],
            [decoded(cart.coupon_facts[place].code) for place in range(cart.coupon_fact_count)],
        )

    def quote_bytes(self):
        """The quote of the cart as ``engine.v1.Quote``. Raises RuntimeError unless the cart was evaluated, and no other
        was laid out in the workspace since.
        """
        write_quote(self._workspace.output, self.evaluated())
        return self._workspace.output.taken()

    def evaluate(self):
        """Prices the loaded cart; the result is in the workspace. True if its promotions are proven best. Raises
        RuntimeError when none is loaded.
        """
        cdef LoadedCart loaded = self._workspace.loaded
        if self.state == EMPTY:
            raise RuntimeError("no cart is loaded")
        # If memory runs out midway, there is no quote.
        self.state = LOADED
        if not self.is_laid_out():
            self.lay_out()
        while not price_basket(&self.program.rules, &loaded.basket):
            loaded.take_room(2 * <long long>loaded.basket.room)
        add_up(&loaded.basket)
        loaded.eligibility.codes.settle(&loaded.basket)
        self.state = EVALUATED
        return loaded.basket.search.optimal != 0

    def quote(self):
        """The quote of the cart. Raises RuntimeError as `quote_bytes` does."""
        return draw_up(self.evaluated())

    cdef LoadedCart evaluated(self):
        """The cart as it was priced."""
        if self.state != EVALUATED or not self.is_laid_out():
            raise RuntimeError("no cart is evaluated")
        return self._workspace.loaded

    def trim(self):
        """Frees memory that the cart does not need. Returns the bytes it takes, the texts it was sent with included,
        the workspace not.
        """
        if self.store.trim():
            self.leave()
        return <int>OBJECTS + self.store.size()

    def price(self, cart):
        """The quote of a cart. Raises InvalidCart."""
        self.load(cart)
        self.evaluate()
        return self.quote()

    def answer(self, cart):
        """The quote of a cart, and the outcome of every promotion that is not applied. Raises InvalidCart."""
        quote, _, outcomes = self.explained(cart)
        found = outcomes(range(self.program.rules.counts[<int>PROMOTIONS]))
        return Answer(quote, tuple([outcome for outcome in found if outcome is not None]))

    def explained(self, cart):
        """The quote of a cart, and what explains it. Raises InvalidCart."""
        self.take(cart, None, True, None)
        self.evaluate()
        return Explained(self.quote(), sketch_of(self.evaluated()), self.outcomes)

    def outcomes(self, promotions):
        """Why each of these promotions (by index) is not applied, None where it is.

        Raises RuntimeError when the loaded cart was not `explained`, IndexError for an index without a promotion.
        """
        cdef LoadedCart loaded = self.evaluated()
        cdef int32_t index, count = self.program.rules.counts[<int>PROMOTIONS]
        if not self.explains:
            raise RuntimeError("the cart was not explained")
        found = []
        for index in promotions:
            if not 0 <= index < count:
                raise IndexError(f"there is no promotion {index}")
            found.append(outcome_of(loaded, index))
        return found

    def sketch(self, cart, variant_of=None):
        """What a cart costs, which promotions apply, what entered each layer, and which segments its lines are in.

        ``variant_of`` as in `load`. Raises InvalidCart.
        """
        self.load(cart, variant_of)
        self.evaluate()
        return sketch_of(self.evaluated())

    def audit(self, cart):
        """For tests: how many nodes the search of a cart has when none are skipped, and how many sets save more than a
        bound above them allows. Raises InvalidCart.
        """
        cdef Search* search = &self._workspace.loaded.basket.search
        self.load(cart)
        search.audited = True
        search.violations = 0
        try:
            self.evaluate()
        finally:
            search.audited = False
        return search.nodes, search.violations
