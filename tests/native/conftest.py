"""A rule set that uses every kind of record, and carts for it."""

from __future__ import annotations

import pytest

from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment, Usage
from engine.rules import compile, load_text

RULES = """\
ruleset: everything
currencies: [USD, EUR]
timezone: America/New_York
floor: {markup_percent: 5}
amounts:
  fifty: {USD: 50.00, EUR: 45.00}
attributes:
  item: {color: string}
  customer: {age: int}
  cart: {gift: bool}
segments:
  shoes: item.category.startsWith("shoes/") && item.attributes.color in ["red", "blue"]
  sale: '"sale" in item.tags || item.quantity * 2 > size(item.sku)'
groups:
  seasonal: {policy: one}
leftover: last_line
coupons: {per_cart: one}
layers:
  - {name: item, kind: goods, percentages: compounding}
  - {name: order, kind: goods, combine: first}
  - {name: extras, kind: goods, combine: best}
  - {name: shipping, kind: shipping}
  - {name: loyalty, kind: points}
promotions:
  shoes-10:
    layer: item
    priority: 5
    when: shoes.skus >= 1 && customer.attributes.age >= 18
    reward: {percent_off: {of: shoes, percent: 10, up_to: {USD: 20.00, EUR: 18.00}}}
  sale-unit:
    layer: item
    tags: [sale]
    when: 'has(customer.tier) ? customer.tier != "none" : cart.attributes.gift'
    reward: {amount_off: {of: sale, per: unit, amount: {USD: 1.01, EUR: 0.99}}}
  evenings:
    layer: item
    schedule: {from: 2026-06-01, until: 2026-08-31, weekdays: [fri, sat, sun], hours: "17:00-23:00"}
    reward: {fixed_price: {of: cart, per: line, price: {USD: 30.00, EUR: 28.00}}}
  two-of-three:
    layer: item
    group: seasonal
    reward: {buy_get: {buy: {of: shoes, quantity: 1}, get: {of: cart, quantity: 1, percent_off: 50}, repeat: unlimited}}
  outfit:
    layer: item
    priority: -1
    excludes: [evenings]
    reward:
      bundle:
        parts: [{of: cart, quantity: 1}, {of: discountable, quantity: 1}]
        fixed_price: {USD: 60.00, EUR: 55.00}
        pick: dearest
        repeat: 3
  cheapest:
    layer: item
    priority: -2
    exclusive: layer
    reward: {percent_off: {of: cart, percent: 20, units: {quantity: 3}}}
  second-of-two:
    layer: item
    priority: -3
    reward:
      percent_off:
        of: cart
        percent: 5
        skip_reduced: true
        shipping: true
        base: list_price
        units: {quantity: {by: customer.tier, values: {gold: 2}}, per: line, sets: {of: 2, take: 2, arrange: rows}}
  alone:
    layer: item
    exclusive: strict
    when: customer.tier == "staff"
    reward: {percent_off: {of: cart, percent: 30}}
  season:
    layer: order
    group: seasonal
    excludes: ['tag:sale']
    reward: {amount_off: {of: cart, per: line, amount: {USD: 2.00, EUR: 2.00}}}
  spend-more:
    layer: order
    reward:
      percent_off:
        of: cart
        per: order
        percent: {by: cart.subtotal, steps: [{from: fifty, value: 5}, {from: {USD: 100.00, EUR: 95.00}, value: 12.5}]}
  by-tier:
    layer: order
    reward:
      amount_off:
        of: cart
        per: order
        amount: {by: customer.tier, values: {gold: {USD: 15.00, EUR: 14.00}, silver: {USD: 5.00, EUR: 4.00}}}
  free-shipping:
    layer: shipping
    when: cart.subtotal >= fifty && shipment.country == "US"
    reward: {shipping: {free: true, methods: [standard, express], up_to: {USD: 9.00, EUR: 8.00}}}
  summer-code:
    layer: extras
    coupon: {codes: [Summer, SUN]}
    limits: {total: 100, per_customer: 2, per_code: 50, budget: {USD: 500.00, EUR: 450.00}, partial: true}
    reward: {amount_off: {of: cart, per: order, amount: {USD: 3.00, EUR: 3.00}}}
  few-left:
    layer: extras
    limits: {budget: {USD: 1.00, EUR: 1.00}}
    reward: {percent_off: {of: cart, percent: 50}}
  tote:
    layer: loyalty
    reward:
      gift:
        choices: [TOTE, CAP]
        quantity: 2
        for_every: {of: shoes, quantity: 2}
        weight: 250
        value: {USD: 4.00, EUR: 4.00}
  earn:
    layer: loyalty
    reward: {points: {per_unit_spent: 1.25, of: shoes, value: {USD: 0.50, EUR: 0.50}}}
  welcome:
    layer: loyalty
    reward: {points: {fixed: 100}}
  double:
    layer: loyalty
    reward: {points: {multiplier: 2}}
  back:
    layer: loyalty
    reward: {credit: {amount: {USD: 5.00, EUR: 4.50}}}
  confetti:
    layer: loyalty
    reward: {effect: {name: confetti, payload: "{}"}}
"""


@pytest.fixture(scope="session")
def artifact() -> bytes:
    return compile(load_text(RULES))


@pytest.fixture
def cart() -> Cart:
    return Cart(
        id="cart",
        currency="USD",
        at=1_780_700_000 * 10**9,
        lines=(
            Line(id="b", sku="BOOT", quantity=3, price=8000, category="shoes/boots", attributes={"color": "red"}),
            Line(id="a", sku="HAT", quantity=2, price=1999, cost=1000, tags=("sale",), weight=120),
            Line(id="gift", sku="CAP", quantity=1, price=0, gift_of="tote"),
            Line(id="c", sku="Ä-1", quantity=1, price=5, minimum_price=4, discountable=False),
        ),
        shipments=(
            Shipment(id="s", country="US", method="standard", rates=(Rate(method="standard", price=795),)),
            Shipment(id="t", pickup=True, store="7"),
        ),
        customer=Customer(tier="gold", attributes={"age": 40}),
        attributes={"gift": True},
        coupons=("A", "", "SUMMER"),
        usage=(Usage(promotion_id="summer-code", total=3, spent=49_900), Usage(promotion_id="few-left", spent=10)),
    )
