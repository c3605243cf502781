"""Which coupon codes of a cart count, and the status of each (docs/pricing.md §5, §8)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass

from engine.pricing.cart import Cart, CouponFact, CouponState
from engine.pricing.quote import Adjustment, CouponStatus, Outcome, Reason, Status

_LOWER = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")

_STATUSES = {
    Reason.EXPIRED: Status.EXPIRED,
    Reason.NOT_STARTED: Status.NOT_STARTED,
    Reason.LIMIT_TOTAL: Status.EXHAUSTED,
    Reason.LIMIT_CUSTOMER: Status.EXHAUSTED,
    Reason.LIMIT_CODE: Status.EXHAUSTED,
    Reason.BUDGET_SPENT: Status.EXHAUSTED,
    Reason.BUDGET_EXCEEDED: Status.EXHAUSTED,
    Reason.DISPLACED: Status.NOT_BEST,
    Reason.NOT_BEST: Status.NOT_BEST,
}
"""Every other reason is NOT_ELIGIBLE."""

_RANKS = {reason: rank for rank, reason in enumerate(Reason)}
"""How far a promotion came: the later its reason, the further."""


def fold(code: str, case_sensitive: bool) -> str:
    """The form that equal codes share: ``Summer`` and ``SUMMER`` fold to the same text unless case matters."""
    return code if case_sensitive else code.translate(_LOWER)


@dataclass(frozen=True, slots=True)
class Coded:
    """A promotion that needs one of ``codes`` (folded) or a code of ``pool``, each redeemed at most ``per_code`` times.

    ``pool`` is empty if there is none; ``per_code`` is None if there is no limit.
    """

    promotion_id: str
    codes: frozenset[str]
    pool: str
    per_code: int | None


class SentCodes:
    """The codes of one cart; an empty text is not a code.

    ``sent`` maps the folded form of each code to the code as first sent, in the order sent; ``counting`` are the folded
    codes that no later one replaced. Coupon facts count only for codes that the rule set does not list (``listed``,
    folded).
    """

    def __init__(self, cart: Cart, listed: Container[str], case_sensitive: bool, one_per_cart: bool) -> None:
        self.sent: dict[str, str] = {}
        last = ""
        for code in filter(None, cart.coupons):
            last = fold(code, case_sensitive)
            self.sent.setdefault(last, code)
        self.counting = tuple(code for code in self.sent if code == last or not one_per_cart)
        self._facts: dict[str, CouponFact] = {}
        for fact in cart.coupon_facts:
            code = fold(fact.code, case_sensitive)
            if code in self.sent and code not in listed:
                self._facts.setdefault(code, fact)
        self._uses: dict[tuple[str, str], int] = {}
        for each in cart.usage if self.sent else ():
            for code, count in each.codes.items():
                key = each.promotion_id, fold(code, case_sensitive)
                self._uses[key] = self._uses.get(key, 0) + count

    def belongs_to(self, promotion: Coded, code: str) -> bool:
        """Whether a folded code is one of the promotion's own."""
        fact = self._facts.get(code)
        if fact is None:
            return code in promotion.codes
        return fact.state is not CouponState.UNVERIFIED and fact.pool == promotion.pool

    def is_used_up(self, promotion: Coded, code: str) -> bool:
        """Whether a folded code was redeemed as often as the promotion allows; for a code of a pool, once."""
        if self.is_spent(code):
            return True
        return promotion.per_code is not None and self.uses(promotion, code) >= promotion.per_code

    def is_spent(self, code: str) -> bool:
        """Whether a folded code is a unique one that has been redeemed."""
        return self._state(code) is CouponState.SPENT

    def uses(self, promotion: Coded, code: str) -> int:
        """How often the promotion was redeemed with a folded code."""
        return self._uses.get((promotion.promotion_id, code), 0)

    def _state(self, code: str) -> CouponState | None:
        return self._facts[code].state if code in self._facts else None

    def statuses(
        self, promotions: Iterable[Coded], adjustments: Iterable[Adjustment], outcomes: Mapping[str, Outcome]
    ) -> tuple[CouponStatus, ...]:
        """One per code, in the order sent.

        ``promotions`` are in the order of granting; ``outcomes`` are those of the promotions not applied, by id.
        """
        used = {each.promotion_id: each.coupon for each in adjustments if each.coupon}
        coded = list(promotions) if self.sent else []
        return tuple(
            self._status(code, [each for each in coded if self.belongs_to(each, code)], used, outcomes)
            for code in self.sent
        )

    def _status(
        self, code: str, promotions: list[Coded], used: Mapping[str, str], outcomes: Mapping[str, Outcome]
    ) -> CouponStatus:
        sent = self.sent[code]
        if not promotions:
            unverified = self._state(code) is CouponState.UNVERIFIED
            return CouponStatus(sent, Status.UNKNOWN, Reason.UNVERIFIED if unverified else None, ())
        applied = tuple(each.promotion_id for each in promotions if used.get(each.promotion_id) == sent)
        if applied:
            return CouponStatus(sent, Status.APPLIED, None, applied)
        reasons = [self._reason(code, each, outcomes) for each in promotions]
        furthest = max(reasons, key=lambda reason: _RANKS[reason])
        promotion = promotions[reasons.index(furthest)]
        return CouponStatus(sent, _STATUSES.get(furthest, Status.NOT_ELIGIBLE), furthest, (promotion.promotion_id,))

    def _reason(self, code: str, promotion: Coded, outcomes: Mapping[str, Outcome]) -> Reason:
        """Why a promotion did not apply with this code."""
        if code not in self.counting:
            return Reason.COUPON_REPLACED
        outcome = outcomes.get(promotion.promotion_id)
        reason = Reason.NOT_BEST if outcome is None else outcome.reason
        if self.is_used_up(promotion, code) and _RANKS[reason] > _RANKS[Reason.LIMIT_CODE]:
            return Reason.LIMIT_CODE
        return reason
