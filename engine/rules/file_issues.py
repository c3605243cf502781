"""What is wrong with a file and its YAML: one method per diagnostic."""

from __future__ import annotations

from engine.rules.found import Found, Position
from engine.rules.suggestions.names import valid_names
from engine.rules.words import shown


class FileIssues(Found):
    def unreadable(self, file: str, reason: str) -> None:
        self._add(Position(file, 1, 1), "unreadable", f"cannot read the file: {reason}")

    def no_files(self, folder: str) -> None:
        self._add(Position(folder, 1, 1), "no_files", "the folder holds no file that ends in .yaml or .yml")

    def too_many_files(self, folder: str, limit: int) -> None:
        message = f"the folder holds more than {limit:,} files and folders; name the folder of one rule set"
        self._add(Position(folder, 1, 1), "too_many_files", message)

    def several_rule_sets(self, position: Position, count: int, name: str, first: str, place: Position) -> None:
        message = (
            f"these are {count:,} rule sets: {shown(name)} begins here, {shown(first)} at {place.file}:{place.line}; "
            "name the file or folder of each by itself"
        )
        self._add(position, "several_rule_sets", message)

    def too_large(self, file: str, limit: int) -> None:
        self._add(Position(file, 1, 1), "too_large", f"the rule set is larger than the limit of {limit:,} bytes")

    def too_many_nodes(self, position: Position, limit: int) -> None:
        message = f"the rule set has more than the limit of {limit:,} texts, lists and mappings"
        self._add(position, "too_many_nodes", message)

    def not_utf8(self, position: Position) -> None:
        self._add(position, "not_utf8", "the text is not UTF-8 from here on; save the file as UTF-8")

    def no_text(self, position: Position) -> None:
        self._add(position, "no_text", "a rule file is UTF-8 text; this is some other kind of file")

    def control_character(self, position: Position, character: str) -> None:
        self._add(position, "control_character", f"the character U+{ord(character):04X} is not allowed in a rule file")

    def syntax(self, position: Position, problem: str) -> None:
        self._add(position, "syntax", f"this is not valid YAML: {problem}")

    def unclosed_quote(self, position: Position) -> None:
        self._add(position, "syntax", "this is not valid YAML: the text that begins here has no closing quote")

    def too_deep(self, position: Position, limit: int) -> None:
        self._add(position, "too_deep", f"lists and mappings are nested more than {limit} deep")

    def anchor(self, position: Position) -> None:
        message = "anchors (&name) are not allowed; write the value where it is used, or put text in quotes"
        self._add(position, "anchor", message)

    def alias(self, position: Position) -> None:
        self._add(position, "alias", "aliases (*name) are not allowed; write the value here, or put text in quotes")

    def tag(self, position: Position) -> None:
        self._add(
            position,
            "tag",
            "YAML reads `!` as a tag, and tags are not allowed; put quotes around a condition that begins with `!`",
        )

    def hidden_key(self, position: Position, key: str) -> None:
        message = "`#` begins a comment, so this key is not read: begin it with a letter or a digit"
        self._add(position, "hidden_key", message, valid_names(key)[0])

    def second_document(self, position: Position) -> None:
        message = "a rule file is one YAML document, and a second one starts here; remove the `---`"
        self._add(position, "second_document", message)

    def key_not_text(self, position: Position) -> None:
        self._add(position, "key_not_text", "a key must be text; put quotes around text that begins with { or [")
