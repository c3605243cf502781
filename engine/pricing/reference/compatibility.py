"""Which promotions are compatible on a cart (docs/pricing.md §6)."""

from __future__ import annotations

from engine.rules.checked import CheckedRules, Combine, Exclusion, ExclusionKind, Exclusive, Policy, Promotion


class Compatibility:
    """Decides for pairs of promotions of one rule set; ``exclusive: strict`` is decided before any of this."""

    def __init__(self, rules: CheckedRules) -> None:
        self._single = rules.grouped(Policy.ONE)
        self._first = frozenset(index for index, each in enumerate(rules.layers) if each.combine is Combine.FIRST)

    def goes_with(self, promotion: Promotion, other: Promotion) -> bool:
        """Whether the two may apply together; of a ``first`` layer, only one may."""
        if promotion.layer == other.layer and promotion.layer in self._first:
            return False
        if promotion.group == other.group and promotion.group in self._single:
            return False
        pairs = ((promotion, other), (other, promotion))
        return not any(_excludes(*pair) or _wants_alone(*pair) for pair in pairs)


def _excludes(promotion: Promotion, other: Promotion) -> bool:
    return any(_means(exclusion, other) for exclusion in promotion.excludes)


def _means(exclusion: Exclusion, promotion: Promotion) -> bool:
    match exclusion.kind:
        case ExclusionKind.PROMOTION:
            return promotion.id == exclusion.name
        case ExclusionKind.GROUP:
            return promotion.group == exclusion.name
        case ExclusionKind.TAG:
            return exclusion.name in promotion.tags


def _wants_alone(promotion: Promotion, other: Promotion) -> bool:
    """Whether the promotion must be alone on the cart, or in the layer that both belong to."""
    if promotion.exclusive is Exclusive.LAYER:
        return promotion.layer == other.layer
    return promotion.exclusive is Exclusive.CART
