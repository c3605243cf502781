"""Runs the stress test and prints the counts. Exit code 1 if anything is wrong."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from random import Random

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import stress as package
from bench.stress.processes import Processes
from bench.stress.shop import LIFE, Limits
from bench.stress.tally import KEYS, Tally, tally
from engine.store.connection import Connection

PAUSE = (0.2, 1.0)
"""Seconds between two kills."""


def stress(seconds: float, clients: int, seed: int, console: Console) -> int:
    """Prints the tally; returns 1 if anything is wrong."""
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
    """Waits until services have cleaned up what clients left behind."""
    deadline = time.monotonic() + LIFE + 20
    while connection.call("ZCARD", KEYS.open) and time.monotonic() < deadline:
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


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.stress", description=package.__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=30, help="duration (default 30)")
    parser.add_argument("--clients", type=int, default=64, help="clients at the same time (default 64)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the random choices (default 1)")
    given = parser.parse_args()
    return stress(given.seconds, given.clients, given.seed, Console(width=132))


if __name__ == "__main__":
    sys.exit(main())
