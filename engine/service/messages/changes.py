"""Answers to mutations: the quote whole, or what of it differs from the one before it."""

from __future__ import annotations

from engine.v1 import pricing_pb2, quote_pb2

_QUOTE = pricing_pb2.MutateCartResponse.QUOTE_FIELD_NUMBER


def quote_response(revision: int, quote: bytes) -> bytes:
    """A serialized MutateCartResponse with a serialized quote."""
    return pricing_pb2.MutateCartResponse(revision=revision).SerializeToString() + _field(_QUOTE, quote)


def changes_response(revision: int, before: bytes, after: bytes) -> bytes:
    """A serialized MutateCartResponse with what differs between two serialized quotes."""
    changes = quote_changes(quote_pb2.Quote.FromString(before), quote_pb2.Quote.FromString(after))
    return pricing_pb2.MutateCartResponse(revision=revision, changes=changes).SerializeToString()


def _field(number: int, message: bytes) -> bytes:
    """A message that is a field of another, on the wire: its tag, its length in groups of seven bits, itself."""
    head = bytearray((number << 3 | 2,))
    length = len(message)
    while length > 0x7F:
        head.append(length & 0x7F | 0x80)
        length >>= 7
    head.append(length)
    return bytes(head) + message


def quote_changes(before: quote_pb2.Quote, after: quote_pb2.Quote) -> pricing_pb2.QuoteChanges:
    """What to send of ``after`` to one who has ``before``; both are of one rule set version."""
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
