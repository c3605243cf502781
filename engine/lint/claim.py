"""How much of a unit's price a promotion may want."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from engine.rules.checked import Promotion
from engine.rules.expressions import Fact


@dataclass(frozen=True, slots=True)
class Claim:
    """What a promotion may want of its segment: at most ``ppm`` of its price, where a fact is at its least."""

    promotion: Promotion
    segment: int
    ppm: int
    fact: Fact | None = None


Claims: TypeAlias = tuple[Claim, ...]
"""Two or three promotions that may apply to the same unit."""
