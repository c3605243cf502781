"""Receipts of sales and returns, as entries of a Redis stream that never change.

An entry is a list of field/value pairs, ``format`` first, so that another version can tell what it reads. Carts and
quotes are kept as the bytes that were priced and answered: a replay must give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from engine.errors import InvalidReceipt
from engine.pricing.quote import Gift, Share
from engine.pricing.returns import LineRefund, Refund, TakenBack

FORMAT = 1
"""The format that `encode` writes and `decode` reads."""


class Redemption(NamedTuple):
    """What a sale redeemed of one promotion, by ``code`` (empty if it needs none) and ``customer_id``.

    ``amount`` is money off and credit granted, in minor units of the receipt's currency. ``counters`` are those that
    were raised: key and field in the store, and by how much: 1 for a use, the amount for a budget.
    """

    promotion_id: str
    code: str
    customer_id: str
    amount: int
    counters: tuple[tuple[str, str, int], ...]


class Receipt(NamedTuple):
    """The receipt of a sale.

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


class ReturnReceipt(NamedTuple):
    """The receipt of a return: ``key`` is its own, ``receipt_key`` that of the receipt it belongs to.

    ``units`` came back, by line. ``quote`` is the ``engine.v1.Quote`` of the goods kept, empty if not priced.
    """

    key: str
    receipt_key: str
    cart_id: str
    rule_set: str
    version: str
    currency: str
    units: tuple[tuple[str, int], ...]
    refund: Refund
    quote: bytes


AnyReceipt: TypeAlias = Receipt | ReturnReceipt
Fields: TypeAlias = Mapping[bytes, bytes]
"""Fields of a stream entry, as the connection reads them."""


def encode(receipt: AnyReceipt) -> list[bytes]:
    """The alternating fields and values of its stream entry. Equal receipts give equal bytes."""
    return [each for pair in fields_of(receipt).items() for each in pair]


def fields_of(receipt: AnyReceipt) -> dict[bytes, bytes]:
    """The fields of its stream entry, which `decode` reads."""
    kind = "sale" if isinstance(receipt, Receipt) else "return"
    pairs: dict[str, object] = {"format": FORMAT, "kind": kind, **receipt._asdict()}
    return {name.encode(): _written(value) for name, value in pairs.items()}


def decode(fields: Fields) -> AnyReceipt:
    """The receipt in an entry. Raises InvalidReceipt for other fields, or another format."""
    try:
        written = int(fields[b"format"])
        if written != FORMAT:
            raise InvalidReceipt(f"a receipt has format {written}; this version reads {FORMAT}")
        kind = _KINDS.get(fields[b"kind"])
        if kind is None:
            raise InvalidReceipt(f"a receipt has kind {fields[b'kind'].decode()!r}, which this version does not know")
        return kind(**{name: _READERS.get(name, bytes.decode)(fields[name.encode()]) for name in kind._fields})
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidReceipt(f"an entry is not a receipt: {type(error).__name__}: {error}") from None


def _written(value: object) -> bytes:
    """Bytes and texts unchanged, numbers as decimals, everything else as JSON."""
    match value:
        case bytes():
            return value
        case str():
            return value.encode()
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _redemption(written: Sequence[Any]) -> Redemption:
    promotion_id, code, customer_id, amount, counters = written
    return Redemption(promotion_id, code, customer_id, amount, tuple((key, field, by) for key, field, by in counters))


def _refund(lines: Any, shipments: Any, total: int, uncollected: int, taken_back: Any, complete: bool) -> Refund:
    return Refund(
        tuple(LineRefund(*each) for each in lines),
        tuple(Share(*each) for each in shipments),
        total,
        uncollected,
        tuple(map(_taken_back, taken_back)),
        complete,
    )


def _taken_back(written: Sequence[Any]) -> TakenBack:
    promotion_id, amount, points, credit, gift, use = written
    if gift is not None:
        of, sku, quantity, choices = gift
        gift = Gift(of, sku, quantity, tuple(choices))
    return TakenBack(promotion_id, amount, points, credit, gift, use)


_KINDS: Mapping[bytes, type[AnyReceipt]] = {b"sale": Receipt, b"return": ReturnReceipt}
_READERS: Mapping[str, Callable[[bytes], Any]] = {
    "revision": int,
    "at": int,
    "cart": bytes,
    "quote": bytes,
    "redemptions": lambda written: tuple(map(_redemption, json.loads(written))),
    "units": lambda written: tuple((id, quantity) for id, quantity in json.loads(written)),
    "refund": lambda written: _refund(*json.loads(written)),
}
"""How fields are read; all others are texts."""
