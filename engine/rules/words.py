"""The wording of messages about rule files: what is expected, what to write instead, how a mistake is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from engine.rules.expressions import Type

LONGEST_SHOWN = 40
_MOST_NAMES = 20
_MOST_KEYS = 4

EXPECTED = {
    "amount": "an amount: a decimal such as 15.00, a table such as {USD: 15.00}, or a name from amounts",
    "condition": "a single condition such as cart.subtotal >= 50.00 (join several with `&&`)",
    "count": "a whole number from 1 to 1,000,000",
    "date": "a date such as 2026-06-01 or a time such as 2026-06-01T17:00 (in the rule set's timezone), "
    "from 1970 to 2100",
    "factor": "a factor from 1 to 1,000 with at most 4 decimal places",
    "figure": "a decimal such as 15.00",
    "filter": 'a single condition such as item.category == "shoes" or item.sku in ["A", "B"]',
    "free": "true (otherwise, leave out the key)",
    "grams": "a whole number of grams from 0 to 1,000,000,000",
    "integer": "a whole number of at most 18 digits",
    "hours": "hours such as 17:00-23:00 or 22:00-02:00 (one window that is not empty, from 00:00 to 24:00)",
    "limit": "a whole number, at least 0 (for no limit, leave out the key)",
    "list": "a list",
    "local_time": "a local time such as 2026-06-01T17:00, from 1970 to 2100",
    "mapping": "keys and values",
    "nodes": "a whole number from 1 to 10,000,000",
    "not_empty": "at least one entry",
    "percent": "a percentage from 0 to 100 with at most 4 decimal places",
    "points": "a whole number of points from 1 to 1,000,000,000",
    "rate": "a number of points from 0.0001 to 1,000,000 with at most 4 decimal places",
    "repeat": "a whole number from 1 to 1,000,000, or unlimited",
    "segment": "the name of one segment (for several, declare one whose filter joins theirs with `||`)",
    "text": "text",
    "whole_number": "a whole number of at most 9 digits",
    "yes_no": "true or false",
}

_LISTS = {
    "applied": "[summer]",
    "codes": "[SAVE10]",
    "coupons": "[SAVE10]",
    "currencies": "[USD]",
    "examples": "[{name: …, cart: …, total: …}]",
    "excludes": "[winter, tag:sale]",
    "layers": "[{name: item, kind: goods}]",
    "lines": "[{id: a, sku: A, price: 10.00}]",
    "parts": "[{of: shoes, quantity: 2}]",
    "rates": "[{method: standard, price: 4.95}]",
    "shipments": "[{id: home, country: US}]",
    "steps": "[{from: 50.00, value: 5}]",
    "weekdays": "[mon, tue]",
}
_MAPPINGS = {
    "amounts": "{free_from: {USD: 50.00, EUR: 45.00}}",
    "coupons": "{SAVE10: applied}",
    "gifts": "{MUG: 1}",
    "groups": "{season: {policy: one}}",
    "lines": "{a: 10.00}",
    "promotions": "{summer: {layer: …, reward: …}}",
    "segments": '{shoes: item.category == "shoes"}',
    "values": "{gold: 10}",
}
_AS_IN = {"list": _LISTS, "mapping": _MAPPINGS, "not_empty": _MAPPINGS | _LISTS}
"""Examples of lists and mappings, by what is expected and the key."""

MISSING = {
    "at": "; a schedule has no `from`, so say when the cart is priced, as in at: 2026-06-01T17:00",
    "codes": "; list the codes, or name a `pool` of unique codes",
    "currency": "; the rule set has several currencies",
    "layer": "; name the layer that the promotion belongs to",
    "per": "; write per: unit, per: line or per: order",
    **dict.fromkeys(("total.per", "per_customer.per", "per_code.per"), "; write per: day, week, month or year"),
    "quantity": "; say how many units are meant",
    "steps": "; for a number, write steps: [{from: …, value: …}]; for a name, values: {gold: …, silver: …}",
    "reward": "; every promotion has exactly one reward",
}

COMMENT = "; `#` begins a comment, so put quotes around a text that begins with it"
"""Of a text that YAML does not read."""
COMPUTED = "; write a number that depends on the cart as a table, as in {by: cart.quantity, every: 1, value: 5}"
"""Of an expression where a number is expected."""
TABLED = "; a table of numbers begins with what it depends on, as in {by: customer.tier, values: {gold: 10}}"
"""Of a mapping where a number is expected."""

ASKED_BY_IN = '; use `in` to look for something in a list, as in "SAVE" in cart.coupons'
ASKED = '; write "SAVE" in cart.coupons of a list, shoes.quantity >= 1 of a segment, .contains("…") of a text'
ASKING = frozenset({"contain", "contains", "has", "have", "include", "includes"})
"""Words that ask whether something is in a list, a segment or a text."""
LIST_OF_TEXTS = '; write texts in [ ], as in ["gold", "silver"], or use `==` for a single one'
COMPARED = "; compare it with a value, and write a full comparison on both sides of `&&` and `||`"
"""Of a value where true or false is needed."""
NEGATED = "; to negate a comparison, put all of it in !(…)"
ALWAYS = frozenset({"all", "always", "any", "everyone", "everything", "none", "yes"})
UNCONDITIONAL = "; a promotion without a condition has no `when`, and a reward on all items is `of: cart`"
"""What to do about a word for "always"."""
ALONE = "; write the condition alone, as in cart.subtotal >= 50.00"
BETWEEN = "; write two comparisons, as in cart.quantity >= 3 && cart.quantity <= 5"
TOTALS = "; the totals of a segment are facts, as in shoes.subtotal and shoes.quantity"
FUNCTION_HINTS = {"between": BETWEEN, "if": ALONE, "when": ALONE} | dict.fromkeys(
    ("any", "avg", "count", "max", "min", "sum", "total"), TOTALS
)
"""What to write instead of functions of other languages."""

BLANK = "; this is a blank that is not a space, perhaps pasted from a document: type it again"
GRAMS = "; weights are whole grams"
VALUE = "a fact or a value"
UNEXPECTED = (
    {",": "; join conditions with `&&`, and put a list in [ ]", "between": BETWEEN, "if": ALONE, "when": ALONE}
    | {"then": "; what the promotion grants goes in its `reward`"}
    | dict.fromkeys(ASKING, ASKED)
    | dict.fromkeys(("<", "<=", ">", ">=", "==", "!="), COMPARED)
)
"""What to write instead of what is not expected in a condition."""

PERCENTAGE = "; a percentage goes in `percent_off`"
"""Of an amount that is one."""
LEFT_OUT = "; leave out the key instead"
"""Of a word for none."""
COMMA = "; inside { } or [ ] a comma ends the value, so write decimals with a point, as in 10.5"
"""YAML reads ``{percent: 10,5}`` as having a key 5."""
LIST = "; inside { } a comma ends the value, so put several values in [ ]"
"""It reads ``{codes: A, B}`` as having a key B."""
NO_SPACE = "; it begins with a blank that is not a space, perhaps pasted from a document: type it again"
"""Of a key copied from a web page or a document."""
TEXT_IN_QUOTES = "; if text is meant, put it in quotes"
DECLARED = "; declare attributes in the rule file, as in attributes: {cart: {color: string}, item: {size: int}}"
GROUPS = "; declare groups in the rule file, as in groups: {season: {policy: one}}"
NAME_HINTS = {"name": TEXT_IN_QUOTES, "attribute": DECLARED, "group": GROUPS}
"""What to do about an unknown name, by its kind: a name in a condition may be meant as text."""
_PICKED = frozenset({"cheapest", "dearest", "highest", "lowest", "most_expensive", "least_expensive"})
PICKED = "; name a segment, and say which of its units are meant as in units: {quantity: 1, pick: cheapest}"
"""Of a word that picks units where a segment is expected."""
TIMES = "; for dates and times, use a `schedule`"
"""What to do about an unknown name for a moment."""

IS_MONEY = "; a number with a decimal point is money, and weights are whole grams"
"""Of a whole number combined with money."""
NAMED = "; give a condition on items a name in `segments`, and write that name here"
"""Of a condition where a segment is expected."""

POINTLESS = {
    "budget": "the reward takes no money off and gives no credit",
    "different": "`same` already makes the units of a set alike in this",
    "full_price": "at least one part of the bundle must have its price reduced",
    "of": "only `per_unit_spent` counts points over a segment",
    "partial": "the promotion has no budget",
    "per": "only an amount off shipping can be shared by all shipments",
    "per_code": "the promotion needs no coupon",
}
"""Why a key has no effect where it is written."""

EXAMPLES = {
    "cart": "cart.subtotal >= 50.00",
    "customer": 'customer.tier == "gold" or "VIP" in customer.segments',
    "item": 'item.sku == "A"',
    "shipment": 'shipment.country == "US"',
}
"""Conditions on facts, by subject."""

EXCLUDED_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
EXCLUDED_FUNCTIONS = frozenset(
    "matches timestamp duration int uint double string bytes bool dyn type"
    " getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds"
    " getMilliseconds".split()
)

EXCLUDED = {
    "/": "division; percentages belong in rewards",
    "%": "the remainder",
    "10%": "percentages; they belong in rewards",
    "[]": "indexing; use `in`",
    ".": "a name that begins with a dot",
    "{": "a map or message",
    "`": "a quoted name; put text in double quotes",
    "list": "a list anywhere but after `in` or inside `size`",
    "written list": "a list here; a list can be written only after `in`",
    "empty list": "an empty list",
    "computed entry": "a list entry that is neither a literal nor a named amount; join comparisons with `||`",
    "mixed list": "a list of several types",
    "joined texts": "joining texts; use startsWith, endsWith or contains",
    "matches": "a regular expression; use startsWith, endsWith or contains",
    "NULL": "null; use `has(fact)`",
    "EXPONENT": "a number with an exponent; write out all its digits",
    "UNSIGNED": "an unsigned number; remove the `u`",
    "HEXADECIMAL": "a hexadecimal number; write it in decimal",
    "BYTES": "bytes; remove the `b`",
    "LONG_TEXT": "text in three quotes; use one, and `\\n` for a new line",
}
EXCLUDED |= dict.fromkeys(EXCLUDED_MACROS, "a macro; use `in`, `has(fact)` or a segment")
EXCLUDED |= dict.fromkeys(
    EXCLUDED_FUNCTIONS - EXCLUDED.keys(), "a conversion or time function; for times, use a `schedule`"
)
"""What CEL has and conditions do not, and what to write instead; by operator, function or terminal of the grammar."""

OUT_OF_SCOPE = {
    "cart": "; put a condition on the cart in the promotion's `when`",
    "customer": "; put a condition on the customer in the promotion's `when`",
    "item": "; give the items a name in `segments` and use that, as in `shoes.quantity >= 1`; "
    "to require so many of each article, write units: {at_least: …, per: sku}",
    "shipment": "; outside shipping layers, a `when` can use `cart.shipping_methods`, `cart.shipping_countries` and "
    "what the cart sends as an attribute: attributes: {cart: {region: string}}, and cart.attributes.region",
}
"""Where a subject's facts can be used."""
NOT_IN_FILTERS = "; a filter cannot use another segment: repeat its condition here, or put text in quotes"
"""Of a segment."""

TYPES_DIFFER = {
    frozenset((Type.INT, Type.MONEY)): IS_MONEY,
    frozenset((Type.STRING, Type.STRINGS)): ASKED_BY_IN,
    frozenset((Type.STRING, Type.BOOL)): "; write true and false without quotes",
    frozenset((Type.STRING, Type.INT)): "; write text with quotes and numbers without",
    frozenset((Type.STRING, Type.MONEY)): "; write text with quotes and numbers without",
    frozenset((Type.BOOL, Type.INT)): "; join two comparisons with `&&`",
    frozenset((Type.BOOL, Type.MONEY)): "; join two comparisons with `&&`",
}
"""What to write instead, by the types that an operator cannot combine."""

OF_KIND = {
    "goods": "; points and shipping go in layers of those kinds",
    "points": "; such a layer takes points, gift, credit or effect",
    "shipping": "; such a layer takes shipping: {…} with free: true, percent_off, amount_off or fixed_price",
}
"""What layers take, by kind."""

TYPE_NAMES = {
    Type.BOOL: "true or false",
    Type.INT: "a whole number",
    Type.STRING: "text",
    Type.MONEY: "money",
    Type.STRINGS: "a list of texts",
}


def shown(text: str) -> str:
    """The text for a message: in backquotes, on one line, cut when long."""
    if not text:
        return "nothing"
    plain = text if text.isprintable() else text.encode("unicode_escape").decode()
    return f"`{plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + '…'}`"


def as_in(what: str, key: str) -> str:
    """An example of a list or mapping; ``what`` is a key of EXPECTED, ``key`` the one whose value is expected."""
    example = _AS_IN.get(what, {}).get(key, "")
    return f", as in {example}" if example else ""


def there_are(names: Collection[str]) -> str:
    """All known names, if they are few and short."""
    if not 0 < len(names) <= _MOST_NAMES or sum(map(len, names)) > _MOST_NAMES * LONGEST_SHOWN // 2:
        return ""
    return f"; expected {'' if len(names) == 1 else 'one of '}{', '.join(names)}"


def declared(name: str) -> str:
    """How to declare a fact that is not built in."""
    owner, _, last = name.partition(".")
    if owner not in ("cart", "customer", "item") or "." in last:
        return ""
    return f"; declare other facts as in attributes: {{{owner}: {{{last}: string}}}}, and use {owner}.attributes.{last}"


def name_hint(what: str, name: str) -> str:
    """What to do about an unknown name; ``what`` is as in ``Issues.unknown_name``."""
    if what == "function":
        return FUNCTION_HINTS.get(name.lower(), "")
    if what == "name" and name.lower() in ALWAYS:
        return UNCONDITIONAL
    if what == "segment" and name.lower() in _PICKED:
        return PICKED
    return "" if "." in name and what == "name" else NAME_HINTS.get(what, "")


def subject(keys: Sequence[str]) -> str:
    """The keys, with "is" or "are"."""
    named = list(map(shown, keys[:_MOST_KEYS]))
    if len(keys) > _MOST_KEYS:
        named[-1] = f"{len(keys) - _MOST_KEYS + 1} more"
    return f"{named[0]} is" if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]} are"


def moved(keys: Sequence[str], spaces: int, where: str) -> str:
    """What to do with keys, and all that is under them."""
    what = "it" if len(keys) == 1 else "them"
    return f"move {what} {spaces} space{'' if spaces == 1 else 's'} to the {where}"


def either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
