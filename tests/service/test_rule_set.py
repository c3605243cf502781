from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from engine.service.rule_set import ServedRuleSet
from tests.programs import checked
from tests.serving import spring


def test_a_session_given_back_is_used_again() -> None:
    rule_set = ServedRuleSet.of(checked(spring()))
    with rule_set.session() as first, rule_set.session() as second:
        assert first is not second
    with rule_set.session() as again:
        assert again in (first, second)


def test_no_two_threads_have_one_session() -> None:
    rule_set = ServedRuleSet.of(checked(spring()))
    owned: set[int] = set()

    def use(_: int) -> None:
        for _ in range(5_000):
            with rule_set.session() as session:
                assert id(session) not in owned
                owned.add(id(session))
                owned.remove(id(session))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
    assert len(rule_set._free) <= 8
