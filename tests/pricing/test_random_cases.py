"""The random cases reach everything: each kind of reward, number and combination tells on the quotes of many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

import pytest

from engine.pricing.cart import Cart
from engine.pricing.quote import QuotedLayer
from engine.pricing.reference import Reference
from engine.pricing.reference.basket import Unit
from engine.rules.checked import (
    BundleReward,
    BuyGetReward,
    CheckedRules,
    Choice,
    Combine,
    ExclusionKind,
    Exclusive,
    Fixed,
    GoodsReward,
    Layer,
    Percentages,
    Promotion,
    Reward,
    RewardKind,
    ShippingReward,
    StepTable,
)
from tests.strategies import random_cases

CASES = 600
LEAST = CASES * 2 // 100

Rewrite = Callable[[CheckedRules], CheckedRules]


def of_layers(rewrite: Callable[[Layer], Layer]) -> Rewrite:
    return lambda rules: replace(rules, layers=tuple(map(rewrite, rules.layers)))


def of_promotions(rewrite: Callable[[Promotion], Promotion]) -> Rewrite:
    return lambda rules: replace(rules, promotions=tuple(map(rewrite, rules.promotions)))


def of_rewards(rewrite: Callable[[Reward], Reward]) -> Rewrite:
    return of_promotions(lambda promotion: replace(promotion, reward=rewrite(promotion.reward)))


def without_up_to(reward: Reward) -> Reward:
    return replace(reward, up_to=None) if isinstance(reward, GoodsReward) else reward


def without_units(reward: Reward) -> Reward:
    return replace(reward, units=None) if isinstance(reward, GoodsReward) else reward


def without_repeat(reward: Reward) -> Reward:
    return replace(reward, repeat=1) if isinstance(reward, BuyGetReward | BundleReward) else reward


def without_exclusions(kind: ExclusionKind) -> Rewrite:
    return of_promotions(
        lambda promotion: replace(promotion, excludes=tuple(e for e in promotion.excludes if e.kind is not kind))
    )


def without_exclusive(exclusive: Exclusive) -> Rewrite:
    return of_promotions(
        lambda promotion: replace(promotion, exclusive=None) if promotion.exclusive is exclusive else promotion
    )


OPTIONS: dict[str, Rewrite] = {
    "combine: first": of_layers(lambda layer: replace(layer, combine=Combine.ALL)),
    "percentages: compounding": of_layers(lambda layer: replace(layer, percentages=Percentages.ADDITIVE)),
    "floor": lambda rules: replace(rules, markup=None),
    "schedule": of_promotions(lambda promotion: replace(promotion, schedule=None)),
    "when": of_promotions(lambda promotion: replace(promotion, condition=None)),
    "up_to": of_rewards(without_up_to),
    "units": of_rewards(without_units),
    "repeat": of_rewards(without_repeat),
    "group": of_promotions(lambda promotion: replace(promotion, group="")),
    **{f"excludes a {kind.value}": without_exclusions(kind) for kind in ExclusionKind},
    **{f"exclusive: {exclusive.value}": without_exclusive(exclusive) for exclusive in Exclusive},
}
"""How a rule set reads without an option."""

FORMS = ("per unit", "per line", "per order", "with units", "in buy_get", "in bundle", "of shipping")
NUMBERS = {Fixed: "constant", StepTable: "step table", Choice: "choice"}
CLAIMS = "claims"
KINDS = [*(f"{kind.value} {form}" for kind in RewardKind for form in FORMS), *NUMBERS.values(), *OPTIONS, CLAIMS]


def form(reward: Reward) -> str:
    match reward:
        case GoodsReward(units=None):
            return f"per {reward.per.value}"
        case GoodsReward():
            return "with units"
        case BuyGetReward():
            return "in buy_get"
        case BundleReward():
            return "in bundle"
        case ShippingReward():
            return "of shipping"


def layers(rules: CheckedRules, cart: Cart) -> tuple[QuotedLayer, ...]:
    return Reference(rules, "").price(cart).layers


def kinds_with_effect(rules: CheckedRules, cart: Cart, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A reward that was granted; an option or claims without which something else would have been."""
    expected = layers(rules, cart)
    rewards = {promotion.id: promotion.reward for promotion in rules.promotions}
    for adjustment in (each for layer in expected for each in layer.adjustments):
        reward = rewards[adjustment.promotion_id]
        yield f"{reward.kind.value} {form(reward)}"
        yield NUMBERS[type(reward.number)]
    for option, without in OPTIONS.items():
        if (rewritten := without(rules)) != rules and layers(rewritten, cart) != expected:
            yield option
    with monkeypatch.context() as patch:
        patch.setattr(Unit, "claim", lambda unit: None)
        if layers(rules, cart) != expected:
            yield CLAIMS


def test_every_kind_has_an_effect_in_two_per_cent_of_the_cases(monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()
    for rules, cart in islice(random_cases(7), CASES):
        counts.update(set(kinds_with_effect(rules, cart, monkeypatch)))
    for kind in KINDS:
        print(f"{kind:28}{counts[kind] / CASES:6.1%}")
    assert {kind: counts[kind] for kind in KINDS if counts[kind] < LEAST} == {}
    assert counts.keys() == set(KINDS)
