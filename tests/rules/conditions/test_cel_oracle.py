"""Conditions against Google's cel-cpp: both must accept, reject and evaluate the common subset alike.

For the oracle, a fact ``cart.quantity`` is the entry ``cart_quantity`` of a map of its type, so that an absent fact is
an error there, too; money is a whole number of minor units.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any, TypeAlias

import pytest
from cel_expr_python import cel
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.pricing.reference.conditions import evaluate
from engine.rules.expressions import Expression, Fact
from tests.rules.written import read

Value: TypeAlias = bool | int | str | tuple[str, ...]
Facts: TypeAlias = Mapping[str, Value]
"""Values of the present facts, by their name in a condition."""

MAPS = {
    "ints": ("cart.quantity", "customer.orders", "cart.subtotal", "shoes.subtotal", "shipment.price"),
    "texts": ("customer.tier", "cart.channel"),
    "flags": ("shipment.pickup",),
    "lists": ("cart.coupons", "customer.segments"),
}
ORACLE_NAMES = {fact: f"{kind}.{fact.replace('.', '_')}" for kind, facts in MAPS.items() for fact in facts}
ORACLE = cel.NewEnv(
    variables={
        "ints": cel.Type.Map(cel.Type.STRING, cel.Type.INT),
        "texts": cel.Type.Map(cel.Type.STRING, cel.Type.STRING),
        "flags": cel.Type.Map(cel.Type.STRING, cel.Type.BOOL),
        "lists": cel.Type.Map(cel.Type.STRING, cel.Type.List(cel.Type.STRING)),
    }
)
_TRANSLATED = re.compile(r"\b(?:" + "|".join(map(re.escape, ORACLE_NAMES)) + r"|fifty|[0-9]+\.[0-9]{2})\b")


def for_oracle(text: str) -> str:
    return _TRANSLATED.sub(lambda match: ORACLE_NAMES.get(match[0]) or _minor_units(match[0]), text)


def _minor_units(amount: str) -> str:
    return "5000" if amount == "fifty" else str(int(amount.replace(".", "")))


def compiled(text: str) -> cel.Expression | None:
    """The oracle's expression; None if it rejects the text."""
    try:
        return ORACLE.compile(for_oracle(text))
    except RuntimeError:
        return None


def value_by_oracle(expression: cel.Expression, facts: Facts) -> Value | None:
    data: dict[str, dict[str, Any]] = {kind: {} for kind in MAPS}
    for name, value in facts.items():
        kind, key = ORACLE_NAMES[name].split(".")
        data[kind][key] = list(value) if isinstance(value, tuple) else value
    result = expression.eval(data=data)
    return None if result.type() == cel.Type.ERROR else result.value()


def our_value(expression: Expression, facts: Facts) -> Value | None:
    def fact_value(fact: Fact) -> Value | None:
        owner = "shoes" if fact.segment == 2 else fact.subject.value
        return facts.get(f"{owner}.{fact.name}")

    return evaluate(expression, fact_value, 0)


FACTS: Facts = {
    "cart.quantity": 3,
    "cart.subtotal": 5000,
    "customer.tier": "gold",
    "shipment.pickup": False,
    "cart.coupons": ("A", "B"),
}

COMMON: list[tuple[str, object]] = [
    ("cart.subtotal >= 50.00 && customer.tier in ['gold', 'basic']", True),
    ("cart.subtotal - 10.50 == 39.50 ? 1 : 2", 1),
    ("cart.subtotal == fifty", True),
    ("2 * cart.subtotal > fifty * 1", True),
    ("cart.quantity + 2 * 3 - 1", 8),
    ("1 - 2 - 3", -4),
    ("-9223372036854775808", -(2**63)),
    ("-(-9223372036854775807 - 1)", None),
    ("--9223372036854775807", 2**63 - 1),
    ("- -2 - -cart.quantity", 5),
    ("9223372036854775807 + 1", None),
    ("9223372036854775807 * 2 < 0", None),
    ("customer.orders > 1", None),
    ("has(customer.orders)", False),
    ("has(cart.quantity) && !has(cart.channel)", True),
    ("false && customer.orders > 1", False),
    ("customer.orders > 1 && false", False),
    ("customer.orders > 1 || true", True),
    ("customer.orders > 1 || false", None),
    ("(customer.orders > 1 || false) && false", False),
    ("!(customer.orders > 1) || true", True),
    ("customer.orders > 1 ? true : true", None),
    ("true ? 1 : customer.orders", 1),
    ("customer.orders in [1]", None),
    ("'A' in cart.coupons", True),
    ("'A' in customer.segments", None),
    ("cart.coupons.size() + size(customer.tier)", 6),
    ("size('\\U0001F600é')", 2),
    ("'gold'.startsWith('') && customer.tier.contains('ol') && customer.tier.endsWith('d')", True),
    ("'Z' < 'a' && '' < 'a' && '\\uffff' < '\\U00010000'", True),
    ("false < true", True),
    ("1 < 2 == true", True),
    ("!!shipment.pickup == shipment.pickup", True),
    ("true ? false : true ? false : true", False),
    ("r'\\n' == '\\\\n'", True),
    ("'\\x41\\101\\u0041' == \"AAA\"", True),
    ("2 in [1, 2,]", True),
    ("007 == 7 // seven", True),
]
"""Texts that both accept, with their value under FACTS; None for an error value."""

REFUSED = [
    "", "customer.tier ==", "1 +", "(1", "1)", "a", "!1", "-true", "!-1", "-!true", "1 == 'a'", "true && 1",
    "1 ? 2 : 3", "true ? 1 : 'a'", "true ? true ? 1 : 2 : 3", "1 < 2 < 3", "1 in ['a']", "'a' in 'abc'",
    "1 in cart.coupons", "--9223372036854775808", "cart.quantity.size()", "size(1)", "size('a', 'b')",
    "'a'.size('b')", "startsWith('a', 'b')", "'a'.startsWith(1)", "has(1)", "has(cart)", "cart.in == 1", "as == 1",
    "9223372036854775808", "-9223372036854775809", "-(9223372036854775808)", "'a' 'b'", "'a", "'\\q'", "'\\u12'",
    "'\\ud800'", "'\\400'", "1.", "&& true", "1 = 1", "TRUE", "1 and 2", "'a' * 2", "1 + true", "shipment.pickup + 1",
    "cart.quantity()", "[", "1\v",
]  # fmt: skip
"""Texts that both reject."""

DIFFERENCES = [
    ("cart.quantity / 2 == 1", True, "not_in_language"),
    ("cart.quantity % 2 == 1", True, "not_in_language"),
    ("cart.coupons[0] == 'A'", True, "not_in_language"),
    ("cart.coupons.exists(c, c == 'A')", True, "not_in_language"),
    ("customer.tier.matches('g.*')", True, "not_in_language"),
    ("customer.tier + 'en' == 'golden'", True, "not_in_language"),
    ("cart.coupons == ['A', 'B']", True, "not_in_language"),
    ("1 in []", True, "not_in_language"),
    ("3 in [1 + 2]", True, "not_in_language"),
    ("1 in [1, 'a']", True, "not_in_language"),
    ("null == null", True, "not_in_language"),
    ("{'a': 1}.a == 1", True, "not_in_language"),
    ("1e3 == 1000.0", True, "not_in_language"),
    ("0x10 == 16", True, "not_in_language"),
    ("1u == 1u", True, "not_in_language"),
    ("b'a' == b'a'", True, "not_in_language"),
    ("'''a''' == 'a'", True, "not_in_language"),
    ("int('1') == 1", True, "not_in_language"),
    (".cart.quantity == 3", True, "not_in_language"),
    ("!!5 == 5", True, ""),
    (".5 == 0.5", True, "invalid_amount"),
    ("1.5 < 2", False, ""),
    ("(" * 40 + "1" + ")" * 40, False, ""),
]
"""Texts judged differently on purpose: whether CEL accepts them, and our error code, empty if we accept them."""


@pytest.mark.parametrize(("text", "value"), COMMON)
def test_both_accept_and_agree_on_the_value(text: str, value: object) -> None:
    expression, issues = read(text)
    oracle = compiled(text)
    assert not issues
    assert expression is not None
    assert oracle is not None
    assert (our_value(expression, FACTS), value_by_oracle(oracle, FACTS)) == (value, value)


@pytest.mark.parametrize("text", REFUSED)
def test_both_reject(text: str) -> None:
    assert compiled(text) is None
    assert read(text)[0] is None


@pytest.mark.parametrize(("text", "accepted_by_cel", "code"), DIFFERENCES)
def test_differences_are_these(text: str, accepted_by_cel: bool, code: str) -> None:
    assert (compiled(text) is not None) == accepted_by_cel
    assert {issue.code for issue in read(text)[1]} == ({code} if code else set())


# Texts for both, as expressions of one type, bracketed where precedence could mix types. ``depth`` bounds their size.

Texts: TypeAlias = st.SearchStrategy[str]
COMPARISONS = ["==", "!=", "<", "<=", ">", ">="]
WHOLE_LITERALS = st.sampled_from(["0", "1", "3", "-2", str(2**63 - 1), str(-(2**63)), str(2**62)])
MONEY_LITERALS = st.sampled_from(["0.00", "0.01", "50.00", "-19.99", "1000000000000.00"])
TEXT_LITERALS = st.sampled_from(
    ['""', "'gold'", '"go"', r'"\u0067\x6f"', r"r'\d'", r'"\U0001F600"', '"é"', r"'\''", '"A"', r"'\\'"]
)


def joined(left: Texts, operators: list[str], right: Texts) -> Texts:
    return st.builds("({} {} {})".format, left, st.sampled_from(operators), right)


def chosen(depth: int, branch: Texts) -> Texts:
    return st.builds("({} ? {} : {})".format, truths(depth), branch, branch)


def listed(literals: Texts) -> Texts:
    return st.lists(literals, min_size=1, max_size=3).map(lambda entries: f"[{', '.join(entries)}]")


@cache
def wholes(depth: int) -> Texts:
    leaves = WHOLE_LITERALS | st.sampled_from(["cart.quantity", "customer.orders"])
    if depth == 0:
        return leaves
    inner, signs = wholes(depth - 1), st.sampled_from(["+", "-", "*"])
    return st.one_of(
        leaves,
        st.builds("({} {} {} {} {})".format, inner, signs, inner, signs, inner),
        st.builds("-({})".format, inner),
        st.builds("size({})".format, texts(depth - 1) | st.sampled_from(MAPS["lists"])),
        chosen(depth - 1, inner),
    )


@cache
def moneys(depth: int) -> Texts:
    leaves = MONEY_LITERALS | st.sampled_from(["cart.subtotal", "shoes.subtotal", "fifty"])
    if depth == 0:
        return leaves
    inner = moneys(depth - 1)
    return st.one_of(
        leaves,
        joined(inner, ["+", "-"], inner),
        joined(inner, ["*"], wholes(depth - 1)),
        joined(wholes(depth - 1), ["*"], inner),
        st.builds("-({})".format, inner),
        chosen(depth - 1, inner),
    )


@cache
def texts(depth: int) -> Texts:
    leaves = TEXT_LITERALS | st.sampled_from(MAPS["texts"])
    return leaves if depth == 0 else leaves | chosen(depth - 1, texts(depth - 1))


@cache
def truths(depth: int) -> Texts:
    leaves = st.sampled_from(["true", "false", "shipment.pickup"]) | st.sampled_from([*ORACLE_NAMES]).map(
        "has({})".format
    )
    if depth == 0:
        return leaves
    inner, whole, money, text = truths(depth - 1), wholes(depth - 1), moneys(depth - 1), texts(depth - 1)
    return st.one_of(
        leaves,
        joined(whole, COMPARISONS, whole),
        joined(money, COMPARISONS, money),
        joined(text, COMPARISONS, text),
        joined(inner, ["==", "<", "&&", "||"], inner),
        st.builds("{} {} {}".format, inner, st.sampled_from(["&&", "||"]), inner),
        st.builds("!{}".format, inner),
        joined(whole, ["in"], listed(WHOLE_LITERALS)),
        joined(money, ["in"], listed(MONEY_LITERALS | st.just("fifty"))),
        joined(text, ["in"], listed(TEXT_LITERALS) | st.sampled_from(MAPS["lists"])),
        st.builds("{}.{}({})".format, text, st.sampled_from(["startsWith", "endsWith", "contains"]), text),
        chosen(depth - 1, inner),
    )


words = st.sampled_from(["", "gold", "go", "A", "é", "\U0001f600", "\\"])
whole_numbers = st.sampled_from([0, 1, 3, 5000, -1999, 2**62, 2**63 - 1, -(2**63)])
carts = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(MAPS["ints"], whole_numbers)
    | dict.fromkeys(MAPS["texts"], words)
    | {name: st.booleans() for name in MAPS["flags"]}
    | {name: st.lists(words, max_size=2).map(tuple) for name in MAPS["lists"]},
)


@given(st.one_of(truths(3), wholes(3), moneys(3), texts(2)), carts)
@settings(max_examples=400)
def test_random_conditions_have_the_same_value(written: str, facts: Facts) -> None:
    expression, issues = read(written)
    oracle = compiled(written)
    assert not issues
    assert expression is not None
    assert oracle is not None
    assert our_value(expression, facts) == value_by_oracle(oracle, facts)


_TOKENS = re.compile(r"""r?"[^"]*"|r?'(?:\\.|[^'\\])*'|[a-z]+\.[a-z]+(?=\W|$)|\w+|&&|\|\||[=!<>]=|\S""")
_MONEY = re.compile(r"[0-9]+\.[0-9]{2}|fifty|[a-z]+\.(?:subtotal|price)")
_EXTRA_TOKENS = [
    *"!-+*/%()[],.?:<>=", "&&", "||", "==", "in", "1", '"A"', "true", "null", "cart.quantity", "customer.tier",
    "shipment.pickup", "cart.coupons", "has", "size", ".size()", "contains",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A condition without money, with its tokens shuffled a little."""
    tokens = _TOKENS.findall(_MONEY.sub("7", draw(truths(2))))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(tokens)))
        until = min(len(tokens), at + draw(st.integers(0, 2)))
        tokens[at:until] = draw(st.lists(st.sampled_from(_EXTRA_TOKENS), max_size=2))
    return " ".join(tokens)


def same_verdict(written: str) -> None:
    """What CEL rejects is rejected; what it accepts is accepted, or reported as outside the language."""
    expression, issues = read(written)
    if compiled(written) is None:
        assert expression is None
    else:
        assert {issue.code for issue in issues} <= {"not_in_language"}


@given(damaged())
@settings(max_examples=600)
def test_damaged_conditions_get_the_same_verdict(written: str) -> None:
    same_verdict(written)


@pytest.mark.parametrize(
    "written",
    ["0 + !!-0 == 0", "!-1 == 1", "!!-(1) == 1", "!!-1.x == 1", "!!-", "- - -9223372036854775808 == 1", "- - -1 == -1"],
)
def test_a_minus_belongs_to_a_number_or_stands_for_itself(written: str) -> None:
    same_verdict(written)


@given(st.text("\"'\\rRbxuU01748afnqé\n\t ", max_size=12) | st.text("0123456789abexuU+- ", max_size=6))
def test_literals_of_any_kind_get_the_same_verdict(literal: str) -> None:
    for written in (literal, f"size({literal})", f"{literal} == 1"):
        same_verdict(written)
