"""``cartwright redemptions`` over a real Redis."""

from __future__ import annotations

import pytest

from engine.rules import Limits, Source
from engine.store.connection import Connection
from engine.store.publishing import prepare
from engine.store.redemptions import Redemptions
from engine.store.rule_sets import RuleSetStore
from tests.cli.conftest import RULES, Run


@pytest.fixture
def published(connection: Connection) -> None:
    publication = prepare([Source("spring.yaml", RULES)], Limits())
    RuleSetStore(connection).publish(publication, "ada", "")


@pytest.mark.usefixtures("published")
def test_a_ledger_is_opened_once(connection: Connection, run: Run, redis_url: str) -> None:
    first = run("redemptions", "open", "spring", "--redis", redis_url)
    assert (first.code, first.out, first.err) == (0, "spring opened: counting begins here\n", "")
    assert not Redemptions(connection, "spring").open()
    again = run("redemptions", "open", "spring", "--redis", redis_url)
    assert (again.code, again.out) == (0, "spring is already open: nothing changed\n")


@pytest.mark.usefixtures("published")
def test_a_mistyped_name_opens_nothing(connection: Connection, run: Run, redis_url: str) -> None:
    outcome = run("redemptions", "open", "sprong", "--redis", redis_url)
    assert (outcome.code, outcome.out) == (1, "")
    assert "no rule set sprong is published here (published: spring);" in outcome.err
    assert connection.call("KEYS", "*ledger") == []


def test_a_rule_set_of_a_file_is_opened_when_it_is_said(connection: Connection, run: Run, redis_url: str) -> None:
    assert run("redemptions", "open", "spring", "--redis", redis_url).code == 1
    outcome = run("redemptions", "open", "spring", "--redis", redis_url, "--unpublished")
    assert (outcome.code, outcome.out, outcome.err) == (0, "spring opened: counting begins here\n", "")
    assert not Redemptions(connection, "spring").open()


def test_a_redis_that_throws_keys_out_is_refused(connection: Connection, run: Run, redis_url: str) -> None:
    connection.call("CONFIG", "SET", "maxmemory-policy", "volatile-lru")
    try:
        outcome = run("redemptions", "open", "spring", "--redis", redis_url, "--unpublished")
    finally:
        connection.call("CONFIG", "SET", "maxmemory-policy", "noeviction")
    assert outcome.code == 2
    assert "noeviction" in outcome.err
    assert connection.call("EXISTS", "cartwright:{spring}:ledger") == 0


def test_a_redis_that_is_away_is_no_mistake_of_the_input(run: Run) -> None:
    outcome = run("redemptions", "open", "spring", "--redis", "redis://127.0.0.1:1")
    assert (outcome.code, "error: Redis does not answer" in outcome.err) == (2, True)


def test_it_must_be_said_where_the_store_is(run: Run) -> None:
    outcome = run("redemptions", "open", "spring")
    assert outcome.code == 2
    assert "--redis or --data" in outcome.err


def test_what_no_rule_set_can_be_called_is_not_opened(connection: Connection, run: Run, redis_url: str) -> None:
    outcome = run("redemptions", "open", "a b{x}", "--redis", redis_url)
    assert (outcome.code, "is not a valid name of a rule set" in outcome.err) == (2, True)
    assert connection.call("KEYS", "*ledger") == []


def test_a_redis_that_is_too_old_keeps_no_ledger(run: Run, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.store.connection.OLDEST", (99, 0))
    outcome = run("redemptions", "open", "spring", "--unpublished", "--redis", redis_url)
    assert outcome.code == 2
    assert "is too old" in outcome.err
