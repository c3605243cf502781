"""A million unique coupon codes: generated, imported into Redis, looked up and spent.

Measures the time of each next to bare commands, and the memory of Redis, on a Redis of our own (append-only file on,
every write on disk).
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

import numpy as np
from rich.console import Console
from rich.table import Column, Table

from bench.redis import redis
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_codes import Pattern
from engine.store.coupon_pools import CouponPools

PATTERN = Pattern("SUMMER-####-####-####")
KEY = CodeKey(bytes(range(32)))
ROUNDS = 5_000
"""Look-ups timed, each of a different code."""
PLAIN = 100_000
"""Codes put into a plain set, for comparison."""
_T = TypeVar("_T")
PARTS = 10
"""The number of imports that fill the growing pool."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.coupons", description=__doc__.partition("\n")[0])
    parser.add_argument("--codes", type=int, default=1_000_000, help="number of codes (default 1,000,000)")
    count = parser.parse_args().codes
    rows = Table(Column("what"), Column("seen", justify="right"), box=None)
    with redis() as connection:
        for what, seen in measured(connection, count):
            rows.add_row(what, seen)
    Console(highlight=False).print(rows)


def measured(connection: Connection, count: int) -> Iterable[tuple[str, str]]:
    seconds, codes = timed(lambda: list(PATTERN.drawn(count)))
    yield f"{count:,} codes drawn", each(seconds, count)
    seconds, _ = timed(lambda: [KEY.digest("summer", code) for code in codes])
    yield "their digests", each(seconds, count)
    pools = CouponPools(connection, "summer", KEY)
    before = used_memory(connection)
    seconds, added = timed(lambda: pools.add("club", codes, count, PATTERN))
    assert added == (count, 0), added
    yield "imported into Redis", each(seconds, count)
    yield "memory of Redis per code", f"{(used_memory(connection) - before) / count:.1f} bytes"
    seconds, added = timed(lambda: pools.add("club", codes, count, PATTERN))
    assert added == (0, count), added
    yield "imported again", each(seconds, count)
    yield from growing(connection, codes)
    yield from plain(connection, codes)
    yield from looked_up(connection, pools, codes)
    yield from spent(connection, pools, codes)


def growing(connection: Connection, codes: list[str]) -> Iterable[tuple[str, str]]:
    pools = CouponPools(connection, "autumn", KEY)
    before = used_memory(connection)
    part = len(codes) // PARTS
    seconds, _ = timed(lambda: [pools.add("club", some, part) for some in parted(codes, part)])
    yield f"imported in {PARTS} parts into a growing pool", each(seconds, len(codes))
    yield "  memory of Redis per code", f"{(used_memory(connection) - before) / len(codes):.1f} bytes"


def plain(connection: Connection, codes: list[str]) -> Iterable[tuple[str, str]]:
    """The codes as texts in one set."""
    some = codes[:PLAIN]
    for batch in parted(some, 5_000):
        connection.call("SADD", "plain", *batch)
    memory = connection.call("MEMORY", "USAGE", "plain", "SAMPLES", 0)
    yield "a set of the texts: memory of Redis per code", f"{memory / len(some):.1f} bytes"


def looked_up(connection: Connection, pools: CouponPools, codes: list[str]) -> Iterable[tuple[str, str]]:
    step = max(1, len(codes) // ROUNDS)
    chosen = codes[::step][:ROUNDS]
    assert len(pools.look_up(chosen[:100], ["club"], "bench").facts) == 100
    yield "a code looked up", times(lambda code: pools.look_up([code], ["club"], "bench"), chosen)
    tens = [chosen[place : place + 10] for place in range(0, len(chosen) - 9, 10)]
    yield "ten codes looked up", times(lambda some: pools.look_up(some, ["club"], "bench"), tens)
    yield "  compared with a bare SISMEMBER", times(lambda code: connection.call("SISMEMBER", "plain", code), chosen)
    mistyped = [f"{code[:-1]}{'2' if code[-1] != '2' else '3'}" for code in chosen]
    yield "a mistyped code recognized", times(lambda code: pools.look_up([code], ["club"], "bench"), mistyped)


def spent(connection: Connection, pools: CouponPools, codes: list[str]) -> Iterable[tuple[str, str]]:
    """A code as a reservation writes it."""
    takes = [pools.take("club", code) for code in codes[: len(codes) // 2]]
    before = used_memory(connection)
    for batch in parted(takes, 5_000):
        connection.call_all(
            [
                ("HINCRBY", f"cartwright:{{summer}}:unique::{each.counter.subject}", each.promotion_id, 1)
                for each in batch
            ]
        )
    yield "half of them spent: memory per spent code", f"{(used_memory(connection) - before) / len(takes):.1f} bytes"


def parted(items: list[_T], size: int) -> list[list[_T]]:
    return [items[place : place + size] for place in range(0, len(items), size)]


def timed(work: Callable[[], object]) -> tuple[float, object]:
    begin = time.perf_counter()
    done = work()
    return time.perf_counter() - begin, done


def times(call: Callable[..., object], arguments: Iterable[object]) -> str:
    spent = []
    for argument in islice(arguments, ROUNDS):
        begin = time.perf_counter_ns()
        call(argument)
        spent.append(time.perf_counter_ns() - begin)
    p50, p99 = np.percentile(spent, (50, 99)) / 1000
    return f"p50 {p50:,.0f} µs, p99 {p99:,.0f} µs"


def each(seconds: float, count: int) -> str:
    return f"{seconds:,.1f} s, {seconds / count * 1e6:.2f} µs each"


def used_memory(connection: Connection) -> int:
    return int(connection.call("INFO", "memory")["used_memory"])


if __name__ == "__main__":
    main()
