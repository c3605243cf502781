"""What is allowed where in a rule file, derived from the models: keys of an entry, names chosen in the file, lists."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cache, reduce
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from engine.money import CURRENCIES
from engine.rules import nodes
from engine.rules.nodes import Node, Scalar

if TYPE_CHECKING:  # entries use the shapes
    from engine.rules.entries import Entry


@dataclass(frozen=True, slots=True)
class Shape:
    """The shape of a value: its keys with their shapes; or any keys, with values of ``each``; or a list of ``listed``.

    A value that may be of several kinds has all of them.
    """

    keys: Mapping[str, Shape] = field(default_factory=dict)
    marks: Set[str] = frozenset()
    """Keys by which such an entry is recognized: the required ones, or all."""
    each: Shape | None = None
    listed: Shape | None = None
    plain: bool = False
    """Whether it may be a plain value."""
    kinds: tuple[Set[str], ...] = ()
    """The keys of each kind of entry that it may be."""

    @property
    def has_keys(self) -> bool:
        return bool(self.keys) or self.each is not None

    @property
    def needed(self) -> list[str]:
        """The keys that such an entry must have, in their order."""
        return [key for key in self.keys if key in self.marks]

    def of(self, key: str) -> Shape | None:
        """The shape of a key's value; None where there is no such key."""
        return self.keys.get(key, self.each)

    def has_beside(self, key: str, node: nodes.Mapping) -> bool:
        """Whether a key may be beside those of the node that are known: some kind has all of them."""
        known = node.keys() & self.keys.keys()
        return key not in self.keys or any(key in kind and kind >= known for kind in self.kinds)

    def takes(self, node: Node) -> bool:
        """Whether the node has this shape, even with mistakes in it."""
        if isinstance(node, nodes.Mapping):
            return self.each is not None or not self.marks.isdisjoint(node)
        return self.plain and node != "" if isinstance(node, Scalar) else self.listed is not None

    def takes_but_for_dashes(self, node: Node) -> bool:
        """Whether it would have this shape with the dashes of a list added or removed."""
        if isinstance(node, nodes.Mapping):
            return self.listed is not None and self.listed.takes(node)
        return isinstance(node, nodes.Sequence) and self.each is not None and self.each.has_keys

    def texts_in(self, node: Node) -> list[tuple[str, str]]:
        """The keys, if any, and texts that are all that a list or mapping has in place of entries of this shape."""
        pairs: list[tuple[str, Node]] = []
        for each in node if isinstance(node, nodes.Sequence) else [node]:
            if isinstance(each, nodes.Mapping) and (len(each) == 1 or each is node):
                pairs.extend(each.items())
            elif isinstance(each, Scalar) and each:
                pairs.append(("", each))
            else:
                return []
        if any(key in self.keys or not isinstance(value, Scalar) for key, value in pairs):
            return []
        return [(key, nodes.shown(value)) for key, value in pairs]

    def _or(self, other: Shape) -> Shape:
        keys = {**self.keys, **other.keys}
        listed, plain = self.listed or other.listed, self.plain or other.plain
        kinds = self.kinds + other.kinds
        return Shape(keys, self.marks | other.marks, self.each or other.each, listed, plain, kinds)


@cache
def shape(model: type[Entry]) -> Shape:
    """The shape of an entry."""
    keys = {each.alias or name: _shape(each.annotation) for name, each in model.model_fields.items()}
    return Shape(keys, frozenset(model.required() or keys), kinds=(frozenset(keys),))


def _shape(annotation: Any) -> Shape:
    parts = get_args(annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        return _shape(parts[0])
    if origin in (Union, UnionType):
        return reduce(Shape._or, [_shape(each) for each in parts if each is not NoneType])
    if origin is dict:
        return Shape(each=_shape(parts[1]))
    if origin in (list, tuple):
        return Shape(listed=_shape(parts[0]))
    if annotation is nodes.Mapping:
        return Shape(dict.fromkeys(CURRENCIES, Shape(plain=True)), CURRENCIES, kinds=(CURRENCIES,))
    is_entry = isinstance(annotation, type) and issubclass(annotation, BaseModel)
    return shape(annotation) if is_entry else Shape(plain=True)
