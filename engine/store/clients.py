"""Clients of the library for Redis, by address."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode, RedisCluster
from redis.connection import parse_url
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

_SENTINEL_PORT = 26_379
_PORT = 6_379


def client_of(url: str, options: dict[str, Any]) -> Callable[[], Any]:
    """Makes the client, which for a Cluster connects. Raises ValueError for an address that is not valid."""
    parts = urlsplit(url)
    scheme, _, kind = parts.scheme.partition("+")
    if scheme not in ("redis", "rediss") or kind not in ("sentinel", "cluster"):
        _options(url)
        client = redis.Redis.from_url(url, **options)
        return lambda: client
    options = {**options, **_options(f"{scheme}://?{parts.query}")}
    if kind == "cluster":
        if options.pop("db", 0) or parts.path.strip("/0").isdigit():
            raise ValueError("a Cluster has database 0 alone")
        nodes = [ClusterNode(host, port) for host, port in _hosts(parts.netloc, _PORT)]
        return partial(_cluster, startup_nodes=nodes, **_access(parts.netloc), **options)
    service = parts.path.strip("/")
    if not service:
        raise ValueError("it names no service, as in redis+sentinel://HOST:PORT/SERVICE")
    asked = {**options, "db": 0, "retry": Retry(NoBackoff(), 0)}  # one that hangs is asked once, then the next
    sentinels: type[Any] = _Sentinels
    sentinel = sentinels(_hosts(parts.netloc, _SENTINEL_PORT), sentinel_kwargs=asked, **options)
    return partial(sentinel.master_for, service, **_access(parts.netloc))


def _options(url: str) -> dict[str, Any]:
    """The options in an address, as the library reads them; ``ssl`` for TLS. Raises ValueError for an unknown one.

    The library itself notices that when it connects, or ignores it.
    """
    options = parse_url(url)
    kind = options.pop("connection_class", redis.Connection)
    try:
        kind(**{name: value for name, value in options.items() if name != "max_connections"})  # of a pool
    except TypeError as error:
        raise ValueError(f"there is no option {str(error).rpartition(' ')[2]}") from None
    except (AttributeError, RedisError) as error:
        raise ValueError(f"an option has no such value: {error}") from None
    return {**options, "ssl": True} if kind is redis.SSLConnection else options


class _Sentinels(Sentinel):
    """The library moves the one that answered to the front, but loses one if two threads do so at once."""

    def discover_master(self, service_name: str) -> Any:
        asking: Any = copy(self)
        asking.sentinels = list(self.sentinels)
        found = Sentinel.discover_master(asking, service_name)
        self.sentinels = asking.sentinels
        return found


def _cluster(**options: Any) -> Any:
    """A client of a Cluster. A node that joined and has no slot yet is added when a reply names it.

    The library fails at such a node, because the Cluster does not list it.
    """
    client: Any = RedisCluster(**options)
    nodes = client.nodes_manager
    known = nodes.get_node

    def get_node(host: str | None = None, port: int | None = None, node_name: str | None = None) -> Any:
        if node_name is not None and node_name not in nodes.nodes_cache:
            named, _, at = node_name.rpartition(":")
            nodes.nodes_cache[node_name] = ClusterNode(named, int(at))
        return known(host, port, node_name)

    nodes.get_node = get_node
    return client


def _access(netloc: str) -> dict[str, Any]:
    """The name and password for the servers, if the address has them."""
    user, _, password = netloc.rpartition("@")[0].partition(":")
    given = {"username": unquote(user), "password": unquote(password)}
    return {name: value for name, value in given.items() if value}


def _hosts(netloc: str, port: int) -> list[tuple[str, int]]:
    hosts = []
    for each in netloc.rpartition("@")[2].split(","):
        parts = urlsplit(f"//{each}")
        if not parts.hostname:
            raise ValueError("it names no host")
        hosts.append((parts.hostname, parts.port or port))
    return hosts
