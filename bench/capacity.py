"""What a run of ``bench.load`` says about the capacity of a service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from rich.table import Table

from bench import serving
from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.service.held import HeldCart, size_of
from engine.service.messages import cart_to_message

MEMORY = 256 * 2**20
"""The default of ``--session-memory``."""
BUSY = 0.9
"""The share of the time from which a processor counts as the limit."""
NOTABLE = 0.05
"""The share of a processor from which other work is mentioned."""
REACHED = 0.95
"""The share of the calls wanted that must have been made."""


@dataclass(frozen=True, slots=True)
class Calls:
    """``times`` of all calls, and those that the ``engine`` took of some, in nanoseconds; bytes of all of them."""

    times: list[int]
    engine: list[int]
    sent: int
    answered: int


class Spent(NamedTuple):
    """Nanoseconds of processor time so far: of a process, and of anything on its processor."""

    process: int
    processor: int


class Usage(NamedTuple):
    """What was used until a moment, in nanoseconds; ``memory`` is the service's. None: it was not started here."""

    moment: int
    bench: Spent
    service: Spent | None
    memory: int


class Share(NamedTuple):
    """The shares of the time in which a processor worked for a process, and for anything else."""

    own: float
    others: float

    @classmethod
    def of(cls, before: Spent, after: Spent, passed: int) -> Share:
        own = (after.process - before.process) / passed
        return cls(own, max(0.0, (after.processor - before.processor) / passed - own))

    def __str__(self) -> str:
        return f"{self.own:.0%} busy" + (f", other work took {self.others:.0%}" if self.others >= NOTABLE else "")


class Held(NamedTuple):
    """Mean bytes that a held cart counts for."""

    live: float
    serialized: float


def usage(service: serving.Running | None) -> Usage:
    """Until now."""
    bench = Spent(time.process_time_ns(), serving.busy(0))
    if service is None:
        return Usage(time.perf_counter_ns(), bench, None, 0)
    spent = Spent(service.processor_time(), serving.busy(service.process))
    return Usage(time.perf_counter_ns(), bench, spent, service.memory())


def shares(before: Usage, after: Usage) -> dict[str, Share]:
    """How busy the processor of the service was, if that was started here, and that of the bench."""
    passed = after.moment - before.moment
    bench = Share.of(before.bench, after.bench, passed)
    if before.service is None or after.service is None:
        return {"bench": bench}
    return {"service": Share.of(before.service, after.service, passed), "bench": bench}


def held(program: Program, carts: list[Cart]) -> Held:
    """As the service accounts for them."""
    workspace = Session(program).workspace
    live, serialized = 0, 0
    for cart in carts:
        session = Session(program, workspace)
        assert session.load_bytes(cart_to_message(cart).SerializeToString(), cart.at), cart.id
        session.evaluate()
        each = HeldCart(0, session.quote_bytes(), advised=False, session=session)
        live += size_of((program.name, cart.id, 0), each)
        each.serialize()
        serialized += size_of((program.name, cart.id, 0), each)
    return Held(live / len(carts), serialized / len(carts))


def table(calls: Calls, held: Held, before: Usage, after: Usage) -> Table:
    count, seconds = len(calls.times), (after.moment - before.moment) / 10**9
    busy = shares(before, after)
    shown = Table.grid(padding=(0, 3))
    shown.add_row("calls", f"{count:,} in {seconds:,.1f} s: {count / seconds:,.0f} a second")
    shown.add_row("a call", _percentiles(calls.times))
    if calls.engine:
        shown.add_row("  of that in the engine", f"{_percentiles(calls.engine)} ({len(calls.engine):,} calls)")
    if "service" in busy:
        each = busy["service"].own * seconds / count
        able = f"{each * 10**6:,.0f} µs a call, so one processor answers {1 / each:,.0f} calls a second"
        shown.add_row("service's processor", f"{busy['service']}; {able}")
    shown.add_row("bench's processor", f"{busy['bench']}")
    shown.add_row("request, answer", f"{calls.sent / count:,.0f} bytes, {calls.answered / count:,.0f} bytes (mean)")
    shown.add_row(
        "a held cart", f"{held.live / 1024:,.1f} KiB live, {held.serialized / 1024:,.1f} KiB serialized (mean)"
    )
    live, serialized = MEMORY / 2 / held.live, MEMORY / 2 / held.serialized
    shown.add_row("--session-memory 256", f"holds {live:,.0f} live carts and {serialized:,.0f} serialized ones")
    if "service" in busy:
        memory = f"{_mib(before.memory)} before the first call, {_mib(after.memory)} after the last"
        shown.add_row("service's memory", memory)
    return shown


def verdict(calls: int, before: Usage, after: Usage, rate: float | None) -> str:
    """What limited the calls, and what else they waited for."""
    busy = shares(before, after)
    full = [process for process, share in busy.items() if sum(share) >= BUSY]
    limit = max(full, key=lambda process: busy[process].own, default=None)
    said = []
    missed = rate is not None and calls / (after.moment - before.moment) * 10**9 < REACHED * rate
    if missed:
        said.append(f"{rate:,.0f} calls a second were wanted.")
    if missed or rate is None:
        if limit is None:
            said.append("No processor was the limit: more shoppers would call more often.")
        elif busy[limit].others > busy[limit].own:
            said.append(f"The limit was other work on the {limit}'s processor.")
        elif limit == "service":
            said.append("The limit was the service's processor.")
        else:
            said.append("The limit was the bench, which is Python, not the service: the service can answer more calls.")
    if any(share.others >= NOTABLE for share in busy.values()):
        said.append("Calls also waited for other work on the processors: measure on a quiet machine.")
    return " ".join(said)


def _percentiles(nanoseconds: list[int]) -> str:
    times = np.array(nanoseconds) / 1000
    p50, p99 = np.percentile(times, 50), np.percentile(times, 99)
    return f"p50 {p50:,.0f} µs, p99 {p99:,.0f} µs, most {times.max():,.0f} µs"


def _mib(size: int) -> str:
    return f"{size / 2**20:,.0f} MiB"
