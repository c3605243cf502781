"""The text of a condition becomes a syntax tree.

The LALR tables drive the parse and the tree is built bottom-up, so no text, however nested, causes recursion here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

from lark import Lark, Token
from lark.common import LexerConf
from lark.exceptions import UnexpectedToken
from lark.lexer import Lexer, LexerState

from engine.rules.conditions.syntax import Call, Excluded, ListLiteral, Literal, Name, Node, Number, Operation, Select
from engine.rules.found import Position
from engine.rules.issues import Issues
from engine.rules.suggestions.operators import whole_mistake
from engine.rules.words import VALUE

LENGTH_LIMIT = 20_000
"""Most characters in a condition."""
DEPTH_LIMIT = 64
"""Most levels in the tree of a condition, brackets among them; a chain of ``&&`` or ``||`` is one level."""


class SyntaxMistake(Exception):
    """A text that is not a condition: where, the method of Issues that words it, and the method's other arguments."""

    def __init__(self, offset: int, length: int, diagnostic: Callable[..., None], *details: object) -> None:
        super().__init__(offset, length, diagnostic, details)
        self.offset = offset
        self.length = length
        self._diagnostic = diagnostic
        self._details = details

    def report(self, issues: Issues, position: Position) -> None:
        self._diagnostic(issues, position, *self._details)


def parse(text: str) -> Node:
    """The tree of a condition. Raises SyntaxMistake; takes time in proportion to the length, whatever the text."""
    if len(text) > LENGTH_LIMIT:
        raise SyntaxMistake(0, 1, Issues.condition_too_long, LENGTH_LIMIT)
    try:
        return cast(Node, _parser().parse(text))
    except UnexpectedToken as error:
        raise _unexpected(text, error.token, error.interactive_parser) from None


_PLAIN_WORDS = (
    ("TEXT", VALUE),
    ("NAME", "a name"),
    ("OPERATOR", "an operator"),
    ("CLOSE", "`)`"),
    ("CLOSE_LIST", "`]`"),
    ("COLON", "`:`"),
    ("COMMA", "`,`"),
    ("$END", "the end of the condition"),
)
"""What to call a terminal that is possible at a place; "a fact or a value" covers names, so it is listed once."""
_EXCLUDED_MARKS = frozenset(".{`")
"""Marks that begin something in CEL where they are not expected: a rooted name, a map or message, a quoted name."""


def _unexpected(text: str, token: Token, parser: Any) -> SyntaxMistake:
    """``parser`` is Lark's interactive parser, which knows what is possible instead."""
    offset, found = (len(text), "") if token.type == "$END" else (token.start_pos or 0, str(token))
    if token.type == "UNKNOWN" and found in "\"'":
        return SyntaxMistake(offset, len(text) - offset, Issues.unclosed_text)
    if found in _EXCLUDED_MARKS:
        return SyntaxMistake(offset, 1, Issues.not_in_language, found)
    if text[:offset].rstrip().endswith("%"):  # `10%`, rather than a remainder without its divisor
        return SyntaxMistake(text.rindex("%", 0, offset), 1, Issues.not_in_language, "10%")
    offset, found, instead = whole_mistake(text, offset, found)
    if instead:
        return SyntaxMistake(offset, len(found), Issues.unexpected, found, [instead])
    accepted = parser.accepts()
    expected = [words for terminal, words in _PLAIN_WORDS if terminal in accepted]
    if "TEXT" in accepted:
        expected.remove("a name")
    elif "INTEGER" in accepted:
        expected.insert(0, "a number")
    return SyntaxMistake(offset, max(len(found), 1), Issues.unexpected, found, expected)


class _Token(Token):
    """Created and compared much faster than Lark's own token; only its start is needed."""

    line = column = end_line = end_column = end_pos = None
    __eq__ = str.__eq__
    __hash__ = str.__hash__

    def __new__(cls, type: str, text: str, start: int, *_: None) -> _Token:
        token = str.__new__(cls, text)
        token.type = type
        token.start_pos = start
        return token


class _Lexer(Lexer):
    """A single regular expression over all terminals; a character that begins none of them is the token UNKNOWN.

    So a stray character is reported like any other token; and it takes half the time of Lark's own lexer.
    """

    __future_interface__ = 2

    def __init__(self, conf: LexerConf) -> None:
        terminals = sorted(conf.terminals, key=lambda terminal: (-terminal.priority, -terminal.pattern.max_width))
        patterns = [f"(?P<{terminal.name}>{terminal.pattern.to_regexp()})" for terminal in terminals]
        self._pattern = re.compile("|".join([*patterns, "(?P<UNKNOWN>.)"]))
        self._ignored = frozenset(conf.ignore)

    def lex(self, lexer_state: LexerState, parser_state: Any) -> Iterator[Token]:
        for match in self._pattern.finditer(lexer_state.text.text):
            kind = match.lastgroup or ""
            if kind not in self._ignored:
                yield _Token(kind, match[0], match.start())


class _TreeBuilder:
    """The callbacks of the grammar's rules, by name; each takes its parts: nodes, and the tokens that have names."""

    def name(self, parts: list[Token]) -> Name:
        return Name(*_leaf(parts[0]), str(parts[0]))

    def number(self, parts: list[Token]) -> Number:
        return Number(*_leaf(parts[0]), str(parts[0]))

    def truth(self, parts: list[Token]) -> Literal:
        return Literal(*_leaf(parts[0]), parts[0] == "true")

    def raw_text(self, parts: list[Token]) -> Literal:
        return Literal(*_leaf(parts[0]), parts[0][2:-1])

    def text(self, parts: list[Token]) -> Literal:
        place, value = _leaf(parts[0]), parts[0][1:-1]
        return Literal(*place, _ESCAPE.sub(_Unescape(place[0] + 1), value) if "\\" in value else value)

    def excluded(self, parts: list[Token]) -> Excluded:
        return Excluded(*_leaf(parts[0]), parts[0].type)

    def list_literal(self, parts: list[Any]) -> ListLiteral:
        opening, *entries, closing = parts
        return ListLiteral(*_place(opening, closing, entries), tuple(entries))

    def group(self, parts: list[Any]) -> Node:
        opening, node, closing = parts
        offset, length, depth = _place(opening, closing, [node])
        return cast(Node, replace(node, offset=offset, length=length, depth=depth))

    def select(self, parts: list[Any]) -> Select:
        operand, _, name = parts
        return Select(*_place(operand, name, [operand]), operand, str(name))

    def index(self, parts: list[Any]) -> Operation:
        operand, _, index, closing = parts
        return Operation(*_place(operand, closing, [operand, index]), "[]", (operand, index))

    def call(self, parts: list[Any]) -> Call:
        function, _, *arguments, closing = parts
        return Call(*_place(function, closing, arguments), str(function), None, tuple(arguments))

    def method(self, parts: list[Any]) -> Call:
        target, _, function, _, *arguments, closing = parts
        return Call(*_place(target, closing, [target, *arguments]), str(function), target, tuple(arguments))

    def prefix(self, parts: list[Any]) -> Node:
        """As in CEL, pairs of one sign cancel out unseen, and one minus before a bare number belongs to the number."""
        sign, *signs, operand = parts
        if len(parts) % 2:
            return cast(Node, operand)
        if sign == "-" and not signs and isinstance(operand, Number) and operand.length == len(operand.text):
            return Number(*_place(sign, operand, []), f"-{operand.text}")
        return Operation(*_place(sign, operand, [operand]), str(sign), (operand,))

    def negative(self, parts: list[Any]) -> Number:
        sign, digits = parts
        return Number(*_place(sign, digits, []), f"-{digits}")

    def operations(self, parts: list[Any]) -> Node:
        """Combines operands and the operators between them by precedence; equal ones associate to the left."""
        operands, waiting = parts[:1], list[str]()
        for operator, operand in zip(parts[1::2], parts[2::2], strict=True):
            while waiting and _binds(waiting[-1], operator):
                _apply(waiting, operands)
            waiting.append(str(operator))
            operands.append(operand)
        while waiting:
            _apply(waiting, operands)
        return cast(Node, operands[0])

    def conditional(self, parts: list[Node]) -> Operation:
        return Operation(*_place(parts[0], parts[-1], parts), "?:", tuple(parts))


_LEVELS = (("||",), ("&&",), ("==", "!=", "<", "<=", ">", ">=", "in"), ("+", "-"), ("*", "/", "%"))
_PRECEDENCE = {operator: level for level, operators in enumerate(_LEVELS) for operator in operators}
_CHAINED = ("&&", "||")
"""A run of one of these becomes one operation of many operands: in CEL, how they associate makes no difference."""


def _binds(left: str, right: str) -> bool:
    """Whether the operand between two operators belongs to the left one."""
    if left == right and left in _CHAINED:
        return False
    return _PRECEDENCE[left] >= _PRECEDENCE[right]


def _apply(waiting: list[str], operands: list[Node]) -> None:
    """Replaces the operands of the last operator, and of those it is chained to, by their operation."""
    operator = waiting.pop()
    first = -2
    while waiting and waiting[-1] == operator and operator in _CHAINED:
        waiting.pop()
        first -= 1
    taken = operands[first:]
    operands[first:] = [Operation(*_place(taken[0], taken[-1], taken), operator, tuple(taken))]


def _leaf(token: Token) -> tuple[int, int, int]:
    """Offset, length and depth of a node that is one token."""
    return token.start_pos or 0, len(token), 1


def _place(first: Token | Node, last: Token | Node, children: list[Node]) -> tuple[int, int, int]:
    """Offset, length and depth of a node over its children; raises SyntaxMistake when it is too deep."""
    offset = first.start_pos or 0 if isinstance(first, Token) else first.offset
    end = (last.start_pos or 0) + len(last) if isinstance(last, Token) else last.offset + last.length
    depth = 1 + max([child.depth for child in children], default=0)
    if depth > DEPTH_LIMIT:
        raise SyntaxMistake(offset, end - offset, Issues.condition_too_deep, DEPTH_LIMIT)
    return offset, end - offset, depth


_ESCAPE = re.compile(
    r"\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|([0-3][0-7]{2})|([abfnrtv\\'\"`?])|([\s\S]))"
)
_SIMPLE_ESCAPES = dict(zip("abfnrtv\\'\"`?", "\a\b\f\n\r\t\v\\'\"`?", strict=True))


@dataclass(frozen=True, slots=True)
class _Unescape:
    """The character that an escape stands for; ``start`` is the offset of the text it is in."""

    start: int

    def __call__(self, escape: re.Match[str]) -> str:
        *hexadecimal, octal, simple, _ = escape.groups()
        if simple:
            return _SIMPLE_ESCAPES[simple]
        digits = octal or next(filter(None, hexadecimal), "")
        code = int(digits, 8 if octal else 16) if digits else -1
        if 0 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF:
            return chr(code)
        raise SyntaxMistake(self.start + escape.start(), len(escape[0]), Issues.invalid_escape, escape[0])


@cache
def _parser() -> Lark:
    grammar = (Path(__file__).parent / "grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer=_Lexer, transformer=_TreeBuilder())
