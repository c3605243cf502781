"""Prices every sale cart of Online Retail II under a hundred promotions, natively and by the reference, and compares.

    python -m bench.online_retail PATH/online_retail_ii_lines.parquet

The data (D. Chen, UCI Machine Learning Repository 502, CC BY 4.0) is read from a path and is not part of the project.
What it does not contain is added by rule, never at random: the tags of a product are the words of its description, its
list price is the price at which it was most often sold, its cost is 60 % of the price paid; a customer's orders, spend
and tier are counted from earlier carts; the last digit of the invoice chooses the shipping method.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.carts import RATES
from engine import rules
from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Customer, Line, Shipment
from engine.pricing.reference import Reference
from engine.service.messages import quote_bytes

RULES = Path(__file__).with_suffix(".yaml")
TIERS = ((1_000_000, "platinum"), (300_000, "gold"), (100_000, "silver"), (0, "basic"))
METHODS = ("standard",) * 5 + ("economy",) * 3 + ("express",) * 2
CHUNK = 500


@dataclass
class Tally:
    """The results of pricing some carts. Times are nanoseconds: the three steps of the native core, the reference."""

    carts: int = 0
    lines: int = 0
    applied: Counter[str] = field(default_factory=Counter)
    different: list[str] = field(default_factory=list)
    load: int = 0
    evaluate: int = 0
    quote: int = 0
    reference: int = 0

    def add(self, other: Tally) -> None:
        self.carts += other.carts
        self.lines += other.lines
        self.applied.update(other.applied)
        self.different += other.different
        self.load += other.load
        self.evaluate += other.evaluate
        self.quote += other.quote
        self.reference += other.reference


def sale_lines(path: Path) -> pl.DataFrame:
    """Sale lines of regular products, in order of time, with the facts that the bench adds per product."""
    sales = (
        pl.scan_parquet(path)
        .with_columns(pl.col("stock_code").str.strip_chars())
        .filter(
            ~pl.col("invoice_no").str.starts_with("C"),
            pl.col("quantity") > 0,
            pl.col("unit_price_minor") > 0,
            pl.col("stock_code").str.contains(r"^\d{5}"),
        )
        .with_columns(
            words=pl.col("description").fill_null("").str.to_lowercase().str.extract_all(r"[a-z]{2,}"),
            moment=pl.col("timestamp").dt.replace_time_zone("Europe/London", ambiguous="earliest").dt.epoch("s"),
        )
        .with_columns(
            tags=pl.col("words").list.unique().list.sort(),
            list_price=pl.col("unit_price_minor").mode().max().over("stock_code"),
            at=pl.col("moment").min().over("invoice_no"),
        )
        .collect()
    )
    return sales.sort("at", "invoice_no", "stock_code", "unit_price_minor", "quantity")


def carts(lines: pl.DataFrame) -> Iterator[Cart]:
    """One cart per invoice; the facts of customers grow from cart to cart."""
    orders: Counter[int] = Counter()
    spend: Counter[int] = Counter()
    columns = (
        "invoice_no",
        "stock_code",
        "quantity",
        "unit_price_minor",
        "list_price",
        "tags",
        "customer_id",
        "country",
        "at",
    )
    for invoice, group in groupby(lines.select(columns).iter_rows(), key=itemgetter(0)):
        rows = list(group)
        *_, number, country, at = rows[0]
        yield Cart(
            id=invoice,
            currency="GBP",
            channel="web",
            at=at * 1_000_000_000,
            lines=tuple(
                Line(
                    id=f"{index:04}",
                    sku=sku,
                    quantity=quantity,
                    price=price,
                    list_price=list_price,
                    cost=price * 6 // 10,
                    tags=tuple(tags),
                )
                for index, (_, sku, quantity, price, list_price, tags, *_) in enumerate(rows)
            ),
            shipments=(Shipment(id="parcel", country=country, method=METHODS[int(invoice[-1])], rates=RATES),),
            customer=customer(number, orders[number], spend[number]) if number is not None else None,
            attributes={"country": country},
        )
        if number is not None:
            orders[number] += 1
            spend[number] += sum(quantity * price for _, _, quantity, price, *_ in rows)


def customer(number: int, orders: int, spend: int) -> Customer:
    tier = next(name for least, name in TIERS if spend >= least)
    return Customer(id=str(number), tier=tier, orders=orders, lifetime_spend=spend)


class Comparison:
    """Both implementations of one rule set."""

    def __init__(self) -> None:
        checked = rules.load([RULES])
        program = Program.load(rules.compile(checked))
        self.session = Session(program)
        self.reference = Reference(checked, program.version)

    def price(self, chunk: Iterable[Cart]) -> Tally:
        """Prices natively, then by the reference, and compares byte by byte."""
        tally = Tally()
        clock = time.perf_counter_ns
        for cart in chunk:
            begin = clock()
            self.session.load(cart)
            loaded = clock()
            self.session.evaluate()
            evaluated = clock()
            quote = self.session.quote()
            quoted = clock()
            expected = self.reference.price(cart)
            tally.reference += clock() - quoted
            tally.load += loaded - begin
            tally.evaluate += evaluated - loaded
            tally.quote += quoted - evaluated
            tally.carts += 1
            tally.lines += len(cart.lines)
            tally.applied.update(quote.applied)
            if quote_bytes(quote) != quote_bytes(expected):
                tally.different.append(cart.id)
        return tally


def chunks(stream: Iterator[Cart]) -> Iterator[list[Cart]]:
    while chunk := list(islice(stream, CHUNK)):
        yield chunk


_comparison: Comparison


def start_worker() -> None:
    global _comparison
    _comparison = Comparison()


def price_chunk(chunk: list[Cart]) -> Tally:
    return _comparison.price(chunk)


def run(path: Path, processes: int, console: Console) -> Tally:
    lines = sale_lines(path)
    total = Tally()
    with (
        Progress(console=console) as progress,
        multiprocessing.get_context("spawn").Pool(processes, start_worker) as pool,
    ):
        task = progress.add_task("carts priced twice", total=lines["invoice_no"].n_unique())
        for tally in pool.imap(price_chunk, chunks(carts(lines))):
            total.add(tally)
            progress.advance(task, tally.carts)
    return total


def report(tally: Tally, promotions: dict[str, str], console: Console) -> None:
    table = Table(title=f"Carts that each of {len(promotions)} promotions applies to")
    table.add_column("promotion")
    table.add_column("layer")
    table.add_column("carts", justify="right")
    table.add_column("share", justify="right")
    table.add_column("")
    for promotion, layer in promotions.items():
        share = tally.applied[promotion] / tally.carts
        table.add_row(promotion, layer, f"{tally.applied[promotion]:,}", f"{share:.2%}", "█" * round(share * 40))
    console.print(table)
    rarest = min(tally.applied[promotion] for promotion in promotions) / tally.carts
    for label, figure in (
        ("carts", f"{tally.carts:,} with {tally.lines:,} lines"),
        ("applied per cart, mean", f"{tally.applied.total() / tally.carts:.2f} promotions"),
        ("rarest promotion", f"{rarest:.2%} of carts"),
        ("native, evaluate", speed(tally.evaluate, tally.carts)),
        ("native, cart in to quote out", speed(tally.load + tally.evaluate + tally.quote, tally.carts)),
        ("reference", speed(tally.reference, tally.carts)),
        ("differences", f"{len(tally.different):,} carts {' '.join(tally.different[:10])}".rstrip()),
    ):
        console.print(f"{label:32}{figure}")


def speed(nanoseconds: int, count: int) -> str:
    return f"{count * 1e9 / nanoseconds:,.0f} carts/s and core, {nanoseconds / count / 1000:,.1f} µs per cart (mean)"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.online_retail", description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path, help="online_retail_ii_lines.parquet")
    parser.add_argument("--processes", type=int, default=multiprocessing.cpu_count(), help="worker processes")
    arguments = parser.parse_args()
    if not arguments.data.is_file():
        parser.error(f"{arguments.data}: no such file")
    console = Console()
    checked = rules.load([RULES])
    tally = run(arguments.data, arguments.processes, console)
    promotions = {promotion.id: checked.layers[promotion.layer].name for promotion in checked.promotions}
    report(tally, promotions, console)
    return 1 if tally.different else 0


if __name__ == "__main__":
    sys.exit(main())
