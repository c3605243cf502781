"""Keys at the wrong depth, and missing or surplus dashes: each is reported as one mistake.

Such a mistake causes many: a key under the wrong key is unknown there and missing where it belongs. So a rule file
with mistakes is checked once more, with its keys moved to where they must have been meant; what is reported
then is what else is wrong. Nothing is moved into or out of brackets, which leave no doubt about what they contain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import takewhile
from typing import TypeAlias

from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar, Sequence
from engine.rules.shapes import Shape

_STEP = 2
"""How much keys are indented below the key that they belong to, where there are no others to go by."""

_Written: TypeAlias = tuple[Scalar, Node]
"""A key and its value."""


def mend(root: Node, shape: Shape, issues: Issues) -> bool:
    """Move what is indented by mistake and add an issue for each move; returns whether there was any."""
    mender = _Mender(issues)
    mender.visit(root, shape)
    return mender.mended


@dataclass(slots=True)
class _Level:
    """A mapping that is being visited."""

    node: Mapping
    shape: Shape
    column: int
    """The column of its keys."""
    written: frozenset[str]
    """Its keys before anything is moved."""
    waiting: deque[str] = field(default_factory=deque)
    """Keys whose values are still to be visited."""

    def put(self, key: Scalar, value: Node) -> None:
        if not isinstance(value, Scalar):
            value.key = key
        self.node[key] = value
        self.waiting.append(key)


class _Mender:
    def __init__(self, issues: Issues) -> None:
        self.mended = False
        self._issues = issues
        self._levels: list[_Level] = []
        self._columns: dict[int, int] = {}
        """The column for the keys of mappings that had no keys of their own, by identity."""

    def visit(self, node: Node, shape: Shape) -> Node:
        """The node as it was meant."""
        if isinstance(node, Scalar) or node.in_brackets:
            return node
        if isinstance(node, Mapping) and not shape.has_keys:
            node = self._dashed(node, shape.listed)
        elif isinstance(node, Sequence) and shape.listed is None:
            node = self._undashed(node, shape)
        if isinstance(node, Mapping):
            self._mapping(node, shape)
        elif shape.listed is not None:
            self._join(node, shape.listed)
            node[:] = [self.visit(each, shape.listed) for each in node]
        return node

    def _mapping(self, node: Mapping, shape: Shape) -> None:
        if not shape.has_keys or not node:
            return
        written = node.in_order
        column = self._columns.get(id(node), written[0][0].place.column)
        level = _Level(node, shape, column, frozenset(node))
        node.clear()
        node.repeated.clear()
        self._levels.append(level)
        self._arrange(level, deque(written))
        while level.waiting:
            key = level.waiting.popleft()
            if (wanted := shape.of(key)) is not None:
                node[key] = self.visit(node[key], wanted)
        self._levels.pop()

    def _arrange(self, level: _Level, written: deque[_Written]) -> None:
        """Put each key where it was meant to be: here, under the key before it, or further out."""
        owner: Scalar | None = None
        under: list[Scalar] = []
        out: dict[int, list[Scalar]] = {}  # by the number of columns
        while written:
            key, value = written.popleft()
            if owner is not None and (own := _own_keys(level, owner, key, value)):
                under += self._put_part_under(level, owner, key, value, own)
                continue
            if not _fits(level, key, value):
                if owner is not None and _fits_under(level, owner, key, value):
                    self._put_under(level, owner, key, value)
                    under.append(key)
                    continue
                outer = self._outer(key, value)
                if outer is None and (outer := self._outer_of_head(level, key, value, written)) is not None:
                    value = self._mapping_of(key, written)
                    written.clear()
                if outer is not None:
                    self._stands_once(key)
                    outer.put(key, value)
                    out.setdefault(key.place.column - outer.column, []).append(key)
                    continue
            self._tell_under(level, owner, under)
            owner, under = key, []
            if key in level.node:
                level.node.put(key, value)
            else:
                self._stands_once(key)
                level.put(key, value)
        self._tell_under(level, owner, under)
        for spaces, keys in out.items():
            self.mended = True
            if spaces > 0:
                self._issues.stand_inside(keys[0].place, keys, _name(level.node), spaces)

    def _stands_once(self, key: Scalar) -> None:
        """A key that is moved is no longer a duplicate."""
        self._issues.take_back(key.place, "duplicate_key")

    def _put_under(self, level: _Level, owner: Scalar, key: Scalar, value: Node) -> None:
        self._stands_once(key)
        held = level.node[owner]
        if not isinstance(held, Mapping):
            held = key.mapping()
            held.key = owner
            level.node[owner] = held
            self._columns[id(held)] = level.column + _STEP
        held[key] = value
        if not isinstance(value, Scalar):
            value.key = key

    def _put_part_under(self, level: _Level, owner: Scalar, key: Scalar, value: Node, own: int) -> list[Scalar]:
        """Put a key, its own keys and those that follow under the entry before it; returns the ones to move."""
        assert isinstance(value, Mapping)
        written = value.in_order
        self._put_under(level, owner, key, self._mapping_of(key, written[:own]))
        for each, its_value in written[own:]:
            self._put_under(level, owner, each, its_value)
        return [key, *(each for each, _ in written[:own])]

    def _tell_under(self, level: _Level, owner: Scalar | None, keys: list[Scalar]) -> None:
        if owner is None or not keys:
            return
        self.mended = True
        held = level.node[owner]
        assert isinstance(held, Mapping)
        column = self._columns.get(id(held), next(iter(held.written_keys)).place.column)
        self._issues.stand_beside(keys[0].place, keys, owner, column - keys[0].place.column)

    def _outer(self, key: Scalar, value: Node) -> _Level | None:
        """The innermost enclosing mapping that may have the key."""
        return next((each for each in reversed(self._levels[:-1]) if _has_room(each, key, value)), None)

    def _outer_of_head(self, level: _Level, key: Scalar, value: Node, rest: Iterable[_Written]) -> _Level | None:
        """Where a key belongs that has no value and is in the column of the keys that should be under it."""
        following = next(iter(rest), None)
        if value != "" or following is None:
            return None
        around = reversed(self._levels[:-1])
        return next((each for each in around if _heads(each, level, key, following)), None)

    def _mapping_of(self, key: Scalar, written: Iterable[_Written]) -> Mapping:
        found = key.mapping()
        for each, value in written:
            self._stands_once(each)
            found.put(each, value)
        return found

    def _dashed(self, node: Mapping, listed: Shape | None) -> Mapping | Sequence:
        """The list that was meant by keys without dashes: an entry ends where a key is repeated."""
        if listed is None or not listed.takes(node):
            return node
        entries: list[Mapping] = []
        for key, value in node.in_order:
            self._stands_once(key)
            if not entries or key in entries[-1]:
                entries.append(key.mapping())
            entries[-1].put(key, value)
        self.mended = True
        first = next(iter(node.written_keys))
        self._issues.no_dashes(first.place, _name(node), first, len(entries) > 1)
        return node.listing(entries)

    def _join(self, node: Sequence, listed: Shape) -> None:
        """Join keys that have a dash each into one entry."""
        if len(listed.marks) < 2 or not all(isinstance(each, Mapping) and len(each) == 1 for each in node):
            return
        entries: list[Mapping] = []
        surplus: list[Scalar] = []
        for each in node:
            assert isinstance(each, Mapping)
            ((key, value),) = each.in_order
            if not entries or key in entries[-1]:
                entries.append(each)
            else:
                entries[-1].put(key, value)
                surplus.append(key)
        if surplus:
            self.mended = True
            self._issues.surplus_dashes(surplus[0].place, surplus[0], len(surplus) > 1)
            node[:] = entries

    def _undashed(self, node: Sequence, shape: Shape) -> Mapping | Sequence:
        """The mapping that was meant by a list: its entries have one key each, or their ids among their keys."""
        found = node.mapping()
        named = False
        for each in node:
            if not isinstance(each, Mapping):
                return node
            id = each.get("id")
            if shape.each is not None and isinstance(id, Scalar):
                named = True
                del each["id"]
                each.key = id
                found.put(id, each)
            elif len(each) == 1 and shape.of(next(iter(each))) is not None:
                for key, value in each.in_order:
                    found.put(key, value)
            else:
                return node
        self.mended = True
        self._issues.dashes(node.place, _name(node), named)
        return found


def _name(node: Mapping | Sequence) -> str:
    return node.key if node.key is not None else ""


def _fits(level: _Level, key: Scalar, value: Node) -> bool:
    """Whether a key is where it should be."""
    wanted = level.shape.of(key)
    return wanted is not None and key not in level.node and (wanted.takes(value) or wanted.takes_but_for_dashes(value))


def _own_keys(level: _Level, owner: Scalar, key: Scalar, value: Node) -> int:
    """How many keys belong to a key that is beside an entry but should be in it; 0 where that is not the case.

    A `coupon` written among promotions has its own `codes`, then swallows the keys of the promotion that follow it.
    """
    entry, held = level.shape.each, level.node[owner]
    part = None if entry is None else entry.keys.get(key)
    if entry is None or part is None or not isinstance(value, Mapping) or not isinstance(held, Mapping):
        return 0
    keys = [each for each, _ in value.in_order]
    own = len(list(takewhile(part.keys.__contains__, keys)))
    others = keys[own:]
    if held.in_brackets or value.in_brackets or not others or not all(map(entry.keys.__contains__, others)):
        return 0
    return own if held.keys().isdisjoint([key, *others]) else 0


def _has_room(level: _Level, key: Scalar, value: Node) -> bool:
    """Whether a key from further in may have been meant for here; any text could be the name of a plain value."""
    wanted = level.shape.of(key)
    if wanted is None or key in level.written or (wanted.is_plain and level.shape.each is not None):
        return False
    return wanted.takes(value)


def _heads(outer: _Level, level: _Level, key: Scalar, following: _Written) -> bool:
    """Whether a key of the outer mapping is indented like the keys that should be under it."""
    wanted = outer.shape.of(key)
    if wanted is None or not wanted.has_keys or key in outer.written:
        return False
    if outer.shape.each is not None:  # a name chosen in the file is recognized only among known keys
        return wanted is level.shape and level.shape.of(key) is None and following[0] in wanted.keys
    return following[0] in wanted.keys or (wanted.each is not None and wanted.each.takes(following[1]))


def _fits_under(level: _Level, owner: Scalar, key: Scalar, value: Node) -> bool:
    """Whether a key after ``owner`` was meant to be under it."""
    shape, held = level.shape.of(owner), level.node[owner]
    if shape is None or not shape.has_keys or (wanted := shape.of(key)) is None:
        return False
    if isinstance(held, Mapping):
        if not held or held.in_brackets or key in held:
            return False
        begun = next(iter(held.written_keys)).place.column == level.column
    elif held == "":
        begun = True
    else:
        return False
    if key in shape.keys:
        return True
    return wanted.takes(value) and (begun or not wanted.is_plain)
