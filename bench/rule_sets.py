"""Rule sets of any size for the carts of ``bench.carts``, as rule files.

The first promotions *touch* the carts: ten kinds that every shop has, and more of the same kinds if more are wanted.
They are the same however many *others* there are, so that costs compare across sizes. The others are live, too, but
about products, brands, tags, prices, tiers, codes, amounts, places and days that do not occur in the carts.
"""

from __future__ import annotations

from datetime import date, timedelta

from bench.carts import BRANDS, CATEGORIES, COUPON, WORDS

TOUCHING = 10
"""How many promotions touch the carts by default."""
SPEND_STEPS = ((20, 1), (40, 2), (70, 4), (110, 6), (160, 10), (230, 14), (320, 20), (450, 28), (630, 40), (880, 55))
"""Pounds spent and pounds off: carts of one line reach no step, and a few lines more or less cross one."""

HEAD = """\
ruleset: bench
currencies: [GBP]
timezone: Europe/London
attributes:
  item: {material: string}
"""
TOUCHING_SEGMENTS = f"""\
  picnic: '"{WORDS[0]}" in item.tags || "{WORDS[1]}" in item.tags'
  kitchen: item.category in ["{CATEGORIES[0]}", "{CATEGORIES[1]}", "{CATEGORIES[2]}"]
  northern: item.brand in ["{BRANDS[0]}", "{BRANDS[1]}", "{BRANDS[2]}", "{BRANDS[3]}"]
  bulk: item.quantity >= 12
  dear: item.price >= 5.00
  garden: item.category in ["{CATEGORIES[3]}", "{CATEGORIES[4]}"]
"""
TOUCHING_PROMOTIONS = f"""\
  buy-two-get-one:
    layer: item
    priority: 10
    reward:
      buy_get:
        buy: {{of: picnic, quantity: 2}}
        get: {{of: picnic, quantity: 1, percent_off: 100}}
        repeat: 3
  kitchen-days:
    layer: item
    reward: {{percent_off: {{of: kitchen, percent: 5, per: line}}}}
  northern-weeks:
    layer: item
    reward: {{percent_off: {{of: northern, percent: 4, per: unit}}}}
  by-the-dozen:
    layer: item
    reward: {{percent_off: {{of: bulk, percent: 8, per: line}}}}
  finer-things:
    layer: item
    reward: {{percent_off: {{of: dear, percent: 3, per: line}}}}
  spend-and-save:
    layer: order
    reward:
      amount_off:
        of: cart
        per: order
        amount: {{by: cart.subtotal, steps: [{", ".join(f"{{from: {a}.00, value: {b}.00}}" for a, b in SPEND_STEPS)}]}}
  gold-members:
    layer: order
    when: customer.tier == "gold"
    reward: {{percent_off: {{of: cart, percent: 2, per: order}}}}
  garden-coupon:
    layer: order
    when: garden.subtotal >= 20.00
    coupon: {{codes: [{COUPON}]}}
    reward: {{amount_off: {{of: garden, per: order, amount: 3.00}}}}
  free-standard:
    layer: shipping
    when: cart.subtotal >= 95.00
    reward: {{shipping: {{free: true, methods: [standard]}}}}
  a-point-a-pound:
    layer: points
    reward: {{points: {{per_unit_spent: 1}}}}
"""


def text(promotions: int, touching: int = TOUCHING, kind: int | None = None) -> str:
    """A rule file with promotions of which ``touching``, at least 10, touch the carts.

    The others are of all kinds in turn, or of one kind, given by its place in ``OTHERS``.
    """
    if not TOUCHING <= touching <= promotions:
        raise ValueError("at least 10 promotions must touch the carts, and no more than there are")
    more = [_more(index) for index in range(touching - TOUCHING)]
    kinds = OTHERS if kind is None else (OTHERS[kind],)
    others = [_other(index, kinds) for index in range(promotions - touching)]
    segments = "".join(f"  {name}: '{filter}'\n" for name, filter, _ in (*more, *others) if filter)
    return "".join(
        (
            HEAD,
            "segments:\n",
            TOUCHING_SEGMENTS,
            segments,
            "promotions:\n",
            TOUCHING_PROMOTIONS,
            *(f"  {name}_promotion:\n{body}" for name, _, body in (*more, *others)),
        )
    )


def _more(index: int) -> tuple[str, str, str]:
    """Name, segment and promotion of one more that touches the carts: some lines meet its filter."""
    name = f"more_{index:06}"
    by, percent = divmod(index, 5)
    filter = (
        f'item.category == "{CATEGORIES[by % len(CATEGORIES)]}"',
        f'item.brand == "{BRANDS[by % len(BRANDS)]}"',
        f'"{WORDS[by % len(WORDS)]}" in item.tags',
        f"item.quantity >= {2 + by % 22}",
        f"item.price >= {(100 + 20 * (by % 50)) / 100:.2f}",
    )[index % 5]
    return name, filter, _reward("item", f"percent_off: {{of: {name}, percent: 0.{percent % 5 + 5}, per: line}}")


def _other(index: int, kinds: tuple[tuple[str, ...], ...]) -> tuple[str, str, str]:
    """Name, segment (or none) and promotion of one that does not touch the carts."""
    name = f"other_{index:06}"
    number, kind = divmod(index, len(kinds))
    filter, layer, reward, *conditions = kinds[kind]
    facts = {
        "name": name,
        "number": f"{number:05}",
        "few": f"{number % 2000:04}",
        "category": CATEGORIES[number % len(CATEGORIES)],
        "word": WORDS[number % len(WORDS)],
        "from_price": f"{1000 + number}.00",
        "to_price": f"{1010 + number}.00",
        "subtotal": f"{1_000_000 + number}.00",
        "day": date(2031, 1, 1) + timedelta(days=number),
        "percent": 5 + number % 30,
    }
    body = _reward(layer, reward.format_map(facts), *(each.format_map(facts) for each in conditions))
    return name, filter.format_map(facts), body


def _reward(layer: str, reward: str, *entries: str) -> str:
    return "".join(
        (
            f"    layer: {layer}\n",
            *(f"    {entry}\n" for entry in entries),
            f"    reward: {{{reward}}}\n",
        )
    )


# By kind: segment, layer, reward and what else a promotion has.
OTHERS: tuple[tuple[str, ...], ...] = (
    ('item.sku == "OTHER-{number}"', "item", "percent_off: {{of: {name}, percent: {percent}}}"),
    (
        'item.sku in ["OTHER-{number}-A", "OTHER-{number}-B", "OTHER-{number}-C"]',
        "item",
        "fixed_price: {{of: {name}, price: 4.99, per: unit}}",
    ),
    (
        'item.category == "{category}" && item.brand == "other-brand-{few}"',
        "item",
        "percent_off: {{of: {name}, percent: {percent}, per: unit}}",
    ),
    (
        'item.category == "other/{few}"',
        "item",
        "buy_get: {{buy: {{of: {name}, quantity: 2}}, get: {{of: {name}, quantity: 1, percent_off: 50}}}}",
    ),
    (
        '"other-{number}" in item.tags && "{word}" in item.tags',
        "item",
        "amount_off: {{of: {name}, amount: 0.50, per: unit}}",
    ),
    (
        "item.price >= {from_price} && item.price < {to_price}",
        "item",
        "percent_off: {{of: {name}, percent: {percent}, up_to: 25.00}}",
    ),
    (
        'item.attributes.material == "other-{number}" && item.quantity >= 3',
        "item",
        "percent_off: {{of: {name}, percent: {percent}}}",
    ),
    (
        "",
        "order",
        "percent_off: {{of: cart, percent: {percent}, per: order}}",
        'when: customer.tier == "other-{number}"',
    ),
    (
        "",
        "order",
        "amount_off: {{of: cart, amount: 5.00, per: order}}",
        "coupon: {{codes: [OTHER{number}]}}",
        "when: cart.subtotal >= 20.00",
    ),
    (
        "",
        "order",
        "percent_off: {{of: cart, percent: {percent}, per: order, up_to: 50.00}}",
        "when: cart.subtotal >= {subtotal}",
    ),
    (
        'item.brand == "other-maker-{number}"',
        "order",
        "amount_off: {{of: {name}, amount: 10.00, per: order}}",
        "when: {name}.subtotal >= 50.00",
    ),
    (
        'item.sku.startsWith("OTHER-LINE-{number}-")',
        "order",
        "bundle: {{parts: [{{of: {name}, quantity: 3}}], percent_off: {percent}}}",
        "when: {name}.quantity >= 3",
    ),
    (
        "",
        "order",
        "percent_off: {{of: cart, percent: {percent}, per: order}}",
        "schedule: {{from: {day}, until: 2099-01-01, weekdays: [fri, sat], hours: '17:00-22:00'}}",
    ),
    ("", "order", "credit: {{amount: 5.00}}", "when: '\"other-{number}\" in customer.segments'"),
    ("", "shipping", "shipping: {{percent_off: 50}}", 'when: shipment.country == "Other {number}"'),
    ("", "points", "points: {{fixed: 100}}", "when: cart.subtotal >= {subtotal} && cart.skus >= 5"),
)
