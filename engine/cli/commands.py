"""The commands of ``cartwright``. Exit codes: 0 done, 1 the input has mistakes, 2 wrong usage or environment.

Libraries that only pricing, serving and the store need (protobuf, gRPC, Redis) are imported by the commands that use
them: otherwise a `check` would take half as long again.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from engine.cli.coupons import coupons
from engine.cli.options import (
    DEFAULT_RULE_BYTES,
    RULE_SET,
    Format,
    MaxRuleBytes,
    OutputFormat,
    any_moment,
    examples,
    nanoseconds,
)
from engine.cli.printing import print_anywhere, print_json, say, stderr, stdout
from engine.cli.quote import receipt
from engine.cli.receipts import receipts
from engine.cli.redemptions import redemptions
from engine.cli.report import MISTAKE, report
from engine.cli.rule_sets import app as rule_sets
from engine.cli.serve import serve
from engine.pricing.cart import Cart
from engine.rules import CheckedRules, InvalidRules, Limits, Source, json_schema, load, load_with_sources
from engine.rules.checked_schedules import Zone

app = typer.Typer(
    name="cartwright",
    help="Promotions and prices: check and test rule files, price carts, serve checkouts.",
    epilog="Exit codes: 0 done, 1 the input has mistakes, 2 wrong usage or environment. "
    "Options can also be set in the environment, such as CARTWRIGHT_SERVE_LISTEN.",
    context_settings={"auto_envvar_prefix": "CARTWRIGHT"},
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

app.add_typer(rule_sets)
app.add_typer(coupons)
app.add_typer(receipts)
app.add_typer(redemptions)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and exit; errors are reported, never raised as a traceback."""
    try:
        app(arguments, prog_name="cartwright")
    except Exception as error:
        sys.exit(report(error, stderr()))


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cartwright {version('cartwright')}")
        raise typer.Exit


@app.callback()
def cartwright(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            callback=_print_version,
            is_eager=True,
            allow_from_autoenv=False,
            help="Print the version and exit.",
        ),
    ] = False,
) -> None:
    print_anywhere()


RuleSets = Annotated[
    list[Path],
    typer.Argument(exists=True, readable=True, metavar="FILE", help="Rule sets, each a file or a folder."),
]


@app.command(epilog=examples("cartwright check summer.yaml", "cartwright check rules/summer/ rules/winter.yaml"))
def check(files: RuleSets, max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES) -> None:
    """Report every mistake in rule sets, each with its place."""
    for file, checked, _ in _loaded(files, max_rule_bytes, stdout()):
        say(f"ok {file}: {_contents(checked)}")


def _loaded(
    files: list[Path], max_rule_bytes: int, console: Console
) -> Iterator[tuple[Path, CheckedRules, tuple[Source, ...]]]:
    """The rule sets that load, with their texts. Mistakes of others are printed; after the last, the command fails."""
    sound = True
    for file in files:
        try:
            checked, sources = load_with_sources([file], Limits(size=max_rule_bytes))
        except InvalidRules as error:
            report(error, console)
            sound = False
        else:
            yield file, checked, sources
    if not sound:
        raise typer.Exit(MISTAKE)


def _contents(checked: CheckedRules) -> str:
    promotions = f"{len(checked.promotions):,} promotions in {len(checked.layers):,} layers"
    return f"{checked.name}, {promotions}, {', '.join(checked.currencies)}"


@app.command("test", epilog=examples("cartwright test summer.yaml"))
def run_examples(files: RuleSets, max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES) -> None:
    """Price the examples in rule sets, and show what differs."""
    from engine.cli.examples import print_examples

    failed = 0
    for file, checked, _ in _loaded(files, max_rule_bytes, stdout()):
        failed += print_examples(file, checked)
    if failed:
        raise typer.Exit(MISTAKE)


@app.command(
    epilog=examples(
        "cartwright lint summer.yaml",
        "cartwright lint --format json summer.yaml | jq '.findings[0].witnesses[0].cart' "
        "| cartwright price --rules summer.yaml -",
    )
)
def lint(
    files: RuleSets,
    format: OutputFormat = Format.TABLE,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Report what valid rule sets probably do not intend.

    Every finding has priced carts that show it.
    """
    from engine.cli.lint import findings_json, print_findings

    messages = stdout() if format is Format.TABLE else stderr()
    found = 0
    described: dict[str, list[dict[str, Any]]] = {"findings": [], "unseen": []}
    for file, checked, sources in _loaded(files, max_rule_bytes, messages):
        if format is Format.TABLE:
            found += print_findings(file, checked, sources)
        else:
            for key, each in findings_json(file, checked, sources):
                described[key].append(each)
    if format is Format.JSON:
        print_json(described)
    if found or described["findings"]:
        raise typer.Exit(MISTAKE)


@app.command(epilog=examples("cartwright schema > rules.schema.json"))
def schema() -> None:
    """Print the JSON Schema of rule files, for editors."""
    typer.echo(json.dumps(json_schema(), indent=2))


RuleSetToPrice = Annotated[Path, typer.Option("--rules", exists=True, readable=True, help=RULE_SET)]
CartFile = Annotated[
    Path,
    typer.Argument(metavar="CART.json", help="Cart, as the JSON mapping of engine.v1.Cart; - reads standard input."),
]
Moment = Annotated[
    datetime | None,
    typer.Option(
        parser=any_moment,
        metavar="TIME",
        help="Moment to price at, such as 2026-06-05T18:30 (in the rule set's time zone) or 2026-06-05T18:30Z. "
        "Default: the cart's own, else now.",
    ),
]


@app.command(
    epilog=examples(
        "cartwright price --rules summer.yaml cart.json",
        "jq .cart order.json | cartwright price --rules summer.yaml --format json -",
    )
)
def price(
    rules: RuleSetToPrice,
    cart: CartFile,
    at: Moment = None,
    format: OutputFormat = Format.TABLE,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Price one cart."""
    from engine.service.messages import quote_json
    from engine.service.pricer import Pricer
    from engine.service.rule_set import ServedRuleSet

    checked = load([rules], Limits(size=max_rule_bytes))
    priced = Pricer([ServedRuleSet.of(checked)]).price(_sent(cart, at, checked.zone))
    if format is Format.JSON:
        typer.echo(quote_json(priced.quote))
    else:
        stdout().print(receipt(priced.quote, priced.engine_ns, checked.zone))


@app.command(
    epilog=examples(
        "cartwright explain --rules summer.yaml cart.json",
        "cartwright explain --rules summer.yaml --at 2026-06-05T18:30:00Z --format json cart.json",
    )
)
def explain(
    rules: RuleSetToPrice,
    cart: CartFile,
    at: Moment = None,
    format: OutputFormat = Format.TABLE,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Price one cart and explain the price.

    It shows each layer, why other promotions do not apply, what to add, and
    what other shipping rates would cost.
    """
    from engine.cli.explanation import explanation
    from engine.service.messages import quote_json
    from engine.service.pricer import Pricer
    from engine.service.rule_set import ServedRuleSet

    checked = load([rules], Limits(size=max_rule_bytes))
    asked = replace(_sent(cart, at, checked.zone), explain=True, compare_rates=True)
    priced = Pricer([ServedRuleSet.of(checked)]).price(asked)
    if format is Format.JSON:
        typer.echo(quote_json(priced.quote))
    else:
        stdout().print(explanation(priced.quote, checked.zone))


def _sent(file: Path, at: datetime | None, zone: Zone) -> Cart:
    """The cart in a file or, for ``-``, on standard input; ``at`` overrides its own."""
    from engine.service.messages import cart_from_json

    data = sys.stdin.buffer.read() if file == Path("-") else file.read_bytes()
    sent = cart_from_json(data, now=time.time_ns())
    return sent if at is None else replace(sent, at=nanoseconds(at, zone))


app.command(epilog=examples("cartwright serve --rules summer.yaml --rules outlet/ --listen 0.0.0.0:50051"))(serve)


@app.command("demo")
def run_demo() -> None:
    """Start a service and price a shopper's cart as it changes."""
    from engine.cli.demo import demo

    if not demo(stdout()):
        raise typer.Exit(MISTAKE)
