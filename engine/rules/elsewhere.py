"""What other systems call facts, segments and words: suggested where such a name is unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from engine.rules.keys_elsewhere import in_small_letters

SECTIONS = frozenset({"amount", "amounts", "segment", "segments"})
"""Sections whose names are used without a prefix: ``shoes``, not ``segments.shoes``."""

_OWNERS: Mapping[str, tuple[str, ...]] = (
    dict.fromkeys(("bag", "basket", "checkout", "coupon", "order", "quote"), ("cart",))
    | dict.fromkeys(("account", "buyer", "client", "shopper", "user"), ("customer",))
    | dict.fromkeys(("items", "line", "line_item", "lines", "product", "products", "variant"), ("item",))
    | dict.fromkeys(("address", "delivery", "shipping", "shipping_address"), ("shipment", "cart"))
)
"""Subjects, by what other systems call them."""

_NEW = "{}.orders == 0"
_KNOWN = "has({}.id)"
_REDUCED = "{}.list_price > {}.price"
_FACTS: Mapping[str, tuple[str, ...]] = {
    "amount": ("subtotal",),
    "attribute_set": ("category",),
    "base_subtotal": ("subtotal",),
    "barcode": ("sku",),
    "categories": ("category",),
    "category_id": ("category",),
    "category_ids": ("category",),
    "code": ("coupons",),
    "codes": ("coupons",),
    "collection": ("category",),
    "compare_at_price": ("list_price",),
    "count": ("quantity",),
    "country": ("shipping_countries",),
    "coupon": ("coupons",),
    "coupon_code": ("coupons",),
    "coupon_codes": ("coupons",),
    "customer_group": ("segments",),
    "discounted": (_REDUCED,),
    "ean": ("sku",),
    "first_order": (_NEW,),
    "grand_total": ("subtotal",),
    "group": ("segments",),
    "groups": ("segments",),
    "gtin": ("sku",),
    "is_first_order": (_NEW,),
    "is_logged_in": (_KNOWN,),
    "is_new": (_NEW,),
    "item_count": ("quantity",),
    "item_total": ("subtotal",),
    "items": ("lines",),
    "items_total": ("subtotal",),
    "level": ("tier",),
    "line_items": ("lines",),
    "logged_in": (_KNOWN,),
    "loyalty_points": ("points",),
    "manufacturer": ("brand",),
    "method": ("shipping_methods",),
    "msrp": ("list_price",),
    "new": (_NEW,),
    "number_of_orders": ("orders",),
    "on_sale": (_REDUCED,),
    "order_count": ("orders",),
    "orders_count": ("orders",),
    "original_price": ("list_price",),
    "original_total": ("merchandise",),
    "payment": ("payment_method",),
    "postcode": ("postal_code",),
    "price": ("subtotal",),
    "product": ("sku",),
    "products": ("skus",),
    "product_id": ("sku",),
    "product_type": ("category",),
    "qty": ("quantity",),
    "rrp": ("list_price",),
    "shipping_country": ("shipping_countries", "country"),
    "shipping_method": ("shipping_methods", "method"),
    "shipping_postcode": ("postal_code",),
    "segment": ("segments",),
    "store": ("channel",),
    "spend": ("lifetime_spend",),
    "spent": ("lifetime_spend",),
    "sum": ("subtotal",),
    "tag": ("tags", "segments"),
    "tags": ("segments",),
    "taxon": ("category",),
    "taxons": ("category",),
    "total": ("subtotal",),
    "total_items": ("quantity",),
    "sub_total": ("subtotal",),
    "total_price": ("subtotal",),
    "total_spend": ("lifetime_spend",),
    "total_qty": ("quantity",),
    "total_quantity": ("quantity",),
    "total_spent": ("lifetime_spend",),
    "type": ("category",),
    "unit_price": ("price",),
    "units": ("quantity",),
    "vendor": ("brand",),
    "value": ("subtotal",),
    "website": ("channel",),
    "zip": ("postal_code",),
}
"""Facts, by the part after the dot; or a condition on them, where {} is the subject."""

_NAMES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "promotion": dict.fromkeys(("*", "all", "any", "everything", "others"), ("exclusive: cart",)),
    "segment": dict.fromkeys(("*", "all", "any", "everything", "items", "order", "products"), ("cart",)),
    "layer": dict.fromkeys(("catalog", "catalogue", "goods", "items", "line", "product", "products"), ("item",))
    | dict.fromkeys(("basket", "cart", "checkout"), ("order",))
    | {"delivery": ("shipping",)},
    "function": {"and": ("&&",), "len": ("size",), "length": ("size",), "not": ("!",), "or": ("||",)},
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


_SUBJECTS = ("cart", "customer", "shipment", "item")
_FACT = re.compile(r"\.(\w+)")

_OF_TIME = frozenset({"date", "day", "hour", "month", "now", "time", "today", "weekday"})


def is_of_time(what: str, name: str) -> bool:
    """Whether an unknown name in a condition asks for the moment of pricing."""
    return what in ("fact", "function", "name") and name.rpartition(".")[2].lower() in _OF_TIME


def fact_here(name: str, facts: Mapping[str, Collection[str]]) -> str:
    """The fact that is meant by a name of another system: `order.total` is cart.subtotal; empty if unknown.

    ``facts`` are the names of the facts, by subject. A name without a dot may be a fact of any subject.
    """
    owner, dot, last = name.rpartition(".")
    if owner in SECTIONS:
        return last if last in facts else ""
    if not dot and "_" in name:  # cart_total
        owner, dot, last = name.partition("_")
        if owner not in _SUBJECTS and owner not in _OWNERS:
            owner, dot, last = "", "", name
    plain = in_small_letters(last)
    subjects = _OWNERS.get(in_small_letters(owner), (owner, owner.lower())) if dot else _SUBJECTS
    for fact in (last, plain, *_FACTS.get(plain, ())):
        for subject in subjects:
            text = fact.replace("{}", subject) if "{}" in fact else f"{subject}.{fact}"
            if text != name and all(each in facts.get(subject, ()) for each in _FACT.findall(text)):
                return text
    return ""


def name_here(what: str, name: str, known: Collection[str]) -> str:
    """The name among ``known`` that is meant; ``what`` is as in ``Issues.unknown_name``; empty if unknown."""
    owner, dot, last = name.rpartition(".")
    suggested = (last,) if dot and owner in SECTIONS else _NAMES.get(what, {}).get(name.lower(), ())
    return next((each for each in suggested if each in known or what in ("function", "promotion")), "")
