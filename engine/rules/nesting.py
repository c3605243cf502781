"""Where a key of a rule file may have been meant to be, by the shapes of the mappings around it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TypeAlias

from engine.rules.nodes import Mapping, Node, Scalar, Sequence
from engine.rules.shapes import Shape

_STEP = 2
"""How much keys are indented below the key that they belong to, where there are no others to go by."""

Written: TypeAlias = tuple[Scalar, Node]
"""A key and its value."""


@dataclass(slots=True)
class Place:
    """A mapping that may go on where it is written: the value of ``key``, or the last entry of the list there."""

    parent: Mapping
    key: Scalar
    shape: Shape
    held: Mapping | None
    """None where nothing is written yet."""

    def fits(self, key: Scalar, value: Node) -> bool:
        """Whether a key further out was meant to be here."""
        wanted = self.shape.of(key)
        if wanted is None or (self.held is not None and key in self.held):
            return False
        if key in self.shape.keys:
            return True
        begun = self.held is None or next(iter(self.held.written_keys)).place.column == key.place.column
        if value == "" and wanted.has_keys:  # what belongs to the entry comes after it
            return begun
        return wanted.takes(value) and (begun or not wanted.is_plain)

    def begin(self) -> Mapping:
        """The mapping, which is created if there is none yet."""
        if self.held is None:
            self.held = self.key.mapping()
            self.held.key = self.key
            self.held.column = column_of(self.parent) + _STEP
            self.parent[self.key] = self.held
        return self.held


@dataclass(slots=True)
class Level:
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

    def fits(self, key: Scalar, value: Node) -> bool:
        """Whether a key is where it should be."""
        wanted = self.shape.of(key)
        if wanted is None or key in self.node:
            return False
        return wanted.takes(value) or wanted.takes_but_for_dashes(value) or (value == "" and key in self.shape.keys)

    def open_after(self, owner: Scalar) -> list[Place]:
        """The mappings that may go on after ``owner``: the one under it, the one under the last key of that, …"""
        found: list[Place] = []
        parent, key, shape = self.node, owner, self.shape.of(owner)
        while shape is not None:
            held = parent[key]
            if isinstance(held, Sequence):
                if held.in_brackets or not held or shape.listed is None:
                    break
                held, shape = held[-1], shape.listed
            if not shape.has_keys or not (held == "" or (isinstance(held, Mapping) and held and not held.in_brackets)):
                break
            if not isinstance(held, Mapping):
                found.append(Place(parent, key, shape, None))
                break
            found.append(Place(parent, key, shape, held))
            parent, key, shape = held, held.last_key, shape.of(held.last_key)
        return found


def column_of(node: Mapping) -> int:
    """The column of its keys; of a mapping made of keys from elsewhere, the column where they belong."""
    return node.column or next(iter(node.written_keys)).place.column


def place_of(key: Scalar, value: Node, open: list[Place]) -> Place | None:
    """Where a key was meant to be among places further in; where its value fits, too, if there is such a place."""
    fitting = [each for each in open if each.fits(key, value)]
    if value == "":  # a key of ours rather than a name
        fitting.sort(key=lambda each: key not in each.shape.keys)
    whole = (each for each in fitting if value == "" or ((wanted := each.shape.of(key)) and wanted.takes(value)))
    return next(whole, fitting[0] if fitting else None)


def has_room(level: Level, key: Scalar, value: Node) -> bool:
    """Whether a key from further in may have been meant for here; any text could be the name of a plain value."""
    wanted = level.shape.of(key)
    if wanted is None or key in level.written or (wanted.is_plain and level.shape.each is not None):
        return False
    return wanted.takes(value)


def heads(outer: Level, level: Level, key: Scalar, following: Written) -> bool:
    """Whether a key of the outer mapping is indented like the keys that should be under it."""
    wanted = outer.shape.of(key)
    if wanted is None or not wanted.has_keys or key in outer.written:
        return False
    if outer.shape.each is not None:  # a name chosen in the file is recognized only among known keys
        return wanted is level.shape and level.shape.of(key) is None and following[0] in wanted.keys
    return following[0] in wanted.keys or (wanted.each is not None and wanted.each.takes(following[1]))
