"""Cancel and return: goods kept are priced again as the rule set's ``returns`` says; the difference is refunded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidCart, InvalidReceipt, KeyReused, StoreUnavailable
from engine.pricing.redemption import Redeemable, Returns
from engine.pricing.returns import Refund, Units, kept_cart, refund, still_granted, units_kept, units_left
from engine.service.messages import cart_from_message
from engine.service.messages.receipts import paid_quote, sold_cart
from engine.service.programs import Programs
from engine.store.connection import Connection
from engine.store.receipt_store import ReceiptStore, Sale
from engine.store.receipts import Receipt, ReturnReceipt
from engine.store.rule_sets import RuleSetStore

_ATTEMPTS = 20
"""How often a return is computed again because another return of the same sale came first."""


class Settled(NamedTuple):
    """The refund of a return; ``quote`` is the ``engine.v1.Quote`` of the goods kept, empty if not priced."""

    refund: Refund
    quote: bytes


def settle(program: Program, receipt: Receipt, earlier: Sequence[Refund], back: Units) -> Settled:
    """The refund if these units of a receipt come back, after its earlier returns.

    Raises InvalidReturn and InvalidReceipt.
    """
    paid = paid_quote(receipt)
    kept = units_kept(paid, earlier, back)
    if program.returns is Returns.KEEP or not any(kept.values()):
        return Settled(refund(program.returns, paid, earlier, back, None), b"")
    granted = still_granted(paid, earlier)
    spent = {
        each.promotion_id: each.budget[paid.currency] - granted[each.promotion_id]
        for each in program.redeemables
        if each.promotion_id in granted and paid.currency in each.budget
    }
    session = Session(program)
    try:
        cart = cart_from_message(sold_cart(receipt), receipt.at)
        session.load(kept_cart(cart, kept, spent), only=_may_apply(program, granted))
    except InvalidCart as error:
        raise InvalidReceipt(f"the receipt {receipt.key[:100]!r} is damaged: its cart is not valid: {error}") from None
    session.evaluate()
    return Settled(refund(program.returns, paid, earlier, back, session.quote()), session.quote_bytes())


def _may_apply(program: Program, granted: Mapping[str, int]) -> set[str]:
    """Promotions that may apply to the goods kept: none that is counted, unless the sale had it."""
    if program.returns is Returns.CLAW_BACK:
        return set(granted)
    counted = {each.promotion_id for each in program.redeemables if _is_counted(each)}
    return {id for id in program.promotion_indices if id not in counted or id in granted}


def _is_counted(promotion: Redeemable) -> bool:
    limits = promotion.total, promotion.per_customer, promotion.per_code
    return any(limits) or bool(promotion.budget or promotion.pool)


class Refunds:
    """Takes goods back and computes refunds. Any thread may call it."""

    def __init__(self, store: Connection, served: Callable[[], Iterable[Program]] = tuple) -> None:
        """``served`` returns the programs that this process prices by."""
        self._store = store
        self._programs = Programs(RuleSetStore(store), served)

    def give(self, rule_set: str, receipt_key: str, key: str, back: Units | None) -> ReturnReceipt:
        """Take back units of a receipt, or with None all that are left. The same key gives the same answer again.

        Raises ReceiptNotFound, InvalidReturn, KeyReused, InvalidArtifact, InvalidReceipt, StoreUnavailable and
        StoreFull.
        """
        store = ReceiptStore(self._store, rule_set)
        known = store.return_of(key)
        for _ in range(_ATTEMPTS):
            if known is None:
                sale = store.sale(receipt_key)
                known = store.append_return(self._worked_out(sale, key, back), sale)
            if known is not None:
                return _as_asked(known, receipt_key, back)
        raise StoreUnavailable(f"too many concurrent returns of {receipt_key[:100]!r}: try again")

    def _worked_out(self, sale: Sale, key: str, back: Units | None) -> ReturnReceipt:
        receipt = sale.sold.receipt
        paid = paid_quote(receipt)
        earlier = sale.refunds
        if back is None:
            back = {id: units for id, units in units_left(paid, earlier).items() if units}
        program = self._programs.of_sale(receipt)
        settled = settle(program, receipt, earlier, back)
        return ReturnReceipt(
            key=key,
            receipt_key=receipt.key,
            cart_id=receipt.cart_id,
            rule_set=receipt.rule_set,
            version=program.version,
            currency=paid.currency,
            units=tuple(sorted(back.items())),
            refund=settled.refund,
            quote=settled.quote,
        )


def _as_asked(known: ReturnReceipt, receipt_key: str, back: Units | None) -> ReturnReceipt:
    """Raises KeyReused if the key was used for another return."""
    same = known.refund.complete if back is None else dict(known.units) == dict(back)
    if known.receipt_key != receipt_key or not same:
        raise KeyReused(f"the key {known.key[:100]!r} was used for another return: use a new key for each return")
    return known
