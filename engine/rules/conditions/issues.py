"""What is wrong with conditions: one method per diagnostic."""

from __future__ import annotations

from collections.abc import Sequence

from engine.rules import words
from engine.rules.expressions import Type
from engine.rules.found import Found, Position
from engine.rules.suggestions.operators import operator_here, unexpected_hint
from engine.rules.suggestions.yaml import IN_BRACES
from engine.rules.words import either, shown


class ConditionIssues(Found):
    def condition_too_long(self, position: Position, limit: int) -> None:
        self._add(position, "condition_too_long", f"the condition is longer than {limit:,} characters")

    def condition_too_deep(self, position: Position, limit: int) -> None:
        self._add(position, "condition_too_deep", f"the condition is nested more than {limit} deep")

    def unexpected(self, position: Position, found: str, expected: Sequence[str]) -> None:
        """``found`` is empty at the end of the condition."""
        hint = unexpected_hint(found, words.VALUE in expected)
        message = f"expected {either(expected)}, found {shown(found) if found else 'the end of the condition'}{hint}"
        self._add(position, "unexpected", message, operator_here(found, words.VALUE in expected))

    def unclosed_text(self, position: Position) -> None:
        message = f"the text that begins here has no closing quote on its line; {IN_BRACES}"
        self._add(position, "unclosed_text", message)

    def invalid_escape(self, position: Position, escape: str) -> None:
        message = f"{shown(escape)} is not a valid escape; write a backslash as `\\\\`"
        self._add(position, "invalid_escape", message)

    def not_in_language(self, position: Position, feature: str) -> None:
        """``feature`` is a key of EXCLUDED."""
        what, _, instead = words.EXCLUDED[feature].partition("; ")
        subject = f"{shown(feature)} ({what})" if feature in words.EXCLUDED_MACROS | words.EXCLUDED_FUNCTIONS else what
        hint = f"; {instead}" if instead else ""
        self._add(position, "not_in_language", f"conditions do not support {subject}{hint}")

    def reserved_word(self, position: Position, word: str) -> None:
        self._add(position, "reserved_word", f"{shown(word)} is a reserved word and cannot be used as a name")

    def fact_needed(self, position: Position, owner: str, facts: Sequence[str]) -> None:
        known = ", ".join(facts) or "none is declared"
        of_segment = f"{owner}.quantity >= 1 or {owner}.subtotal >= 50.00"
        as_in = "" if "." in owner else f", as in {words.EXAMPLES.get(owner, of_segment)}"
        message = f"{shown(owner)} by itself is not a value; use one of its facts{as_in} ({known})"
        self._add(position, "fact_needed", message)

    def no_facts(self, position: Position, name: str) -> None:
        message = f"a value has no {shown(name)}; only item, cart, customer, shipment and segments have facts"
        self._add(position, "no_facts", message)

    def out_of_scope(self, position: Position, subject: str, place: str, meant: str = "") -> None:
        """``meant`` is what to write instead, if known."""
        hint = "" if meant else words.OUT_OF_SCOPE.get(subject, words.NOT_IN_FILTERS)
        self._add(position, "out_of_scope", f"{shown(subject)} cannot be used in {place}{hint}", meant)

    def wrong_call(self, position: Position, usage: str) -> None:
        self._add(position, "wrong_call", f"write this as {shown(usage)}")

    def asked(self, position: Position, function: str) -> None:
        """Of a whole cart or segment, whether something is in it."""
        self._add(position, "wrong_call", f"{shown(function)} is not used in this way{words.ASKED}")

    def wrong_type(self, position: Position, wanted: Sequence[Type], found: Type, negated: bool = False) -> None:
        message = f"expected {either([words.TYPE_NAMES[type_] for type_ in wanted])}; found {words.TYPE_NAMES[found]}"
        if found is Type.STRINGS:
            message += words.ASKED_BY_IN
        elif wanted == (Type.BOOL,):
            message += words.NEGATED if negated else words.COMPARED
        elif wanted == (Type.STRINGS,) and found is Type.STRING:
            message += words.LIST_OF_TEXTS
        self._add(position, "wrong_type", message)

    def types_differ(self, position: Position, operator: str, left: Type, right: Type) -> None:
        hint = words.TYPES_DIFFER.get(frozenset((left, right)), "")
        message = f"`{operator}` cannot combine {words.TYPE_NAMES[left]} with {words.TYPE_NAMES[right]}{hint}"
        self._add(position, "types_differ", message)

    def joined_by_plus(self, position: Position) -> None:
        self._add(position, "types_differ", "`+` adds numbers and cannot join comparisons", "&&")

    def money_times_money(self, position: Position) -> None:
        message = "money can be multiplied only by a whole number, as in 2 * item.price; percentages belong in rewards"
        self._add(position, "money_times_money", message)

    def whole_number_out_of_range(self, position: Position) -> None:
        self._add(position, "whole_number_out_of_range", "a whole number must be between -2^63 and 2^63 - 1")

    def amount_needs_name(self, position: Position) -> None:
        message = "with several currencies, write money in a condition as a name from `amounts`"
        self._add(position, "amount_needs_name", message)
