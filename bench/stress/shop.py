"""The shop under stress: a rule set with little left to redeem, and how much that is."""

from __future__ import annotations

from dataclasses import dataclass

RULES = """\
ruleset: stress
currencies: [USD]
promotions:
  whole:
    layer: order
    when: cart.channel == "web"
    reward: {{percent_off: {{of: cart, per: order, percent: 13}}}}
    limits: {{budget: {budget}}}
  partly:
    layer: order
    when: cart.channel == "app"
    reward: {{percent_off: {{of: cart, per: order, percent: 17}}}}
    limits: {{budget: {budget}, partial: true}}
  coded:
    layer: order
    coupon: {{codes: [SUMMER, WINTER]}}
    reward: {{amount_off: {{of: cart, per: order, amount: 2.50}}}}
    limits: {{per_code: {uses}}}
  few:
    layer: order
    when: cart.payment_method == "card"
    reward: {{amount_off: {{of: cart, per: order, amount: 1.00}}}}
    limits: {{total: {uses}, per_customer: 3}}
  club:
    layer: order
    coupon: {{pool: club}}
    reward: {{amount_off: {{of: cart, per: order, amount: 3.00}}}}
"""
CODES = [f"CLUB-{number}" for number in range(200)]
"""The number of unique codes, of which each shopper takes one at random."""
KEY = "7" * 64
"""Of the unique codes."""
LIFE = 2
"""The lifetime of a reservation, in seconds."""


@dataclass
class Limits:
    """The most that may be redeemed: cents of each budget, uses of each code and in total."""

    budget: int
    uses: int
    per_customer: int = 3
