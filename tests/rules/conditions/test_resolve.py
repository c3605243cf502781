"""Names are resolved, types checked and money is exact; every mistake in a condition is reported with its place."""

from __future__ import annotations

import pytest

from engine.rules import expressions
from engine.rules.conditions.environment import FACTS, Environment, Scope
from engine.rules.expressions import (
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    Has,
    In,
    Negate,
    Operation,
    Size,
    Subject,
    TextTest,
    Type,
)
from tests.rules.written import DOLLARS_AND_EUROS, mistakes, read

SUBTOTAL = Fact(Type.MONEY, Subject.CART, "subtotal")
QUANTITY = Fact(Type.INT, Subject.CART, "quantity")
TIER = Fact(Type.STRING, Subject.CUSTOMER, "tier")


def meaning(text: str, scope: Scope = Scope.SHIPPING) -> Expression:
    expression, issues = read(text, scope)
    assert not issues
    assert expression is not None
    return expression


def whole(value: int) -> Constant:
    return Constant(Type.INT, value)


def word(value: str) -> Constant:
    return Constant(Type.STRING, value)


def money(amount: int) -> Amount:
    return Amount((amount,))


def above(right: Expression) -> Compare:
    return Compare(Comparison.GREATER, SUBTOTAL, right)


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("cart.subtotal", SUBTOTAL),
        ("discountable.lines", Fact(Type.INT, Subject.SEGMENT, "lines", 1)),
        ("shoes.merchandise", Fact(Type.MONEY, Subject.SEGMENT, "merchandise", 2)),
        ("customer.attributes.children", Fact(Type.INT, Subject.CUSTOMER, "attributes.children")),
        ("shipment.pickup", Fact(Type.BOOL, Subject.SHIPMENT, "pickup")),
        ("fifty", money(5000)),
        ("has(cart.weight)", Has(Fact(Type.INT, Subject.CART, "weight"))),
        ("has((cart.weight))", Has(Fact(Type.INT, Subject.CART, "weight"))),
        ("size(customer.tier)", Size(TIER)),
        ("cart.coupons.size()", Size(Fact(Type.STRINGS, Subject.CART, "coupons"))),
        ('customer.tier.endsWith("d")', expressions.TestText(TextTest.ENDS_WITH, TIER, word("d"))),
        ('customer.tier in ["gold", "basic"]', In(TIER, (word("gold"), word("basic")))),
        ('"A" in cart.coupons', In(word("A"), Fact(Type.STRINGS, Subject.CART, "coupons"))),
        ("cart.quantity in [-1, 2]", In(QUANTITY, (whole(-1), whole(2)))),
        ("-9223372036854775808", whole(-(2**63))),
        (
            "true && (false && true)",
            And((Constant(Type.BOOL, True), And((Constant(Type.BOOL, False), Constant(Type.BOOL, True))))),
        ),
    ],
)
def test_resolves_names_and_types(text: str, expression: Expression) -> None:
    assert meaning(text) == expression


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("cart.subtotal > 15.00", above(money(1500))),
        ("cart.subtotal > 15.5", above(money(1550))),
        ("cart.subtotal > 15", above(money(1500))),
        ("15 > cart.subtotal", Compare(Comparison.GREATER, money(1500), SUBTOTAL)),
        ("cart.subtotal > -15", above(money(-1500))),
        ("cart.subtotal > -(15)", above(Negate(money(1500)))),
        ("cart.subtotal > 1 + 2.50", above(Arithmetic(Type.MONEY, Operation.ADD, money(100), money(250)))),
        ("cart.subtotal > 3 - 1", above(Arithmetic(Type.MONEY, Operation.SUBTRACT, money(300), money(100)))),
        (
            "cart.subtotal > (shipment.pickup ? 5 : 7.50)",
            above(Choose(Fact(Type.BOOL, Subject.SHIPMENT, "pickup"), money(500), money(750))),
        ),
        (
            "cart.subtotal > (cart.quantity > 5 ? 5 : 7)",
            above(Choose(Compare(Comparison.GREATER, QUANTITY, whole(5)), money(500), money(700))),
        ),
        ("cart.subtotal > 2 * 15.00", above(Arithmetic(Type.MONEY, Operation.MULTIPLY, whole(2), money(1500)))),
        (
            "cart.subtotal > 5.00 * cart.quantity",
            above(Arithmetic(Type.MONEY, Operation.MULTIPLY, money(500), QUANTITY)),
        ),
        ("cart.subtotal in [5, 7.50, fifty, -1]", In(SUBTOTAL, (money(500), money(750), money(5000), money(-100)))),
    ],
)
def test_numbers_beside_money_are_exact_money(text: str, expression: Expression) -> None:
    assert meaning(text) == expression


@pytest.mark.parametrize("currency", ["JPY", "USD", "KWD"])
def test_an_amount_has_no_more_digits_than_its_currency(currency: str) -> None:
    environment = Environment((currency,), {}, ("cart", "discountable"), ())
    digits = {"JPY": 0, "USD": 2, "KWD": 3}[currency]
    expression, _ = read("cart.subtotal > 7", environment=environment)
    assert expression == above(money(7 * 10**digits))
    too_fine = f"7.{'0' * (digits + 1)}"
    assert mistakes(f"cart.subtotal > {too_fine}", environment=environment) == [("invalid_amount", too_fine)]


@pytest.mark.parametrize("amount", ["15.00", "15", "-15"])
def test_with_several_currencies_money_goes_by_name(amount: str) -> None:
    expression, _ = read("cart.subtotal > fifty", environment=DOLLARS_AND_EUROS)
    assert expression == above(Amount((5000, 4500)))
    assert mistakes(f"cart.subtotal > {amount}", environment=DOLLARS_AND_EUROS) == [("amount_needs_name", amount)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("shose.subtotal > 1", [("unknown_name", "shose")]),
        ("shoes.subtotl > 1", [("unknown_fact", "shoes.subtotl")]),
        ("shoes", [("fact_needed", "shoes")]),
        ("customer.attributes > 1", [("fact_needed", "customer.attributes")]),
        ("customer.attributes.age > 1", [("unknown_attribute", "customer.attributes.age")]),
        ("shoes.attributes.x == 1", [("unknown_fact", "shoes.attributes")]),
        ("cart.subtotal.size > 1", [("no_facts", "cart.subtotal.size")]),
        ("fifty.subtotal > 1", [("no_facts", "fifty.subtotal")]),
        ("while == 1", [("reserved_word", "while")]),
        ("has(shoes)", [("fact_needed", "has(shoes)")]),
        ("count(shoes) > 1", [("fact_needed", "count(shoes)")]),
        ("shoes in cart", [("fact_needed", "shoes in cart")]),
        ("cart.subtotal() > 1", [("wrong_call", "cart.subtotal()")]),
        ("cart['subtotal'] > 1", [("wrong_call", "cart['subtotal']")]),
        ("cart.coupons.length > 1", [("wrong_call", "cart.coupons.length")]),
        ("sum(cart.items.price) > 1", [("unknown_function", "sum(cart.items.price)")]),
        ("order.total > 1", [("unknown_name", "order.total")]),
        ("has(shoes.subtotal, 1)", [("wrong_call", "has(shoes.subtotal, 1)")]),
        ('startsWith(customer.tier, "a")', [("wrong_call", 'startsWith(customer.tier, "a")')]),
        ('customer.tier.startswith("a")', [("unknown_function", 'customer.tier.startswith("a")')]),
        ("cart.subtotal", [("wrong_type", "cart.subtotal")]),
        ("cart.quantity > 2.5", [("types_differ", "cart.quantity > 2.5")]),
        ("cart.subtotal > cart.quantity", [("types_differ", "cart.subtotal > cart.quantity")]),
        ("cart.subtotal > 5 * cart.quantity", [("types_differ", "cart.subtotal > 5 * cart.quantity")]),
        ("cart.subtotal > 5 + cart.quantity", [("types_differ", "cart.subtotal > 5 + cart.quantity")]),
        ("cart.subtotal > 1 + cart.quantity > 2", [("types_differ", "+")]),
        ("(cart.subtotal > 1.00 + cart.quantity) > 2", [("types_differ", "1.00 + cart.quantity")]),
        ("1.50 * cart.subtotal > 3", [("money_times_money", "1.50 * cart.subtotal")]),
        ('customer.tier in ["gold", 5]', [("not_in_language", "5")]),
        ("customer.tier in [5, 7]", [("types_differ", "5")]),
        ("cart.quantity in cart.coupons", [("wrong_type", "cart.quantity")]),
        ('"a" in "abc"', [("wrong_type", '"abc"')]),
        ("!cart.quantity && 1", [("wrong_type", "cart.quantity"), ("wrong_type", "1")]),
        ("-shipment.pickup == 1", [("wrong_type", "shipment.pickup")]),
        ("9223372036854775808 > 1", [("whole_number_out_of_range", "9223372036854775808")]),
        ("-9223372036854775809 < 1", [("whole_number_out_of_range", "-9223372036854775809")]),
        ("cart.subtotal > 10000000000000000", [("invalid_amount", "10000000000000000")]),
        (
            "x.y > 1 && cart.subtotal > 1.005 || tag in [z, 1]",
            [("unknown_name", "x"), ("invalid_amount", "1.005"), ("unknown_name", "tag"), ("unknown_name", "z")],
        ),
    ],
)
def test_names_every_mistake_and_its_place(text: str, found: list[tuple[str, str]]) -> None:
    assert mistakes(text) == found


@pytest.mark.parametrize(
    ("text", "part", "instead"),
    [
        ("cart.quantity / 2 > 1", "cart.quantity / 2", "percentages belong in rewards"),
        ("cart.quantity % 2 == 0", "cart.quantity % 2", ""),
        ("cart.coupons[0] == 'A'", "cart.coupons[0]", "use `in`"),
        ("cart.coupons.exists(c, c == 'A')", "cart.coupons.exists(c, c == 'A')", "use `in`, `has(fact)` or a segment"),
        ("customer.tier.matches('g.*')", "customer.tier.matches('g.*')", "use startsWith, endsWith or contains"),
        ("customer.tier == null", "null", "use `has(fact)`"),
        ("cart.quantity > 1e3", "1e3", "write out all its digits"),
        ("cart.quantity > 0xFF", "0xFF", "write it in decimal"),
        ("cart.quantity > 5u", "5u", "remove the `u`"),
        ("customer.tier == b'gold'", "b'gold'", "remove the `b`"),
        ("customer.tier == '''gold'''", "'''gold'''", "use one, and `\\n` for a new line"),
        ("{'a': 1} == 1", "{", ""),
        (".cart.quantity > 1", ".", ""),
        ("cart.`quantity` > 1", "`", "put text in double quotes"),
        ("customer.tier + 'x' == 'goldx'", "customer.tier + 'x'", "use startsWith, endsWith or contains"),
        ("cart.coupons == customer.segments", "cart.coupons == customer.segments", ""),
        ("size(['a']) == 1", "['a']", "a list can be written only after `in`"),
        ("customer.tier in []", "[]", ""),
        ("cart.quantity in [cart.lines]", "cart.lines", "join comparisons with `||`"),
        ("int(customer.tier) > 1", "int(customer.tier)", "for times, use a `schedule`"),
    ],
)
def test_says_what_is_not_in_the_language_and_what_to_write_instead(text: str, part: str, instead: str) -> None:
    assert mistakes(text) == [("not_in_language", part)]
    _, (issue,) = read(text)
    assert "conditions do not support" in issue.message
    assert issue.message.partition("; ")[2] == instead


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("shose.subtotal", "shoes"),
        ("custmer.tier", "customer"),
        ("fity", "fifty"),
        ("cart.subtotl", "cart.subtotal"),
        ("customer.attributes.child", "customer.attributes.children"),
        ("customer.tier.startswith('g')", "startsWith"),
    ],
)
def test_suggests_near_names(text: str, suggestion: str) -> None:
    _, (issue,) = read(text)
    assert issue.suggestion == suggestion


def test_says_which_facts_there_are() -> None:
    _, (issue,) = read("shoes")
    assert issue.message.endswith("(subtotal, merchandise, quantity, lines, skus, weight)")


def test_every_fact_is_read_in_its_scope_and_no_other() -> None:
    owners = {Subject.SEGMENT: "shoes"}
    seen = {
        Scope.ITEM: {Subject.ITEM},
        Scope.GOODS: {Subject.CART, Subject.SEGMENT, Subject.CUSTOMER},
        Scope.SHIPPING: {Subject.CART, Subject.SEGMENT, Subject.CUSTOMER, Subject.SHIPMENT},
    }
    for scope, subjects in seen.items():
        for subject, facts in FACTS.items():
            for name, fact in facts.items():
                text = f"{owners.get(subject, subject.value)}.{name}"
                if subject in subjects:
                    segment = 2 if subject is Subject.SEGMENT else -1
                    assert meaning(text, scope) == Fact(fact.type, subject, name, segment)
                else:
                    assert mistakes(text, scope) == [("out_of_scope", text)]


def test_filters_see_declared_attributes_of_the_line() -> None:
    expression = meaning("item.attributes.color == 'red'", Scope.ITEM)
    assert expression == Compare(Comparison.EQUAL, Fact(Type.STRING, Subject.ITEM, "attributes.color"), word("red"))
    assert mistakes("item.attributes.color == 'red'") == [("out_of_scope", "item.attributes.color")]


def test_the_type_asked_for_is_the_type_given() -> None:
    assert read("cart.subtotal", expected=(Type.INT, Type.MONEY))[0] == SUBTOTAL
    _, (issue,) = read("customer.tier", expected=(Type.INT, Type.MONEY))
    assert issue.message == "expected a whole number or money; found text"
