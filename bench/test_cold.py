"""Cold pricing: a cart is read, matched and priced, and its quote is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from itertools import islice
from statistics import mean

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench import artifacts, carts
from bench.control import Control, comparable
from bench.grid import CELLS, Cell
from bench.rule_sets import TOUCHING
from bench.timing import Timings, price
from engine._native.session import Session
from engine.pricing.cart import Cart
from engine.service.messages import cart_to_message, quote_bytes

ROUNDS = 25


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_cold(benchmark: BenchmarkFixture, cell: Cell) -> None:
    program = artifacts.program(cell.promotions, cell.touching)
    session = Session(program)
    priced = list(islice(carts.carts("cold", cell.lines), cell.carts))
    sent = [cart_to_message(cart).SerializeToString() for cart in priced]
    for cart, data in zip(priced, sent, strict=True):
        assert session.load_bytes(data, carts.AT)
        session.evaluate()
        assert session.quote_bytes() == quote_bytes(session.price(cart))
    rounds: list[list[tuple[int, ...]]] = []
    benchmark.pedantic(lambda: rounds.append(price(session, sent)), rounds=ROUNDS, warmup_rounds=1)
    for step, begin, end in (("whole", 0, 3), ("load", 0, 1), ("evaluate", 1, 2), ("quote", 2, 3)):
        times = [[clocks[end] - clocks[begin] for clocks in each] for each in rounds]
        benchmark.extra_info[step] = asdict(Timings.of(times))
    if cell.touching == TOUCHING:
        benchmark.extra_info["control"] = {"whole": asdict(control_timings(Control(program.version), session, sent))}
    benchmark.extra_info["cell"] = asdict(cell)
    benchmark.extra_info["applied"] = mean(applied(session, cart) for cart in priced)


def applied(session: Session, cart: Cart) -> int:
    """How many promotions apply per cart."""
    return len(session.price(cart).adjustments)


def control_timings(control: Control, session: Session, sent: Sequence[bytes]) -> Timings:
    """Timings of the control on the same carts; it must give the same quotes."""
    for cart in sent:
        session.load_bytes(cart, carts.AT)
        session.evaluate()
        assert comparable(control.price(cart)) == comparable(session.quote_bytes())
    return Timings.of([[sum(control.time_price(cart)) for cart in sent] for _ in range(ROUNDS)])
