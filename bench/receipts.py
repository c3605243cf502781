"""Sells every cart of Online Retail II, exports the receipts, reads them back and replays them.

    python -m bench.receipts PATH/online_retail_ii_lines.parquet

The carts and the hundred promotions are those of `bench.online_retail`. It runs its own Redis on a folder that is
removed at the end, with the append-only file on and each acknowledged write on disk. Exit code 1 unless every byte is
the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from rich.console import Console
from rich.progress import Progress

from bench.online_retail import RULES, carts, chunks, sale_lines
from bench.redis import redis
from engine import rules
from engine.pricing.cart import Cart
from engine.service.exporting import export
from engine.service.messages import cart_to_message, quote_to_message
from engine.service.pricer import Pricer
from engine.service.programs import Programs
from engine.service.replay import Replay
from engine.service.reserving import Reserving
from engine.service.rule_set import ServedRuleSet
from engine.service.store_facts import StoreFacts
from engine.store.code_key import find_key
from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys
from engine.store.receipt_store import AnyEntry, ReceiptStore
from engine.store.receipt_tables import exported_entries
from engine.store.receipts import encode
from engine.store.redemptions import Redemptions
from engine.store.rule_sets import RuleSetStore
from engine.v1 import redemption_pb2

BUYERS = 8
"""Carts in progress at the same time."""

Advance: TypeAlias = Callable[[int], None]
"""Called with the number that are done."""


class Bench:
    """One Redis with a rule set. ``seconds`` are by step."""

    def __init__(self, connection: Connection, console: Console) -> None:
        self.connection = connection
        self.console = console
        self.pricer = Pricer([ServedRuleSet.of(*rules.load_with_sources([RULES]))])
        self.rule_set = self.pricer.rule_sets[0].name
        self.receipts = ReceiptStore(connection, self.rule_set)
        self.seconds: dict[str, float] = {}

    def sell(self, data: Path) -> None:
        """Prices, reserves and commits every cart as the service does, several at a time."""
        facts = StoreFacts(self.connection, partial(find_key, None, None))  # no promotion has unique codes
        reserving = Reserving(self.pricer, facts, allow_at=True)
        redemptions = Redemptions(self.connection, self.rule_set)
        redemptions.open()

        def sell(cart: Cart) -> None:
            quote = self.pricer.price(cart).quote
            request = redemption_pb2.ReserveRequest(
                key=cart.id, cart=cart_to_message(cart), quote=quote_to_message(quote)
            )
            if isinstance(reserving.reserve(request, cart.at, lambda: "bench"), bytes):
                raise RuntimeError(f"the quote of cart {cart.id} has changed")
            redemptions.commit(cart.id)

        lines = sale_lines(data)
        with self.step("sell", lines["invoice_no"].n_unique()) as advance, ThreadPoolExecutor(BUYERS) as buyers:
            for chunk in chunks(carts(lines)):
                advance(len(list(buyers.map(sell, chunk))))

    def replay(self, name: str, batches: Iterable[list[AnyEntry]], total: int) -> tuple[int, int]:
        """How many receipts were replayed, and how many differ."""
        working = Replay(Programs(RuleSetStore(self.connection)), self.receipts.sale)
        count = different = 0
        with self.step(name, total) as advance:
            for batch in batches:
                different += sum(bool(working.differences(entry.receipt)) for entry in batch)
                count += len(batch)
                advance(len(batch))
        return count, different

    @contextmanager
    def step(self, name: str, total: int) -> Iterator[Advance]:
        began = time.perf_counter()
        with Progress(console=self.console) as progress:
            task = progress.add_task(name, total=total)
            yield lambda count: progress.advance(task, count)
        self.seconds[name] = time.perf_counter() - began


def run(data: Path, folder: Path, connection: Connection, console: Console) -> bool:
    """Whether everything is the same to the byte."""
    bench = Bench(connection, console)
    bench.sell(data)
    keys = RedemptionKeys(bench.rule_set)
    used = sum(connection.call("MEMORY", "USAGE", key, "SAMPLES", 0) for key in (keys.receipts, keys.receipt_ids))
    count = bench.receipts.count()
    size = sum(len(part) for entry in flat(bench.receipts.batches()) for part in encode(entry.receipt))
    stored = bench.replay("replay from Redis", bench.receipts.batches(), count)
    with bench.step("export", count) as advance:
        exported = export(told(bench.receipts.batches(), advance), folder / "receipts.parquet")
    table = exported.paths[0]
    read = bench.replay("replay from Parquet", exported_entries(table), count)
    same = all(
        kept == again for kept, again in zip(flat(bench.receipts.batches()), flat(exported_entries(table)), strict=True)
    )
    files = sum(path.stat().st_size for path in exported.paths)
    for label, figure in (
        ("receipts", f"{count:,}"),
        ("mean bytes per entry", f"{size / count:,.0f}"),
        ("mean Redis memory per receipt", f"{used / count:,.0f} bytes"),
        ("mean Parquet bytes per receipt", f"{files / count:,.0f}, three tables"),
        *((name, f"{count / seconds:,.0f} receipts/s, {seconds:,.1f} s") for name, seconds in bench.seconds.items()),
        ("entries as read from Parquet", "the same" if same else "DIFFERENT"),
        ("differences from Redis", f"{stored[1]:,} of {stored[0]:,}"),
        ("differences from Parquet", f"{read[1]:,} of {read[0]:,}"),
    ):
        console.print(f"{label:32}{figure}")
    return same and stored == read == (count, 0)


def told(batches: Iterable[list[AnyEntry]], advance: Advance) -> Iterator[list[AnyEntry]]:
    for batch in batches:
        yield batch
        advance(len(batch))


def flat(batches: Iterable[list[AnyEntry]]) -> Iterator[AnyEntry]:
    return (entry for batch in batches for entry in batch)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.receipts", description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="online_retail_ii_lines.parquet")
    arguments = parser.parse_args()
    if not arguments.data.is_file():
        parser.error(f"{arguments.data}: no such file")
    with tempfile.TemporaryDirectory(prefix="cartwright-") as place, redis() as connection:
        return 0 if run(arguments.data, Path(place), connection, Console()) else 1


if __name__ == "__main__":
    sys.exit(main())
