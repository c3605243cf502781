"""Counts instructions and allocations, which do not depend on other work on the machine.

    python -m bench.costs

Instructions come from ``perf stat`` where it is permitted, else from ``valgrind --tool=callgrind``. One process does
the work a few times, another not at all; the difference is counted. Allocations, including small Python objects, are
counted by a malloc of our own (glibc).
"""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import artifacts, carts, kept, mutations
from bench.compiling import shared_library
from bench.grid import FULL, Cell
from bench.replay import WORKS
from engine.service.messages import cart_to_message

CELLS = (Cell(15, 10_000), Cell(50, 10_000), *((Cell(50, 100), Cell(50, 100_000)) if FULL else ()))
CARTS, LENGTH, ROUNDS = 6, 30, 3
CALLS = ("load_bytes", "evaluate", "quote_bytes", "mutate")
ENVIRONMENT = {**os.environ, "PYTHONHASHSEED": "0"}


def prepare(cell: Cell) -> tuple[str, str]:
    """The files that a replay reads: the artifact, and carts with their mutations."""
    opened = list(islice(carts.carts("costs", cell.lines), CARTS))
    shopping = [
        (cart_to_message(cart).SerializeToString(), [step.sent for step in mutations.session(cart, "costs", LENGTH)])
        for cart in opened
    ]
    prepared = kept.path(f"shopping-{cell.lines}.pickle")
    prepared.write_bytes(pickle.dumps(shopping))
    return str(artifacts.artifact(cell.promotions, cell.touching)), str(prepared)


def counter() -> list[str] | None:
    """The command that counts the instructions of another command; None if there is none."""
    perf = ["perf", "stat", "-x,", "-e", "instructions:u", "--"]
    if shutil.which("perf"):
        tried = subprocess.run([*perf, "true"], capture_output=True, text=True, check=False)
        if re.search(r"^\d+,", tried.stderr, re.MULTILINE):
            return perf
    if shutil.which("valgrind"):
        return ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"]
    return None


def instructions(counting: list[str], files: tuple[str, str], work: str) -> int:
    """Instructions of a whole process that does the work a few times for every cart."""
    command = [*counting, sys.executable, "-m", "bench.replay", *files, work, str(ROUNDS)]
    counted = subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT).stderr
    found = re.search(r"^(\d+),|Collected : (\d+)", counted, re.MULTILINE)
    if found is None:
        raise RuntimeError(f"{counting[0]} counted nothing:\n{counted}")
    return int(found[1] or found[2])


def allocations(files: tuple[str, str]) -> dict[str, float]:
    """How often each call allocates memory."""
    environment = {**ENVIRONMENT, "LD_PRELOAD": str(shared_library("allocations")), "PYTHONMALLOC": "malloc"}
    command = [sys.executable, "-m", "bench.replay", *files, "allocations", "1"]
    counted = subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout
    found: dict[str, float] = json.loads(counted)
    return found


def table(measured: list[dict[str, object]]) -> Table:
    shown = Table(title="Instructions, and allocations of each call", title_justify="left")
    for head in ("lines", "promotions", "load and evaluate", "with quote", "mutation to quote", *CALLS):
        shown.add_column(head, justify="right")
    for each in measured:
        counted = each["instructions"]
        shown.add_row(
            *(f"{each[size]:,}" for size in ("lines", "promotions")),
            *((f"{counted[work]:,.0f}" if counted else "") for work in ("take_in", "price", "mutate")),
            *(f"{each['allocations'][call]:.2f}" for call in CALLS),
        )
    return shown


def count(counting: list[str], files: tuple[str, str], pool: ThreadPoolExecutor) -> dict[str, float]:
    """Instructions of each kind of work: per cart, or per mutation."""
    totals = dict(zip(WORKS, pool.map(lambda work: instructions(counting, files, work), WORKS), strict=True))
    counts = {work: (total - totals["nothing"]) / ROUNDS / CARTS for work, total in totals.items()}
    return {**counts, "mutate": (counts["mutate"] - counts["take_in"]) / LENGTH}


def main() -> None:
    console = Console(width=132)
    counting = counter()
    if counting is None:
        console.print("Instructions are not counted: perf is not permitted here, and valgrind is not installed.")
    measured = []
    with Progress(console=console) as progress, ThreadPoolExecutor(os.cpu_count()) as pool:
        for cell in progress.track(CELLS, description="instructions counted"):
            files = prepare(cell)
            measured.append(
                {
                    "lines": cell.lines,
                    "promotions": cell.promotions,
                    "instructions": count(counting, files, pool) if counting else {},
                    "allocations": allocations(files),
                }
            )
    kept.write("costs", measured)
    console.print(table(measured))


if __name__ == "__main__":
    main()
