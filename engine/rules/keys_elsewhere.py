"""What other systems call keys, and where keys belong: hints about a key that is unknown where it is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_SCHEDULE = "schedule: {from: …, until: …}"
_TOTAL = "limits: {total: …}"
_WHEN = "when"
_FROM_AMOUNT = "when: cart.subtotal >= …"
_FROM_QUANTITY = "when: cart.quantity >= …"
_PRIORITY = "priority"
_PERIODS = ("total: {times: …, per: …}",)
_UNITS = ("units: {quantity: …}",)
_BUY_GET = "reward: {buy_get: …}"
_STEPS = ("steps", *(f"{key}: {{by: …, steps: [{{from: …, value: …}}]}}" for key in ("percent", "amount", "price")))
_KEYS: Mapping[str, tuple[str, ...]] = {
    "amount": ("price", "fixed", "percent", "amount_off", "value"),
    "apply_once": ("units: {quantity: 1}",),
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
    "condition": (_WHEN,),
    "conditions": (_WHEN,),
    "count": ("quantity", *_UNITS),
    "countries": ('when: shipment.country == "…"',),
    "country": ('when: shipment.country == "…"',),
    "days": ("weekdays", "schedule: {weekdays: […]}"),
    "discount": ("reward", "value", "percent_off"),
    "discounts": ("promotions",),
    "distinct": ("different",),
    "distribute": ("carried_by: set",),
    "discount_step": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "every": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "flat": ("fixed_price",),
    "flat_rate": ("fixed_price",),
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
    "max_rate": ("when: shipment.price <= …",),
    "max_repeats": ("repeat",),
    "max_units_per_line": ("units: {quantity: …, per: line}",),
    "max_uses": ("total", _TOTAL),
    "maximum": ("up_to",),
    "multi_buy": ("buy_get",),
    "multi_buy_line_items": ("buy_get",),
    "name": ("ruleset",),
    "nth": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "of": ("parts: [{of: …, quantity: …}]",),
    "off": ("percent", "amount"),
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
    "price": ("fixed_price", "amount", "percent"),
    "prorate": ("carried_by: set",),
    "qty": ("quantity",),
    "quantity": ("parts: [{of: …, quantity: …}]", "units: {quantity: …}"),
    "rank": (_PRIORITY,),
    "rate": ("per_unit_spent",),
    "requires": (_WHEN,),
    "rules": (_WHEN, "promotions"),
    "scope": ("per",),
    "segment": ("of", "segments"),
    "sort_order": (_PRIORITY,),
    "steps": _STEPS[1:],
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
    "uses": ("total", _TOTAL),
    "value": ("percent", "amount", "price", "percent_off"),
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
        "discount_(type|value|amount)|(simple_)?actions?|benefits?|offers?": ("reward", "value", "percent_off"),
        "customers?|customer_(groups?|segments?|tags?|selection)(_ids?)?": ("when: '\"…\" in customer.segments'",),
        "(website|store|(sales_)?channel)(s|_ids?)?": ('when: cart.channel == "…"',),
        "(.+_)?once_per_customer|.+_per_(customer|user)": ("per_customer", "limits: {per_customer: …}"),
        ".+_per_(code|coupon)": ("per_code", "limits: {per_code: …}"),
        "stackable|combinable|stacking_mode|stop_rules_processing|discard_subsequent_rules|individual_use": (
            "exclusive: layer",
        ),
        "exclude_(discounted|sale|reduced)(_items)?": ("skip_reduced",),
        "max(imum)?_(qty|quantity|units)|discount_qty": ("units: {quantity: …}",),
        "max(imum)?_(spend|subtotal|order)(_.+)?|(.+_)?subtotal_range": ("when: cart.subtotal <= …",),
        "product": ("sku", "of"),
        "products": ("choices", "of"),
        "appl(y|ies)_to|on|target(_.+)?|(?!excluded?_)(.+_)?(product|category|collection|variant)_ids?": ("of",),
    }.items()
}
"""The same for keys that match a pattern."""

_PLACES = {
    re.compile(keys): place
    for place, keys in {
        "beside `reward`": "coupon|excludes|exclusive|group|layer|limits|priority|schedule|tags|when",
        "beside `buy`": "carried_by",
        "beside `buy` or `parts`": "different|repeat|same",
        "beside `buy` or `parts`, or in `units`": "pick",
        'beside `reward`, as in when: shipment.carrier == "…"': "carriers?",
        'beside `reward`, as in when: shipment.country == "…"': "country|countries",
        "beside `reward`, as in when: shipment.price <= …": "max_(price|rate)",
        "beside `reward`, as in limits: {per_customer: …, per_code: …}": "(.+_)?once_per_customer"
        "|(uses|usage_limit)_per_.+",
        "in the reward, as in reward: {percent_off: {of: …, percent: …}}": "amount|percent|percentage|rate|type|value"
        "|value_type|allocation_method",
        "in the reward, as in units: {quantity: …}": "count|discount_qty|per_cart|per_order",
        "in the reward, as in units: {quantity: …, pick: cheapest}": "cheapest",
        "in the reward, as in units: {sets: {of: …, take: …}}": "discount_step",
        "in the reward, as in skip_reduced: true": "exclude_(discounted|sale|reduced)(_items)?",
        "in the filter of the reward's segment, as in item.sku != …": "excluded?_(product|item|sku|categor).*",
        "in the reward, as its `of`": "appl(y|ies)_to|on|segment|skus?|target(_.+)?"
        "|(.+_)?(category|categories|collection|product|variant)s?(_ids?)?",
        "in `get` beside `quantity`, or beside `parts`": "(amount|percent)_off|fixed_price",
        "at the top level of the file": "amounts|attributes|currencies|examples|floor|leftover|promotions|returns"
        "|rounding|ruleset|segments|selection|timezone",
        "in `layers`, beside the `name` of a layer": "combine|percentages",
        "in the `cart` of an example": "at|coupon_facts|declined_promotions|shipments",
    }.items()
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


KNOWN = (*_KEYS, *_REMARKS, *(pattern.pattern for pattern in (*_FAMILIES, *_PLACES)))
"""Patterns of all keys that are answered."""


def key_here(name: str, known: Collection[str]) -> str:
    """What to write instead of a key, where the keys ``known`` are allowed; empty when there is no hint."""
    plain = in_small_letters(name)
    family = (texts for pattern, texts in _FAMILIES.items() if pattern.fullmatch(plain))
    texts = (plain, *(_KEYS.get(plain) or next(family, ())))
    return next((text for text in texts if text.partition(":")[0] in known), "")


def place_of(name: str) -> str:
    """Where a key belongs that is not allowed here; empty when there is no hint."""
    plain = in_small_letters(name)
    return next((place for pattern, place in _PLACES.items() if pattern.fullmatch(plain)), "")


def remark(name: str) -> str:
    """Another hint about a key; empty when there is none."""
    return _REMARKS.get(in_small_letters(name), "")


def in_small_letters(name: str) -> str:
    """``validFrom`` and ``Valid From`` as ``valid_from``."""
    return re.sub("[ -]+", "_", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
