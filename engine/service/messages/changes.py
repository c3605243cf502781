"""The differences between two quotes, and the whole quote again."""

from __future__ import annotations

from engine.v1 import pricing_pb2, quote_pb2


def quote_changes(before: quote_pb2.Quote, after: quote_pb2.Quote) -> pricing_pb2.QuoteChanges:
    """The differences that turn ``before`` into ``after``; both are of one rule set version.

    The service writes them natively (``engine._native.wire_changes``), and must write the same.
    """
    changes = pricing_pb2.QuoteChanges(changed=after)
    lines = {each.id: each for each in before.lines}
    shipments = {each.id: each for each in before.shipments}
    layers = {each.name: each for each in before.layers}
    changed = changes.changed
    del changed.lines[:], changed.shipments[:], changed.layers[:]
    changed.lines.extend(each for each in after.lines if lines.pop(each.id, None) != each)
    changed.shipments.extend(each for each in after.shipments if shipments.pop(each.id, None) != each)
    changed.layers.extend(each for each in after.layers if layers.get(each.name) != each)
    changes.removed_lines.extend(lines)
    changes.removed_shipments.extend(shipments)
    return changes


def patched(before: quote_pb2.Quote, changes: pricing_pb2.QuoteChanges) -> quote_pb2.Quote:
    """The quote that ``quote_changes`` saw as ``after``, byte for byte."""
    lines = {each.id: each for each in before.lines}
    shipments = {each.id: each for each in before.shipments}
    layers = {each.name: each for each in before.layers}
    for id in changes.removed_lines:
        lines.pop(id, None)
    for id in changes.removed_shipments:
        shipments.pop(id, None)
    after = quote_pb2.Quote()
    after.CopyFrom(changes.changed)
    lines.update((each.id, each) for each in changes.changed.lines)
    shipments.update((each.id, each) for each in changes.changed.shipments)
    layers.update((each.name, each) for each in changes.changed.layers)
    del after.lines[:], after.shipments[:], after.layers[:]
    after.lines.extend(lines[id] for id in sorted(lines))
    after.shipments.extend(shipments[id] for id in sorted(shipments))
    after.layers.extend(layers.values())
    return after
