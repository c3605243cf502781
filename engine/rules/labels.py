"""Labels: the promotions, groups and tags that exclusions name. They alone decide which promotions combine."""

from __future__ import annotations

from engine.rules.checked import CheckedRules, Exclusion, ExclusionKind, Policy, Promotion


class Labels:
    """The labels of a rule set, by index."""

    def __init__(self, rules: CheckedRules) -> None:
        self._single = rules.grouped(Policy.ONE)
        self._indices: dict[Exclusion, int] = {}
        self._excluded = {promotion.id: self._exclude(promotion) for promotion in rules.promotions}

    def excluded(self, promotion: Promotion) -> tuple[int, ...]:
        """What the promotion excludes, each once; in a group with `policy: one` it excludes that group."""
        return self._excluded[promotion.id]

    def carried(self, promotion: Promotion) -> tuple[int, ...]:
        """The labels by which others exclude the promotion."""
        names = [(ExclusionKind.PROMOTION, promotion.id), (ExclusionKind.GROUP, promotion.group)]
        names += [(ExclusionKind.TAG, tag) for tag in dict.fromkeys(promotion.tags)]
        labels = [Exclusion(kind, name) for kind, name in names]
        return tuple(self._indices[label] for label in labels if label in self._indices)

    def _exclude(self, promotion: Promotion) -> tuple[int, ...]:
        exclusions = list(promotion.excludes)
        if promotion.group in self._single:
            exclusions.append(Exclusion(ExclusionKind.GROUP, promotion.group))
        indices = (self._indices.setdefault(label, len(self._indices)) for label in exclusions)
        return tuple(dict.fromkeys(indices))
