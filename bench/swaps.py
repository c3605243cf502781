"""Publishes and activates revision after revision while shoppers price on several replicas, and checks every answer.

    python -m bench.swaps [--swaps N] [--replicas N] [--shoppers N] [--promotions N]

It runs its own Redis, a process for each replica and one that publishes, all on this machine. Half of the shoppers send
whole carts, half mutate held carts, each on the replicas in turn. An answer is correct if its figures are those of the
revision it names, and that revision was not outdated when the call began (every replica already served another one),
nor still to come when the call ended (it had not been activated). Redis and replicas share a clock here, so the time
from the activating call until a replica serves the revision is read from the status of the replica.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.progress import Progress

from bench import carts, rule_sets
from engine import rules
from engine._native.program import Program
from engine._native.session import Session
from engine.cli.serve import LISTENING
from engine.client import PricingClient, RuleSetClient
from engine.pricing.cart import Cart
from engine.pricing.mutations import SetQuantity
from engine.pricing.quote import Quote
from engine.rules import Source
from engine.store.embedded import EmbeddedRedis

QUANTITIES = (1, 2, 3)
"""Of the first line: what the shoppers change."""
LINES = 8
PATIENCE = 30.0
"""Seconds within which every replica must follow, and every call be answered; long, as the machine may be busy."""
clock = time.time_ns


class Answer(NamedTuple):
    """One priced cart; ``begin`` and ``end`` are in nanoseconds."""

    begin: int
    end: int
    quantity: int
    quote: Quote


@dataclass
class Tally:
    """The results of one shopper."""

    answers: list[Answer] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@dataclass
class Swap:
    """When a revision was published and activated, and since when each replica serves it, in nanoseconds."""

    published: int = 0
    activated: int = 0
    answered: int = 0
    """When the activating call returned."""
    served: list[int] = field(default_factory=list)
    everywhere: int = 0
    """When all replicas were seen to serve it."""


def text(promotions: int, number: int) -> str:
    """A rule set that takes a different percentage off each time."""
    reward = f"{{percent_off: {{of: cart, per: order, percent: {number / 10}}}}}"
    return f"{rule_sets.text(promotions)}  swap:\n    layer: order\n    reward: {reward}\n"


@contextmanager
def service(redis: str, right: str) -> Iterator[str]:
    """The address of a service, as shipped, in its own process."""
    command = [sys.executable, "-m", "engine.cli", "serve", "--redis", redis, "--listen", "127.0.0.1:0", right]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield next(line.removeprefix(LISTENING).split()[0] for line in process.stdout if line.startswith(LISTENING))
        finally:
            process.terminate()


def shop(addresses: list[str], cart: Cart, holds: bool, stopped: Event) -> Tally:
    """The calls of one shopper, until it is stopped."""
    tally = Tally()
    with ExitStack() as stack:
        clients = [stack.enter_context(PricingClient(address, send_at=True)) for address in addresses]
        sessions = [client.open(cart, changes_only=True) for client in clients] if holds else []
        line = cart.lines[0]
        number = 0
        while not stopped.is_set():
            number += 1
            quantity = QUANTITIES[number % len(QUANTITIES)]
            begin = clock()
            try:
                if holds:
                    session = sessions[number % len(sessions)]
                    quote = session.mutate(SetQuantity(line.id, quantity), timeout=PATIENCE).quote
                else:
                    sent = replace(cart, lines=(replace(line, quantity=quantity), *cart.lines[1:]))
                    quote = clients[number % len(clients)].price(sent, PATIENCE).quote
            except Exception as error:
                tally.failed.append(f"{type(error).__name__}: {error}")
            else:
                tally.answers.append(Answer(begin, clock(), quantity, quote))
    return tally


def swap(publisher: RuleSetClient, replicas: list[RuleSetClient], source: str) -> Swap:
    """Publishes a rule set, activates it, and waits until all replicas serve it."""
    done = Swap(published=clock())
    revision, _ = publisher.publish([Source("swaps.yaml", source)], "bench")
    done.activated = clock()
    publisher.activate(revision.rule_set, revision.number, "bench")
    done.answered = clock()
    deadline = time.monotonic() + PATIENCE
    for client in replicas:
        while (served := client.status().rule_sets.get(revision.rule_set)) is None or served.number < revision.number:
            if time.monotonic() > deadline:
                raise TimeoutError(f"a replica has not followed to revision {revision.number}: {client.status()}")
            time.sleep(0.01)
        done.served.append(served.since)
    done.everywhere = clock()
    return done


def faults(tallies: list[Tally], swaps: list[Swap], promotions: int, cart: Cart, progress: Progress) -> Iterator[str]:
    """The wrong answers; the first swap made revision 1."""
    right: dict[tuple[int, int], Quote] = {}
    for revision in progress.track(range(1, len(swaps) + 1), description="quotes to compare with"):
        session = Session(Program.load(rules.compile(rules.load_text(text(promotions, revision)))))
        line, *others = cart.lines
        for quantity in QUANTITIES:
            quote = session.price(replace(cart, lines=(replace(line, quantity=quantity), *others)))
            right[revision, quantity] = quote._replace(rule_set_revision=revision)
    for answer in (answer for tally in tallies for answer in tally.answers):
        revision = answer.quote.rule_set_revision
        if answer.quote != right.get((revision, answer.quantity)):
            yield f"revision {revision}: the figures are not those of the revision"
        elif swaps[revision - 1].activated > answer.end:
            yield f"revision {revision}: answered before it was activated"
        elif revision < len(swaps) and swaps[revision].everywhere < answer.begin:
            yield f"revision {revision}: answered when every replica already served the next"


def report(swaps: list[Swap], tallies: list[Tally], seconds: float, console: Console) -> None:
    each = np.array([[since - done.activated for since in done.served] for done in swaps]) / 10**6
    whole = np.array([max(done.served) - done.published for done in swaps]) / 10**6
    calls = np.array([done.answered - done.activated for done in swaps]) / 10**6
    for what, times in (
        ("from activation until active on a replica", each.ravel()),
        (f"from activation until active on all {each.shape[1]} replicas", each.max(axis=1)),
        ("of that, the activating call (each write is on disk before it is acknowledged)", calls),
        ("from publication (check, lint, storage, activation) until active on all", whole),
        ("a shopper's call", np.array([each.end - each.begin for tally in tallies for each in tally.answers]) / 10**6),
    ):
        p50, p99 = np.percentile(times, 50), np.percentile(times, 99)
        console.print(f"{what}: p50 {p50:,.1f} ms, p99 {p99:,.1f} ms, most {times.max():,.1f} ms")
    answers = sum(len(tally.answers) for tally in tallies)
    met = len({answer.quote.rule_set_revision for tally in tallies for answer in tally.answers})
    console.print(f"{answers:,} calls, {answers / seconds:,.0f} a second, answered by {met} revisions")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.swaps", description=__doc__.partition("\n")[0])
    parser.add_argument("--swaps", type=int, default=100, help="revisions after the first (default 100)")
    parser.add_argument("--replicas", type=int, default=4, help="server processes (default 4)")
    parser.add_argument("--shoppers", type=int, default=4, help="shoppers at the same time (default 4)")
    parser.add_argument("--promotions", type=int, default=100, help="promotions of each revision (default 100)")
    given = parser.parse_args()
    # All answers are kept. Collecting garbage among them would delay every shopper, in the end by a second.
    gc.disable()
    console = Console(width=132)
    cart = next(carts.carts("swaps", LINES))
    with ExitStack() as stack:
        redis = EmbeddedRedis(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cartwright-"))))
        stack.callback(redis.stop)
        addresses = [stack.enter_context(service(redis.url, "--allow-at")) for _ in range(given.replicas)]
        replicas = [stack.enter_context(RuleSetClient(address)) for address in addresses]
        publisher = stack.enter_context(RuleSetClient(stack.enter_context(service(redis.url, "--allow-publish"))))
        progress = stack.enter_context(Progress(console=console))
        swaps = [swap(publisher, replicas, text(given.promotions, 1))]
        pool = stack.enter_context(ThreadPoolExecutor(given.shoppers))
        stopped = Event()
        stack.callback(stopped.set)
        begin = time.monotonic()
        running = [pool.submit(shop, addresses, cart, number % 2 > 0, stopped) for number in range(given.shoppers)]
        for number in progress.track(range(2, given.swaps + 2), description="swapping"):
            swaps.append(swap(publisher, replicas, text(given.promotions, number)))
        seconds = time.monotonic() - begin
        stopped.set()
        tallies = [each.result() for each in running]
        failed = [failure for tally in tallies for failure in tally.failed]
        wrong = list(faults(tallies, swaps, given.promotions, cart, progress))
    report(swaps[1:], tallies, seconds, console)
    console.print(f"{len(failed)} calls failed, {len(wrong)} answers were wrong")
    for fault in (failed + wrong)[:10]:
        console.print(fault)
    return 1 if failed or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
