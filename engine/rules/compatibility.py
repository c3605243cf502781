"""How promotions refer to each other: groups, tags and exclusions by name (docs/pricing.md §6)."""

from __future__ import annotations

from collections import Counter

from engine.rules import model
from engine.rules.checked import Exclusion, ExclusionKind, Policy
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar

_PREFIXES = {"group:": ExclusionKind.GROUP, "tag:": ExclusionKind.TAG}


class Compatibility:
    """Resolves the names by which the promotions of one rule set refer to each other."""

    def __init__(self, rules: model.RuleSet, issues: Issues) -> None:
        promotions = [promotion for promotion in rules.promotions.values() if promotion is not None]
        self._known = {
            ExclusionKind.PROMOTION: dict.fromkeys(rules.promotions),
            ExclusionKind.GROUP: dict.fromkeys(rules.groups),
            ExclusionKind.TAG: dict.fromkeys(tag for promotion in promotions for tag in promotion.tags),
        }
        labels = [prefix + name for prefix, kind in _PREFIXES.items() for name in self._known[kind]]
        self._names: dict[ExclusionKind, list[str]] = {kind: [*known] for kind, known in self._known.items()}
        self._names[ExclusionKind.PROMOTION] += labels
        self._exclusions: dict[str, Exclusion] = {}  # by the text as written: many promotions exclude the same
        # A name may be that of a promotion, or of groups, that could not be read.
        self._unread = {ExclusionKind.TAG} if len(promotions) < len(rules.promotions) else set()
        if "groups" in model.unread(rules):
            self._unread.add(ExclusionKind.GROUP)
        self._together = {
            name
            for name, group in rules.groups.items()
            if group is not None and group.policy == Policy.TOGETHER.value
        }
        self._shared: Counter[tuple[str, str, str]] = Counter()  # labels of those granted together: group, layer, label
        for id, promotion in rules.promotions.items():
            if promotion is not None and promotion.layer is not None and self.applies_together(promotion):
                self._shared.update(_keys(id, promotion))
        self._issues = issues

    def applies_together(self, promotion: model.Promotion) -> bool:
        """Whether its group has `policy: together`."""
        return promotion.group in self._together

    def group(self, name: Scalar | None) -> str:
        """The name of the group; empty for none."""
        if name is None:
            return ""
        self._check(name, ExclusionKind.GROUP, "")
        return name.text

    def excludes(self, id: Scalar, promotion: model.Promotion) -> tuple[Exclusion, ...]:
        """Exclusions of the promotion ``id``, such as ``gold-15``, ``group:seasonal`` or ``tag:sale``."""
        written = dict.fromkeys(promotion.excludes)
        if promotion.group is not None and self.applies_together(promotion):
            own = _keys(id, promotion)
            for each in written:
                shared = promotion.group, promotion.layer, each
                if self._shared[shared] > (shared in own):
                    self._issues.excludes_together(each.place, each, promotion.group)
        return tuple(self._exclusion(id, each) for each in written)

    def _exclusion(self, id: Scalar, written: Scalar) -> Exclusion:
        known = self._exclusions.get(written)
        if known is not None and written != id:
            return known
        prefix = next(filter(written.startswith, _PREFIXES), "")
        kind = _PREFIXES.get(prefix, ExclusionKind.PROMOTION)
        if written == id:
            self._issues.excludes_itself(written.place)
        self._check(written, kind, prefix)
        exclusion = Exclusion(kind, written.text.removeprefix(prefix))
        if exclusion.name in self._known[kind]:
            self._exclusions[written] = exclusion
        return exclusion

    def _check(self, written: Scalar, kind: ExclusionKind, prefix: str) -> None:
        name = written.text.removeprefix(prefix)
        if name in self._known[kind] or kind in self._unread:
            return
        place = written.position(len(prefix), len(name))
        self._issues.unknown_name(place, kind.value, name, self._names[kind])


def _keys(id: Scalar, promotion: model.Promotion) -> list[tuple[str, str, str]]:
    """What excludes it, in its group and layer."""
    labels = [id, f"group:{promotion.group}", *(f"tag:{tag}" for tag in promotion.tags)]
    return [(promotion.group, promotion.layer, label) for label in dict.fromkeys(labels)]
