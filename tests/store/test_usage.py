"""Counters in memory follow those in Redis, even if changes are missed."""

from __future__ import annotations

import gc
import weakref

import pytest

from engine.store import usage
from engine.store.connection import Connection
from engine.store.counting import NOTHING, Counter, Kind, Take
from engine.store.redemptions import Redemptions, Request, Reservation
from engine.store.usage import Counters, CounterWatch
from tests.waiting import eventually

TOTAL = Counter(Kind.TOTAL)
ANNA = Counter(Kind.CUSTOMER, "2026-06", "anna: and: co")
HOUR = 3_600_000


@pytest.fixture
def counters(connection: Connection, redemptions: Redemptions) -> Counters:
    counters = Counters(connection, "spring", lambda: None)
    assert counters.follow()
    return counters


def reserve(redemptions: Redemptions, key: str, *counters: Counter) -> None:
    takes = [Take(each, "p", 1, 1_000_000, 0) for each in counters]
    assert isinstance(
        redemptions.reserve(Request(key, b"", f"cart {key}", HOUR, takes, b"", [b"key", b"x"])), Reservation
    )


def test_a_counter_is_read_when_it_is_asked_for_and_followed_from_then_on(
    counters: Counters, redemptions: Redemptions
) -> None:
    reserve(redemptions, "k1", TOTAL, ANNA)
    assert counters.read(TOTAL) is NOTHING
    assert counters.follow()
    known = counters.read(TOTAL)
    assert known == {"p": 1}
    assert counters.follow()
    assert counters.read(TOTAL) is known
    change = counters.change
    reserve(redemptions, "k2", TOTAL, ANNA)
    redemptions.release("k1")
    reserve(redemptions, "k3", TOTAL)
    assert counters.follow()
    assert (counters.read(TOTAL), counters.change > change) == ({"p": 2}, True)
    redemptions.release("k2")
    redemptions.release("k3")
    assert counters.follow()
    assert counters.read(TOTAL) == {}


def test_what_a_cart_holds_is_known_until_it_ends(counters: Counters, redemptions: Redemptions) -> None:
    reserve(redemptions, "k1", TOTAL, ANNA)
    assert counters.follow()
    assert counters.held_by("cart k1") == {TOTAL: {"p": 1}, ANNA: {"p": 1}}
    assert counters.held_by("cart k2") is None
    redemptions.commit("k1")
    assert counters.follow()
    assert counters.held_by("cart k1") is None


def test_one_that_begins_later_knows_what_is_held(
    counters: Counters, connection: Connection, redemptions: Redemptions
) -> None:
    reserve(redemptions, "k1", TOTAL)
    late = Counters(connection, "spring", lambda: None)
    assert late.follow()
    assert late.held_by("cart k1") == {TOTAL: {"p": 1}}


@pytest.mark.parametrize("loss", ["trimmed", "deleted", "behind", "other epoch"])
def test_what_was_missed_is_read_again(
    counters: Counters, connection: Connection, redemptions: Redemptions, loss: str
) -> None:
    reserve(redemptions, "k1", TOTAL)
    counters.read(TOTAL)
    assert counters.follow()
    reserve(redemptions, "k2", TOTAL)
    reserve(redemptions, "k3", TOTAL)
    match loss:
        case "trimmed":
            connection.call("XTRIM", redemptions.keys.changes, "MAXLEN", 1)
        case "deleted":
            connection.call("DEL", redemptions.keys.changes)
        case "behind":  # as after a failover to a replica that lacked the last changes
            connection.call("DEL", redemptions.keys.changes)
            connection.call("HSET", redemptions.keys.ledger, "change", 0)
        case "other epoch":
            connection.call("DEL", redemptions.keys.changes, redemptions.keys.ledger)
            redemptions.open()
    assert counters.follow()
    assert counters.read(TOTAL) == {"p": 3}
    reserve(redemptions, "k4", TOTAL)
    assert counters.follow()
    assert counters.read(TOTAL) == {"p": 4}


def test_counters_that_are_lost_stay_as_last_known(
    counters: Counters, connection: Connection, redemptions: Redemptions, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    reserve(redemptions, "k1", TOTAL)
    counters.read(TOTAL)
    assert counters.follow()
    connection.call("FLUSHALL")
    assert not any(counters.follow() for _ in range(2))
    assert counters.read(TOTAL) == {"p": 1}
    redemptions.open()
    assert all(counters.follow() for _ in range(2))
    assert counters.read(TOTAL) == {}
    lost, found = caplog.messages
    assert lost.startswith("counters of spring are not updated: the store does not know what was redeemed of spring")
    assert found == "counters of spring are up to date again"


def test_it_is_known_when_they_were_last_up_to_date(
    connection: Connection, redemptions: Redemptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch = CounterWatch(connection)
    counters = watch.of("spring")
    assert watch.up_to_date == {"spring": None}
    for moment, flushed, known in ((100.0, False, 100.0), (200.0, True, 100.0), (300.0, False, 300.0)):
        monkeypatch.setattr(usage.time, "monotonic", lambda moment=moment: moment)
        if flushed:
            connection.call("FLUSHALL")
        else:
            redemptions.open()
        assert counters.follow() is not flushed
        assert watch.up_to_date == {"spring": known}


def test_a_ledger_that_is_closed_says_what_opens_it(connection: Connection, caplog: pytest.LogCaptureFixture) -> None:
    assert not Counters(connection, "new", lambda: None).follow()
    assert "`cartwright redemptions open new`" in caplog.text


def test_a_fault_of_one_follower_does_not_end_the_watch(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    class Faulty:
        calls = 0

        def follow(self) -> bool:
            self.calls += 1
            raise ZeroDivisionError

    class Sound(Faulty):
        def follow(self) -> bool:
            self.calls += 1
            return True

    watch, faulty, sound = CounterWatch(connection), Faulty(), Sound()
    watch.add(faulty)
    watch.add(sound)
    watch.start()
    eventually(lambda: faulty.calls > 1)
    watch.stop()
    assert sound.calls == faulty.calls
    assert caplog.text.count("Faulty cannot follow the store") == 1  # not at each of ten tries a second


def test_a_faulty_follower_that_was_replaced_is_forgotten(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Faulty:
        def follow(self) -> bool:
            raise ZeroDivisionError

    faults: list[object] = []
    monkeypatch.setattr(usage._log, "exception", lambda *said: faults.append(said))
    watch, faulty = CounterWatch(connection), Faulty()
    known = weakref.ref(faulty)
    watch.add(faulty)
    watch.start()
    eventually(lambda: len(faults) == 1)
    watch.add(Faulty(), instead_of=faulty)
    del faulty
    eventually(lambda: gc.collect() >= 0 and known() is None)
    watch.stop()


def test_a_watch_that_was_never_started_may_be_stopped(connection: Connection) -> None:
    CounterWatch(connection).stop()


def test_what_concerns_all_carts_stays_however_many_customers_there_are(
    counters: Counters, redemptions: Redemptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is read once a minute, and each customer's counters at each of their carts."""
    monkeypatch.setattr(usage, "MOST_COUNTERS", 10)
    reserve(redemptions, "k1", TOTAL)
    counters.read(TOTAL)
    assert counters.follow()
    for number in range(100):
        counters.read(Counter(Kind.CUSTOMER, "", f"customer {number}"))
    change = counters.change
    reserve(redemptions, "k2", TOTAL)
    assert counters.follow()
    assert counters.change > change
    assert counters.read(TOTAL) == {"p": 2}
    for number in range(100):  # a caller may choose any moment, and so any number of days
        counters.read(Counter(Kind.TOTAL, f"day {number}"))
    assert len(counters._tallies) == 10


def test_what_is_asked_for_while_redis_is_away_stays_within_bounds(
    counters: Counters, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usage, "MOST_COUNTERS", 10)
    for number in range(1_000):
        counters.read(Counter(Kind.CUSTOMER, "", f"customer {number}"))
    asked: list[Counter] = []
    monkeypatch.setattr(counters, "_read", asked.extend)
    assert counters.follow()
    assert [each.subject for each in asked] == [f"customer {number}" for number in range(990, 1_000)]


def test_those_asked_for_least_recently_go_first(counters: Counters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "MOST_COUNTERS", 2)
    first, second, third = (Counter(Kind.CUSTOMER, "", f"customer {number}") for number in range(3))
    for each in (first, second):
        counters.read(each)
    assert counters.follow()
    assert counters.read(first) is not NOTHING
    counters.read(third)
    assert counters.follow()
    assert [counters.read(each) is NOTHING for each in (first, third)] == [False, False]
    assert counters.read(second) is NOTHING
