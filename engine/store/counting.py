"""The counters of a rule set, what they mean for a cart, and what a quote takes from them.

A counter exists only where a promotion is limited. What others have reserved counts as redeemed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from engine._native.program import Program
from engine.errors import InvalidCart, Violation
from engine.pricing.cart import Usage
from engine.pricing.coupons import fold
from engine.pricing.redemption import Limit, Period, Redeemable
from engine.store.retention import DAY

_KEPT = {None: 0, Period.DAY: 2 * DAY, Period.WEEK: 8 * DAY, Period.MONTH: 32 * DAY, Period.YEAR: 367 * DAY}
"""Milliseconds that a counter is kept after its last change: its period plus a day; 0 means for ever."""
_MINUTE = 60 * 10**9


class Kind(Enum):
    """Kinds of counters."""

    TOTAL = "total"
    CUSTOMER = "customer"
    CODE = "code"
    SPENT = "spent"
    UNIQUE = "unique"
    """For unique codes: ``subject`` is a part of a pool, and digests take the place of promotions."""


class Counter(NamedTuple):
    """Redemptions by promotion: in all, by customer or by code; or money spent in a currency, in minor units.

    ``period`` is a label such as ``2026-06``, empty for ever; ``subject`` is the customer's id, the code as the rule
    set folds it, or the currency.
    """

    kind: Kind
    period: str = ""
    subject: str = ""


class Take(NamedTuple):
    """Add ``amount`` to a promotion's entry of a counter, if the result is at most ``most``."""

    counter: Counter
    promotion_id: str
    amount: int
    most: int
    kept: int
    """Milliseconds that the counter is kept after its last change; 0 means for ever."""


class Redeemer(NamedTuple):
    """The parts of a cart that select counters; ``codes`` are as sent."""

    cart_id: str
    currency: str
    at: int
    customer_id: str
    codes: tuple[str, ...]


class Granted(NamedTuple):
    """The counted parts of an adjustment: the code it used, as sent, and money off plus credit."""

    promotion_id: str
    coupon: str
    money: int


Tally: TypeAlias = Mapping[str, int]
"""By promotion."""
Reading: TypeAlias = Callable[[Counter], Tally]
NOTHING: Tally = MappingProxyType({})
NO_USAGE: Mapping[str, Usage] = MappingProxyType({})


class Counting:
    """What is counted for one rule set; never changes except for a cache. Any thread may call it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self.pools = program.pools
        self._redeemables = {each.promotion_id: each for each in program.redeemables}
        shared = [each for each in program.redeemables if each.total is not None or each.budget]
        self._codes = frozenset(code for each in program.redeemables for code in each.codes)
        self._counted_codes = frozenset(
            code for each in program.redeemables if each.per_code is not None for code in each.codes
        )
        self._coded: dict[str, list[str]] = {}
        for each in shared:
            for code in each.codes:
                self._coded.setdefault(code, []).append(each.promotion_id)
        self._pooled = [each.promotion_id for each in shared if each.pool]
        self._automatic = {each.promotion_id for each in program.redeemables if not (each.codes or each.pool)}
        self._total_periods = self._periods(lambda each: each.total)
        self._customer_periods = self._periods(lambda each: each.per_customer)
        self._code_periods = self._periods(lambda each: each.per_code)
        self._has_budgets = any(each.budget for each in program.redeemables)
        self.counts = bool(
            self._total_periods or self._customer_periods or self._code_periods or self._has_budgets or self.pools
        )
        """Whether the store can know anything that matters to carts."""
        self._labels: tuple[int, dict[Period | None, str]] = (-1, {})
        self._remembered: dict[str, tuple[int, int, Mapping[str, Usage]]] = {}  # by currency: change, minute

    def _periods(self, limit_of: Callable[[Redeemable], Limit | None]) -> tuple[Period | None, ...]:
        limits = map(limit_of, self._redeemables.values())
        return tuple(dict.fromkeys(limit.period for limit in limits if limit is not None))

    def counters(self, cart: Redeemer) -> tuple[Counter, ...]:
        """The counters that can matter for a cart."""
        return (*self._shared(cart), *self._own(cart))

    def usage(self, cart: Redeemer, reading: Reading, change: int | None = None) -> Mapping[str, Usage]:
        """The usage that can matter, by promotion, so that quotes of carts that touch no limit do not change.

        It has exhausted limits, money spent of budgets, and uses of the cart's customer and codes. The part that is the
        same for all carts is computed once per ``change``, the number of the last change of these counters; with None
        it is computed each time.
        """
        minute = cart.at // _MINUTE
        remembered = self._remembered.get(cart.currency)
        if remembered is not None and remembered[:2] == (change, minute):
            usage = remembered[2]
        else:
            tallies = [(counter, _among(self._automatic, reading(counter))) for counter in self._shared(cart)]
            usage = self._usage(tallies, cart.at)
            if change is not None:
                self._remembered[cart.currency] = change, minute, usage
        if not (cart.codes or cart.customer_id):
            return usage
        named = self._named(cart) if cart.codes else ()
        own = [(counter, reading(counter)) for counter in self._own(cart)]
        if named:
            own += [(counter, _among(named, reading(counter))) for counter in self._shared(cart)]
        return self._usage(own, cart.at, usage)

    def unlisted(self, cart: Redeemer) -> list[str]:
        """The cart's codes, as sent, that the rule set does not list and a pool may have."""
        if not (cart.codes and self.pools):
            return []
        return [code for code in dict.fromkeys(cart.codes) if code and self._folded(code) not in self._codes]

    def takes(self, cart: Redeemer, granted: Iterable[Granted]) -> dict[str, list[Take]]:
        """What a quote takes, by promotion: 1 use and 1500 for one with a limit and a budget that took 15.00 off.

        Raises InvalidCart if a promotion is limited per customer and the cart has no customer.
        """
        found: dict[str, list[Take]] = {}
        for each in granted:
            redeemable = self._redeemables.get(each.promotion_id)
            if redeemable is None:
                continue
            code = self._folded(each.coupon)
            takes = found.setdefault(each.promotion_id, [])
            if redeemable.per_customer is not None and not cart.customer_id:
                needed = f"is missing: {each.promotion_id} is limited per customer"
                raise InvalidCart([Violation("customer.id", needed)])
            for limit, kind, subject in (
                (redeemable.total, Kind.TOTAL, ""),
                (redeemable.per_customer, Kind.CUSTOMER, cart.customer_id),
                (redeemable.per_code if code in self._codes else None, Kind.CODE, code),
            ):
                if limit is not None:
                    counter = Counter(kind, self._label(limit.period, cart.at), subject)
                    takes.append(Take(counter, each.promotion_id, 1, limit.times, _KEPT[limit.period]))
            budget = redeemable.budget.get(cart.currency)
            if budget is not None and each.money:
                takes.append(Take(Counter(Kind.SPENT, "", cart.currency), each.promotion_id, each.money, budget, 0))
        return found

    def _shared(self, cart: Redeemer) -> list[Counter]:
        counters = [Counter(Kind.TOTAL, self._label(period, cart.at)) for period in self._total_periods]
        return [*counters, Counter(Kind.SPENT, "", cart.currency)] if self._has_budgets else counters

    def _own(self, cart: Redeemer) -> list[Counter]:
        counters = []
        if cart.customer_id:
            labels = [self._label(period, cart.at) for period in self._customer_periods]
            counters += [Counter(Kind.CUSTOMER, label, cart.customer_id) for label in labels]
        if not cart.codes:  # most carts: a tenth of what pricing a small one takes
            return counters
        labels = [self._label(period, cart.at) for period in self._code_periods]
        codes = dict.fromkeys(code for code in map(self._folded, cart.codes) if code in self._counted_codes)
        return counters + [Counter(Kind.CODE, label, code) for code in codes for label in labels]

    def _named(self, cart: Redeemer) -> dict[str, None]:
        """Promotions with limits that the cart's codes may serve; a code that no promotion lists may be in any pool."""
        named: dict[str, None] = {}
        for code in map(self._folded, cart.codes):
            served = self._coded.get(code, ()) if code in self._codes else self._pooled
            named.update(dict.fromkeys(served))
        return named

    def _usage(
        self, tallies: Iterable[tuple[Counter, Tally]], at: int, known: Mapping[str, Usage] = NO_USAGE
    ) -> Mapping[str, Usage]:
        usage: dict[str, Usage] | None = None
        for counter, tally in tallies:
            for id, count in tally.items():
                if id in self._redeemables and self._matters(counter, self._redeemables[id], count, at):
                    usage = dict(known) if usage is None else usage
                    usage[id] = counted(counter, usage.get(id) or Usage(promotion_id=id), count)
        return known if usage is None else usage

    def _matters(self, counter: Counter, redeemable: Redeemable, count: int, at: int) -> bool:
        if counter.kind is Kind.SPENT:
            return counter.subject in redeemable.budget and count > 0
        limit = {
            Kind.TOTAL: redeemable.total,
            Kind.CUSTOMER: redeemable.per_customer,
            Kind.CODE: redeemable.per_code,
        }[counter.kind]
        if limit is None or self._label(limit.period, at) != counter.period:
            return False
        return count >= (limit.times if counter.kind is Kind.TOTAL else 1)

    def _folded(self, code: str) -> str:
        return fold(code, not self._program.folds_codes)

    def _label(self, period: Period | None, at: int) -> str:
        """The label of the calendar period that a moment lies in; empty without a period."""
        minute, labels = self._labels  # periods begin at whole minutes
        if minute != at // _MINUTE:
            labels = {None: "", **{each: self._program.period(each, at) for each in Period}}
            self._labels = at // _MINUTE, labels
        return labels[period]


def _among(ids: Iterable[str], tally: Tally) -> Tally:
    return {id: tally[id] for id in ids if id in tally}


def counted(counter: Counter, usage: Usage, count: int) -> Usage:
    """A promotion's usage with the value of a counter added."""
    match counter.kind:
        case Kind.TOTAL:
            return replace(usage, total=count)
        case Kind.CUSTOMER:
            return replace(usage, customer=count)
        case Kind.CODE:
            return replace(usage, codes={**usage.codes, counter.subject: count})
        case Kind.SPENT:
            return replace(usage, spent=count)
        case Kind.UNIQUE:
            return usage  # unique codes are described by coupon facts
