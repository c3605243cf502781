"""What may stand where in a rule file, read off the models: keys of an entry, names that are the file's own, lists."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cache, reduce
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from engine.rules import nodes
from engine.rules.entries import Entry
from engine.rules.nodes import Node, Scalar


@dataclass(frozen=True, slots=True)
class Shape:
    """Of what a key may have: the keys that there are, with their shapes; or any, of ``each``; or a list of ``listed``.

    Of none of them it is a plain value. What may be several has them all.
    """

    keys: Mapping[str, Shape] = field(default_factory=dict)
    marks: Set[str] = frozenset()
    """Keys by which such an entry is known: those that it needs, or all."""
    each: Shape | None = None
    listed: Shape | None = None

    @property
    def is_plain(self) -> bool:
        return not self.has_keys and self.listed is None

    @property
    def has_keys(self) -> bool:
        return bool(self.keys) or self.each is not None

    def of(self, key: str) -> Shape | None:
        """That of what a key has; None where there is no such key."""
        return self.keys.get(key, self.each)

    def takes(self, node: Node) -> bool:
        """Whether the node looks like this, mistaken as it may be."""
        if isinstance(node, nodes.Mapping):
            return self.each is not None or not self.marks.isdisjoint(node)
        return self.is_plain and node != "" if isinstance(node, Scalar) else self.listed is not None

    def takes_but_for_dashes(self, node: Node) -> bool:
        """Whether it would, if the dashes of a list were there, or left out."""
        if isinstance(node, nodes.Mapping):
            return self.listed is not None and self.listed.takes(node)
        return isinstance(node, nodes.Sequence) and self.each is not None and self.each.has_keys

    def _or(self, other: Shape) -> Shape:
        keys = {**self.keys, **other.keys}
        return Shape(keys, self.marks | other.marks, self.each or other.each, self.listed or other.listed)


@cache
def shape(model: type[Entry]) -> Shape:
    """That of an entry."""
    keys = {each.alias or name: _shape(each.annotation) for name, each in model.model_fields.items()}
    return Shape(keys, frozenset(model.required() or keys))


def _shape(annotation: Any) -> Shape:
    parts = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(parts[0])
    if origin in (Union, UnionType):
        return reduce(Shape._or, map(_shape, parts))
    if origin is dict:
        return Shape(each=_shape(parts[1]))
    if origin in (list, tuple):
        return Shape(listed=_shape(parts[0]))
    return shape(annotation) if isinstance(annotation, type) and issubclass(annotation, Entry) else Shape()
