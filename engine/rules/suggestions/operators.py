"""How conditions are written elsewhere: other spellings of operators, numbers and texts, where none is expected."""

from __future__ import annotations

import re
from functools import cache

from engine.rules.suggestions.values import bare_number
from engine.rules.words import BLANK, COMPARED, GRAMS, TIMES, UNEXPECTED, VALUE

_SPELLINGS = {
    "in": "in", "like": ".contains(…)", "startswith": ".startsWith(…)", "starts with": ".startsWith(…)",
    "begins with": ".startsWith(…)", "endswith": ".endsWith(…)", "ends with": ".endsWith(…)",
    "=": "==", "is": "==", "equals": "==", "equal to": "==", "===": "==", "->": ".",
    "=>": ">=", "at least": ">=", "greater than or equal to": ">=", "more than or equal to": ">=", "≥": ">=",
    "=<": "<=", "at most": "<=", "less than or equal to": "<=", "up to": "<=", "≤": "<=",
    "greater than": ">", "more than": ">", "over": ">", "above": ">", "exceeds": ">",
    "less than": "<", "under": "<", "below": "<", "<>": "!=", "is not": "!=", "not equal to": "!=", "≠": "!=",
    "&": "&&", "and": "&&", ";": "&&", "|": "||", "or": "||",
    "not": "!(…)", "not in": "!(… in …)", "exists": "has(…)", "set": "has(…)", "not null": "has(…)",
    "null": "!has(…)", "empty": "!has(…)", "plus": "+", "minus": "-", "–": "-", "−": "-", "×": "*",
    "“": '"', "”": '"', "„": '"',
}  # fmt: skip
"""Common spellings of operators and quotes elsewhere, in lower case; in words, `is` may come before."""
_OPERATORS = frozenset({"==", "!=", "<=", ">=", "&&", "||"})
_BETWEEN_VALUES = _OPERATORS | {"<", ">", "in", "*", "."}
"""Not where a value is expected."""

_PHRASE = re.compile(r"[A-Za-z]+(?:\s+[A-Za-z]+){0,5}")
_BEFORE = re.compile(r"\b(not|if|when|has)\s+\Z", re.I)
_SUBJECTS = ("cart", "customer", "item", "shipment")
_WITHOUT_DOT = re.compile(rf"\b(?:{'|'.join(_SUBJECTS)})\s+\Z")
_WORD = re.compile(r"[A-Za-z_]\w*")
_TIME = re.compile(r"[0-9]{1,2}:[0-9]{2}")
_SIGNS = re.compile(r"[-=<>!](?: ?[-=<>!])+")
_NUMBER = re.compile(r"(?:\b[A-Z]{3} |(?:[A-Z]{2})?[$€£¥])?(?<![\w.])[0-9]+(?:[.,][0-9]+)*(?:[$€£¥]| ?[A-Za-z]+)?")
_QUOTED = re.compile("[“„”«\u2018\u201a\u2019]([^“„”«»\u2018\u201a\u2019\"']*)[”“»\u2019\u2018]")


def whole_mistake(text: str, offset: int, found: str) -> tuple[int, str, str]:
    """The place and text of the mistake of which ``found`` at ``offset`` is a part, and what is expected if known."""
    for pattern, expected in (
        (_TIME, "an operator"),
        (_QUOTED, 'text in double quotes, as in "gold"'),
        (_NUMBER, "a decimal such as 15.00"),
        (_SIGNS, "an operator"),
    ):
        run = _around(pattern, text, offset)
        if run is not None and run[0] != found and _is_mistake(pattern, run[0]):
            return run.start(), run[0], expected
    if before := _BEFORE.search(text, 0, offset):
        return before.start(), before[1], VALUE
    if phrase := _phrase(text, offset):
        return offset, phrase, ""
    if (before := _WITHOUT_DOT.search(text, 0, offset)) and (word := _WORD.match(text, offset)):
        return before.start(), text[before.start() : word.end()], "a `.` before the name of a fact"
    return offset, found, ""


def unexpected_hint(found: str, value_expected: bool) -> str:
    """What to say of a text that is not expected in a condition."""
    if len(found) > 1 and ":" in found:
        return TIMES
    if found.isspace():
        return BLANK
    if found[:1].isdigit() and found[-1:] in "gG":
        return GRAMS
    hint = UNEXPECTED.get(_key(found), "")
    return hint if value_expected or hint != COMPARED else ""


def operator_here(found: str, value_expected: bool) -> str:
    """The spelling of this in conditions; empty if unknown."""
    if quoted := _QUOTED.fullmatch(found):
        return f'"{quoted[1]}"'
    key = _key(found)
    signs = key.replace(" ", "")
    spelling = _SPELLINGS.get(key) or _SPELLINGS.get(signs) or (signs if signs in _OPERATORS else bare_number(found))
    words = found.split()
    if not spelling and len(words) == 2 and words[0] in _SUBJECTS:
        spelling = ".".join(words)
    return "" if spelling == found or (value_expected and spelling in _BETWEEN_VALUES) else spelling


def _around(pattern: re.Pattern[str], text: str, offset: int) -> re.Match[str] | None:
    return next((run for run in pattern.finditer(text) if run.start() <= offset < run.end()), None)


def _is_mistake(pattern: re.Pattern[str], run: str) -> bool:
    if pattern is _SIGNS:
        signs = run.replace(" ", "")
        return signs in _SPELLINGS or (signs in _OPERATORS and signs != run)
    return pattern is not _NUMBER or _words().isdisjoint(run.lower().split())


@cache
def _words() -> frozenset[str]:
    """The words with which operators of other languages begin."""
    return frozenset(each.partition(" ")[0] for each in (*_SPELLINGS, *UNEXPECTED))


def _phrase(text: str, offset: int) -> str:
    """The longest operator in words that begins at ``offset``."""
    match = _PHRASE.match(text, offset)
    words = match[0].split() if match else []
    phrases = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((each for each in phrases if (key := _key(each)) in _SPELLINGS or key in UNEXPECTED), "")


def _key(phrase: str) -> str:
    """How the tables have it."""
    key = " ".join(phrase.lower().split())
    return key if key in _SPELLINGS else key.removeprefix("is ")
