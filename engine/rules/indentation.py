"""Keys at the wrong depth: keys that moved together are reported as one mistake.

Such a mistake causes many: a key under the wrong key is unknown there and missing where it belongs. So a rule file
with mistakes is checked once more, with its keys moved to where they must have been meant; what is reported
then is what else is wrong. Nothing is moved into or out of brackets, which leave no doubt about what they contain.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from itertools import takewhile
from typing import NamedTuple

from engine.rules.dashes import joined, with_dashes, with_more_dashes, without_dashes
from engine.rules.issues import Issues
from engine.rules.nesting import Level, Place, Written, column_of, has_room, heads, place_of
from engine.rules.nodes import Mapping, Node, Scalar
from engine.rules.shapes import Shape


def mend(root: Node, shape: Shape, issues: Issues) -> bool:
    """Move what is indented by mistake and add an issue for each move; returns whether there was any."""
    mender = _Mender(issues)
    mender.visit(root, shape)
    return mender.mended


class _Moved(NamedTuple):
    """Keys that are beside ``owner`` and belong in a place under it."""

    owner: Scalar
    place: Place
    keys: list[Scalar]


class _Mender:
    def __init__(self, issues: Issues) -> None:
        self.mended = False
        self._issues = issues
        self._levels: list[Level] = []

    def visit(self, node: Node, shape: Shape) -> Node:
        """The node as it was meant."""
        if isinstance(node, Scalar) or node.in_brackets:
            return node
        meant: Node = node
        if isinstance(node, Mapping) and not shape.has_keys:
            meant = with_dashes(node, shape.listed, self._issues)
        elif not isinstance(node, Mapping) and shape.listed is None:
            meant = without_dashes(node, shape, self._issues)
        elif not isinstance(node, Mapping) and shape.listed is not None:
            meant = joined(with_more_dashes(node, shape.listed, self._issues), shape.listed, self._issues)
        if meant is not node:
            self.mended = True
        if isinstance(meant, Mapping):
            self._mapping(meant, shape)
        elif shape.listed is not None and not isinstance(meant, Scalar):
            meant[:] = [self.visit(each, shape.listed) for each in meant]
        return meant

    def _mapping(self, node: Mapping, shape: Shape) -> None:
        if not shape.has_keys or not node:
            return
        written = node.in_order
        level = Level(node, shape, column_of(node), frozenset(node))
        node.clear()
        node.repeated.clear()
        node.column = level.column
        self._levels.append(level)
        self._arrange(level, deque(written))
        while level.waiting:
            key = level.waiting.popleft()
            if (wanted := shape.of(key)) is not None:
                node[key] = self.visit(node[key], wanted)
        self._levels.pop()

    def _arrange(self, level: Level, written: deque[Written]) -> None:
        """Put each key where it was meant to be: here, under the key before it, or further out."""
        owner: Scalar | None = None
        under: dict[int, _Moved] = {}  # those moved further in, by the mapping they are put into
        out: dict[int, list[Scalar]] = {}  # those moved further out, by the number of columns
        while written:
            key, value = written.popleft()
            open = [] if owner is None else level.open_after(owner)
            own = _own_keys(open[0], key, value) if open and level.shape.each is not None else []
            if own or not level.fits(key, value):
                place = place_of(key, value, open)
                if (place is None or place is not open[0]) and self._put_further_out(level, key, value, written, out):
                    continue
                if place is not None:
                    self._put(place.begin(), key, value)
                    self._note(under, owner, place, [key, *own])
                    continue
                if open and self._put_under_head(level, open[-1], key, value, written):
                    continue
            owner = key
            if key in level.node:
                level.node.put(key, value)
            else:
                self._issues.stands_once(key.place)
                level.put(key, value)
        self._tell_under(list(under.values()))
        for spaces, keys in out.items():
            self.mended = True
            if spaces > 0:
                self._issues.stand_inside(keys[0].place, keys, level.node.name, spaces)

    def _put(self, place: Mapping, key: Scalar, value: Node) -> None:
        self._issues.stands_once(key.place)
        place[key] = value
        if not isinstance(value, Scalar):
            value.key = key

    def _put_further_out(
        self, level: Level, key: Scalar, value: Node, rest: deque[Written], out: dict[int, list[Scalar]]
    ) -> bool:
        """Whether a key belongs in an enclosing mapping, with those after it if it is in the column of its own keys."""
        outer = next((each for each in reversed(self._levels[:-1]) if has_room(each, key, value)), None)
        if outer is None and value == "" and rest:
            outer = self._outer_of_head(level, key, rest[0])
            if outer is not None:
                value = self._mapping_of(key, rest)
                rest.clear()
        if outer is None:
            return False
        self._issues.stands_once(key.place)
        outer.put(key, value)
        out.setdefault(key.place.column - outer.column, []).append(key)
        return True

    def _put_under_head(self, level: Level, place: Place, key: Scalar, value: Node, rest: deque[Written]) -> bool:
        """Whether a key and those after it were meant for a head that is misplaced as the last key of ``place``."""
        if place.held is None:
            return False
        head = place.held.last_key
        if place.held[head] != "" or place.shape.of(head) is not None:
            return False
        outer = self._outer_of_head(level, head, (key, value))
        if outer is None:
            return False
        del place.held[head]
        outer.put(head, self._mapping_of(head, [(key, value), *rest]))
        rest.clear()
        self.mended = True
        self._issues.stand_inside(head.place, [head], place.held.name, head.place.column - outer.column)
        return True

    def _outer_of_head(self, level: Level, key: Scalar, following: Written) -> Level | None:
        """Where a key belongs that has no value, before keys in this mapping that should be under it."""
        return next((each for each in reversed(self._levels[:-1]) if heads(each, level, key, following)), None)

    def _note(self, under: dict[int, _Moved], owner: Scalar | None, place: Place, keys: list[Scalar]) -> None:
        assert owner is not None
        under.setdefault(id(place.held), _Moved(owner, place, [])).keys.extend(keys)

    def _tell_under(self, moved: list[_Moved]) -> None:
        self.mended = self.mended or bool(moved)
        if len({each.owner for each in moved}) < len(moved):  # they are meant for mappings that are under each other
            self._issues.not_indented(moved[0].keys[0].place)
            return
        for owner, place, keys in moved:
            first = keys[0].place
            self._issues.stand_beside(first, keys, owner, place.key, column_of(place.begin()) - first.column)

    def _mapping_of(self, key: Scalar, written: Iterable[Written]) -> Mapping:
        found = key.mapping()
        for each, value in written:
            self._issues.stands_once(each.place)
            found.put(each, value)
        return found


def _own_keys(place: Place, key: Scalar, value: Node) -> list[Scalar]:
    """The keys that belong to a key that is beside an entry but should be in it, where others come after them.

    A `coupon` written among promotions has its own `codes`, then swallows the keys of the promotion that follow it.
    """
    part = place.shape.keys.get(key)
    if part is None or not isinstance(value, Mapping) or value.in_brackets or key in (place.held or ()):
        return []
    own = list(takewhile(part.keys.__contains__, value.written_keys))
    return own if len(own) < len(value) else []
