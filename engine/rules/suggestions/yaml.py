"""What to write where a file is not valid YAML."""

from __future__ import annotations

import re

from engine.rules.words import BLANK

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

CLOSED = "each { or [ needs its } or ], and nothing may stand behind the last one"
"""Where a bracket is missing or one too many."""
ESCAPED = "in double quotes, write a backslash as `\\\\`, and every other character as it is; or use single quotes"
"""Where a backslash begins no escape."""
BEHIND = "remove the line with `...`, if there is one, and put quotes around text that begins with [, { or a quote"
"""Where a document has ended."""

HIDING = "`#` begins a comment, which hides the bracket behind it: put quotes around a text that begins with `#`"
"""Where a bracket seems to be missing."""

HIDDEN_KEY = re.compile(r"^(?P<indent> +)(?P<key>#[^\s#:][^:\n]*):[ \t]*\r?\n(?=(?P=indent) +[^\s#])", re.MULTILINE)
"""A key that YAML takes for a comment, since what is under it is indented further."""

COLON = "put a space after the `:` of a key, and quotes around text that contains one"
BLOCK = "put quotes around text that begins with | or >"

UNFINISHED = frozenset(
    {
        "could not find expected ':'",
        "did not find expected alphabetic or numeric character",
        "found unexpected end of stream",
    }
)
"""What libyaml says of something begun earlier."""

_HINTS = {
    "cannot start any token": QUOTED,
    "alphabetic or numeric character": QUOTED,
    "unexpected ':'": COLON,
    "comment or line break": BLOCK,
    "escape": ESCAPED,
    "expected ':'": INDENTED,
    "'-' indicator": LISTED,
}
"""What to write, by a part of the problem."""
_IN_KEY = "mapping values are not allowed in this context"
_ODD_BLANK = re.compile(r"(?:^[ \t]*|:)[^\S \t]")
"""A blank that YAML takes for a letter, where one belongs."""
_COMMENTS = re.compile(r""" "(?:[^"\\]|\\.)*" | '[^']*' | [\[{,:][ \t]*(?P<comment>\#[^\s#].*) """, re.VERBOSE)
"""Texts in quotes, which may contain `#`; and comments in the place of a text."""
_REACH = 1_000
"""How many characters behind a bracket are searched for a comment that hides its end."""
_PLAIN_TERMS = {
    "flow sequence": "list in [ ]",
    "flow mapping": "mapping in { }",
    "block collection": "list",
    "block mapping": "mapping",
    "flow node": "value",
    "block node": "value",
    "quoted scalar": "text in quotes",
    "plain scalar": "text",
    "block scalar": "text",
    "did not find expected <document start>": "the document has ended before this",
    "found character that cannot start any token": "no text can begin with this character",
}
"""What libyaml calls by names that need knowledge of YAML."""


def hiding(text: str, start: int) -> int:
    """Where the first comment from ``start`` on begins that has a closing bracket in it; -1 if there is none."""
    comments = (each for each in _COMMENTS.finditer(text, start, start + _REACH) if each["comment"])
    return next((each.start("comment") for each in comments if set(each["comment"]) & {"]", "}"}), -1)


def yaml_hint(problem: str, context: str, before: str, behind: str, above: str) -> str:
    """What to write where libyaml reports a problem; ``before`` and ``behind`` are the two parts of that line.

    ``above`` is the line above it that is neither blank nor a comment.
    """
    if _ODD_BLANK.search(above) and column_above(problem, before, behind, above):
        return BLANK.removeprefix("; ")
    if "flow" in context:
        return IN_BRACES if before.strip() else CLOSED
    if behind.startswith("\t"):
        return SPACES
    if behind.startswith(("}", "]")):
        return CLOSED
    if ": !" in before:
        return TAGGED
    if "<document start>" in problem:
        return INDENTED if re.match(r"\w+:", behind) else BEHIND
    if problem not in ("did not find expected key", _IN_KEY):
        return next((hint for part, hint in _HINTS.items() if part in problem), "")
    written = before.lstrip()
    if re.match("-[^ ]", written):
        return DASHED
    if written and not (behind.startswith(":") and ": " not in written):
        return IN_QUOTES
    deeper = _depth(before) - _depth(above)
    if written and deeper > 0 and ": " in above:
        return f"{INDENTED}; this line is indented {deeper} more than the one above, which already has a value"
    return INDENTED


def column_above(problem: str, before: str, behind: str, above: str) -> int:
    """Where in the line above the mistake is: an odd blank, or a key without its colon; 0 elsewhere. As `yaml_hint`."""
    if problem != _IN_KEY or not behind.startswith(":") or ": " in before:
        return 0
    if blank := _ODD_BLANK.search(above):
        return blank.end()
    return 0 if re.search("^ *- |:( |$)|^$", above) else _depth(above) + 1


def plainly(problem: str) -> str:
    """The problem in words that need no knowledge of YAML."""
    for term, plain in _PLAIN_TERMS.items():
        problem = problem.replace(term, plain)
    return problem


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())
