"""What promotions that do not touch a cart cost, kind by kind.

    python -m bench.kinds

For every kind of ``bench.rule_sets.OTHERS``, the rule set has many promotions of that kind next to those that touch the
carts. Compare the times with those of the first row, which has no others.
"""

from __future__ import annotations

from itertools import islice

from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

import engine.rules
from bench import carts, kept, mutations, rule_sets
from bench.timing import Timings, mutate, price
from engine._native.program import Program
from engine._native.session import Session
from engine.service.messages import cart_to_message

OTHERS, LINES = 2_000, 50
CARTS, LENGTH, ROUNDS = 10, 20, 10


def table(measured: list[dict[str, str | float]]) -> Table:
    shown = Table(
        title=f"{OTHERS:,} other promotions of one kind, carts of {LINES} lines: µs, p50", title_justify="left"
    )
    shown.add_column("kind", no_wrap=True)
    shown.add_column("cold", justify="right")
    shown.add_column("mutation", justify="right")
    for each in measured:
        shown.add_row(escape(each["kind"]), f"{each['cold']:,.2f}", f"{each['mutation']:,.2f}")
    return shown


def main() -> None:
    console = Console(width=132)
    opened = list(islice(carts.carts("kinds", LINES), CARTS))
    sent = [cart_to_message(cart).SerializeToString() for cart in opened]
    requests = [[step.sent for step in mutations.session(cart, "kinds", LENGTH)] for cart in opened]
    measured = []
    with Progress(console=console) as progress:
        for kind in progress.track((None, *range(len(rule_sets.OTHERS))), description="kinds of promotions"):
            count = rule_sets.TOUCHING + (0 if kind is None else OTHERS)
            text = rule_sets.text(count, kind=kind)
            session = Session(Program.load(engine.rules.compile(engine.rules.load_text(text))))
            clocks = [price(session, sent) for _ in range(ROUNDS)]
            cold = Timings.of([[last - first for first, *_, last in each] for each in clocks])
            mutated = Timings.of([[written for _, written in mutate(session, sent, requests)] for _ in range(ROUNDS)])
            measured.append({"kind": name(kind), "cold": cold.p50, "mutation": mutated.p50})
    kept.write("kinds", measured)
    console.print(table(measured))


def name(kind: int | None) -> str:
    """The name of a kind: its filter or else its condition, with no numbers filled in."""
    if kind is None:
        return "none"
    filter, _, _, *entries = rule_sets.OTHERS[kind]
    return (filter or entries[0]).replace("{{", "{").replace("}}", "}")


if __name__ == "__main__":
    main()
