"""The examples of a rule set priced: whether each comes to what it says, and where not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from engine._native.program import Program
from engine.cli.receipt import printable, receipt
from engine.money import format_amount
from engine.pricing.quote import Quote
from engine.rules import CheckedRules, compile
from engine.rules.checked import Example
from engine.service.pricer import Pricer


def print_examples(file: Path, rules: CheckedRules, console: Console) -> int:
    """Price each example natively and print a line for it, with a receipt for one that fails; how many fail."""
    failed = 0
    pricer = Pricer([Program.load(compile(rules))])
    for example in rules.examples:
        priced = pricer.price(example.cart)
        differences = list(_differences(example, priced.quote))
        console.print(printable(f"{'failed' if differences else 'ok'} {file}: {example.name}"), soft_wrap=True)
        if differences:
            failed += 1
            for difference in differences:
                console.print(printable(f"  {difference}"), soft_wrap=True)
            console.print(receipt(priced.quote, priced.engine_ns))
    console.print(printable(f"{file}: {_summary(len(rules.examples), failed)}"), soft_wrap=True)
    return failed


def _summary(count: int, failed: int) -> str:
    if not count:
        return "no examples"
    return f"{count - failed:,} of {count:,} examples ok"


def _differences(example: Example, quote: Quote) -> Iterator[str]:
    lines = {line.id: line.subtotal for line in quote.lines}
    figures = [
        ("total", example.total, quote.total),
        ("subtotal", example.subtotal, quote.subtotal),
        ("shipping", example.shipping, quote.shipping),
        *((f"line {id}", wanted, lines[id]) for id, wanted in example.lines),
    ]
    for what, wanted, found in figures:
        if wanted is not None and wanted != found:
            yield _difference(what, format_amount(wanted, quote.currency), format_amount(found, quote.currency))
    applied = tuple(each.promotion_id for layer in quote.layers for each in layer.adjustments)
    if example.applied is not None and example.applied != applied:
        yield _difference("applied", _listed(example.applied), _listed(applied))


def _listed(ids: tuple[str, ...]) -> str:
    return ", ".join(ids) or "nothing"


def _difference(what: str, wanted: str, found: str) -> str:
    return f"{what}: wanted {wanted}, found {found}"
