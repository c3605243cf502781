"""The names of all keys in Redis; docs/redis.md lists their types, lifetimes and sizes.

Keys that one script touches share a hash tag, and so one slot of a Cluster: ``{rules}`` for all rule sets, ``{NAME}``
for everything redeemed of a rule set.
"""

from __future__ import annotations

from engine.store.counting import Counter, Kind

_PREFIX = "cartwright"


class RuleSetKeys:
    """Keys of rule sets: artifacts and sources by hash, histories and pointers by name."""

    TAG = f"{_PREFIX}:{{rules}}"
    NAMES = f"{TAG}:names"
    """Set: the names of all rule sets."""
    GENERATION = f"{TAG}:generation"
    """String: changes whenever a pointer does; the only key that followers poll."""
    POINTERS = f"{TAG}:pointers"
    """Hash: the active and the scheduled activation, by rule set."""
    CHANNEL = f"{TAG}:changed"
    """The channel on which a new generation is announced."""

    @classmethod
    def source(cls, digest: str) -> str:
        return f"{cls.TAG}:source:{digest}"

    @classmethod
    def source_of(cls, version: str) -> str:
        """String: the digest of the source of a rule set that was served from a file."""
        return f"{cls.TAG}:source-of:{version}"

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
    """Keys of everything redeemed of one rule set."""

    def __init__(self, rule_set: str) -> None:
        self.tag = f"{_PREFIX}:{{{rule_set}}}"
        self.ledger = f"{self.tag}:ledger"
        """Hash: the epoch, once the ledger is open, and the number of the last change."""
        self.open = f"{self.tag}:open"
        """Sorted set: keys of the records of open reservations, by the millisecond they expire."""
        self.changes = f"{self.tag}:changes"
        """Stream: new values of counters, for replicas."""
        self.receipts = f"{self.tag}:receipts"
        """Stream: receipts of sales and returns (engine/store/receipts.py)."""
        self.receipt_ids = f"{self.tag}:receipt-ids"
        """Hash: the stream id of a receipt, by the key of its reservation."""
        self.return_ids = f"{self.tag}:return-ids"
        """Hash: the stream id of a return, by its own key."""
        self.returned = f"{self.tag}:returned"
        """Hash: the stream ids of a receipt's returns, in order, separated by blanks, by the receipt's key."""
        self.absent = f"{self.tag}:absent"
        """Never exists. While a Cluster moves the slot, it refuses a script that names a missing key: a key that the
        script finds, without naming it, may be on the other node and seem to be missing.
        """
        self.common = self.ledger, self.open, self.changes, self.absent
        """The first keys of each script that begins with ledger.lua."""

        self.pools = f"{self.tag}:pools"
        """Hash: patterns and depth of each pool of unique codes, and the fingerprint of their key
        (engine/store/coupon_pools.py).
        """
        self.buckets = f"{self.tag}:pool:"
        """Prefix of the keys of buckets, followed by the pool, a colon and the bucket: sets of digests of codes."""

    def guesses(self, of: str, by: str) -> str:
        """How many unknown codes a ``customer`` or ``client`` tried recently."""
        return f"{self.tag}:guesses:{of}:{by}"

    def reservation(self, key: str) -> str:
        """The record of the reservation with this ``key``."""
        return f"{self.tag}:reservation:{key}"

    def cart(self, cart_id: str) -> str:
        """The open reservation of a cart."""
        return f"{self.tag}:cart:{cart_id}"

    def counter(self, counter: Counter) -> str:
        """What was redeemed, by promotion."""
        return f"{self.tag}:{counter.kind.value}:{counter.period}:{counter.subject}"

    def counter_of(self, key: str) -> Counter:
        """The counter that has this key."""
        kind, period, subject = key.removeprefix(f"{self.tag}:").split(":", 2)
        return Counter(Kind(kind), period, subject)
