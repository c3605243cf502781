"""Lists without dashes, and dashes where there is no list: what was meant, each mistake with one issue."""

from __future__ import annotations

from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Scalar, Sequence
from engine.rules.shapes import Shape


def with_dashes(node: Mapping, listed: Shape | None, issues: Issues) -> Mapping | Sequence:
    """The list that was meant by keys without dashes."""
    if listed is None or not listed.takes(node):
        return node
    entries = _entries(node)
    _stand_once(node, issues)
    first = next(iter(node.written_keys))
    issues.no_dashes(first.place, node.name, first, len(entries) > 1)
    return node.listing(entries)


def with_more_dashes(node: Sequence, listed: Shape, issues: Issues) -> Sequence:
    """The list that was meant where an entry follows another without a dash."""
    meant: list[Mapping] = []
    for each in node:
        if not isinstance(each, Mapping):
            return node
        entries = [each] if each.in_brackets else _entries(each)
        if len(entries) > 1 and all(listed.marks <= entry.keys() for entry in entries):
            _stand_once(each, issues)
            for entry in entries[1:]:
                first = next(iter(entry.written_keys))
                issues.no_dash(first.place, first)
            meant += entries
        else:
            meant.append(each)
    return node.listing(meant) if len(meant) > len(node) else node


def _entries(node: Mapping) -> list[Mapping]:
    """An entry ends where a key is repeated."""
    entries: list[Mapping] = []
    for key, value in node.in_order:
        if not entries or key in entries[-1]:
            entries.append(key.mapping())
        entries[-1].put(key, value)
    return entries


def _stand_once(node: Mapping, issues: Issues) -> None:
    for key, _ in node.in_order:
        issues.stands_once(key.place)


def without_dashes(node: Sequence, shape: Shape, issues: Issues) -> Mapping | Sequence:
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
    issues.dashes(node.place, node.name, named)
    return found


def joined(node: Sequence, listed: Shape, issues: Issues) -> Sequence:
    """The list that was meant where keys of one entry have a dash each."""
    if len(listed.marks) < 2 or not all(isinstance(each, Mapping) and len(each) == 1 for each in node):
        return node
    if not any(map(listed.takes, node)):
        return node
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
    if not surplus:
        return node
    issues.surplus_dashes(surplus[0].place, surplus[0], len(surplus) > 1)
    return node.listing(entries)
