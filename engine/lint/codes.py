"""Coupon codes for carts on which promotions should apply: shared ones as written, an invented one for each pool."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine.pricing.cart import CouponFact
from engine.pricing.coupons import fold
from engine.pricing.reference.eligibility import listed_codes
from engine.rules.checked import CheckedRules, Promotion

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_OTHER_CASE = str.maketrans(_LETTERS + _LETTERS.upper(), _LETTERS.upper() + _LETTERS)


class Code(NamedTuple):
    """``pool`` is the pool of a unique code, empty for a shared one."""

    text: str
    pool: str = ""

    def __str__(self) -> str:
        return f"a code of the pool {self.pool}" if self.pool else f"the code {self.text}"


class Codes:
    """The codes of one rule set."""

    def __init__(self, rules: CheckedRules) -> None:
        self._case_sensitive = rules.coupons.case_sensitive
        self._listed = listed_codes(rules)

    def all_of(self, promotion: Promotion) -> tuple[Code, ...]:
        """One for each that the promotion lists, then one for its pool."""
        shared = tuple(map(Code, promotion.codes))
        return (*shared, self._of_pool(promotion.pool)) if promotion.pool else shared

    def key(self, code: Code) -> tuple[str, str]:
        """A key that is equal for codes that count as the same."""
        return (fold(code.text, self._case_sensitive), code.pool)

    def respelled(self, code: str) -> str | None:
        """The same code with upper and lower case swapped; None when case matters or it has no letters."""
        other = code.translate(_OTHER_CASE)
        return None if self._case_sensitive or other == code else other

    def _of_pool(self, pool: str) -> Code:
        text = f"{pool}-1"
        while fold(text, self._case_sensitive) in self._listed:
            text += "1"
        return Code(text, pool)


def facts_of(codes: Iterable[Code]) -> tuple[CouponFact, ...]:
    """The coupon facts of a cart for its unique codes."""
    return tuple(CouponFact(code=each.text, pool=each.pool) for each in codes if each.pool)
