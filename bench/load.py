"""Sends mutations to a service, compares answers with the reference, and says what one processor can do.

    python -m bench.load [--rules FILE --carts FILE] [--seconds N] [--shoppers N] [--rate N] [--lines N]
        [--promotions N] [--stream] [--ahead N] [--address HOST:PORT]

Each shopper has a connection with one request under way or, on a stream, as many as ``--ahead`` says. All requests are
prepared as bytes, and all differ: carts are opened, mutated for a while, and opened again. The status and revision of
every answer are checked, and some quotes are compared with the reference, byte by byte. Without an address, the service
is started here, pinned to another processor than the client. The client is Python, too; how busy both processors were
shows which of the two was the bottleneck.

Without ``--rate`` a shopper calls again as soon as it is answered, so the service is as busy as it can be. With it,
calls come at random moments, as those of many independent shoppers do, and a call that has to wait for the one before
is timed from the moment it should have begun.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from queue import SimpleQueue
from random import Random
from typing import TypeAlias

import grpc
from rich.console import Console
from rich.progress import Progress

from bench import capacity, cart_files, carts, mutations, serving
from bench.comparing import Sample, compare
from bench.grpc_overhead import requests_of
from engine import rules
from engine._native.program import Program
from engine.cli.printing import stderr
from engine.cli.report import report
from engine.errors import CartwrightError
from engine.pricing.cart import Cart
from engine.rules import CheckedRules
from engine.service import ENGINE_TIME, SERVICE
from engine.v1 import pricing_pb2

SAMPLE = 97
"""One in this many answers is compared; a prime, so that every position in a session occurs."""
MOST_SAMPLES = 160
"""That are compared."""
CARTS = 5
"""That a shopper opens in turn, of the bench's own."""
MOST_CARTS = 400
"""That are taken from a file."""
PATIENCE = 10.0
"""Seconds within which the service must accept a connection."""

QUOTE = pricing_pb2.MutateCartResponse(quote={}).SerializeToString()[:1]
"""The tag of the quote, which comes directly after the revision."""

Prepared: TypeAlias = tuple[bytes, bytes, Cart]
"""A request, the beginning of its answer, and the cart after it."""
Start: TypeAlias = Callable[[], int]
"""Waits until a call is due, and returns the moment from which it is timed."""

clock = time.perf_counter_ns


@dataclass(frozen=True, slots=True)
class Shop:
    """A rule set, the carts of each shopper, and what is done to them."""

    rules: Path
    checked: CheckedRules
    program: Program
    opened: list[list[Cart]]
    shopper: mutations.Shopper

    def prepared(self) -> Iterator[list[Prepared]]:
        """The requests of each shopper, made over and over."""
        return ([each for cart in opened for each in self._session(cart)] for opened in self.opened)

    def _session(self, cart: Cart) -> Iterator[Prepared]:
        for request, revision, after in requests_of(cart, self.program.name, self.shopper):
            yield request, pricing_pb2.MutateCartResponse(revision=revision).SerializeToString() + QUOTE, after


@dataclass
class Tally:
    """The results of one shopper. Times are in nanoseconds; ``engine`` has those of the calls that asked."""

    most_samples: int
    times: list[int] = field(default_factory=list)
    engine: list[int] = field(default_factory=list)
    sent: int = 0
    answered: int = 0
    failed: list[str] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)

    @property
    def samples_next(self) -> bool:
        return len(self.times) % SAMPLE == SAMPLE - 1

    def note(self, nanoseconds: int, answer: bytes, expected: Prepared) -> None:
        """Checks only the beginning: fields are in order, so an answer that begins with its revision has no status."""
        request, beginning, cart = expected
        if self.samples_next and len(self.samples) < self.most_samples:
            self.samples.append((cart, answer))
        self.times.append(nanoseconds)
        self.sent += len(request)
        self.answered += len(answer)
        if not answer.startswith(beginning):
            self.failed.append(f"{cart.id}: {pricing_pb2.MutateCartResponse.FromString(answer)}")


def paced(rate: float, seed: object) -> Start:
    """Calls come at random moments, ``rate`` a second; one that cannot begin when it should is timed from then."""
    random = Random(f"pace {seed}")
    due = clock()

    def start() -> int:
        nonlocal due
        due += round(random.expovariate(rate) * 10**9)
        early = due - clock()
        if early <= 0:
            return due
        time.sleep(early / 10**9)
        return clock()

    return start


def shop(
    address: str, prepared: list[Prepared], ahead: int, rate: float | None, until: float, most_samples: int
) -> Tally:
    """The calls of one shopper until a moment of the monotonic clock; on a stream, unless ``ahead`` is 0."""
    tally = Tally(most_samples)
    with grpc.insecure_channel(address) as channel:
        try:
            grpc.channel_ready_future(channel).result(PATIENCE)
            start = paced(rate, prepared[0][2].id) if rate else clock
            if ahead:
                _stream(channel, prepared, ahead, start, until, tally)
            else:
                _call(channel.unary_unary(f"/{SERVICE}/MutateCart"), prepared, start, until, tally)
        except grpc.FutureTimeoutError:
            tally.failed.append(f"no service answers at {address}")
        except grpc.RpcError as error:
            tally.failed.append(f"{error.code().name}: {error.details()}")
    return tally


def _call(
    method: grpc.UnaryUnaryMultiCallable, prepared: list[Prepared], start: Start, until: float, tally: Tally
) -> None:
    for each in cycle(prepared):
        if time.monotonic() >= until:
            break
        asked = ((ENGINE_TIME, "1"),) if tally.samples_next else None
        begin = start()
        answer, call = method.with_call(each[0], metadata=asked)
        nanoseconds = clock() - begin
        if asked:
            tally.engine += [int(value) for key, value in call.trailing_metadata() if key == ENGINE_TIME]
        tally.note(nanoseconds, answer, each)


def _stream(
    channel: grpc.Channel, prepared: list[Prepared], ahead: int, start: Start, until: float, tally: Tally
) -> None:
    """One answer per request, in order."""
    requests: SimpleQueue[bytes | None] = SimpleQueue()
    answers = channel.stream_stream(f"/{SERVICE}/PriceStream")(iter(requests.get, None))
    under_way: deque[tuple[int, Prepared]] = deque()
    for each in cycle(prepared):
        if time.monotonic() >= until:
            break
        under_way.append((start(), each))
        requests.put(each[0])
        if len(under_way) == ahead:
            _take(answers, under_way, tally)
    while under_way:
        _take(answers, under_way, tally)
    requests.put(None)


def _take(answers: Iterator[bytes], under_way: deque[tuple[int, Prepared]], tally: Tally) -> None:
    answer = next(answers)
    begin, expected = under_way.popleft()
    tally.note(clock() - begin, answer, expected)


def synthetic(promotions: int, lines: int, shoppers: int) -> Shop:
    """The bench's own rule set and carts."""
    path = serving.rule_file(promotions)
    checked = rules.load([path])
    stream = carts.carts("load", lines)
    opened = [list(islice(stream, CARTS)) for _ in range(shoppers)]
    return Shop(path, checked, Program.load(rules.compile(checked)), opened, mutations.synthetic)


def own(path: Path, file: Path, shoppers: int) -> Shop:
    """The caller's rule set and carts. Raises InvalidRules, InvalidCarts and OSError."""
    checked = rules.load([path])
    program = Program.load(rules.compile(checked))
    opened = cart_files.read(file, program.name, program.declaration, MOST_CARTS)
    codes = [code for promotion in checked.promotions for code in promotion.codes]
    return Shop(path, checked, program, list(cart_files.copies(opened, shoppers)), mutations.shopper_with(codes))


def run(served: Shop, given: argparse.Namespace, console: Console) -> int:
    """Returns the exit code: 1 if a call failed or a quote differs."""
    ahead = given.ahead if given.stream else 0
    most_samples = -(-MOST_SAMPLES // given.shoppers)
    with ExitStack() as stack:
        progress = stack.enter_context(Progress(console=console))
        prepared = list(progress.track(served.prepared(), total=given.shoppers, description="preparing"))
        service = None if given.address else stack.enter_context(serving.service(served.rules))
        serving.pin(serving.CLIENT_PROCESSOR)
        address = given.address if service is None else service.address
        gc.freeze()  # what is prepared stays: collecting garbage among it would delay every shopper
        pool = stack.enter_context(ThreadPoolExecutor(given.shoppers))
        rate = given.rate and given.rate / given.shoppers
        before = capacity.usage(service)
        until = time.monotonic() + given.seconds
        running = [pool.submit(shop, address, each, ahead, rate, until, most_samples) for each in prepared]
        for _ in progress.track(range(100), description="mutating"):
            time.sleep(max(0.0, given.seconds / 100))
        tallies = [each.result() for each in running]
        after = capacity.usage(service)
        failed = [failure for tally in tallies for failure in tally.failed]
        samples = [sample for tally in tallies for sample in tally.samples]
        compared, different = compare(samples, served.checked, served.program, progress)
        failed += different
    calls = capacity.Calls(
        times=[each for tally in tallies for each in tally.times],
        engine=[each for tally in tallies for each in tally.engine],
        sent=sum(tally.sent for tally in tallies),
        answered=sum(tally.answered for tally in tallies),
    )
    if calls.times:
        held = capacity.held(served.program, [cart for opened in served.opened for cart in opened])
        console.print(capacity.table(calls, held, before, after))
        if verdict := capacity.verdict(len(calls.times), before, after, given.rate):
            console.print(verdict)
    left = len(samples) - compared
    slow = f", {left} of them with a fresh evaluation, because the reference takes too long" if left else ""
    console.print(f"{len(samples)} quotes compared{slow}; {len(failed)} calls failed or quotes differed")
    for failure in failed[:10]:
        console.print(failure, markup=False)
    return 1 if failed or not calls.times else 0


def positive(text: str) -> int:
    """The value of an option that must be at least 1."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__.partition("\n")[0])
    parser.add_argument("--rules", type=Path, help="your own rule set, a file or a folder (default: the bench's)")
    parser.add_argument(
        "--carts",
        type=Path,
        help="your own carts: JSON Lines, where each line is the JSON mapping of an engine.v1.Cart; "
        f"up to {MOST_CARTS} of them are used, taken from the whole file",
    )
    parser.add_argument("--address", help="HOST:PORT of a service with the rule set and --allow-at")
    parser.add_argument("--promotions", type=int, help="promotions of the bench's rule set (default 1,000)")
    parser.add_argument("--lines", type=positive, help="lines of each of the bench's carts (default 15)")
    parser.add_argument("--shoppers", type=positive, default=4, help="shoppers at the same time (default 4)")
    parser.add_argument("--rate", type=positive, help="calls a second of all shoppers (default: as many as possible)")
    parser.add_argument("--seconds", type=float, default=10, help="duration (default 10)")
    parser.add_argument("--stream", action="store_true", help="a PriceStream per shopper instead of MutateCart calls")
    parser.add_argument("--ahead", type=positive, default=1, help="requests under way on each stream (default 1)")
    given = parser.parse_args()
    if (given.rules is None) != (given.carts is None):
        parser.error("--rules and --carts are given together")
    if given.rules and (given.promotions or given.lines):
        parser.error("--promotions and --lines are about the bench's rule set and carts: they do not go with --rules")
    if given.rate and given.ahead > 1:
        parser.error("--rate times each call by itself: it does not go with --ahead")
    try:
        served = (
            own(given.rules, given.carts, given.shoppers)
            if given.rules
            else synthetic(given.promotions or 1_000, given.lines or 15, given.shoppers)
        )
    except (CartwrightError, OSError) as error:
        return report(error, stderr())
    return run(served, given, Console(width=132))


if __name__ == "__main__":
    sys.exit(main())
