"""The findings of `cartwright lint`, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from engine._native.program import Program
from engine._native.session import Session
from engine.cli.printing import say, stderr, utc
from engine.lint import Finding, Witness, lint
from engine.money import format_amount
from engine.pricing.cart import Cart, Line
from engine.rules import CheckedRules, Limits, compile, places, read_sources
from engine.service.messages import cart_json


def print_findings(file: Path, rules: CheckedRules, limits: Limits) -> int:
    """Print each finding with its carts; how many there are."""
    found = 0
    for place, finding in _placed(file, rules, limits):
        found += 1
        text = f"{place}: {finding.kind.value}: {finding.promotions[0]} {finding.sentence}"
        say(text)
        for witness in finding.witnesses:
            say(f"  {witness.shows}:")
            say(f"    {_cart(witness.cart)}")
            say(f"    {_figures(witness)}")
    say(f"{file}: {_count(found)}")
    return found


def _count(found: int) -> str:
    return "nothing found" if not found else f"{found:,} finding{'s' if found > 1 else ''}"


def findings_json(file: Path, rules: CheckedRules, limits: Limits) -> list[dict[str, Any]]:
    """Each finding with its carts as `cartwright price` reads them; amounts are in minor units."""
    return [
        {
            "file": str(file),
            "place": place,
            "kind": finding.kind.value,
            "promotions": list(finding.promotions),
            "sentence": f"{finding.promotions[0]} {finding.sentence}",
            "witnesses": [_described(witness) for witness in finding.witnesses],
        }
        for place, finding in _placed(file, rules, limits)
    ]


def _placed(file: Path, rules: CheckedRules, limits: Limits) -> Iterator[tuple[str, Finding]]:
    """Findings, each with the place of its first promotion; what is looked at is shown while it takes long."""
    session = Session(Program.load(compile(rules)))
    standing: dict[str, str] = {}
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=stderr(), transient=True) as bar:
        task = bar.add_task("reading", total=None)

        def progress(what: str) -> None:
            bar.update(task, advance=1, description=what)

        for finding in lint(rules, session, progress):
            if not standing:
                found = places(read_sources([file], limits), limits).promotions
                standing = {id: f"{place.file}:{place.line}" for id, place in found.items()}
            yield standing[finding.promotions[0]], finding


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


def _cart(cart: Cart) -> str:
    """A cart in a few words."""
    parts = [_line(line, cart.currency) for line in cart.lines]
    customer = cart.customer
    if customer is not None:
        known = {
            "tier": customer.tier,
            "segments": ", ".join(customer.segments),
            "orders": customer.orders,
            "points": customer.points,
            "lifetime spend": customer.lifetime_spend,
            "id": customer.id,
            **customer.attributes,
        }
        said = [f"{name} {value}" for name, value in known.items() if value not in ("", None)]
        parts.append(f"customer {', '.join(said)}")
    for shipment in cart.shipments:
        where = [shipment.country, shipment.region, shipment.postal_code, shipment.store]
        rate = shipment.rates[0]
        price = format_amount(rate.price, cart.currency)
        parts.append(" ".join(["shipment", *filter(None, where), f"by {shipment.method} at {price}"]))
    parts += [
        f"{name} {value}" for name, value in (("channel", cart.channel), ("paid by", cart.payment_method)) if value
    ]
    parts += [f"{name} {value}" for name, value in cart.attributes.items()]
    pools = {fact.code: f" of the pool {fact.pool}" for fact in cart.coupon_facts}
    parts += [f"code {code}{pools.get(code, '')}" for code in cart.coupons]
    if cart.declined_promotions:
        parts.append(f"declined {', '.join(cart.declined_promotions)}")
    return f"{'; '.join(parts)}; at {utc(cart.at // 10**9)}"


def _line(line: Line, currency: str) -> str:
    facts = [
        line.category,
        line.brand,
        *line.tags,
        *(f"{name} {value}" for name, value in line.attributes.items()),
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
    return f"{line.quantity:,} × {line.sku} at {format_amount(line.price, currency)}" + (f" ({known})" if known else "")


def _figures(witness: Witness) -> str:
    """What the cart comes to, and by what."""
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
