"""Uses of what the rule file names and nothing prices yet: each is refused, with its place; none is passed over."""

from __future__ import annotations

from engine.rules import model
from engine.rules.entries import Entry
from engine.rules.issues import Issues

_OF_PROMOTION = ("coupon", "limits")
_OF_REWARD = ("gift", "points", "credit", "effect")


def refuse_unsupported(rules: model.RuleSet, issues: Issues) -> None:
    if rules.selection == "global":
        issues.not_supported_yet(rules.place("selection"), "selection: global")
    for layer in rules.layers or ():
        if layer is not None and layer.combine == "best":
            issues.not_supported_yet(layer.place("combine"), "combine: best")
    for promotion in rules.promotions.values():
        if promotion is None:
            continue
        _refuse_keys(promotion, _OF_PROMOTION, issues)
        if promotion.reward is not None:
            _refuse_keys(promotion.reward, _OF_REWARD, issues)


def _refuse_keys(entry: Entry, keys: tuple[str, ...], issues: Issues) -> None:
    for key in entry.written:
        if key in keys:
            issues.not_supported_yet(key.place, key)
