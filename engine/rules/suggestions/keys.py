"""What other systems call keys, and where keys belong: hints about a key that is unknown where it is written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

_STEPS = "{by: …, steps: [{from: …, value: …}]}"
_ANSWERS: Mapping[str, str] = {
    # At the top level, in a promotion, its schedule, coupon and limits.
    "ruleset": "name",
    "segments": "segment",
    "reward": "discount then discount_(type|value|amount) (simple_)?actions? benefits? offers?",
    "name": "label title",
    "priority": "order rank sort_order",
    "when": "(cart_)?predicate conditions? if requires rules",
    "when: '!(…)'": "unless",
    "when: cart.subtotal <= …": "max(imum)?_(spend|subtotal|order)(_.+)? (.+_)?subtotal_range",
    "when: cart.quantity >= …": "min(imum)?_(.+_)?(qty|quantity|items|units)",
    "when: cart.subtotal >= …": "min(imum)?(?!.*margin)(_.+)? threshold",
    'when: cart.channel == "…"': "(website|store|(sales_)?channel)(s|_ids?)?",
    "when: '\"…\" in customer.segments'": "customers? customer_(groups?|segments?|tags?|selection)(_ids?)?",
    'when: shipment.carrier == "…"': "carriers?",
    'when: shipment.country == "…"': "country countries",
    "when: shipment.price <= …": "max_(price|rate)",
    "promotions": "discounts rules",
    "from": "(valid_|active_)?(from|starts?|begins?)(_date|_at|_on)? dates? valid min(imum)?(_.+)? threshold",
    "until": "(valid_|active_)?(until|to|ends?|expir(es|y|ation))(_date|_at|_on)?",
    "hours": "times?",
    "weekdays": "days",
    "schedule: {from: …, until: …}": "(valid_|active_)?(from|starts?|begins?)(_date|_at|_on)? dates? valid"
    " (valid_|active_)?(until|to|ends?|expir(es|y|ation))(_date|_at|_on)?",
    "schedule: {hours: …}": "hours",
    "schedule: {weekdays: […]}": "days weekdays",
    "codes: […]": "((coupon|promo|voucher)_)?codes? coupons vouchers? trigger",
    "coupon: {codes: […]}": "((coupon|promo|voucher)_)?codes? coupons vouchers? trigger",
    "pool": "generate length pattern prefix",
    "total": "max max_uses orders redemptions usage usage_limit uses",
    "per_customer": "(.+_)?once_per_customer .+_per_(customer|user)",
    "per_code": ".+_per_(code|coupon)",
    "total: {times: …, per: …}": "per_(day|week|month|year)",
    "limits: {budget: …}": "budget",
    "limits: {per_customer: …}": "(.+_)?once_per_customer .+_per_(customer|user)",
    "limits: {per_code: …}": ".+_per_(code|coupon)",
    "limits: {total: …}": "limit max_uses usage_limit uses",
    "excludes": "not_with (conflicts|incompatible|not_combinable)_with",
    "exclusive: layer": "stackable combinable stacking_mode stop_rules_processing discard_subsequent_rules"
    " individual_use",
    # In a reward.
    "parts": "items",
    "of": "match predicate segment products? appl(y|ies)_to on target(_.+)?"
    " (?!excluded?_)(.+_)?(product|category|collection|variant)_ids?",
    "percent": "amount discount off percentage price value",
    "amount": "off percent price value",
    "price": "amount percent value",
    "fixed": "amount points",
    "fixed_price": "flat flat_rate price tier_prices?",
    "amount_off": "amount",
    "percent_off: 100": "free",
    "percent_off": "discount discount_(type|value|amount) percent percentage value"
    " (simple_)?actions? benefits? offers?",
    "value": "amount discount discount_(type|value|amount) percent (simple_)?actions? benefits? offers?",
    "buy_get": "bogo buy_x_get_y multi_buy multi_buy_line_items",
    "shipping: {free: true}": "free_shipping",
    "gift": "free_item free_product gift_line_item",
    "credit": "cashback",
    "per_unit_spent": "per_dollar per_euro rate",
    "steps": "tiers",
    **{f"{key}: {_STEPS}": "steps tiers" for key in ("percent", "amount", "price")},
    "quantity": "count qty",
    "at_least": "min(imum)?(_.+)?",
    "repeat": "limit max max_get_units max_occurrence max_repeats",
    "up_to": "cap max max_amount max_discount maximum",
    "per": "scope",
    "pick: cheapest": "cheapest",
    "sets: {of: …, take: …}": "discount_step every group_size nth",
    "skip_reduced": "exclude_(discounted|sale|reduced)(_items)?",
    "parts: [{of: …, quantity: …}]": "of quantity",
    "carried_by: set": "distribute prorate",
    "different": "distinct unique",
    "sku": "product",
    "choices": "products",
    "units: {quantity: 1}": "apply_once",
    "units: {quantity: …}": "count discount_qty limit max(imum)?_(qty|quantity|units) per_cart per_order quantity",
    "units: {quantity: …, per: line}": "max_units_per_line",
    "units: {quantity: …, pick: cheapest}": "cheapest",
    "units: {sets: {of: …, take: …}}": "discount_step every nth",
    "units: {at_least: …}": "min(imum)?_(.+_)?(qty|quantity|items|units)",
    # A reward beside `reward`.
    "reward: {shipping: {free: true}}": "free_shipping",
    "reward: {buy_get: …}": "buy buy_get get",
    **{f"reward: {{{kind}: …}}": kind for kind in ("percent_off", "amount_off", "shipping", "bundle", "gift")},
    # In an example.
    "total: …": "expect(ed|s)?",
}
"""What to write instead of keys that match one of the patterns; it begins with a key that must be allowed there.

The first answer that is possible counts.
"""

_PLACES: Mapping[str, str] = {
    "beside `reward`": "coupon excludes exclusive group layer limits priority schedule tags when",
    "beside `buy`": "carried_by",
    "beside `buy` or `parts`": "different repeat same",
    "beside `parts`, as in different: sku": "distinct unique",
    "beside `reward`, as in limits: {total: …, per_customer: …}": "limit max_uses usage_limit uses",
    "beside `buy` or `parts`, or in `units`": "pick",
    "beside `reward`, as in limits: {per_customer: …, per_code: …}": "(.+_)?once_per_customer"
    " (uses|usage_limit)_per_.+",
    "in the reward, as in reward: {percent_off: {of: …, percent: …}}": "amount percent percentage rate type value"
    " value_type allocation_method",
    "in the reward, as in units: {quantity: …}": "count discount_qty per_cart per_order",
    "in the reward, as in units: {quantity: …, pick: cheapest}": "cheapest",
    "in the reward, as in units: {sets: {of: …, take: …}}": "discount_step",
    "in the reward, as in skip_reduced: true": "exclude_(discounted|sale|reduced)(_items)?",
    "in the filter of the reward's segment, as in item.sku != …": "excluded?_(product|item|sku|categor).*"
    " except exclude excluding exclusions",
    "in the reward, as its `of`": "appl(y|ies)_to on segment skus? target(_.+)?"
    " (.+_)?(category|categories|collection|product|variant)s?(_ids?)?",
    "in `get` beside `quantity`, or beside `parts`": "(amount|percent)_off fixed_price",
    "at the top level of the file, as in floor: {markup_percent: 0}": "(not_)?below_cost (min(imum)?_)?margin",
    "at the top level of the file": "amounts attributes currencies examples floor leftover promotions returns rounding"
    " ruleset segments selection timezone",
    "in `layers`, beside the `name` of a layer": "combine percentages",
    "in the `cart` of an example": "at coupon_facts declined_promotions shipments",
}
"""Where keys belong that are written in the wrong place."""

_REMARKS: Mapping[str, str] = {
    "; promotions combine unless `excludes`, `exclusive` or a `group` says otherwise": "(combines|combinable|stackable)"
    "_with",
    "; every promotion in the file is active: remove the promotion, or give it a schedule": "(is_)?active enabled"
    " status",
    "; write notes for colleagues as comments, which begin with #": "comment description notes?",
    "; the id of a promotion is the key above it": "id",
    "; a promotion with a `coupon` needs a code": "requires_discount_code",
    "; write what the cart must be priced at beside `cart`, as in total: 45.00": "expect(ed|s)?",
}
"""Other hints, most of them about keys that have no counterpart here."""


def key_here(name: str, known: Collection[str]) -> str:
    """What to write instead of a key, where the keys ``known`` are allowed; empty when there is no hint."""
    answers = (in_small_letters(name), *matching(_ANSWERS, name))
    return next((each for each in answers if each.partition(":")[0] in known), "")


def belongs(name: str) -> str:
    """Where a key belongs that is not allowed here; empty when there is no hint."""
    conditions = (f"beside `reward`, as in {each}" for each in matching(_ANSWERS, name) if each.startswith("when: "))
    return next(matching(_PLACES, name), "") or next(conditions, "")


def remark(name: str) -> str:
    """Another hint about a key; empty when there is none."""
    return next(matching(_REMARKS, name), "")


def matching(table: Mapping[str, str], name: str) -> Iterator[str]:
    """The texts of a table that have a pattern of the name in small letters; blanks separate their patterns."""
    plain = in_small_letters(name)
    return (text for text, patterns in table.items() if re.fullmatch(patterns.replace(" ", "|"), plain))


def in_small_letters(name: str) -> str:
    """``validFrom`` and ``Valid From`` as ``valid_from``."""
    return re.sub("[ -]+", "_", re.sub("(?<=[a-z0-9])(?=[A-Z])", "_", name)).lower()
