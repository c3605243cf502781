"""The state of unique codes, kept in memory by a background thread."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import NamedTuple

from engine.errors import CartwrightError, PoolMissing
from engine.pricing.cart import CouponFact, CouponState
from engine.store.counting import NOTHING, Take
from engine.store.coupon_pools import CouponPools
from engine.store.redemptions import Holds
from engine.store.usage import Counters

NO_POOL = "-"
"""The pool of a code that no pool has; no pool can have this name."""
MOST_CODES = 50_000
"""Codes kept per rule set; the least recently used are dropped first."""
KNOWN_FOR = 60.0
"""Seconds after which a code of a pool is looked up again, because the pool may be lost."""
UNKNOWN_FOR = 30.0
"""Seconds that a code is taken to be in no pool, because it may be imported meanwhile."""
REFUSED_FOR = 10.0
"""Seconds for which someone who tried too many codes gets no answer, before the store is asked again."""
_MOST_ASKED = 10_000

_log = logging.getLogger(__name__)


class Asking(NamedTuple):
    """Who asks for codes: unknown ones are counted by client, and by customer if there is one."""

    client: str
    customer_id: str


class _Known(NamedTuple):
    """A code: what a reservation takes for it (None if no pool has it), and whether it was spent when read."""

    fact: CouponFact
    take: Take | None
    until: float


class KnownCodes:
    """The codes of one rule set. ``fact`` may be called by any thread, ``follow`` by the following thread."""

    def __init__(self, pools: CouponPools, names: Iterable[str], counters: Counters, wake: Callable[[], None]) -> None:
        """``names`` are the pools that promotions name; ``wake`` is called when a code is to be looked up."""
        self._pools = pools
        self.names = tuple(names)
        self._counters = counters
        self._wake = wake
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asked: dict[tuple[Asking, str], None] = {}
        self._refused: dict[Asking, float] = {}
        self._lock = Lock()
        self._fault = ""

    def fact(self, code: str, asking: Asking, held: Holds | None = None) -> CouponFact:
        """The state of a code; a code that the cart itself has reserved is available to it.

        UNVERIFIED until it has been looked up, while Redis is unavailable, and for those who tried too many.
        """
        with self._lock:
            if self._refused.get(asking, 0.0) > time.monotonic():
                return CouponFact(code=code, state=CouponState.UNVERIFIED)
            known = self._known.get(code)
            if known is not None:
                self._known.move_to_end(code)
            stale = not self._is_fresh(code)
            if stale and len(self._asked) < _MOST_ASKED:
                self._asked[asking, code] = None
        if stale:
            self._wake()
        if known is None:
            return CouponFact(code=code, state=CouponState.UNVERIFIED)
        return known.fact if known.take is None else self._now(known.fact, known.take, held)

    def _is_fresh(self, code: str) -> bool:
        known = self._known.get(code)
        return known is not None and known.until >= time.monotonic()

    def _now(self, fact: CouponFact, take: Take, held: Holds | None) -> CouponFact:
        tally = self._counters.read(take.counter)
        if tally is NOTHING:  # not looked up yet
            return fact
        own = 0 if held is None else held.get(take.counter, NOTHING).get(take.promotion_id, 0)
        spent = tally.get(take.promotion_id, 0) > own
        state = CouponState.SPENT if spent else CouponState.AVAILABLE
        return fact if state is fact.state else CouponFact(code=fact.code, state=state, pool=fact.pool)

    def follow(self) -> bool:
        """Look up the codes that were asked for; False, with states as last known, if that fails."""
        by_asking: dict[Asking, list[str]] = {}
        with self._lock:
            for asking, code in self._asked:
                if not self._is_fresh(code):  # it may exist by now
                    by_asking.setdefault(asking, []).append(code)
            self._asked = {}
        fault = ""
        for asking, codes in by_asking.items():
            try:
                self._look_up(asking, codes)
            except CartwrightError as error:
                fault = str(error)
                if isinstance(error, PoolMissing):
                    self._forget(codes)
                if not self._fault:
                    _log.warning("unique codes are not updated: %s", error)
        self._fault = fault or (self._fault if not by_asking else "")
        return not fault

    def _forget(self, codes: list[str]) -> None:
        """Treat them as unverified, because they may be lost."""
        with self._lock:
            for code in codes:
                self._known.pop(code, None)

    def _look_up(self, asking: Asking, codes: list[str]) -> None:
        found = self._pools.look_up(codes, self.names, asking.client, asking.customer_id)
        now = time.monotonic()
        with self._lock:
            self._refused = {each: until for each, until in self._refused.items() if until > now}
            if found.refused:
                self._refused[asking] = now + REFUSED_FOR
                return
            facts = {fact.code: fact for fact in found.facts}
            for code in codes:
                fact = facts.get(code)
                if fact is None:
                    self._known[code] = _Known(CouponFact(code=code, pool=NO_POOL), None, now + UNKNOWN_FOR)
                else:
                    self._known[code] = _Known(fact, self._pools.take(fact.pool, code), now + KNOWN_FOR)
                self._known.move_to_end(code)
            while len(self._known) > MOST_CODES:
                self._known.popitem(last=False)
