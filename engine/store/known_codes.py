"""What pools say of unique codes, kept in memory and asked for beside the calls."""

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
"""Where a code belongs that no pool has: no pool can have this name."""
MOST_CODES = 50_000
"""Kept of each rule set; those asked for least recently go first."""
KNOWN_FOR = 60.0
"""Seconds until a code of a pool is asked for again, while it stays as known: the pool may be lost."""
UNKNOWN_FOR = 30.0
"""Seconds that a code is taken to be in no pool: it may be imported meanwhile."""
REFUSED_FOR = 10.0
"""Seconds that one who tried too many codes is told nothing, before the store is asked whether he may again."""
_MOST_ASKED = 10_000

_log = logging.getLogger(__name__)


class Asking(NamedTuple):
    """Who asks for codes: unknown ones are counted by client, and by customer where there is one."""

    client: str
    customer_id: str


class _Known(NamedTuple):
    """A code: what its reservation takes, None when no pool has it, and whether it was spent when that was read."""

    fact: CouponFact
    take: Take | None
    until: float


class KnownCodes:
    """Of one rule set. ``fact`` is for any thread, ``follow`` for the one that follows."""

    def __init__(self, pools: CouponPools, names: Iterable[str], counters: Counters, wake: Callable[[], None]) -> None:
        """``names`` are the pools that promotions have; ``wake`` is called when a code is to be asked for."""
        self._pools = pools
        self._names = tuple(names)
        self._counters = counters
        self._wake = wake
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asked: dict[tuple[Asking, str], None] = {}
        self._refused: dict[Asking, float] = {}
        self._lock = Lock()
        self._fault = ""

    def fact(self, code: str, asking: Asking, held: Holds | None = None) -> CouponFact:
        """What is known of a code, that the cart itself holds in reservation being available to it.

        UNVERIFIED while it is asked for, while Redis is away, and to one who tried too many.
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
        if tally is NOTHING:  # not known yet
            return fact
        own = 0 if held is None else held.get(take.counter, NOTHING).get(take.promotion_id, 0)
        spent = tally.get(take.promotion_id, 0) > own
        state = CouponState.SPENT if spent else CouponState.AVAILABLE
        return fact if state is fact.state else CouponFact(code=fact.code, state=state, pool=fact.pool)

    def follow(self) -> bool:
        """Ask for what was asked for; False, and it stays as last known, when that cannot be."""
        by_asking: dict[Asking, list[str]] = {}
        with self._lock:
            for asking, code in self._asked:
                if not self._is_fresh(code):  # it may be by now
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
        """They may be lost: nothing is promised by them."""
        with self._lock:
            for code in codes:
                self._known.pop(code, None)

    def _look_up(self, asking: Asking, codes: list[str]) -> None:
        found = self._pools.look_up(codes, self._names, asking.client, asking.customer_id)
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
