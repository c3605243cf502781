"""The demo: a real service in a child process, a real client, and one shopper's story priced step by step."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from statistics import median

from rich import box
from rich.console import Console
from rich.rule import Rule
from rich.table import Column, Table

from engine.cli.demo.story import Step, story
from engine.cli.explanation import what_next
from engine.cli.printing import printable
from engine.cli.quote import microseconds, receipt
from engine.cli.report import violations
from engine.cli.serve import LISTENING
from engine.client import PricingClient
from engine.errors import CallFailed, InvalidCart
from engine.money import format_money
from engine.pricing.mutations import SetQuantity
from engine.pricing.quote import Priced

_REPEATS = 300
_PATIENCE = 10
"""Seconds that the service has to stop."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    step: Step
    priced: Priced | None
    call_ns: int

    @property
    def expected(self) -> bool:
        return self.step.total == (self.priced.quote.total if self.priced else None)


def demo(console: Console) -> bool:
    """Run the story; returns whether every total is as expected. Raises CallFailed if the service does not answer."""
    with (
        as_file(files(__name__) / "rules.yaml") as rules,
        service(rules) as address,
        PricingClient(address, send_at=True) as client,
    ):
        console.print(f"A service prices carts on {address} under {rules}.\n", soft_wrap=True)
        outcomes = [_play(number, step, client, console) for number, step in enumerate(story(), 1)]
        console.print(_summary(outcomes))
        cart = outcomes[-1].step.cart
        console.print(f"The last cart, {_medians(lambda _: client.price(cart))}", soft_wrap=True)
        session = client.open(cart)
        line = cart.lines[0]
        medians = _medians(lambda number: session.mutate(SetQuantity(line.id, line.quantity + number % 2)))
        console.print(f"One unit more or less of {line.sku} in it, {medians}", soft_wrap=True)
        in_step = session.quote == client.price(session.cart).quote
    for outcome in outcomes:
        if not outcome.expected:
            console.print(f"Not as expected: {outcome.step.sentence}", soft_wrap=True)
    if not in_step:
        console.print("Not as expected: the mutated cart differs from the same cart sent whole.")
    return in_step and all(outcome.expected for outcome in outcomes)


@contextmanager
def service(rules: Path) -> Iterator[str]:
    """A service in a process of its own on a free port; yields its address."""
    options = ["--rules", str(rules), "--listen", "127.0.0.1:0", "--allow-at"]
    command = [sys.executable, "-m", "engine.cli", "serve", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield _address(process)
        finally:
            process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith(LISTENING):
            return line.removeprefix(LISTENING).split()[0]
    raise CallFailed("the service did not start")


def _play(number: int, step: Step, client: PricingClient, console: Console) -> _Outcome:
    console.print(Rule(f"{number}. {step.sentence}", align="left"))
    started = time.perf_counter_ns()
    answer: Priced | InvalidCart
    try:
        answer = client.price(step.cart)
    except InvalidCart as refusal:
        answer = refusal
    call_ns = time.perf_counter_ns() - started
    if isinstance(answer, Priced):
        console.print(receipt(answer.quote, answer.engine_ns))
        if answer.quote.suggestions:
            console.print("What next?", what_next(answer.quote), sep="\n")
    else:
        console.print("Refused:", *map(printable, violations(answer)), sep="\n  ")
    console.print()
    return _Outcome(step, answer if isinstance(answer, Priced) else None, call_ns)


def _summary(outcomes: list[_Outcome]) -> Table:
    table = Table(
        Column("step", ratio=1),
        *(Column(name, justify="right", no_wrap=True) for name in ("total", "saved", "engine", "call")),
        box=box.ROUNDED,
        title="One shopper, one cart",
    )
    for number, outcome in enumerate(outcomes, 1):
        name = f"{number}. {outcome.step.sentence}"
        if outcome.priced is None:
            table.add_row(name, "refused", "", "", microseconds(outcome.call_ns))
            continue
        quote = outcome.priced.quote
        table.add_row(
            name,
            format_money(quote.total, quote.currency),
            format_money(quote.saved, quote.currency),
            microseconds(outcome.priced.engine_ns),
            microseconds(outcome.call_ns),
        )
    return table


def _medians(price: Callable[[int], Priced]) -> str:
    """Median times of repeated calls, each given its number."""
    engine_ns, call_ns = [], []
    for number in range(_REPEATS):
        started = time.perf_counter_ns()
        engine_ns.append(price(number).engine_ns)
        call_ns.append(time.perf_counter_ns() - started)
    engine, call = (microseconds(round(median(each))) for each in (engine_ns, call_ns))
    return f"{_REPEATS} times: {engine} in the engine, {call} for the whole call (medians)."
