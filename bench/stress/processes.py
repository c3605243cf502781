"""Redis, services and clients, each killed and restarted by name."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random

from bench.stress.shop import CODES, KEY, RULES, Limits
from bench.stress.shoppers import THREADS, shop
from engine.errors import StoreUnavailable
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.embedded import EmbeddedRedis
from engine.store.redemptions import Redemptions

SERVICES = 2
GROWN = 6.0
"""Seconds before a client process may be killed, because it takes some to start."""
PATIENCE = 60.0
"""Seconds within which services must start."""


class Processes:
    """All processes, from the start until `end`."""

    def __init__(self, folder: Path, clients: int, limits: Limits, seed: int) -> None:
        self.folder = folder
        self._seed = seed
        self._rules = folder / "stress.yaml"
        self._rules.write_text(RULES.format(budget=f"{limits.budget / 100:.2f}", uses=limits.uses))
        self._ports = _free_ports(SERVICES)
        self.addresses = [f"127.0.0.1:{port}" for port in self._ports]
        self.redis = EmbeddedRedis(folder / "redis")
        self.connection = Connection(self.redis.url)
        Redemptions(self.connection, "stress").open()
        CouponPools(self.connection, "stress", CodeKey(bytes.fromhex(KEY))).add("club", CODES, len(CODES))
        self._services: dict[int, subprocess.Popen[bytes]] = {}
        self._clients: dict[int, multiprocessing.Process] = {}
        self._started: dict[int, float] = {}
        self.killed: Counter[str] = Counter()
        for index in range(SERVICES):
            self._start_service(index)
        for index in range(max(1, clients // THREADS)):
            self._start_client(index)

    def _start_service(self, index: int) -> None:
        command = [sys.executable, "-m", "engine.cli", "serve", "--rules", str(self._rules)]
        command += ["--redis", self.redis.url, "--listen", self.addresses[index]]
        log = (self.folder / f"service-{index}.log").open("ab")
        environment = {**os.environ, "CARTWRIGHT_CODE_KEY": KEY}
        self._services[index] = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        log.close()

    def _start_client(self, index: int) -> None:
        arguments = (index, self.addresses, self.folder / f"client-{index}.log", self._seed)
        process = multiprocessing.get_context("spawn").Process(target=shop, args=arguments, daemon=True)
        process.start()
        self._clients[index] = process
        self._started[index] = time.monotonic()

    def wait(self) -> None:
        """Waits until all services answer."""
        deadline = time.monotonic() + PATIENCE
        while not all(map(_answers, self._ports)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the services do not answer; their logs are in {self.folder}")
            time.sleep(0.1)

    def kill_one(self, random: Random) -> None:
        """A process that has had time to do something."""
        kind = random.choices(("client", "service", "redis"), (4, 3, 3))[0]
        if kind == "client":
            index = random.choice(list(self._clients))
            if time.monotonic() - self._started[index] < GROWN:
                return
            self._end_client(index)
            self._start_client(index)
        elif kind == "service":
            index = random.randrange(SERVICES)
            if not all(map(_answers, self._ports)):
                return
            self._end_service(index)
            self._start_service(index)
        else:
            with suppress(StoreUnavailable):
                os.kill(self.connection.call("INFO", "server")["process_id"], signal.SIGKILL)
            self.redis.stop()
            self.redis = EmbeddedRedis(self.folder / "redis")
        self.killed[kind] += 1

    def _end_client(self, index: int) -> None:
        self._clients[index].kill()
        self._clients[index].join()

    def _end_service(self, index: int) -> None:
        self._services[index].kill()
        self._services[index].wait()

    def end_clients(self) -> None:
        for index in self._clients:
            self._end_client(index)

    def end(self) -> None:
        self.end_clients()
        for index in self._services:
            self._end_service(index)
        self.connection.close()
        self.redis.stop()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1.0).close()
    except OSError:
        return False
    return True


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [each.getsockname()[1] for each in sockets]
