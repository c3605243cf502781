"""What reserving and committing cost next to a bare EVALSHA of the same size, in one run.

    python -m bench.redemptions [--rounds N] [--calls N] [--lines N] [--fsync always|everysec|no]

A bare EVALSHA has the same keys, arguments and answer, but does nothing. Calls of each kind take turns, one at a time
over one connection; ratios are the medians over the rounds. The time of Redis is its own count of processor time, which
depends less on other work on the machine. Whether all of it adds up is tested by `bench.stress`.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from statistics import median
from typing import NamedTuple

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import carts, rule_sets
from bench.redis import redis
from engine.errors import LedgerClosed
from engine.rules import load_text
from engine.service.messages import cart_to_message
from engine.service.pricer import Pricer
from engine.service.requests import cart_head
from engine.service.rule_set import ServedRuleSet
from engine.store.connection import Connection, Value
from engine.store.counting import Counter, Kind, Take
from engine.store.receipts import Receipt, encode
from engine.store.redemptions import Redemptions, Request

_BARE = {
    "reserve": "return {'reserved', '1795818642468', ARGV[6], ARGV[3], false}",
    "commit": "return {'committed', '1795818642468', ARGV[3], ARGV[4], '1795818641477-0'}",
}
_LIFE = 3_600_000
_MOST = 10**15
_PROMOTIONS = 100


class Cost(NamedTuple):
    """Microseconds per call, and of Redis's processor time for it."""

    call: float
    redis: float


class Sent(Connection):
    """Sends nothing; keeps what would be sent to a script."""

    keys: Sequence[str] = ()
    arguments: Sequence[Value] = ()

    def run(self, name: str, keys: Sequence[str], arguments: Sequence[Value] = ()) -> list[object]:
        self.keys, self.arguments = keys, arguments
        return [name.encode() + b"ted", b"0", b"", b"d" * 32, None] if name == "commit" else [b"closed"]


def requests(lines: int) -> Iterator[Request]:
    """What carts with this many lines redeem: a limit in total, per customer, per code, and a budget each."""
    pricer = Pricer([ServedRuleSet.of(load_text(rule_sets.text(_PROMOTIONS)))])
    served = pricer.rule_sets[0]
    for number, cart in enumerate(carts.carts("redemptions", lines)):
        data = cart_to_message(cart).SerializeToString()
        quote = pricer.price_bytes(data, cart_head(data), cart.at).quote
        counters = (
            Counter(Kind.TOTAL, "2026-06"),
            Counter(Kind.CUSTOMER, "", f"customer {number % 1_000}"),
            Counter(Kind.CODE, "", "summer"),
            Counter(Kind.SPENT, "", "GBP"),
        )
        key = f"order {number}"
        receipt = Receipt(key, cart.id, served.name, served.program.version, 1, cart.at, data, quote)
        takes = [Take(each, "ten-off", 1, _MOST, 0) for each in counters]
        yield Request(key, b"d" * 32, f"cart {number}", _LIFE, takes, quote, encode(receipt))


class Bare:
    """EVALSHA of a script that does nothing, with what would be sent to another script."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._digests = {name: connection.call("SCRIPT", "LOAD", text) for name, text in _BARE.items()}

    def prepared(self, name: str, sent: Sent) -> Callable[[], object]:
        command = ("EVALSHA", self._digests[name], len(sent.keys), *sent.keys, *sent.arguments)
        return lambda: self._connection.call(*command)


def measure(connection: Connection, calls: Sequence[Callable[[], object]]) -> Cost:
    """The mean of calls made one after the other."""
    busy, begin = processor_time(connection), time.perf_counter_ns()
    for call in calls:
        call()
    taken = time.perf_counter_ns() - begin
    return Cost(taken / len(calls) / 1_000, (processor_time(connection) - busy) / len(calls) * 10**6)


def processor_time(connection: Connection) -> float:
    """Seconds of processor time that Redis has used."""
    said = connection.call("INFO", "cpu")
    return float(said["used_cpu_user"]) + float(said["used_cpu_sys"])


def compare(connection: Connection, rounds: int, calls: int, lines: int, console: Console) -> dict[str, list[Cost]]:
    """The costs of each round, by kind of call."""
    redemptions, bare = Redemptions(connection, "bench"), Bare(connection)
    redemptions.open()
    unsent = Sent(connection.url)
    stand_in = Redemptions(unsent, "bench")
    found: dict[str, list[Cost]] = {}
    stream = requests(lines)
    with Progress(console=console) as progress:
        for _ in progress.track(range(rounds + 1), description="reserving"):
            some = list(islice(stream, calls))
            bare_reserves, bare_commits = [], []
            for each in some:
                with suppress(LedgerClosed):
                    stand_in.reserve(each)
                bare_reserves.append(bare.prepared("reserve", unsent))
                stand_in.commit(each.key)
                bare_commits.append(bare.prepared("commit", unsent))
            for name, prepared in (
                ("reserve", [partial(redemptions.reserve, each) for each in some]),
                ("bare EVALSHA like reserve", bare_reserves),
                ("commit", [partial(redemptions.commit, each.key) for each in some]),
                ("bare EVALSHA like commit", bare_commits),
            ):
                found.setdefault(name, []).append(measure(connection, prepared))
    return {name: costs[1:] for name, costs in found.items()}  # the first round warms up


def table(found: dict[str, list[Cost]], fsync: str, sent: int) -> Table:
    title = f"One at a time over a Unix socket, µs, medians; appendfsync {fsync}; {sent:,} bytes sent to reserve"
    shown = Table(title=title, title_justify="left")
    for head in ("", "per call", "per second", "×", "Redis's processor", "×"):
        shown.add_column(head, justify="left" if not head else "right")
    for name, costs in found.items():
        call, busy = (median(getattr(each, part) for each in costs) for part in Cost._fields)
        ratios = ["", ""]
        if not name.startswith("bare"):
            other = found[f"bare EVALSHA like {name}"]
            pairs = list(zip(costs, other, strict=True))
            ratios = [
                f"{median(a.call / b.call for a, b in pairs):.2f}",
                f"{median(a.redis / b.redis for a, b in pairs):.2f}",
            ]
        shown.add_row(name, f"{call:,.1f}", f"{10**6 / call:,.0f}", ratios[0], f"{busy:,.1f}", ratios[1])
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.redemptions", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds of all kinds of calls (default 9)")
    parser.add_argument("--calls", type=int, default=300, help="calls of each kind in a round (default 300)")
    parser.add_argument("--lines", type=int, default=15, help="lines of each cart (default 15)")
    parser.add_argument("--fsync", choices=("always", "everysec", "no"), default="everysec", help="(default everysec)")
    given = parser.parse_args()
    console = Console(width=132)
    with redis() as connection:
        connection.call("CONFIG", "SET", "appendfsync", given.fsync)
        found = compare(connection, given.rounds, given.calls, given.lines, console)
        request = next(requests(given.lines))
    console.print(table(found, given.fsync, len(request.answer) + sum(map(len, request.receipt))))


if __name__ == "__main__":
    main()
