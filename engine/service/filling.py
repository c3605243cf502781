"""Carts filled in from a catalogue, in Python and on the wire."""

from __future__ import annotations

from engine._native.wire.filling import fill_cart, fill_request
from engine.pricing.cart import Cart
from engine.service.messages import product_to_message
from engine.store.catalogue import Catalogue

_NOTHING = b"", b""


class Filling:
    """One catalogue; any thread may call it. What a product adds to a line is serialized on first use."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self._facts: dict[str, tuple[bytes, bytes]] = {}

    def cart_bytes(self, data: bytes) -> bytes | None:
        """A serialized ``engine.v1.Cart`` with the catalogue's values added; None if that must be done in Python."""
        return fill_cart(data, self._facts_of) if self.catalogue.of_any_currency else None

    def request_bytes(self, data: bytes) -> bytes | None:
        """The same for the mutations of a serialized ``engine.v1.MutateCartRequest``."""
        return fill_request(data, self._facts_of) if self.catalogue.of_any_currency else None

    def _facts_of(self, sku: str) -> tuple[bytes, bytes]:
        """The fields of a product's lines, with tags and without."""
        facts = self._facts.get(sku)
        if facts is None:
            product = self.catalogue.product(sku)
            if product is None:
                return _NOTHING
            tagless = product._replace(tags=())
            written = [product_to_message(each).SerializeToString() for each in (product, tagless)]
            facts = self._facts[sku] = written[0], written[1]
        return facts


def filled(cart: Cart, filling: Filling | None) -> Cart:
    """The cart with the catalogue's values added, if there is one. Raises InvalidCart for a line without a price."""
    return cart if filling is None else filling.catalogue.filled(cart)
