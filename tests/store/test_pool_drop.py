"""Pools of unique codes dropped from a real Redis: what is deleted, what is remembered, what may follow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from engine.errors import InvalidCodeKey, PoolMissing
from engine.pricing.cart import CouponFact, CouponState
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import BATCH, CouponPools
from engine.store.pool_drop import PoolSize, drop_pool, pool_size
from engine.store.redemptions import Redemptions, Request

KEY = CodeKey(bytes(range(32)))
CODES = [f"A-{number}" for number in range(2_000)]


@pytest.fixture
def pools(connection: Connection) -> CouponPools:
    """A pool with its first code spent and its second reserved; and another pool."""
    pools = CouponPools(connection, "summer", KEY)
    pools.add("club", CODES, len(CODES))
    pools.add("mail", ["B-1"], 1)
    redemptions = Redemptions(connection, "summer")
    redemptions.open()
    for code in CODES[:2]:
        redemptions.reserve(Request(code, b"digest", code, 3_600_000, [pools.take("club", code)], b"", (b"of", b"it")))
    redemptions.commit(CODES[0])
    return pools


def keys(connection: Connection, pattern: str) -> list[bytes]:
    return list(connection.scan(f"cartwright:{{summer}}:{pattern}"))


def test_all_codes_go_and_nothing_else(pools: CouponPools, connection: Connection) -> None:
    assert pool_size(connection, "summer", "club") == PoolSize(2_000, 2)
    drop_pool(connection, "summer", "club")
    assert keys(connection, "pool:club:*") == []
    assert [(each.name, each.codes) for each in pools.pools()] == [("mail", 1)]
    assert pools.look_up(["B-1"], ["mail"], "test").facts == (CouponFact(code="B-1", pool="mail"),)
    with pytest.raises(PoolMissing, match="no pool club of summer"):
        pools.look_up(CODES[:1], ["club", "mail"], "test")
    drop_pool(connection, "summer", "club")  # as if the first answer was lost
    with pytest.raises(PoolMissing, match="summer has no pool 'club'"):
        pool_size(connection, "summer", "club")


def test_what_was_used_stays_used_when_it_is_put_in_again(pools: CouponPools, connection: Connection) -> None:
    drop_pool(connection, "summer", "club")
    Redemptions(connection, "summer").release(CODES[1])
    pools.add("club", CODES, len(CODES))
    states = [each.state for each in pools.look_up(CODES[:3], ["club"], "test").facts]
    assert states == [CouponState.SPENT, CouponState.AVAILABLE, CouponState.AVAILABLE]


def test_what_was_used_can_be_forgotten_at_once_or_later(pools: CouponPools, connection: Connection) -> None:
    drop_pool(connection, "summer", "club")
    assert pool_size(connection, "summer", "club", used_alone=True) == PoolSize(0, 2)
    drop_pool(connection, "summer", "club", forget_used=True)
    assert keys(connection, "unique:*") == []
    with pytest.raises(PoolMissing):
        pool_size(connection, "summer", "club", used_alone=True)
    # A reservation of a forgotten code ends like any other.
    Redemptions(connection, "summer").release(CODES[1])
    pools.add("club", CODES[:1], 1)
    assert pools.look_up(CODES[:1], ["club"], "test").facts == (CouponFact(code=CODES[0], pool="club"),)


def test_once_all_is_forgotten_another_key_may_come(pools: CouponPools, connection: Connection) -> None:
    others = CouponPools(connection, "summer", CodeKey(bytes(32)))
    drop_pool(connection, "summer", "club", forget_used=True)
    with pytest.raises(InvalidCodeKey):
        others.add("club", CODES, len(CODES))
    drop_pool(connection, "summer", "mail", forget_used=True)
    others.add("club", CODES, len(CODES))
    with pytest.raises(InvalidCodeKey):
        pools.add("mail", ["B-1"], 1)


def test_a_pool_that_is_filled_while_it_is_dropped(pools: CouponPools, connection: Connection) -> None:
    def dropping() -> Iterator[str]:
        yield from (f"C-{number}" for number in range(BATCH))
        drop_pool(connection, "summer", "club")
        yield "C"

    with pytest.raises(PoolMissing, match="was dropped while it was filled"):
        pools.add("club", dropping(), BATCH + 1)
    assert keys(connection, "pool:club:*") == []
