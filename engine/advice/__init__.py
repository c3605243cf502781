"""What a quote does not say by itself: why not, what next, and what the other rates would cost (docs/pricing.md §8).

It works from the checked rules and from quotes, of either implementation, and prices what-if carts.
"""

from engine.advice.adviser import Adviser
from engine.advice.what_if import Engine

__all__ = ["Adviser", "Engine"]
