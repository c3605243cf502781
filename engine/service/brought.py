"""What the store knows of a cart, and what of it the service brought to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from engine.pricing.cart import CouponFact, Usage
from engine.store.counting import NO_USAGE

NO_FACTS: Mapping[str, CouponFact] = MappingProxyType({})
Client: TypeAlias = Callable[[], str]
"""Who calls, for whom unknown codes are counted; asked only where a cart has some."""


class Known(NamedTuple):
    """``usage`` is by promotion, ``facts`` are by code as sent, of those that the rule set does not list."""

    usage: Mapping[str, Usage] = NO_USAGE
    facts: Mapping[str, CouponFact] = NO_FACTS


class Sent(NamedTuple):
    """Promotions whose usage, and codes whose facts, the caller sent: these are the caller's."""

    usage: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()


class Brought(NamedTuple):
    """What a held cart has of the store, beside what its caller sent."""

    known: Known = Known()
    sent: Sent = Sent()


NOTHING_SENT = Sent()
NOTHING_BROUGHT = Brought()
