"""The findings of `cartwright lint`, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from engine._native.program import Program
from engine._native.session import Session
from engine.cli.printing import clock, say, stderr, stdout
from engine.lint import Finding, Lint, Unseen, Witness
from engine.money import format_amount
from engine.pricing.cart import Cart, Line
from engine.rules import CheckedRules, Source, compile, places
from engine.rules.checked_schedules import Zone
from engine.service.messages import cart_json


def print_findings(file: Path, rules: CheckedRules, sources: Sequence[Source]) -> int:
    """Print each finding with its carts, and what could not be examined; returns the number of findings."""
    found = unknown = 0
    console = stdout()
    for place, each in _placed(file, rules, sources, console if console.is_terminal else stderr()):
        if isinstance(each, Unseen):
            unknown += 1
            say(f"{place}: unseen: {_unseen(each)}", console)
            continue
        found += 1
        say(f"{place}: {each.kind.value}: {each.promotions[0]} {each.sentence}", console)
        for witness in each.witnesses:
            say(f"  {witness.shows}:", console)
            say(f"    {_cart(witness.cart, rules.zone)}", console)
            say(f"    {_figures(witness)}", console)
    say(f"{file}: {_counted(found, 'finding') or 'nothing found'}{_besides(unknown)}")
    return found


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'s' if count > 1 else ''}" if count else ""


def _besides(unknown: int) -> str:
    """A warning that not everything was examined."""
    return f"; not everything was examined ({_counted(unknown, 'line')} above)" if unknown else ""


def _unseen(each: Unseen) -> str:
    return f"{each.promotion}: {each.why}, so lint knows nothing about it" if each.promotion else each.why


def findings_json(file: Path, rules: CheckedRules, sources: Sequence[Source]) -> Iterator[tuple[str, dict[str, Any]]]:
    """For programs: ``findings`` with carts that `cartwright price` reads, amounts in minor units; and ``unseen``."""
    for place, each in _placed(file, rules, sources, stderr()):
        where = {"file": str(file), "place": place}
        if isinstance(each, Unseen):
            yield "unseen", {**where, "promotion": each.promotion, "why": each.why}
        else:
            yield "findings", {**where, **_finding(each)}


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "promotions": list(finding.promotions),
        "sentence": f"{finding.promotions[0]} {finding.sentence}",
        "witnesses": [_described(witness) for witness in finding.witnesses],
    }


def _placed(
    file: Path, rules: CheckedRules, sources: Sequence[Source], console: Console
) -> Iterator[tuple[str, Finding | Unseen]]:
    """Each finding with the place of its first promotion; if the console is a terminal, a bar shows the progress.

    What is printed meanwhile in the same terminal must be printed by the same console, so that the bar stays below it.
    """
    session = Session(Program.load(compile(rules)))
    standing: dict[str, str] = {}

    def place(promotion: str) -> str:
        if promotion and not standing:
            found = places(sources).promotions
            standing.update((id, f"{each.file}:{each.line}") for id, each in found.items())
        return standing[promotion] if promotion else str(file)

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("reading", total=None)

        def progress(what: str) -> None:
            bar.update(task, advance=1, description=what)

        looking = Lint(rules, session, progress)
        for finding in looking.findings():
            yield place(finding.promotions[0]), finding
        for each in looking.unseen():
            yield place(each.promotion), each


def _described(witness: Witness) -> dict[str, Any]:
    quote = witness.quote
    return {
        "shows": witness.shows,
        "cart": cart_json(witness.cart),
        "total": quote.total,
        "subtotal": quote.subtotal,
        "shipping": quote.shipping,
        "applied": [
            {
                "promotion_id": each.promotion_id,
                "amount": each.amount,
                "ungranted": each.ungranted,
                "points": each.points,
                "credit": each.credit,
            }
            for each in witness.quote.adjustments
        ],
    }


def _cart(cart: Cart, zone: Zone) -> str:
    """A short description of a cart; the moment is a time of the rule set's zone."""
    parts = list(_lines(cart))
    customer = cart.customer
    if customer is not None:
        known = {
            "tier": customer.tier,
            "segments": ", ".join(customer.segments),
            "orders": customer.orders,
            "points": customer.points,
            "lifetime spend": customer.lifetime_spend and format_amount(customer.lifetime_spend, cart.currency),
            "id": customer.id,
        }
        said = [f"{name} {value}" for name, value in known.items() if value not in ("", None)]
        parts.append(f"customer {', '.join([*said, *_attributes(customer.attributes)])}")
    for shipment in cart.shipments:
        where = [shipment.country, shipment.region, shipment.postal_code, shipment.store]
        rate = shipment.rates[0]
        price = format_amount(rate.price, cart.currency)
        parts.append(" ".join(["shipment", *filter(None, where), f"by {shipment.method} at {price}"]))
    parts += [
        f"{name} {value}" for name, value in (("channel", cart.channel), ("paid by", cart.payment_method)) if value
    ]
    parts += _attributes(cart.attributes)
    pools = {fact.code: f" of the pool {fact.pool}" for fact in cart.coupon_facts}
    parts += [f"code {code}{pools.get(code, '')}" for code in cart.coupons]
    if cart.declined_promotions:
        parts.append(f"declined {', '.join(cart.declined_promotions)}")
    return f"{'; '.join(parts)}; at {clock(cart.at // 10**9, zone)}"


def _attributes(attributes: Mapping[str, str | int | bool]) -> list[str]:
    return [f"{name} {str(value).lower() if isinstance(value, bool) else value}" for name, value in attributes.items()]


def _lines(cart: Cart) -> Iterator[str]:
    """Lines that differ only in their SKUs are grouped."""
    alike: dict[tuple[int, str], list[str]] = {}
    for line in cart.lines:
        alike.setdefault((line.quantity, _offer(line, cart.currency)), []).append(line.sku)
    for (quantity, offer), skus in alike.items():
        count = f"{len(skus):,} lines of " if len(skus) > 1 else ""
        several = list(dict.fromkeys(skus))
        named = several[0] if len(several) == 1 else f"{several[0]} … {several[-1]}"
        yield f"{count}{quantity:,} × {named} {offer}"


def _offer(line: Line, currency: str) -> str:
    """Describes a line without its quantity and SKU."""
    facts = [
        line.category,
        line.brand,
        *line.tags,
        *_attributes(line.attributes),
        *([] if line.weight is None else [f"weight {line.weight}"]),
        *(
            f"{name} {format_amount(value, currency)}"
            for name, value in (
                ("list price", line.list_price),
                ("cost", line.cost),
                ("minimum price", line.minimum_price),
            )
            if value is not None
        ),
    ]
    known = ", ".join(filter(None, facts))
    return f"at {format_amount(line.price, currency)}" + (f" ({known})" if known else "")


def _figures(witness: Witness) -> str:
    """The total of a cart, and the promotions that applied."""
    quote = witness.quote

    def amount(value: int) -> str:
        return format_amount(value, quote.currency)

    applied = []
    for each in quote.adjustments:
        given = [f"−{amount(each.amount)}"] if each.amount else []
        given += [f"{each.points:,} points"] if each.points else []
        given += [f"credit {amount(each.credit)}"] if each.credit else []
        given += [f"{each.gift.quantity:,} × {each.gift.sku or 'gift'}"] if each.gift is not None else []
        given += [f"{amount(each.ungranted)} not granted"] if each.ungranted else []
        applied.append(f"{each.promotion_id} {', '.join(given)}".strip())
    return f"total {amount(quote.total)} {quote.currency}; {'; '.join(applied) or 'nothing applied'}"
