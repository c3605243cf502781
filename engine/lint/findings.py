"""Findings: defects of valid rule files, with the priced carts that show them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from engine.pricing.cart import Cart
from engine.pricing.quote import Quote


class Kind(Enum):
    """Every kind of finding; the values are part of the output and never change."""

    NEVER_APPLIES = "never_applies"
    SHADOWED = "shadowed"
    STEP_GAP = "step_gap"
    FALLING_STEP = "falling_step"
    BELOW_FLOOR = "below_floor"
    OVER_100 = "over_100"
    TINY_PERCENTAGE = "tiny_percentage"
    CODE_TWICE = "code_twice"
    CODE_REFUSED = "code_refused"
    SCHEDULE_OVERLAP = "schedule_overlap"
    EARLY_END = "early_end"
    BENEFIT_DROPS = "benefit_drops"


@dataclass(frozen=True, slots=True)
class Witness:
    """A cart, its quote, and what that shows."""

    shows: str
    cart: Cart
    quote: Quote


@dataclass(frozen=True, slots=True)
class Finding:
    """``promotions`` are ids, the one to look at first; ``sentence`` says to a marketer what is wrong."""

    kind: Kind
    promotions: tuple[str, ...]
    sentence: str
    witnesses: tuple[Witness, ...]
