"""Issues: everything wrong with a rule file, each with its place; one method per diagnostic."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import islice

from engine.money import is_currency
from engine.rules.elsewhere import key_here, name_here, place_of
from engine.rules.expressions import Type
from engine.rules.words import (
    COMMA,
    COMPUTED,
    DECLARED,
    EXCLUDED,
    EXCLUDED_FUNCTIONS,
    EXCLUDED_MACROS,
    EXPECTED,
    IN_BRACES,
    IS_MONEY,
    LISTED,
    LONGEST_SHOWN,
    MISSING,
    NAMED,
    NO_SPACE,
    OF_KIND,
    OTHER_SPELLINGS,
    OUT_OF_SCOPE,
    POINTLESS,
    TEXT_IN_QUOTES,
    TYPE_NAMES,
    either,
    looks_computed,
    looks_like_condition,
    plain_decimal,
    shown,
    written_here,
)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in a source: 1-based line and column (in characters), and how many characters it spans on that line."""

    file: str
    line: int
    column: int
    length: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Issue:
    """One mistake: where, a stable code, what is wrong and what would do; ``suggestion`` is a near name, if any."""

    position: Position
    code: str
    message: str
    suggestion: str = ""


_COMPARISONS = 3000
"""Comparisons of names, in all, to find near ones: each may take a tenth of a millisecond."""


class Issues:
    """The mistakes found so far: the first ``limit`` of them; ``more`` says that others were left out.

    A place has one code: what another stage finds there afterwards follows from the first mistake.
    """

    def __init__(self, limit: int = 100) -> None:
        self._limit = limit
        self._found: dict[Issue, None] = {}
        self._codes: dict[Position, str] = {}
        self._comparisons = _COMPARISONS
        self.more = False

    def __bool__(self) -> bool:
        return bool(self._found)

    @property
    def found(self) -> tuple[Issue, ...]:
        """In the order of their places."""
        return tuple(sorted(self._found))

    def _add(self, position: Position, code: str, message: str, suggestion: str = "") -> None:
        issue = Issue(position, code, message, suggestion)
        if issue in self._found or self._codes.get(position, code) != code:
            return
        if len(self._found) == self._limit:
            self.more = True
        else:
            self._codes[position] = code
            self._found[issue] = None

    def _near(self, name: str, known: Iterable[str]) -> str:
        """The known name that is nearest, if any is near."""
        if self.more or len(name) > LONGEST_SHOWN:
            return ""
        names = list(islice(known, self._comparisons))
        self._comparisons -= len(names)
        return next(iter(get_close_matches(name, names, 1)), "")

    # The file and its YAML.

    def unreadable(self, file: str, reason: str) -> None:
        self._add(Position(file, 1, 1), "unreadable", f"cannot read the file: {reason}")

    def no_files(self, folder: str) -> None:
        self._add(Position(folder, 1, 1), "no_files", "the folder holds no file that ends in .yaml or .yml")

    def too_large(self, file: str, limit: int) -> None:
        self._add(Position(file, 1, 1), "too_large", f"the rule set is larger than the limit of {limit:,} bytes")

    def too_many_nodes(self, position: Position, limit: int) -> None:
        message = f"the rule set has more than the limit of {limit:,} texts, lists and mappings"
        self._add(position, "too_many_nodes", message)

    def not_utf8(self, position: Position) -> None:
        self._add(position, "not_utf8", "the text is not UTF-8 from here on; save the file as UTF-8")

    def control_character(self, position: Position, character: str) -> None:
        self._add(position, "control_character", f"the character U+{ord(character):04X} may not stand in a rule file")

    def syntax(self, position: Position, problem: str) -> None:
        self._add(position, "syntax", f"this is no YAML: {problem}")

    def unclosed_quote(self, position: Position) -> None:
        self._add(position, "syntax", "this is no YAML: the text that begins here has no closing quote")

    def too_deep(self, position: Position, limit: int) -> None:
        self._add(position, "too_deep", f"lists and mappings are nested more than {limit} deep")

    def anchor(self, position: Position) -> None:
        self._add(position, "anchor", "anchors (&name) are not allowed; write the value where it is used")

    def alias(self, position: Position) -> None:
        self._add(position, "alias", "aliases (*name) are not allowed; write the value here")

    def tag(self, position: Position) -> None:
        self._add(
            position,
            "tag",
            "YAML reads `!` as a tag, and tags are not allowed; put a condition that starts so in quotes",
        )

    def second_document(self, position: Position) -> None:
        self._add(position, "second_document", "a file holds one document; a second one starts here")

    def key_not_text(self, position: Position) -> None:
        self._add(
            position, "key_not_text", "a key is a text, not a list or mapping; quote a text that starts with { or ["
        )

    def duplicate_key(self, position: Position, key: str, first: Position) -> None:
        where = f"line {first.line}" if first.file == position.file else f"{first.file}:{first.line}"
        self._add(position, "duplicate_key", f"{shown(key)} stands twice, first at {where}")

    # The structure.

    def unknown_key(self, position: Position, key: str, known: Collection[str]) -> None:
        hint = COMMA if key.isdecimal() else NO_SPACE if key[:1].isspace() else ""
        suggestion = "" if hint else key_here(key, known)
        if not (hint or suggestion) and (place := place_of(key)):
            hint = f"; it stands {place}"
        message = f"unknown key {shown(key)}{hint}"
        self._add(position, "unknown_key", message, suggestion or ("" if hint else self._near(key, known)))

    def missing_key(self, position: Position, key: str) -> None:
        self._add(position, "missing_key", f"the key {shown(key)} is missing{MISSING.get(key, '')}")

    def expected(self, position: Position, what: str, found: str) -> None:
        message = f"expected {EXPECTED[what]}; found {shown(found)}"
        if looks_computed(what, found):
            message += COMPUTED
        self._add(position, "invalid_value", message, written_here(what, found))

    def not_one_of(self, position: Position, words: Sequence[str], found: str) -> None:
        suggestion = name_here("word", found, words) or self._near(found, words)
        self._add(position, "invalid_value", f"expected {either(words)}; found {shown(found)}", suggestion)

    def keys_needed(self, position: Position, keys: Sequence[str], found: str) -> None:
        written = ", ".join(f"{key}: …" for key in keys)
        self._add(position, "invalid_value", f"expected keys and values, as in {{{written}}}; found {shown(found)}")

    def not_exactly_one(self, position: Position, words: Sequence[str], found: Sequence[str]) -> None:
        what = " and ".join(found) or "none"
        self._add(position, "not_exactly_one", f"expected exactly one of {', '.join(words)}; found {what}")

    # The meaning.

    def invalid_name(self, position: Position, name: str, wanted: str) -> None:
        message = f"{shown(name)} is no name: {wanted}"
        spelled = re.sub("[ .-]", "_", name)
        self._add(position, "invalid_name", message, spelled if spelled.isascii() and spelled.isidentifier() else "")

    def name_taken(self, position: Position, name: str, by: str) -> None:
        self._add(position, "name_taken", f"the name {shown(name)} is already that of {by}")

    def unknown_name(self, position: Position, what: str, name: str, known: Collection[str]) -> None:
        """``what`` is a word such as ``layer``, ``segment`` or ``amount``."""
        message = f"unknown {what} {shown(name)}"
        if looks_computed(what, name):
            message += COMPUTED
        if looks_like_condition(what, name):
            message += NAMED
        if what == "name":
            message += TEXT_IN_QUOTES
        if what == "attribute":
            message += DECLARED
        self._add(position, f"unknown_{what}", message, name_here(what, name, known) or self._near(name, known))

    def unknown_currency(self, position: Position, currency: str) -> None:
        code = currency.upper() if is_currency(currency.upper()) else ""
        hint = "" if code or currency.isupper() else "; an amount is a decimal, or a table of decimals by currency"
        self._add(position, "unknown_currency", f"{shown(currency)} is no currency of ISO 4217{hint}", code)

    def currency_not_listed(self, position: Position, currency: str, currencies: Sequence[str]) -> None:
        message = f"the rule set prices in {', '.join(currencies)}, not in {shown(currency)}"
        self._add(position, "currency_not_listed", message, self._near(currency, currencies))

    def invalid_amount(self, position: Position, problem: str, found: str = "") -> None:
        """``found`` is what is written, where another spelling of it may be an amount."""
        self._add(position, "invalid_amount", problem, plain_decimal(found))

    def amount_needs_table(self, position: Position, currencies: Sequence[str]) -> None:
        table = ", ".join(f"{currency}: …" for currency in currencies)
        message = f"with several currencies an amount is a table {{{table}}} or a name from amounts"
        self._add(position, "amount_needs_table", message)

    def not_rising(self, position: Position) -> None:
        self._add(position, "not_rising", "each step must start above the one before it, in every currency")

    def not_above_zero(self, position: Position, key: str) -> None:
        self._add(position, "not_above_zero", f"{shown(key)} must be above zero")

    def duplicate_case(self, position: Position, key: str) -> None:
        self._add(position, "duplicate_case", f"the value {shown(key)} is already named above")

    def wrong_layer(self, position: Position, reward: str, layer: str, kind: str) -> None:
        message = f"{shown(reward)} has no place in the layer {shown(layer)}, which is of kind {kind}{OF_KIND[kind]}"
        self._add(position, "wrong_layer", message)

    def not_per_line(self, position: Position, what: str) -> None:
        """``what`` cannot be had by some lines only."""
        self._add(position, "not_per_line", f"{what} has no place where a layer combines best_per_line")

    def pointless(self, position: Position, key: str) -> None:
        """``key`` is one of the table above."""
        self._add(position, "pointless", f"{shown(key)} says nothing here: {POINTLESS[key]}")

    def of_several_segments(self, position: Position) -> None:
        problem = "`different` chooses among the units of one segment, and these parts are of several"
        self._add(position, "several_segments", problem)

    def beyond_the_set(self, position: Position, size: int) -> None:
        self._add(position, "beyond_the_set", f"take is the place of one unit in a set, from 1 to {size:,} here")

    def invalid_code(self, position: Position, code: str, length: int) -> None:
        message = f"the code {shown(code)} has blanks at its ends, or more than {length:,} characters"
        self._add(position, "invalid_code", message, code.strip())

    def duplicate_code(self, position: Position, code: str, first: str, place: Position) -> None:
        same = "" if code == first else f" as {shown(first)}: upper and lower case are the same"
        self._add(position, "duplicate_code", f"the code {shown(code)} stands twice, first in line {place.line}{same}")

    def excludes_itself(self, position: Position) -> None:
        self._add(position, "excludes_itself", "a promotion cannot exclude itself")

    def invalid_cart(self, position: Position, field: str, problem: str) -> None:
        self._add(position, "invalid_cart", f"the cart cannot be priced: {field} {problem}")

    def unknown_timezone(self, position: Position, name: str, known: Iterable[str]) -> None:
        self._add(position, "unknown_timezone", f"unknown time zone {shown(name)}", self._near(name, known))

    def empty_budget(self, position: Position) -> None:
        self._add(position, "empty_budget", "with a budget of nothing the promotion never applies")

    def empty_schedule(self, position: Position) -> None:
        self._add(position, "empty_schedule", "until must be later than from")

    # What pricing it shows.

    def example_fails(self, position: Position, name: str, differences: Iterable[str]) -> None:
        message = f"the example {shown(name)} does not come to what it says: {'; '.join(differences)}"
        self._add(position, "example_fails", message)

    def finding(self, position: Position, kind: str, sentence: str) -> None:
        """What lint found, where that is a mistake."""
        self._add(position, kind, sentence)

    # Conditions.

    def condition_too_long(self, position: Position, limit: int) -> None:
        self._add(position, "condition_too_long", f"the condition is longer than {limit:,} characters")

    def condition_too_deep(self, position: Position, limit: int) -> None:
        self._add(position, "condition_too_deep", f"the condition is nested more than {limit} deep")

    def unexpected(self, position: Position, found: str, expected: Sequence[str]) -> None:
        """``found`` is empty at the end of the condition."""
        message = f"expected {either(expected)}, found {shown(found) if found else 'the end'}"
        self._add(position, "unexpected", message, OTHER_SPELLINGS.get(found.lower(), "") or plain_decimal(found))

    def unclosed_text(self, position: Position) -> None:
        message = f"the text that begins here has no closing quote on its line; {IN_BRACES}"
        self._add(position, "unclosed_text", message)

    def invalid_escape(self, position: Position, escape: str) -> None:
        message = f"{shown(escape)} stands for no character; a backslash itself is `\\\\`"
        self._add(position, "invalid_escape", message)

    def not_in_language(self, position: Position, feature: str) -> None:
        """``feature`` is a key of EXCLUDED."""
        what, _, instead = EXCLUDED[feature].partition("; ")
        subject = f"{shown(feature)}, {what}," if feature in EXCLUDED_MACROS | EXCLUDED_FUNCTIONS else what
        hint = f"; {instead}" if instead else ""
        self._add(position, "not_in_language", f"{subject} is not in the language of conditions{hint}")

    def reserved_word(self, position: Position, word: str) -> None:
        self._add(position, "reserved_word", f"{shown(word)} is a reserved word, not a name")

    def fact_needed(self, position: Position, owner: str, facts: Sequence[str]) -> None:
        known = ", ".join(facts) or "none is declared"
        self._add(position, "fact_needed", f"{shown(owner)} alone is no value; ask for one of its facts ({known})")

    def no_facts(self, position: Position, name: str) -> None:
        message = f"there is no {shown(name)} of a value; only item, cart, customer, shipment and segments have facts"
        self._add(position, "no_facts", message)

    def out_of_scope(self, position: Position, subject: str, place: str) -> None:
        self._add(position, "out_of_scope", f"{shown(subject)} has no facts in {place}{OUT_OF_SCOPE.get(subject, '')}")

    def wrong_call(self, position: Position, usage: str) -> None:
        self._add(position, "wrong_call", f"this is written {shown(usage)}")

    def wrong_type(self, position: Position, wanted: Sequence[Type], found: Type) -> None:
        message = f"{either([TYPE_NAMES[type_] for type_ in wanted])} is needed here, not {TYPE_NAMES[found]}"
        if found is Type.STRINGS:
            message += LISTED
        self._add(position, "wrong_type", message)

    def types_differ(self, position: Position, operator: str, left: Type, right: Type) -> None:
        hint = IS_MONEY if {left, right} == {Type.INT, Type.MONEY} else ""
        message = f"`{operator}` cannot take {TYPE_NAMES[left]} and {TYPE_NAMES[right]} together{hint}"
        self._add(position, "types_differ", message)

    def money_times_money(self, position: Position) -> None:
        message = "money is multiplied by a whole number only; percentages belong in rewards"
        self._add(position, "money_times_money", message)

    def whole_number_out_of_range(self, position: Position) -> None:
        self._add(position, "whole_number_out_of_range", "whole numbers go from -2^63 to 2^63 - 1")

    def amount_needs_name(self, position: Position) -> None:
        message = "with several currencies money in a condition is a name from amounts"
        self._add(position, "amount_needs_name", message)
