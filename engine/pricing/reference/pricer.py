"""The reference implementation: from a cart to its quote and the outcomes of all promotions."""

from __future__ import annotations

from engine.pricing.cart import Cart
from engine.pricing.quote import Answer, Outcome, Quote, Reason
from engine.pricing.reference.basket import Basket, basket_line, basket_shipment
from engine.pricing.reference.eligibility import Eligibility
from engine.pricing.reference.facts import is_in
from engine.pricing.reference.layers import Layers, Priced
from engine.pricing.reference.quoting import draw_up
from engine.pricing.sketch import Explained, Sketch, sketch_of
from engine.pricing.validation import validate
from engine.rules.checked import CheckedRules, Exclusive, declaration


class Reference:
    """Prices carts under one rule set; ``version`` is the version that quotes give for it."""

    def __init__(self, rules: CheckedRules, version: str) -> None:
        self._rules = rules
        self._version = version
        self._declaration = declaration(rules.currencies, rules.attributes)

    def price(self, cart: Cart) -> Quote:
        """The quote of a cart. Raises InvalidCart."""
        return self.answer(cart).quote

    def sketch(self, cart: Cart, variant_of: Cart | None = None) -> Sketch:
        """The total, which promotions apply, what entered each layer, and the segments of each line.

        A variant is validated as a whole, too. Raises InvalidCart.
        """
        return self._sketch(cart, self.price(cart))

    def explained(self, cart: Cart) -> Explained:
        """The quote of a cart, with its sketch and outcomes. Raises InvalidCart."""
        quote, outcomes = self.answer(cart)
        found = {each.promotion_id: each for each in outcomes}
        ids = [each.id for each in self._rules.promotions]
        return Explained(quote, self._sketch(cart, quote), lambda indices: [found.get(ids[index]) for index in indices])

    def _sketch(self, cart: Cart, quote: Quote) -> Sketch:
        segments = {each.line.id: each.segments for each in self._basket(cart).lines}
        return sketch_of(quote, self._rules.gift_weights, segments)

    def answer(self, cart: Cart) -> Answer:
        """The quote, and the outcome of every promotion that is not applied. Raises InvalidCart."""
        validate(cart, self._declaration)
        eligibility = Eligibility(self._rules, cart)
        priced = self._priced(cart, eligibility)
        outcomes = tuple(priced.outcomes[each.id] for each in self._rules.promotions if each.id in priced.outcomes)
        return Answer(draw_up(self._rules, self._version, eligibility.codes, priced, outcomes), outcomes)

    def _priced(self, cart: Cart, eligibility: Eligibility) -> Priced:
        layers = Layers(self._rules, eligibility)
        basket = self._basket(cart)
        obstacles = {each.id: eligibility.obstacle(each) for each in self._rules.promotions}
        outcomes = {id: Outcome(id, reason) for id, reason in obstacles.items() if reason is not None}
        open = [each for each in self._rules.promotions if each.id not in outcomes]
        for promotion in [each for each in self._rules.strict if each.id not in outcomes]:
            priced = layers.run(basket.copy(), [promotion])
            outcomes |= priced.outcomes
            if priced.applied:
                others = [each.id for each in open if each.id not in outcomes and each is not promotion]
                priced.outcomes = outcomes | {id: Outcome(id, Reason.DISPLACED, promotion.id) for id in others}
                return priced
        priced = layers.run(basket, [each for each in open if each.exclusive is not Exclusive.STRICT])
        priced.outcomes |= outcomes
        return priced

    def _basket(self, cart: Cart) -> Basket:
        currency = self._rules.currencies.index(cart.currency)
        lines = []
        for line in sorted((each for each in cart.lines if not each.gift_of), key=lambda line: line.id):
            segments = frozenset(
                index for index, segment in enumerate(self._rules.segments) if is_in(segment, line, currency)
            )
            lines.append(basket_line(line, cart, self._rules.markup, segments))
        shipments = [basket_shipment(each) for each in sorted(cart.shipments, key=lambda shipment: shipment.id)]
        return Basket(cart, currency, lines, shipments)
