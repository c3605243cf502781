"""Sends mutations to a service as fast as it answers, and holds answers against the reference.

    python -m bench.load [--seconds N] [--shoppers N] [--lines N] [--promotions N] [--stream] [--address HOST:PORT]

Each shopper has a connection and one request under way. All requests are prepared and all differ: carts are opened,
mutated for a while, and opened again. Every answer's status and revision are checked, and some quotes are compared with
the reference, byte by byte. Without an address the service is started here, pinned apart from the client; the client is
Python too and costs more than the service, so throughput is that of the two together.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from queue import SimpleQueue

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
"""Every so many answers one is kept to be compared; a prime, so that all places of a session are met."""
MOST_SAMPLES = 40
"""Of a shopper."""
CARTS = 5
"""That a shopper opens in turn."""


@dataclass
class Tally:
    """What one shopper met. Times are nanoseconds."""

    times: list[int] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    samples: list[tuple[Cart, bytes]] = field(default_factory=list)


class Stream:
    """PriceStream, one request and its answer at a time."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._requests: SimpleQueue[bytes | None] = SimpleQueue()
        call = channel.stream_stream(f"/{SERVICE}/PriceStream")
        self._answers = call(iter(self._requests.get, None))

    def __call__(self, request: bytes) -> bytes:
        self._requests.put(request)
        return next(self._answers)

    def close(self) -> None:
        """No more requests; the service ends the stream."""
        self._requests.put(None)


def shop(address: str, opened: list[Cart], streams: bool, until: float) -> Tally:
    """One shopper's calls until a moment of the monotonic clock."""
    tally = Tally()
    prepared = [each for cart in opened for each in requests_of(cart)]
    with grpc.insecure_channel(address) as channel:
        call = Stream(channel) if streams else channel.unary_unary(f"/{SERVICE}/MutateCart")
        try:
            _call(call, prepared, until, tally)
        except grpc.RpcError as error:
            tally.failed.append(str(error))
        if isinstance(call, Stream):
            call.close()
    return tally


def _call(call: Callable[[bytes], bytes], prepared: list[tuple[bytes, int, Cart]], until: float, tally: Tally) -> None:
    clock = time.perf_counter_ns
    while time.monotonic() < until:
        for request, revision, cart in prepared:
            begin = clock()
            answer = call(request)
            tally.times.append(clock() - begin)
            response = pricing_pb2.MutateCartResponse.FromString(answer)
            if response.HasField("status") or response.revision != revision:
                tally.failed.append(f"{cart.id} at revision {revision}: {response}")
            if len(tally.times) % SAMPLE == 0 and len(tally.samples) < MOST_SAMPLES:
                tally.samples.append((cart, answer))


def different(tallies: list[Tally], promotions: int, progress: Progress) -> Iterator[str]:
    """Samples that are not what the reference says."""
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
    parser.add_argument("--promotions", type=int, default=1_000, help="of the rule set (default 1,000)")
    parser.add_argument("--shoppers", type=int, default=4, help="at the same time (default 4)")
    parser.add_argument("--lines", type=int, default=15, help="of each cart (default 15)")
    parser.add_argument("--seconds", type=float, default=10, help="how long (default 10)")
    parser.add_argument("--stream", action="store_true", help="a PriceStream for each shopper, not calls of MutateCart")
    given = parser.parse_args()
    console = Console(width=132)
    stream = carts.carts("load", given.lines)
    shoppers = [list(islice(stream, CARTS)) for _ in range(given.shoppers)]
    with ExitStack() as stack:
        address = given.address or stack.enter_context(serving.service(given.promotions)).address
        if not given.address:
            serving.pin(serving.CLIENT_PROCESSOR)
        progress = stack.enter_context(Progress(console=console))
        pool = stack.enter_context(ThreadPoolExecutor(given.shoppers))
        begin = time.monotonic()
        running = [pool.submit(shop, address, opened, given.stream, begin + given.seconds) for opened in shoppers]
        for _ in progress.track(range(100), description="mutating"):
            time.sleep(max(0.0, given.seconds / 100))
        tallies = [each.result() for each in running]
        seconds = time.monotonic() - begin
        failed = [failure for tally in tallies for failure in tally.failed]
        failed += different(tallies, given.promotions, progress)
    times = np.array([each for tally in tallies for each in tally.times]) / 1000
    samples = sum(len(tally.samples) for tally in tallies)
    console.print(f"{len(times):,} calls, {len(times) / seconds:,.0f} a second")
    if len(times):
        console.print(f"p50 {np.percentile(times, 50):,.0f} µs, p99 {np.percentile(times, 99):,.0f} µs")
    console.print(f"{samples} quotes compared; {len(failed)} calls failed or quotes differed")
    for failure in failed[:10]:
        console.print(failure)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
