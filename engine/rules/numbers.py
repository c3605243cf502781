"""Numbers of a reward: a constant, a step table or a choice (docs/pricing.md §5), as written and resolved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import Discriminator, Field, Tag

from engine.rules import checked
from engine.rules.amounts import Amounts
from engine.rules.conditions import Conditions
from engine.rules.document import Mapping, Node, Scalar
from engine.rules.entries import Entry
from engine.rules.environment import Scope
from engine.rules.expressions import PerCurrency, Type
from engine.rules.issues import Issues
from engine.rules.scalars import (
    Amount,
    Count,
    Factor,
    Percent,
    Points,
    Rate,
    Repeat,
    Text,
    read_literal,
    read_whole_number,
)

Value = TypeVar("Value")


class Step(Entry, Generic[Value], use_attribute_docstrings=False):
    """Reached when the fact is at least ``from``."""

    from_: Annotated[Amount, Field(alias="from")]
    value: Value


class StepTable(Entry, Generic[Value], use_attribute_docstrings=False):
    """The value of the highest step reached; ``from`` rises strictly."""

    by: Text
    steps: Annotated[list[Step[Value]], Field(min_length=1)]


class Choice(Entry, Generic[Value], use_attribute_docstrings=False):
    """The value named for what the fact is."""

    by: Text
    values: Annotated[dict[Text, Value], Field(min_length=1)]


_CONSTANT, _STEPS, _CHOICE = "<constant>", "<steps>", "<choice>"


def _shape(node: Node) -> str:
    if isinstance(node, Mapping) and "values" in node:
        return _CHOICE
    if isinstance(node, Mapping) and ("steps" in node or "by" in node):
        return _STEPS
    return _CONSTANT


PercentNumber: TypeAlias = Annotated[
    Annotated[Percent, Tag(_CONSTANT)]
    | Annotated[StepTable[Percent], Tag(_STEPS)]
    | Annotated[Choice[Percent], Tag(_CHOICE)],
    Discriminator(_shape),
]
AmountNumber: TypeAlias = Annotated[
    Annotated[Amount, Tag(_CONSTANT)]
    | Annotated[StepTable[Amount], Tag(_STEPS)]
    | Annotated[Choice[Amount], Tag(_CHOICE)],
    Discriminator(_shape),
]
CountNumber: TypeAlias = Annotated[
    Annotated[Count, Tag(_CONSTANT)]
    | Annotated[StepTable[Count], Tag(_STEPS)]
    | Annotated[Choice[Count], Tag(_CHOICE)],
    Discriminator(_shape),
]
RepeatNumber: TypeAlias = Annotated[
    Annotated[Repeat, Tag(_CONSTANT)]
    | Annotated[StepTable[Count], Tag(_STEPS)]
    | Annotated[Choice[Count], Tag(_CHOICE)],
    Discriminator(_shape),
]
"""Never unlimited in a table."""
PointsNumber: TypeAlias = Annotated[
    Annotated[Points, Tag(_CONSTANT)]
    | Annotated[StepTable[Points], Tag(_STEPS)]
    | Annotated[Choice[Points], Tag(_CHOICE)],
    Discriminator(_shape),
]
RateNumber: TypeAlias = Annotated[
    Annotated[Rate, Tag(_CONSTANT)] | Annotated[StepTable[Rate], Tag(_STEPS)] | Annotated[Choice[Rate], Tag(_CHOICE)],
    Discriminator(_shape),
]
FactorNumber: TypeAlias = Annotated[
    Annotated[Factor, Tag(_CONSTANT)]
    | Annotated[StepTable[Factor], Tag(_STEPS)]
    | Annotated[Choice[Factor], Tag(_CHOICE)],
    Discriminator(_shape),
]


class Numbers(Generic[Value]):
    """Resolves numbers whose constants ``read`` reads; an answer is None when there is none, or a mistaken one."""

    def __init__(
        self, read: Callable[[Value], PerCurrency], conditions: Conditions, amounts: Amounts, issues: Issues
    ) -> None:
        self._read = read
        self._conditions = conditions
        self._amounts = amounts
        self._issues = issues

    def resolve(self, written: Value | StepTable[Value] | Choice[Value] | None, scope: Scope) -> checked.Number | None:
        if written is None:
            return None
        if isinstance(written, StepTable):
            return self._step_table(written, scope)
        if isinstance(written, Choice):
            return self._choice(written, scope)
        return checked.Fixed(self._read(written))

    def _step_table(self, written: StepTable[Value], scope: Scope) -> checked.StepTable | None:
        by = self._conditions.resolve(written.by, scope, Type.INT, Type.MONEY)
        values = [self._read(step.value) for step in written.steps]
        if by is None:
            return None
        read = self._amounts.read if by.type is Type.MONEY else self._whole_number
        thresholds = [read(step.from_) for step in written.steps]
        for figures in zip(*thresholds, strict=True):
            self._check_rising(written.steps, figures)
        return checked.StepTable(by, tuple(map(checked.Step, thresholds, values)), written.by.text)

    def _check_rising(self, steps: list[Step[Value]], figures: PerCurrency) -> None:
        """The figures are the thresholds in one currency."""
        highest = None
        for step, figure in zip(steps, figures, strict=True):
            if figure is None:
                continue
            if highest is not None and figure <= highest:
                self._issues.not_rising(step.place("from"))
            highest = figure

    def _whole_number(self, written: Scalar | Mapping) -> PerCurrency:
        return self._amounts.same(read_whole_number(written, self._issues))

    def _choice(self, written: Choice[Value], scope: Scope) -> checked.Choice | None:
        by = self._conditions.resolve(written.by, scope, Type.STRING, Type.INT, Type.BOOL)
        values = [self._read(value) for value in written.values.values()]
        if by is None:
            return None
        cases: dict[str | int | bool, checked.Case] = {}
        for name, value in zip(written.values, values, strict=True):
            key = read_literal(name, by.type, self._issues)
            if key in cases:
                self._issues.duplicate_case(name.place, name)
            elif key is not None:
                cases[key] = checked.Case(key, value)
        return checked.Choice(by, tuple(cases.values()), written.by.text)
