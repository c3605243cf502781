"""Reservations against a plain model: whatever callers do and whatever dies, nothing is spent twice or lost."""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections import Counter as Multiset
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.errors import (
    CartwrightError,
    KeyReused,
    LedgerClosed,
    ReservationCommitted,
    ReservationExpired,
    ReservationNotFound,
    ReservationReleased,
    ReservationReplaced,
)
from engine.store import redemptions as redeeming
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind, Take
from engine.store.embedded import EmbeddedRedis
from engine.store.redemptions import Redemptions, Request, Reservation, State
from tests.redis import crash

HOUR = 3_600_000
MOST = {
    Counter(Kind.TOTAL): 6,
    Counter(Kind.TOTAL, "2026-06"): 3,
    Counter(Kind.CUSTOMER, "", "anna"): 2,
    Counter(Kind.CODE, "2026", "summer: 10 %"): 4,
    Counter(Kind.SPENT, "", "USD"): 1_000,
    Counter(Kind.UNIQUE, "", "club/2a"): 1,
}
ENDED = {
    State.EXPIRED: ReservationExpired,
    State.RELEASED: ReservationReleased,
    State.REPLACED: ReservationReplaced,
}
takes = st.lists(
    st.tuples(st.sampled_from(sorted(MOST, key=str)), st.sampled_from(["one", "two"])), unique=True, max_size=6
).flatmap(
    lambda counted: st.tuples(
        *(
            st.integers(1, 400 if counter.kind is Kind.SPENT else 1).map(
                lambda amount, counter=counter, id=id: Take(counter, id, amount, MOST[counter], kept(counter))
            )
            for counter, id in counted
        )
    )
)


def kept(counter: Counter) -> int:
    return 40 * 24 * HOUR if counter.period else 0


class Redeeming(RuleBasedStateMachine):
    """``counted`` is the expected value of each counter, ``made`` the request and state of every reservation."""

    keys = Bundle("keys")
    connection: Connection
    folder: Path
    server: EmbeddedRedis

    def __init__(self) -> None:
        super().__init__()
        self.connection.call("FLUSHALL")
        self.redemptions = Redemptions(self.connection, "spring")
        self.crashed = False
        self.forget()

    @classmethod
    def serve(cls) -> None:
        cls.server = EmbeddedRedis(cls.folder)
        # A killed process loses nothing it has written, even if that is not on disk yet.
        cls.connection.call("CONFIG", "SET", "appendfsync", "no")

    def forget(self) -> None:
        self.is_open = False
        self.made: dict[str, tuple[Request, State]] = {}
        self.receipts: list[bytes] = []

    @initialize()
    def begin(self) -> None:
        assert self.redemptions.open()
        self.is_open = True

    @rule(target=keys, number=st.integers(0, 10**6), cart=st.sampled_from("abcd"), takes=takes)
    def reserve(self, number: int, cart: str, takes: tuple[Take, ...]) -> str:
        key = f"key {number}"
        request = Request(key, b"%d" % number, cart, HOUR, takes, b"answer", [b"key", key.encode()])
        if key in self.made:
            self.repeat(key)
            return key
        answer = self.attempt(lambda: self.redemptions.reserve(request))
        if not self.is_open:
            assert isinstance(answer, LedgerClosed)
            return key
        counted = self.counted(without=cart)
        exceeded = [
            (take, counted[take.counter, take.promotion_id])
            for take in takes
            if counted[take.counter, take.promotion_id] + take.amount > take.most
        ]
        if exceeded:
            assert answer == tuple(exceeded)
            return key
        for other, (made, state) in self.made.items():
            if made.cart_id == cart and state is State.RESERVED:
                self.made[other] = made, State.REPLACED
        self.made[key] = request, State.RESERVED
        self.is_in_state(answer, key)
        return key

    @rule(key=keys)
    def repeat(self, key: str) -> None:
        """The same key gets the same answer; a different request under it is refused."""
        if key in self.made:
            request, _ = self.made[key]
            self.is_in_state(self.attempt(lambda: self.redemptions.reserve(request)), key)
            other = request._replace(digest=b"other", cart_id="e")
            assert isinstance(self.attempt(lambda: self.redemptions.reserve(other)), KeyReused)

    @rule(key=keys)
    def commit(self, key: str) -> None:
        answer = self.attempt(lambda: self.redemptions.commit(key))
        if key not in self.made:
            assert isinstance(answer, ReservationNotFound)
            return
        request, state = self.made[key]
        if state in ENDED:
            assert isinstance(answer, ENDED[state])
            return
        if state is State.RESERVED:
            self.receipts.append(key.encode())
        self.made[key] = request, State.COMMITTED
        self.is_in_state(answer, key)

    @rule(key=keys)
    def release(self, key: str) -> None:
        answer = self.attempt(lambda: self.redemptions.release(key))
        if key not in self.made:
            assert isinstance(answer, ReservationNotFound)
            return
        request, state = self.made[key]
        if state is State.COMMITTED:
            assert isinstance(answer, ReservationCommitted)
            return
        self.made[key] = request, State.RELEASED if state is State.RESERVED else state
        self.is_in_state(answer, key)

    @rule(key=keys)
    def time_passes(self, key: str) -> None:
        """One reservation has expired; any call may be the one that ends it."""
        if key in self.made and self.made[key][1] is State.RESERVED:
            record = self.redemptions.keys.reservation(key)
            self.connection.call("HSET", record, "expires", 1)
            self.connection.call("ZADD", self.redemptions.keys.open, 1, record)
            self.made[key] = self.made[key][0], State.EXPIRED

    @rule(uses=st.integers(2, 7))
    def twice(self, uses: int) -> None:
        """What one request takes several times is counted several times."""
        take = Take(Counter(Kind.TOTAL), "one", 1, MOST[Counter(Kind.TOTAL)], 0)
        key = f"twice {len(self.made)}"
        request = Request(key, b"", key, HOUR, [take] * uses, b"answer", [b"key", key.encode()])
        if self.is_open and self.counted()[take.counter, "one"] + uses <= take.most:
            self.is_reserved(request)
        else:
            assert not isinstance(self.attempt(lambda: self.redemptions.reserve(request)), Reservation)

    def is_reserved(self, request: Request) -> None:
        self.made[request.key] = request, State.RESERVED
        self.is_in_state(self.attempt(lambda: self.redemptions.reserve(request)), request.key)

    @rule(rivals=st.integers(2, 8), amount=st.integers(50, 400))
    def rush(self, rivals: int, amount: int) -> None:
        """Carts compete for the rest of a budget: as many get it as it has room for."""
        if not self.is_open:
            return
        take = Take(Counter(Kind.SPENT, "", "USD"), "one", amount, MOST[Counter(Kind.SPENT, "", "USD")], 0)
        first = len(self.made)
        requests = [
            Request(f"rush {first} {each}", b"", f"rush {first} {each}", HOUR, [take], b"answer", [b"key", b"x"])
            for each in range(rivals)
        ]
        left = take.most - self.counted()[take.counter, "one"]
        with ThreadPoolExecutor(rivals) as pool:
            answers = list(pool.map(self.redemptions.reserve, requests))
        won = [request for request, answer in zip(requests, answers, strict=True) if isinstance(answer, Reservation)]
        assert len(won) == min(rivals, left // amount)
        self.made |= {request.key: (request, State.RESERVED) for request in won}

    @precondition(lambda self: not self.crashed)
    @rule()
    def crash(self) -> None:
        """Redis dies and restarts with what it had acknowledged."""
        crash(self.server, self.connection)
        self.serve()
        self.crashed = True

    @rule()
    def lose_everything(self) -> None:
        self.connection.call("FLUSHALL")
        self.forget()

    @rule()
    def open_again(self) -> None:
        assert self.redemptions.open() != self.is_open
        self.is_open = True

    @invariant()
    def counters_are_what_was_taken_and_no_more(self) -> None:
        self.redemptions.sweep()
        counted = self.counted()
        for counter, most in MOST.items():
            values = self.connection.call("HGETALL", self.redemptions.keys.counter(counter))
            found = {id.decode(): int(value) for id, value in values.items()}
            assert found == {id: counted[counter, id] for id in ("one", "two") if counted[counter, id]}
            assert all(value <= most for value in found.values())

    @invariant()
    def open_reservations_are_known_and_no_others(self) -> None:
        members = self.connection.call("ZRANGE", self.redemptions.keys.open, 0, -1)
        still = [key for key, (_, state) in self.made.items() if state is State.RESERVED]
        assert sorted(members) == sorted(self.redemptions.keys.reservation(key).encode() for key in still)

    @invariant()
    def every_commit_has_one_receipt(self) -> None:
        entries = self.connection.call("XRANGE", self.redemptions.keys.receipts, "-", "+")
        assert [fields[b"key"] for _, fields in entries] == self.receipts

    def counted(self, without: str = "") -> Multiset[tuple[Counter, str]]:
        """The model's values, without what one cart has reserved."""
        counted: Multiset[tuple[Counter, str]] = Multiset()
        for request, state in self.made.values():
            if state is State.COMMITTED or (state is State.RESERVED and request.cart_id != without):
                for take in request.takes:
                    counted[take.counter, take.promotion_id] += take.amount
        return counted

    def attempt(self, call: Callable[[], object]) -> object:
        """The result of a call that is made twice."""
        answers = []
        for _ in range(2):
            try:
                answers.append(call())
            except CartwrightError as error:
                answers.append(error)
        assert repr(answers[0]) == repr(answers[1])
        return answers[0]

    def is_in_state(self, answer: object, key: str) -> None:
        state = self.made[key][1]
        assert isinstance(answer, Reservation)
        assert (answer.state, answer.answer, bool(answer.receipt_id)) == (state, b"answer", state is State.COMMITTED)


@contextmanager
def embedded() -> Iterator[None]:
    folder = Redeeming.folder = Path(tempfile.mkdtemp(prefix="cartwright-"))
    Redeeming.connection = Connection(f"unix://{folder}/redis.sock")
    Redeeming.serve()
    try:
        yield
    finally:
        Redeeming.connection.close()
        Redeeming.server.stop()
        shutil.rmtree(folder)


def test_a_key_is_remembered_by_its_receipt(
    redemptions: Redemptions, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Longer than by its record, which is kept for thirty days."""
    monkeypatch.setattr(redeeming, "RETENTION", 1)  # ms
    request = Request("key", b"digest", "a", HOUR, [], b"answer", [b"key", b"key"])
    redemptions.reserve(request)
    redemptions.commit("key")
    time.sleep(0.05)
    assert connection.call("EXISTS", redemptions.keys.reservation("key")) == 0
    with pytest.raises(KeyReused):
        redemptions.reserve(request)


def test_what_has_expired_is_free_at_once(redemptions: Redemptions) -> None:
    take = Take(Counter(Kind.TOTAL), "p", 1, 1, 0)
    redemptions.reserve(Request("k", b"", "cart", 1, (take,), b"", [b"key", b"k"]))
    time.sleep(0.01)
    assert isinstance(redemptions.reserve(Request("l", b"", "other", HOUR, (take,), b"", [b"key", b"l"])), Reservation)


def test_however_many_have_expired_none_is_committed(redemptions: Redemptions, connection: Connection) -> None:
    """Each call ends only some of them."""
    keys = [f"k{number:02}" for number in range(20)]
    for key in keys:
        redemptions.reserve(Request(key, b"", key, HOUR, (), b"", [b"key", key.encode()]))
    for key in keys:
        record = redemptions.keys.reservation(key)
        connection.call("HSET", record, "expires", 1)
        connection.call("ZADD", redemptions.keys.open, 1, record)
    with pytest.raises(ReservationExpired):
        redemptions.commit(keys[-1])


def test_a_counter_that_was_lowered_by_hand_does_not_fall_below_zero(
    redemptions: Redemptions, connection: Connection
) -> None:
    take = Take(Counter(Kind.SPENT, "", "USD"), "p", 300, 1_000, 0)
    redemptions.reserve(Request("k", b"", "cart", HOUR, (take,), b"", [b"key", b"k"]))
    counter = redemptions.keys.counter(take.counter)
    connection.call("HSET", counter, "p", 100)
    redemptions.release("k")
    assert connection.call("EXISTS", counter) == 0
    _, told = connection.call("XRANGE", redemptions.keys.changes, "-", "+")[-1]
    assert json.loads(told[b"counters"]) == [[counter, "p", "0"]]


def test_what_nobody_ended_for_a_month_is_given_back(
    redemptions: Redemptions, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redeeming, "RETENTION", 1)  # ms instead of 30 days
    take = Take(Counter(Kind.TOTAL), "p", 1, 1, 0)
    redemptions.reserve(Request("k", b"", "cart", 1, (take,), b"", [b"key", b"k"]))
    time.sleep(0.05)
    redemptions.sweep()
    assert connection.call("HGETALL", redemptions.keys.counter(take.counter)) == {}
    time.sleep(0.05)
    assert connection.call("EXISTS", redemptions.keys.reservation("k")) == 0


def test_nothing_is_spent_twice_and_nothing_is_lost() -> None:
    with embedded():
        run_state_machine_as_test(
            Redeeming,
            settings=settings(max_examples=40, stateful_step_count=30, suppress_health_check=list(HealthCheck)),
        )
