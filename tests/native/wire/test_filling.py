from __future__ import annotations

from random import Random

import pytest

from engine._native.wire.filling import fill_cart, fill_request
from engine.v1.cart_pb2 import Cart, Line
from engine.v1.mutation_pb2 import Mutation
from engine.v1.pricing_pb2 import MutateCartRequest
from tests.native.wire.requests import damaged, field

BOOT = Line(price=8_000, category="boots", tags=["new", "x" * 200])
TAGLESS = Line(price=8_000, category="boots")


def facts(sku: str) -> tuple[bytes, bytes]:
    if sku == "BOOT":
        return BOOT.SerializeToString(), TAGLESS.SerializeToString()
    return b"", b""


def test_what_is_not_said_is_filled_in() -> None:
    sent = Cart(
        id="c",
        lines=[
            Line(id="a", sku="BOOT", quantity=2),
            Line(id="b", sku="HAT", quantity=1, price=5),
            Line(id="c", sku="BOOT", price=0, tags=["old"]),
            Line(),
        ],
        channel="web",
    )
    filled = Cart.FromString(fill_cart(sent.SerializeToString(), facts))
    sent.lines[0].MergeFrom(BOOT)
    sent.lines[2].category = "boots"
    assert filled == sent


def test_only_lines_that_a_mutation_sets_are_filled_in() -> None:
    sent = MutateCartRequest(
        cart_id="c",
        mutations=[
            Mutation(remove_line="a"),
            Mutation(set_line=Line(id="b", sku="BOOT", quantity=2)),
            Mutation(set_channel="BOOT"),
            Mutation(set_line=Line(id="d", sku="HAT")),
        ],
        cart=Cart(lines=[Line(sku="BOOT")]),
        changes_only=True,
    )
    filled = MutateCartRequest.FromString(fill_request(sent.SerializeToString(), facts))
    sent.mutations[1].set_line.MergeFrom(BOOT)
    assert filled == sent
    plain = MutateCartRequest(cart_id="c", mutations=[Mutation(remove_line="a")]).SerializeToString()
    assert fill_request(plain, facts) is plain


@pytest.mark.parametrize(
    "line",
    [field(9, b""), field(10, b""), field(11, b""), b"\x0a", field(2, b"\xff"), b"\x0b\x0c", b"\x12\x05a"],
    ids=["empty category", "empty brand", "empty tag", "cut", "no UTF-8", "group", "too long"],
)
def test_what_is_not_plain_is_left_to_protobuf(line: bytes) -> None:
    assert fill_cart(field(4, line), facts) is None
    assert fill_request(field(4, field(1, line)), facts) is None


def test_any_bytes_may_come() -> None:
    random = Random(3)
    cart = Cart(id="c", lines=[Line(id="a", sku="BOOT", quantity=2), Line(id="b", sku="HAT", tags=["t"])])
    request = MutateCartRequest(cart_id="c", mutations=[Mutation(set_line=line) for line in cart.lines])
    taken = 0
    for _ in range(20_000):
        taken += fill_cart(damaged(random, cart.SerializeToString()), facts) is not None
        taken += fill_request(damaged(random, request.SerializeToString()), facts) is not None
    assert 5_000 < taken < 39_000
