"""Servers of the bench, each in its own process on its own processor."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

import grpc

from bench import kept, rule_sets
from engine.rules import Limits
from engine.service import SERVICE
from engine.service.server import Server
from engine.service.settings import Address, Settings

WORKERS = 4
SERVER_PROCESSOR, CLIENT_PROCESSOR = 0, -1
"""Positions among the processors that this process may use; if there is only one, servers and client share it."""
STREAM_END = 5.0
"""Seconds within which a server must stop."""


@dataclass(frozen=True, slots=True)
class Running:
    """A server that takes calls."""

    address: str
    process: int

    def processor_time(self) -> int:
        """Nanoseconds that its threads have run so far, as counted by Linux."""
        threads = Path(f"/proc/{self.process}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads)

    def memory(self) -> int:
        """Bytes of memory that it occupies now."""
        status = Path(f"/proc/{self.process}/status").read_text()
        return 1024 * int(status.partition("VmRSS:")[2].split()[0])


def busy(process: int) -> int:
    """Nanoseconds that the processors on which a process may run have been busy with any work, as counted by Linux."""
    processors = {f"cpu{number}" for number in os.sched_getaffinity(process)}
    ticks = 0
    for line in Path("/proc/stat").read_text().splitlines():
        name, *counts = line.split()
        if name in processors:
            user, nice, system, _idle, _waiting, *interrupts_and_stolen = map(int, counts[:8])
            ticks += user + nice + system + sum(interrupts_and_stolen)
    return ticks * (10**9 // os.sysconf("SC_CLK_TCK"))


def pin(place: int) -> None:
    """Pins this process to one processor."""
    processors = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {processors[place]})


def rule_file(promotions: int) -> Path:
    """The file of the bench's rule set with this many promotions."""
    path = kept.path(f"rules-{promotions}.yaml")
    path.write_text(rule_sets.text(promotions))
    return path


@contextmanager
def service(rules: Path) -> Iterator[Running]:
    """The pricing service, as shipped, with a rule set."""
    with _running(_serve, rules) as running:
        yield running


@contextmanager
def echo() -> Iterator[Running]:
    """Empty grpcio handlers under the same names, which answer with the request.

    Those whose names end in ``Answer`` give an answer of the length in the first four bytes of the request.
    """
    with _running(_echo, None) as running:
        yield running


@contextmanager
def _running(target: object, rules: Path | None) -> Iterator[Running]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=target, args=(theirs, rules))
    process.start()
    theirs.close()
    try:
        yield Running(ours.recv(), process.pid)
    finally:
        ours.close()
        process.join()


def _serve(pipe: Connection, rules: Path) -> None:
    pin(SERVER_PROCESSOR)
    settings = Settings(address=Address("127.0.0.1", 0), rules=(rules,), limits=Limits(), allow_at=True)
    server = Server(settings)
    server.start()
    pipe.send(str(server.address))
    _wait(pipe)
    server.stop()


def _echo(pipe: Connection, rules: None) -> None:
    pin(SERVER_PROCESSOR)
    server = grpc.server(ThreadPoolExecutor(WORKERS))
    methods = {}
    for name in ("PriceCart", "MutateCart"):
        methods[name] = grpc.unary_unary_rpc_method_handler(lambda request, _: request)
        methods[f"{name}Answer"] = grpc.unary_unary_rpc_method_handler(_answer)
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(SERVICE, methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    pipe.send(f"127.0.0.1:{port}")
    _wait(pipe)
    server.stop(STREAM_END).wait()


def _answer(request: bytes, context: grpc.ServicerContext) -> bytes:
    return bytes(int.from_bytes(request[:4], "little"))


def _wait(pipe: Connection) -> None:
    """Waits until the other end is closed or gone."""
    try:
        pipe.recv()
    except EOFError:
        return
