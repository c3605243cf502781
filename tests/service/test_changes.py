from __future__ import annotations

from random import Random

from engine._native.wire.changes import changes_response, quote_response
from engine.errors import InvalidCart
from engine.pricing.mutations import apply
from engine.service.messages import patched, quote_to_message
from engine.v1.pricing_pb2 import MutateCartResponse, QuoteChanges
from engine.v1.quote_pb2 import Quote, QuotedLayer, QuotedLine, QuotedShipment
from tests.programs import session_of
from tests.random_mutations import random_mutations
from tests.strategies import random_cases

BEFORE = Quote(
    cart_id="c1",
    lines=[QuotedLine(id="a", subtotal=1), QuotedLine(id="b", subtotal=2), QuotedLine(id="d", subtotal=4)],
    shipments=[QuotedShipment(id="home", charge=5)],
    layers=[QuotedLayer(name="item", subtotal=7), QuotedLayer(name="order", subtotal=7)],
    total=12,
)


def quote_changes(before: Quote, after: Quote) -> QuoteChanges:
    """The differences that turn ``before`` into ``after``, as the service must write them."""
    changes = QuoteChanges(changed=after)
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


def test_only_what_differs_is_sent() -> None:
    after = Quote(
        cart_id="c1",
        lines=[QuotedLine(id="a", subtotal=1), QuotedLine(id="c", subtotal=3), QuotedLine(id="d", subtotal=5)],
        layers=[QuotedLayer(name="item", subtotal=9), QuotedLayer(name="order", subtotal=7)],
        total=9,
    )
    changes = quote_changes(BEFORE, after)
    assert [each.id for each in changes.changed.lines] == ["c", "d"]
    assert [each.name for each in changes.changed.layers] == ["item"]
    assert changes.removed_lines == ["b"]
    assert changes.removed_shipments == ["home"]
    assert changes.changed.total == 9
    assert patched(BEFORE, changes) == after


def test_of_equal_quotes_lines_shipments_and_layers_stay() -> None:
    changes = quote_changes(BEFORE, BEFORE)
    assert changes.changed == Quote(cart_id="c1", total=12)
    assert patched(BEFORE, changes) == BEFORE


def test_changes_give_the_quote_again_byte_for_byte() -> None:
    random = Random(5)
    cases = random_cases(5)
    steps = saved = 0
    while steps < 1_000:
        rules, cart = next(cases)
        session = session_of(rules)
        before = held = quote_to_message(session.price(cart))
        for _ in range(20):
            after_cart = apply(cart, random_mutations(random, rules, cart, random.choice((1, 1, 3))))
            try:
                after = quote_to_message(session.price(after_cart))
            except InvalidCart:
                continue
            written = changes_response(7, before.SerializeToString(), after.SerializeToString())
            sent = MutateCartResponse(revision=7, changes=quote_changes(before, after))
            assert written == sent.SerializeToString(deterministic=True)
            held = patched(held, sent.changes)
            assert held.SerializeToString(deterministic=True) == after.SerializeToString(deterministic=True)
            steps += 1
            saved += sent.changes.changed.ByteSize() < after.ByteSize()
            cart, before = after_cart, after
    assert saved > steps // 2


def test_a_response_is_what_protobuf_would_write() -> None:
    for size in (0, 1, 127, 128, 300, 16_383, 16_384, 3_000_000):
        quote = Quote(cart_id="x" * size)
        for revision in (0, 1, 2**40):
            written = quote_response(revision, quote.SerializeToString())
            assert written == MutateCartResponse(revision=revision, quote=quote).SerializeToString()
