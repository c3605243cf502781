"""Sends mutations to a service as fast as it answers, and compares answers with the reference.

    python -m bench.load [--seconds N] [--shoppers N] [--lines N] [--promotions N] [--stream] [--ahead N]
        [--address HOST:PORT]

Each shopper has a connection with one request under way or, on a stream, as many as ``--ahead`` says. All requests are
prepared as bytes, and all differ: carts are opened, mutated for a while, and opened again. The status and revision of
every answer are checked, and some quotes are compared with the reference, byte by byte. Without an address, the service
is started here, pinned to another processor than the client. The client is Python, too; how busy the service's
processor was shows which of the two was the bottleneck.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from queue import SimpleQueue
from typing import TypeAlias

import grpc
import numpy as np
from rich.console import Console
from rich.progress import Progress

from bench import carts, rule_sets, serving
from bench.grpc_overhead import requests_of
from engine import rules
from engine._native.program import Program
from engine.pricing.cart import Cart
from engine.pricing.reference import Reference
from engine.service import SERVICE
from engine.service.messages import quote_bytes
from engine.v1 import pricing_pb2

SAMPLE = 97
"""One in this many answers is compared; a prime, so that every position in a session occurs."""
MOST_SAMPLES = 40
"""Of a shopper."""
CARTS = 5
"""That a shopper opens in turn."""

QUOTE = pricing_pb2.MutateCartResponse(quote={}).SerializeToString()[:1]
"""The tag of the quote, which comes directly after the revision."""

Prepared: TypeAlias = tuple[bytes, bytes, Cart]
"""A request, the beginning of its answer, and the cart after it."""


@dataclass
class Tally:
    """The results of one shopper. Times are in nanoseconds."""

    times: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    samples: list[tuple[Cart, bytes]] = field(default_factory=list)

    def note(self, nanoseconds: int, answer: bytes, expected: Prepared) -> None:
        """Checks only the beginning: fields are in order, so an answer that begins with its revision has no status."""
        _, beginning, cart = expected
        self.times.append(nanoseconds)
        if not answer.startswith(beginning):
            self.failed.append(f"{cart.id}: {pricing_pb2.MutateCartResponse.FromString(answer)}")
        if len(self.times) % SAMPLE == 0 and len(self.samples) < MOST_SAMPLES:
            self.samples.append((cart, answer))


def prepare(opened: list[Cart]) -> list[Prepared]:
    """The requests of a shopper, made over and over."""
    return [
        (request, pricing_pb2.MutateCartResponse(revision=revision).SerializeToString() + QUOTE, cart)
        for each in opened
        for request, revision, cart in requests_of(each)
    ]


def shop(address: str, prepared: list[Prepared], ahead: int, until: float) -> Tally:
    """The calls of one shopper until a moment of the monotonic clock; on a stream, unless ``ahead`` is 0."""
    tally = Tally()
    with grpc.insecure_channel(address) as channel:
        try:
            if ahead:
                _stream(channel, prepared, ahead, until, tally)
            else:
                _call(channel.unary_unary(f"/{SERVICE}/MutateCart"), prepared, until, tally)
        except grpc.RpcError as error:
            tally.failed.append(str(error))
    return tally


def _call(call: Callable[[bytes], bytes], prepared: list[Prepared], until: float, tally: Tally) -> None:
    clock = time.perf_counter_ns
    while time.monotonic() < until:
        for each in prepared:
            begin = clock()
            answer = call(each[0])
            tally.note(clock() - begin, answer, each)


def _stream(channel: grpc.Channel, prepared: list[Prepared], ahead: int, until: float, tally: Tally) -> None:
    """One answer per request, in order."""
    clock = time.perf_counter_ns
    requests: SimpleQueue[bytes | None] = SimpleQueue()
    answers = channel.stream_stream(f"/{SERVICE}/PriceStream")(iter(requests.get, None))
    under_way: deque[tuple[int, Prepared]] = deque()
    for each in cycle(prepared):
        if time.monotonic() >= until:
            break
        under_way.append((clock(), each))
        requests.put(each[0])
        if len(under_way) == ahead:
            _take(answers, under_way, tally)
    while under_way:
        _take(answers, under_way, tally)
    requests.put(None)


def _take(answers: Iterator[bytes], under_way: deque[tuple[int, Prepared]], tally: Tally) -> None:
    answer = next(answers)
    begin, expected = under_way.popleft()
    tally.note(time.perf_counter_ns() - begin, answer, expected)


def different(tallies: list[Tally], promotions: int, progress: Progress) -> Iterator[str]:
    """Samples that differ from the reference."""
    checked = rules.load_text(rule_sets.text(promotions))
    reference = Reference(checked, Program.load(rules.compile(checked)).version)
    samples = [sample for tally in tallies for sample in tally.samples]
    for cart, answer in progress.track(samples, description="samples compared"):
        response = pricing_pb2.MutateCartResponse.FromString(answer)
        if response.quote.SerializeToString(deterministic=True) != quote_bytes(reference.price(cart)):
            yield f"{cart.id}: not the reference's quote"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--address", help="HOST:PORT of a service with the bench's rule set and --allow-at")
    parser.add_argument("--promotions", type=int, default=1_000, help="promotions of the rule set (default 1,000)")
    parser.add_argument("--shoppers", type=int, default=4, help="shoppers at the same time (default 4)")
    parser.add_argument("--lines", type=int, default=15, help="lines of each cart (default 15)")
    parser.add_argument("--seconds", type=float, default=10, help="duration (default 10)")
    parser.add_argument("--stream", action="store_true", help="a PriceStream per shopper instead of MutateCart calls")
    parser.add_argument("--ahead", type=int, default=1, help="requests under way on each stream (default 1)")
    given = parser.parse_args()
    console = Console(width=132)
    stream = carts.carts("load", given.lines)
    shoppers = [prepare(list(islice(stream, CARTS))) for _ in range(given.shoppers)]
    with ExitStack() as stack:
        service = None if given.address else stack.enter_context(serving.service(given.promotions))
        if service is not None:
            serving.pin(serving.CLIENT_PROCESSOR)
        address = given.address if service is None else service.address
        progress = stack.enter_context(Progress(console=console))
        pool = stack.enter_context(ThreadPoolExecutor(given.shoppers))
        ahead = given.ahead if given.stream else 0
        busy = 0 if service is None else service.processor_time()
        begin = time.monotonic()
        running = [pool.submit(shop, address, each, ahead, begin + given.seconds) for each in shoppers]
        for _ in progress.track(range(100), description="mutating"):
            time.sleep(max(0.0, given.seconds / 100))
        tallies = [each.result() for each in running]
        seconds = time.monotonic() - begin
        busy = 0 if service is None else service.processor_time() - busy
        failed = [failure for tally in tallies for failure in tally.failed]
        failed += different(tallies, given.promotions, progress)
    times = np.array([each for tally in tallies for each in tally.times]) / 1000
    samples = sum(len(tally.samples) for tally in tallies)
    console.print(f"{len(times):,} calls, {len(times) / seconds:,.0f} a second")
    if len(times):
        console.print(f"p50 {np.percentile(times, 50):,.0f} µs, p99 {np.percentile(times, 99):,.0f} µs")
    if service is not None and len(times):
        share, each = busy / seconds / 10**9, busy / len(times) / 1000
        console.print(
            f"the service used {each:,.0f} µs of its processor per call; the processor was busy {share:.0%} of the time"
        )
    console.print(f"{samples} quotes compared; {len(failed)} calls failed or quotes differed")
    for failure in failed[:10]:
        console.print(failure)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
