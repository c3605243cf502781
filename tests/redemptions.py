"""A rule set with limits and budgets, replicas that serve it over one Redis, and shoppers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.client import PricingClient
from engine.pricing.cart import Cart, Customer, Line
from engine.service.server import Server
from tests.serving import running, settings_of

RULES = """\
ruleset: spring
currencies: [USD]
promotions:
  budgeted:
    name: 10.00 off, of 25.00
    layer: order
    when: cart.channel == "web"
    reward: {amount_off: {of: cart, per: order, amount: 10.00}}
    limits: {budget: 25.00}
  partly:
    name: 10.00 off, of 25.00, the last of it too
    layer: order
    when: cart.channel == "app"
    reward: {amount_off: {of: cart, per: order, amount: 10.00}}
    limits: {budget: 25.00, partial: true}
  three:
    name: 1.00 off for three
    layer: order
    when: cart.payment_method == "card"
    reward: {amount_off: {of: cart, per: order, amount: 1.00}}
    limits: {total: 3}
  daily:
    name: 2.00 off for two a day
    layer: order
    when: cart.payment_method == "daily"
    reward: {amount_off: {of: cart, per: order, amount: 2.00}}
    limits: {total: {times: 2, per: day}}
  welcome:
    name: 3.00 off, once for each customer
    layer: order
    when: cart.payment_method == "welcome"
    reward: {amount_off: {of: cart, per: order, amount: 3.00}}
    limits: {per_customer: 1}
  credited:
    name: 4.00 of credit, of 7.00
    layer: order
    when: cart.payment_method == "credit"
    reward: {credit: {amount: 4.00}}
    limits: {budget: 7.00}
  thanks:
    name: A note with the credit
    layer: order
    when: cart.payment_method == "credit"
    reward: {effect: {name: note, payload: thanks}}
  code:
    name: 5.00 off by a code
    layer: order
    coupon: {codes: [SUMMER, SOMMER]}
    reward: {amount_off: {of: cart, per: order, amount: 5.00}}
    limits: {per_code: 2}
  gift:
    name: A gift by the same code
    layer: order
    coupon: {codes: [SUMMER]}
    reward: {effect: {name: note, payload: hello}}
  club:
    name: 7.00 off by a code of one's own
    layer: order
    coupon: {pool: club}
    reward: {amount_off: {of: cart, per: order, amount: 7.00}}
  club-note:
    name: A note by the same code
    layer: order
    coupon: {pool: club}
    reward: {effect: {name: note, payload: welcome}}
    limits: {total: 50}
"""
UNTOUCHED = 10_000
"""The price of a cart without any promotion, in cents."""


def cart(id: str, *, customer: str = "", **others: Any) -> Cart:
    """A cart of 100.00."""
    return Cart(
        id=id,
        currency="USD",
        at=0,
        lines=(Line(id="a", sku="BOOT", quantity=2, price=5_000),),
        customer=Customer(id=customer) if customer else None,
        **others,
    )


@contextmanager
def replica(folder: Path, url: str | None, **others: Any) -> Iterator[Server]:
    """A service of RULES over the Redis at an address."""
    rules = folder / "spring.yaml"
    rules.write_text(RULES)
    with running(Server(settings_of(rules, redis=url, grace=0.2, **others))) as server:
        yield server


def total(client: PricingClient, cart: Cart) -> int:
    return client.price(cart).quote.total
