"""The words of messages about rule files: what is expected, what is left out, how a mistake is shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from engine.rules.expressions import Type

LONGEST_SHOWN = 40
_MOST_NAMES = 16
_MOST_KEYS = 4

EXPECTED = {
    "amount": "an amount: a decimal such as 15.00, a table such as {USD: 15.00}, or a name from amounts",
    "condition": "a condition in one text, such as cart.subtotal >= 50.00; several are joined by `&&`",
    "count": "a whole number from 1 to 1,000,000",
    "currency": "a currency code of three capital letters, such as USD",
    "date": "a date such as 2026-06-01 or a local time such as 2026-06-01T17:00 (of the rule set's timezone), "
    "from 1970 to 2100",
    "factor": "a factor from 1 to 1,000 with at most 4 decimal places",
    "figure": "a decimal such as 15.00",
    "free": "true; leave the key out otherwise",
    "grams": "whole grams from 0 to 1,000,000,000",
    "hours": "hours such as 17:00-23:00 or 22:00-02:00, from 00:00 to 24:00, one window that is not empty",
    "limit": "a whole number from 0 on",
    "list": "a list",
    "local_time": "a local time such as 2026-06-01T17:00, from 1970 to 2100",
    "mapping": "keys and values",
    "nodes": "a whole number from 1 to 10,000,000",
    "not_empty": "at least one entry",
    "percent": "a percentage from 0 to 100 with at most 4 decimal places",
    "points": "whole points from 1 to 1,000,000,000",
    "rate": "points from 0.0001 to 1,000,000 with at most 4 decimal places",
    "repeat": "a whole number from 1 to 1,000,000, or unlimited",
    "text": "a text",
    "whole_number": "a whole number",
    "yes_no": "true or false",
}

AS_IN = {
    "amounts": "{free_from: {USD: 50.00, EUR: 45.00}}",
    "codes": "[SAVE10]",
    "examples": "[{name: …, cart: …, total: …}]",
    "groups": "{season: {policy: one}}",
    "layers": "[{name: item, kind: goods}]",
    "lines": "[{id: a, sku: A, price: 10.00}]",
    "parts": "[{of: shoes, quantity: 2}]",
    "promotions": "{summer: {layer: …, reward: …}}",
    "segments": '{shoes: item.category == "shoes"}',
    "steps": "[{from: 50.00, value: 5}]",
    "values": "{gold: 10}",
    "weekdays": "[mon, tue]",
}
"""Lists and mappings, by their key."""

MISSING = {
    "at": "; some schedule has no `from`, so say when the cart is priced, as in 2026-06-01T17:00",
    "codes": "; list codes, or name a pool of unique ones",
    "currency": "; the rule set has several",
    "layer": "; name the layer that the promotion belongs to",
    "per": "; say per: unit, line or order, and of a limit per: day, week, month or year",
    "quantity": "; say how many units are meant",
    "steps": "; steps: [{from: …, value: …}] go by a number, values: {gold: …, silver: …} by a name",
    "reward": "; a promotion gives one, and what else is given is a promotion of its own",
}

IN_BRACES = "within { } or [ ] a condition that has a comma, a bracket or a quote in it stands in quotes as a whole"
"""What YAML makes of conditions there, which is the usual mistake."""

IN_QUOTES = "a text or condition that begins with a quote, or has `: ` in it, stands in quotes as a whole"
"""What YAML makes of conditions elsewhere."""

INDENTED = "keys that belong together begin in one column, and one `: ` is behind each"
"""Where a line stands further in than it may, or the key above lacks its colon."""
LISTED = "each entry of a list begins with `- `, and its keys stand in the column of its first one"
"""Where a line stands further out than the list that it is among."""
SPACES = "lines are indented by spaces, not tabs"
DASHED = "the `-` of a list has a space behind it"
TAGGED = "a condition that begins with `!` stands in quotes"
QUOTED = "a text that begins with this character stands in quotes"

COMPUTED = "; a reward's number that depends on the cart is a table, as in {by: cart.quantity, every: 1, value: 5}"
"""What to write where ``looks_computed``."""

ASKED_BY_IN = '; of a list one asks by `in`, as in "sale" in item.tags'
COMPARED = "; compare it with something, and write each comparison out on both sides of `&&` and `||`"
"""Of a value where true or false is needed."""
VALUE = "a fact or a value"
UNEXPECTED = {",": "; a list stands in [ ]", "contains": ASKED_BY_IN} | dict.fromkeys(
    ("<", "<=", ">", ">=", "==", "!="), COMPARED
)
"""What to write instead of what is not expected in a condition."""

COMMA = "; within { } or [ ] a comma ends a value, and decimals have a point, as in 10.5"
"""What YAML makes of ``{percent: 10,5}``: a key 5."""
NO_SPACE = "; it begins with a blank that is none to YAML: write it anew, with spaces"
"""Of a key copied from a web page or a document."""
TEXT_IN_QUOTES = "; a text stands in quotes"
DECLARED = "; a rule set declares its attributes, as in attributes: {cart: {color: string}, item: {size: int}}"
NAME_HINTS = {"name": TEXT_IN_QUOTES, "attribute": DECLARED}
"""Of an unknown name, by what it is to name: one in a condition may be meant as a text."""

IS_MONEY = "; a number with a decimal point is money, and weights are whole grams"
"""Of a whole number and money together."""
NAMED = "; a condition of items has a name in segments, and that stands here"
"""What to write where ``looks_like_condition``."""

POINTLESS = {
    "budget": "the reward takes no money off and gives no credit",
    "different": "units that have it in common do not differ in it",
    "full_price": "some part of the bundle must have its price reduced",
    "of": "only points per_unit_spent are counted over a segment",
    "partial": "there is no budget to keep to",
    "per": "only an amount off shipping may be meant once for all shipments",
    "per_code": "the promotion needs no coupon",
}
"""Why a key says nothing where it stands."""

EXCLUDED_MACROS = frozenset({"all", "exists", "exists_one", "map", "filter"})
EXCLUDED_FUNCTIONS = frozenset(
    "matches timestamp duration int uint double string bytes bool dyn type"
    " getFullYear getMonth getDate getDayOfMonth getDayOfWeek getDayOfYear getHours getMinutes getSeconds"
    " getMilliseconds".split()
)

EXCLUDED = {
    "/": "division; percentages belong in rewards",
    "%": "the remainder",
    "10%": "a percentage; it belongs in a reward",
    "[]": "indexing; ask with `in`",
    ".": "a name that begins with a dot",
    "{": "a map or message",
    "`": "a quoted name",
    "list": "a list anywhere but behind `in` or in `size`",
    "written list": "a list written out; it stands behind `in` only",
    "empty list": "an empty list",
    "computed entry": "an entry of a list that is no literal or named amount; join comparisons with `||`",
    "mixed list": "a list of several types",
    "joined texts": "joining texts; use startsWith, endsWith or contains",
    "matches": "a regular expression; use startsWith, endsWith or contains",
    "NULL": "null; ask with `has(fact)`",
    "EXPONENT": "a number with an exponent; write its digits out",
    "UNSIGNED": "an unsigned number; leave the `u` out",
    "HEXADECIMAL": "a hexadecimal number; write it in decimal",
    "BYTES": "a text of bytes; leave the `b` out",
    "LONG_TEXT": "a text in three quotes; use one, and `\\n` for a new line",
}
EXCLUDED |= dict.fromkeys(EXCLUDED_MACROS, "a macro; use `in`, or a segment")
EXCLUDED |= dict.fromkeys(EXCLUDED_FUNCTIONS - EXCLUDED.keys(), "a conversion or time function; use schedule")
"""What CEL has and a condition has not, and what to write instead; by operator, function or terminal of the grammar."""

OUT_OF_SCOPE = {
    "cart": "; what the cart needs stands in the promotion's `when`",
    "customer": "; what the customer needs stands in the promotion's `when`",
    "item": "; give the items a name in segments, and ask for that, as in `shoes.quantity >= 1`; "
    "how many there are of each article, units: {at_least: …, per: sku} asks",
    "shipment": "; a promotion of a shipping layer is decided for each shipment, one of goods may ask "
    "`cart.shipping_methods` and `cart.shipping_countries`",
}
"""Where a subject's facts are asked for, when not here."""

TYPES_DIFFER = {
    frozenset((Type.INT, Type.MONEY)): IS_MONEY,
    frozenset((Type.STRING, Type.STRINGS)): ASKED_BY_IN,
    frozenset((Type.STRING, Type.INT)): "; a text stands in quotes, a number without quotes",
    frozenset((Type.STRING, Type.MONEY)): "; a text stands in quotes, a number without quotes",
    frozenset((Type.BOOL, Type.INT)): "; two comparisons are joined by `&&`",
    frozenset((Type.BOOL, Type.MONEY)): "; two comparisons are joined by `&&`",
}
"""What to write instead, by the types that an operator cannot take together."""

OF_KIND = {
    "goods": "; points and shipping have layers of their own kinds",
    "points": "; it gives points, gift, credit or effect",
    "shipping": "; it gives shipping: {free: true}, or likewise percent_off, amount_off or fixed_price",
}
"""What layers give, by kind."""

TYPE_NAMES = {
    Type.BOOL: "true or false",
    Type.INT: "a whole number",
    Type.STRING: "a text",
    Type.MONEY: "money",
    Type.STRINGS: "a list of texts",
}


def shown(text: str) -> str:
    """The text for a message: in backquotes, on one line, cut when long."""
    if not text:
        return "nothing"
    plain = text if text.isprintable() else text.encode("unicode_escape").decode()
    return f"`{plain if len(plain) <= LONGEST_SHOWN else plain[: LONGEST_SHOWN - 1] + '…'}`"


def there_are(names: Collection[str]) -> str:
    """All names that there are, where these are few and short."""
    if not 0 < len(names) <= _MOST_NAMES or sum(map(len, names)) > _MOST_NAMES * LONGEST_SHOWN // 2:
        return ""
    return f"; there {'is' if len(names) == 1 else 'are'} {', '.join(names)}"


UNFINISHED = frozenset({"could not find expected ':'", "found unexpected end of stream"})
"""Problems of libyaml with something begun on an earlier line."""


def yaml_hint(problem: str, context: str, before: str, behind: str, above: str) -> str:
    """What to write where libyaml has a problem; ``before`` and ``behind`` are what the line has around the place.

    ``above`` is the line above that.
    """
    if "flow" in context:
        return IN_BRACES
    if behind.startswith("\t"):
        return SPACES
    if problem == "found character that cannot start any token":
        return QUOTED
    if ": !" in before:
        return TAGGED
    if problem == "could not find expected ':'":
        return INDENTED
    if problem == "did not find expected '-' indicator":
        return LISTED
    if problem not in ("did not find expected key", "mapping values are not allowed in this context"):
        return ""
    written = before.lstrip()
    if re.match("-[^ ]", written):
        return DASHED
    if written and not (behind.startswith(":") and ": " not in written):
        return IN_QUOTES
    deeper = _depth(before) - _depth(above)
    if written and deeper > 0 and ": " in above:
        return f"{INDENTED}; this line is {deeper} further in than the one above, which has its value already"
    return INDENTED


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def declared(name: str) -> str:
    """How a fact that there is not could be had."""
    owner, _, last = name.partition(".")
    if owner not in ("cart", "customer", "item") or "." in last:
        return ""
    return f"; what else a shop knows is an attribute, as in attributes: {{{owner}: {{{last}: string}}}}"


def subject(keys: Sequence[str], verb: str) -> str:
    """The keys, and a verb that agrees with how many they are."""
    named = list(map(shown, keys[:_MOST_KEYS]))
    if len(keys) > _MOST_KEYS:
        named[-1] = f"{len(keys) - _MOST_KEYS + 1} more"
    return f"{named[0]} {verb}s" if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]} {verb}"


def moved(keys: Sequence[str], spaces: int, where: str) -> str:
    """What to do with keys, and all that is under them."""
    what = "it" if len(keys) == 1 else "them"
    return f"move {what} {spaces} space{'' if spaces == 1 else 's'} to the {where}"


def either(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
