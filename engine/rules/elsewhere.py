"""What other systems call what a rule file says: told where such a name is written and none of its own is meant."""

from __future__ import annotations

from collections.abc import Collection, Mapping

SECTIONS = frozenset({"amounts", "segments"})
"""Parts of a rule file whose names are used without it: ``shoes``, not ``segments.shoes``."""

_SCHEDULE = "schedule: {from: …, until: …}"
_TOTAL = "limits: {total: …}"
_EXCLUSIVE = "exclusive: layer"
_WHEN = "when"
_FROM_AMOUNT = "when: cart.subtotal >= …"
_FROM_QUANTITY = "when: cart.quantity >= …"
_KEYS: Mapping[str, tuple[str, ...]] = {
    "amount": ("price",),
    "applies_to": ("of",),
    "apply_once": ("units: {quantity: 1}",),
    "apply_to": ("of",),
    "bogo": ("buy_get",),
    "buy_x_get_y": ("buy_get",),
    "budget": ("limits: {budget: …}",),
    "channel": ('when: cart.channel == "…"',),
    "channels": ('when: cart.channel == "…"',),
    "code": ("codes", "coupon: {codes: […]}"),
    "codes": ("coupon: {codes: […]}",),
    "combinable": (_EXCLUSIVE,),
    "condition": (_WHEN,),
    "conditions": (_WHEN,),
    "coupon_code": ("coupon: {codes: […]}",),
    "coupons": ("coupon: {codes: […]}",),
    "customer_group": ('when: "…" in customer.segments',),
    "customer_groups": ('when: "…" in customer.segments',),
    "discount": ("reward",),
    "distinct": ("different",),
    "end": ("until", _SCHEDULE),
    "end_date": ("until", _SCHEDULE),
    "ends": ("until", _SCHEDULE),
    "ends_at": ("until", _SCHEDULE),
    "every": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "exclude_discounted": ("skip_reduced",),
    "free": ("percent_off: 100",),
    "free_item": ("gift",),
    "free_product": ("gift",),
    "free_shipping": ("shipping: {free: true}",),
    "from": (_SCHEDULE,),
    "group_size": ("sets: {of: …, take: …}",),
    "if": (_WHEN,),
    "items": ("parts",),
    "limit": ("repeat", _TOTAL),
    "match": ("of",),
    "max": ("up_to",),
    "max_amount": ("up_to",),
    "max_discount": ("up_to",),
    "max_get_units": ("repeat",),
    "max_quantity": ("units: {quantity: …}",),
    "max_repeats": ("repeat",),
    "max_units": ("units: {quantity: …}",),
    "max_units_per_line": ("units: {quantity: …, per: line}",),
    "max_uses": ("total", _TOTAL),
    "maximum": ("up_to",),
    "min_amount": (_FROM_AMOUNT,),
    "min_quantity": ("at_least", _FROM_QUANTITY),
    "min_subtotal": (_FROM_AMOUNT,),
    "minimum": ("at_least", _FROM_AMOUNT),
    "minimum_amount": (_FROM_AMOUNT,),
    "minimum_quantity": ("at_least", _FROM_QUANTITY),
    "nth": ("sets: {of: …, take: …}", "units: {sets: {of: …, take: …}}"),
    "of": ("parts: [{of: …, quantity: …}]",),
    "percentage": ("percent",),
    "price": ("fixed_price",),
    "qty": ("quantity",),
    "quantity": ("parts: [{of: …, quantity: …}]", "units: {quantity: …}"),
    "rules": (_WHEN,),
    "scope": ("per",),
    "segment": ("of",),
    "stackable": (_EXCLUSIVE,),
    "start": ("from", _SCHEDULE),
    "start_date": ("from", _SCHEDULE),
    "starts": ("from", _SCHEDULE),
    "starts_at": ("from", _SCHEDULE),
    "target": ("of",),
    "threshold": ("from", _FROM_AMOUNT),
    "tiers": ("steps",),
    "time": ("hours",),
    "times": ("hours",),
    "trigger": ("coupon: {codes: […]}",),
    "unique": ("different",),
    "until": (_SCHEDULE,),
    "usage_limit": ("total", _TOTAL),
    "uses": ("total", _TOTAL),
    "valid_from": ("from", _SCHEDULE),
    "valid_until": ("until", _SCHEDULE),
} | {
    kind: (f"reward: {{{kind}: …}}",) for kind in ("percent_off", "amount_off", "shipping", "buy_get", "bundle", "gift")
}
"""Keys; what is written instead begins with a key that must have its place there."""

_FACTS: Mapping[str, tuple[str, ...]] = {
    "categories": ("category", "tags"),
    "codes": ("coupons",),
    "collection": ("category", "tags"),
    "count": ("quantity",),
    "country": ("shipping_countries",),
    "coupon_codes": ("coupons",),
    "customer_group": ("segments",),
    "discounted": ("list_price",),
    "first_order": ("orders",),
    "group": ("segments",),
    "groups": ("segments",),
    "is_new": ("orders",),
    "item_count": ("quantity",),
    "item_total": ("subtotal",),
    "items": ("lines",),
    "items_total": ("subtotal",),
    "logged_in": ("id",),
    "method": ("shipping_methods",),
    "on_sale": ("list_price",),
    "original_price": ("list_price",),
    "original_total": ("merchandise",),
    "product": ("sku",),
    "product_id": ("sku",),
    "qty": ("quantity",),
    "shipping_country": ("shipping_countries", "country"),
    "shipping_method": ("shipping_methods", "method"),
    "taxon": ("category", "tags"),
    "taxons": ("category", "tags"),
    "total_quantity": ("quantity",),
    "unit_price": ("price",),
}
"""Facts, by what stands behind the dot."""

_PLACES: Mapping[str, str] = {
    key: place
    for place, keys in {
        "beside `reward`": "coupon excludes exclusive group layer limits priority schedule tags when",
        "beside `buy` or `parts`": "different repeat same",
        "beside `buy` or `parts`, or in `units`": "pick",
        'beside `reward`, as in when: shipment.carrier == "…"': "carrier carriers",
        'beside `reward`, as in when: shipment.country == "…"': "countries country",
        "with the `name` of a layer": "combine percentages",
    }.items()
    for key in keys.split()
}
"""Keys of another place than that where they are written."""

_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "segment": dict.fromkeys(("*", "all", "any", "everything", "items", "order", "products"), ("cart",)),
    "layer": {"catalog": ("item",), "catalogue": ("item",), "cart": ("order",), "line": ("item",)},
    "function": {"len": ("size",), "not": ("!",)},
    "word": {
        "cart": ("order",),
        "each": ("unit",),
        "each_line": ("line",),
        "each_unit": ("unit",),
        "item": ("unit", "sku"),
        "horizontal": ("rows",),
        "line_item": ("line",),
        "lines_pool": ("order",),
        "price_asc": ("cheapest",),
        "price_desc": ("dearest",),
        "per_unit": ("unit",),
        "product": ("unit", "sku"),
        "true": ("cart",),
        "yes": ("cart",),
        "variant": ("sku",),
    },
}
"""Other names, by what they name; ``word`` is one of a few that a key may have."""


def key_here(name: str, known: Collection[str]) -> str:
    """What is written instead of a key, where one of ``known`` may stand; empty when nothing is told."""
    return next((text for text in _KEYS.get(name, ()) if text.partition(":")[0] in known), "")


def place_of(name: str) -> str:
    """Where a key stands that has no place here; empty when none is told."""
    return _PLACES.get(name, "")


def name_here(what: str, name: str, known: Collection[str]) -> str:
    """Which of ``known`` is meant by a name for a ``what`` (as in ``Issues.unknown_name``); empty when none is told."""
    owner, dot, last = name.rpartition(".")
    if what in ("fact", "attribute"):
        told = tuple(f"{owner}.{each}" for each in _FACTS.get(last, ()))
    elif dot and owner in SECTIONS:
        told = (last,)
    elif what == "name":
        told = tuple(each for each in known if each.endswith(f".{name}"))
    else:
        told = _NAMES.get(what, {}).get(name, ())
    return next((each for each in told if each in known or what == "function"), "")
