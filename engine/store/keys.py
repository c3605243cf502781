"""The name of every key in Redis; docs/redis.md has the table of their types, lifetimes and sizes.

What one script or transaction touches together has one hash tag, and so one slot of a Cluster: all rule sets together
(``{rules}``), and of each rule set all that is redeemed of it (``{NAME}``).
"""

from __future__ import annotations

from engine.store.counting import Counter, Kind

_PREFIX = "cartwright"


class RuleSetKeys:
    """Where rule sets are kept: artifacts and their sources by hash, histories and pointers by name."""

    TAG = f"{_PREFIX}:{{rules}}"
    NAMES = f"{TAG}:names"
    """The rule sets there are."""
    GENERATION = f"{TAG}:generation"
    """Changes whenever a pointer does: the one thing that followers poll."""
    POINTERS = f"{TAG}:pointers"
    """By rule set, what is active and what is scheduled."""
    CHANNEL = f"{TAG}:changed"
    """Where the generation is told as a hint."""

    @classmethod
    def source(cls, digest: str) -> str:
        return f"{cls.TAG}:source:{digest}"

    @classmethod
    def revisions(cls, name: str) -> str:
        return f"{cls.TAG}:revisions:{name}"

    @classmethod
    def activations(cls, name: str) -> str:
        return f"{cls.TAG}:activations:{name}"

    @classmethod
    def artifact(cls, version: str) -> str:
        return f"{cls.TAG}:artifact:{version}"


class RedemptionKeys:
    """Where all that is redeemed of one rule set is kept."""

    def __init__(self, rule_set: str) -> None:
        self.tag = f"{_PREFIX}:{{{rule_set}}}"
        self.ledger = f"{self.tag}:ledger"
        """Hash: its epoch, once it is open, and the number of the last change."""
        self.open = f"{self.tag}:open"
        """Sorted set: the keys of the records of open reservations, by the millisecond they expire."""
        self.changes = f"{self.tag}:changes"
        """Stream: what counters came to, for replicas."""
        self.receipts = f"{self.tag}:receipts"
        """Stream of receipts, of returns too (engine/store/receipts.py)."""
        self.receipt_ids = f"{self.tag}:receipt-ids"
        """Hash: the stream id of a receipt by its key, that of the reservation it ended."""
        self.return_ids = f"{self.tag}:return-ids"
        """Hash: the stream id of a return by its own key."""
        self.returned = f"{self.tag}:returned"
        """Hash: the stream ids of all returns of a receipt, in order and parted by blanks, by the receipt's key."""

        self.pools = f"{self.tag}:pools"
        """Hash: of each pool of unique codes its patterns and how its buckets are numbered; whose key it was filled
        under (engine/store/coupon_pools.py).
        """
        self.buckets = f"{self.tag}:pool:"
        """What the keys of buckets begin with; then the pool, a colon and the bucket. Sets of digests of codes."""

    def guesses(self, of: str, by: str) -> str:
        """How many unknown codes a ``customer`` or ``client`` tried of late."""
        return f"{self.tag}:guesses:{of}:{by}"

    def reservation(self, key: str) -> str:
        """The record of the reservation that its caller knows by ``key``."""
        return f"{self.tag}:reservation:{key}"

    def cart(self, cart_id: str) -> str:
        """Which reservation of a cart is open."""
        return f"{self.tag}:cart:{cart_id}"

    def counter(self, counter: Counter) -> str:
        """What was redeemed, by promotion."""
        return f"{self.tag}:{counter.kind.value}:{counter.period}:{counter.subject}"

    def counter_of(self, key: str) -> Counter:
        """The counter whose key it is."""
        kind, period, subject = key.removeprefix(f"{self.tag}:").split(":", 2)
        return Counter(Kind(kind), period, subject)
