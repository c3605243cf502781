"""What other systems call keys, and where keys belong: hints about a key that is unknown where it is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_SCHEDULE = "schedule: {from: …, until: …}"
_TOTAL = "limits: {total: …}"
_EXCLUSIVE = "exclusive: layer"
_WHEN = "when"
_FROM_AMOUNT = "when: cart.subtotal >= …"
_FROM_QUANTITY = "when: cart.quantity >= …"
_PRIORITY = "priority"
_EACH = ("limits: {per_customer: …}",)
_CODES = ("limits: {per_code: …}",)
_PERIODS = ("total: {times: …, per: …}",)
_SEGMENTS = ("when: '\"…\" in customer.segments'",)
_UNITS = ("units: {quantity: …}",)
_BUY_GET = "reward: {buy_get: …}"
_STEPS = ("steps", *(f"{key}: {{by: …, steps: [{{from: …, value: …}}]}}" for key in ("percent", "amount", "price")))
_KEYS: Mapping[str, tuple[str, ...]] = {
    "amount": ("price", "fixed", "percent", "amount_off", "value"),
    "applies_to": ("of",),
    "apply_once": ("units: {quantity: 1}",),
    "apply_to": ("of",),
    "bogo": ("buy_get",),
    "budget": ("limits: {budget: …}",),
    "buy_x_get_y": ("buy_get",),
    "buy": (_BUY_GET,),
    "cap": ("up_to",),
    "carrier": ('when: shipment.carrier == "…"',),
    "carriers": ('when: shipment.carrier == "…"',),
    "cart_predicate": (_WHEN,),
    "cheapest": ("pick: cheapest", "units: {quantity: …, pick: cheapest}"),
    "cashback": ("credit",),
    "channel": ('when: cart.channel == "…"',),
    "channels": ('when: cart.channel == "…"',),
    "combinable": (_EXCLUSIVE,),
    "condition": (_WHEN,),
    "conditions": (_WHEN,),
    "count": ("quantity", *_UNITS),
    "countries": ('when: shipment.country == "…"',),
    "country": ('when: shipment.country == "…"',),
    "customer": _SEGMENTS,
    "customer_group": _SEGMENTS,
    "customer_groups": _SEGMENTS,
    "customers": _SEGMENTS,
    "days": ("weekdays", "schedule: {weekdays: […]}"),
    "discard_subsequent_rules": (_EXCLUSIVE,),
    "discount": ("reward", "value", "percent_off"),
    "discounts": ("promotions",),
    "distinct": ("different",),
    "every": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "exclude_discounted": ("skip_reduced",),
    "free": ("percent_off: 100",),
    "free_item": ("gift",),
    "free_product": ("gift",),
    "free_shipping": ("shipping: {free: true}", "reward: {shipping: {free: true}}"),
    "generate": ("pool",),
    "get": (_BUY_GET,),
    "gift_line_item": ("gift",),
    "group_size": ("sets: {of: …, take: …}",),
    "hours": ("schedule: {hours: …}",),
    "if": (_WHEN,),
    "items": ("parts",),
    "label": ("name",),
    "length": ("pool",),
    "limit": ("repeat", _TOTAL, *_UNITS),
    "match": ("of",),
    "max": ("up_to", "total", "repeat"),
    "max_amount": ("up_to",),
    "max_discount": ("up_to",),
    "max_get_units": ("repeat",),
    "max_occurrence": ("repeat",),
    "max_price": ("when: shipment.price <= …",),
    "max_qty": _UNITS,
    "max_quantity": _UNITS,
    "max_rate": ("when: shipment.price <= …",),
    "max_repeats": ("repeat",),
    "max_units": _UNITS,
    "max_units_per_line": ("units: {quantity: …, per: line}",),
    "max_uses": ("total", _TOTAL),
    "maximum": ("up_to",),
    "multi_buy": ("buy_get",),
    "multi_buy_line_items": ("buy_get",),
    "name": ("ruleset",),
    "nth": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "of": ("parts: [{of: …, quantity: …}]",),
    "off": ("percent", "amount"),
    "on": ("of",),
    "once_per_customer": _EACH,
    "order": (_PRIORITY,),
    "pattern": ("pool",),
    "per_dollar": ("per_unit_spent",),
    "per_euro": ("per_unit_spent",),
    "points": ("fixed",),
    "per_cart": _UNITS,
    "per_order": _UNITS,
    "per_day": _PERIODS,
    "per_month": _PERIODS,
    "per_week": _PERIODS,
    "per_year": _PERIODS,
    "percent": ("value", "amount", "price", "percent_off"),
    "percentage": ("percent", "percent_off"),
    "predicate": ("of", _WHEN),
    "prefix": ("pool",),
    "product": ("sku",),
    "products": ("choices", "of"),
    "price": ("fixed_price", "amount", "percent"),
    "qty": ("quantity",),
    "quantity": ("parts: [{of: …, quantity: …}]", "units: {quantity: …}"),
    "rank": (_PRIORITY,),
    "rate": ("per_unit_spent",),
    "requires": (_WHEN,),
    "rules": (_WHEN, "promotions"),
    "scope": ("per",),
    "segment": ("of", "segments"),
    "sort_order": (_PRIORITY,),
    "stackable": (_EXCLUSIVE,),
    "stacking_mode": (_EXCLUSIVE,),
    "steps": _STEPS[1:],
    "stop_rules_processing": (_EXCLUSIVE,),
    "store": ('when: cart.channel == "…"',),
    "stores": ('when: cart.channel == "…"',),
    "target": ("of",),
    "then": ("reward",),
    "threshold": ("from", _FROM_AMOUNT),
    "tier_price": ("fixed_price",),
    "tier_prices": ("fixed_price",),
    "tiers": _STEPS,
    "time": ("hours",),
    "times": ("hours",),
    "title": ("name",),
    "unique": ("different",),
    "unless": ("when: '!(…)'",),
    "usage_limit": ("total", _TOTAL),
    "usage_limit_per_code": ("per_code", *_CODES),
    "usage_limit_per_customer": ("per_customer", *_EACH),
    "uses": ("total", _TOTAL),
    "uses_per_code": ("per_code", *_CODES),
    "uses_per_coupon": ("per_code", *_CODES),
    "uses_per_customer": ("per_customer", *_EACH),
    "value": ("percent", "amount", "price", "percent_off"),
    "websites": ('when: cart.channel == "…"',),
    "weekdays": ("schedule: {weekdays: […]}",),
} | {
    kind: (f"reward: {{{kind}: …}}",) for kind in ("percent_off", "amount_off", "shipping", "buy_get", "bundle", "gift")
}
"""What to write instead of a key; it begins with a key that must be allowed there."""

_FAMILIES = {
    re.compile(pattern): texts
    for pattern, texts in {
        "(valid_|active_)?(from|starts?|begins?)(_date|_at|_on)?|dates?|valid": ("from", _SCHEDULE),
        "(valid_|active_)?(until|to|ends?|expir(es|y|ation))(_date|_at|_on)?": ("until", _SCHEDULE),
        "min(imum)?_(.+_)?(qty|quantity|items|units)": ("at_least", _FROM_QUANTITY, "units: {at_least: …}"),
        "min(imum)?(_.+)?": ("at_least", "from", _FROM_AMOUNT),
        "((coupon|promo|voucher)_)?codes?|coupons|vouchers?|trigger": ("codes: […]", "coupon: {codes: […]}"),
        "discount_(type|value|amount)|actions?|benefits?|offers?": ("reward", "value", "percent_off"),
    }.items()
}
"""The same for keys that match a pattern."""

_PLACES: Mapping[str, str] = {
    key: place
    for place, keys in {
        "beside `reward`": "coupon excludes exclusive group layer limits priority schedule tags when",
        "beside `buy` or `parts`": "different repeat same",
        "beside `buy` or `parts`, or in `units`": "pick",
        'beside `reward`, as in when: shipment.carrier == "…"': "carrier carriers",
        'beside `reward`, as in when: shipment.country == "…"': "countries country",
        "beside `reward`, as in when: shipment.price <= …": "max_price max_rate",
        "beside `reward`, as in limits: {per_customer: …, per_code: …}": "once_per_customer uses_per_code"
        " uses_per_coupon uses_per_customer usage_limit_per_code usage_limit_per_customer",
        "in the reward, as in reward: {percent_off: {of: …, percent: …}}": "amount percent percentage rate type value",
        "in the reward, as in units: {quantity: …}": "count per_cart per_order",
        "in the reward, as in units: {quantity: …, pick: cheapest}": "cheapest",
        "in the reward, as its `of`": "applies_to apply_to categories category collection on product products segment"
        " sku skus target",
        "in `get` beside `quantity`, or beside `parts`": "amount_off fixed_price percent_off",
        "at the top level of the file": "amounts attributes currencies examples floor leftover promotions returns"
        " rounding ruleset segments selection timezone",
        "in `layers`, beside the `name` of a layer": "combine percentages",
    }.items()
    for key in keys.split()
}
"""Where keys belong that are written in the wrong place."""

_KEPT_APART = "; promotions combine unless `excludes`, `exclusive` or a `group` says otherwise"
_ACTIVE = "; every promotion in the file is active: remove the promotion, or give it a schedule"
_EXPECTED = "; write what the cart must be priced at beside `cart`, as in total: 45.00"
_NOTE = "; write notes for colleagues as comments, which begin with #"
_REMARKS: Mapping[str, str] = dict.fromkeys(("combines_with", "combinable_with", "stackable_with"), _KEPT_APART) | {
    "active": _ACTIVE,
    "comment": _NOTE,
    "description": _NOTE,
    "enabled": _ACTIVE,
    "expect": _EXPECTED,
    "expected": _EXPECTED,
    "expects": _EXPECTED,
    "id": "; the id of a promotion is the key above it",
    "is_active": _ACTIVE,
    "note": _NOTE,
    "notes": _NOTE,
    "status": _ACTIVE,
    "requires_discount_code": "; a promotion with a `coupon` needs a code",
}
"""Hints about keys that have no counterpart here."""


KNOWN = _KEYS.keys() | _PLACES.keys() | _REMARKS.keys()
"""All keys that are answered."""


def key_here(name: str, known: Collection[str]) -> str:
    """What to write instead of a key, where the keys ``known`` are allowed; empty when there is no hint."""
    plain = in_small_letters(name)
    family = (texts for pattern, texts in _FAMILIES.items() if pattern.fullmatch(plain))
    texts = (plain, *(_KEYS.get(plain) or next(family, ())))
    return next((text for text in texts if text.partition(":")[0] in known), "")


def place_of(name: str) -> str:
    """Where a key belongs that is not allowed here; empty when there is no hint."""
    return _PLACES.get(in_small_letters(name), "")


def remark(name: str) -> str:
    """Another hint about a key; empty when there is none."""
    return _REMARKS.get(in_small_letters(name), "")


def in_small_letters(name: str) -> str:
    """``validFrom`` and ``Valid From`` as ``valid_from``."""
    return re.sub("[ -]+", "_", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
