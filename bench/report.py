"""Shows what ``make bench`` measured: tables, targets, and a plot of how cost grows.

    python -m bench.report

Reads build/bench/*.json, of which only the timings are required; writes report.txt and growth.svg next to them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib
from matplotlib import pyplot
from rich.console import Console
from rich.table import Table

from bench import costs, explaining, grpc_overhead, kept, kinds, sizes
from bench.rule_sets import TOUCHING
from bench.timing import overhead

STEPS = ("whole", "load", "evaluate", "quote")
WIDTH = 140

Measured: TypeAlias = dict[str, Any]
"""What a test recorded: its cell, and timings by name."""


def table(title: str, *heads: str) -> Table:
    shown = Table(title=title, title_justify="left")
    for head in heads:
        shown.add_column(head, justify="right", no_wrap=True)
    return shown


def cold_table(results: list[Measured]) -> Table:
    shown = table(
        "Cold pricing, µs per cart, bytes to bytes: percentiles over the quickest time per cart; raw: over all times",
        *("lines", "promotions", "touching", "applied", *STEPS, "p99", "raw p99", "control", "×"),
    )
    for measured in results:
        shown.add_row(
            *cell(measured),
            f"{measured['applied']:.1f}",
            *(f"{measured[step]['p50']:,.2f}" for step in STEPS),
            f"{measured['whole']['p99']:,.2f}",
            f"{measured['whole']['raw_p99']:,.2f}",
            *above(measured, "whole"),
        )
    return shown


def mutation_table(results: list[Measured]) -> Table:
    shown = table(
        "Mutations, µs each: until priced (the quote is in memory), and until written (its bytes are, too)",
        *("lines", "promotions", "touching", "priced", "p99", "control", "×"),
        *("written", "p99", "raw p99", "control", "×", "spreads", "thresholds"),
    )
    for measured in results:
        shown.add_row(
            *cell(measured),
            *(f"{measured['priced'][name]:,.2f}" for name in ("p50", "p99")),
            *above(measured, "priced"),
            *(f"{measured['whole'][name]:,.2f}" for name in ("p50", "p99", "raw_p99")),
            *above(measured, "whole"),
            f"{measured['moved']:.0%}",
            f"{measured['crossed']:.0%}",
        )
    return shown


def kind_table(results: list[Measured]) -> Table:
    """Each kind of mutation, at 10,000 promotions."""
    chosen = [each for each in results if each["cell"]["promotions"] == 10_000 and each["cell"]["touching"] == TOUCHING]
    heads = [f"lines: {each['cell']['lines']:,}" for each in chosen]
    shown = table("Each kind of mutation, µs, p50 / p99, at 10,000 promotions", "", *heads)
    for kind in {kind: None for each in chosen for kind in each["kinds"]}:
        timings = [each["kinds"].get(kind) for each in chosen]
        shown.add_row(kind, *(f"{each['p50']:,.2f} / {each['p99']:,.2f}" if each else "" for each in timings))
    return shown


def cell(measured: Measured) -> Iterator[str]:
    return (f"{measured['cell'][size]:,}" for size in ("lines", "promotions", "touching"))


def above(measured: Measured, step: str) -> tuple[str, str]:
    """The time of the control, and the engine's time divided by it."""
    if "control" not in measured:
        return "", ""
    floor = measured["control"][step]["p50"]
    return f"{floor:,.2f}", f"{measured[step]['p50'] / floor:,.1f}"


def target_table(results: dict[str, list[Measured]], measured_sizes: list[Measured], calls: Measured) -> Table:
    """The targets and the results of the cells that were measured."""
    p50 = {
        (kind, each["cell"]["lines"], each["cell"]["promotions"]): each["whole"]["p50"]
        for kind, all_of_them in results.items()
        for each in all_of_them
        if each["cell"]["touching"] == TOUCHING
    }
    usual = {each["cell"]["lines"]: each for each in results["mutations"] if is_usual(each)}
    sized = {(each["promotions"], name): value for each in measured_sizes for name, value in each.items()}

    def ratio(above: tuple[str, int, int], below: tuple[str, int, int]) -> float | None:
        return p50[above] / p50[below] if above in p50 and below in p50 else None

    def mutated(lines: int, step: str, percentile: str) -> float | None:
        return usual[lines][step][percentile] if lines in usual else None

    growth = ratio(("mutations", 50, 100_000), ("mutations", 50, 100))
    by_lines = ratio(("cold", 1_000, 10_000), ("cold", 200, 10_000))
    aims = [
        ("50 lines, 10,000 promotions: cold", p50.get(("cold", 50, 10_000)), 15, 1, "µs"),
        ("50 lines, 10,000 promotions: mutation, the quote in memory", mutated(50, "priced", "p50"), 2, 1, "µs"),
        ("50 lines, 10,000 promotions: mutation, the quote's bytes", mutated(50, "whole", "p50"), 2, 1, "µs"),
        ("50 lines, 10,000 promotions: mutation, the quote's bytes, p99", mutated(50, "whole", "p99"), 10, 1, "µs"),
        ("15 lines, 10,000 promotions: cold", p50.get(("cold", 15, 10_000)), 6, 1, "µs"),
        ("15 lines, 10,000 promotions: mutation, the quote in memory", mutated(15, "priced", "p50"), 1, 1, "µs"),
        ("15 lines, 10,000 promotions: mutation, the quote's bytes", mutated(15, "whole", "p50"), 1, 1, "µs"),
        ("20 lines, 100 promotions: cold", p50.get(("cold", 20, 100)), 5, 1, "µs"),
        ("50 lines: mutation at 100,000 promotions relative to 100", growth, 1.5, 1, "×"),
        ("10,000 promotions: cold, per line, 1,000 lines relative to 200", by_lines, 1.25, 1 / 5, "×"),
        ("10,000 promotions: text to artifact", sized.get((10_000, "compile")), 5, 1, "s"),
        ("100,000 promotions: text to artifact", sized.get((100_000, "compile")), 60, 1, "s"),
        ("10,000 promotions: load", sized.get((10_000, "load")), 50, 1_000, "ms"),
        (
            "10,000 promotions: a cart of 50 lines kept between mutations",
            sized.get((10_000, "kept")),
            16,
            2**-10,
            "KiB",
        ),
        ("10,000 promotions: live session of 50 lines without texts", sized.get((10_000, "live")), 16, 2**-10, "KiB"),
    ]
    aims += [
        (f"{name} relative to an empty handler that {does}", parts["call"][over], grpc_overhead.TARGET, 1, "×")
        for name, parts in calls.items()
        for does, over in (("echoes", "ratio"), ("gives as long an answer", "ratio as long"))
    ]
    shown = table("Targets", "", "measured", "at most", "")
    for name, measured, most, scale, unit in aims:
        if measured is not None:
            value = measured * scale
            shown.add_row(name, f"{value:,.2f} {unit}", f"{most:,} {unit}", "" if value <= most else "missed")
    return shown


def is_usual(measured: Measured) -> bool:
    return measured["cell"]["promotions"] == 10_000 and measured["cell"]["touching"] == TOUCHING


def plot(results: dict[str, list[Measured]], path: Path) -> None:
    """How cost grows with promotions, and with lines."""
    matplotlib.use("agg")
    figure, (by_promotions, by_lines) = pyplot.subplots(1, 2, figsize=(12, 5), sharey=True, layout="constrained")
    for kind, all_of_them in results.items():
        usual = [each for each in all_of_them if each["cell"]["touching"] == TOUCHING]
        for lines in (15, 50):
            of_lines = [each for each in usual if each["cell"]["lines"] == lines]
            draw(by_promotions, of_lines, "promotions", f"{kind}, {lines} lines")
        draw(by_lines, [each for each in usual if each["cell"]["promotions"] == 10_000], "lines", kind)
    by_promotions.set(title="10 promotions touch the cart, the others do not", xlabel="promotions", ylabel="µs (p50)")
    by_lines.set(title="10,000 promotions", xlabel="lines")
    for axes in (by_promotions, by_lines):
        axes.set(xscale="log", yscale="log", ylim=(0.1, 10_000))
        axes.grid(alpha=0.3)
        axes.legend(title="dashed: the control", loc="upper left", fontsize="small")
    figure.savefig(path)


def draw(axes: Any, results: list[Measured], over: str, label: str) -> None:
    """The engine's line, and the control's, dashed, in the same colour."""
    results = sorted(results, key=lambda each: each["cell"][over])
    sizes_of = [each["cell"][over] for each in results]
    (drawn,) = axes.plot(sizes_of, [each["whole"]["p50"] for each in results], marker="o", label=label)
    floors = [each["control"]["whole"]["p50"] for each in results]
    axes.plot(sizes_of, floors, linestyle="--", color=drawn.get_color(), alpha=0.6)


def main() -> None:
    timings = kept.read("results")
    if not timings:
        sys.exit("nothing has been timed yet: run `make bench`")
    benchmarks = timings["benchmarks"]
    results = {
        kind: [each["extra_info"] for each in benchmarks if each["name"].startswith(f"test_{kind}[")]
        for kind in ("cold", "mutations")
    }
    measured_sizes = kept.read("sizes")
    console = Console(width=WIDTH, record=True)
    console.print(cold_table(results["cold"]))
    console.print(mutation_table(results["mutations"]))
    console.print(kind_table(results["mutations"]))
    if measured_sizes:
        console.print(sizes.table(measured_sizes))
    if counted := kept.read("costs"):
        console.print(costs.table(counted))
    if by_kind := kept.read("kinds"):
        console.print(kinds.table(by_kind))
    if told := kept.read("explaining"):
        console.print(*explaining.tables(told), sep="\n")
    if calls := kept.read("grpc"):
        console.print(grpc_overhead.table(calls))
    console.print(target_table(results, measured_sizes, calls))
    console.print(f"Measuring itself adds {overhead():.2f} µs to every time of the engine.")
    console.save_text(str(kept.path("report.txt")))
    plot(results, kept.path("growth.svg"))
    console.print("build/bench/report.txt, build/bench/growth.svg")


if __name__ == "__main__":
    main()
