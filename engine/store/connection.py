"""The connection to Redis or Valkey: with clients.py, the only module that uses the library.

The other modules of this package decide what is stored and under which keys; they receive bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias, TypeVar

from redis.backoff import ExponentialWithJitterBackoff
from redis.exceptions import (
    AskError,
    AuthenticationError,
    BusyLoadingError,
    ClusterDownError,
    ClusterError,
    ConnectionError,
    NoPermissionError,
    NoScriptError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisClusterException,
    RedisError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)
from redis.retry import Retry
from redis.sentinel import MasterNotFoundError, SentinelConnectionPool

from engine.errors import StoreFull, StoreUnavailable, UnsuitableRedis
from engine.store.clients import client_of
from engine.store.scripts import script

OLDEST = (6, 2)
"""The oldest version supported."""

Value: TypeAlias = bytes | str | int
Command: TypeAlias = tuple[Value, ...]
_T = TypeVar("_T")

_AWAY = (
    AskError,
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    ReadOnlyError,
    RedisClusterException,
    TimeoutError,
    TryAgainError,
)
_AWAY_WORDS = ("MASTERDOWN", "NOREPLICAS", "UNKILLABLE", "BUSY ", "MISCONF", "READONLY", "Script killed by user")
"""Beginnings of error replies for which the library has no class."""
_DENIED_WORDS = ("The user executing the script can't", "ACL failure in script")
_IN_SCRIPT = re.compile(
    r"Error running script.*?@user_script:\d+: (@user_script: \d+: -?)?| script: [0-9a-f]{40}, on @user_script:\d+\.$"
)
"""What Redis 6.2 writes before the error of a command in a script, and later versions after it."""
_SECRETS = re.compile("(?<=//).*(?=@)|(?<=password=)[^&]*")
"""Parts of an address that are not printed; a password is not always encoded."""


class Connection:
    """A Redis or Valkey of at least version 6.2: single, behind Sentinels, or a Cluster. Any thread may call it.

    Every method raises StoreUnavailable if Redis does not answer within ``timeout`` seconds, three times, or cannot
    accept writes now, and StoreFull if it has no memory left. After StoreUnavailable a command may or may not have been
    done, and a command may be sent twice: every command and script must be safe to repeat.
    """

    def __init__(self, url: str, timeout: float = 1.0) -> None:
        """Connects on first use. Raises UnsuitableRedis for an address that is not valid.

        ``url`` is ``redis://``, ``rediss://`` (TLS) or ``unix://`` as the library reads them, or
        ``redis+sentinel://HOST:PORT,HOST:PORT/SERVICE`` or ``redis+cluster://HOST:PORT,HOST:PORT``; these two may begin
        with ``rediss+``, have the library's options (``?ssl_ca_certs=FILE``), and ``USER:PASSWORD@`` before the first
        host, which the servers are told (Sentinels are not).
        """
        self._made: Any = None
        self._shown = _SECRETS.sub("…", url)
        self._options: dict[str, Any] = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "protocol": 2,  # the same replies from every version
            "retry": Retry(ExponentialWithJitterBackoff(base=0.02, cap=0.2), 2),
        }
        try:
            self._connect = client_of(url, self._options)
        except ValueError as error:
            said = str(error).partition(" as '")[0]  # the rest may be a part of a password, taken for a port
            raise UnsuitableRedis(f"{self._shown!r} is not the address of a Redis server: {said}") from None

    @property
    def _client(self) -> Any:
        """Threads may each make one at first, of which one is kept: none waits while others try to connect."""
        if self._made is None:
            self._made = self._connect()
        return self._made

    def close(self) -> None:
        if self._made is not None:
            self._made.close()

    def call(self, *command: Value) -> Any:
        """The reply to a command, as the library reads it; texts are bytes."""
        return self._asked(lambda: self._client.execute_command(*command))

    def call_all(self, commands: Iterable[Command]) -> list[Any]:
        """The replies to several commands sent at once. They are not atomic; a failure is raised after all are done.

        In a Cluster their keys may be in any slots.
        """

        def ask() -> list[Any]:
            with self._client.pipeline(transaction=False) as pipeline:
                for command in commands:
                    pipeline.execute_command(*command)
                replies: list[Any] = pipeline.execute()
                return replies

        return self._asked(ask)

    def run(self, name: str, keys: Sequence[str], arguments: Sequence[Value] = ()) -> Any:
        """Run the script NAME over these keys, all in one slot."""
        wanted = script(name)

        def ask() -> Any:
            try:
                return self._client.evalsha(wanted.digest, len(keys), *keys, *arguments)
            except NoScriptError:
                return self._client.eval(wanted.text, len(keys), *keys, *arguments)

        return self._asked(ask)

    def scan(self, pattern: str) -> Iterator[bytes]:
        """The keys that match, some perhaps twice. Slow: for operators and tests, not for pricing."""
        return iter(self._asked(lambda: list(self._client.scan_iter(match=pattern, count=1000))))

    @contextmanager
    def listening(self, channel: str) -> Iterator[Callable[[float], bytes | None]]:
        """Listens to a channel. Yields a function that waits so many seconds for a message; None if there was none.

        Messages are lost while the connection is down.
        """
        with self._asked(lambda: self._client.pubsub(ignore_subscribe_messages=True)) as pubsub:
            self._asked(lambda: pubsub.subscribe(channel))

            def next_message(seconds: float) -> bytes | None:
                message = self._asked(lambda: pubsub.get_message(timeout=seconds))
                return None if message is None else message["data"]

            yield next_message

    def find_master(self) -> None:
        """Leave a master that its Sentinels have replaced though it runs: what it is told now is lost.

        They tell it after ten seconds. While they do not answer, nothing changes.
        """
        pool = getattr(self._made, "connection_pool", None)
        if isinstance(pool, SentinelConnectionPool):
            with suppress(RedisError):
                pool.get_master_address()  # drops the connections to another one

    def check_version(self) -> None:
        """Raises UnsuitableRedis for a server older than OLDEST."""
        for version in map(str, self._told("server", "redis_version")):
            if tuple(map(int, version.split(".")[:2])) < OLDEST:
                raise UnsuitableRedis(f"{self._shown}: Redis {version} is too old; 6.2 or newer is required")

    def check_eviction(self) -> None:
        """Raises UnsuitableRedis for a server that evicts keys, because what was redeemed would be among them."""
        for policy in self._told("memory", "maxmemory_policy"):
            if policy != "noeviction":
                raise UnsuitableRedis(
                    f"{self._shown}: its maxmemory-policy is {policy}, which can lose what was redeemed: set noeviction"
                )

    def _told(self, section: str, entry: str) -> list[Any]:
        """An entry of INFO, of each node in a Cluster."""
        reply = self._asked(lambda: self._client.info(section))
        return [reply[entry]] if entry in reply else [node[entry] for node in reply.values()]

    def _asked(self, ask: Callable[[], _T]) -> _T:
        """Turns the errors of the library into those of this package."""
        try:
            return ask()
        except OutOfMemoryError:
            raise StoreFull("Redis has no memory left (maxmemory): nothing was written") from None
        except (AuthenticationError, NoPermissionError) as error:
            raise StoreUnavailable(f"Redis denied access: {error}") from None
        except MasterNotFoundError as error:
            said = str(error).partition(" : ")[0]  # without the representations of objects behind it
            raise StoreUnavailable(f"the Sentinels do not answer, or know no such master: {said}") from None
        except _AWAY as error:
            raise StoreUnavailable(f"Redis does not answer: {error}") from None
        except ClusterError:  # redirected again and again
            raise StoreUnavailable("the Cluster moves these keys to another node: try again") from None
        except ResponseError as error:
            text = _IN_SCRIPT.sub("", str(error))
            if "OOM command not allowed" in text:
                raise StoreFull("Redis has no memory left (maxmemory): nothing was written") from None
            if text.startswith(_AWAY_WORDS):
                raise StoreUnavailable(f"Redis cannot do this now: {text}") from None
            if text.startswith(_DENIED_WORDS):
                raise StoreUnavailable(f"Redis denied access: {text}") from None
            raise
        except RedisError as error:
            raise StoreUnavailable(f"Redis failed: {error}") from None
