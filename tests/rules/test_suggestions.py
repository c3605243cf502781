"""What other systems and people call keys, facts, operators and values: each is answered with what it is here."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest

from engine.rules import InvalidRules, load_text
from engine.rules.conditions.environment import Scope
from engine.rules.found import Issue
from engine.rules.suggestions import keys
from engine.rules.words import (
    ALONE,
    ASKED,
    BETWEEN,
    EXAMPLES,
    EXCLUDED_FUNCTIONS,
    EXCLUDED_MACROS,
    GROUPS,
    LEFT_OUT,
    LIST,
    LIST_OF_TEXTS,
    NEGATED,
    PERCENTAGE,
    TIMES,
    TOTALS,
    UNCONDITIONAL,
)
from tests.rules.written import read

HEAD = "ruleset: shop\ncurrencies: [USD]\nsegments: {shoes: item.sku == 'A'}\n"


def promotion(text: str, reward: str = "percent_off: {of: shoes, percent: 10}", layer: str = "item") -> str:
    return f"{HEAD}promotions: {{a: {{layer: {layer}, {text}reward: {{{reward}}}}}}}\n"


PLACES = {
    "top": f"{HEAD}promotions: {{}}\n%s\n",
    "promotion": promotion("%s, "),
    "reward": promotion("", "%s"),
    "percent_off": promotion("", "percent_off: {of: shoes, percent: 10, %s}"),
    "amount_off": promotion("", "amount_off: {of: shoes, per: unit, amount: 1.00, %s}"),
    "fixed_price": promotion("", "fixed_price: {of: shoes, per: unit, price: 1.00, %s}"),
    "units": promotion("", "percent_off: {of: shoes, percent: 10, units: {quantity: 1, %s}}"),
    "steps": promotion("", "percent_off: {of: shoes, percent: {by: cart.lines, steps: [{from: 1, value: 5}], %s}}"),
    "step": promotion("", "percent_off: {of: shoes, percent: {by: cart.lines, steps: [{from: 1, value: 5, %s}]}}"),
    "buy_get": promotion(
        "", "buy_get: {buy: {of: shoes, quantity: 1}, get: {of: shoes, quantity: 1, percent_off: 5}, %s}"
    ),
    "get": promotion("", "buy_get: {buy: {of: shoes, quantity: 1}, get: {of: shoes, quantity: 1, percent_off: 5, %s}}"),
    "bundle": promotion("", "bundle: {parts: [{of: shoes, quantity: 2}], percent_off: 5, %s}"),
    "gift": promotion("", "gift: {sku: MUG, %s}"),
    "points": promotion("", "points: {multiplier: 2, %s}", "points"),
    "coupon": promotion("coupon: {pool: A, %s}, "),
    "limits": promotion("limits: {total: 5, %s}, "),
    "schedule": promotion("schedule: {from: 2026-06-01, %s}, "),
    "example": f"{HEAD}examples: [{{name: a, total: 0.00, cart: {{}}, %s}}]\n",
}

SUGGESTED_KEYS = {
    ("top", "promotions"): "discounts rules",
    ("top", "ruleset"): "name",
    ("top", "segments"): "segment",
    ("promotion", "coupon: {codes: […]}"): "code codes coupon_code coupons trigger promo_code"
    " voucher vouchers voucher_code",
    ("promotion", "when: cart.subtotal <= …"): "maximum_spend max_order_amount prerequisite_subtotal_range",
    ("promotion", "excludes"): "not_with conflicts_with incompatible_with not_combinable_with",
    ("promotion", "exclusive: layer"): "individual_use combinable discard_subsequent_rules stackable stacking_mode"
    " stop_rules_processing",
    ("promotion", "limits: {budget: …}"): "budget",
    ("promotion", "limits: {per_code: …}"): "usage_limit_per_code uses_per_code uses_per_coupon",
    (
        "promotion",
        "limits: {per_customer: …}",
    ): "usage_limit_per_user appliesOncePerCustomer once_per_customer usage_limit_per_customer uses_per_customer",
    ("promotion", "limits: {total: …}"): "limit max_uses usage_limit uses",
    ("promotion", "name"): "label title Name",
    ("promotion", "priority"): "order rank sort_order sortOrder sort-order",
    ("promotion", "reward"): "discount then discount_type discount_value discount_amount action actions benefit offer"
    " simple_action",
    ("promotion", "reward: {amount_off: …}"): "amount_off",
    ("promotion", "reward: {bundle: …}"): "bundle",
    ("promotion", "reward: {buy_get: …}"): "buy_get buy get",
    ("promotion", "reward: {gift: …}"): "gift",
    ("promotion", "reward: {percent_off: …}"): "percent_off",
    ("promotion", "reward: {shipping: {free: true}}"): "free_shipping",
    ("promotion", "reward: {shipping: …}"): "shipping",
    ("promotion", "schedule: {from: …, until: …}"): "date dates end end_date ends ends_at expires expires_at from"
    " from_date start start_date starts starts_at to_date until valid valid_from valid_until validFrom"
    " active_from begins expiry expires_on to active_until",
    ("promotion", "schedule: {hours: …}"): "hours",
    ("promotion", "schedule: {weekdays: […]}"): "days weekdays",
    ("promotion", "when"): "cart_predicate condition conditions if predicate requires rules When",
    ("promotion", "when: '!(…)'"): "unless",
    ("promotion", "when: '\"…\" in customer.segments'"): "customer customer_group customer_groups customers"
    " customer_group_ids customer_selection",
    ("promotion", 'when: cart.channel == "…"'): "channel channels store stores websites website_ids",
    ("promotion", "when: cart.quantity >= …"): "min_qty min_quantity minimum_quantity min_items min_cart_quantity",
    ("promotion", "when: cart.subtotal >= …"): "min_amount min_order min_spend min_subtotal minimum minimum_amount"
    " minimum_order minimum_spend threshold minimum_purchase min_cart minimum_order_value min",
    ("promotion", 'when: shipment.carrier == "…"'): "carrier carriers",
    ("promotion", 'when: shipment.country == "…"'): "countries country",
    ("promotion", "when: shipment.price <= …"): "max_price max_rate",
    ("reward", "amount_off"): "amount",
    ("reward", "credit"): "cashback",
    ("reward", "buy_get"): "bogo buy_x_get_y multi_buy multi_buy_line_items",
    ("reward", "fixed_price"): "price tier_price tier_prices",
    ("reward", "gift"): "free_item free_product gift_line_item",
    ("reward", "percent_off"): "discount percent percentage value",
    ("reward", "shipping: {free: true}"): "free_shipping",
    ("percent_off", "of"): "product_ids target_type applies_to apply_to match on predicate products segment target",
    ("percent_off", "per"): "scope",
    ("percent_off", "percent"): "amount percentage price value off",
    ("percent_off", "percent: {by: …, steps: [{from: …, value: …}]}"): "steps tiers",
    ("percent_off", "skip_reduced"): "exclude_discounted exclude_sale_items",
    ("percent_off", "units: {at_least: …}"): "min_qty min_quantity minimum_quantity",
    ("percent_off", "units: {quantity: 1}"): "apply_once",
    ("percent_off", "units: {quantity: …, per: line}"): "max_units_per_line",
    ("percent_off", "units: {quantity: …, pick: cheapest}"): "cheapest",
    (
        "percent_off",
        "units: {quantity: …}",
    ): "count limit discount_qty max_qty max_quantity max_units per_cart per_order quantity",
    ("percent_off", "units: {sets: {of: …, take: …}}"): "discount_step every nth",
    ("percent_off", "up_to"): "max max_amount max_discount maximum cap",
    ("amount_off", "amount"): "percent price value",
    ("amount_off", "amount: {by: …, steps: [{from: …, value: …}]}"): "steps tiers",
    ("fixed_price", "price"): "amount percent value",
    ("fixed_price", "price: {by: …, steps: [{from: …, value: …}]}"): "steps tiers",
    ("units", "at_least"): "min min_qty min_quantity minimum minimum_quantity",
    ("units", "pick: cheapest"): "cheapest",
    ("units", "quantity"): "count qty",
    ("units", "sets: {of: …, take: …}"): "every group_size nth",
    ("steps", "steps"): "tiers",
    ("step", "from"): "min threshold",
    ("step", "value"): "amount discount percent",
    ("buy_get", "carried_by: set"): "distribute prorate",
    ("buy_get", "repeat"): "limit max max_get_units max_occurrence max_repeats",
    ("get", "fixed_price"): "flat flat_rate",
    ("get", "percent_off"): "percentage",
    ("get", "percent_off: 100"): "free",
    ("get", "quantity"): "qty count",
    ("bundle", "different"): "distinct unique",
    ("bundle", "fixed_price"): "price",
    ("bundle", "parts"): "items",
    ("bundle", "parts: [{of: …, quantity: …}]"): "of quantity",
    ("gift", "choices"): "products",
    ("gift", "sku"): "product",
    ("points", "fixed"): "amount points",
    ("points", "per_unit_spent"): "rate per_dollar per_euro",
    ("coupon", "codes: […]"): "code",
    ("coupon", "pool"): "generate length pattern prefix",
    ("limits", "per_code"): "usage_limit_per_code uses_per_code uses_per_coupon",
    ("limits", "per_customer"): "usage_limit_per_customer uses_per_customer",
    ("limits", "total"): "max max_uses orders redemptions usage usage_limit uses",
    ("limits", "total: {times: …, per: …}"): "per_day per_month per_week per_year",
    ("schedule", "from"): "date dates from_date start start_date starts starts_at valid valid_from",
    ("schedule", "hours"): "time times",
    ("schedule", "until"): "end end_date ends ends_at expires expires_at to_date valid_until",
    ("schedule", "weekdays"): "days",
    ("example", "total: …"): "expect expected expects",
}
"""Keys of other systems, by the place where they are written and what to write instead."""

REMARKS_ON_KEYS = {
    ("gift", "it belongs beside `reward`"): "coupon excludes exclusive group layer limits priority schedule tags when",
    ("gift", "as in when: shipment.carrier"): "carrier carriers",
    ("gift", "as in when: shipment.country"): "countries country",
    ("gift", "as in when: shipment.price"): "max_price max_rate",
    ("coupon", "it belongs beside `reward`, as in when: cart.channel"): "channel stores",
    ("coupon", "it belongs beside `reward`, as in when: cart.subtotal"): "min_order minimum_spend",
    ("percent_off", "as in floor: {markup_percent: 0}"): "below_cost margin min_margin not_below_cost",
    ("promotion", "as in floor: {markup_percent: 0}"): "below_cost margin min_margin minimum_margin",
    ("gift", "as in limits: {per_customer: …, per_code: …}"): "once_per_customer uses_per_code uses_per_coupon"
    " uses_per_customer usage_limit_per_code usage_limit_per_customer",
    ("get", "it belongs beside `buy` or `parts`"): "different repeat same",
    ("bundle", "it belongs beside `buy`"): "carried_by",
    ("get", "it belongs beside `parts`, as in different: sku"): "distinct unique",
    ("coupon", "it belongs beside `reward`, as in limits: {total: …, per_customer: …}"): "limit uses",
    ("get", "or in `units`"): "pick",
    (
        "promotion",
        "it belongs in the reward, as in reward: {percent_off: {",
    ): "amount percent percentage rate type value value_type allocation_method",
    ("promotion", "it belongs in the reward, as in units: {quantity: …}"): "count discount_qty",
    ("promotion", "as in units: {sets: {of: …, take: …}}"): "discount_step",
    ("promotion", "as in skip_reduced: true"): "exclude_discounted exclude_sale_items",
    (
        "percent_off",
        "in the filter of the reward's segment",
    ): "excluded_product_ids except exclude excluding exclusions",
    ("promotion", "in the filter of the reward's segment"): "excluded_product_ids exclude_categories",
    ("limits", "it belongs in the reward, as in units: {quantity: …}"): "per_cart per_order",
    ("promotion", "units: {quantity: …, pick: cheapest}"): "cheapest",
    ("promotion", "it belongs in the reward, as its `of`"): "applies_to apply_to categories category collection on"
    " product products segment sku skus target target_selection entitled_product_ids category_ids",
    ("buy_get", "it belongs in `get` beside `quantity`"): "amount_off fixed_price percent_off",
    ("promotion", "it belongs at the top level"): "amounts attributes currencies examples floor leftover promotions"
    " returns rounding ruleset segments selection timezone",
    ("promotion", "it belongs in `layers`"): "combine percentages",
    ("promotion", "it belongs in the `cart` of an example"): "at coupon_facts declined_promotions shipments",
    ("promotion", "promotions combine unless"): "combines_with combinable_with stackable_with",
    ("promotion", "every promotion in the file is active"): "active enabled is_active status",
    ("promotion", "as comments, which begin with #"): "comment description note notes",
    ("promotion", "is the key above it"): "id",
    ("promotion", "a promotion with a `coupon` needs a code"): "requires_discount_code",
}
"""Keys that are answered with a sentence, by the place where they are written."""


def each(cases: Mapping[tuple[str, str], str]) -> list[tuple[str, str, str]]:
    return [(key, place, answer) for (place, answer), keys in cases.items() for key in keys.split()]


def only_issue(text: str) -> Issue:
    with pytest.raises(InvalidRules) as caught:
        load_text(text)
    (issue,) = caught.value.issues
    return issue


@pytest.mark.parametrize(("key", "place", "suggestion"), each(SUGGESTED_KEYS))
def test_suggests_the_key(key: str, place: str, suggestion: str) -> None:
    issue = only_issue(PLACES[place].replace("%s", f"{key}: 1"))
    assert (issue.code, issue.suggestion) == ("unknown_key", suggestion)


@pytest.mark.parametrize(("key", "place", "remark"), each(REMARKS_ON_KEYS))
def test_says_where_the_key_belongs(key: str, place: str, remark: str) -> None:
    issue = only_issue(PLACES[place].replace("%s", f"{key}: 1"))
    assert (issue.code, issue.suggestion) == ("unknown_key", "")
    assert remark in issue.message


def test_no_key_is_answered_without_a_case() -> None:
    cases = {key for names in (SUGGESTED_KEYS | REMARKS_ON_KEYS).values() for key in names.split()}
    tables = keys._ANSWERS, keys._PLACES, keys._REMARKS
    patterns = [each for table in tables for answered in table.values() for each in answered.split()]
    unknown = [each for each in patterns if not any(re.fullmatch(each, case) for case in cases)]
    assert unknown == []


@pytest.mark.parametrize(
    ("reward", "suggestion"),
    [
        ("shipping: {free: true, method: express}", "methods"),
        ("freeshipping: true", "shipping"),
        ("percent_off: {of: shoes, value: 10}", "percent"),
        ("percent_off: {on: shoes, percent: 10}", "of"),
        ("amount_off: {of: shoes, per: unit, percent: 10}", "amount"),
        ("buy_get: {buy: {of: shoes, count: 2}, get: {of: shoes, quantity: 1, percent_off: 5}}", "quantity"),
        ("percent_off: {of: shoes, percent: 10, units: {count: 1}}", "quantity"),
        ("points: {rate: 5}", "per_unit_spent"),
        ("percent_off: {of: shoes, rabatt: 10}", "percent"),
        ("type: percent_off, of: shoes, percent: 10", "percent_off: {…}"),
        ("discount_type: percentage, value: 10, target: shoes", "percent_off: {…}"),
    ],
)
def test_what_is_written_under_another_key_is_not_missing(reward: str, suggestion: str) -> None:
    layer = "points" if "points" in reward else "shipping" if "shipping" in reward else "item"
    assert only_issue(promotion("", reward, layer)).suggestion == suggestion


SUGGESTED_FACTS = {
    (Scope.GOODS, "cart.channel"): "cart.store cart.website",
    (Scope.GOODS, "cart.coupons"): "cart.code cart.codes cart.coupon cart.coupon_code cart.coupon_codes coupon coupons",
    (Scope.GOODS, "cart.lines"): "cart.items cart.line_items",
    (Scope.GOODS, "cart.merchandise"): "cart.original_total",
    (Scope.GOODS, "cart.payment_method"): "cart.payment payment_method",
    (
        Scope.GOODS,
        "cart.quantity",
    ): "cart.count cart.item_count cart.qty cart.total_quantity cart.total_qty cart.total_items cart.units"
    " quantity bag.quantity basket.quantity checkout.quantity coupon.quantity order.quantity",
    (Scope.GOODS, "cart.shipping_countries"): "cart.country cart.shipping_country country"
    " address.country delivery.country shipping.country shipping_address.country",
    (Scope.GOODS, "cart.shipping_methods"): "cart.method cart.shipping_method",
    (Scope.GOODS, "cart.skus"): "cart.products",
    (
        Scope.GOODS,
        "cart.subtotal",
    ): "cart.value cart.amount cart.sum cart_total order_total base_subtotal sub_total grand_total quote.total"
    " cart.item_total cart.items_total cart.price cart.total cart.total_price"
    " total Cart.Subtotal CART.SUBTOTAL cart.subTotal order.total",
    (Scope.GOODS, "customer.lifetime_spend"): "customer.total_spent customer.spent customer.spend customer.total_spend",
    (Scope.GOODS, "customer.orders"): "customer.number_of_orders customer.order_count customer.orders_count",
    (Scope.GOODS, "customer.orders == 0"): "customer.first_order customer.is_first_order customer.is_new customer.new",
    (Scope.GOODS, "customer.points"): "customer.loyalty_points account.points buyer.points client.points"
    " shopper.points user.points points",
    (Scope.GOODS, "customer.segments"): "customer.customer_group customer.group customer.groups customer.segment"
    " customer.tag customer.tags",
    (Scope.GOODS, "customer.tier"): "customer.level tier",
    (Scope.GOODS, "has(customer.id)"): "customer.is_logged_in customer.logged_in",
    (Scope.GOODS, "shoes"): "segments.shoes segment.shoes",
    (Scope.GOODS, "shoes.quantity"): "shoes.count shoes.qty",
    (Scope.ITEM, "item.brand"): "item.manufacturer item.vendor items.brand line.brand line_item.brand lines.brand"
    " product.brand products.brand variant.brand brand",
    (Scope.ITEM, "item.category"): "item.attribute_set item.categories item.category_id item.category_ids"
    " item.collection item.product_type item.taxon item.taxons item.type cart.category category",
    (Scope.ITEM, "item.list_price"): "item.compare_at_price item.msrp item.original_price item.rrp",
    (Scope.ITEM, "item.list_price > item.price"): "item.discounted item.on_sale",
    (Scope.ITEM, "item.price"): "item.unit_price",
    (Scope.ITEM, "item.price * item.quantity"): "item.subtotal item.total line.amount line.subtotal line_item.total",
    (Scope.ITEM, "item.sku"): "item.barcode item.ean item.gtin item.product item.product_id",
    (Scope.ITEM, "item.tags"): "item.tag",
    (Scope.SHIPPING, "shipment.carrier"): "address.carrier delivery.carrier shipping.carrier shipping_address.carrier",
    (Scope.SHIPPING, "shipment.country"): "shipment.shipping_country",
    (Scope.SHIPPING, "shipment.method"): "shipment.shipping_method",
    (Scope.SHIPPING, "shipment.postal_code"): "shipment.postcode shipment.shipping_postcode shipment.zip"
    " cart.shipping_postal_code cart.zip",
    (Scope.SHIPPING, "shipment.region"): "shipment.state cart.shipping_region cart.state cart.province",
}


@pytest.mark.parametrize(
    ("scope", "name", "fact"),
    [(scope, name, fact) for (scope, fact), names in SUGGESTED_FACTS.items() for name in names.split()],
)
def test_suggests_the_fact(scope: Scope, name: str, fact: str) -> None:
    _, (issue,) = read(name, scope)
    assert issue.suggestion == fact
    assert fact == "shoes" or read(fact, scope)[0] is not None


@pytest.mark.parametrize("name", ["category", "sku", "product.category", "products.sku"])
def test_says_where_conditions_on_items_go(name: str) -> None:
    _, (issue,) = read(f"{name} == 'A'", Scope.GOODS)
    assert issue.message.startswith(f"unknown name `{name}`; give the items a name in `segments`")


OPERATORS = {
    "==": "=|is|equals|equal to|is equal to|===",
    "!=": "<>|is not|not equal to|is not equal to|≠|! =",
    ">=": "=>|≥|at least|is at least|is greater than or equal to|more than or equal to|> =",
    "<=": "=<|≤|at most|is at most|less than or equal to|up to|is up to",
    ">": "greater than|is greater than|more than|is more than|is over|above|exceeds",
    "<": "less than|is less than|under|is below",
    "&&": "&|and|AND|;",
    "||": "or|OR",
    "+": "plus",
    "-": "minus|\N{EN DASH}|\N{MINUS SIGN}",
    "*": "×",
    ".": "->",
    "in": "IN|is in",
    "!(… in …)": "not in|is not in",
    "has(…)": "exists|is set|is not null",
    "!has(…)": "is null|is empty",
    ".contains(…)": "like|LIKE",
    ".startsWith(…)": "starts with|startswith|begins with",
    ".endsWith(…)": "ends with|endswith",
}


@pytest.mark.parametrize(
    ("written", "operator"), [(each, operator) for operator, others in OPERATORS.items() for each in others.split("|")]
)
def test_suggests_the_operator(written: str, operator: str) -> None:
    _, (issue,) = read(f"cart.lines {written} 5")
    assert issue.suggestion == operator


@pytest.mark.parametrize(
    ("condition", "hint"),
    [
        ("cart.quantity between 3 and 5", BETWEEN),
        ("cart.quantity is between 3 and 5", BETWEEN),
        ("cart.quantity.between(3, 5)", BETWEEN),
        ("if cart.quantity > 3", ALONE),
        ("when cart.quantity > 3", ALONE),
        ("IF(cart.quantity > 3)", ALONE),
        ("when(cart.quantity > 3)", ALONE),
        ("cart.quantity > 3 then 5", "; what the promotion grants goes in its `reward`"),
        *((f"cart {word} shoes", ASKED) for word in ("contains", "contain", "has", "have", "includes", "include")),
        ("has shoes", ASKED),
        *((f"{word}(cart.lines) > 3", TOTALS) for word in ("SUM", "avg", "count", "max", "min", "total", "any")),
        *((word, UNCONDITIONAL) for word in ("always", "all", "any", "everyone", "everything", "none", "yes")),
        ("customer.tier in 'gold'", LIST_OF_TEXTS),
        ("!customer.tier == 'gold'", NEGATED),
        ("18:00 < 19:00", TIMES),
        ("cart.quantity\N{NO-BREAK SPACE}> 3", "type it again"),
        *((f"{owner} > 5", EXAMPLES[owner]) for owner in ("cart", "customer", "shipment")),
        ("shoes > 5", "as in shoes.quantity >= 1 or shoes.subtotal >= 50.00 (subtotal, "),
        ("cart.subtotal == 'a'", "; write text with quotes and numbers without"),
        ("true == 9.00", "; join two comparisons with `&&`"),
        *((f"cart.lines > 1 && {sign} 9", "write a full comparison") for sign in ("<", "<=", ">", ">=", "==", "!=")),
    ],
)
def test_says_how_a_condition_is_written(condition: str, hint: str) -> None:
    _, (issue, *_) = read(condition)
    assert hint in issue.message


@pytest.mark.parametrize(
    ("condition", "suggestion"),
    [
        ("AND(true, false)", "&&"),
        ("OR(true, false)", "||"),
        ("NOT(true)", "!"),
        ("len(customer.tier) > 3", "size"),
        ("length(customer.tier) > 3", "size"),
        ("customer.tier == „gold”", '"gold"'),
        ("customer.tier == „gold", '"'),
        ("customer.tier == gold”", '"'),
    ],
)
def test_suggests_the_function_and_the_quotes(condition: str, suggestion: str) -> None:
    _, (issue,) = read(condition)
    assert issue.suggestion == suggestion


def test_shows_a_condition_on_items() -> None:
    _, (issue,) = read("item == 'A'", Scope.ITEM)
    assert EXAMPLES["item"] in issue.message


@pytest.mark.parametrize("function", sorted(EXCLUDED_FUNCTIONS))
def test_names_the_functions_that_conditions_do_not_have(function: str) -> None:
    _, (issue,) = read(f"{function}(cart.lines) > 5")
    assert issue.message.startswith(f"conditions do not support `{function}` (")


@pytest.mark.parametrize("macro", sorted(EXCLUDED_MACROS))
def test_names_the_macros_that_conditions_do_not_have(macro: str) -> None:
    _, (issue,) = read(f"cart.coupons.{macro}(each, each == 'A')")
    assert issue.message.endswith("(a macro); use `in`, `has(fact)` or a segment")


def value(kind: str, written: str) -> str:
    """A rule set with the value where such a kind is expected."""
    quoted = written if written[0] in "[{" else f'"{written}"'
    match kind:
        case "of" | "percent":
            entry = {"of": "shoes", "percent": "10"} | {kind: quoted}
            return promotion("", f"percent_off: {{of: {entry['of']}, percent: {entry['percent']}}}")
        case "per":
            return promotion("", f"percent_off: {{of: shoes, percent: 10, per: {quoted}}}")
        case "amount":
            return promotion("", f"amount_off: {{of: shoes, per: order, amount: {quoted}}}")
        case "arrange":
            return promotion(
                "", f"percent_off: {{of: shoes, percent: 10, units: {{sets: {{of: 2, take: 1, arrange: {quoted}}}}}}}"
            )
        case "pick" | "units.per":
            return promotion(
                "", f"percent_off: {{of: shoes, percent: 10, units: {{quantity: 1, {kind[-4:].strip('.')}: {quoted}}}}}"
            )
        case "quantity" | "weight" | "for_every":
            return promotion("", f"gift: {{sku: MUG, {kind}: {quoted}}}")
        case "steps":
            return promotion("", f"percent_off: {{of: shoes, percent: {{by: cart.quantity, steps: {quoted}}}}}")
        case "sku":
            return promotion("", f"gift: {{sku: {quoted}}}")
        case "reward":
            return promotion("", "%").replace("{%}", quoted)
        case "shipping":
            return promotion("", f"shipping: {quoted}", "shipping")
        case "layer":
            return promotion("", layer=quoted)
        case "from" | "until" | "hours" | "weekdays":
            return promotion(f"schedule: {{{kind}: {quoted}}}, ")
        case "total" | "budget" | "partial":
            budget = "budget: 5.00, " if kind == "partial" else ""
            return promotion(f"limits: {{{budget}{kind}: {quoted}}}, ")
        case "currencies":
            return f"ruleset: a\ncurrencies: {quoted}\n"
        case "timezone":
            return f"{HEAD}timezone: {quoted}\n"
    return promotion(f"{kind}: {quoted}, ")


VALUES = [
    ("percent", "10%", "10"), ("percent", "10 percent", "10"), ("percent", "10pct", "10"), ("percent", "12,5", "12.5"),
    ("percent", "10€", ""), ("percent", "-10", ""), ("percent", "150%", ""), ("quantity", "0 items", ""),
    ("steps", "{50: 5, 100: 10}", "[{from: 50, value: 5}, {from: 100, value: 10}]"),
    ("steps", "{from: 1, value: 5}", "[{from: 1, value: 5}]"), ("steps", "{first: 5}", ""),
    ("sku", "[A, B]", "choices: [A, B]"),
    ("amount", "50 GBP", "50"), ("amount", "$50", "50"), ("amount", "US$50", "50"), ("amount", "50,00", "50.00"),
    ("amount", "1,000.00", "1000.00"), ("amount", "1.000,00", "1000.00"), ("amount", "50.", "50"),
    ("amount", ".50", "0.50"), ("amount", "50 dollars", "50"), ("amount", "5.00 per item", ""), ("amount", "10%", ""),
    ("total", "1,000", "1000"), ("total", "once", "1"), ("total", "2 times", "2"), ("total", "1.5", ""),
    ("total", "100 uses", "100"), ("for_every", "2 shoes", "{of: shoes, quantity: 2}"),
    ("total", "1 per day", "{times: 1, per: day}"), ("total", "twice a week", "{times: 2, per: week}"),
    *(("quantity", word, str(i)) for i, word in
      enumerate("one two three four five six seven eight nine ten".split(), 1)),
    ("priority", "1st", "1"), ("priority", "high", ""),
    ("weight", "2kg", "2000"), ("weight", "2.5 kg", "2500"), ("weight", "300 g", "300"), ("weight", "2 lb", ""),
    ("partial", "on", "true"), ("partial", "TRUE", "true"), ("partial", "no", "false"),
    ("from", "June 1 2026", "2026-06-01"), ("from", "June 1, 2026", "2026-06-01"),
    ("from", "1 June 2026", "2026-06-01"),
    ("from", "1st of June 2026", "2026-06-01"), ("from", "Jun 1 2026", "2026-06-01"), ("from", "1/6/2026", ""),
    ("from", "25/12/26", "2026-12-25"), ("from", "20260601", "2026-06-01"), ("from", "2026/06/01", "2026-06-01"),
    ("from", "2026-06-01 6pm", "2026-06-01T18:00"), ("from", "2026-06-01T9:00", "2026-06-01T09:00"),
    ("from", "25/12/2026 18:00", "2026-12-25T18:00"), ("from", "June 1, 2026 at noon", "2026-06-01T12:00"),
    ("from", "2026-06-01T00:00:00.000", "2026-06-01T00:00"), ("from", "2026-06-01T00:00:00Z", ""),
    ("from", "Mon, 1 June 2026", "2026-06-01"), ("from", "1 June 1066", ""), ("from", "tomorrow", ""),
    ("until", "2026-06-01T24:00", ""),
    ("hours", "6pm-9pm", "18:00-21:00"), ("hours", "6-9pm", "18:00-21:00"), ("hours", "9-5pm", "09:00-17:00"),
    ("hours", "6pm to 9pm", "18:00-21:00"), ("hours", "18.00-21.00", "18:00-21:00"),
    ("hours", "18h-21h", "18:00-21:00"),
    ("hours", "1800-2100", "18:00-21:00"), ("hours", "from 9 a.m. to noon", "09:00-12:00"),
    ("hours", "24:00-06:00", "00:00-06:00"), ("hours", "after 18:00", "18:00-24:00"),
    ("hours", "until noon", "00:00-12:00"),
    ("hours", "6pm-midnight", "18:00-24:00"), ("hours", "17:70-18:00", ""), ("hours", "13pm-14pm", ""),
    ("hours", "24:00", ""), ("hours", "6pm-6pm", ""),
    ("weekdays", "Monday to Friday", "[mon, tue, wed, thu, fri]"), ("weekdays", "Sat & Sundays", "[sat, sun]"),
    ("weekdays", "mon tue wed", "[mon, tue, wed]"), ("weekdays", "[weekend]", "sat, sun"),
    ("weekdays", "[Mon-Wed]", "mon, tue, wed"), ("weekdays", "[Tuesday]", "tue"),
    *(("weekdays", word, "[mon, tue, wed, thu, fri]") for word in ("weekday", "weekdays", "workdays")),
    *(("weekdays", word, "[mon, tue, wed, thu, fri, sat, sun]") for word in
      ("all", "always", "any", "daily", "every day", "everyday", "all week")),
    ("tags", "sale, summer", "[sale, summer]"), ("tags", "sale and summer", "[sale, summer]"),
    *(("timezone", each, "Europe/Vienna") for each in ("Vienna", "europe/vienna", "Europe/Vienne")),
    ("timezone", "utc", "UTC"), ("timezone", "CEST", ""), ("timezone", "UTC+2", ""),
    ("currencies", "USD, EUR", "[USD, EUR]"), ("excludes", "tag:sale", "[tag:sale]"),
    *(("excludes", word, "exclusive: cart") for word in ("all", "*", "any", "everything", "others", "true", "yes")),
    *(("excludes", f"[{word}]", "exclusive: cart") for word in ("all", '"*"', "any", "everything", "others")),
    ("exclusive", "true", "cart"), ("exclusive", "yes", "cart"),
    ("coupon", "SAVE", "{codes: [SAVE]}"), ("coupon", "[SAVE, MORE]", "{codes: [SAVE, MORE]}"),
    ("limits", "5", "{total: 5}"), ("limits", "often", ""), ("limits", "once", "{total: 1}"),
    *(("limits", f"once per {who}", "{per_customer: 1}") for who in ("customer", "person", "shopper", "user")),
    ("limits", "2 uses per code", "{per_code: 2}"), ("limits", "twice a day", "{total: {times: 2, per: day}}"),
    ("excludes", "{group: season}", "[group:season]"), ("excludes", "[{tag: sale}]", "tag:sale"),
    ("tags", "{tag: sale}", ""), ("group", "{group: season}", ""),
    ("schedule", "weekends", "{weekdays: [sat, sun]}"), ("schedule", "6pm-9pm", "{hours: 18:00-21:00}"),
    ("schedule", "June 1 2026", "{from: 2026-06-01}"), ("schedule", "2026-06-01", "{from: 2026-06-01}"),
    ("schedule", "soon", ""),
    ("reward", "10% off", "{percent_off: {of: cart, percent: 10}}"),
    ("reward", "$5 off", "{amount_off: {of: cart, amount: 5, per: order}}"),
    ("reward", "free shipping", "{shipping: {free: true}}"), ("reward", "much", ""),
    ("shipping", "free", "{free: true}"), ("shipping", "true", "{free: true}"), ("shipping", "0", "{free: true}"),
    ("shipping", "50%", "{percent_off: 50}"), ("shipping", "$4.99", "{fixed_price: 4.99}"),
    *(("of", word, "cart") for word in ("*", "all", "any", "everything", "items", "order", "products")),
    *(("layer", word, "item") for word in ("catalog", "catalogue", "goods", "items", "line", "product", "products")),
    *(("layer", word, "order") for word in ("basket", "cart", "checkout")), ("layer", "delivery", "shipping"),
    ("layer", "ITEM", "item"),
    *(("per", word, "order") for word in ("cart", "lines_pool")),
    *(("per", word, "unit") for word in ("each", "each_unit", "per_unit", "item", "product")),
    *(("per", word, "line") for word in ("each_line", "line_item")),
    *(("units.per", word, "sku") for word in ("item", "product", "variant")),
    ("arrange", "horizontal", "rows"), ("pick", "price_asc", "cheapest"), ("pick", "price_desc", "dearest"),
]  # fmt: skip
"""What is expected, what is written there, and what is suggested."""


@pytest.mark.parametrize(("kind", "written", "suggestion"), VALUES)
def test_suggests_the_value(kind: str, written: str, suggestion: str) -> None:
    assert only_issue(value(kind, written)).suggestion == suggestion


@pytest.mark.parametrize(
    ("kind", "suggestion"),
    sorted({(kind, each) for kind, written, each in VALUES if each and written[0] != "[" and "…" not in each}),
)
def test_what_is_suggested_is_right(kind: str, suggestion: str) -> None:
    """Except that what is around it may have to change: the layer for shipping, a tag to exclude, a code to limit."""
    text = promotion(f"{suggestion}, ") if suggestion == "exclusive: cart" else value(kind, suggestion)
    codes: set[str] = set()
    try:
        load_text(text)
    except InvalidRules as error:
        codes = {issue.code for issue in error.issues}
    assert codes <= {"unknown_tag", "unknown_group", "wrong_layer", "pointless"}


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (value("of", "[shoes, cart]").replace("of: [shoes, cart], percent: 10", "shoes: 10"), "found `{shoes: …}`"),
        (value("amount", "10%"), PERCENTAGE),
        (value("amount", "{amount: 5, currency: USD}"), "as in {USD: 15.00}"),
        (value("exclusive", "no"), LEFT_OUT),
        (value("total", "unlimited"), "for no limit, leave out the key"),
        (value("group", "season"), GROUPS),
        (value("of", "[shoes, cart]"), "the name of one segment"),
        (value("excludes", "{tag: sale}"), "as in [winter, tag:sale]"),
        (value("from", "1/6/2026"), "with the day first, that is 2026-06-01, with the month first 2026-01-06"),
        (value("from", "1/6/2026 9am"), "that is 2026-06-01T09:00, with the month first 2026-01-06T09:00"),
        (value("of", "cheapest"), "as in units: {quantity: 1, pick: cheapest}"),
        (value("priority", "9999999999"), "a whole number of at most 9 digits"),
        (value("currencies", "{USD: 2}"), "as in [USD]"),
        (promotion("coupon: {codes: SAVE, MORE}, "), LIST),
        (f"{HEAD}examples: 5\n", "as in [{name: …, cart: …, total: …}]"),
        (promotion("coupon: {codes: [A]}, limits: {per_code: {times: 1}}, "), "write per: day, week, month or year"),
    ],
)
def test_says_what_the_value_must_be(text: str, hint: str) -> None:
    assert hint in only_issue(text).message


@pytest.mark.parametrize(
    ("name", "suggestion"), [("sale", "tag:sale"), ("tags:sale", "tag:sale"), ("season", "group:season")]
)
def test_suggests_the_label_that_is_excluded(name: str, suggestion: str) -> None:
    text = promotion(f'tags: [sale], group: season, excludes: ["{name}"], ') + "groups: {season: {policy: one}}\n"
    assert only_issue(text).suggestion == suggestion
