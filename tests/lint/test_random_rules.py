"""Under rule sets drawn at random, too, a finding holds: both engines price its carts alike, and as it says."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.lint import Kind, lint
from engine.pricing.reference import Reference
from engine.rules import compile
from tests.lint.test_lint import SHOWN
from tests.prove import without_nodes
from tests.random_carts import random_cart
from tests.random_rules import random_rules


@pytest.mark.parametrize("seed", range(40))
def test_findings_hold_under_random_rules(seed: int) -> None:
    rules = random_rules(Random(seed))
    program = Program.load(compile(rules))
    reference = Reference(rules, program.version)
    for finding in lint(rules, Session(program)):
        assert finding.witnesses
        for witness in finding.witnesses:
            assert without_nodes(reference.price(witness.cart)) == without_nodes(witness.quote)
        if finding.kind is not Kind.BENEFIT_DROPS:  # points and effects, which random rules give too, count there
            SHOWN[finding.kind](finding, reference)


@pytest.mark.parametrize("seed", range(40, 60))
def test_what_never_applies_does_so_on_no_random_cart(seed: int) -> None:
    random = Random(seed)
    rules = random_rules(random)
    session = Session(Program.load(compile(rules)))
    dead = {each.promotions[0] for each in lint(rules, session) if each.kind in (Kind.NEVER_APPLIES, Kind.SHADOWED)}
    for _ in range(200):
        quote = session.price(replace(random_cart(random, rules), declined_promotions=()))
        applied = {each.promotion_id for layer in quote.layers for each in layer.adjustments}
        assert not dead & applied
