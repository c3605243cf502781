"""Prices the examples of a rule set and reports those whose figures differ."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from engine.cli.explanation import why_not
from engine.cli.printing import say, stdout
from engine.cli.quote import receipt
from engine.rules import CheckedRules
from engine.rules.judging import differences
from engine.service.pricer import Pricer
from engine.service.rule_set import ServedRuleSet

_IN_FULL = 10
"""So many failing examples are shown in full. If more fail, it is mostly for one reason, and each takes its time."""


def print_examples(file: Path, rules: CheckedRules) -> int:
    """Price each example natively and print a line for it; returns how many fail.

    The first that fail are shown with their receipt, and why other promotions do not apply.
    """
    failed = 0
    pricer = Pricer([ServedRuleSet.of(rules)])
    for example in rules.examples:
        priced = pricer.price(example.cart)
        found = list(differences(example, priced.quote))
        say(f"{'failed' if found else 'ok'} {file}: {example.name}")
        for difference in found:
            say(f"  {difference}")
        failed += bool(found)
        if found and failed <= _IN_FULL:
            stdout().print(receipt(priced.quote, priced.engine_ns, rules.zone))
            for part in why_not(pricer.price(replace(example.cart, explain=True)).quote):
                stdout().print(part)
    if failed > _IN_FULL:
        say(f"{file}: receipts and reasons are those of the first {_IN_FULL} that fail")
    say(f"{file}: {_summary(len(rules.examples), failed)}")
    return failed


def _summary(count: int, failed: int) -> str:
    if not count:
        return "no examples; add some under `examples:`, such as [{name: …, cart: {lines: …}, total: …}]"
    return f"{count - failed:,} of {count:,} examples ok"
