"""The connection to a real Redis: replies, scripts and errors."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from engine.errors import StoreFull, StoreUnavailable, UnsuitableRedis
from engine.store import connection as connecting
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis
from tests.redis import answers
from tests.waiting import eventually


def test_commands_are_answered_in_bytes(connection: Connection) -> None:
    assert connection.call("HSET", "h", "field", 5) == 1
    assert connection.call("HGETALL", "h") == {b"field": b"5"}
    assert connection.call_all([("INCR", "n"), ("INCRBY", "n", 4), ("GET", "n")]) == [1, 5, b"5"]
    assert sorted(connection.scan("*")) == [b"h", b"n"]


def test_messages_are_heard_while_listening(connection: Connection) -> None:
    with connection.listening("news") as next_message:
        assert next_message(0.01) is None
        connection.call("PUBLISH", "news", "one")
        assert next_message(5.0) == b"one"


def test_a_redis_that_is_away_is_said_to_be() -> None:
    away = Connection("redis://127.0.0.1:1/0", timeout=0.2)
    with pytest.raises(StoreUnavailable):
        away.call("PING")
    with pytest.raises(StoreUnavailable):
        away.call_all([("PING",)])


@pytest.mark.parametrize("scheme", ["redis", "redis+sentinel", "redis+cluster"])
def test_a_redis_that_is_away_is_asked_when_it_is_needed(scheme: str) -> None:
    away = Connection(f"{scheme}://127.0.0.1:1/shop", timeout=0.2)
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=r"^[^<>]*$"):
            away.call("PING")
    with pytest.raises(StoreUnavailable), away.listening("news"):
        pass
    away.close()


def test_no_thread_waits_for_the_attempts_of_others_to_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    both = Barrier(2, timeout=10)

    def connect() -> None:
        both.wait()
        raise StoreUnavailable("no answer")

    monkeypatch.setattr(connecting, "_connect", lambda url, options: connect)
    away = Connection("redis+cluster://shop")
    with ThreadPoolExecutor(2) as threads:
        calls = [threads.submit(away.call, "PING") for _ in range(2)]
        assert [type(call.exception()) for call in calls] == [StoreUnavailable] * 2
    assert not both.broken


def test_a_redis_that_is_too_old_is_refused(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.check_version()
    monkeypatch.setattr("engine.store.connection.OLDEST", (99, 0))
    with pytest.raises(UnsuitableRedis, match="is too old"):
        connection.check_version()


def test_a_full_redis_says_so_and_writes_nothing(connection: Connection) -> None:
    connection.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull):
            connection.call("SET", "a", "b")
        with pytest.raises(StoreFull):
            connection.call_all([("SET", "a", "b")])
    finally:
        connection.call("CONFIG", "SET", "maxmemory", 0)
    assert connection.call("GET", "a") is None


@pytest.mark.parametrize("scheme", ["rediss", "rediss+sentinel", "rediss+cluster"])
def test_tls_is_spoken_from_the_first_byte(scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor() as threads:
        listener.settimeout(5.0)

        def first_byte() -> bytes:
            with listener.accept()[0] as caller:
                return caller.recv(1)

        asked = threads.submit(first_byte)
        address = f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/shop?ssl_check_hostname=false"
        connection = Connection(address, timeout=0.2)
        with pytest.raises(StoreUnavailable):
            connection.call("PING")
        connection.close()
        assert asked.result() == b"\x16"  # a handshake


@pytest.mark.parametrize(
    "url",
    [
        *("", "127.0.0.1:6379", "http://there", "redis+sentinel://there:26379", "redis+cluster://", "redis://h:port"),
        *(
            "rediss://there?ssl_ca=file",
            "redis+cluster://there?ssl_ca_certs=file",
            "redis+sentinel://there/shop?user=a",
        ),
        "unix+cluster://there",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UnsuitableRedis):
        Connection(url)


def test_what_redis_does_not_permit_is_said(connection: Connection, redis_url: str) -> None:
    connection.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "-@all", "+get")
    try:
        for user, said in (("reader:secret", "no permissions"), ("reader:wrong", "invalid username-password")):
            limited = Connection(redis_url.replace("unix://", f"unix://{user}@"))
            with pytest.raises(StoreUnavailable, match=f"denied access: .*{said}"):
                limited.call("SET", "a", "b")
            limited.close()
    finally:
        connection.call("ACL", "DELUSER", "reader")


@pytest.mark.parametrize(
    ("set", "reset"),
    [
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
        (("CONFIG", "SET", "min-replicas-to-write", 1), ("CONFIG", "SET", "min-replicas-to-write", 0)),
    ],
)
def test_a_redis_that_takes_no_writes_now_is_away(
    connection: Connection, set: tuple[str | int, ...], reset: tuple[str, ...]
) -> None:
    connection.call(*set)
    try:
        with pytest.raises(StoreUnavailable):
            connection.call("SET", "a", "b")
        with pytest.raises(StoreUnavailable):
            connection.run("open", ["ledger", "changes"], ["epoch"])
    finally:
        connection.call(*reset)


def test_what_redis_does_not_permit_a_script_is_said(connection: Connection, redis_url: str) -> None:
    connection.call("ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-hsetnx")
    limited = Connection(redis_url.replace("unix://", "unix://reader:secret@"))
    try:
        with pytest.raises(
            StoreUnavailable, match=r"denied access: .*(run this command|run the 'hsetnx' command)( or subcommand)?$"
        ):
            limited.run("open", ["ledger", "changes"], ["epoch"])
    finally:
        limited.close()
        connection.call("ACL", "DELUSER", "reader")


def test_a_script_that_an_operator_ends_is_no_answer(redis: EmbeddedRedis) -> None:
    connection, waiting = Connection(redis.url), Connection(redis.url, timeout=60.0)
    connection.call("CONFIG", "SET", "lua-time-limit", 10)
    with ThreadPoolExecutor() as threads:
        endless = threads.submit(waiting.call, "EVAL", "while true do end", 0)
        eventually(lambda: not answers(connection))
        connection.call("SCRIPT", "KILL")
        with pytest.raises(StoreUnavailable, match="killed by user"):
            endless.result()


@pytest.mark.parametrize("url", ["redis://me:secret@h:port", "http://h?password=secret&db=0"])
def test_a_password_is_not_told(url: str) -> None:
    with pytest.raises(UnsuitableRedis) as refused:
        Connection(url)
    assert "secret" not in str(refused.value)
