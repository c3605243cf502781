"""Mutations: a request is read, the held cart changes, and the new quote is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import cache
from itertools import islice
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench import artifacts, carts, mutations
from bench.control import Control
from bench.grid import CELLS, Cell
from bench.rule_sets import TOUCHING
from bench.timing import Timings, mutate
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.service.messages import cart_to_message, quote_bytes

ROUNDS = 15
LENGTH = 40
"""Mutations of a session."""


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_mutations(benchmark: BenchmarkFixture, cell: Cell) -> None:
    program = artifacts.program(cell.promotions, cell.touching)
    opened, shopping = sessions(cell.lines, cell.shoppers)
    sent = [cart_to_message(cart).SerializeToString() for cart in opened]
    requests = [[step.sent for step in steps] for steps in shopping]
    session = Session(program)
    moved, crossed = check(session, Session(program), opened, shopping)
    rounds: list[list[tuple[int, int]]] = []
    benchmark.pedantic(lambda: rounds.append(mutate(session, sent, requests)), rounds=ROUNDS, warmup_rounds=1)
    kinds = [step.kind for steps in shopping for step in steps]
    benchmark.extra_info |= by_step(rounds)
    benchmark.extra_info["kinds"] = {
        kind: asdict(
            Timings.of(
                [[written for (_, written), each in zip(times, kinds, strict=True) if each == kind] for times in rounds]
            )
        )
        for kind in mutations.KINDS
        if kind in kinds
    }
    benchmark.extra_info["moved"] = moved / len(kinds)
    benchmark.extra_info["crossed"] = crossed / len(kinds)
    if cell.touching == TOUCHING:
        benchmark.extra_info["control"] = control_timings(Control(program.version), opened, sent)
    benchmark.extra_info["cell"] = asdict(cell)


@cache
def sessions(lines: int, shoppers: int) -> tuple[list[Cart], list[list[mutations.Step]]]:
    """Carts and their mutations; the same for all rule sets."""
    opened = list(islice(carts.carts("mutations", lines), shoppers))
    return opened, [mutations.session(cart, "bench", LENGTH) for cart in opened]


def check(
    session: Session, fresh: Session, opened: Sequence[Cart], shopping: Sequence[Sequence[mutations.Step]]
) -> tuple[int, int]:
    """Checks every quote against a fresh evaluation; counts those that move order-level spreads or cross thresholds."""
    moved = crossed = 0
    for cart, steps in zip(opened, shopping, strict=True):
        assert session.load_bytes(cart_to_message(cart).SerializeToString(), carts.AT)
        session.evaluate()
        before = fresh.price(cart)
        for step in steps:
            assert session.mutate(step.sent, carts.AT), step.kind
            session.evaluate()
            after = fresh.price(step.cart)
            assert session.quote_bytes() == quote_bytes(after), step.kind
            moved += mutations.moves_spread(before, after)
            crossed += mutations.crosses_threshold(before, after)
            before = after
    return moved, crossed


def by_step(rounds: Sequence[Sequence[tuple[int, int]]]) -> dict[str, Any]:
    """Timings until the cart is priced, and until the quote is written."""
    return {
        step: asdict(Timings.of([[each[place] for each in times] for times in rounds]))
        for place, step in enumerate(("priced", "whole"))
    }


def control_timings(control: Control, opened: Sequence[Cart], sent: Sequence[bytes]) -> dict[str, Any]:
    """Timings of the control, setting quantities. Cold pricing checks that it prices like the engine."""
    rounds = []
    for _ in range(ROUNDS):
        times = []
        for cart, data in zip(opened, sent, strict=True):
            control.price(data)
            times += [control.time_set_quantity(line % len(cart.lines), 1 + line % 17) for line in range(LENGTH)]
        rounds.append(times)
    return by_step(rounds)
