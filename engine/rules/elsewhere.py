"""What other systems call facts, segments and words: suggested where such a name is unknown."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from engine.rules.keys_elsewhere import in_small_letters

SECTIONS = frozenset({"amounts", "segments"})
"""Sections whose names are used without a prefix: ``shoes``, not ``segments.shoes``."""

_FACTS: Mapping[str, tuple[str, ...]] = {
    "attribute_set": ("category",),
    "barcode": ("sku",),
    "categories": ("category", "tags"),
    "category_id": ("category", "tags"),
    "category_ids": ("category", "tags"),
    "codes": ("coupons",),
    "collection": ("category", "tags"),
    "compare_at_price": ("list_price",),
    "count": ("quantity",),
    "country": ("shipping_countries",),
    "coupon_codes": ("coupons",),
    "customer_group": ("segments",),
    "discounted": ("list_price",),
    "ean": ("sku",),
    "first_order": ("orders",),
    "group": ("segments",),
    "groups": ("segments",),
    "gtin": ("sku",),
    "is_first_order": ("orders",),
    "is_new": ("orders",),
    "item_count": ("quantity",),
    "item_total": ("subtotal",),
    "items": ("lines",),
    "items_total": ("subtotal",),
    "level": ("tier",),
    "line_items": ("lines",),
    "logged_in": ("id",),
    "loyalty_points": ("points",),
    "manufacturer": ("brand",),
    "method": ("shipping_methods",),
    "msrp": ("list_price",),
    "number_of_orders": ("orders",),
    "on_sale": ("list_price",),
    "order_count": ("orders",),
    "orders_count": ("orders",),
    "original_price": ("list_price",),
    "original_total": ("merchandise",),
    "payment": ("payment_method",),
    "postcode": ("postal_code",),
    "product": ("sku",),
    "product_id": ("sku",),
    "product_type": ("category",),
    "qty": ("quantity",),
    "rrp": ("list_price",),
    "shipping_country": ("shipping_countries", "country"),
    "shipping_method": ("shipping_methods", "method"),
    "shipping_postcode": ("postal_code",),
    "store": ("channel",),
    "tags": ("segments",),
    "taxon": ("category", "tags"),
    "taxons": ("category", "tags"),
    "total": ("subtotal",),
    "total_price": ("subtotal",),
    "total_quantity": ("quantity",),
    "total_spent": ("lifetime_spend",),
    "type": ("category",),
    "unit_price": ("price",),
    "units": ("quantity",),
    "vendor": ("brand",),
    "website": ("channel",),
    "zip": ("postal_code",),
}
"""Facts, by the part after the dot."""

_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "promotion": dict.fromkeys(("*", "all", "any", "everything", "others"), ("exclusive: cart",)),
    "segment": dict.fromkeys(("*", "all", "any", "everything", "items", "order", "products"), ("cart",)),
    "layer": dict.fromkeys(("catalog", "catalogue", "goods", "items", "line", "product", "products"), ("item",))
    | dict.fromkeys(("basket", "cart", "checkout"), ("order",))
    | {"delivery": ("shipping",)},
    "function": {"count": ("size",), "len": ("size",), "not": ("!",)},
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
"""Other names, by what they name; ``word`` is one of the few values that a key may have."""


_OF_TIME = frozenset({"date", "day", "hour", "month", "now", "time", "today", "weekday"})


def is_of_time(what: str, name: str) -> bool:
    """Whether an unknown name in a condition asks for the moment of pricing."""
    return what in ("fact", "function", "name") and name.rpartition(".")[2].lower() in _OF_TIME


def _is_not_of_cart(name: str) -> bool:
    return not name.startswith("cart.")


def name_here(what: str, name: str, known: Collection[str]) -> str:
    """The name among ``known`` that is meant; ``what`` is as in ``Issues.unknown_name``; empty if unknown."""
    owner, dot, last = name.rpartition(".")
    if what in ("fact", "attribute"):
        suggested = tuple(f"{owner}.{each}" for each in _FACTS.get(in_small_letters(last), ()))
    elif dot and owner in SECTIONS:
        suggested = (last,)
    elif what == "name":
        suggested = tuple(sorted((each for each in known if each.endswith(f".{name}")), key=_is_not_of_cart))
    else:
        suggested = _NAMES.get(what, {}).get(name, ())
    return next((each for each in suggested if each in known or what in ("function", "promotion")), "")
