"""Returns as protobuf messages, and back."""

from __future__ import annotations

from typing import NamedTuple

from engine.errors import InvalidReturn, Violation
from engine.pricing.field_checks import too_many
from engine.pricing.returns import LineRefund, Refund, TakenBack, Units
from engine.pricing.validation import CART_LIMITS
from engine.service.messages.fields import reader
from engine.service.messages.parsing import key_violations, parsed
from engine.service.messages.quotes import gift_from_message, gift_to_message, share_from_message
from engine.store.receipts import ReturnReceipt
from engine.v1 import quote_pb2, returns_pb2

_line_refund = reader(LineRefund)


class ReturnAsked(NamedTuple):
    """A request to take units back; ``units`` None means all that are left."""

    rule_set: str
    receipt_key: str
    key: str
    units: Units | None


def parse_cancel(data: bytes) -> ReturnAsked:
    """From a serialized ``engine.v1.CancelRequest``. Raises InvalidReturn."""
    message = parsed(returns_pb2.CancelRequest, data, InvalidReturn)
    _check(_keys(message))
    return ReturnAsked(message.rule_set, message.receipt_key, message.key, None)


def parse_return(data: bytes) -> ReturnAsked:
    """From a serialized ``engine.v1.ReturnRequest``. Raises InvalidReturn."""
    message = parsed(returns_pb2.ReturnRequest, data, InvalidReturn)
    violations = _keys(message)
    if len(message.lines) > CART_LIMITS.lines:
        violations.append(too_many("lines", len(message.lines), CART_LIMITS.lines))
    _check(violations)
    units: dict[str, int] = {}
    for index, each in enumerate(message.lines):
        if each.line_id in units:
            violations.append(Violation(f"lines[{index}].line_id", f"{each.line_id!r} is used more than once"))
        units[each.line_id] = each.quantity
    _check(violations)
    return ReturnAsked(message.rule_set, message.receipt_key, message.key, units)


def _keys(message: returns_pb2.CancelRequest | returns_pb2.ReturnRequest) -> list[Violation]:
    return [*key_violations("receipt_key", message.receipt_key), *key_violations("key", message.key)]


def _check(violations: list[Violation]) -> None:
    if violations:
        raise InvalidReturn(violations)


def refund_to_message(receipt: ReturnReceipt) -> returns_pb2.Refund:
    """The response to a return."""
    refund = receipt.refund
    return returns_pb2.Refund(
        key=receipt.key,
        receipt_key=receipt.receipt_key,
        currency=receipt.currency,
        total=refund.total,
        lines=[returns_pb2.LineRefund(**line._asdict()) for line in refund.lines],
        shipments=[quote_pb2.Share(**share._asdict()) for share in refund.shipments],
        uncollected=refund.uncollected,
        taken_back=[_taken_back_to_message(each) for each in refund.taken_back],
        complete=refund.complete,
    )


def _taken_back_to_message(taken: TakenBack) -> returns_pb2.TakenBack:
    return returns_pb2.TakenBack(
        promotion_id=taken.promotion_id,
        amount=taken.amount,
        points=taken.points,
        credit=taken.credit,
        gift=None if taken.gift is None else gift_to_message(taken.gift),
        use=taken.use,
    )


def refund_from_message(message: returns_pb2.Refund) -> Refund:
    """The refund in a response."""
    return Refund(
        tuple(map(_line_refund, message.lines)),
        tuple(map(share_from_message, message.shipments)),
        message.total,
        message.uncollected,
        tuple(map(_taken_back_from_message, message.taken_back)),
        message.complete,
    )


def _taken_back_from_message(message: returns_pb2.TakenBack) -> TakenBack:
    gift = gift_from_message(message.gift) if message.HasField("gift") else None
    return TakenBack(message.promotion_id, message.amount, message.points, message.credit, gift, message.use)
