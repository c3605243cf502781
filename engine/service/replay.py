"""Replay: a receipt is computed again from what is in the store, and must give the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from engine._native.session import Session
from engine.errors import InvalidArtifact, InvalidReceipt, ReceiptNotFound
from engine.service.messages import revision_field
from engine.service.messages.receipts import paid_quote
from engine.service.programs import Programs
from engine.service.refunds import settle
from engine.store.receipt_store import Sale
from engine.store.receipts import AnyReceipt, Receipt, ReturnReceipt


class Difference(NamedTuple):
    """A part of a receipt (``layers[0].adjustments[1].amount``), its value then and now."""

    part: str
    was: str
    now: str


class Replay:
    """Computes receipts again. It keeps the session of the last version, so it is for one thread."""

    def __init__(self, programs: Programs, sale: Callable[[str], Sale]) -> None:
        """``sale`` returns the receipt with a key, and its returns."""
        self._programs = programs
        self._sale = sale
        self._version = ""

    def differences(self, receipt: AnyReceipt) -> list[Difference]:
        """Empty if the bytes are the same. Raises what the store raises, and ReceiptNotFound."""
        found = self._of_return(receipt) if isinstance(receipt, ReturnReceipt) else self._of_sale(receipt)
        try:
            return list(found)
        except (InvalidArtifact, InvalidReceipt) as error:
            return [Difference("receipt", "computed", str(error))]

    def _of_sale(self, receipt: Receipt) -> Iterator[Difference]:
        session = self._session(receipt.version)
        if not session.load_bytes(receipt.cart, receipt.at):
            yield Difference("cart", "priced", "refused")
            return
        session.evaluate()
        yield from _differing(receipt, session.quote_bytes() + revision_field(receipt.revision))

    def _of_return(self, receipt: ReturnReceipt) -> Iterator[Difference]:
        sale = self._sale(receipt.receipt_key)
        keys = [each.receipt.key for each in sale.returns]
        if receipt.key not in keys:
            raise ReceiptNotFound(f"the store has no return {receipt.key[:100]!r} of {receipt.receipt_key[:100]!r}")
        earlier = sale.refunds[: keys.index(receipt.key)]
        settled = settle(self._programs.of_version(receipt.version), sale.sold.receipt, earlier, dict(receipt.units))
        yield from _unequal("refund", receipt.refund, settled.refund)
        yield from _differing(receipt, settled.quote)

    def _session(self, version: str) -> Session:
        if version != self._version:
            self._last = Session(self._programs.of_version(version))
            self._version = version
        return self._last


def _differing(receipt: AnyReceipt, now: bytes) -> Iterator[Difference]:
    """Where the quote of a receipt and that of its replay, serialized, differ."""
    was = receipt.quote
    if was == now:
        return
    found = list(_unequal("", paid_quote(receipt), paid_quote(receipt._replace(quote=now))))
    yield from found or [
        Difference("quote", f"{len(was):,} bytes", f"{len(now):,} different bytes with the same meaning")
    ]


def _unequal(part: str, was: object, now: object) -> Iterator[Difference]:
    """The smallest parts in which two values of the same type differ."""
    if was == now:
        return
    if isinstance(was, tuple) and isinstance(now, tuple) and len(was) == len(now):
        names = getattr(was, "_fields", None)
        for index, pair in enumerate(zip(was, now, strict=True)):
            inner = f"{part}[{index}]" if names is None else f"{part}.{names[index]}" if part else names[index]
            yield from _unequal(inner, *pair)
    else:
        yield Difference(part, repr(was), repr(now))
