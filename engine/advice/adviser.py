"""Quotes with everything that their carts ask for."""

from __future__ import annotations

from engine.advice.book import Book
from engine.advice.explanations import explanations
from engine.advice.rates import compare_rates
from engine.advice.suggestions import suggestions
from engine.advice.touching import Touching
from engine.advice.what_if import Engine, WhatIf
from engine.pricing.cart import Cart
from engine.pricing.quote import Quote
from engine.rules.checked import CheckedRules


class Adviser:
    """Advises on carts under one rule set. Threads may share it, each with an engine of its own."""

    def __init__(self, rules: CheckedRules) -> None:
        self._rules = rules
        self._touching = Touching(rules)
        self._books: dict[str, Book] = {}

    def quote(self, cart: Cart, engine: Engine) -> Quote:
        """The engine's quote, with explanations and compared rates if the cart asks for them. Raises InvalidCart."""
        quote = self._explained(cart, engine) if cart.explain else engine.price(cart)
        return compare_rates(cart, quote, engine) if cart.compare_rates else quote

    def _explained(self, cart: Cart, engine: Engine) -> Quote:
        quote, sketch, outcomes = engine.explained(cart)
        book = self._book(cart.currency)
        situation = book.situation(cart, sketch)
        asked = book.asked(situation, outcomes)
        what_if = WhatIf(situation, engine)
        return quote._replace(
            suggestions=suggestions(book, situation, asked, what_if),
            explanations=explanations(book, situation, asked, what_if),
        )

    def _book(self, currency: str) -> Book:
        if currency not in self._books:
            self._books[currency] = Book(self._rules, self._rules.currencies.index(currency), self._touching)
        return self._books[currency]
