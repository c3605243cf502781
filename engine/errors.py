"""Exceptions with a stable code.

The service turns them into a gRPC status in one place, the command line into a line for people in one renderer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar


class CartwrightError(Exception):
    """Base of every error a caller may meet; ``code`` is part of the API and never changes."""

    code: ClassVar[str] = "error"


class InvalidAmount(CartwrightError):
    """A decimal text that is no exact amount of its currency, or an amount out of range."""

    code = "invalid_amount"


class UnknownCurrency(CartwrightError):
    """A currency code that ISO 4217 does not list."""

    code = "unknown_currency"


class InvalidArtifact(CartwrightError):
    """Bytes that are no compiled rule set of this format, or a damaged one."""

    code = "invalid_artifact"


class InvalidCatalogue(CartwrightError):
    """A file that is no catalogue."""

    code = "invalid_catalogue"


class RuleSetNotFound(CartwrightError):
    """The cart names a rule set that is not loaded here."""

    code = "rule_set_not_found"


class RevisionNotFound(CartwrightError):
    """The store has no such revision of the rule set."""

    code = "revision_not_found"


class NoEarlierRevision(CartwrightError):
    """No revision was active before the one that is: there is nothing to go back to."""

    code = "no_earlier_revision"


class ActivationConflict(CartwrightError):
    """Another revision is active than the one to be taken back: someone else changed it."""

    code = "activation_conflict"


class TooManyStreams(CartwrightError):
    """As many streams are open as the service takes."""

    code = "too_many_streams"


class DuplicateRuleSet(CartwrightError):
    """Two rule sets of one name are to be loaded side by side."""

    code = "duplicate_rule_set"


class StoreUnavailable(CartwrightError):
    """Redis does not answer, or not in time: what waits for it may be tried again; it may have been done."""

    code = "store_unavailable"


class StoreFull(CartwrightError):
    """Redis has no memory left for what is to be written; nothing was written."""

    code = "store_full"


class InvalidReceipt(CartwrightError):
    """A stream entry that is no receipt, or one of a format this version does not read."""

    code = "invalid_receipt"


class ReceiptNotFound(CartwrightError):
    """No receipt has this key, or it is no longer in the store."""

    code = "receipt_not_found"


class UnsuitableRedis(CartwrightError):
    """A Redis that cannot be used: too old, none to be found, an address that is none, or a folder that will not do."""

    code = "unsuitable_redis"


class InvalidPattern(CartwrightError):
    """A pattern that no coupon codes can be drawn from, or so few that they could be guessed."""

    code = "invalid_pattern"


class InvalidCodes(CartwrightError):
    """A file that is no list of coupon codes, or has one that cannot be."""

    code = "invalid_codes"


class PoolMissing(CartwrightError):
    """A pool of coupon codes is not in the store: it was never filled, or is lost, so nobody can say what it has."""

    code = "pool_missing"


class InvalidCodeKey(CartwrightError):
    """The key under which codes are kept is missing, is none, or is not the one that the store was filled under."""

    code = "invalid_code_key"


class StoreMissing(CartwrightError):
    """The service has no store, and so publishes and reserves nothing."""

    code = "store_missing"


class LedgerClosed(CartwrightError):
    """Nothing says how much of a rule set was redeemed so far: it is new, or its counters are lost."""

    code = "ledger_closed"


class KeyReused(CartwrightError):
    """The key of a reservation was used for another request."""

    code = "key_reused"


class ReservationNotFound(CartwrightError):
    """No reservation has this key; it was never made, or ended long ago."""

    code = "reservation_not_found"


class ReservationExpired(CartwrightError):
    """The reservation to be committed outlived its time, and was given back."""

    code = "reservation_expired"


class ReservationReleased(CartwrightError):
    """The reservation to be committed was released."""

    code = "reservation_released"


class ReservationReplaced(CartwrightError):
    """The reservation to be committed made way for another one of its cart."""

    code = "reservation_replaced"


class ReservationCommitted(CartwrightError):
    """The reservation to be released is committed."""

    code = "reservation_committed"


class CountersMoved(CartwrightError):
    """What a quote redeems was taken by others, each time it was priced; it may be tried again."""

    code = "counters_moved"


class CallFailed(CartwrightError):
    """A call to the service failed for a reason that lies neither in the cart nor in the caller's rights."""

    code = "call_failed"


class NotPermitted(CartwrightError):
    """The caller asked for something it has no right to, such as choosing the moment, or publishing rule sets."""

    code = "not_permitted"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing wrong with a request: the field's path (``lines[2].quantity``) and what would do."""

    field: str
    description: str


class InvalidRequest(CartwrightError):
    """A request that makes no sense; carries every violation found, not only the first."""

    code = "invalid_request"

    def __init__(self, violations: Iterable[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__("; ".join(f"{each.field}: {each.description}" for each in self.violations))


class InvalidCart(InvalidRequest):
    """A cart that cannot be priced."""

    code = "invalid_cart"


class InvalidMutation(InvalidRequest):
    """A change of a cart that cannot be made, such as one of a line that is not there."""

    code = "invalid_mutation"


class InvalidReturn(InvalidRequest):
    """A return that cannot be made, such as one of more units than are left."""

    code = "invalid_return"


class CartUnknown(CartwrightError):
    """The cart to be changed is not held by the service, or no longer; sent whole, it is."""

    code = "cart_unknown"


class RevisionMismatch(CartwrightError):
    """The cart to be changed is held by the service at another revision; sent whole, it is replaced."""

    code = "revision_mismatch"
