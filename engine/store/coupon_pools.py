"""Pools of unique coupon codes in Redis: filling, looking up, limiting guesses (docs/redis.md).

A pool keeps only a digest of each code, under a key that is not in Redis, as a member of a small set of integers: nine
bytes per code. Uses are counted like everything else that is redeemed, so one script reserves it all.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from engine.errors import InvalidCodeKey, InvalidCodes, PoolMissing
from engine.pricing.cart import CouponFact, CouponState
from engine.pricing.validation import CART_LIMITS
from engine.rules.check import NAME, NAME_WANTED
from engine.store.code_key import CodeKey
from engine.store.connection import Connection, Value
from engine.store.counting import Counter, Kind, Take
from engine.store.coupon_codes import Pattern
from engine.store.keys import RedemptionKeys
from engine.store.redemptions import Holds

BATCH = 1_000
"""Codes that one script adds, which takes Redis a few milliseconds."""
_FILL = 384
"""Largest average number of codes per bucket: beyond 512, Redis would take eight times the memory for a set."""
_LOW = (1 << 24) - 1
"""The bits of a digest that number its bucket."""
PARTS = 4096
"""Parts into which a pool's used codes are divided: hashes that stay small until millions are used."""
_MOVED_AT_ONCE = 4
"""Buckets that one script moves."""
_ANY = "*"
_KEY_FIELD = ":key"
_REFUSED = "?"
_PATTERNS_AGE = 30.0
"""Seconds that patterns are cached."""

Progress = Callable[[int], None]


class Throttle(NamedTuple):
    """How many unknown codes may be tried within ``seconds`` of the first."""

    by_client: int = 200
    by_customer: int = 20
    seconds: int = 600


THROTTLE = Throttle()


class Added(NamedTuple):
    """Codes that were new to their pool, and those that were there already."""

    new: int
    known: int


class LookUp(NamedTuple):
    """What is known about codes; codes that are not listed are in no pool.

    ``refused``: too many unknown codes were tried, so some or all were not looked up; these are unverified.
    """

    facts: tuple[CouponFact, ...]
    refused: bool = False


class Pool(NamedTuple):
    """A pool; ``patterns`` is empty if its codes may have any form. ``memory`` is in bytes of Redis."""

    name: str
    patterns: tuple[str, ...]
    codes: int
    used: int
    memory: int


class _Kept(NamedTuple):
    """What is stored of a pool beside its codes; no patterns mean that codes may have any form."""

    patterns: tuple[str, ...]
    buckets: int


class CouponPools:
    """The pools of one rule set; any thread may call it, and every call may be repeated.

    Every method raises StoreUnavailable, StoreFull, and InvalidCodeKey if pools were filled under another key.
    """

    def __init__(self, connection: Connection, rule_set: str, key: CodeKey) -> None:
        self._connection = connection
        self._rule_set = rule_set
        self._key = key
        self._keys = RedemptionKeys(rule_set)
        self._patterns: dict[str, tuple[Pattern, ...]] = {}
        self._patterns_until = 0.0

    def add(
        self,
        pool: str,
        codes: Iterable[str],
        expected: int,
        pattern: Pattern | None = None,
        progress: Progress = lambda done: None,
        *,
        any_form: bool = False,
    ) -> Added:
        """Put codes into a pool, which is created if necessary. Codes that were added stay if a later one fails.

        The codes have the form of ``pattern``, which the pool has from now on; with ``any_form``, the pool may have any
        codes from now on. Otherwise the pool keeps its patterns, and the codes must match one; a new pool has none.

        ``expected`` is their number; ``progress`` is called with how many more are stored. Raises InvalidCodes for a
        name of a pool or a code that is not valid or matches no pattern, and PoolMissing if the pool is dropped
        meanwhile.
        """
        if not NAME.fullmatch(pool):
            raise InvalidCodes(f"{pool[:100]!r} is not a valid pool name: it must have {NAME_WANTED}")
        patterns = self._grow(pool, expected, _ANY if any_form else "" if pattern is None else pattern.text)
        accepted = patterns if pattern is None else (pattern,)
        new = done = 0
        for batch in _batches(_sound(codes, accepted)):
            arguments: list[Value] = [pool, self._keys.buckets]
            for code in batch:
                digest = self._key.digest(self._rule_set, code)
                arguments += digest, digest & _LOW
            added = int(self._connection.run("add_codes", [self._keys.pools, self._keys.absent], arguments))
            if added < 0:
                raise PoolMissing(f"pool {pool} of {self._rule_set} was dropped while it was being filled")
            new += added
            done += len(batch)
            progress(len(batch))
        return Added(new, done - new)

    def look_up(
        self,
        codes: Sequence[str],
        pools: Iterable[str],
        client: str,
        customer_id: str = "",
        held: Holds | None = None,
        throttle: Throttle = THROTTLE,
    ) -> LookUp:
        """What the pools know about codes, in one round trip; what the cart has reserved (``held``) is available.

        A mistyped code, which matches no pattern, is not looked up. If a code is in several pools, the first by name
        counts. Guesses of customers without an id are counted by client only. Raises PoolMissing if a code was not
        found and a pool is missing, because a lost code is not an unknown one.
        """
        wanted = sorted(pools)
        asked = [code for code in dict.fromkeys(codes) if self._may_be(code, wanted)]
        if not asked:
            return LookUp(())
        guesses = [self._keys.guesses("client", client)]
        guesses += [self._keys.guesses("customer", customer_id)] if customer_id else []
        digests = [self._key.digest(self._rule_set, code) for code in asked]
        arguments: list[Value] = [self._keys.buckets, self._keys.counter(Counter(Kind.UNIQUE)), PARTS]
        arguments += [throttle.seconds * 1_000, throttle.by_client, throttle.by_customer, len(wanted), *wanted]
        for digest in digests:
            arguments += digest, digest & _LOW
        reply = self._connection.run("look_up_codes", [self._keys.pools, self._keys.absent, *guesses], arguments)
        if reply[0] == b"missing":
            raise PoolMissing(f"the store has no pool {reply[1].decode()} of {self._rule_set}: import its codes")
        facts = []
        for code, digest, owner, uses in zip(asked, digests, reply[::2], reply[1::2], strict=True):
            pool = owner.decode()
            if pool == _REFUSED:
                facts.append(CouponFact(code=code, state=CouponState.UNVERIFIED))
            elif pool:
                own = (held or {}).get(_counter(pool, digest), {}).get(str(digest), 0)
                state = CouponState.SPENT if int(uses) > own else CouponState.AVAILABLE
                facts.append(CouponFact(code=code, state=state, pool=pool))
        return LookUp(tuple(facts), refused=_REFUSED.encode() in reply[::2])

    def take(self, pool: str, code: str) -> Take:
        """What a reservation takes for a unique code: its only use, however many promotions it serves."""
        digest = self._key.digest(self._rule_set, code)
        return Take(_counter(pool, digest), str(digest), amount=1, most=1, kept=0)

    def check_key(self) -> None:
        """Raises InvalidCodeKey if pools are kept under another key; the first pool filled decides."""
        fingerprint = self._connection.call("HGET", self._keys.pools, _KEY_FIELD)
        self._check_key(None if fingerprint is None else fingerprint.decode())

    def pools(self) -> list[Pool]:
        """All pools by name. Reads every bucket: for operators, not for pricing."""
        found = []
        for name, kept in sorted(self._kept().items()):
            buckets = self._buckets(name, kept.buckets)
            used = [self._keys.counter(_counter(name, part)) for part in range(PARTS)]
            found.append(
                Pool(
                    name,
                    kept.patterns,
                    self._sum("SCARD", buckets),
                    self._sum("HLEN", used),
                    self._sum("MEMORY USAGE", buckets + used),
                )
            )
        return found

    def _kept(self) -> dict[str, _Kept]:
        """What is stored of each pool, by name. Raises InvalidCodeKey."""
        fields = {
            name.decode(): value.decode() for name, value in self._connection.call("HGETALL", self._keys.pools).items()
        }
        self._check_key(fields.pop(_KEY_FIELD, None))
        kept = {}
        for field, value in fields.items():
            name, _, kind = field.rpartition(":")
            if kind == "depth":
                kept[name] = _Kept(_patterns(fields[f"{name}:patterns"]), 1 << int(value))
        return kept

    def _buckets(self, pool: str, count: int) -> list[str]:
        return [f"{self._keys.buckets}{pool}:{number:x}" for number in range(count)]

    def _sum(self, command: str, keys: Iterable[str]) -> int:
        return sum(reply or 0 for reply in self._connection.call_all([(*command.split(), key) for key in keys]))

    def _may_be(self, code: str, pools: Iterable[str]) -> bool:
        """Whether any of the pools may have a code, by cached patterns; a new pool may have any."""
        if time.monotonic() >= self._patterns_until:
            self._patterns = {name: tuple(map(Pattern, kept.patterns)) for name, kept in self._kept().items()}
            self._patterns_until = time.monotonic() + _PATTERNS_AGE
        return any(
            not self._patterns.get(pool) or any(each.fits(code) for each in self._patterns[pool]) for pool in pools
        )

    def _check_key(self, fingerprint: str | None) -> None:
        if fingerprint not in (None, self._key.fingerprint):
            raise InvalidCodeKey(f"the codes of {self._rule_set} in the store are kept under a different key")

    def _grow(self, pool: str, expected: int, pattern: str) -> tuple[Pattern, ...]:
        """Create buckets, or more of them, so that each stays small. Returns the patterns of the pool.

        ``pattern`` is added to them; an empty one adds none.
        """
        kept = self._kept().get(pool)
        codes = 0 if kept is None else self._sum("SCARD", self._buckets(pool, kept.buckets))
        depth = ((codes + expected) // _FILL).bit_length()
        arguments: list[Value] = [pool, depth, pattern, self._key.fingerprint]
        while True:
            now, grows_from, fingerprint, patterns = self._connection.run("grow_pool", [self._keys.pools], arguments)
            self._check_key(fingerprint.decode())
            if grows_from is None:
                return tuple(map(Pattern, _patterns(patterns.decode())))
            self._move(pool, grows_from, now)

    def _move(self, pool: str, grows_from: int, depth: int) -> None:
        """Move codes to their new buckets; while they are moved, they are looked up in both places."""
        buckets = 1 << grows_from
        for first in [*range(0, buckets, _MOVED_AT_ONCE), buckets]:
            count = min(_MOVED_AT_ONCE, buckets - first)
            arguments: list[Value] = [pool, self._keys.buckets, first, count, grows_from, depth]
            self._connection.run("move_codes", [self._keys.pools, self._keys.absent], arguments)


def _patterns(stored: str) -> tuple[str, ...]:
    """Empty if codes may have any form."""
    patterns = tuple(stored.split())
    return () if _ANY in patterns else patterns


def _counter(pool: str, digest: int) -> Counter:
    return Counter(Kind.UNIQUE, "", f"{pool}/{(digest & _LOW) % PARTS:x}")


def _sound(codes: Iterable[str], patterns: Sequence[Pattern]) -> Iterator[str]:
    for number, code in enumerate(codes, 1):
        if not code or code != code.strip() or len(code) > CART_LIMITS.text:
            raise InvalidCodes(
                f"code {number:,}, {code[:100]!r}, is empty, is too long, or begins or ends with a blank"
            )
        if patterns and not any(each.fits(code) for each in patterns):
            forms = " or ".join(each.text for each in patterns)
            raise InvalidCodes(
                f"code {number:,}, {code[:100]!r}, does not match {forms}, or is mistyped; "
                "to accept codes of any form, pass `--pattern any`"
            )
        yield code


def _batches(codes: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(codes, BATCH)):
        yield batch
