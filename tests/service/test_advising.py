from __future__ import annotations

import gc
import sys
import weakref
from concurrent.futures import wait
from threading import Event, current_thread

from engine.service.advising import Advising
from engine.service.workers import Workers
from tests.waiting import eventually

SECONDS = 10


def test_one_has_its_turn_at_a_time_and_other_calls_are_taken_meanwhile() -> None:
    workers = Workers(1, "test")
    advising, gate, working = Advising(workers), Event(), list[str]()

    def advised() -> int:
        with advising.turn():
            working.append(current_thread().name)
            assert gate.wait(SECONDS)
            return len(working)

    advised_calls = [workers.submit(advised) for _ in range(4)]
    eventually(lambda: (len(working), advising.waiting) == (1, 3))
    assert [workers.submit(pow, 2, each).result(SECONDS) for each in range(5)] == [1, 2, 4, 8, 16]
    assert len(working) == 1
    gate.set()
    wait(advised_calls, SECONDS)
    assert len(set(working)) == 4
    assert advising.waiting == 0
    assert sorted(each.result() for each in advised_calls)[-1] == 4


def test_a_turn_gives_way_to_other_threads_and_ends_that_with_it() -> None:
    advising, interval = Advising(Workers(1, "test")), sys.getswitchinterval()
    with advising.turn():
        assert (sys.getswitchinterval() < interval, gc.isenabled()) == (True, False)
    assert (sys.getswitchinterval(), gc.isenabled()) == (interval, True)


def test_what_others_leave_in_cycles_is_found_though_turn_follows_turn() -> None:
    class Node:
        def __init__(self) -> None:
            self.itself = self

    with Advising(Workers(1, "test")).turn():
        left = [weakref.ref(Node()) for _ in range(2 * gc.get_threshold()[0])]
        assert all(each() for each in left)
    assert not any(each() for each in left)
