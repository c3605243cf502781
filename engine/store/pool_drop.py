"""Dropping a pool of unique coupon codes; this needs no key, so a pool whose key is lost can be dropped."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import PoolMissing
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind
from engine.store.coupon_pools import PARTS
from engine.store.keys import RedemptionKeys


class PoolSize(NamedTuple):
    """``used`` codes are reserved or spent, including codes that were dropped earlier."""

    codes: int
    used: int


def pool_size(connection: Connection, rule_set: str, pool: str, *, used_alone: bool = False) -> PoolSize:
    """Raises PoolMissing if there is no such pool, StoreUnavailable and StoreFull.

    With ``used_alone`` a dropped pool counts as existing while its used codes are remembered.
    """
    exists, codes, used = _run(connection, rule_set, pool, "count")
    if not exists and not (used_alone and used):
        raise PoolMissing(f"{rule_set} has no pool {pool[:100]!r} in the store")
    return PoolSize(codes, used)


def drop_pool(connection: Connection, rule_set: str, pool: str, *, forget_used: bool = False) -> None:
    """Drop a pool with all its codes in one step; nothing happens if it does not exist.

    Used codes are remembered: if imported into a pool of this name again, they are still reserved or spent. With
    ``forget_used`` they are forgotten and, once no pool is left, codes may be kept under another key. Raises
    StoreUnavailable and StoreFull.
    """
    _run(connection, rule_set, pool, "forget" if forget_used else "drop")


def _run(connection: Connection, rule_set: str, pool: str, act: str) -> tuple[int, int, int]:
    keys = RedemptionKeys(rule_set)
    used = keys.counter(Counter(Kind.UNIQUE))
    exists, codes, used_codes = connection.run(
        "drop_pool", [keys.pools, keys.absent], [pool, keys.buckets, used, PARTS, act]
    )
    return int(exists), int(codes), int(used_codes)
