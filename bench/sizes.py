"""How long rule sets take to compile and load, and how much memory they and their sessions take.

    python -m bench.sizes [--lines N] [PROMOTIONS ...]

Each size is measured in its own process. Compile times are processor times, so that other work on the machine does not
count. Native memory is what the C library has handed out (``mallinfo2``), so it is exact; small Python objects are not
included, but are few. A live session is what the service holds of a cart that was priced a moment ago, with the
segments of its lines; a kept cart is the bytes of a cart and its quote, which the service holds for every shopper. All
sessions are priced in one workspace; the service has one for each call under way. Peak memory is that of the process,
including Python and everything loaded.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import resource
import subprocess
import sys
import time
from itertools import islice

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import engine.rules
from bench import carts, kept, rule_sets
from engine._native.program import Program
from engine._native.session import Session
from engine.service.messages import cart_to_message

SIZES = (10, 100, 1_000, 10_000, 100_000)
SESSIONS = 20
LOADS = 7
SIZE = ctypes.c_size_t


class MallInfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = tuple(
        (name, SIZE)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks"),
            "keepcost",
        )
    )


def native_memory() -> int:
    """Bytes that malloc has handed out and that are not freed."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = MallInfo
    info = mallinfo2()
    return info.uordblks + info.hblkhd


def peak_memory() -> int:
    """The most bytes that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def measure(promotions: int, lines: int) -> dict[str, float]:
    text = rule_sets.text(promotions)
    begin = time.process_time()
    checked = engine.rules.load_text(text)
    read = time.process_time()
    artifact = engine.rules.compile(checked)
    compiled = time.process_time()
    peak = peak_memory()
    loads = []
    for _ in range(LOADS):
        before = native_memory()
        started = time.perf_counter()
        program = Program.load(artifact)
        loads.append(time.perf_counter() - started)
        program_memory = native_memory() - before
        if len(loads) < LOADS:
            del program
    sent = [cart_to_message(cart).SerializeToString() for cart in islice(carts.carts("sizes", lines), SESSIONS)]
    before = native_memory()
    spare = Session(program)
    kept = sum(sum(map(len, priced(spare, cart))) for cart in sent) / SESSIONS
    workspace = native_memory() - before
    sessions = [Session(program, spare.workspace) for _ in sent]
    for session, cart in zip(sessions, sent, strict=True):
        priced(session, cart)
        session.trim()
    live = (native_memory() - before - workspace) / SESSIONS
    return {
        "promotions": promotions,
        "lines": lines,
        "text": len(text),
        "read": read - begin,
        "compile": compiled - begin,
        "peak": peak,
        "artifact": len(artifact),
        "load": min(loads),
        "program": program_memory,
        "workspace": workspace,
        "live": live,
        "texts": sum(map(len, sent)) / SESSIONS,
        "kept": kept,
    }


def priced(session: Session, sent: bytes) -> tuple[bytes, bytes]:
    """A cart and its quote."""
    session.load_bytes(sent, carts.AT)
    session.evaluate()
    return session.cart_bytes(), session.quote_bytes()


def table(measured: list[dict[str, float]]) -> Table:
    shown = Table(title=f"Rule sets; sessions with {measured[0]['lines']:,.0f} lines", title_justify="left")
    for head in ("promotions", "compile", "of it reading", "peak", "artifact", "load", "program"):
        shown.add_column(head, justify="right")
    for head in ("each promotion", "workspace", "live session", "+ its texts", "kept cart"):
        shown.add_column(head, justify="right")
    for each in measured:
        resident = each["artifact"] + each["program"]
        shown.add_row(
            f"{each['promotions']:,.0f}",
            f"{each['compile']:.2f} s",
            f"{each['read']:.2f} s",
            f"{each['peak'] / 2**20:,.0f} MiB",
            f"{each['artifact'] / 2**10:,.0f} KiB",
            f"{each['load'] * 1000:,.2f} ms",
            f"{each['program'] / 2**10:,.0f} KiB",
            f"{resident / each['promotions']:,.0f} B",
            f"{each['workspace'] / 2**10:,.0f} KiB",
            f"{each['live'] / 2**10:,.1f} KiB",
            f"{each['texts'] / 2**10:,.1f} KiB",
            f"{each['kept'] / 2**10:,.1f} KiB",
        )
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.sizes", description=__doc__.partition("\n")[0])
    parser.add_argument("promotions", nargs="*", type=int, default=SIZES, help="sizes of rule sets")
    parser.add_argument("--lines", type=int, default=50, help="lines of the carts in the sessions (default 50)")
    parser.add_argument("--here", action="store_true", help="measure one size in this process; prints JSON")
    given = parser.parse_args()
    if given.here:
        print(json.dumps(measure(given.promotions[0], given.lines)))
        return
    console = Console(width=150)
    measured = []
    with Progress(console=console) as progress:
        for promotions in progress.track(given.promotions, description="rule sets compiled"):
            command = [sys.executable, "-m", "bench.sizes", "--here", "--lines", str(given.lines), str(promotions)]
            measured.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    kept.write("sizes", measured)
    console.print(table(measured))


if __name__ == "__main__":
    main()
