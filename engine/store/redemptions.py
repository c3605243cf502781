"""Reservations of what a quote redeems: taken all or none, then committed, released or expired (docs/redis.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from secrets import token_hex
from typing import NamedTuple, TypeAlias

from engine.errors import (
    KeyReused,
    LedgerClosed,
    ReservationCommitted,
    ReservationExpired,
    ReservationNotFound,
    ReservationReleased,
    ReservationReplaced,
)
from engine.store.connection import Connection, Value
from engine.store.counting import Counter, Take, Tally
from engine.store.keys import RedemptionKeys
from engine.store.retention import RETENTION

Holds: TypeAlias = Mapping[Counter, Tally]
"""What an open reservation has taken from counters."""


class State(Enum):
    """State of a reservation; REPLACED means by another one of its cart."""

    RESERVED = "reserved"
    COMMITTED = "committed"
    RELEASED = "released"
    EXPIRED = "expired"
    REPLACED = "replaced"


class Reservation(NamedTuple):
    """``expires`` is in nanoseconds since 1970 UTC; ``answer`` is what the caller stored with it.

    ``receipt_id`` is the stream id of its receipt, empty until it is committed.
    """

    state: State
    expires: int
    answer: bytes
    receipt_id: str = ""


class Request(NamedTuple):
    """What is to be reserved. ``digest`` distinguishes this request from others with the same ``key``.

    ``lifetime`` is in milliseconds. ``answer`` and the alternating fields and values of ``receipt`` are stored as they
    are.
    """

    key: str
    digest: bytes
    cart_id: str
    lifetime: int
    takes: Sequence[Take]
    answer: bytes
    receipt: Sequence[bytes]


class Exceeded(NamedTuple):
    """A counter that would exceed its limit, and its value without the cart's own reservation."""

    take: Take
    found: int


class Consulted(NamedTuple):
    """Counters without what the cart itself has reserved; and the reservation with the key, if any."""

    reservation: Reservation | None
    tallies: Mapping[Counter, Tally]
    held: Holds


class Redemptions:
    """Reservations of one rule set; any thread may call it. Every call may be repeated, whether or not it had failed.

    Every method raises StoreUnavailable and StoreFull.
    """

    def __init__(self, connection: Connection, rule_set: str) -> None:
        self._connection = connection
        self._rule_set = rule_set
        self.keys = RedemptionKeys(rule_set)

    def open(self) -> bool:
        """Open the ledger: what is counted here is all that was redeemed. False if it was open already.

        Nothing can be reserved before that, because only an operator knows whether counters are new or lost. Raises
        UnsuitableRedis for a server that would evict them, or is too old.
        """
        self._connection.check_version()
        self._connection.check_eviction()
        return bool(self._connection.run("open", [self.keys.ledger, self.keys.changes], [token_hex(8)]))

    def reserve(self, request: Request) -> Reservation | tuple[Exceeded, ...]:
        """Take everything or nothing, replacing what the cart has reserved so far.

        If the key has a reservation, that is returned as it is now. Raises KeyReused and LedgerClosed.
        """
        takes = request.takes
        arguments: list[Value] = [RETENTION, request.key, request.digest, request.lifetime]
        arguments += [request.cart_id, request.answer, len(takes)]
        for take in takes:
            arguments += [take.promotion_id, take.amount, take.most, take.kept]
        arguments += request.receipt
        keys = [self.keys.reservation(request.key), self.keys.receipt_ids, self.keys.cart(request.cart_id)]
        keys += [self.keys.counter(take.counter) for take in takes]
        reply = self._connection.run("reserve", [*self.keys.common, *keys], arguments)
        if reply[0] == b"closed":
            raise self.closed()
        if reply[0] == b"reused":
            raise _reused(request.key)
        if reply[0] == b"exceeded":
            pairs = zip(reply[1::2], reply[2::2], strict=True)
            return tuple(Exceeded(takes[place], int(found)) for place, found in pairs)
        return self._same(reply, request.key, request.digest)

    def commit(self, key: str) -> Reservation:
        """Make a reservation final, and write its receipt.

        Raises ReservationNotFound, ReservationExpired, ReservationReleased and ReservationReplaced.
        """
        keys = [*self.keys.common, self.keys.reservation(key), self.keys.receipts, self.keys.receipt_ids]
        committed = self._found(self._connection.run("commit", keys, [RETENTION, key]), key)
        if committed.state is not State.COMMITTED:
            raise _ENDED[committed.state](
                f"reservation {key[:100]!r} has ended ({committed.state.value}): reserve again with a new key"
            )
        return committed

    def release(self, key: str) -> Reservation:
        """Give everything back; a reservation that ended without a commit is returned as it is.

        Raises ReservationNotFound and ReservationCommitted.
        """
        keys = [*self.keys.common, self.keys.reservation(key)]
        released = self._found(self._connection.run("release", keys, [RETENTION]), key)
        if released.state is State.COMMITTED:
            raise ReservationCommitted(f"reservation {key[:100]!r} is committed: cancel its receipt instead")
        return released

    def consult(self, key: str, digest: bytes, cart_id: str, counters: Sequence[Counter]) -> Consulted:
        """Current counters, from Redis. Raises KeyReused and LedgerClosed."""
        names = [self.keys.counter(counter) for counter in counters]
        keys = [*self.keys.common, self.keys.reservation(key), self.keys.cart(cart_id), *names]
        reply = self._connection.run("consult", keys, [RETENTION])
        if reply[0] == b"closed":
            raise self.closed()
        found, holds, *hashes = reply
        held = self.holds(holds)
        return Consulted(
            None if found[0] is None else self._same(found, key, digest),
            {
                counter: less(tally_of(values), held.get(counter))
                for counter, values in zip(counters, hashes, strict=True)
            },
            held,
        )

    def sweep(self) -> int:
        """End some of the expired reservations; returns how many."""
        return int(self._connection.run("sweep", self.keys.common, [RETENTION]))

    def holds(self, written: bytes) -> Holds:
        """Reads holds as scripts write them."""
        held: dict[Counter, dict[str, int]] = {}
        for key, promotion_id, amount in json.loads(written):
            held.setdefault(self.keys.counter_of(key), {})[promotion_id] = int(amount)
        return held

    def closed(self) -> LedgerClosed:
        """The error that the ledger is not open, and how to open it."""
        return LedgerClosed(
            f"the store does not know what was redeemed of {self._rule_set}: it is new, or Redis has lost it; "
            f"run `cartwright redemptions open {self._rule_set}` to count from here"
        )

    def _found(self, reply: list[bytes | None], key: str) -> Reservation:
        state, expires, answer, _, receipt_id = reply
        if state is None:
            raise ReservationNotFound(f"{self._rule_set} has no reservation {key[:100]!r}")
        return Reservation(
            State(state.decode()), int(expires or 0) * 10**6, answer or b"", (receipt_id or b"").decode()
        )

    def _same(self, reply: list[bytes | None], key: str, digest: bytes) -> Reservation:
        if reply[3] != digest:
            raise _reused(key)
        return self._found(reply, key)


_ENDED = {
    State.EXPIRED: ReservationExpired,
    State.RELEASED: ReservationReleased,
    State.REPLACED: ReservationReplaced,
}


def _reused(key: str) -> KeyReused:
    return KeyReused(f"the key {key[:100]!r} was used for another request: use a new key for each reservation")


def tally_of(values: Sequence[bytes]) -> Tally:
    """A tally from the fields and values of a counter's hash."""
    return {values[place].decode(): int(values[place + 1]) for place in range(0, len(values), 2)}


def less(tally: Tally, held: Tally | None) -> Tally:
    """A tally without what is reserved."""
    return {id: count - held.get(id, 0) for id, count in tally.items()} if held else tally
