"""What other systems call facts, segments and words: suggested where such a name is unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from unicodedata import normalize

from engine.rules.suggestions.keys import in_small_letters, matching

SECTIONS = frozenset({"amount", "amounts", "segment", "segments"})
"""Sections whose names are used without a prefix: ``shoes``, not ``segments.shoes``."""

_OWNERS: Mapping[str, str] = {
    "shipment": "address delivery shipping shipping_address",
    "cart": "address bag basket checkout coupon delivery order quote shipping shipping_address",
    "customer": "account buyer client shopper user",
    "item": "items lines? line_item products? variant",
}
"""What other systems call subjects."""

_FACTS: Mapping[str, str] = {
    "brand": "manufacturer vendor",
    "category": "attribute_set categories category_ids? collection product_type taxons? type",
    "channel": "store website",
    "coupons": "(coupon_)?codes? coupon",
    "lifetime_spend": "(total_)?spen[dt]",
    "lines": "(line_)?items",
    "list_price": "compare_at_price msrp original_price rrp",
    "merchandise": "original_total",
    "orders": "number_of_orders orders?_count",
    "payment_method": "payment",
    "points": "loyalty_points",
    "postal_code": "(shipping_)?(postcode|postal_code|zip)",
    "region": "(shipping_)?(region|state|province)",
    "carrier": "shipping_carrier",
    "price": "unit_price",
    "quantity": "count item_count (total_)?qty total_(items|quantity) units",
    "shipping_countries": "(shipping_)?country",
    "country": "shipping_country",
    "shipping_methods": "(shipping_)?method",
    "method": "shipping_method",
    "sku": "barcode ean gtin product(_id)?",
    "skus": "products",
    "subtotal": "amount base_subtotal grand_total items?_total price sub_total sum total(_price)? value",
    "tags": "tag",
    "tier": "level",
    "segments": "customer_group groups? segment tags?",
    "{}.orders == 0": "(is_)?first_order (is_)?new",
    "has({}.id)": "(is_)?logged_in",
    "{}.list_price > {}.price": "discounted on_sale",
    "{}.price * {}.quantity": "amount subtotal total",
}
"""What they call facts, by the part after the dot; or a condition on them, where {} is the subject."""

_ALL = r"\* all any everything"
_NAMES: Mapping[str, Mapping[str, str]] = {
    "promotion": {"exclusive: cart": f"{_ALL} others"},
    "segment": {"cart": f"{_ALL} items order products"},
    "layer": {
        "item": "catalog(ue)? goods items line products?",
        "order": "basket cart checkout",
        "shipping": "delivery",
    },
    "function": {"&&": "and", "size": "len(gth)?", "!": "not", "||": "or"},
    "word": {
        "order": "cart lines_pool",
        "unit": "each(_unit)? item per_unit product",
        "line": "each_line line_item",
        "sku": "item product variant",
        "rows": "horizontal",
        "cheapest": "price_asc",
        "dearest": "price_desc",
        "cart": "true yes",
        "string": "str text",
        "int": "integer number",
        "bool": "boolean flag yes_no",
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
        if owner not in _SUBJECTS and not any(matching(_OWNERS, owner)):
            owner, dot, last = "", "", name
    subjects = [*matching(_OWNERS, owner)] or (owner, owner.lower()) if dot else _SUBJECTS
    for fact in (last, in_small_letters(last), *matching(_FACTS, last)):
        for subject in subjects:
            text = fact.replace("{}", subject) if "{}" in fact else f"{subject}.{fact}"
            if text != name and all(each in facts.get(subject, ()) for each in _FACT.findall(text)):
                return text
    return ""


def name_here(what: str, name: str, known: Collection[str]) -> str:
    """The name among ``known`` that is meant; ``what`` is as in ``Issues.unknown_name``; empty if unknown."""
    owner, dot, last = name.rpartition(".")
    suggested = (last,) if dot and owner in SECTIONS else matching(_NAMES.get(what, {}), name)
    return next((each for each in suggested if each in known or what in ("function", "promotion")), "")


def valid_names(name: str) -> tuple[str, str]:
    """A name without what names of promotions, and of segments, must not have: `café 10 %` is cafe-10 and cafe_10."""
    words = re.findall("[A-Za-z0-9_]+", normalize("NFKD", name).encode("ascii", "ignore").decode())
    return "-".join(words), "_".join(words)
