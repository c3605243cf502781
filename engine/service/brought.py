"""What the store knows about a cart, and what of it the service has added to the cart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from engine.pricing.cart import CouponFact, Usage
from engine.store.counting import NO_USAGE

NO_FACTS: Mapping[str, CouponFact] = MappingProxyType({})
Client: TypeAlias = Callable[[], str]
"""Names the caller that unknown codes are counted against; called only for carts with such codes."""


class Known(NamedTuple):
    """``usage`` by promotion; ``facts`` by code as sent, of the codes that the rule set does not list."""

    usage: Mapping[str, Usage] = NO_USAGE
    facts: Mapping[str, CouponFact] = NO_FACTS


class Sent(NamedTuple):
    """Promotions whose usage, and codes whose facts, the caller sent; the store does not replace these."""

    usage: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()


class Brought(NamedTuple):
    """What the store added to a held cart, and what its caller sent."""

    known: Known = Known()
    sent: Sent = Sent()


NOTHING_SENT = Sent()
NOTHING_BROUGHT = Brought()
