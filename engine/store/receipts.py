"""Receipts: what was committed, and what came back of it, as entries of a Redis stream that nothing ever changes.

An entry is field/value pairs of bytes, ``format`` first, so that another version can read it. Carts and quotes are
kept as the bytes that were priced and answered: replay (engine/service/replay.py) must give the very same again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.errors import InvalidReceipt

FORMAT = 1
"""What `encode` writes, and `decode` reads."""


class Redemption(NamedTuple):
    """What a receipt took of one promotion: by ``code`` (empty: it needs none) and ``customer_id``.

    ``amount`` is money off and credit granted, in minor units of the receipt's currency. ``counters`` are the counters
    that were raised, as the store names them, each with by how much: 1 for a use, the amount for a budget.
    """

    promotion_id: str
    code: str
    customer_id: str
    amount: int
    counters: tuple[tuple[str, int], ...]


class Receipt(NamedTuple):
    """What a commit leaves behind.

    ``key`` is that of the reservation, ``version`` the SHA-256 of the artifact it was priced under (in hex),
    ``revision`` that of the rule set, ``at`` the moment of pricing in nanoseconds since 1970 UTC. ``cart`` is
    ``engine.v1.Cart`` as `Session.cart_bytes` gives it, ``quote`` the ``engine.v1.Quote`` that was answered.
    """

    key: str
    cart_id: str
    rule_set: str
    version: str
    revision: int
    at: int
    cart: bytes
    quote: bytes
    redemptions: tuple[Redemption, ...] = ()


Fields: TypeAlias = Mapping[bytes, bytes]
"""Of a stream entry, as the connection reads them."""


def encode(receipt: Receipt) -> list[bytes]:
    """The fields and values of its stream entry, in turn. Equal receipts give equal bytes."""
    redemptions = json.dumps(receipt.redemptions, ensure_ascii=False, separators=(",", ":"))
    fields: dict[str, str | bytes] = {
        "format": str(FORMAT),
        "kind": "sale",
        "key": receipt.key,
        "cart_id": receipt.cart_id,
        "rule_set": receipt.rule_set,
        "version": receipt.version,
        "revision": str(receipt.revision),
        "at": str(receipt.at),
        "cart": receipt.cart,
        "quote": receipt.quote,
        "redemptions": redemptions,
    }
    return [each if isinstance(each, bytes) else each.encode() for pair in fields.items() for each in pair]


def decode(fields: Fields) -> Receipt:
    """The receipt of an entry. Raises InvalidReceipt for fields that are none, or of another format."""
    return _reading(fields)


def _reading(fields: Fields) -> Receipt:
    try:
        written = int(fields[b"format"])
        if written != FORMAT:
            raise InvalidReceipt(f"its format is {written}, this version reads {FORMAT}")
        return Receipt(
            key=fields[b"key"].decode(),
            cart_id=fields[b"cart_id"].decode(),
            rule_set=fields[b"rule_set"].decode(),
            version=fields[b"version"].decode(),
            revision=int(fields[b"revision"]),
            at=int(fields[b"at"]),
            cart=fields[b"cart"],
            quote=fields[b"quote"],
            redemptions=tuple(map(_redemption, json.loads(fields[b"redemptions"]))),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidReceipt(f"the fields are no receipt: {type(error).__name__}: {error}") from None


def _redemption(written: Sequence[Any]) -> Redemption:
    promotion_id, code, customer_id, amount, counters = written
    return Redemption(promotion_id, code, customer_id, amount, tuple((name, by) for name, by in counters))
