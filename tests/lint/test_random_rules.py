"""Findings about random rule sets hold, too: both engines price their carts alike, and as the findings say.

In every other
rule set, shipping is often free, and codes are often refused by the conditions of their own promotions; drawn purely at
random, neither occurs.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine.lint import Kind, lint
from engine.money import WHOLE
from engine.rules import CheckedRules
from engine.rules.checked import Combine, LayerKind, Promotion, Selection
from engine.rules.checked_rewards import Fixed, RewardKind, ShippingReward
from engine.rules.expressions import And, Constant, Fact, In, Not, Subject, Type
from tests.lint.test_lint import SHOWN, findings
from tests.programs import both_of, session_of
from tests.prove import without_nodes
from tests.random_carts import random_cart
from tests.random_rules import GROUPS, in_order_of_granting, random_rules


def drawn(random: Random, seed: int) -> CheckedRules:
    rules = random_rules(random)
    if seed % 2:
        return rules
    promotions = [_with_refused_code(random, _with_free_shipping(random, rules, each)) for each in rules.promotions]
    return replace(
        rules,
        selection=Selection.LAYERED,
        layers=tuple(
            replace(layer, combine=random.choice((Combine.ALL, Combine.BEST)))
            if layer.kind is LayerKind.SHIPPING
            else layer
            for layer in rules.layers
        ),
        promotions=in_order_of_granting(promotions),
        groups=GROUPS,
    )


def _with_free_shipping(random: Random, rules: CheckedRules, promotion: Promotion) -> Promotion:
    """Grants on many carts, or on all."""
    if rules.layers[promotion.layer].kind is not LayerKind.SHIPPING or random.random() < 0.6:
        return promotion
    free = ShippingReward(RewardKind.PERCENT_OFF, (), Fixed((WHOLE,) * len(rules.currencies)))
    condition = random.choice((None, promotion.condition))
    return Promotion(promotion.id, "", promotion.layer, 5, None, condition, "", free)


def _with_refused_code(random: Random, promotion: Promotion) -> Promotion:
    """Some codes are refused as listed, some in other letter case."""
    if not promotion.codes or random.random() < 0.3:
        return promotion
    code = random.choice((promotion.codes[0], promotion.codes[0].lower()))
    refuses = Not(In(Constant(Type.STRING, code), Fact(Type.STRINGS, Subject.CART, "coupons")))
    condition = refuses if promotion.condition is None else And((promotion.condition, refuses))
    return replace(promotion, condition=condition)


@pytest.mark.parametrize("seed", range(60))
def test_findings_hold_under_random_rules(seed: int) -> None:
    rules = drawn(Random(seed), seed)
    session, reference = both_of(rules)
    for finding in lint(rules, session):
        assert finding.witnesses
        for witness in finding.witnesses:
            assert without_nodes(reference.price(witness.cart)) == without_nodes(witness.quote)
        if finding.kind is not Kind.BENEFIT_DROPS:  # points and effects, which random rules also grant, count there
            SHOWN[finding.kind](finding, reference)


def test_what_is_drawn_with_an_aim_is_found() -> None:
    found = [each for seed in range(0, 100, 2) for each in findings(drawn(Random(seed), seed))]
    assert sum(each.kind is Kind.CODE_REFUSED for each in found) >= 5
    assert sum("free wherever" in each.sentence for each in found) >= 5


@pytest.mark.parametrize("seed", range(60, 100))
def test_what_never_applies_does_so_on_no_random_cart(seed: int) -> None:
    random = Random(seed)
    rules = drawn(random, seed)
    session = session_of(rules)
    dead = {each.promotions[0] for each in lint(rules, session) if each.kind in (Kind.NEVER_APPLIES, Kind.SHADOWED)}
    for _ in range(200):
        quote = session.price(replace(random_cart(random, rules), declined_promotions=()))
        applied = set(quote.applied)
        assert not dead & applied
