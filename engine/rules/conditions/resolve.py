"""A syntax tree becomes a typed expression: names resolved, types checked, amounts exact (docs/pricing.md §4).

A part with a mistake is reported and becomes None, which its parents skip, so all mistakes are found in one go.
"""

from __future__ import annotations

from dataclasses import replace

from engine.rules.conditions import syntax
from engine.rules.conditions.environment import Environment, ScalarText, Scope
from engine.rules.conditions.literals import Literals, is_whole
from engine.rules.conditions.names import Names
from engine.rules.conditions.parse import SyntaxMistake, parse
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
    Not,
    Operation,
    Or,
    Size,
    TestText,
    TextTest,
    Type,
)
from engine.rules.found import Position
from engine.rules.issues import Issues
from engine.rules.suggestions.names import name_here
from engine.rules.words import ASKING, EXCLUDED_FUNCTIONS, EXCLUDED_MACROS, FUNCTION_HINTS

_COMPARISONS = {comparison.value: comparison for comparison in Comparison}
_OPERATIONS = {operation.value: operation for operation in Operation}
_TEXT_TESTS = {test.value: test for test in TextTest}
_USAGES = {"has": "has(fact)", "size": "size(value) or value.size()"} | {
    name: f"text.{name}(part)" for name in _TEXT_TESTS
}


def resolve(
    text: ScalarText, scope: Scope, expected: tuple[Type, ...], environment: Environment, issues: Issues
) -> Expression | None:
    """The expression of a text, of an expected type; None when it has mistakes, which are added to issues."""
    try:
        node = parse(text.text)
    except SyntaxMistake as mistake:
        mistake.report(issues, text.position(mistake.offset, mistake.length))
        return None
    return _Resolver(text, scope, environment, issues).typed(node, *expected)


class _Resolver:
    """``in_units`` says that a whole number is next to money, where it counts whole currency units."""

    def __init__(self, text: ScalarText, scope: Scope, environment: Environment, issues: Issues) -> None:
        self._text = text
        self._issues = issues
        self._names = Names(text, scope, environment, issues)
        self._literals = Literals(text, environment, issues)

    def typed(self, node: syntax.Node, *wanted: Type, in_units: bool = False) -> Expression | None:
        expression = self.resolve(node, in_units)
        if expression is None or expression.type in wanted:
            return expression
        self._issues.wrong_type(self._at(node), wanted, expression.type)
        return None

    def resolve(self, node: syntax.Node, in_units: bool = False) -> Expression | None:
        if self._issues.more:
            return None
        match node:
            case syntax.Select():
                return self._fact(node)
            case syntax.Operation():
                return self._operation(node, in_units)
            case syntax.Number():
                return self._literals.number(node, in_units)
            case syntax.Literal(value=value):
                return Constant(Type.BOOL if isinstance(value, bool) else Type.STRING, value)
            case syntax.Name():
                return self._names.amount(node, node)
            case syntax.Call():
                return self._call(node)
            case syntax.ListLiteral():
                self._issues.not_in_language(self._at(node), "written list")
            case syntax.Excluded():
                self._issues.not_in_language(self._at(node), node.feature)
        return None

    def _at(self, node: syntax.Node) -> Position:
        return self._text.position(node.offset, node.length)

    # Facts.

    def _fact(self, node: syntax.Select) -> Fact | None:
        owner = syntax.dotted(node.operand)
        if self._names.is_owner(owner):
            return self._names.fact(owner, node.name, node)
        if owner and self._names.is_of_another_system(owner, node.name, node):
            return None
        if (value := self.resolve(node.operand)) is not None:
            function = name_here("function", node.name, _USAGES) or node.name
            if value.type in (Type.STRING, Type.STRINGS) and function in _USAGES:
                self._issues.wrong_call(self._at(node), _USAGES[function])
            else:
                self._issues.no_facts(self._at(node), node.name)
        return None

    # Functions.

    def _call(self, node: syntax.Call) -> Expression | None:
        function = node.function
        match function, node.target, node.arguments:
            case _, None, (syntax.Name() as owner,) if self._names.is_subject(owner):
                self._names.amount(owner, node)
                return None
            case name, syntax.Name(name=owner), () if self._names.has_fact(owner, name):
                self._issues.wrong_call(self._at(node), f"{owner}.{name}")
                return None
            case name, syntax.Name() as owner, (_,) if name in ASKING and self._names.is_subject(owner):
                self._names.asked(owner, name, node)
                return None
            case "has", None, (argument,):
                return self._has(argument)
            case ("size", None, (operand,)) | ("size", operand, ()) if operand is not None:
                value = self.typed(operand, Type.STRING, Type.STRINGS)
                return value and Size(value)
            case _, text, (part,) if text is not None and function in _TEXT_TESTS:
                tested, sought = self.typed(text, Type.STRING), self.typed(part, Type.STRING)
                return tested and sought and TestText(_TEXT_TESTS[function], tested, sought)
        if function in EXCLUDED_MACROS or function in EXCLUDED_FUNCTIONS:
            self._issues.not_in_language(self._at(node), function)
        elif function in _USAGES:
            self._issues.wrong_call(self._at(node), _USAGES[function])
        else:
            self._issues.unknown_name(self._at(node), "function", function, _USAGES)
        if node.target is not None:
            self.resolve(node.target)
        if function not in EXCLUDED_MACROS and function.lower() not in FUNCTION_HINTS:  # they use names of their own
            for argument in node.arguments:
                self.resolve(argument)
        return None

    def _has(self, argument: syntax.Node) -> Has | None:
        if isinstance(argument, syntax.Select):
            return Has(fact) if (fact := self._fact(argument)) else None
        self._issues.wrong_call(self._at(argument), _USAGES["has"])
        return None

    # Operators.

    def _operation(self, node: syntax.Operation, in_units: bool) -> Expression | None:
        match node.operator, node.operands:
            case "&&" | "||", operands:
                decided = [self.typed(operand, Type.BOOL) for operand in operands]
                known = tuple(operand for operand in decided if operand is not None)
                connective = And if node.operator == "&&" else Or
                return connective(known) if len(known) == len(decided) else None
            case "!", (operand,):
                negated = self.resolve(operand)
                if negated is not None and negated.type is not Type.BOOL:
                    self._issues.wrong_type(self._at(operand), (Type.BOOL,), negated.type, negated=True)
                    return None
                return negated and Not(negated)
            case "-", (operand,):
                return self._negate(operand, in_units)
            case "?:", (condition, _, _):
                decision, branches = self.typed(condition, Type.BOOL), self._pair(node, in_units)
                return decision and branches and Choose(decision, *branches)
            case "in", (needle, choices):
                return self._in(node, needle, choices)
            case "[]", (syntax.Name(name=owner), syntax.Literal(value=str(name))) if self._names.has_fact(owner, name):
                self._issues.wrong_call(self._at(node), f"{owner}.{name}")
                return None
            case "*", (first, second):
                return self._product(node, self.resolve(first), self.resolve(second))
            case "+" | "-", _:
                return self._sum(node, in_units)
            case operator, _ if operator in _COMPARISONS:
                return self._compare(node)
        self._issues.not_in_language(self._at(node), node.operator)
        for operand in node.operands:
            self.resolve(operand)
        return None

    def _compare(self, node: syntax.Operation) -> Compare | None:
        match node.operands:
            case (
                syntax.Operation(
                    operator=inner, operands=(left, syntax.Operation(operator="+", operands=(middle, right)))
                ) as first,
                syntax.Number() | syntax.Literal(value=str()) as second,
            ) if inner in _COMPARISONS and ")" not in self._text.text[right.offset + right.length : second.offset]:
                # `a > 1 + b > 2`
                plus = self._text.text.index("+", middle.offset + middle.length)
                self._issues.joined_by_plus(self._text.position(plus, 1))
                self.resolve(replace(first, operands=(left, middle)))
                self.resolve(replace(node, operands=(right, second)))
                return None
        sides = self._pair(node)
        return sides and Compare(_COMPARISONS[node.operator], *sides)

    def _negate(self, operand: syntax.Node, in_units: bool) -> Negate | None:
        number = self.typed(operand, Type.INT, Type.MONEY, in_units=in_units)
        return Negate(number) if number else None

    def _pair(self, node: syntax.Operation, in_units: bool = False) -> tuple[Expression, Expression] | None:
        """The last two operands, which must come out as one type; a whole number beside money is read as money."""
        first, second = node.operands[-2:]
        if is_whole(first):
            right = self.resolve(second, in_units)
            left = self.resolve(first, in_units or _is_money(right))
        else:
            left = self.resolve(first)
            right = self.resolve(second, is_whole(second) and _is_money(left))
        if left is None or right is None:
            return None
        if left.type is not right.type:
            self._issues.types_differ(self._at(node), node.operator, left.type, right.type)
        elif left.type is Type.STRINGS:
            self._issues.not_in_language(self._at(node), "list")
        else:
            return left, right
        return None

    def _sum(self, node: syntax.Operation, in_units: bool) -> Arithmetic | None:
        pair = self._pair(node, in_units)
        if pair is None:
            return None
        type_ = pair[0].type
        if type_ in (Type.INT, Type.MONEY):
            return Arithmetic(type_, _OPERATIONS[node.operator], *pair)
        if type_ is Type.STRING and node.operator == "+":
            self._issues.not_in_language(self._at(node), "joined texts")
        else:
            self._issues.wrong_type(self._at(node), (Type.INT, Type.MONEY), type_)
        return None

    def _product(self, node: syntax.Operation, left: Expression | None, right: Expression | None) -> Arithmetic | None:
        if left is None or right is None:
            return None
        types = {left.type, right.type}
        if types == {Type.MONEY}:
            self._issues.money_times_money(self._at(node))
        elif types <= {Type.INT, Type.MONEY}:
            return Arithmetic(Type.MONEY if Type.MONEY in types else Type.INT, Operation.MULTIPLY, left, right)
        else:
            self._issues.types_differ(self._at(node), "*", left.type, right.type)
        return None

    def _in(self, node: syntax.Operation, sought: syntax.Node, choices: syntax.Node) -> In | None:
        if isinstance(sought, syntax.Name) and self._names.is_subject(sought):  # a segment is in no list
            self._names.amount(sought, node)
            return None
        needle = self.resolve(sought)
        if isinstance(choices, syntax.ListLiteral):
            literals = self._choices(choices, needle)
            return In(needle, literals) if needle and literals else None
        values = self.typed(choices, Type.STRINGS)
        if needle is None or values is None:
            return None
        if needle.type is Type.STRING and isinstance(values, Fact):
            return In(needle, values)
        self._issues.wrong_type(self._at(sought), (Type.STRING,), needle.type)
        return None

    def _choices(self, choices: syntax.ListLiteral, needle: Expression | None) -> tuple[Constant | Amount, ...] | None:
        """The entries of a list after ``in``, all literals or named amounts of the needle's type."""
        if not choices.entries:
            self._issues.not_in_language(self._at(choices), "empty list")
        literals: list[Constant | Amount] = []
        for node in choices.entries:
            entry = self.resolve(node, is_whole(node) and _is_money(needle))
            if entry is None or needle is None:
                continue
            if not isinstance(entry, Constant | Amount):
                self._issues.not_in_language(self._at(node), "computed entry")
            elif literals and entry.type is not literals[0].type:
                self._issues.not_in_language(self._at(node), "mixed list")
            else:
                literals.append(entry)
        if needle is None or not literals or len(literals) < len(choices.entries):
            return None
        if literals[0].type is not needle.type:
            self._issues.types_differ(self._at(choices.entries[0]), "in", needle.type, literals[0].type)
            return None
        return tuple(literals)


def _is_money(expression: Expression | None) -> bool:
    return expression is not None and expression.type is Type.MONEY
