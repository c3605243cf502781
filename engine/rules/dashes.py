"""Lists without dashes, and dashes where there is no list: what was meant, each mistake with one issue."""

from __future__ import annotations

from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Scalar, Sequence
from engine.rules.shapes import Shape


def as_list(node: Mapping | Sequence, listed: Shape, issues: Issues) -> Mapping | Sequence:
    """The list that was meant: an entry begins with a dash, and where a key is repeated.

    If each key has a dash, only keys that are repeated begin an entry.
    """
    blocks = [node] if isinstance(node, Mapping) else [each for each in node if isinstance(each, Mapping)]
    if not any(map(listed.takes, blocks)) or any(block.in_brackets for block in blocks):
        return node
    each_dashed = len(listed.marks) > 1 and all(len(block) == 1 for block in blocks)
    entries: list[Mapping] = []
    missing: list[Scalar] = []
    surplus: list[Scalar] = []
    for block in blocks:
        for index, (key, value) in enumerate(block.in_order):
            dashed = index == 0 and block is not node
            if not entries or key in entries[-1] or (dashed and not each_dashed):
                entries.append(key.mapping())
                if not dashed:
                    missing.append(key)
            elif dashed:
                surplus.append(key)
            entries[-1][key] = value
    if isinstance(node, Mapping):
        issues.no_dashes(missing[0].place, node.name, missing[0], len(entries) > 1)
    elif len(blocks) < len(node):
        return node
    elif missing and all(listed.marks <= entry.keys() for entry in entries):
        for key in missing:
            issues.stands_once(key.place)
            issues.no_dash(key.place, key)
    elif surplus:
        issues.surplus_dashes(surplus[0].place, surplus[0], len(surplus) > 1)
    else:
        return node
    return node.listing(entries)


def as_mapping(node: Sequence, shape: Shape, issues: Issues) -> Mapping | Sequence:
    """The mapping that was meant by a list: its entries have one key each, or their ids among their keys."""
    found = node.mapping()
    named = False
    for each in node:
        if not isinstance(each, Mapping):
            return node
        id = each.get("id")
        if shape.each is not None and isinstance(id, Scalar):
            named = True
            found.put(id, each.renamed({}, {"id"}))
        elif len(each) == 1 and shape.of(next(iter(each))) is not None:
            for key, value in each.in_order:
                found.put(key, value)
        else:
            return node
    issues.dashes(node.place, node.name, named)
    return found
