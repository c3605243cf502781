"""Texts become trees by CEL's precedence, in time linear in their length."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.rules.conditions.parse import DEPTH_LIMIT, LENGTH_LIMIT, SyntaxMistake, parse
from engine.rules.conditions.syntax import Call, ListLiteral, Literal, Name, Node, Number, Operation, Select
from tests.rules.written import mistakes, read


def written(node: Node) -> str:
    """The tree in prefix form."""
    match node:
        case Name(name=name):
            return name
        case Number(text=text):
            return text
        case Literal(value=value):
            return repr(value)
        case ListLiteral(entries=entries):
            return f"[{' '.join(map(written, entries))}]"
        case Select(operand=operand, name=name):
            return f"{written(operand)}.{name}"
        case Call(function=function, target=None, arguments=arguments):
            return f"{function}({' '.join(map(written, arguments))})"
        case Call(function=function, target=target, arguments=arguments):
            return f"{written(target)}.{function}({' '.join(map(written, arguments))})"
        case Operation(operator=operator, operands=operands):
            return f"({operator} {' '.join(map(written, operands))})"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a || b && c || d", "(|| a (&& b c) d)"),
        ("a && b && c && d", "(&& a b c d)"),
        ("(a && b) && c", "(&& (&& a b) c)"),
        ("a == b + c * d - e < f", "(< (== a (- (+ b (* c d)) e)) f)"),
        ("a in b == c", "(== (in a b) c)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a - -b", "(- a (- b))"),
        ("!a.b && -c.d()", "(&& (! a.b) (- c.d()))"),
        ("a ? b : c ? d : e", "(?: a b (?: c d e))"),
        ("a || b ? c : d || e", "(?: (|| a b) c (|| d e))"),
        ("!!a || !!!b", "(|| a (! b))"),
        ("-5 - - 5 - -(5) - --5", "(- (- (- -5 -5) (- 5)) 5)"),
        ("x.f(a, b).g()[1]", "([] x.f(a b).g() 1)"),
        ("f() + size([1, 2,])", "(+ f() size([1 2]))"),
        ("a // says a\n && b", "(&& a b)"),
        ("1in[2]", "(in 1 [2])"),
        ("inside in truely", "(in inside truely)"),
        (r"""'a"b' + "a\"\x41\u0042\U00000043\104\n\\" + r"\n" """, r"""(+ (+ 'a"b' 'a"ABCD\n\\') '\\n')"""),
    ],
)
def test_reads_by_the_precedence_of_cel(text: str, tree: str) -> None:
    assert written(parse(text)) == tree


def test_every_node_knows_its_place() -> None:
    text = 'a.b >= (15.00) && has(c.d) || x in ["y"]'
    places = {}

    def visit(node: Node) -> None:
        places[text[node.offset : node.offset + node.length]] = type(node)
        for part in ("operands", "entries", "arguments"):
            for child in getattr(node, part, ()):
                visit(child)

    visit(parse(text))
    assert places == {
        text: Operation,
        "a.b >= (15.00) && has(c.d)": Operation,
        "a.b >= (15.00)": Operation,
        "a.b": Select,
        "(15.00)": Number,
        "has(c.d)": Call,
        "c.d": Select,
        'x in ["y"]': Operation,
        "x": Name,
        '["y"]': ListLiteral,
        '"y"': Literal,
    }


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("cart.quantity >", 15, "expected a fact or a value, found the end of the condition"),
        ("cart.quantity > 1)", 17, "expected the end of the condition, found `)`"),
        ("(cart.quantity > 1", 18, "expected `)`, found the end of the condition"),
        ("cart. > 1", 6, "expected a name, found `>`"),
        ("true ? 1", 8, "expected `:`, found the end of the condition"),
        ("true ? true ? 1 : 2 : 3", 12, "expected `:`, found `?`"),
        ("a @ b", 2, "expected an operator or the end of the condition, found `@`"),
        ("size(a b)", 7, "expected an operator, `)` or `,`, found `b`"),
        ("!-x", 2, "expected a number, found `x`"),
    ],
)
def test_says_what_could_stand_and_what_was_found(text: str, place: int, message: str) -> None:
    _, (issue,) = read(text)
    assert (issue.code, issue.position.column, issue.message) == ("unexpected", place + 1, message)


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("a = b", "=="),
        ("1 => 2", ">="),
        ("1 =< 2", "<="),
        ("1 <> 2", "!="),
        ("1 === 2", "=="),
        ("a and b", "&&"),
        ("a OR b", "||"),
        ("a & b", "&&"),
        ("a | b", "||"),
        ("a ≥ b", ">="),
        ("1 < = 2", "<="),
        ("a -> b", "."),
        ("a is not b", "!="),
        ("a not in b", "!(… in …)"),
        ("a is greater than 5", ">"),
        ("a at least 5", ">="),
        ("a starts with 'b'", ".startsWith(…)"),
        ("a exists", "has(…)"),
        ("a > 5; b > 5", "&&"),
        ("“a”", '"a"'),
        ("\u2018a\u2019", '"a"'),
        ("«a»", '"a"'),
        ("“a", '"'),
        ("cart subtotal > 5", "cart.subtotal"),
        ("a > 50 USD", "50"),
        ("a > USD 50", "50"),
        ("a > 1.000,00", "1000.00"),
        ("a > 3 items", "3"),
        ("a > 2.5 kg", "2500"),
        ("a > 50k", ""),
        ("= a", ""),
    ],
)
def test_knows_other_spellings(text: str, spelling: str) -> None:
    _, (issue,) = read(text)
    assert issue.suggestion == spelling


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (r'customer.tier == "a\qb"', ("invalid_escape", r"\q")),
        (r'customer.tier == "\ud800"', ("invalid_escape", r"\ud800")),
        (r'customer.tier == "\U00110000"', ("invalid_escape", r"\U00110000")),
        (r'customer.tier == "\x4"', ("invalid_escape", r"\x")),
        (r'customer.tier == "\400"', ("invalid_escape", r"\4")),
        ('customer.tier == "gold', ("unclosed_text", '"gold')),
        ("customer.tier == 'gold\n'", ("unclosed_text", "'gold\n'")),
    ],
)
def test_refuses_texts_that_cel_refuses(text: str, mistake: tuple[str, str]) -> None:
    assert mistakes(text) == [mistake]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"' + "\\\\" * 100, "unclosed_text"),
        ('"' + "\\\\" * (LENGTH_LIMIT // 2 - 1), "unclosed_text"),
        ('"' + "\\\\" * 100_000, "condition_too_long"),
        ("'''" + "\\'" * 9_000, "unclosed_text"),
        ("(" * 10_000, "unexpected"),
        ("(" * 9_999 + "1" + ")" * 9_999, "condition_too_deep"),
        ("(" * 10_000 + "1" + ")" * 10_000, "condition_too_long"),
        ("!" * 19_998 + "a", "unknown_name"),
        ("!" * 100_000, "condition_too_long"),
        ("-" * 19_999 + "1", "wrong_type"),
        ("&&".join(["a"] * 6_600), "unknown_name"),
        ("&&".join(["a"] * 50_000), "condition_too_long"),
        ("true?1:" * 2_800 + "1", "condition_too_deep"),
        ("+".join("1" * 9_000), "condition_too_deep"),
        ("1==" * 6_000 + "1", "condition_too_deep"),
        ("a" + ".a" * 9_000, "condition_too_deep"),
        ("[" * 19_000, "unexpected"),
        ("9" * 19_000, "whole_number_out_of_range"),
        ("9" * 19_000 + ".5", "invalid_amount"),
        ("||".join(f"n{i}" for i in range(2_500)), "unknown_name"),
        (" " * 19_000, "unexpected"),
        ("\0", "unexpected"),
    ],
    ids=lambda value: f"{len(value)} {value[:9]!r}",
)
def test_hostile_texts_give_one_clear_error_fast(text: str, code: str) -> None:
    start = time.process_time()
    assert code in {code for code, _ in mistakes(text)}
    assert time.process_time() - start < 1


def test_long_chains_and_lists_are_fine() -> None:
    assert mistakes("&&".join(["true"] * 3_000)) == []
    assert mistakes("customer.tier in [" + ", ".join(['"gold"'] * 2_400) + "]") == []
    assert mistakes("0" * 19_000 + "5 == 5") == []


def test_the_depth_limit_counts_levels() -> None:
    assert parse("(" * (DEPTH_LIMIT - 1) + "1" + ")" * (DEPTH_LIMIT - 1)).depth == DEPTH_LIMIT
    with pytest.raises(SyntaxMistake):
        parse("(" * DEPTH_LIMIT + "1" + ")" * DEPTH_LIMIT)


_PIECES = [
    *"()[]{}.,?:!<>=+-*/%&|\"'\\`@ \n\t0123456789", "&&", "||", "==", "in ", "true", "null", "has(", "size(", ".size()",
    "item.price", "cart.subtotal", "shoes", "fifty", "customer.tier", "attributes", ".5", "1e5", "0x", "1u", 'r"', "b'",
    '"""', "//", "\\x", "\\u", "return", "matches(", ".exists(", "é", "\0", "\U0001f600",
]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=40).map("".join))
def test_no_text_gives_anything_but_an_expression_or_issues(text: str) -> None:
    read(text)


@given(st.text(max_size=60))
def test_nor_does_any_text_at_all(text: str) -> None:
    read(text)
