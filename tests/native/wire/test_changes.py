"""Bytes that are no quote; tests/service/test_changes.py says what differs between quotes."""

from __future__ import annotations

import pytest

from engine._native.wire.changes import changes_response
from engine.v1.quote_pb2 import Quote, QuotedLine
from tests.native.wire.requests import field

QUOTE = Quote(cart_id="c", lines=[QuotedLine(id="a", subtotal=5)]).SerializeToString()


@pytest.mark.parametrize(
    "wrong", [QUOTE[:-1], field(7, b""), field(7, field(2, b"a")), b"\x0b", field(7, field(1, b"\xff"))]
)
def test_what_is_no_quote_has_no_changes(wrong: bytes) -> None:
    for before, after in ((QUOTE, wrong), (wrong, QUOTE)):
        with pytest.raises(ValueError, match="not a quote of this service"):
            changes_response(1, before, after)
