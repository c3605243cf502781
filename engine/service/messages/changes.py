"""The whole quote from the differences that a service sends (``engine._native.wire.changes``)."""

from __future__ import annotations

from engine.v1 import pricing_pb2, quote_pb2


def patched(before: quote_pb2.Quote, changes: pricing_pb2.QuoteChanges) -> quote_pb2.Quote:
    """The quote that follows ``before`` by these differences, byte for byte as the service has it."""
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
