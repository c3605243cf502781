"""Everything wrong with a rule file: one method per diagnostic."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence

from engine.money import is_currency
from engine.rules import words
from engine.rules.conditions.issues import ConditionIssues
from engine.rules.file_issues import FileIssues
from engine.rules.found import Position, is_near
from engine.rules.suggestions.keys import belongs, key_here, remark
from engine.rules.suggestions.names import is_of_time, name_here
from engine.rules.suggestions.times import days_here
from engine.rules.suggestions.values import (
    entries_here,
    in_braces,
    key_hint,
    means_none,
    plain_decimal,
    value_hint,
    written_here,
)
from engine.rules.words import as_in, declared, either, moved, name_hint, shown, subject, there_are

_PLURAL = 0.9
"""How similar a key is to its plural."""


class Issues(FileIssues, ConditionIssues):
    # The structure.

    def duplicate_key(self, position: Position, key: str, first: Position) -> None:
        where = f"on line {first.line}" if first.file == position.file else f"at {first.file}:{first.line}"
        self._add(position, "duplicate_key", f"{shown(key)} appears twice, first {where}")

    def unknown_key(
        self,
        position: Position,
        key: str,
        known: Collection[str],
        free: Collection[str],
        missing: str = "",
        inside: str = "",
        bare: bool = False,
    ) -> str:
        """What to write instead, if that is known; a key of it that is ``free``, not written yet, goes before others.

        If nothing else is known, it must stand for the key ``missing``, or belongs in the value of the key ``inside``.
        ``bare`` says that it has no colon.
        """
        hint, suggestion = self._meaning(key, known, free, bare)
        suggestion = suggestion or ("" if hint else missing)
        hint = hint or ("" if suggestion or not inside else f"; it belongs in {shown(inside)}")
        hint = hint or ("" if suggestion else there_are(known))
        self._add(position, "unknown_key", f"unknown key {shown(key)}{hint}", suggestion)
        return suggestion

    def knows_key(self, key: str, known: Collection[str]) -> bool:
        """Whether there is anything to say about an unknown key."""
        return any(self._meaning(key, known, known))

    def _meaning(self, key: str, known: Collection[str], free: Collection[str], bare: bool = False) -> tuple[str, str]:
        """A hint about an unknown key, or what to write instead; as in ``unknown_key``."""
        if hint := key_hint(key, bare):
            return hint, ""
        if suggestion := key_here(key, free) or key_here(key, known):
            return remark(key), suggestion
        near = self._near(key, free)
        if near and is_near(key, near, _PLURAL):
            return "", near
        hint = f"; it belongs {place}" if (place := belongs(key)) else remark(key)
        return hint, "" if hint else near

    def stand_inside(self, position: Position, keys: Sequence[str], inside: str, spaces: int) -> None:
        """``inside`` is empty for an entry of a list."""
        where = shown(inside) if inside else "a list entry"
        message = f"{subject(keys)} misplaced inside {where}: {moved(keys, spaces, 'left')}"
        self._add(position, "indentation", message)

    def stand_beside(self, position: Position, keys: Sequence[str], owner: str, under: str, spaces: int) -> None:
        """``owner`` is the key before them, ``under`` the one that they belong under."""
        where = "it" if under == owner else shown(under)
        message = f"{subject(keys)} beside {shown(owner)}, not under {where}: {moved(keys, spaces, 'right')}"
        self._add(position, "indentation", message)

    def not_indented(self, position: Position) -> None:
        message = (
            "lines from here on are not indented: move each key 2 spaces further right than the key it belongs under"
        )
        self._add(position, "indentation", message)

    def no_dashes(self, position: Position, key: str, first: str, several: bool) -> None:
        where = f"before {shown(first)}{', and before the first key of every other entry' if several else ''}"
        self._add(position, "no_dashes", f"{shown(key)} is a list: put `- ` {where}")

    def no_dash(self, position: Position, first: str) -> None:
        self._add(position, "no_dashes", f"each entry of a list begins with `- `: put it before {shown(first)}")

    def surplus_dashes(self, position: Position, key: str, several: bool) -> None:
        others = ", and the others like it" if several else ""
        self._add(position, "dashes", f"each `-` begins a new entry: remove the one before {shown(key)}{others}")

    def dashes(self, position: Position, key: str, named: bool) -> None:
        """``named`` says that the entries have their ids among their keys."""
        instead = ", and put each id above its entry as a key, as in `summer:`" if named else ""
        self._add(position, "dashes", f"{shown(key)} is not a list: remove the dashes{instead}")

    def stands_once(self, position: Position) -> None:
        """A key that is moved is no longer a duplicate."""
        self.take_back(position, "duplicate_key")

    def merge_key(self, position: Position) -> None:
        self._add(position, "merge_key", "merge keys (<<) are not allowed; write out the keys here")

    def missing_key(self, position: Position, key: str, of: str = "") -> None:
        """``of`` is the key of the mapping that lacks it."""
        hint = words.MISSING.get(f"{of}.{key}", words.MISSING.get(key, ""))
        self._add(position, "missing_key", f"the key {shown(key)} is missing{hint}")

    def expected(
        self, position: Position, what: str, found: str, key: str = "", takes: Callable[[str], bool] | None = None
    ) -> None:
        """``key`` is the key of what was found, if that is or should be a list or mapping.

        ``takes`` says whether a number could stand there.
        """
        message = f"expected {words.EXPECTED[what]}{as_in(what, key)}; found {shown(found)}{value_hint(what, found)}"
        suggestion = written_here(what, found, key)
        if suggestion[:1].isdigit() and takes is not None and not takes(suggestion):
            suggestion = ""
        self._add(position, "invalid_value", message, suggestion)

    def entries_needed(
        self, position: Position, key: str, needed: Sequence[str], written: Sequence[tuple[str, str]], found: str
    ) -> None:
        """``written`` are the keys, if any, and texts that stand for entries which need the keys ``needed``."""
        message = f"expected entries with keys{as_in('list', key)}; found {shown(found)}"
        self._add(position, "invalid_value", message, entries_here(needed, written))

    def not_one_of(self, position: Position, allowed: Sequence[str], found: str) -> str:
        """What to write instead, if that is known."""
        days = days_here(found)
        begun = (word for word in allowed if found.lower().startswith(word))
        suggestion = (
            ", ".join(days)
            if days and set(days) <= set(allowed)
            else name_here("word", found, allowed) or next(begun, "") or self._near(found, allowed)
        )
        hint = "" if suggestion else words.LEFT_OUT if means_none(found) else ""
        self._add(position, "invalid_value", f"expected {either(allowed)}; found {shown(found)}{hint}", suggestion)
        return suggestion

    def keys_needed(self, position: Position, keys: Sequence[str], found: str) -> None:
        written = ", ".join(f"{key}: …" for key in keys)
        hint = value_hint("mapping", found)
        message = f"expected keys and values, as in {{{written}}}; found {shown(found)}{hint}"
        self._add(position, "invalid_value", message, in_braces(keys, found))

    def kind_as_value(self, position: Position, key: str, kind: str) -> None:
        """``key`` says which kind of entry this is, where the kind is a key of its own."""
        message = f"unknown key {shown(key)}; write {shown(kind)} as a key, with the other keys under it"
        self._add(position, "unknown_key", message, f"{kind}: {{…}}")

    def not_exactly_one(self, position: Position, allowed: Sequence[str], found: Sequence[str]) -> None:
        what = " and ".join(found) or "none"
        self._add(position, "not_exactly_one", f"expected exactly one of {', '.join(allowed)}; found {what}")

    # The meaning.

    def invalid_name(self, position: Position, name: str, wanted: str, meant: str) -> None:
        """``meant`` is a valid name like it, if there is one."""
        self._add(position, "invalid_name", f"{shown(name)} is not a valid name: use {wanted}", meant)

    def name_taken(self, position: Position, name: str, by: str) -> None:
        self._add(position, "name_taken", f"the name {shown(name)} is already taken by {by}")

    def unknown_name(
        self, position: Position, what: str, name: str, known: Collection[str], meant: str = "", of: str = ""
    ) -> None:
        """``what`` is a word such as ``layer``, ``segment`` or ``amount``.

        ``meant`` is what to write instead, if known; ``of`` is the subject of the fact that is meant, where its facts
        cannot be used.
        """
        of_time = is_of_time(what, name)
        suggestion = meant or name_here(what, name, known)
        if not (suggestion or of_time or of or (what == "segment" and name_hint(what, name))):
            suggestion = self._near_name(what, name, known)
        hint = words.TIMES if of_time else words.OUT_OF_SCOPE[of] if of else "" if meant else name_hint(what, name)
        if what == "fact" and not hint and not suggestion:
            hint = there_are([each.rpartition(".")[2] for each in known]) + declared(name)
        hint += value_hint(what, name)
        if not hint and not suggestion:
            hint = there_are(known)
        self._add(position, f"unknown_{what}", f"unknown {what} {shown(name)}{hint}", suggestion)

    def _near_name(self, what: str, name: str, known: Collection[str]) -> str:
        """Of facts, only the part after the dot is compared: before it all facts of an owner are alike."""
        if what not in ("fact", "attribute"):
            return self._near(name, known)
        owner, dot, last = name.rpartition(".")
        near = self._near(last, [each.rpartition(".")[2] for each in known])
        return near and owner + dot + near

    def unknown_currency(self, position: Position, currency: str, hint: str) -> None:
        code = currency.upper() if is_currency(currency.upper()) else ""
        hint = "" if code or currency.isupper() else hint
        self._add(position, "unknown_currency", f"{shown(currency)} is not an ISO 4217 currency code{hint}", code)

    def currency_not_listed(self, position: Position, currency: str, currencies: Sequence[str]) -> None:
        message = f"{shown(currency)} is not among the rule set's currencies ({', '.join(currencies)})"
        self._add(position, "currency_not_listed", message, self._near(currency, currencies))

    def invalid_amount(self, position: Position, problem: str, found: str = "") -> None:
        """``found`` is what is written, where another spelling of it may be an amount."""
        hint = words.PERCENTAGE if found.endswith("%") else ""
        self._add(position, "invalid_amount", f"{problem}{hint}", plain_decimal(found))

    def amount_needs_table(self, position: Position, currencies: Sequence[str]) -> None:
        table = ", ".join(f"{currency}: …" for currency in currencies)
        message = f"with several currencies, write an amount as a table {{{table}}} or as a name from `amounts`"
        self._add(position, "amount_needs_table", message)

    def not_rising(self, position: Position) -> None:
        self._add(position, "not_rising", "each step must start above the one before it, in every currency")

    def not_above_zero(self, position: Position, key: str) -> None:
        self._add(position, "not_above_zero", f"{shown(key)} must be above zero")

    def duplicate_case(self, position: Position, key: str) -> None:
        self._add(position, "duplicate_case", f"the value {shown(key)} is already listed above")

    def wrong_layer(self, position: Position, reward: str, layer: str, kind: str) -> None:
        message = (
            f"{shown(reward)} is not allowed in layer {shown(layer)}, which is of kind {kind}{words.OF_KIND[kind]}"
        )
        self._add(position, "wrong_layer", message)

    def not_per_line(self, position: Position, what: str) -> None:
        """``what`` cannot apply to some lines only."""
        self._add(position, "not_per_line", f"{shown(what)} cannot be used with `combine: best_per_line`")

    def not_together(self, position: Position, group: str) -> None:
        message = f"{shown(group)} has `policy: together`, which only layers with `combine: best_per_line` can use"
        self._add(position, "not_together", message)

    def excludes_together(self, position: Position, what: str, group: str) -> None:
        message = f"{shown(what)} names a promotion of the group {shown(group)}, which applies together with this one"
        self._add(position, "excludes_together", message)

    def pointless(self, position: Position, key: str) -> None:
        """``key`` is a key of POINTLESS."""
        self._add(position, "pointless", f"{shown(key)} has no effect here: {words.POINTLESS[key]}")

    def of_several_segments(self, position: Position) -> None:
        problem = "`different` works only when all parts of the bundle are of the same segment"
        self._add(position, "several_segments", problem)

    def beyond_the_set(self, position: Position, size: int) -> None:
        self._add(position, "beyond_the_set", f"`take` is the position of a unit in its set, here from 1 to {size:,}")

    def invalid_code(self, position: Position, code: str, length: int) -> None:
        message = f"the code {shown(code)} begins or ends with a blank, or has more than {length:,} characters"
        self._add(position, "invalid_code", message, code.strip())

    def duplicate_code(self, position: Position, code: str, first: str, place: Position) -> None:
        same = "" if code == first else f" as {shown(first)}; upper and lower case count as the same"
        message = f"the code {shown(code)} appears twice, first on line {place.line}{same}"
        self._add(position, "duplicate_code", message)

    def excludes_itself(self, position: Position) -> None:
        self._add(position, "excludes_itself", "a promotion cannot exclude itself")

    def invalid_cart(self, position: Position, field: str, problem: str) -> None:
        self._add(position, "invalid_cart", f"the cart cannot be priced: {field} {problem}")

    def unknown_timezone(self, position: Position, name: str, known: Iterable[str]) -> None:
        """Only places are near each other: `CEST` is not a misspelt `EST`."""
        near = self._near(name, [each for each in known if "/" in each or each.lower() == name.lower()])
        hint = "" if near else "; write UTC, or a continent and a city as in Europe/Vienna"
        self._add(position, "unknown_timezone", f"unknown time zone {shown(name)}{hint}", near)

    def empty_budget(self, position: Position) -> None:
        self._add(position, "empty_budget", "a promotion with a budget of zero never applies")

    def empty_schedule(self, position: Position) -> None:
        self._add(position, "empty_schedule", "`until` must be later than `from`")

    # What pricing shows.

    def example_fails(self, position: Position, name: str, differences: Iterable[str]) -> None:
        message = f"the example {shown(name)} fails: {'; '.join(differences)}"
        self._add(position, "example_fails", message)

    def finding(self, position: Position, kind: str, sentence: str) -> None:
        """A finding of lint that counts as a mistake."""
        self._add(position, kind, sentence)
