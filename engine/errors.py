"""Exceptions with a stable code.

The service turns them into a gRPC status in one place, the command line into readable lines in one renderer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CartwrightError(Exception):
    """Base of every error that a caller may see; ``code`` is part of the API and never changes."""

    code: ClassVar[str] = "error"


class InvalidAmount(CartwrightError):
    """A decimal text that is not an exact amount in its currency, or an amount out of range."""

    code = "invalid_amount"


class UnknownCurrency(CartwrightError):
    """A currency code that ISO 4217 does not list."""

    code = "unknown_currency"


class InvalidArtifact(CartwrightError):
    """Bytes that are not a compiled rule set of this format, or are damaged."""

    code = "invalid_artifact"


class InvalidCatalogue(CartwrightError):
    """A file that is not a valid catalogue."""

    code = "invalid_catalogue"


class RuleSetNotFound(CartwrightError):
    """The cart names a rule set that is not served here."""

    code = "rule_set_not_found"


class RevisionNotFound(CartwrightError):
    """The store has no such revision of the rule set."""

    code = "revision_not_found"


class NoEarlierRevision(CartwrightError):
    """No revision was active before the current one, so there is nothing to go back to."""

    code = "no_earlier_revision"


class ActivationConflict(CartwrightError):
    """The active revision is not the one to be taken back: another call changed it."""

    code = "activation_conflict"


class TooManyStreams(CartwrightError):
    """The service has as many streams open as it allows."""

    code = "too_many_streams"


class DuplicateRuleSet(CartwrightError):
    """Two rule sets with the same name were to be served together."""

    code = "duplicate_rule_set"


class StoreUnavailable(CartwrightError):
    """Redis does not answer in time. The command may have been done, and may be tried again."""

    code = "store_unavailable"


class StoreFull(CartwrightError):
    """Redis has no memory left; nothing was written."""

    code = "store_full"


class InvalidReceipt(CartwrightError):
    """A stream entry that is not a receipt, or has a format that this version does not read."""

    code = "invalid_receipt"


class ReceiptNotFound(CartwrightError):
    """There is no receipt with this key, or it is no longer in the store."""

    code = "receipt_not_found"


class UnsuitableRedis(CartwrightError):
    """Redis cannot be used: it is too old or not found, or its address or folder is not valid."""

    code = "unsuitable_redis"


class InvalidPattern(CartwrightError):
    """A pattern from which no coupon codes can be drawn, or so few that they could be guessed."""

    code = "invalid_pattern"


class InvalidCodes(CartwrightError):
    """A file that is not a list of coupon codes, or has a code that is not valid."""

    code = "invalid_codes"


class PoolMissing(CartwrightError):
    """A pool of coupon codes is not in the store: it was never filled, or is lost."""

    code = "pool_missing"


class InvalidCodeKey(CartwrightError):
    """The key that protects codes is missing, not valid, or different from the one that the store was filled under."""

    code = "invalid_code_key"


class StoreMissing(CartwrightError):
    """The service has no store, so it cannot publish or reserve."""

    code = "store_missing"


class LedgerClosed(CartwrightError):
    """The ledger of a rule set is not open: the rule set is new, or its counters are lost."""

    code = "ledger_closed"


class KeyReused(CartwrightError):
    """The key of a reservation or return was used for another request."""

    code = "key_reused"


class ReservationNotFound(CartwrightError):
    """There is no reservation with this key: it was never made, or ended long ago."""

    code = "reservation_not_found"


class ReservationExpired(CartwrightError):
    """The reservation to be committed has expired."""

    code = "reservation_expired"


class ReservationReleased(CartwrightError):
    """The reservation to be committed was released."""

    code = "reservation_released"


class ReservationReplaced(CartwrightError):
    """The reservation to be committed was replaced by another one of its cart."""

    code = "reservation_replaced"


class ReservationCommitted(CartwrightError):
    """The reservation to be released has been committed."""

    code = "reservation_committed"


class CountersMoved(CartwrightError):
    """Other calls redeemed the same limits each time the cart was priced; try again."""

    code = "counters_moved"


class CallFailed(CartwrightError):
    """A call to the service failed for a reason other than the cart or the caller's permissions."""

    code = "call_failed"


class NotPermitted(CartwrightError):
    """The caller is not permitted to do this, such as choosing the moment or publishing rule sets."""

    code = "not_permitted"


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault of a request: the path of the field (``lines[2].quantity``) and what is wrong."""

    field: str
    description: str


class InvalidRequest(CartwrightError):
    """A request that is not valid; carries every violation found, not only the first."""

    code = "invalid_request"

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{each.field}: {each.description}" for each in self.violations))


class InvalidCart(InvalidRequest):
    """A cart that cannot be priced."""

    code = "invalid_cart"


class InvalidMutation(InvalidRequest):
    """A change that cannot be made to a cart, such as to a line that does not exist."""

    code = "invalid_mutation"


class InvalidReturn(InvalidRequest):
    """A return that cannot be made, such as one of more units than are left."""

    code = "invalid_return"


class CartUnknown(CartwrightError):
    """The service does not hold the cart to be changed, or no longer does: send the whole cart."""

    code = "cart_unknown"


class RevisionMismatch(CartwrightError):
    """The service holds the cart to be changed at another revision: send the whole cart."""

    code = "revision_mismatch"
