"""How calls end and how long they take, counted."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from unittest.mock import Mock

import grpc
import pytest

from engine.errors import CartUnknown
from engine.service import meters
from engine.service.meters import BOUNDS, Meters, unmetered

CONTEXT = Mock(grpc.ServicerContext)


def echo(request: bytes, context: grpc.ServicerContext) -> bytes:
    return request


def fail(request: bytes, context: grpc.ServicerContext) -> bytes:
    raise CartUnknown(request.decode())


def test_a_call_is_answered_as_before_and_counted_under_its_name() -> None:
    counting = Meters()
    answer, refuse = counting.metered("Echo", echo), counting.metered("Fail", fail)
    assert answer.__name__ == "echo"
    assert [answer(b"1", CONTEXT), answer(b"2", CONTEXT)] == [b"1", b"2"]
    with pytest.raises(CartUnknown, match="which"):
        refuse(b"which", CONTEXT)
    assert counting.by_method["Echo"].read().ended == {None: 2}
    assert counting.by_method["Fail"].read().ended == {None: 0, CartUnknown: 1}


def test_durations_are_counted_by_their_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = [0, 100_000, 100_001, 999_999_999, 1_000_000_000, 1_000_000_001]
    clock = iter([moment for each in taken for moment in (5, 5 + each)])
    monkeypatch.setattr(meters.time, "perf_counter_ns", lambda: next(clock))
    counting = Meters()
    answer = counting.metered("Echo", echo)
    for _ in taken:
        answer(b"", CONTEXT)
    counted = counting.by_method["Echo"].read()
    by_bound = {bound: count for bound, count in zip([*BOUNDS, None], counted.within, strict=True) if count}
    assert by_bound == {0.0001: 2, 0.00025: 1, 1.0: 2, None: 1}
    assert counted.seconds == sum(taken) / 10**9


def test_no_call_is_lost_among_threads() -> None:
    counting = Meters()
    answer = counting.metered("Echo", echo)
    with ThreadPoolExecutor(8) as callers:
        list(callers.map(lambda _: [answer(b"", CONTEXT) for _ in range(2_000)], range(8)))
    counted = counting.by_method["Echo"].read()
    assert (counted.ended, sum(counted.within)) == ({None: 16_000}, 16_000)


def test_without_metrics_a_method_is_left_as_it_is() -> None:
    assert unmetered("Echo", echo) is echo
