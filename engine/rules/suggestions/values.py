"""Corrections of values that are other spellings of what was expected."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.money import is_currency
from engine.rules.suggestions.times import days_here, hours_here, moment_here, moments_here
from engine.rules.words import COMMA, COMMENT, COMPUTED, LIST, NAMED, NO_SPACE, TABLED

_LONGEST = 100
"""Of longer texts, no other spelling is sought."""
_MOST_ENTRIES = 10
"""Longer lists are not spelt out."""
_FIGURE = re.compile(r"[0-9]+(\.[0-9]+)?")
_NUMBER = re.compile(r"[0-9][0-9 ',.]*|\.[0-9]+")
_POINT = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_COMMA = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")
_CODE = re.compile(r"[A-Z]{3}")
_MONEY = re.compile(r"[A-Z]{3}|(?:[A-Z]{2})?[$€£¥]|dollars?|euros?|pounds?")
_PERCENT = re.compile(r"%|per ?cent|pct", re.I)
_ANY_UNIT = re.compile(f"{_MONEY.pattern}|{_PERCENT.pattern}")
_COUNTED = re.compile(r"x|times|units?|items?|pieces?|pcs|points?|pts", re.I)
_TIMES = re.compile(r"[a-z]+", re.I)
_UNITS = {
    "count": _TIMES, "factor": _TIMES, "figure": _MONEY, "integer": _TIMES, "limit": _TIMES, "percent": _PERCENT,
    "points": _TIMES, "rate": _TIMES, "repeat": _TIMES, "whole_number": _TIMES,
}  # fmt: skip
"""The units that people write with a number, by what is expected."""
_DECIMALS = frozenset({"factor", "figure", "percent", "rate"})
_WORDS = {"once": "1", "twice": "2"} | {
    word: str(i) for i, word in enumerate("one two three four five six seven eight nine ten".split(), 1)
}
_LIMIT = re.compile(
    rf"([0-9]{{1,9}}|{'|'.join(_WORDS)}) ?(?:x|times?|uses?)? ?(?:per|an?|each|every|/) ?"
    "(?:(day|week|month|year)|(customer|person|shopper|user)|code|coupon)"
)
_GRAMS = re.compile(r"([0-9]{1,6})(?:\.([0-9]{1,3}))? ?(k?)g", re.I)
_OF_SEGMENT = re.compile(r"([0-9]{1,6}) ?x? ([\w-]+)")
_LABEL = re.compile(r"\{(group|tag): ([\w.-]+)\}")
_PAIR = re.compile(r"([^{}:, ]+): ([^{},]+)")
_PAIRS = re.compile(r"\{[0-9.]+: [0-9.]+(, [0-9.]+: [0-9.]+)*\}")
_NAME = re.compile(r"[\w.:-]+")
_NAMES = re.compile(r"[\w.:-]+(?: ?(?:,|;| and ) ?[\w.:-]+)*")
_FIGURE_KEYS = ("quantity", "percent", "amount", "price", "fixed", "total")
"""Keys that a number alone may be the value of, the first that an entry has."""
_NAME_KEYS = ("codes", "name", "of", "sku")
"""First keys that a name alone may be the value of."""

_FIGURES = frozenset({"from", "quantity", "value"})
"""Keys of entries whose values are numbers."""
_OF_ENTRIES = frozenset({"layers", "lines", "parts", "rates", "shipments", "steps"})
_OF_NAMES = frozenset({"applied", "codes", "coupons"})
_BY_NAME = frozenset({"coupons", "gifts", "lines"})
"""Keys of lists of entries, of lists of names, and of mappings by name."""

_NUMBERS = frozenset({"amount", "count", "factor", "percent", "points", "rate", "repeat"})
_EXPRESSION = re.compile(r"(?:cart|customer|shipment)\.[a-z]| [*/+-] ")
_CONDITION = re.compile(r"item\.[a-z]|[=!<>]=| [<>] | in |&&|\|\|")

_TRUTHS = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
"""Common spellings of true and false elsewhere, in lower case."""

_NONE = frozenset({"false", "never", "no", "none", "null", "off"})
_ALL = frozenset({"*", "all", "any", "everything", "others", "true", "yes"})
"""Other promotions, whichever there are."""

_WITHOUT_LIMIT = frozenset({"all", "always", "infinite", "no limit", "true", "yes"})
"""Common spellings of unlimited elsewhere."""


def key_hint(key: str, bare: bool) -> str:
    """A hint about a key that was not meant as one; ``bare`` says that it has no colon."""
    if bare:
        return COMMA if _FIGURE.fullmatch(key) else LIST
    return NO_SPACE if key[:1].isspace() else ""


def plain_decimal(text: str, unit: re.Pattern[str] = _MONEY) -> str:
    """A number with a unit, commas or blanks as a plain decimal; empty when it is ambiguous."""
    digits = _NUMBER.search(text) if len(text) <= _LONGEST else None
    if digits is None:
        return ""
    units = [each.strip() for each in (text[: digits.start()], text[digits.end() :])]
    if all(units) or not all(not each or _is_unit(each, unit) for each in units):
        return ""
    plain = re.sub("[ ']", "", digits[0])
    if _POINT.fullmatch(plain):
        plain = plain.replace(",", "")
    elif _COMMA.fullmatch(plain):
        plain = plain.replace(".", "")
    plain = plain.replace(",", ".").rstrip(".")
    plain = f"0{plain}" if plain.startswith(".") else plain
    return plain if plain != text and _FIGURE.fullmatch(plain) else ""


def _is_unit(text: str, unit: re.Pattern[str]) -> bool:
    return unit.fullmatch(text) is not None and (_CODE.fullmatch(text) is None or is_currency(text))


def grams(text: str) -> str:
    """A weight with its unit in whole grams: `2.5 kg` is 2500; empty for anything else."""
    match = _GRAMS.fullmatch(text)
    if match is None:
        return ""
    whole, fraction, kilo = match.groups(default="")
    return str(int(whole + fraction.ljust(3, "0"))) if kilo else "" if fraction else whole


def bare_number(text: str) -> str:
    """A number of a condition without its unit: a weight in grams, else a plain decimal; empty if it is none."""
    return grams(text) or plain_decimal(text) or plain_decimal(text, _COUNTED)


def in_braces(keys: Sequence[str], found: str) -> str:
    """A value in braces with the keys that are needed: `{codes: [SAVE]}` for `SAVE`."""
    if len(found) > _LONGEST:
        return ""
    first, *others = keys
    if first == "total" and (limit := _LIMIT.fullmatch(found.lower())):
        return _limits(limit)
    if first == "percent_off" and not others and (reward := _reward(found)):
        return reward
    if first == "free":
        return "{free: true}" if found.lower() in ("free", "true", "yes", "0") else _shipping(found)
    if first == "from" and (schedule := _schedule(found)):
        return schedule
    if first == "codes" and found.startswith("["):
        return f"{{codes: {found}}}"
    if first == "codes" and found.startswith("#"):
        return f'{{codes: ["{found}"]}}'
    if first == "sku" and found.startswith("["):
        return f"{{choices: {found}}}" if _NAMES.fullmatch(found[1:-1]) else ""
    if keys[-2:] == ["of", "quantity"] and (units := _OF_SEGMENT.fullmatch(found)):
        return f"{{{', '.join([*(f'{key}: …' for key in keys[:-2]), f'of: {units[2]}', f'quantity: {units[1]}'])}}}"
    number = _WORDS.get(found.lower(), "") or plain_decimal(found, _ANY_UNIT) or found
    figure = next((key for key in _FIGURE_KEYS if key in keys), "") if _FIGURE.fullmatch(number) else ""
    if not figure and (not _NAME.fullmatch(found) or first not in _NAME_KEYS):
        return ""
    values = {figure: number} if figure else {first: f"[{found}]" if first == "codes" else found}
    written = [f"{key}: {values.get(key, '…')}" for key in keys]
    return f"{{{', '.join(written)}}}"


def entries_here(keys: Sequence[str], written: Sequence[tuple[str, str]]) -> str:
    """`[2 shoes, hats]` and `{shoes: 2, hats: 1}` as a list of entries with these keys; empty if nothing like that."""
    entries = [_entry(keys, *each) for each in written[: _MOST_ENTRIES + 1]]
    if len(entries) > _MOST_ENTRIES:
        return ""
    return f"[{', '.join(entries)}]" if all(entries) else ""


def _entry(keys: Sequence[str], name: str, text: str) -> str:
    if not name:
        kind = text if text in ("points", "shipping") else "goods"
        return in_braces(keys, text).replace("quantity: …", "quantity: 1").replace("kind: …", f"kind: {kind}")
    values = dict(zip(keys, (name, text), strict=False))
    fits = all((_FIGURE if key in _FIGURES else _NAME).fullmatch(value) for key, value in values.items())
    return f"{{{', '.join(f'{key}: {value}' for key, value in values.items())}}}" if fits and len(keys) == 2 else ""


def _limits(found: re.Match[str]) -> str:
    """`once per customer` and `3 per day`."""
    if found[2]:
        return f"{{total: {_in_period(found)}}}"
    return f"{{per_{'customer' if found[3] else 'code'}: {_WORDS.get(found[1], found[1])}}}"


def _in_period(found: re.Match[str]) -> str:
    return f"{{times: {_WORDS.get(found[1], found[1])}, per: {found[2]}}}"


def _reward(found: str) -> str:
    """`free shipping`, `10% off` and `$5 off` as rewards."""
    text = found.removesuffix(" off")
    if found.lower().replace("_", " ") in ("free shipping", "free delivery"):
        return "{shipping: {free: true}}"
    if percent := plain_decimal(text, _PERCENT):
        return f"{{percent_off: {{of: cart, percent: {percent}}}}}"
    if amount := plain_decimal(text):
        return f"{{amount_off: {{of: cart, amount: {amount}, per: order}}}}"
    return ""


def _shipping(found: str) -> str:
    if percent := plain_decimal(found, _PERCENT):
        return f"{{percent_off: {percent}}}"
    price = plain_decimal(found) or found
    return f"{{fixed_price: {price}}}" if _FIGURE.fullmatch(price) else ""


def _schedule(found: str) -> str:
    if days := days_here(found):
        return f"{{weekdays: [{', '.join(days)}]}}"
    if hours := hours_here(found):
        return f"{{hours: {hours}}}"
    return f"{{from: {moment}}}" if (moment := moment_here(found)) else ""


def written_here(what: str, found: str, key: str = "") -> str:
    """The correct spelling of what was found; empty when it is not another spelling of what was expected."""
    if len(found) > _LONGEST:
        return ""
    lower = found.lower()
    if what in ("grams", "integer", "whole_number") and (weight := grams(found)):
        return weight
    if what in _UNITS and (number := _WORDS.get(lower, "") or plain_decimal(found, _UNITS[what])):
        return number if what in _DECIMALS or number.isdecimal() else ""
    match what:
        case "limit" if (times := _LIMIT.fullmatch(lower)) and times[2]:
            return _in_period(times)
        case "date" | "local_time":
            return moment if (moment := moment_here(found)) != found else ""
        case "hours":
            return hours_here(found)
        case "list" if key == "weekdays":
            return f"[{', '.join(days)}]" if (days := days_here(found)) else ""
        case "list" if key == "excludes" and lower in _ALL:
            return "exclusive: cart"
        case "list" if key == "excludes" and (label := _LABEL.fullmatch(found)):
            return f"[{label[1]}:{label[2]}]"
        case "list" if found.startswith("{"):
            return _listed(found, key)
        case "mapping" if key == "groups" and _NAMES.fullmatch(found[1:-1]):
            return f"{{{', '.join(f'{name}: {{policy: one}}' for name in found[1:-1].split(', '))}}}"
        case "mapping" if key in _BY_NAME and found.startswith("["):
            entries = [each if ": " in each else f"{each}: …" for each in found[1:-1].split(", ")]
            return f"{{{', '.join(entries)}}}" if "…" not in found else ""
        case "amount" | "percent" | "count" | "repeat" | "points" if _PAIRS.fullmatch(found):
            return f"{{by: …, steps: {entries_here(('from', 'value'), _PAIR.findall(found))}}}"
        case "list":
            names = re.split(" ?(?:,|;| and ) ?", found)
            return f"[{', '.join(names)}]" if _NAMES.fullmatch(found) else ""
        case "text" if found.startswith("#"):
            return f'"{found}"'
        case "text" if key == "sku" and found.startswith("["):
            return f"choices: {found}"
        case "text" if not key and (label := _LABEL.fullmatch(found)):  # an entry of a list
            return f"{label[1]}:{label[2]}"
        case "repeat":
            return "unlimited" if lower in _WITHOUT_LIMIT else ""
        case "yes_no":
            return _TRUTHS.get(lower, "")
        case "free":
            return "true" if _TRUTHS.get(lower) == "true" else ""
    return ""


def _listed(found: str, key: str) -> str:
    """`{from: 50, value: 5}` as a list of entries, and `{SAVE: applied}` as one of names."""
    if key in _OF_NAMES:
        return f"[{', '.join(name for name, _ in _PAIR.findall(found))}]"
    return f"[{found}]" if key in _OF_ENTRIES and "…" not in found else ""


def means_none(found: str) -> bool:
    """Whether a word says that there is none, where leaving out the key does."""
    return found.lower() in _NONE


def value_hint(what: str, found: str) -> str:
    """What to say of a value that was found where ``what`` is expected."""
    if found.startswith("#"):
        return COMMENT
    if what in _NUMBERS and found.startswith("{"):
        return TABLED if what != "amount" else ""  # one of an amount is read by currency
    if what in _NUMBERS and _EXPRESSION.search(found):
        return COMPUTED
    if what == "segment" and _CONDITION.search(found):
        return NAMED
    if what in ("date", "local_time") and len(moments := moments_here(found)) > 1:
        return f"; with the day first, that is {moments[0]}, with the month first {moments[1]}"
    return ""
