"""What to write where a file is not valid YAML."""

from __future__ import annotations

import re

IN_BRACES = "inside { } or [ ], put quotes around the whole of a condition that contains a comma, bracket or quote"
"""The usual mistake there."""

IN_QUOTES = "put quotes around the whole of a text or condition that begins with a quote or contains `: `"
"""The usual mistake elsewhere."""

INDENTED = "keys that belong together must begin in the same column, each followed by one `: `"
"""Where a line is indented too far, or the key above lacks its colon."""
LISTED = "each entry of a list begins with `- `, and all keys of an entry begin in the column of its first key"
"""Where a line is not indented as far as the list that it is in."""
SPACES = "indent lines with spaces, not tabs"
DASHED = "put a space after the `-` of a list entry"
TAGGED = "put quotes around a condition that begins with `!`"
QUOTED = "put quotes around text that begins with this character"

UNFINISHED = frozenset({"could not find expected ':'", "found unexpected end of stream"})
"""What libyaml says of something begun on an earlier line."""

_PLAIN_TERMS = {
    "flow sequence": "list in [ ]",
    "flow mapping": "mapping in { }",
    "block collection": "list",
    "block mapping": "mapping",
}


def yaml_hint(problem: str, context: str, before: str, behind: str, above: str) -> str:
    """What to write where libyaml reports a problem; ``before`` and ``behind`` are the two parts of that line.

    ``above`` is the line above it.
    """
    if "flow" in context:
        return IN_BRACES
    if behind.startswith("\t"):
        return SPACES
    if problem == "found character that cannot start any token":
        return QUOTED
    if ": !" in before:
        return TAGGED
    if problem == "could not find expected ':'":
        return INDENTED
    if problem == "did not find expected '-' indicator":
        return LISTED
    if problem not in ("did not find expected key", "mapping values are not allowed in this context"):
        return ""
    written = before.lstrip()
    if re.match("-[^ ]", written):
        return DASHED
    if written and not (behind.startswith(":") and ": " not in written):
        return IN_QUOTES
    deeper = _depth(before) - _depth(above)
    if written and deeper > 0 and ": " in above:
        return f"{INDENTED}; this line is indented {deeper} more than the one above, which already has a value"
    return INDENTED


def plainly(context: str) -> str:
    """What libyaml was reading, in words that need no knowledge of YAML."""
    for term, plain in _PLAIN_TERMS.items():
        context = context.replace(term, plain)
    return context


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
