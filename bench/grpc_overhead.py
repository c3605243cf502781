"""What a call costs above an empty grpcio handler that echoes the same bytes.

    python -m bench.grpc_overhead [--promotions N] [--lines N] [--calls N]

Calls go one after the other, to the service and to the echo in turns of some hundred: what else the machine does hits
both. Servers and client are pinned apart. ``call`` is what the caller waits, ``server`` the processor time of the
server's process alone, which is stricter: the client's part of a call is in the first only.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from typing import NamedTuple

import grpc
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import carts, mutations, serving
from bench.compiling import KEPT
from engine.pricing.cart import Cart
from engine.service import SERVICE
from engine.service.messages import cart_to_message
from engine.v1 import pricing_pb2

RESULTS = KEPT / "grpc.json"
ROUNDS = 7
LENGTH = 60
"""Mutations of a cart before another one is opened."""
TARGET = 1.25


class Cost(NamedTuple):
    """Microseconds of a call, and of the server's processor for it."""

    call: float
    server: float


class Method:
    """Calls of one method of one server, on a connection of their own."""

    def __init__(self, server: serving.Running, name: str, requests: Sequence[bytes]) -> None:
        self._server = server
        self._call: Callable[[bytes], bytes] = grpc.insecure_channel(server.address).unary_unary(f"/{SERVICE}/{name}")
        self._requests = cycle(requests)

    def measure(self, calls: int) -> Cost:
        """The mean of so many calls, one after the other. Raises RpcError when one fails."""
        requests = list(islice(self._requests, calls))
        call = self._call
        busy = self._server.processor_time()
        begin = time.perf_counter_ns()
        for request in requests:
            call(request)
        taken = time.perf_counter_ns() - begin
        busy = self._server.processor_time() - busy
        return Cost(taken / calls / 1000, busy / calls / 1000)


def cart_requests(lines: int) -> list[bytes]:
    """Carts to be priced."""
    return [cart_to_message(cart).SerializeToString() for cart in islice(carts.carts("grpc", lines), 100)]


def mutation_requests(lines: int) -> list[bytes]:
    """Carts opened and mutated, over and over."""
    opened = islice(carts.carts("grpc", lines), 20)
    return [request for cart in opened for request, _, _ in requests_of(cart)]


def requests_of(cart: Cart) -> Iterator[tuple[bytes, int, Cart]]:
    """The requests of a shopper's session, the first with the cart; with the revision and the cart after each."""
    opening = pricing_pb2.MutateCartRequest(cart_id=cart.id, rule_set="bench", cart=cart_to_message(cart))
    yield opening.SerializeToString(), 0, cart
    for revision, step in enumerate(mutations.session(cart, "grpc", LENGTH)):
        request = pricing_pb2.MutateCartRequest.FromString(step.sent)
        request.rule_set = "bench"
        request.revision = revision
        yield request.SerializeToString(), revision + 1, step.cart


def compare(
    service: serving.Running, echo: serving.Running, calls: int, lines: int, console: Console
) -> dict[str, object]:
    """Ratios of each round, by method: the service over the echo."""
    found = {}
    with Progress(console=console) as progress:
        for name, requests in (("PriceCart", cart_requests(lines)), ("MutateCart", mutation_requests(lines))):
            ours, empty = Method(service, name, requests), Method(echo, name, requests)
            for method in (ours, empty):
                method.measure(len(requests))
            rounds = []
            for _ in progress.track(range(ROUNDS), description=name):
                rounds.append((ours.measure(calls), empty.measure(calls)))
            found[name] = {
                part: {
                    "service": median(getattr(ours, part) for ours, _ in rounds),
                    "echo": median(getattr(empty, part) for _, empty in rounds),
                    "ratio": median(getattr(ours, part) / getattr(empty, part) for ours, empty in rounds),
                }
                for part in Cost._fields
            }
    return found


def table(found: dict[str, dict[str, dict[str, float]]]) -> Table:
    shown = Table(title=f"Calls over grpcio, µs; × of an empty handler, median of {ROUNDS}", title_justify="left")
    shown.add_column("")
    for head in ("call", "echo", "×", "server's processor", "echo's", "×"):
        shown.add_column(head, justify="right")
    for name, parts in found.items():
        row = [f"{part[of]:,.{2 if of == 'ratio' else 1}f}" for part in parts.values() for of in part]
        shown.add_row(name, *row)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.grpc_overhead", description=__doc__.partition("\n")[0])
    parser.add_argument("--promotions", type=int, default=10_000, help="of the rule set (default 10,000)")
    parser.add_argument("--lines", type=int, default=15, help="of each cart (default 15)")
    parser.add_argument("--calls", type=int, default=610, help="to each server in turn (default 610)")
    given = parser.parse_args()
    console = Console(width=132)
    with serving.service(given.promotions) as service, serving.echo() as echo:
        serving.pin(serving.CLIENT_PROCESSOR)
        found = compare(service, echo, given.calls, given.lines, console)
    RESULTS.write_text(json.dumps(found))
    console.print(table(found))


if __name__ == "__main__":
    main()
