"""What is remembered of unique codes, and for how long; a test moves the clock."""

from __future__ import annotations

import pytest

from engine.pricing.cart import CouponFact, CouponState
from engine.store import known_codes
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import THROTTLE, CouponPools
from engine.store.known_codes import KNOWN_FOR, NO_POOL, REFUSED_FOR, UNKNOWN_FOR, Asking, KnownCodes
from engine.store.pool_drop import drop_pool
from engine.store.redemptions import Redemptions, Request
from engine.store.usage import Counters

ANNA, BEN = Asking("shop", "anna"), Asking("shop", "ben")
UNVERIFIED = CouponState.UNVERIFIED


class Clock:
    now = 1_000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(known_codes, "time", clock)
    return clock


@pytest.fixture
def pools(connection: Connection) -> CouponPools:
    pools = CouponPools(connection, "spring", CodeKey(bytes(32)))
    pools.add("club", ["ONE", "TWO"], 2)
    return pools


@pytest.fixture
def known(connection: Connection, pools: CouponPools) -> KnownCodes:
    return KnownCodes(pools, ["club"], Counters(connection, "spring", lambda: None), lambda: None)


def state(known: KnownCodes, code: str, asking: Asking = ANNA) -> CouponState:
    """As it is known once everything that was asked for has been looked up."""
    known.fact(code, asking)
    known.follow()
    return known.fact(code, asking).state


def test_an_unknown_code_is_looked_up_again_because_it_may_be_imported(
    known: KnownCodes, pools: CouponPools, clock: Clock
) -> None:
    assert state(known, "NEW") is CouponState.AVAILABLE
    assert known.fact("NEW", ANNA).pool == NO_POOL
    pools.add("club", ["NEW"], 1)
    clock.now += UNKNOWN_FOR
    assert state(known, "NEW") is CouponState.AVAILABLE
    assert known.fact("NEW", ANNA).pool == NO_POOL
    clock.now += 0.1
    state(known, "NEW")
    assert known.fact("NEW", ANNA) == CouponFact(code="NEW", pool="club")


def test_a_code_whose_pool_was_lost_is_unverified_after_a_while(
    known: KnownCodes, connection: Connection, clock: Clock
) -> None:
    assert state(known, "ONE") is CouponState.AVAILABLE
    drop_pool(connection, "spring", "club")
    clock.now += KNOWN_FOR
    assert state(known, "ONE") is CouponState.AVAILABLE
    clock.now += 0.1
    assert state(known, "ONE") is UNVERIFIED


def test_who_tried_too_many_codes_waits_and_others_do_not(known: KnownCodes, clock: Clock) -> None:
    for number in range(THROTTLE.by_customer):
        state(known, f"GUESS-{number}")
    assert state(known, "ONE") is UNVERIFIED
    assert state(known, "ONE", BEN) is CouponState.AVAILABLE
    assert state(known, "ONE") is UNVERIFIED
    clock.now += REFUSED_FOR
    assert state(known, "ONE") is CouponState.AVAILABLE  # as ben has learned
    assert state(known, "TWO") is UNVERIFIED


def test_codes_used_last_stay_in_memory(known: KnownCodes, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(known_codes, "MOST_CODES", 2)
    for code in ("ONE", "TWO"):
        state(known, code)
    known.fact("ONE", ANNA)
    state(known, "THREE")
    assert [known.fact(code, ANNA).state for code in ("ONE", "TWO")] == [CouponState.AVAILABLE, UNVERIFIED]


def test_a_code_that_a_cart_has_reserved_is_spent_for_all_others(
    connection: Connection, pools: CouponPools, known: KnownCodes, redemptions: Redemptions
) -> None:
    redemptions.reserve(Request("k", b"", "cart", 60_000, (pools.take("club", "ONE"),), b"", [b"key", b"k"]))
    assert state(known, "ONE") is CouponState.SPENT  # as looked up, before its counter is read
    assert known._counters.follow()
    assert known.fact("ONE", ANNA) == CouponFact(code="ONE", state=CouponState.SPENT, pool="club")
    assert known.fact("ONE", ANNA, known._counters.held_by("cart")).state is CouponState.AVAILABLE
    redemptions.release("k")
    assert known._counters.follow()
    assert known.fact("ONE", ANNA).state is CouponState.AVAILABLE


def test_a_fault_is_logged_once_until_it_is_gone(
    known: KnownCodes, pools: CouponPools, connection: Connection, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    for logged in (1, 2):
        drop_pool(connection, "spring", "club")
        for _ in range(2):
            assert state(known, "ONE") is UNVERIFIED
            assert not known.follow()
            assert known.follow()  # nothing was asked for
        assert len(caplog.records) == logged
        pools.add("club", ["ONE"], 1)
        assert state(known, "ONE") is CouponState.AVAILABLE
        clock.now += KNOWN_FOR + 0.1


def test_whoever_looks_codes_up_is_woken_for_those_not_known(connection: Connection, pools: CouponPools) -> None:
    woken: list[bool] = []
    known = KnownCodes(pools, ["club"], Counters(connection, "spring", lambda: None), lambda: woken.append(True))
    state(known, "ONE")
    assert len(woken) == 1


def test_so_many_codes_are_asked_for_at_once(known: KnownCodes, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> None:
    monkeypatch.setattr(known_codes, "_MOST_ASKED", 1)
    known.fact("ONE", ANNA)
    known.fact("TWO", ANNA)
    known.follow()
    assert [known.fact(code, ANNA).state for code in ("ONE", "TWO")] == [CouponState.AVAILABLE, UNVERIFIED]
    known.follow()
    assert known.fact("TWO", ANNA).state is CouponState.AVAILABLE
