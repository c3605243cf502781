"""Differences between rule sets, in a marketer's terms."""

from __future__ import annotations

import pytest

from engine.rules import load_text
from engine.rules.diff import diff

RULES = """\
ruleset: spring
currencies: [USD]
timezone: Europe/Vienna
amounts: {small: 5.00}
attributes: {item: {color: string}}
segments:
  shoes: item.category.startsWith("shoes/")
layers:
  - {name: item, kind: goods}
  - {name: order, kind: goods}
  - {name: shipping, kind: shipping}
  - {name: points, kind: points}
groups: {seasonal: {policy: one}}
promotions:
  ten:
    name: Ten
    layer: item
    when: cart.subtotal >= small
    schedule: {from: 2026-06-01, until: 2026-06-30, weekdays: [mon, tue], hours: 17:00-23:00}
    coupon: {codes: [SPRING, SUN]}
    limits: {total: 100, budget: 50.00}
    tags: [sale]
    group: seasonal
    reward: {percent_off: {of: shoes, percent: 10, up_to: 20.00}}
  steps:
    layer: order
    reward: {amount_off: {of: cart, per: order, amount: {by: cart.subtotal, steps: [{from: 50.00, value: 5.00}]}}}
  tiers:
    layer: order
    reward: {percent_off: {of: cart, percent: {by: customer.tier, values: {gold: 10, silver: 5}}}}
  hundreds:
    layer: order
    reward: {amount_off: {of: cart, per: order, amount: {by: cart.merchandise, every: 100.00, value: 10.00}}}
  pairs:
    layer: item
    reward: {buy_get: {buy: {of: shoes, quantity: 2}, get: {of: shoes, quantity: 1, percent_off: 100}, repeat: 3}}
  set:
    layer: item
    reward: {bundle: {parts: [{of: shoes, quantity: 2}, {of: cart, quantity: 1}], fixed_price: 30.00}}
  free:
    layer: shipping
    reward: {shipping: {free: true, methods: [post]}}
  socks:
    layer: order
    reward: {gift: {sku: SOCK, quantity: 1, for_every: {of: shoes, quantity: 2}}}
  double:
    layer: points
    reward: {points: {multiplier: 2}}
  back:
    layer: order
    reward: {credit: {amount: small}}
  banner:
    layer: order
    reward: {effect: {name: banner, payload: red}}
"""

CHANGES = {
    "a percentage": ("percent: 10, up_to", "percent: 12.5, up_to", ["promotion ten: percent 10 → 12.5"]),
    "a cap": ("up_to: 20.00", "up_to: 25.00", ["promotion ten: up_to 20.00 → 25.00"]),
    "a name": ("name: Ten", "name: Twelve", ["promotion ten: name Ten → Twelve"]),
    "a condition": (
        "when: cart.subtotal >= small",
        "when: cart.subtotal > small",
        ["promotion ten: when cart.subtotal >= small → cart.subtotal > small"],
    ),
    "no condition": (
        "    when: cart.subtotal >= small\n",
        "",
        ["promotion ten: when removed: cart.subtotal >= small"],
    ),
    "a last day": ("until: 2026-06-30", "until: 2026-07-05", ["promotion ten: schedule.until 2026-06-30 → 2026-07-05"]),
    "an hour of a day": (
        "from: 2026-06-01",
        "from: 2026-06-01T08:30",
        ["promotion ten: schedule.from 2026-06-01 → 2026-06-01T08:30"],
    ),
    "weekdays": (", weekdays: [mon, tue]", "", ["promotion ten: schedule.weekdays removed: mon, tue"]),
    "hours": ("17:00-23:00", "22:00-02:00", ["promotion ten: schedule.hours 17:00-23:00 → 22:00-02:00"]),
    "codes": (
        "[SPRING, SUN]",
        "[SUN, EASTER]",
        ["promotion ten: codes removed: SPRING", "promotion ten: codes added: EASTER"],
    ),
    "the order of codes": ("[SPRING, SUN]", "[SUN, SPRING]", []),
    "a limit": ("total: 100", "total: 90", ["promotion ten: limits.total 100 → 90"]),
    "a limit of a day": (
        "total: 100",
        "total: {times: 100, per: day}",
        ["promotion ten: limits.total 100 → 100 per day"],
    ),
    "a pool": (
        "codes: [SPRING, SUN]",
        "pool: spring",
        ["promotion ten: codes removed: SPRING, SUN", "promotion ten: pool added: spring"],
    ),
    "what comes of returns": (
        "timezone: Europe/Vienna",
        "timezone: Europe/Vienna\nreturns: claw_back",
        ["rule set spring: returns keep → claw_back"],
    ),
    "incomplete sets": ("repeat: 3", "repeat: 3, incomplete: true", ["promotion pairs: incomplete added: true"]),
    "what a whole set carries": (
        "repeat: 3",
        "repeat: 3, carried_by: set",
        ["promotion pairs: carried_by added: set"],
    ),
    "sets of one SKU": ("repeat: 3", "repeat: 3, same: sku", ["promotion pairs: same added: sku"]),
    "sets of different SKUs": (
        "{of: cart, quantity: 1}]",
        "{of: shoes, quantity: 1}], different: sku",
        ["promotion set: parts.2.of cart → shoes", "promotion set: different added: sku"],
    ),
    "a part at full price": (
        "{of: cart, quantity: 1}",
        "{of: cart, quantity: 1, full_price: true}",
        ["promotion set: parts.2.full_price added: true"],
    ),
    "a budget": (", budget: 50.00", "", ["promotion ten: limits.budget removed: 50.00"]),
    "a tag": ("[sale]", "[sale, hot]", ["promotion ten: tags added: hot"]),
    "a group": ("policy: one", "policy: all", ["group seasonal: policy one → all"]),
    "a named amount": (
        "small: 5.00",
        "small: 6.00",
        ["amount small: amount 5.00 → 6.00", "promotion back: amount 5.00 → 6.00"],
    ),
    "a segment": (
        '("shoes/")',
        '("boots/")',
        ['segment shoes: filter item.category.startsWith("shoes/") → item.category.startsWith("boots/")'],
    ),
    "an attribute": ("color: string", "color: int", ["attribute item.attributes.color: type string → int"]),
    "a zone": ("Europe/Vienna", "UTC", ["rule set spring: timezone Europe/Vienna → UTC"]),
    "a step": (
        "[{from: 50.00, value: 5.00}]",
        "[{from: 50.00, value: 6.00}, {from: 90.00, value: 9.00}]",
        ["promotion steps: amount from 50.00 5.00 → 6.00", "promotion steps: amount from 90.00 added: 9.00"],
    ),
    "so much for every": (
        "every: 100.00, value: 10.00",
        "every: 50.00, value: 5.00, up_to: 40.00",
        [
            "promotion hundreds: amount for every 100.00 removed: 10.00",
            "promotion hundreds: amount for every 50.00 added: 5.00",
            "promotion hundreds: amount up to added: 40.00",
        ],
    ),
    "a case": ("silver: 5", "silver: 6", ["promotion tiers: percent for silver 5 → 6"]),
    "a fact that is asked": (
        "by: customer.tier",
        "by: cart.channel",
        ["promotion tiers: percent by customer.tier → cart.channel"],
    ),
    "what is got": (
        "percent_off: 100}",
        "amount_off: 3.00}",
        [
            "promotion pairs: get.percent_off removed: 100",
            "promotion pairs: get.per line → unit",
            "promotion pairs: get.amount_off added: 3.00",
        ],
    ),
    "how often": ("repeat: 3", "repeat: unlimited", ["promotion pairs: repeat 3 → unlimited"]),
    "a price": ("fixed_price: 30.00", "fixed_price: 29.00", ["promotion set: fixed_price 30.00 → 29.00"]),
    "a part": ("{of: cart, quantity: 1}", "{of: cart, quantity: 2}", ["promotion set: parts.2.quantity 1 → 2"]),
    "a method": ("[post]", "[post, bike]", ["promotion free: methods post → post, bike"]),
    "a gift": (
        "sku: SOCK",
        "choices: [SOCK, HAT]",
        ["promotion socks: sku removed: SOCK", "promotion socks: choices added: SOCK, HAT"],
    ),
    "a multiplier": ("multiplier: 2", "multiplier: 1.5", ["promotion double: multiplier 2 → 1.5"]),
    "an effect": ("payload: red", "payload: blue", ["promotion banner: effect banner red → banner blue"]),
    "another reward": (
        "{effect: {name: banner, payload: red}}",
        "{credit: {amount: 1.00}}",
        [
            "promotion banner: reward effect → credit",
            "promotion banner: effect removed: banner red",
            "promotion banner: amount added: 1.00",
        ],
    ),
    "a promotion less": (
        "  banner:\n    layer: order\n    reward: {effect: {name: banner, payload: red}}\n",
        "",
        ["promotion banner is gone: layer order; reward effect; effect banner red"],
    ),
    "a layer": (
        "{name: order, kind: goods}",
        "{name: order, kind: goods, combine: best}",
        ["layer order: combine all → best"],
    ),
    "an option": (
        "currencies: [USD]",
        "currencies: [USD]\nselection: global\nsearch: {nodes: 50}\nfloor: {markup_percent: 5}",
        [
            "rule set spring: selection layered → global",
            "rule set spring: search.nodes 1500 → 50",
            "rule set spring: floor.markup_percent added: 5",
        ],
    ),
    "the name of the rule set": ("ruleset: spring", "ruleset: summer", ["rule set summer: ruleset spring → summer"]),
    "a comment and the order": ("ruleset: spring\ncurrencies: [USD]", "currencies: [USD] # one\nruleset: 'spring'", []),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_told_in_the_words_of_the_file(name: str) -> None:
    old, new, expected = CHANGES[name]
    assert RULES.count(old) == 1
    before, after = load_text(RULES), load_text(RULES.replace(old, new))
    assert [change.sentence for change in diff(before, after)] == expected
    assert diff(before, before) == ()


def test_there_and_back_is_the_same_the_other_way_round() -> None:
    before = load_text(RULES)
    for old, new, expected in CHANGES.values():
        after = load_text(RULES.replace(old, new))
        forth, back = diff(before, after), diff(after, before)
        assert len(forth) == len(back) == len(expected)
        if before.name == after.name:
            swapped = sorted((each.kind, each.name, each.part, each.after, each.before) for each in back)
            assert swapped == sorted(tuple(each) for each in forth)


def test_amounts_of_several_currencies_name_them() -> None:
    text = (
        "{ruleset: r, currencies: [USD, EUR], promotions: {p: {layer: order, reward: {credit: {amount: {USD: 2.00}}}}}}"
    )
    changed = text.replace("USD: 2.00", "USD: 2.00, EUR: 1.50")
    (change,) = diff(load_text(text), load_text(changed))
    assert change.sentence == "promotion p: amount USD 2.00 → USD 2.00, EUR 1.50"


def test_of_very_many_codes_some_are_told() -> None:
    promotion = "{layer: order, coupon: {codes: [A]}, reward: {credit: {amount: 2.00}}}"
    text = f"{{ruleset: r, currencies: [USD], promotions: {{p: {promotion}}}}}"
    codes = ", ".join(f"C{number}" for number in range(25))
    (change,) = diff(load_text(text), load_text(text.replace("[A]", f"[A, {codes}]")))
    assert change.after.endswith("C18, C19 and 5 more")
