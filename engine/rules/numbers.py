"""Numbers of a reward: a constant, a step table, a choice, or so much for every … (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Generic, TypeAlias, TypeVar

from pydantic import Field

from engine.rules import checked_rewards
from engine.rules.amounts import Amounts
from engine.rules.conditions.environment import Scope
from engine.rules.conditions.shared import Conditions
from engine.rules.entries import Entry, Kinds
from engine.rules.expressions import PerCurrency, Type
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar
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
    """The value listed for what the fact is."""

    by: Text
    values: Annotated[dict[Text, Value], Field(min_length=1)]


class ForEvery(Entry, Generic[Value], use_attribute_docstrings=False):
    """The value as many times as the fact holds ``every``, at most ``up_to``."""

    by: Text
    every: Amount
    value: Value
    up_to: Value | None = None


def _kind(node: Node) -> int:
    """Which of the four kinds of number, in the order of the types below, a node is meant to be."""
    if not isinstance(node, Mapping):
        return 0
    return 3 if "every" in node else 2 if "values" in node else int("steps" in node or "by" in node)


PercentNumber: TypeAlias = Annotated[Percent | StepTable[Percent] | Choice[Percent] | ForEvery[Percent], Kinds(_kind)]
AmountNumber: TypeAlias = Annotated[Amount | StepTable[Amount] | Choice[Amount] | ForEvery[Amount], Kinds(_kind)]
CountNumber: TypeAlias = Annotated[Count | StepTable[Count] | Choice[Count] | ForEvery[Count], Kinds(_kind)]
RepeatNumber: TypeAlias = Annotated[Repeat | StepTable[Count] | Choice[Count] | ForEvery[Count], Kinds(_kind)]
"""Never unlimited in a table."""
PointsNumber: TypeAlias = Annotated[Points | StepTable[Points] | Choice[Points] | ForEvery[Points], Kinds(_kind)]
RateNumber: TypeAlias = Annotated[Rate | StepTable[Rate] | Choice[Rate] | ForEvery[Rate], Kinds(_kind)]
FactorNumber: TypeAlias = Annotated[Factor | StepTable[Factor] | Choice[Factor] | ForEvery[Factor], Kinds(_kind)]


class Numbers(Generic[Value]):
    """Resolves numbers whose constants ``read`` reads, none of them above ``most``.

    An answer is None if there is no number, or if it has a mistake.
    """

    def __init__(
        self, read: Callable[[Value], PerCurrency], most: int, conditions: Conditions, amounts: Amounts, issues: Issues
    ) -> None:
        self._read = read
        self._most = most
        self._conditions = conditions
        self._amounts = amounts
        self._issues = issues

    def resolve(
        self, written: Value | StepTable[Value] | Choice[Value] | ForEvery[Value] | None, scope: Scope
    ) -> checked_rewards.Number | None:
        if written is None:
            return None
        if isinstance(written, StepTable):
            return self._step_table(written, scope)
        if isinstance(written, Choice):
            return self._choice(written, scope)
        if isinstance(written, ForEvery):
            return self._for_every(written, scope)
        return checked_rewards.Fixed(self._read(written))

    def _step_table(self, written: StepTable[Value], scope: Scope) -> checked_rewards.StepTable | None:
        by = self._conditions.resolve(written.by, scope, Type.INT, Type.MONEY)
        values = [self._read(step.value) for step in written.steps]
        if by is None:
            return None
        thresholds = [self._threshold(step.from_, by.type) for step in written.steps]
        for figures in zip(*thresholds, strict=True):
            self._check_rising(written.steps, figures)
        return checked_rewards.StepTable(by, tuple(map(checked_rewards.Step, thresholds, values)), written.by.text)

    def _check_rising(self, steps: list[Step[Value]], figures: PerCurrency) -> None:
        """``figures`` are the thresholds in one currency."""
        highest = None
        for step, figure in zip(steps, figures, strict=True):
            if figure is None:
                continue
            if highest is not None and figure <= highest:
                self._issues.not_rising(step.place("from"))
            highest = figure

    def _threshold(self, written: Scalar | Mapping, type: Type) -> PerCurrency:
        """What a fact of the type, INT or MONEY, is compared with."""
        if type is Type.MONEY:
            return self._amounts.read(written)
        return self._amounts.same(read_whole_number(written, self._issues))

    def _for_every(self, written: ForEvery[Value], scope: Scope) -> checked_rewards.ForEvery | None:
        by = self._conditions.resolve(written.by, scope, Type.INT, Type.MONEY)
        value = self._read(written.value)
        up_to = self._amounts.same(self._most) if written.up_to is None else self._read(written.up_to)
        if by is None:
            return None
        every = self._threshold(written.every, by.type)
        if any(figure is not None and figure <= 0 for figure in every):
            self._issues.not_above_zero(written.place("every"), "every")
        return checked_rewards.ForEvery(by, every, value, up_to, written.by.text, capped=written.up_to is not None)

    def _choice(self, written: Choice[Value], scope: Scope) -> checked_rewards.Choice | None:
        by = self._conditions.resolve(written.by, scope, Type.STRING, Type.INT, Type.BOOL)
        values = [self._read(value) for value in written.values.values()]
        if by is None:
            return None
        cases: dict[str | int | bool, checked_rewards.Case] = {}
        for name, value in zip(written.values, values, strict=True):
            key = read_literal(name, by.type, self._issues)
            if key in cases:
                self._issues.duplicate_case(name.place, name)
            elif key is not None:
                cases[key] = checked_rewards.Case(key, value)
        return checked_rewards.Choice(by, tuple(cases.values()), written.by.text)
