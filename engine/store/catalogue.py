"""What a shop knows about its products, so that carts need not send it. Money in minor units, weights in grams."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from engine.errors import InvalidCart, Violation
from engine.pricing.cart import UNPRICED, AttributeValue, Cart, Line
from engine.pricing.validation import CART_LIMITS

_numbers = count(1)


class Product(NamedTuple):
    """The values of a SKU, with the fields of a `Line`; unknown values are absent."""

    price: int | None = None
    list_price: int | None = None
    cost: int | None = None
    minimum_price: int | None = None
    weight: int | None = None
    category: str = ""
    brand: str = ""
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, AttributeValue] = MappingProxyType({})


Products: TypeAlias = Mapping[str, Mapping[str, Product]]
"""By currency and SKU; an empty currency means any."""


class Catalogue:
    """Products by SKU; never changes. ``number`` is unique in this process."""

    def __init__(self, products: Products) -> None:
        self.number = next(_numbers)
        self._products = products

    @property
    def of_any_currency(self) -> bool:
        """Whether products have the same values in every currency."""
        return set(self._products) <= {""}

    def product(self, sku: str, currency: str = "") -> Product | None:
        """None for an unknown SKU."""
        found = self._products.get(currency, {}).get(sku)
        return found or self._products.get("", {}).get(sku)

    def __len__(self) -> int:
        return sum(map(len, self._products.values()))

    def filled(self, cart: Cart) -> Cart:
        """The cart with the values that its lines leave out. Raises InvalidCart for a line without a price.

        With BOOT at 8000 in the catalogue, two BOOT without a price cost 16000; sent at 7500, they cost 15000.
        """
        lines = []
        violations: list[Violation] = []
        for index, line in enumerate(cart.lines):
            product = self.product(line.sku, cart.currency)
            if product is not None:
                line = _filled(line, product)
            if line.price == UNPRICED and len(violations) < CART_LIMITS.violations:
                description = f"is missing, and the catalogue has none for {line.sku[:100]!r}"
                violations.append(Violation(f"lines[{index}].price", description))
            lines.append(line)
        if violations:
            raise InvalidCart(violations)
        return replace(cart, lines=tuple(lines))


def _filled(line: Line, product: Product) -> Line:
    price = line.price if line.price != UNPRICED or product.price is None else product.price
    return replace(
        line,
        price=price,
        list_price=product.list_price if line.list_price is None else line.list_price,
        cost=product.cost if line.cost is None else line.cost,
        minimum_price=product.minimum_price if line.minimum_price is None else line.minimum_price,
        weight=product.weight if line.weight is None else line.weight,
        category=line.category or product.category,
        brand=line.brand or product.brand,
        tags=line.tags or product.tags,
        attributes={**product.attributes, **line.attributes} if product.attributes else line.attributes,
    )
