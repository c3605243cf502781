"""Shoppers redeem what is nearly used up while processes are killed; afterwards every unit and every cent is counted.

Clients are threads of several processes, services are processes of their own, all over one Redis; each of these is
killed by SIGKILL at random and started again. What a client was told it writes down before it goes on. In the end
nothing may be beyond a limit, nothing that was acknowledged lost, nothing counted that no receipt has, and every
reservation must have ended.
"""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from threading import Thread

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from engine.client import PricingClient, QuoteChanged
from engine.errors import (
    CallFailed,
    CartwrightError,
    ReservationExpired,
    ReservationReplaced,
    StoreUnavailable,
)
from engine.pricing.cart import Cart, Customer, Line
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.embedded import EmbeddedRedis
from engine.store.keys import RedemptionKeys
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import Receipt
from engine.store.redemptions import Redemptions

RULES = """\
ruleset: stress
currencies: [USD]
promotions:
  whole:
    layer: order
    when: cart.channel == "web"
    reward: {{percent_off: {{of: cart, per: order, percent: 13}}}}
    limits: {{budget: {budget}}}
  partly:
    layer: order
    when: cart.channel == "app"
    reward: {{percent_off: {{of: cart, per: order, percent: 17}}}}
    limits: {{budget: {budget}, partial: true}}
  coded:
    layer: order
    coupon: {{codes: [SUMMER, WINTER]}}
    reward: {{amount_off: {{of: cart, per: order, amount: 2.50}}}}
    limits: {{per_code: {uses}}}
  few:
    layer: order
    when: cart.payment_method == "card"
    reward: {{amount_off: {{of: cart, per: order, amount: 1.00}}}}
    limits: {{total: {uses}, per_customer: 3}}
  club:
    layer: order
    coupon: {{pool: club}}
    reward: {{amount_off: {{of: cart, per: order, amount: 3.00}}}}
"""
CODES = [f"CLUB-{number}" for number in range(200)]
"""Unique codes, of which each shopper takes one at random."""
KEY = "7" * 64
SERVICES = 2
THREADS = 8
"""Clients of a process."""
LIFE = 2
"""Seconds that a reservation lives."""
PAUSE = (0.2, 1.0)
"""Seconds between two kills."""
GROWN = 6.0
"""Seconds that a process of clients has before it may be killed: to start takes some."""
PATIENCE = 60.0
"""Seconds that services have to start."""
_KEYS = RedemptionKeys("stress")


@dataclass
class Limits:
    """What the promotions may come to: cents of each budget, uses of each code and of the total."""

    budget: int
    uses: int
    per_customer: int = 3


def shop(index: int, addresses: list[str], log: Path, seed: int) -> None:
    """The clients of one process, until it is killed."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(what: str, key: str) -> None:
        os.write(file, f"{what} {key}\n".encode())  # at once, or not at all

    threads = [
        Thread(target=_client, args=(f"{index}.{number}.{time.time_ns()}", addresses, note, seed), daemon=True)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _client(name: str, addresses: list[str], note: Callable[[str, str], None], seed: int) -> None:
    random = Random(f"{seed}/{name}")
    with ExitStack() as stack:
        clients = [stack.enter_context(PricingClient(address)) for address in addresses]
        number = 0
        while True:
            number += 1
            try:
                _redeem(random, clients, f"{name}.{number}", note)
            except CartwrightError as error:
                note(error.code, f"{name}.{number}")


def _redeem(random: Random, clients: list[PricingClient], key: str, note: Callable[[str, str], None]) -> None:
    """One shopper goes to the checkout; half of them come back with another key."""
    cart = Cart(
        id=f"cart {key if random.random() < 0.8 else random.randrange(20)}",
        currency="USD",
        at=0,
        lines=(Line(id="a", sku="A", quantity=random.randint(1, 9), price=random.randint(300, 1_999)),),
        customer=Customer(id=f"customer {random.randrange(30)}"),
        channel=random.choice(("web", "app", "")),
        payment_method=random.choice(("card", "")),
        coupons=random.choice(((), ("SUMMER",), ("summer", "WINTER"), (random.choice(CODES),))),
    )
    quote = random.choice(clients).price(cart).quote
    for _ in range(3):
        try:
            note("asked", key)
            _again(random, lambda seen=quote: random.choice(clients).reserve(key, cart, seen, seconds=LIFE))
            break
        except QuoteChanged as changed:
            note("refused", key)
            quote = changed.quote
    else:
        return
    note("reserved", key)
    time.sleep(random.choice((0, 0, 0.05, 0.2)))
    end = random.random()
    if end < 0.6:
        note("committing", key)
        try:
            _again(random, lambda: random.choice(clients).commit(key))
        except (ReservationExpired, ReservationReplaced) as ended:
            note(ended.code, key)
            return
        note("committed", key)
    elif end < 0.8:
        _again(random, lambda: random.choice(clients).release(key))
        note("released", key)


def _again(random: Random, call: Callable[[], object]) -> None:
    """Made until it is answered, and sometimes once more."""
    for _ in range(20):
        try:
            call()
        except (StoreUnavailable, CallFailed):
            time.sleep(0.1)
            continue
        if random.random() < 0.1:
            with suppress(StoreUnavailable, CallFailed):
                call()
        return
    raise CallFailed("nobody answers")


class Processes:
    """Redis, services and clients, each killed and started again by its name."""

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
        """Until all services answer."""
        deadline = time.monotonic() + PATIENCE
        while not all(map(_answers, self._ports)):
            if time.monotonic() > deadline:
                raise TimeoutError(f"the services do not answer; {self.folder} has their logs")
            time.sleep(0.1)

    def kill_one(self, random: Random) -> None:
        """One that had the time to do something."""
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


@dataclass
class Tally:
    """What is found in the end, and what is wrong with it."""

    said: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, int, int, int]] = field(default_factory=list)  # counter, most, counted, by receipts
    wrong: list[str] = field(default_factory=list)


def tally(connection: Connection, logs: list[Path], limits: Limits) -> Tally:
    """Of Redis against its receipts, and against what clients were told."""
    found = Tally()
    told: dict[str, set[str]] = {}
    for log in logs:
        for line in log.read_text().splitlines():
            what, _, key = line.partition(" ")
            found.said[what] += 1
            told.setdefault(what, set()).add(key)
    keys: Counter[str] = Counter()
    by_receipts: Counter[tuple[str, str]] = Counter()
    for entries in ReceiptStore(connection, "stress").between():
        for entry in entries:
            if isinstance(entry.receipt, Receipt):
                keys[entry.receipt.key] += 1
                for redemption in entry.receipt.redemptions:
                    for counter, of, amount in redemption.counters:
                        by_receipts[counter, of] += amount
    found.said["receipts"] = keys.total()
    found.wrong += [f"{key} has {count} receipts" for key, count in keys.items() if count > 1]
    found.wrong += [f"{key} was acknowledged, and is lost" for key in told.get("committed", set()) - keys.keys()]
    found.wrong += [f"{key} was released, and has a receipt" for key in told.get("released", set()) & keys.keys()]
    found.wrong += [
        f"{key} has a receipt, and nobody committed it" for key in keys.keys() - told.get("committing", set())
    ]
    _states(connection, told, keys, found)
    _counters(connection, by_receipts, limits, found)
    return found


def _states(connection: Connection, told: Mapping[str, set[str]], keys: Counter[str], found: Tally) -> None:
    prefix = _KEYS.reservation("")
    known = set()
    for record in connection.scan(f"{prefix}*"):
        key = record.decode().removeprefix(prefix)
        state = connection.call("HGET", record.decode(), "state").decode()
        if key not in known:
            known.add(key)
            found.states[state] += 1
            if (state == "committed") != (key in keys):
                found.wrong.append(f"{key} is {state}, and has {keys[key]} receipts")
    still = connection.call("ZCARD", _KEYS.open)
    if still or found.states["reserved"]:
        found.wrong.append(f"{still} reservations have not ended")
    found.wrong += [f"{key} was reserved, and is not known" for key in told.get("reserved", set()) - known]


def _counters(connection: Connection, by_receipts: Counter[tuple[str, str]], limits: Limits, found: Tally) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for kind in ("total", "customer", "code", "spent", "unique"):
        for name in connection.scan(f"{_KEYS.tag}:{kind}:*"):
            for of, value in connection.call("HGETALL", name.decode()).items():
                counted[name.decode(), of.decode()] = int(value)
    for (name, of), value in sorted(counted.items() | {(each, counted[each]) for each in by_receipts}):
        kind = name.removeprefix(f"{_KEYS.tag}:").partition(":")[0]
        most = {"spent": limits.budget, "customer": limits.per_customer, "unique": 1}.get(kind, limits.uses)
        receipts = by_receipts[name, of]
        if kind == "unique":
            found.said["unique codes spent"] += value
        elif kind != "customer":
            found.rows.append((f"{of} {name.removeprefix(_KEYS.tag)}", most, value, receipts))
        if value > most or value != receipts:
            found.wrong.append(f"{name} {of}: {value} of {most}, by receipts {receipts}")


def stress(seconds: float, clients: int, seed: int, console: Console) -> int:
    """Prints the tally; 1 where something is wrong."""
    random = Random(seed)
    limits = Limits(budget=int(400 * seconds), uses=int(4 * seconds))
    folder = Path(tempfile.mkdtemp(prefix="cartwright-"))
    try:
        processes = Processes(folder, clients, limits, seed)
        try:
            processes.wait()
            _kill(processes, seconds, random, console)
            processes.end_clients()
            processes.wait()
            _wait_for_ends(processes.connection)
            found = tally(processes.connection, sorted(folder.glob("client-*.log")), limits)
        finally:
            processes.end()
    finally:
        shutil.rmtree(folder)
    console.print(_table(found))
    console.print(f"killed: {_listed(processes.killed)}")
    console.print(f"clients were told: {_listed(found.said)}")
    console.print(f"reservations: {_listed(found.states)}")
    for each in found.wrong[:20]:
        console.print(f"wrong: {each}")
    console.print(f"{len(found.wrong)} things wrong")
    return 1 if found.wrong else 0


def _kill(processes: Processes, seconds: float, random: Random, console: Console) -> None:
    begin = time.monotonic()
    with Progress(console=console) as progress:
        task = progress.add_task("killing", total=seconds)
        while (elapsed := time.monotonic() - begin) < seconds:
            progress.update(task, completed=elapsed)
            time.sleep(random.uniform(*PAUSE))
            processes.kill_one(random)
        progress.update(task, completed=seconds)


def _wait_for_ends(connection: Connection) -> None:
    """Until services have swept up what clients left behind."""
    deadline = time.monotonic() + LIFE + 20
    while connection.call("ZCARD", _KEYS.open) and time.monotonic() < deadline:
        time.sleep(0.1)


def _table(found: Tally) -> Table:
    shown = Table(title="What is counted, cents and uses", title_justify="left")
    for head in ("", "at most", "counted", "by receipts"):
        shown.add_column(head, justify="left" if not head else "right")
    for name, *figures in found.rows:
        shown.add_row(name, *(f"{each:,}" for each in figures))
    return shown


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in sorted(counts.items()))


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
