"""What a call costs beyond an empty grpcio handler.

    python -m bench.grpc_overhead [--promotions N] [--lines N] [--calls N]

One empty handler is an *echo*: it answers with the request. A mutation has some 60 bytes but is answered with a whole
quote, so another handler gives *as long* an answer as the service. Calls are made one after the other, to the service
and both handlers in turns of a few hundred, so other work on the machine affects all alike. Servers and client are
pinned to different processors. ``call`` is how long the caller waits; ``server`` is the processor time of the server
process alone, which is stricter because it does not include the client's part of a call.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from statistics import median
from typing import NamedTuple

import grpc
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import carts, kept, mutations, serving
from engine.pricing.cart import Cart
from engine.service import SERVICE
from engine.service.messages import cart_to_message
from engine.v1 import pricing_pb2

ROUNDS = 7
LENGTH = 60
"""Mutations of a cart before the next cart is opened."""
TARGET = 1.25
PARTS = ("call", "server")


class Cost(NamedTuple):
    """Microseconds per call, and of the server's processor time for it."""

    call: float
    server: float


class Method:
    """Calls of one method of one server, on their own connection."""

    def __init__(self, server: serving.Running, name: str, requests: Sequence[bytes]) -> None:
        self._server = server
        self._call: Callable[[bytes], bytes] = grpc.insecure_channel(server.address).unary_unary(f"/{SERVICE}/{name}")
        self._requests = cycle(requests)

    def answers(self, calls: int) -> list[int]:
        """The bytes of several answers."""
        return [len(self._call(request)) for request in islice(self._requests, calls)]

    def measure(self, calls: int) -> Cost:
        """The mean of several calls, one after the other. Raises RpcError if one fails."""
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
    """Requests with carts to price."""
    return [cart_to_message(cart).SerializeToString() for cart in islice(carts.carts("grpc", lines), 100)]


def mutation_requests(lines: int) -> list[bytes]:
    """Requests that open and mutate carts, over and over."""
    opened = islice(carts.carts("grpc", lines), 20)
    return [request for cart in opened for request, _, _ in requests_of(cart)]


def requests_of(
    cart: Cart, rule_set: str = "bench", shopper: mutations.Shopper = mutations.synthetic
) -> Iterator[tuple[bytes, int, Cart]]:
    """The requests of a shopper's session, the first with the cart; each with the revision and cart after it."""
    opening = pricing_pb2.MutateCartRequest(cart_id=cart.id, rule_set=rule_set, cart=cart_to_message(cart))
    yield opening.SerializeToString(), 0, cart
    for revision, step in enumerate(mutations.session(cart, "grpc", LENGTH, shopper)):
        request = pricing_pb2.MutateCartRequest.FromString(step.sent)
        request.rule_set = rule_set
        request.revision = revision
        yield request.SerializeToString(), revision + 1, step.cart


def compare(
    service: serving.Running, echo: serving.Running, calls: int, lines: int, console: Console
) -> dict[str, object]:
    """Medians over the rounds, by method: the cost of each server, and the service relative to each empty handler."""
    found = {}
    with Progress(console=console) as progress:
        for name, requests in (("PriceCart", cart_requests(lines)), ("MutateCart", mutation_requests(lines))):
            ours, empty = Method(service, name, requests), Method(echo, name, requests)
            sizes = ours.answers(len(requests))
            asking = [size.to_bytes(4, "little") + each[4:] for size, each in zip(sizes, requests, strict=True)]
            as_long = Method(echo, f"{name}Answer", asking)
            for method in (empty, as_long):
                method.measure(len(requests))
            rounds = []
            for _ in progress.track(range(ROUNDS), description=name):
                rounds.append([method.measure(calls) for method in (ours, empty, as_long)])
            found[name] = {part: summary([[getattr(cost, part) for cost in each] for each in rounds]) for part in PARTS}
    return found


def summary(rounds: list[list[float]]) -> dict[str, float]:
    """The medians, from the costs of the service, the echo and as long an answer in each round."""
    ours, echo, as_long = (median(costs) for costs in zip(*rounds, strict=True))
    return {
        "service": ours,
        "echo": echo,
        "ratio": median(ours / echo for ours, echo, _ in rounds),
        "as long": as_long,
        "ratio as long": median(ours / as_long for ours, _, as_long in rounds),
    }


def table(found: dict[str, dict[str, dict[str, float]]]) -> Table:
    shown = Table(title=f"Calls over grpcio, µs; × of an empty handler, median of {ROUNDS}", title_justify="left")
    shown.add_column("")
    for head in ("call", "server's processor"):
        for each in (head, "echo", "×", "as long", "×"):
            shown.add_column(each, justify="right")
    for name, parts in found.items():
        row = [f"{part[of]:,.{2 if 'ratio' in of else 1}f}" for part in parts.values() for of in part]
        shown.add_row(name, *row)
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.grpc_overhead", description=__doc__.partition("\n")[0])
    parser.add_argument("--promotions", type=int, default=10_000, help="promotions of the rule set (default 10,000)")
    parser.add_argument("--lines", type=int, default=15, help="lines of each cart (default 15)")
    parser.add_argument("--calls", type=int, default=610, help="calls to each server in turn (default 610)")
    given = parser.parse_args()
    console = Console(width=132)
    with serving.service(serving.rule_file(given.promotions)) as service, serving.echo() as echo:
        serving.pin(serving.CLIENT_PROCESSOR)
        found = compare(service, echo, given.calls, given.lines, console)
    kept.write("grpc", found)
    console.print(table(found))


if __name__ == "__main__":
    main()
