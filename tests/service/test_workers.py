from __future__ import annotations

import time
from concurrent.futures import Future, wait
from threading import Event, current_thread, get_ident

import pytest

from engine.service.workers import Workers
from tests.waiting import eventually

SECONDS = 10


def test_what_is_given_is_done_and_its_result_told() -> None:
    workers = Workers(3, "test")
    assert [each.result(SECONDS) for each in [workers.submit(pow, 2, each) for each in range(100)]] == [
        2**each for each in range(100)
    ]
    assert workers.submit(int, "12", base=3).result(SECONDS) == 5


def test_an_error_is_told_and_the_thread_goes_on() -> None:
    workers = Workers(1, "test")
    assert isinstance(workers.submit(int, "twelve").exception(SECONDS), ValueError)
    assert workers.submit(int, "12").result(SECONDS) == 12


def test_the_one_that_was_idle_last_takes_the_next() -> None:
    workers = Workers(2, "test")
    gates = Event(), Event()
    first, second = (workers.submit(_pass, gate) for gate in gates)
    gates[1].set()
    last = second.result(SECONDS)
    _until_idle(workers, 1)
    gates[0].set()
    assert first.result(SECONDS) != last
    _until_idle(workers, 2)
    for _ in range(10):
        assert workers.submit(get_ident).result(SECONDS) == first.result()
        _until_idle(workers, 2)


def test_there_are_no_more_threads_than_asked_for() -> None:
    workers, gate = Workers(2, "test"), Event()
    held = [workers.submit(_pass, gate) for _ in range(2)]
    waiting = [workers.submit(_name) for _ in range(50)]
    assert not any(each.done() for each in (*held, *waiting))
    gate.set()
    assert {each.result(SECONDS) for each in waiting} <= {"test_0", "test_1"}


def test_what_waits_is_done_in_turn() -> None:
    workers, gate, done = Workers(1, "test"), Event(), list[int]()
    held = workers.submit(_pass, gate)
    waiting = [workers.submit(done.append, each) for each in range(50)]
    gate.set()
    wait([held, *waiting], SECONDS)
    assert done == list(range(50))


def test_those_that_wait_are_counted() -> None:
    gate, workers = Event(), Workers(1, "test", aside=0)
    assert workers.waiting == 0
    calls = [workers.submit(gate.wait, SECONDS) for _ in range(4)]
    eventually(lambda: workers.waiting == 3)
    gate.set()
    assert all(each.result(SECONDS) for each in calls)
    assert workers.waiting == 0


def test_a_thread_begins_only_when_none_is_idle() -> None:
    workers = Workers(8, "test")
    for _ in range(20):
        assert workers.submit(_name).result(SECONDS) == "test_0"
        _until_idle(workers, 1)


def test_after_the_end_nothing_is_taken_and_what_was_taken_is_done() -> None:
    workers, gate = Workers(1, "test"), Event()
    held, waiting = workers.submit(_pass, gate), workers.submit(_name)
    workers.shutdown(wait=False)
    with pytest.raises(RuntimeError):
        workers.submit(_name)
    gate.set()
    workers.shutdown()
    assert held.done()
    assert waiting.result(0) == "test_0"


def test_what_has_not_begun_may_be_cancelled_at_the_end() -> None:
    workers, gate = Workers(1, "test"), Event()
    held = workers.submit(_pass, gate)
    eventually(held.running)
    waiting = workers.submit(_name)
    workers.shutdown(wait=False, cancel_futures=True)
    gate.set()
    workers.shutdown()
    assert held.result(0)
    assert waiting.cancelled()


def test_idle_threads_end_with_it() -> None:
    workers = Workers(4, "test")
    gate = Event()
    held: list[Future[int]] = [workers.submit(_pass, gate) for _ in range(4)]
    gate.set()
    wait(held, SECONDS)
    workers.shutdown()
    assert not any(thread.is_alive() for thread in workers._begun)


def test_while_one_is_aside_another_takes_its_place() -> None:
    workers, gate = Workers(1, "test"), Event()
    held = workers.submit(_pass_aside, workers, gate)
    assert workers.submit(_name).result(SECONDS) == "test_1"
    gate.set()
    assert held.result(SECONDS)
    assert workers.submit(_name).result(SECONDS)
    eventually(lambda: len(workers._begun) == 1)


def test_what_waited_already_is_done_while_one_is_aside() -> None:
    workers, gate, later = Workers(1, "test"), Event(), Event()
    held = workers.submit(_wait_and_pass_aside, workers, later, gate)
    waiting = workers.submit(_name)
    later.set()
    assert waiting.result(SECONDS) == "test_1"
    gate.set()
    assert held.result(SECONDS)


def test_only_so_many_are_aside_at_once() -> None:
    workers, gate = Workers(1, "test", aside=2), Event()
    held = [workers.submit(_pass_aside, workers, gate) for _ in range(3)]
    waiting = workers.submit(_name)
    eventually(lambda: len(workers._begun) == 3 and not workers._idle)
    assert not waiting.done()
    gate.set()
    wait([*held, waiting], SECONDS)
    eventually(lambda: len(workers._begun) == 1)


def test_one_that_does_not_finish_steps_aside_and_back() -> None:
    workers, gate = Workers(2, "test"), Event()
    held = [workers.submit(_pass, gate) for _ in range(5)]
    assert workers.submit(_name).result(SECONDS)
    eventually(lambda: workers._aside >= 4)
    for _ in range(20):
        assert workers.submit(_name).result(SECONDS)
    gate.set()
    wait(held, SECONDS)
    assert [workers.submit(pow, 2, each).result(SECONDS) for each in range(10)] == [2**each for each in range(10)]
    eventually(lambda: workers._aside == 0 and len(workers._begun) <= 7)


def test_calls_that_finish_in_time_have_no_more_threads() -> None:
    workers = Workers(2, "test")
    busy = [workers.submit(time.sleep, 0.005) for _ in range(100)]  # for a quarter of a second
    wait(busy, SECONDS)
    assert len(workers._begun) <= 3  # a busy machine may have let one sleep for longer
    eventually(lambda: not workers._watched)


def test_a_thread_of_another_kind_has_no_place_to_give() -> None:
    workers, gate = Workers(1, "test"), Event()
    held = workers.submit(_pass, gate)
    with workers.aside():
        waiting = workers.submit(_name)
        assert len(workers._begun) == 1
    gate.set()
    assert (held.result(SECONDS), waiting.result(SECONDS)) == (held.result(), "test_0")


def _pass_aside(workers: Workers, gate: Event) -> int:
    with workers.aside():
        return _pass(gate)


def _wait_and_pass_aside(workers: Workers, later: Event, gate: Event) -> int:
    assert later.wait(SECONDS)
    return _pass_aside(workers, gate)


def _pass(gate: Event) -> int:
    assert gate.wait(SECONDS)
    return get_ident()


def _name() -> str:
    return current_thread().name


def _until_idle(workers: Workers, count: int) -> None:
    """A thread becomes idle only after its result was delivered."""
    eventually(lambda: len(workers._idle) == count)
