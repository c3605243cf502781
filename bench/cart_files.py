"""Carts of one's own: JSON Lines, each line the JSON mapping of an ``engine.v1.Cart``."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from engine.errors import CartwrightError, InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.validation import Declaration, validate
from engine.service.messages import cart_from_json

FORMAT = "each line must be one cart; jq -c '.[]' turns an array into such lines"


class InvalidCarts(CartwrightError):
    """A file that is not a list of carts for the rule set."""

    code: ClassVar[str] = "invalid_carts"


def read(path: Path, rule_set: str, declaration: Declaration, most: int) -> list[Cart]:
    """The carts of a file, at most ``most`` of them, taken from the whole file at equal distances.

    The id of each is its place in the file, because exports may have a cart several times. A cart without a moment is
    priced at the current time. Raises InvalidCarts and OSError.
    """
    lines = [(number, line) for number, line in enumerate(path.read_bytes().splitlines(), 1) if line.strip()]
    if not lines:
        raise InvalidCarts(f"{path}: has no cart; {FORMAT}")
    now = time.time_ns()
    chosen = lines[:: -(-len(lines) // most)]
    return [_cart(f"{path}:{number}", line, rule_set, declaration, now) for number, line in chosen]


def copies(opened: list[Cart], shoppers: int) -> Iterator[list[Cart]]:
    """The carts of each shopper: some of them, or a copy of one if there are fewer carts than shoppers."""
    for shopper in range(shoppers):
        first = shopper % len(opened)
        yield [replace(cart, id=f"{cart.id} {shopper}") for cart in opened[first::shoppers]]


def _cart(place: str, line: bytes, rule_set: str, declaration: Declaration, now: int) -> Cart:
    try:
        cart = replace(cart_from_json(line, now), id=place)
        validate(cart, declaration)
    except InvalidCart as error:
        first, *more = error.violations
        # A line of the file is the first line of its JSON.
        description = first.description.replace("line 1, ", "")
        rest = f" (and {len(more)} more)" if more else ""
        hint = f"; {FORMAT}" if first.field == "cart" else ""
        raise InvalidCarts(f"{place}: {first.field}: {description}{rest}{hint}") from None
    if cart.rule_set not in ("", rule_set):
        raise InvalidCarts(f"{place}: rule_set: is {cart.rule_set}, but the rules are those of {rule_set}")
    if cart.explain or cart.compare_rates:
        raise InvalidCarts(f"{place}: has explain or compare_rates set; bench.load measures prices only")
    return cart
