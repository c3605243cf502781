"""Planning expressions: a node per operation, its types resolved, its facts slots, its literals indices.

Equal texts, rows of figures, nodes and lists of operands are held once.
"""

from __future__ import annotations

from enum import Enum
from typing import Generic, TypeVar

from engine.rules.artifact import SLOTS, Figure, Node, Op
from engine.rules.checked_rewards import CART
from engine.rules.expressions import (
    GROUP_FACTS,
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Constant,
    Expression,
    Fact,
    Has,
    In,
    Negate,
    Not,
    Or,
    PerCurrency,
    Size,
    Subject,
    TestText,
    Type,
)

NONE = -1
"""The index that means none."""

T = TypeVar("T")


def code(member: Enum) -> int:
    """How an artifact writes a member of an enum: its place in the definition."""
    return list(type(member)).index(member)


class Pool(Generic[T]):
    """Records of one section; equal runs of records are held once."""

    def __init__(self) -> None:
        self.records: list[T] = []
        self._first: dict[tuple[T, ...], int] = {}

    def add(self, *records: T) -> int:
        """Index of the first of the records, which are consecutive."""
        if records not in self._first:
            self._first[records] = len(self.records)
            self.records.extend(records)
        return self._first[records]


class ExpressionPlanner:
    """Plans the expressions of a rule set with so many currencies.

    ``read_segments`` gathers the segments whose facts are asked for, ``without_figure`` the currencies (by index) in
    which an amount has no figure; whoever wants to know of one promotion clears it first.
    """

    def __init__(self, currencies: int) -> None:
        self.texts: Pool[str] = Pool()
        self.figures: Pool[Figure] = Pool()
        self.nodes: Pool[Node] = Pool()
        self.operands: Pool[int] = Pool()
        self.read_segments: set[int] = set()
        self.without_figure: set[int] = set()
        self._currencies = currencies
        self._slots = {subject: tuple(map(list, slots)) for subject, slots in SLOTS.items()}

    def declare(self, subject: Subject, name: str, type_: Type) -> int:
        """Slot of a new fact of the subject."""
        names = self._names(subject, type_)
        names.append(name)
        return len(names) - 1

    def row(self, values: PerCurrency) -> int:
        """Row of the figures."""
        self.without_figure.update(index for index, value in enumerate(values) if value is None)
        figures = (Figure(0, 0) if value is None else Figure(value, 1) for value in values)
        return self.figures.add(*figures) // self._currencies

    def literal(self, literal: bool | int | str | Amount) -> int:
        """A text of the artifact, or a row of figures."""
        match literal:
            case str():
                return self.texts.add(literal)
            case Amount(values=values):
                return self.row(values)
            case _:
                return self.row((int(literal),) * self._currencies)

    def plan(self, expression: Expression) -> int:
        """Index of the expression's node; those of its operands come before."""
        return self.nodes.add(self._node(expression))

    def _node(self, expression: Expression) -> Node:
        match expression:
            case Constant(type=Type.STRING, value=value):
                return Node(Op.TEXT_CONSTANT, a=self.literal(value))
            case Constant(value=value):
                return Node(Op.CONSTANT, a=self.literal(value))
            case Amount():
                return Node(Op.CONSTANT, a=self.literal(expression))
            case Fact():
                subject, slot = self._slot(expression)
                return Node(Op.TEXT_FACT if expression.type is Type.STRING else Op.FACT, subject, a=slot)
            case Has(fact=Fact(type=Type.STRINGS)):
                return Node(Op.CONSTANT, a=self.literal(True))
            case Has(fact=fact):
                subject, slot = self._slot(fact)
                return Node(Op.HAS_TEXT if fact.type is Type.STRING else Op.HAS_NUMBER, subject, a=slot)
            case Not(operand=operand):
                return Node(Op.NOT, a=self.plan(operand))
            case And(operands=parts) | Or(operands=parts):
                first = self.operands.add(*map(self.plan, parts))
                return Node(Op.AND if isinstance(expression, And) else Op.OR, a=first, b=len(parts))
            case Compare(comparison=comparison, left=left, right=right):
                texts = "TEXT_" if left.type is Type.STRING else ""
                return self._binary(Op[texts + comparison.name], left, right)
            case Arithmetic(operation=operation, left=left, right=right):
                return self._binary(Op[operation.name], left, right)
            case TestText(test=test, text=text, part=part):
                return self._binary(Op[test.name], text, part)
            case In():
                return self._in(expression)
            case Choose(condition=condition, then=then, otherwise=otherwise):
                choose = Op.TEXT_CHOOSE if then.type is Type.STRING else Op.CHOOSE
                return Node(choose, 0, *map(self.plan, (condition, then, otherwise)))
            case Negate(operand=operand):
                return Node(Op.NEGATE, a=self.plan(operand))
            case Size(operand=Fact(type=Type.STRINGS) as fact):
                subject, slot = self._slot(fact)
                return Node(Op.LIST_SIZE, subject, a=slot)
            case Size(operand=operand):
                return Node(Op.TEXT_SIZE, a=self.plan(operand))

    def _binary(self, op: Op, left: Expression, right: Expression) -> Node:
        return Node(op, a=self.plan(left), b=self.plan(right))

    def _in(self, expression: In) -> Node:
        needle = self.plan(expression.needle)
        if isinstance(expression.choices, Fact):
            subject, slot = self._slot(expression.choices)
            return Node(Op.IN_LIST, subject, a=needle, b=slot)
        literals = [self.literal(each if isinstance(each, Amount) else each.value) for each in expression.choices]
        op = Op.IN_TEXTS if expression.needle.type is Type.STRING else Op.IN_NUMBERS
        return Node(op, a=needle, b=self.operands.add(*literals), c=len(literals))

    def _slot(self, fact: Fact) -> tuple[int, int]:
        """Code of the subject and slot of the fact; the facts of ``cart`` as a group are those of segment 0."""
        subject, segment = fact.subject, fact.segment
        if subject is Subject.CART and fact.name in GROUP_FACTS:
            subject, segment = Subject.SEGMENT, CART
        slot = self._names(subject, fact.type).index(fact.name)
        if subject is Subject.SEGMENT:
            self.read_segments.add(segment)
            slot += segment * len(GROUP_FACTS)
        return code(subject), slot

    def _names(self, subject: Subject, type_: Type) -> list[str]:
        """Names of the subject's facts of that type, by slot."""
        numbers, texts, lists = self._slots[subject]
        return {Type.STRING: texts, Type.STRINGS: lists}.get(type_, numbers)
