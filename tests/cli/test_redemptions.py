"""``cartwright redemptions`` over a real Redis."""

from __future__ import annotations

from engine.store.connection import Connection
from engine.store.redemptions import Redemptions
from tests.cli.conftest import Run


def test_a_ledger_is_opened_once(connection: Connection, run: Run, redis_url: str) -> None:
    first = run("redemptions", "open", "spring", "--redis", redis_url)
    assert (first.code, first.out) == (0, "spring opened: counting begins here\n")
    assert not Redemptions(connection, "spring").open()
    again = run("redemptions", "open", "spring", "--redis", redis_url)
    assert (again.code, again.out) == (0, "spring was open already, nothing changed\n")


def test_it_must_be_said_where_the_store_is(run: Run) -> None:
    outcome = run("redemptions", "open", "spring")
    assert outcome.code == 2
    assert "--redis or --data" in outcome.err
