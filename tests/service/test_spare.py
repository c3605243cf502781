from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from engine.service.spare import Spare, taken
from tests.programs import program_of
from tests.serving import spring

PROGRAM = program_of(spring())


def test_a_session_given_back_is_used_again() -> None:
    free: list[Spare] = []
    with taken(PROGRAM, free) as first, taken(PROGRAM, free) as second:
        assert first is not second
    assert len(free) == 2
    with taken(PROGRAM, free) as again:
        assert again in (first, second)


def test_no_two_threads_have_one_session() -> None:
    free: list[Spare] = []
    owned: set[int] = set()

    def use(_: int) -> None:
        for _ in range(5_000):
            with taken(PROGRAM, free) as session:
                assert id(session) not in owned
                owned.add(id(session))
                owned.remove(id(session))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert len(free) <= 8
