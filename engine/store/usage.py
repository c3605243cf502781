"""Counters in memory, kept in step with Redis by a background thread: pricing reads them without waiting.

A counter is read from Redis when it is first asked for; until then, or while Redis is unavailable, it has its last
known value, or zero if there is none. From then on the changes that scripts write keep it up to date.
"""

from __future__ import annotations

import json
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from itertools import islice
from threading import Event, Lock, Thread
from typing import Protocol

from engine.errors import CartwrightError
from engine.store.connection import Connection
from engine.store.counting import NOTHING, Counter, Kind, Tally
from engine.store.jitter import jittered
from engine.store.redemptions import Holds, Redemptions

MOST_COUNTERS = 10_000
"""Counters kept per rule set; the least recently used are dropped first, those of a customer or code before others."""
POLL = 0.2
"""Longest time between two reads of the changes, in seconds; each is shorter by up to half."""
RELOAD = 30.0
"""Seconds after which everything is read again, because a failover may have lost what was read."""
SWEEP = 1.0
"""Seconds between two searches for expired reservations."""
_SHARED = (Kind.TOTAL, Kind.SPENT)
"""Kinds that concern all carts. What they say is remembered (`Counting.usage`), so that they are seldom read."""
_SPARED = 100
"""The most counters of these kinds that stay however long ago they were read."""
_AT_ONCE = 500
"""Counters read at once."""
_MOST_CHANGES = 2_000
"""Changes read at once."""

_log = logging.getLogger(__name__)


class Counters:
    """Counters of one rule set. ``read`` may be called by any thread, the rest by the following thread."""

    def __init__(self, connection: Connection, rule_set: str, wake: Callable[[], None]) -> None:
        """``wake`` is called when a counter is first asked for."""
        self.redemptions = Redemptions(connection, rule_set)
        self._rule_set = rule_set
        self._connection = connection
        self._wake = wake
        self._tallies: OrderedDict[Counter, Tally | None] = OrderedDict()  # None: asked for, not yet read
        self._asked = False
        self._held: dict[str, Holds] = {}
        self._lock = Lock()
        self.change = 0
        """Changes whenever a counter that concerns all carts may have changed."""
        self._epoch: bytes | None = None
        self._followed = 0
        self._reload_at = 0.0
        self._sweep_at = 0.0
        self._fault = ""
        self.up_to_date: float | None = None
        """When everything here last was (monotonic seconds); None: never yet."""

    def read(self, counter: Counter) -> Tally:
        """The last known tally; the same object until it changes."""
        with self._lock:
            try:
                tally = self._tallies[counter]
                self._tallies.move_to_end(counter)
                return NOTHING if tally is None else tally
            except KeyError:
                self._tallies[counter] = None
                self._asked = True
                if len(self._tallies) > MOST_COUNTERS:
                    self._drop()
        self._wake()
        return NOTHING

    def _drop(self) -> None:
        """Drop a counter read long ago; for the caller that has the lock."""
        oldest = islice(self._tallies, _SPARED)
        first = next(iter(self._tallies))
        del self._tallies[next((each for each in oldest if each.kind not in _SHARED), first)]

    def held_by(self, cart_id: str) -> Holds | None:
        """What an open reservation of the cart has taken; None if it has none."""
        return self._held.get(cart_id)

    def follow(self) -> bool:
        """Bring everything up to date; False, with values as last known, if that fails. Logs when that changes."""
        fault = ""
        try:
            self._follow()
        except CartwrightError as error:
            fault = str(error)
            if not self._fault:
                _log.warning("counters of %s are not updated: %s", self._rule_set, error)
        if self._fault and not fault:
            _log.info("counters of %s are up to date again", self._rule_set)
        self._fault = fault
        return not fault

    def _follow(self) -> None:
        """Raises StoreUnavailable, StoreFull and LedgerClosed; nothing has changed then."""
        now = time.monotonic()
        if now >= self._sweep_at:
            self._sweep_at = now + jittered(SWEEP)
            self.redemptions.sweep()
        keys = self.redemptions.keys
        (epoch, change), entries = self._connection.call_all(
            [
                ("HMGET", keys.ledger, "epoch", "change"),
                ("XRANGE", keys.changes, f"({self._followed}-1", "+", "COUNT", _MOST_CHANGES),
            ]
        )
        if epoch is None:
            raise self.redemptions.closed()
        numbers = [int(id.partition(b"-")[0]) for id, _ in entries]
        end = self._followed + len(numbers)
        missed = numbers != list(range(self._followed + 1, end + 1))
        missed |= len(numbers) < _MOST_CHANGES and int(change or 0) > end  # the stream was deleted
        if epoch != self._epoch or int(change or 0) < self._followed or missed or now >= self._reload_at:
            self._load()
            self._reload_at = now + jittered(RELOAD)
        else:
            self._apply([fields for _, fields in entries])
            self._followed = end
            self._read_asked()
        self.up_to_date = now

    def _apply(self, entries: Iterable[dict[bytes, bytes]]) -> None:
        changed: dict[Counter, dict[str, int]] = {}
        counter_of = self.redemptions.keys.counter_of
        for fields in entries:
            holds = self.redemptions.holds(fields[b"holds"])
            cart_id = fields[b"cart"].decode()
            if holds:
                self._held[cart_id] = holds
            else:
                self._held.pop(cart_id, None)
            for key, promotion_id, value in json.loads(fields[b"counters"]):
                changed.setdefault(counter_of(key), {})[promotion_id] = int(value)
        with self._lock:
            for counter, values in changed.items():
                tally = self._tallies.get(counter)
                if tally is not None:
                    self._tallies[counter] = {id: count for id, count in {**tally, **values}.items() if count}
                    self.change += counter.kind in _SHARED

    def _load(self) -> None:
        """Read everything again; counters first written between two reads appear in the changes as well."""
        keys = self.redemptions.keys
        (epoch, change), records = self._connection.call_all(
            [("HMGET", keys.ledger, "epoch", "change"), ("ZRANGE", keys.open, 0, -1)]
        )
        found = self._connection.call_all([("HMGET", record, "cart", "holds") for record in records])
        self._held = {cart.decode(): self.redemptions.holds(holds) for cart, holds in found if holds is not None}
        with self._lock:
            counters = list(self._tallies)
            self._asked = False
        self._read(counters)
        self._epoch, self._followed = epoch, int(change or 0)

    def _read_asked(self) -> None:
        with self._lock:
            asked = [counter for counter, tally in self._tallies.items() if tally is None] if self._asked else []
            self._asked = False
        try:
            self._read(asked)
        except CartwrightError:
            self._asked = True
            raise

    def _read(self, counters: list[Counter]) -> None:
        for first in range(0, len(counters), _AT_ONCE):
            some = counters[first : first + _AT_ONCE]
            keys = map(self.redemptions.keys.counter, some)
            hashes = self._connection.call_all([("HGETALL", key) for key in keys])
            with self._lock:
                for counter, values in zip(some, hashes, strict=True):
                    tally = {id.decode(): int(value) for id, value in values.items()}
                    if counter in self._tallies and self._tallies[counter] != tally:
                        self._tallies[counter] = tally
                        self.change += counter.kind in _SHARED


class Follower(Protocol):
    """Keeps something in memory in step with the store."""

    def follow(self) -> bool:
        """Bring it up to date; False if that fails."""


class CounterWatch:
    """Follows the counters of rule sets, and whatever else is added, in a thread of its own from `start` to `stop`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._counters: dict[str, Counters] = {}
        self._followers: tuple[Follower, ...] = ()
        self._lock = Lock()
        self._faulty: set[Follower] = set()
        self._asked = Event()
        self._stopped = False
        self._thread = Thread(target=self._run, name="counters", daemon=True)

    def of(self, rule_set: str) -> Counters:
        """The counters of a rule set, followed from now on."""
        counters = self._counters.get(rule_set)
        if counters is None:
            with self._lock:
                counters = self._counters.get(rule_set)
                if counters is None:
                    counters = Counters(self._connection, rule_set, self.wake)
                    self._counters = {**self._counters, rule_set: counters}
                    self._followers = (*self._followers, counters)
        return counters

    @property
    def up_to_date(self) -> dict[str, float | None]:
        """When the counters of each rule set last were (monotonic seconds)."""
        return {name: each.up_to_date for name, each in list(self._counters.items())}

    def add(self, follower: Follower, instead_of: Follower | None = None) -> None:
        """Follow this as well, or ``instead_of`` another."""
        with self._lock:
            self._followers = (*(each for each in self._followers if each is not instead_of), follower)

    def wake(self) -> None:
        """Follow at once."""
        self._asked.set()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when the thread has ended, or after some seconds."""
        self._stopped = True
        self._asked.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def _run(self) -> None:
        while not self._stopped:
            self._asked.clear()
            self._faulty.intersection_update(self._followers)
            followed = [self._follows(each) for each in self._followers]
            wait = jittered(POLL)
            if self._asked.wait(wait) and not all(followed):
                time.sleep(wait)  # do not retry at once what just failed

    def _follows(self, follower: Follower) -> bool:
        """Whether it is up to date; a fault of its own, logged once, does not keep others from following."""
        try:
            up_to_date = follower.follow()
        except Exception:
            if follower not in self._faulty:
                _log.exception("%s cannot follow the store", type(follower).__name__)
                self._faulty.add(follower)
            return False
        self._faulty.discard(follower)
        return up_to_date
