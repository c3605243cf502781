"""What the store knows of a cart and the service brought to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from engine.pricing.cart import Usage
from engine.store.counting import NO_USAGE


class Brought(NamedTuple):
    """What was brought to a cart: ``usage`` by promotion. ``sent`` are promotions whose usage the caller sent."""

    usage: Mapping[str, Usage] = NO_USAGE
    sent: frozenset[str] = frozenset()


NOTHING_BROUGHT = Brought()
