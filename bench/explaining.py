"""What explained calls cost, and how long other calls wait beside them.

    python -m bench.explaining

Of the promotions that ``bench.rule_sets`` adds, which do not apply to the carts, four in ten grant without money, or
take something off the whole cart under a condition that is not met; an explanation has to say why not. So each size is
measured with all kinds, and with the first kind alone, about which there is nothing to say. *First* is the first call
after a rule set is loaded.

Then shoppers mutate carts, one call after another with a short rest, on a service that explains four carts at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

import grpc
import numpy as np
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import engine.rules
from bench import carts, kept, rule_sets, serving
from bench.grpc_overhead import requests_of
from bench.timing import Timings
from engine._native.program import Program
from engine._native.session import Session
from engine.advice import Adviser
from engine.pricing.cart import Cart
from engine.service import SERVICE
from engine.service.advising import Advising
from engine.service.messages import cart_to_message
from engine.service.workers import Workers

SIZES = ((15, 100), (15, 1_000), (15, 10_000), (50, 10_000))
"""Lines and promotions."""
TOUCHING = 50
CARTS, ROUNDS = 10, 7
PROMOTIONS, SHOPPERS, EXPLAINERS, SECONDS, REST = 10_000, 3, 4, 5.0, 0.002
"""The service, its callers, and how long they call and rest."""
ANSWERS = [("grpc.max_receive_message_length", -1)]


def explained(seed: str, lines: int, count: int) -> list[Cart]:
    return [replace(cart, explain=True) for cart in islice(carts.carts(seed, lines), count)]


def measure(lines: int, promotions: int, kind: int | None) -> dict[str, Any]:
    """Milliseconds of processor time, so that other work on the machine does not count."""
    rules = engine.rules.load_text(rule_sets.text(promotions, TOUCHING, kind))
    session = Session(Program.load(engine.rules.compile(rules)))
    asked = explained("explaining", lines, CARTS)
    with Advising(Workers(1, "bench")).turn():  # as the service lets them work
        begin = time.thread_time_ns()
        adviser = Adviser(rules)
        quote = adviser.quote(asked[0], session)
        first = time.thread_time_ns() - begin
        later = Timings.of([[_taken(adviser, cart, session) for cart in asked] for _ in range(ROUNDS)])
    return {
        "lines": lines,
        "promotions": promotions,
        "kinds": "all" if kind is None else "one",
        "told": len(quote.explanations),
        "suggested": len(quote.suggestions),
        "first": first / 1e6,
        "p50": later.p50 / 1e3,
        "p99": later.p99 / 1e3,
    }


def _taken(adviser: Adviser, cart: Cart, session: Session) -> int:
    begin = time.thread_time_ns()
    adviser.quote(cart, session)
    return time.thread_time_ns() - begin


def beside(address: str, explainers: int) -> dict[str, float]:
    """Milliseconds that shoppers wait for a mutation while several carts at once are explained over and over."""
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(SHOPPERS + explainers) as threads:
        shopping = [threads.submit(_shop, address, number, until) for number in range(SHOPPERS)]
        explaining = [threads.submit(_explain, address, number, until) for number in range(explainers)]
        waited = [taken for each in shopping for taken in each.result()]
        count = sum(len(each.result()) for each in explaining)
    p50, p99 = np.percentile(waited, (50, 99))
    return {"explainers": explainers, "explained": count, "calls": len(waited), "p50": float(p50), "p99": float(p99)}


def _shop(address: str, number: int, until: float) -> list[float]:
    opened = islice(carts.carts(f"beside {number}", 15), 5)
    return _calls(
        address, "MutateCart", [request for cart in opened for request, _, _ in requests_of(cart)], until, REST
    )


def _explain(address: str, number: int, until: float) -> list[float]:
    asked = explained(f"explained {number}", 15, 5)
    return _calls(address, "PriceCart", [cart_to_message(cart).SerializeToString() for cart in asked], until, 0)


def _calls(address: str, method: str, requests: list[bytes], until: float, rest: float) -> list[float]:
    taken = []
    with grpc.insecure_channel(address, ANSWERS) as channel:
        call: Callable[[bytes], bytes] = channel.unary_unary(f"/{SERVICE}/{method}")
        for request in cycle(requests):
            begin = time.perf_counter_ns()
            call(request)
            taken.append((time.perf_counter_ns() - begin) / 1e6)
            if time.monotonic() >= until:
                return taken
            time.sleep(rest)
    return taken


def tables(measured: dict[str, list[dict[str, Any]]]) -> list[Table]:
    alone = Table(
        title=f"Explained calls, ms of processor time; {TOUCHING} promotions touch the carts", title_justify="left"
    )
    for head in ("lines", "promotions", "kinds of others", "told", "suggested", "first", "p50", "p99"):
        alone.add_column(head, justify="right")
    for each in measured["calls"]:
        times = (f"{each[name]:,.1f}" for name in ("first", "p50", "p99"))
        counts = (f"{each[name]:,}" for name in ("told", "suggested"))
        alone.add_row(f"{each['lines']:,}", f"{each['promotions']:,}", each["kinds"], *counts, *times)
    others = Table(title=f"Mutations while calls are explained, ms; {PROMOTIONS:,} promotions", title_justify="left")
    for head in ("explained at once", "explained", "mutations", "p50", "p99"):
        others.add_column(head, justify="right")
    for each in measured["beside"]:
        counts = (f"{each[name]:,}" for name in ("explainers", "explained", "calls"))
        others.add_row(*counts, f"{each['p50']:,.2f}", f"{each['p99']:,.2f}")
    return [alone, others]


def main() -> None:
    console = Console(width=132)
    cases = [(lines, promotions, kind) for lines, promotions in SIZES for kind in (0, None)]
    with Progress(console=console) as progress:
        calls = [measure(*case) for case in progress.track(cases, description="explained calls")]
    with serving.service(serving.rule_file(PROMOTIONS)) as service:
        waited = [beside(service.address, explainers) for explainers in (0, EXPLAINERS)]
    measured = {"calls": calls, "beside": waited}
    kept.write("explaining", measured)
    for table in tables(measured):
        console.print(table)


if __name__ == "__main__":
    main()
