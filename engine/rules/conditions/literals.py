"""Numbers written in conditions: whole numbers, and amounts where they are money."""

from __future__ import annotations

from engine.errors import InvalidAmount
from engine.money import parse_amount
from engine.rules.conditions import syntax
from engine.rules.conditions.environment import Environment, ScalarText
from engine.rules.expressions import Amount, Constant, Type
from engine.rules.issues import Issues

_INT64 = range(-(2**63), 2**63)


class Literals:
    def __init__(self, text: ScalarText, environment: Environment, issues: Issues) -> None:
        self._text = text
        self._currencies = environment.currencies
        self._issues = issues

    def number(self, node: syntax.Number, in_units: bool) -> Constant | Amount | None:
        """What a number means; ``in_units`` says that a whole one counts currency units."""
        return self._amount(node) if in_units or "." in node.text else self._whole_number(node)

    def _whole_number(self, node: syntax.Number) -> Constant | None:
        # Length first: Python refuses to read more than some thousand digits.
        digits = node.text.removeprefix("-").lstrip("0") or "0"
        if len(digits) < len(str(_INT64.stop)) + 1:
            value = -int(digits) if node.text.startswith("-") else int(digits)
            if value in _INT64:
                return Constant(Type.INT, value)
        self._issues.whole_number_out_of_range(self._text.position(node.offset, node.length))
        return None

    def _amount(self, node: syntax.Number) -> Amount | None:
        place = self._text.position(node.offset, node.length)
        if len(self._currencies) > 1:
            self._issues.amount_needs_name(place)
            return None
        digits = node.text.removeprefix("-")
        try:
            figures = [parse_amount(digits, currency) for currency in self._currencies]
        except InvalidAmount as error:
            self._issues.invalid_amount(place, str(error))
            return None
        return Amount(tuple(-figure if node.text.startswith("-") else figure for figure in figures))


def is_whole(node: syntax.Node) -> bool:
    """Whether it is a whole number, or a sum or choice of such: beside money, these count currency units."""
    match node:
        case syntax.Number(text=text):
            return "." not in text
        case syntax.Operation(operator="+" | "-" | "?:", operands=operands):
            return all(is_whole(operand) for operand in operands[-2:])
    return False
