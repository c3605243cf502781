"""Mutating one's own carts through a service, and what the run says about capacity."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest
from rich.progress import Progress

from bench import capacity, comparing, load
from bench.capacity import Spent, Usage
from bench.comparing import compare
from engine._native.session import Session
from engine.pricing.quote import Quote
from engine.service.messages import quote_to_message
from engine.v1 import pricing_pb2

RULES = Path("engine/cli/demo/rules.yaml")
CARTS = Path("bench/demo_carts.jsonl")


def ran(*options: object) -> subprocess.CompletedProcess[str]:
    """In a process of its own, because it pins itself to a processor."""
    command = [sys.executable, "-m", "bench.load", *map(str, options)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_own_carts_under_own_rules() -> None:
    done = ran("--rules", RULES, "--carts", CARTS, "--seconds", 1)
    assert done.returncode == 0, done.stdout + done.stderr
    for row in (
        r"calls +[\d,]+ in [\d.]+ s: [\d,]+ a second",
        r"a call +p50 [\d,]+ µs, p99 [\d,]+ µs, most [\d,]+ µs",
        r"  of that in the engine +p50 [\d,]+ µs, p99 [\d,]+ µs, most [\d,]+ µs \([\d,]+ calls\)",
        r"service's processor +\d+% busy.* [\d,]+ µs a call, so one processor answers [\d,]+ calls a second",
        r"bench's processor +\d+% busy",
        r"request, answer +[\d,]+ bytes, [\d,]+ bytes \(mean\)",
        r"a held cart +[\d.]+ KiB live, [\d.]+ KiB serialized \(mean\)",
        r"--session-memory 256 +holds [\d,]+ live carts and [\d,]+ serialized ones",
        r"service's memory +[\d,]+ MiB before the first call, [\d,]+ MiB after the last",
        r"[1-9]\d* quotes compared; 0 calls failed or quotes differed",
    ):
        assert re.search(f"^{row}", done.stdout, re.MULTILINE), row + done.stdout


def test_a_rate_is_kept_on_streams_too() -> None:
    done = ran("--rules", RULES, "--carts", CARTS, "--seconds", 2, "--rate", 50, "--stream")
    assert done.returncode == 0, done.stdout + done.stderr
    calls = re.search(r"^calls +(\d+) in", done.stdout, re.MULTILINE)
    assert calls is not None
    assert 50 < int(calls[1]) < 150
    assert "in the engine" not in done.stdout  # streams do not say


Main: TypeAlias = Callable[..., tuple[int, str]]
"""Runs the command in this process, for what it refuses; returns the exit code and what it says."""


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Main:
    def run(*options: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["bench.load", *map(str, options)])
        try:
            code = load.main()
        except SystemExit as exit:
            code = int(str(exit.code))
        out, said = capsys.readouterr()
        assert out == ""
        return code, said

    return run


def test_mistakes_are_one_line_and_an_exit_code(tmp_path: Path, refused: Main) -> None:
    for carts, expected, said in (
        (RULES, 1, f"error: {RULES}:1: cart: is not valid JSON: column 1: "),
        (tmp_path / "missing", 2, f"error: {tmp_path}/missing: No such file or directory\n"),
    ):
        code, printed = refused("--rules", RULES, "--carts", carts)
        assert code == expected
        assert printed.startswith(said)
        assert printed.count("\n") == 1
    code, printed = refused("--rules", CARTS, "--carts", CARTS)
    assert code == 1
    assert printed.startswith(f"{CARTS}:2:1: syntax: this is not valid YAML")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--rules", RULES], "--rules and --carts are given together"),
        (["--rules", RULES, "--carts", CARTS, "--lines", 5], "they do not go with --rules"),
        (["--rate", 5, "--stream", "--ahead", 2], "it does not go with --ahead"),
        (["--shoppers", 0], "argument --shoppers: invalid positive value: '0'"),
    ],
)
def test_options_that_do_not_go_together(options: list[object], said: str, refused: Main) -> None:
    code, printed = refused(*options)
    assert code == 2
    assert said in printed


def answer(quote: Quote) -> bytes:
    return pricing_pb2.MutateCartResponse(quote=quote_to_message(quote)).SerializeToString()


def test_samples_are_compared_with_the_reference() -> None:
    served = load.own(RULES, CARTS, 1)
    cart = served.opened[0][0]
    quote = Session(served.program).price(cart)
    right, wrong = (answer(each) for each in (quote, quote._replace(total=quote.total + 1)))
    with Progress(disable=True) as progress:
        assert compare([(cart, right)], served.checked, served.program, progress) == (1, [])
        assert compare([(cart, wrong)], served.checked, served.program, progress) == (
            1,
            [f"{cart.id}: not the reference's quote"],
        )


def test_samples_are_compared_with_a_fresh_evaluation_where_the_reference_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    served = load.own(RULES, CARTS, 1)
    cart = served.opened[0][0]
    quote = Session(served.program).price(cart)
    right, wrong = (answer(each) for each in (quote, quote._replace(total=quote.total + 1)))
    monkeypatch.setattr(comparing, "COMPARING", 0.05)
    monkeypatch.setattr(comparing.Reference, "price", lambda *_: time.sleep(60))
    with Progress(disable=True) as progress:
        assert compare([(cart, right)], served.checked, served.program, progress) == (0, [])
        assert compare([(cart, wrong)], served.checked, served.program, progress) == (
            0,
            [f"{cart.id}: not the fresh evaluation's quote"],
        )


def test_a_call_that_comes_late_is_timed_from_when_it_was_due(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 10**9
    monkeypatch.setattr(load, "clock", lambda: now)
    monkeypatch.setattr(time, "sleep", lambda seconds: slept.append(seconds))
    slept: list[float] = []
    start = load.paced(1000, "seed")
    assert start() == now  # it waited until it was due
    assert len(slept) == 1
    now += 10**9
    late = [start() for _ in range(100)]
    assert late == sorted(late)
    assert all(10**9 < each < now for each in late)
    assert 0.05 * 10**9 < late[-1] - 10**9 < 0.2 * 10**9  # a hundred calls at a thousand a second
    assert len(slept) == 1


BEFORE = Usage(0, Spent(0, 0), Spent(0, 0), 0)


def after(service: tuple[int, int], bench: tuple[int, int]) -> Usage:
    """After a second; processor time in percent of it, by the process and in all."""
    return Usage(10**9, *(Spent(own * 10**7, all * 10**7) for own, all in (bench, service)), 0)


@pytest.mark.parametrize(
    ("service", "bench", "rate", "calls", "said"),
    [
        ((97, 97), (70, 70), None, 6000, "The limit was the service's processor."),
        ((85, 86), (97, 98), None, 6000, "The limit was the bench, which is Python, not the service: "),
        ((92, 92), (97, 98), None, 6000, "The limit was the bench, which is Python, not the service: "),
        ((70, 70), (50, 50), None, 6000, "No processor was the limit: more shoppers would call more often."),
        ((30, 99), (20, 20), None, 6000, "The limit was other work on the service's processor. Calls also waited for "),
        ((97, 97), (70, 70), 9000, 6000, "9,000 calls a second were wanted. The limit was the service's processor."),
        ((60, 60), (40, 55), 3000, 2990, "Calls also waited for other work on the processors: measure on a quiet "),
    ],
)
def test_what_the_limit_was(
    service: tuple[int, int], bench: tuple[int, int], rate: int | None, calls: int, said: str
) -> None:
    assert capacity.verdict(calls, BEFORE, after(service, bench), rate).startswith(said)


def test_nothing_is_said_of_a_rate_that_was_reached() -> None:
    assert capacity.verdict(2990, BEFORE, after((60, 60), (40, 40)), 3000) == ""
