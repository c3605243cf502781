"""Which coupon codes of a cart count, and what became of each (docs/pricing.md §5, §8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from engine.pricing.cart import Usage
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
"""How far a promotion came."""


def fold(code: str, case_sensitive: bool) -> str:
    """What two codes that are the same have in common: ``Summer`` and ``SUMMER``, unless case tells them apart."""
    return code if case_sensitive else code.translate(_LOWER)


@dataclass(frozen=True, slots=True)
class Coded:
    """A promotion that needs one of ``codes`` (folded), each redeemed at most ``per_code`` times; None: any number."""

    promotion_id: str
    codes: frozenset[str]
    per_code: int | None


class SentCodes:
    """The codes of one cart, of which an empty text is none.

    ``sent`` is each as first sent by its folded form, in the order sent; ``counting`` are those that no later one
    replaced, folded.
    """

    def __init__(
        self, coupons: Iterable[str], usage: Iterable[Usage], case_sensitive: bool, one_per_cart: bool
    ) -> None:
        self.sent: dict[str, str] = {}
        last = ""
        for code in filter(None, coupons):
            last = fold(code, case_sensitive)
            self.sent.setdefault(last, code)
        self.counting = tuple(code for code in self.sent if code == last or not one_per_cart)
        self._uses: dict[tuple[str, str], int] = {}
        for each in usage if self.sent else ():
            for code, count in each.codes.items():
                key = each.promotion_id, fold(code, case_sensitive)
                self._uses[key] = self._uses.get(key, 0) + count

    def is_used_up(self, promotion: Coded, code: str) -> bool:
        """Whether a folded code was redeemed as often as the promotion allows."""
        return (
            promotion.per_code is not None and self._uses.get((promotion.promotion_id, code), 0) >= promotion.per_code
        )

    def statuses(
        self, promotions: Iterable[Coded], adjustments: Iterable[Adjustment], outcomes: Mapping[str, Outcome]
    ) -> tuple[CouponStatus, ...]:
        """By code, in the order sent.

        ``promotions`` are in the order of granting, ``outcomes`` those of the promotions not applied, by id.
        """
        used = {each.promotion_id: each.coupon for each in adjustments if each.coupon}
        coded = list(promotions) if self.sent else []
        return tuple(
            self._status(code, [each for each in coded if code in each.codes], used, outcomes) for code in self.sent
        )

    def _status(
        self, code: str, promotions: list[Coded], used: Mapping[str, str], outcomes: Mapping[str, Outcome]
    ) -> CouponStatus:
        sent = self.sent[code]
        if not promotions:
            return CouponStatus(sent, Status.UNKNOWN, None, ())
        applied = tuple(each.promotion_id for each in promotions if used.get(each.promotion_id) == sent)
        if applied:
            return CouponStatus(sent, Status.APPLIED, None, applied)
        reasons = [self._reason(code, each, outcomes) for each in promotions]
        furthest = max(reasons, key=lambda reason: _RANKS[reason])
        promotion = promotions[reasons.index(furthest)]
        return CouponStatus(sent, _STATUSES.get(furthest, Status.NOT_ELIGIBLE), furthest, (promotion.promotion_id,))

    def _reason(self, code: str, promotion: Coded, outcomes: Mapping[str, Outcome]) -> Reason:
        """Why a promotion did not apply by this code."""
        if code not in self.counting:
            return Reason.COUPON_REPLACED
        outcome = outcomes.get(promotion.promotion_id)
        reason = Reason.NOT_BEST if outcome is None else outcome.reason
        if self.is_used_up(promotion, code) and _RANKS[reason] > _RANKS[Reason.LIMIT_CODE]:
            return Reason.LIMIT_CODE
        return reason
