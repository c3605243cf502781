"""Keys at the wrong depth: keys that moved together are reported as one mistake.

Such a mistake causes many: a key under the wrong key is unknown there and missing where it belongs. So a rule file
with mistakes is checked once more, with its keys put where they must have been meant; what is reported then is what
else is wrong. Keys are read in the order of the file. Each goes where it is written if it can be there, else into a
mapping below the keys before it, or further out. Brackets leave no doubt about what they contain: nothing is put into
them or taken out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import takewhile
from typing import NamedTuple

from engine.rules.dashes import as_list, as_mapping
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Node, Scalar, Sequence
from engine.rules.shapes import Shape

_STEP = 2
"""How much keys are indented below the key that they belong to, where there are no others to go by."""


def mend(root: Node, shape: Shape, issues: Issues) -> bool:
    """Move what is indented by mistake and add an issue for each move; returns whether there was any."""
    if not isinstance(root, Mapping) or root.in_brackets:
        return False
    mender = _Mender(issues)
    mender.read(root, shape)
    return mender.mended


@dataclass(slots=True, eq=False)
class _Place:
    """A mapping that keys are put into: the value of a key, or an entry of the list there."""

    shape: Shape
    node: Mapping
    key: Scalar | None = None
    outer: _Place | None = None
    """The one that it is in."""
    column: int = 1
    """Where its keys belong."""
    written: frozenset[str] = frozenset()
    """Its keys in the file; none where nothing is below the key."""
    last: Scalar | None = None
    """The last of them so far that stays here."""
    under: _Place | None = None
    """The mapping below the key that was put here last, which may go on."""
    heir: _Place | None = None
    """Where the rest of the keys in the file was meant to be."""

    def fits(self, key: Scalar, value: Node) -> bool:
        """Whether a key can be here."""
        wanted = self.shape.of(key)
        if wanted is None or key in self.node or not self.shape.has_beside(key, self.node):
            return False
        if not value:
            return key in self.shape.keys or (wanted.has_keys and not isinstance(value, Sequence))
        return wanted.takes(value) or wanted.takes_but_for_dashes(value)

    def heads(self, key: Scalar, below: _Line | None) -> bool:
        """Whether a key without a value can be here because of the line that should be below it."""
        wanted = self.shape.of(key)
        if wanted is None or below is None or not self.fits(key, key.read_as("")):
            return False
        return below.key in wanted.keys or (wanted.each is not None and wanted.each.takes(below.value))

    def keeps(self, key: Scalar, value: Node) -> bool:
        """Whether a key that is written here stays; a name chosen in the file must have a value."""
        return self.fits(key, value) and (value != "" or key in self.shape.keys)

    def takes_in(self, key: Scalar, value: Node, below: _Line | None) -> bool:
        """Whether a key further out may have been meant to be here.

        A name with no more than a text must be beside the first key, for any text could be such a name.
        """
        if key in self.shape.keys or not isinstance(value, Scalar):
            return self.fits(key, value)
        alike = not self.node or _column(next(iter(self.node.written_keys))) == _column(key)
        return alike and (self.fits(key, value) if value else self.heads(key, below))

    def takes_out(self, key: Scalar, value: Node, below: _Line | None) -> bool:
        """Whether a key further in may have been meant to be here; a name must be that of an entry like those there."""
        known = key in self.shape.keys
        if key in self.written:
            return False
        if value != "":
            return self.fits(key, value) and (known or not isinstance(value, Scalar))
        if below is None or not self.heads(key, below):
            return False
        return known or (below.place.shape is self.shape.of(key) and below.place.shape.of(key) is None)


class _Line(NamedTuple):
    """A key with its value, and where they are written."""

    place: _Place
    key: Scalar
    value: Node


class _Moved(NamedTuple):
    """Keys that are beside ``owner`` and belong in a place under it."""

    owner: Scalar
    keys: list[Scalar]


class _Mender:
    def __init__(self, issues: Issues) -> None:
        self.mended = False
        self._issues = issues
        self._left: list[_Line] = []  # the next one is the last
        self._in: dict[_Place, dict[_Place, _Moved]] = {}  # what moved further in, by where it is written and belongs
        self._out: dict[tuple[_Place, int], list[Scalar]] = {}  # further out, by where it is written and columns

    def read(self, root: Mapping, shape: Shape) -> None:
        self._open(_Place(shape, root))
        while (line := self._next()) is not None:
            self._left.pop()
            self._read(*line)
        self._tell()

    def _next(self) -> _Line | None:
        if not self._left:
            return None
        line = self._left[-1]
        while line.place.heir is not None:
            line = line._replace(place=line.place.heir)
        return line

    def _read(self, place: _Place, key: Scalar, value: Node) -> None:
        inner = _chain(place.under, lambda each: each.under)
        own = _own_keys(inner[0], key, value) if inner and place.shape.each is not None else []
        if (own or not place.keeps(key, value)) and self._move(place, key, value, inner, own):
            return
        self._put(place, key, value)
        place.last = key

    def _move(self, place: _Place, key: Scalar, value: Node, inner: list[_Place], own: list[Scalar]) -> bool:
        """Whether a key was meant to be elsewhere; it takes its ``own`` keys along."""
        below = self._next() if value == "" else None
        if below is not None and below.place is not place:
            if below.place.keeps(below.key, below.value):
                below = None
            elif place.heads(key, below):
                return False
        target = _inner(inner, key, value, below)
        if target is None or target is not inner[0]:
            outward = _chain(place.outer, lambda each: each.outer)
            outer = next((each for each in outward if each.takes_out(key, value, below)), None)
            if outer is not None:
                self._put(outer, key, value)
                if below is not None and outer.under is not None:  # what is written there belongs below the key
                    below.place.heir = outer.under
                    outer.under.column = _column(below.key)
                self._out.setdefault((place, _column(key) - outer.column), []).append(key)
                return True
        if target is None:
            return False
        assert place.last is not None
        self._put(target, key, value)
        self._in.setdefault(place, {}).setdefault(target, _Moved(place.last, [])).keys.extend([key, *own])
        return True

    def _put(self, place: _Place, key: Scalar, value: Node) -> None:
        place.under = None
        if key in place.node:
            place.node.put(key, value)
            return
        if not place.written and place.key is not None and place.outer is not None:  # nothing was below its key
            place.outer.node[place.key] = place.node
        self._issues.stands_once(key.place)
        wanted = place.shape.of(key)
        if not isinstance(value, Scalar):
            value.key = key
            if wanted is not None and not value.in_brackets:
                value = self._with_right_dashes(value, wanted)
        place.node[key] = value
        if wanted is None:
            return
        if value == "" and wanted.has_keys:
            place.under = _Place(wanted, key.mapping(), key, place, place.column + _STEP)
            place.under.node.key = key
        elif isinstance(value, Mapping) and wanted.has_keys:
            place.under = self._open(_Place(wanted, value, key, place))
        elif isinstance(value, Sequence) and wanted.listed is not None and wanted.listed.has_keys:
            for each in reversed(value):
                entry = self._open(_Place(wanted.listed, each, key, place)) if isinstance(each, Mapping) else None
                if each is value[-1]:
                    place.under = entry

    def _open(self, place: _Place) -> _Place | None:
        """Read the keys of a place next, if they are not in brackets."""
        node = place.node
        if not node or node.in_brackets:
            return None
        self._left.extend(reversed([_Line(place, key, value) for key, value in node.in_order]))
        place.column = _column(next(iter(node.written_keys)))
        place.written = frozenset(node)
        node.clear()
        node.repeated.clear()
        return place

    def _with_right_dashes(self, value: Mapping | Sequence, wanted: Shape) -> Mapping | Sequence:
        meant = value
        if wanted.listed is not None and not (isinstance(value, Mapping) and wanted.has_keys):
            meant = as_list(value, wanted.listed, self._issues)
        elif isinstance(value, Sequence):
            meant = as_mapping(value, wanted, self._issues)
        self.mended = self.mended or meant is not value
        return meant

    def _tell(self) -> None:
        self.mended = self.mended or bool(self._in or self._out)
        for moved in self._in.values():
            if len({each.owner for each in moved.values()}) < len(moved):  # meant for mappings that are in each other
                self._issues.not_indented(next(iter(moved.values())).keys[0].place)
                continue
            for target, (owner, keys) in moved.items():
                assert target.key is not None
                spaces = target.column - _column(keys[0])
                self._issues.stand_beside(keys[0].place, keys, owner, target.key, spaces)
        for (place, spaces), keys in self._out.items():
            if spaces > 0:
                self._issues.stand_inside(keys[0].place, keys, place.node.name, spaces)


def _inner(places: list[_Place], key: Scalar, value: Node, below: _Line | None) -> _Place | None:
    """Where a key was meant to be among places further in.

    First below a key that has nothing, then where it is one of our keys rather than a name.
    """
    fitting = [each for each in places if each.takes_in(key, value, below)]
    ours = [each for each in fitting if key in each.shape.keys]
    if ours and not ours[-1].node:
        return ours[-1]
    return next(iter(ours if ours and value == "" else fitting), None)


def _chain(place: _Place | None, after: Callable[[_Place], _Place | None]) -> list[_Place]:
    found: list[_Place] = []
    while place is not None:
        found.append(place)
        place = after(place)
    return found


def _own_keys(place: _Place, key: Scalar, value: Node) -> list[Scalar]:
    """The keys that belong to a key that is beside an entry but should be in it, where others come after them.

    A `coupon` written among promotions has its own `codes`, then swallows the keys of the promotion that follow it.
    """
    part = place.shape.keys.get(key)
    if part is None or not isinstance(value, Mapping) or value.in_brackets or key in place.node:
        return []
    own = list(takewhile(part.keys.__contains__, value.written_keys))
    return own if len(own) < len(value) else []


def _column(key: Scalar) -> int:
    return key.place.column
