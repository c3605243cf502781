"""Typed expressions: what a condition means once every name is resolved and every type is checked.

The checker makes them, the planner and the reference implementation read them. Money is in minor units, one figure
per currency of the rule set, in the rule set's order.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, TypeAlias

PerCurrency: TypeAlias = tuple[int | None, ...]
"""Minor units (or ppm, for percentages) by currency of the rule set; ``None`` where the file gives no figure."""


class Type(Enum):
    """Type of an expression."""

    BOOL = "bool"
    INT = "int"
    STRING = "string"
    MONEY = "money"
    STRINGS = "list of strings"


class Subject(Enum):
    """Whose fact it is."""

    ITEM = "item"
    CUSTOMER = "customer"
    CART = "cart"
    SHIPMENT = "shipment"
    SEGMENT = "segment"


GROUP_FACTS = ("subtotal", "merchandise", "quantity", "lines", "skus", "weight")
"""The facts of a group of lines: of a segment, a shipment or the cart."""


@dataclass(frozen=True, slots=True)
class Constant:
    """A text, whole number or truth value as written."""

    type: Type
    value: bool | int | str


@dataclass(frozen=True, slots=True)
class Amount:
    """A money literal or named amount. In a currency without a figure it is an error value."""

    values: PerCurrency
    type: ClassVar[Type] = Type.MONEY


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of the cart, such as ``customer.tier`` or ``shoes.subtotal``; an absent one is an error value.

    ``name`` is the name behind the dot (``attributes.color`` for a declared attribute); ``segment`` is an index into
    ``CheckedRules.segments`` when the subject is a segment, else -1.
    """

    type: Type
    subject: Subject
    name: str
    segment: int = -1


@dataclass(frozen=True, slots=True)
class Has:
    """Whether a fact is present; never an error value."""

    fact: Fact
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expression
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class And:
    """False when any operand is false, else an error value when any is, else true. Two or more operands."""

    operands: tuple[Expression, ...]
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class Or:
    """True when any operand is true, else an error value when any is, else false. Two or more operands."""

    operands: tuple[Expression, ...]
    type: ClassVar[Type] = Type.BOOL


class Comparison(Enum):
    EQUAL = "=="
    NOT_EQUAL = "!="
    LESS = "<"
    LESS_OR_EQUAL = "<="
    GREATER = ">"
    GREATER_OR_EQUAL = ">="

    @property
    def opposite(self) -> Comparison:
        """The comparison that holds exactly when this one does not: ``<`` and ``>=``."""
        return _OPPOSITES[self]


_OPPOSITES = {
    Comparison.EQUAL: Comparison.NOT_EQUAL,
    Comparison.NOT_EQUAL: Comparison.EQUAL,
    Comparison.LESS: Comparison.GREATER_OR_EQUAL,
    Comparison.LESS_OR_EQUAL: Comparison.GREATER,
    Comparison.GREATER: Comparison.LESS_OR_EQUAL,
    Comparison.GREATER_OR_EQUAL: Comparison.LESS,
}


@dataclass(frozen=True, slots=True)
class Compare:
    """Both sides have one type: bool (false < true), int, money or string (by UTF-8 bytes)."""

    comparison: Comparison
    left: Expression
    right: Expression
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class In:
    """Whether ``needle`` equals one of ``choices``: literals of its type, or one fact that is a list of strings."""

    needle: Expression
    choices: tuple[Constant | Amount, ...] | Fact
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class Choose:
    """``condition ? then : otherwise``; both branches have one type."""

    condition: Expression
    then: Expression
    otherwise: Expression

    @property
    def type(self) -> Type:
        return self.then.type


class Operation(Enum):
    ADD = "+"
    SUBTRACT = "-"
    MULTIPLY = "*"


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """int with int, money ± money, money × int either way round. A result outside int64 is an error value."""

    type: Type
    operation: Operation
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negate:
    """Unary minus on int or money."""

    operand: Expression

    @property
    def type(self) -> Type:
        return self.operand.type


class TextTest(Enum):
    STARTS_WITH = "startsWith"
    ENDS_WITH = "endsWith"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class TestText:
    """``text.startsWith(part)`` and its kin."""

    test: TextTest
    text: Expression
    part: Expression
    type: ClassVar[Type] = Type.BOOL


@dataclass(frozen=True, slots=True)
class Size:
    """Code points of a string, or entries of a list-of-strings fact."""

    operand: Expression
    type: ClassVar[Type] = Type.INT


Expression: TypeAlias = (
    Constant | Amount | Fact | Has | Not | And | Or | Compare | In | Choose | Arithmetic | Negate | TestText | Size
)


def operands_of(expression: Expression) -> tuple[Expression, ...]:
    """The direct operands of an expression."""
    match expression:
        case Has(fact=fact):
            return (fact,)
        case Not(operand=operand) | Negate(operand=operand) | Size(operand=operand):
            return (operand,)
        case And(operands=operands) | Or(operands=operands):
            return operands
        case Compare(left=left, right=right) | Arithmetic(left=left, right=right):
            return (left, right)
        case In(needle=needle, choices=choices):
            return (needle, choices) if isinstance(choices, Fact) else (needle, *choices)
        case Choose(condition=condition, then=then, otherwise=otherwise):
            return (condition, then, otherwise)
        case TestText(text=text, part=part):
            return (text, part)
    return ()


def facts_of(expression: Expression) -> list[Fact]:
    """Every fact that an expression reads, each time that it does."""
    if isinstance(expression, Fact):
        return [expression]
    return [fact for operand in operands_of(expression) for fact in facts_of(operand)]
