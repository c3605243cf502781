"""Rule files become checked rules: they are read, merged into one rule set and checked."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from engine.errors import CartwrightError
from engine.rules import document, nodes
from engine.rules.check import check
from engine.rules.checked import CheckedRules
from engine.rules.document import Limits
from engine.rules.entries import TooManyIssues
from engine.rules.found import Issue, Position
from engine.rules.indentation import mend
from engine.rules.issues import Issues
from engine.rules.model import RuleSet
from engine.rules.nodes import Node, Source
from engine.rules.render import render
from engine.rules.shapes import shape
from engine.rules.suggestions.yaml import HIDDEN_KEY

_LIMITS = Limits()
_SUFFIXES = (".yaml", ".yml")
_MOST_ENTRIES = 10_000
"""The most files and folders in and under the folder of a rule set: a whole disk is not a rule set."""
_OWN_FILES = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")
_SPREAD = ("amounts", "segments", "groups", "promotions", "examples")
"""Sections that may be spread over the files of a rule set; every other key is allowed in one of them only."""


class InvalidRules(CartwrightError):
    """A rule set with mistakes; its text is what people read.

    ``issues`` are in the order of their places; ``more`` says that some beyond the limit were left out. ``sources``
    are the texts by file, for underlining.
    """

    code = "invalid_rules"

    def __init__(self, issues: Sequence[Issue], sources: Iterable[Source], more: bool = False) -> None:
        self.issues = tuple(issues)
        self.sources = {source.file: source for source in sources}
        self.more = more
        super().__init__(render(self.issues, self.sources, more))


def load(paths: Iterable[Path | str], limits: Limits = _LIMITS) -> CheckedRules:
    """The one rule set in these files; a folder means the .yaml and .yml files in and under it.

    Raises InvalidRules.
    """
    return load_with_sources(paths, limits)[0]


def load_with_sources(paths: Iterable[Path | str], limits: Limits = _LIMITS) -> tuple[CheckedRules, tuple[Source, ...]]:
    """As `load`, with the texts: a pipe can be read only once."""
    issues = Issues(limits.issues)
    sources = _sources(paths, limits, issues)
    return _build(sources, limits, issues), sources


def read_sources(paths: Iterable[Path | str], limits: Limits = _LIMITS) -> tuple[Source, ...]:
    """The texts that `load` would check. Raises InvalidRules where a file is not text or cannot be read."""
    issues = Issues(limits.issues)
    sources = _sources(paths, limits, issues)
    if issues:
        raise InvalidRules(issues.found, sources, issues.more)
    return sources


def folder_of(path: Path) -> Path:
    """The folder of a rule set, which its files have their stored names from; ``path`` is that or its file."""
    return path if path.is_dir() else path.parent


def stored_names(path: Path, sources: Iterable[Source]) -> tuple[Source, ...]:
    """The texts that were read from a path, with the names that their files have in a store."""
    return tuple(Source(str(Path(each.file).relative_to(folder_of(path))), each.text) for each in sources)


def load_sources(sources: Sequence[Source], limits: Limits = _LIMITS) -> CheckedRules:
    """As `load`, for the texts of files."""
    issues = Issues(limits.issues)
    if sum(len(source.text.encode(errors="surrogatepass")) for source in sources) > limits.size:
        issues.too_large(sources[0].file, limits.size)
        raise InvalidRules(issues.found, ())
    return _build(sources, limits, issues)


def load_text(text: str, file: str = "<text>", limits: Limits = _LIMITS) -> CheckedRules:
    """As load, for the text of one file; ``file`` is its name in issues."""
    return _build([Source(file, text)], limits, Issues(limits.issues))


class Places(NamedTuple):
    """The positions of promotions, by id, and of examples, in their order."""

    promotions: dict[str, Position]
    examples: list[Position]


def places(sources: Iterable[Source], limits: Limits = _LIMITS) -> Places:
    """The positions of the promotions and examples of a valid rule set, whose texts are read once more."""
    found = Places({}, [])
    for root in document.read(sources, limits, Issues(limits.issues)):
        if not isinstance(root, nodes.Mapping):
            continue
        promotions, examples = root.get("promotions"), root.get("examples")
        if isinstance(promotions, nodes.Mapping):
            found.promotions.update((key.text, key.place) for key in promotions.written_keys)
        if isinstance(examples, nodes.Sequence):
            found.examples.extend(each.place for each in examples)
    return found


def _sources(paths: Iterable[Path | str], limits: Limits, issues: Issues) -> tuple[Source, ...]:
    """The texts of the files that can be read."""
    sources = []
    left = limits.size
    # A file counts once, even if it is in a folder that is named, too.
    for path in dict.fromkeys(_files(paths, issues)):
        data = _read(path, left, limits, issues)
        if data is None:
            continue
        left -= len(data)
        source = document.decode(str(path), data, issues)
        if source is not None:
            sources.append(source)
    return tuple(sources)


def _files(paths: Iterable[Path | str], issues: Issues) -> Iterator[Path]:
    for path in map(Path, paths):
        if not path.is_dir():
            yield path
        elif (files := _rule_files(path)) is None:
            issues.too_many_files(str(path), _MOST_ENTRIES)
        elif not files:
            issues.no_files(str(path))
        else:
            yield from sorted(files)


def _rule_files(folder: Path) -> list[Path] | None:
    """The rule files in and under a folder; None when it holds too many files.

    Hidden files and folders belong to an editor or the system, not to a marketer.
    """
    found: list[Path] = []
    entries = 0
    for parent, folders, files in os.walk(folder):
        entries += len(folders) + len(files)
        if entries > _MOST_ENTRIES:
            return None
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [
            Path(parent, name) for name in files if Path(name).suffix.lower() in _SUFFIXES and not name.startswith(".")
        ]
    return found


def _read(path: Path, left: int, limits: Limits, issues: Issues) -> bytes | None:
    """The file's bytes, at most ``left`` of them; nothing is read of a file that is known to be larger.

    A pipe or device may never end or never begin, so only this process's own are read, as in `<(…)` of a shell.
    """
    try:
        if path.exists() and not path.is_file() and not str(path).startswith(_OWN_FILES):
            issues.unreadable(str(path), "it is a pipe or a device")
            return None
        with path.open("rb") as file:
            data = file.read(left + 1) if os.fstat(file.fileno()).st_size <= left else None
    except OSError as error:
        issues.unreadable(str(path), error.strerror or str(error))
        return None
    if data is None or len(data) > left:
        issues.too_large(str(path), limits.size)
        return None
    return data


def _build(sources: Sequence[Source], limits: Limits, issues: Issues) -> CheckedRules:
    unread = bool(issues)
    checked, issues = _checked(sources, limits, issues, unread)
    if issues and not unread:
        issues = _with_hidden_keys(sources, limits, issues)
    if checked is None or issues:
        raise InvalidRules(issues.found, sources, issues.more)
    return checked


def _checked(
    sources: Sequence[Source], limits: Limits, issues: Issues, unread: bool
) -> tuple[CheckedRules | None, Issues]:
    """The rule set and what is wrong with it; ``unread`` says that some of its files could not be read."""
    root = _root(sources, limits, issues)
    if root is None:
        return None, issues
    read = issues.copy()
    checked = _check(root, issues)
    if issues and not unread:
        issues = _as_indented(root, sources, limits, read) or issues
    return checked, issues


def _with_hidden_keys(sources: Sequence[Source], limits: Limits, issues: Issues) -> Issues:
    """The issues of a rule set with keys that YAML takes for comments (`#1 deal:`), and what else is wrong.

    Those of before when there is no such key, or when no less is wrong if it is one.
    """
    meant: list[Source] = []
    found = Issues(limits.issues)
    for source in sources:
        for each in HIDDEN_KEY.finditer(source.text):
            found.hidden_key(source.place(*each.span("key")), each["key"])
        text = HIDDEN_KEY.sub(lambda hidden: hidden[0].replace("#", "_", 1), source.text)
        meant.append(Source(source.file, text))
    if not found:
        return issues
    _, found = _checked(meant, limits, found, unread=False)
    return min(issues, found, key=lambda each: (each.has("syntax"), len(each.found)))


def _root(sources: Sequence[Source], limits: Limits, issues: Issues) -> Node | None:
    """The texts as one; None if one is missing, since what it declares would be missed in all others."""
    roots = list(document.read(sources, limits, issues))
    whole = [root for root in roots if root is not None]
    if not whole or len(whole) < len(roots) or issues.more or _are_several(whole, issues):
        return None
    return _merged(whole, issues)


def _are_several(roots: Sequence[Node], issues: Issues) -> bool:
    """Whether the texts are rule sets of several names: then nothing else is said about them."""
    named: dict[str, nodes.Scalar] = {}
    for root in roots:
        name = root.get("ruleset") if isinstance(root, nodes.Mapping) else None
        if isinstance(name, nodes.Scalar) and name:
            named.setdefault(name, name)
    if len(named) < 2:
        return False
    first, second, *_ = named.values()
    issues.several_rule_sets(second.place, len(named), second, first, first.place)
    return True


def _as_indented(root: Node, sources: Sequence[Source], limits: Limits, read: Issues) -> Issues | None:
    """The issues of a rule set with lines indented by mistake, and what else is wrong; None when no line is.

    ``read`` holds the issues of reading the root.
    """
    roots = [root]
    if len(sources) > 1:  # the root is merged from all files by now, and each is indented by itself
        read = Issues(limits.issues)
        roots = [each for each in document.read(sources, limits, read) if each is not None]
    mended = [mend(each, shape(RuleSet), read) for each in roots]
    if True not in mended:
        return None
    _check(_merged(roots, read), read)
    return read


def _check(root: Node, issues: Issues) -> CheckedRules | None:
    try:
        rules = RuleSet.model_validate(root, context=issues)
    except (ValidationError, TooManyIssues):  # its issues are added already
        return None
    return check(rules, issues)


def _merged(roots: Sequence[Node], issues: Issues) -> Node:
    merged, *others = roots
    for root in others:
        if isinstance(merged, nodes.Mapping) and isinstance(root, nodes.Mapping):
            _merge(root, merged, issues)
        else:
            issues.expected(root.place, "mapping", nodes.shown(root))
    return merged


def _merge(source: nodes.Mapping, target: nodes.Mapping, issues: Issues) -> None:
    for key in source.written_keys:
        here, there = source[key], target.get(key)
        if there is None:
            target[key] = here
        elif key in _SPREAD and isinstance(here, nodes.Mapping) and isinstance(there, nodes.Mapping):
            _merge(here, there, issues)
        elif key in _SPREAD and isinstance(here, nodes.Sequence) and isinstance(there, nodes.Sequence):
            there.extend(here)
        else:
            issues.duplicate_key(key.place, key, target.written_key(key).place)
        if issues.more:
            break
