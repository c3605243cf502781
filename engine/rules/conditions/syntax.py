"""The syntax tree of a condition: its text in structure, with positions, before any name or type is resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

KEYWORDS = frozenset({"false", "in", "null", "true"})
"""Words that CEL never reads as a name, not even after a dot."""
RESERVED_WORDS = frozenset(
    "as break const continue else for function if import let loop namespace package return var void while".split()
)
"""Words that CEL reserves: no names either, except after a dot."""


@dataclass(frozen=True, slots=True)
class _Node:
    """``offset`` and ``length`` are in characters of the text; ``depth`` counts levels from here to the deepest."""

    offset: int
    length: int
    depth: int


@dataclass(frozen=True, slots=True)
class Name(_Node):
    name: str


@dataclass(frozen=True, slots=True)
class Number(_Node):
    """Digits with at most one point and a leading minus, as written: ``15.00``; with a point it is money."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal(_Node):
    value: str | bool


@dataclass(frozen=True, slots=True)
class ListLiteral(_Node):
    entries: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Select(_Node):
    """``operand.name``"""

    operand: Node
    name: str


@dataclass(frozen=True, slots=True)
class Call(_Node):
    """``function(arguments)`` or, with a target, ``target.function(arguments)``."""

    function: str
    target: Node | None
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Operation(_Node):
    """An operator with its operands: one for ``! -``, two or more for ``&& ||``, three for ``?:``, else two."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Excluded(_Node):
    """A literal of CEL that conditions do not support; ``feature`` is its terminal in the grammar."""

    feature: str


def dotted(node: Node) -> str:
    """The names of a chain of them, as in ``cart.attributes``; empty for anything else."""
    match node:
        case Name(name=name):
            return name
        case Select(operand=operand, name=name):
            return f"{owner}.{name}" if (owner := dotted(operand)) else ""
    return ""


Node: TypeAlias = Name | Number | Literal | ListLiteral | Select | Call | Operation | Excluded
