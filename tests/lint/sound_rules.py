"""Sound rule sets as shops write them, built from a number: the promotions of each layer in one of several shapes."""

from __future__ import annotations

from random import Random

COUNT = 40


def sound_rules(seed: int) -> str:
    """The text of a rule file in which lint must find nothing."""
    random = Random(seed)
    parts = [
        f"ruleset: shop-{seed}",
        "currencies: [USD]",
        random.choice(("timezone: Europe/Vienna", "timezone: America/New_York", "rounding: half_even")),
        random.choice(("", "floor: {markup_percent: 5}")),
        "segments:",
        '  shoes: item.category.startsWith("shoes/")',
        '  socks: item.category == "socks"',
        "  tents: '\"tent\" in item.tags'",
        "groups: {season: {policy: one}, loyal: {policy: all}}",
        _layers(random),
        "promotions:",
        *_item(random),
        *_order(random),
        *_shipping(random),
        *_points(random),
    ]
    return "\n".join(filter(None, parts)) + "\n"


def _layers(random: Random) -> str:
    item, order = random.choice((("all", "all"), ("all", "first"), ("best", "best"), ("all", "best")))
    return (
        "layers:\n"
        f"  - {{name: item, kind: goods, combine: {item}, percentages: {random.choice(('additive', 'compounding'))}}}\n"
        f"  - {{name: order, kind: goods, combine: {order}}}\n"
        "  - {name: shipping, kind: shipping}\n"
        "  - {name: points, kind: points}"
    )


def _item(random: Random) -> list[str]:
    """Each on its own segment."""
    percent, pairs = random.choice((5, 10, 15)), random.choice((2, 3))
    shoes = random.choice(
        (
            f"percent_off: {{of: shoes, percent: {percent}, up_to: 40.00}}",
            f"percent_off: {{of: shoes, percent: {percent}, per: unit, units: {{quantity: 2, pick: dearest}}}}",
            f"percent_off: {{of: shoes, percent: {{by: shoes.quantity, steps: [{{from: 2, value: {percent}}}, "
            f"{{from: 4, value: {percent + 5}}}]}}}}",
        )
    )
    socks = random.choice(
        (
            f"buy_get: {{buy: {{of: socks, quantity: {pairs}}}, get: {{of: socks, quantity: 1, percent_off: 100}}, "
            "repeat: unlimited}",
            "fixed_price: {of: socks, per: unit, price: 5.00}",
            f"bundle: {{parts: [{{of: socks, quantity: {pairs}}}], percent_off: 20, repeat: unlimited}}",
        )
    )
    tents = random.choice(
        (
            "{layer: item, schedule: {from: 2026-06-01, until: 2026-08-31}, "
            "reward: {amount_off: {of: tents, per: unit, amount: 30.00}}}",
            '{layer: item, when: customer.tier == "gold", reward: {percent_off: {of: tents, percent: 8}}}',
            "{layer: item, coupon: {codes: [TENT, CAMP]}, limits: {total: 500}, "
            "reward: {percent_off: {of: tents, percent: 12}}}",
        )
    )
    return [
        f"  shoes: {{layer: item, reward: {{{shoes}}}}}",
        f"  socks: {{layer: item, reward: {{{socks}}}}}",
        f"  tents: {tents}",
    ]


def _order(random: Random) -> list[str]:
    """The larger threshold goes first; members have a separate one."""
    low = random.choice((40, 50, 60))
    kind = random.randrange(5)
    if kind == 0:
        steps = f"[{{from: {low}.00, value: 3}}, {{from: {2 * low}.00, value: 5}}, {{from: {4 * low}.00, value: 8}}]"
        return [
            f"  steps: {{layer: order, reward: {{percent_off: {{of: cart, per: order, "
            f"percent: {{by: cart.subtotal, steps: {steps}}}}}}}}}"
        ]
    if kind == 1:
        return [
            f"  spend-{2 * low}: {{layer: order, group: season, priority: 2, when: cart.subtotal >= {2 * low}.00, "
            "reward: {amount_off: {of: cart, per: order, amount: 10.00}}}",
            f"  spend-{low}: {{layer: order, group: season, when: cart.subtotal >= {low}.00, "
            "reward: {amount_off: {of: cart, per: order, amount: 4.00}}}",
        ]
    if kind == 2:
        return [
            "  by-tier: {layer: order, group: loyal, reward: {percent_off: {of: cart, per: order, "
            "percent: {by: customer.tier, values: {silver: 2, gold: 4, platinum: 6}}}}}",
            "  welcome: {layer: order, group: loyal, coupon: {codes: [WELCOME]}, when: customer.orders == 0, "
            "limits: {per_customer: 1, budget: 5000.00}, reward: {amount_off: {of: cart, per: order, amount: 5.00}}}",
        ]
    if kind == 3:
        return [
            "  staff: {layer: order, exclusive: strict, when: '\"staff\" in customer.segments', "
            "reward: {percent_off: {of: cart, percent: 25}}}",
            f"  tote: {{layer: order, when: cart.subtotal >= {low}.00, reward: {{gift: {{sku: TOTE, value: 6.00}}}}}}",
        ]
    return [
        "  spring: {layer: order, group: season, schedule: {from: 2026-03-01, until: 2026-05-31}, "
        "reward: {percent_off: {of: cart, percent: 5}}}",
        "  summer: {layer: order, group: season, schedule: {from: 2026-06-01, until: 2026-08-31}, "
        "reward: {percent_off: {of: cart, percent: 7}}}",
        f"  credit: {{layer: order, priority: -1, when: cart.merchandise >= {3 * low}.00, "
        "reward: {credit: {amount: 5.00}}}",
    ]


def _shipping(random: Random) -> list[str]:
    limit = random.choice((75, 90, 120))
    free = f'cart.subtotal >= {limit}.00 && shipment.country == "US"'
    return random.choice(
        (
            [f"  free: {{layer: shipping, when: '{free}', reward: {{shipping: {{free: true, methods: [standard]}}}}}}"],
            [
                '  half: {layer: shipping, when: \'customer.tier in ["gold", "platinum"]\', '
                "reward: {shipping: {percent_off: 50, methods: [express]}}}",
                f"  less: {{layer: shipping, when: shipment.subtotal >= {limit}.00, "
                "reward: {shipping: {amount_off: 2.00}}}",
            ],
            [
                "  freight: {layer: shipping, reward: {shipping: {percent_off: {by: cart.subtotal, "
                f"steps: [{{from: 50.00, value: 50}}, {{from: {limit}.00, value: 100}}]}}}}}}}}"
            ],
        )
    )


def _points(random: Random) -> list[str]:
    return random.choice(
        (
            [],
            ["  points: {layer: points, reward: {points: {per_unit_spent: 1}}}"],
            [
                "  points: {layer: points, reward: {points: {per_unit_spent: {by: customer.tier, "
                "values: {basic: 1, silver: 1.25, gold: 1.5}}}}}",
                "  double: {layer: points, schedule: {weekdays: [sun]}, reward: {points: {multiplier: 2}}}",
            ],
        )
    )
