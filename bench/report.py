"""Prints what ``make bench`` measured.

python -m bench.report build/bench/results.json
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.timing import overhead

STEPS = ("whole", "load", "evaluate", "quote")


def cold(results: list[dict[str, Any]]) -> Table:
    table = Table(
        title="Cold pricing, µs a cart: p50 and p99 over carts of the quickest time of each; raw: of all times"
    )
    for head in ("lines", "promotions", "touching", "applied", *STEPS, "p99", "raw p99", "control", "×"):
        table.add_column(head, justify="right")
    for result in results:
        measured, cell = result["extra_info"], result["extra_info"]["cell"]
        table.add_row(
            *(f"{cell[size]:,}" for size in ("lines", "promotions", "touching")),
            f"{measured['applied']:.1f}",
            *(f"{measured[step]['p50']:,.2f}" for step in STEPS),
            f"{measured['whole']['p99']:,.2f}",
            f"{measured['whole']['raw_p99']:,.2f}",
            *above(measured),
        )
    return table


def above(measured: dict[str, Any]) -> tuple[str, str]:
    """What the control takes, and how many times that the engine takes."""
    if "control" not in measured:
        return "", ""
    floor = measured["control"]["p50"]
    return f"{floor:,.2f}", f"{measured['whole']['p50'] / floor:,.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.report", description=__doc__.partition("\n")[0])
    parser.add_argument("results", type=Path, help="what pytest-benchmark wrote")
    given = parser.parse_args()
    benchmarks = json.loads(given.results.read_text())["benchmarks"]
    console = Console(width=110)
    console.print(cold([each for each in benchmarks if each["name"].startswith("test_cold")]))
    console.print(f"Measuring itself adds {overhead():.2f} µs to every time.")


if __name__ == "__main__":
    main()
