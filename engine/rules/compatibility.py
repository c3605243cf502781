"""How promotions refer to each other: groups, tags and exclusions by name (docs/pricing.md §6)."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from engine.rules import model
from engine.rules.checked import Exclusion, ExclusionKind, Policy
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar

_PREFIXES = {"group:": ExclusionKind.GROUP, "tag:": ExclusionKind.TAG}


class _Label(NamedTuple):
    """What excludes a promotion, such as ``gold-15`` or ``tag:sale``, in its group and layer."""

    group: str
    layer: str
    text: str


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
            name for name, group in rules.groups.items() if group is not None and group.policy == Policy.TOGETHER.value
        }
        # How many promotions that apply together have each label, by their group and layer.
        self._shared = Counter(
            label
            for id, promotion in rules.promotions.items()
            if promotion is not None
            for label in self._labels_together(id, promotion)
        )
        self._issues = issues

    def applies_together(self, promotion: model.Promotion) -> bool:
        """Whether its group has `policy: together`."""
        return promotion.group in self._together

    def _labels_together(self, id: Scalar, promotion: model.Promotion) -> list[_Label]:
        """By what others could exclude a promotion that applies together with them; empty if it does not."""
        group, layer = promotion.group, promotion.layer
        if group is None or layer is None or not self.applies_together(promotion):
            return []
        texts = [id, f"group:{group}", *(f"tag:{tag}" for tag in promotion.tags)]
        return [_Label(group, layer, text) for text in dict.fromkeys(texts)]

    def group(self, name: Scalar | None) -> str:
        """The name of the group; empty for none."""
        if name is None:
            return ""
        self._check(name, ExclusionKind.GROUP, "")
        return name.text

    def excludes(self, id: Scalar, promotion: model.Promotion) -> tuple[Exclusion, ...]:
        """Exclusions of the promotion ``id``, such as ``gold-15``, ``group:seasonal`` or ``tag:sale``."""
        written = dict.fromkeys(promotion.excludes)
        own = self._labels_together(id, promotion)
        for each in written if own else ():
            label = own[0]._replace(text=each)
            if self._shared[label] > (label in own):
                self._issues.excludes_together(each.place, each, label.group)
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
