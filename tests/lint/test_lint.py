"""Every planted defect is found and shown, and nothing is found in valid rule sets."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from engine.lint import Finding, Kind, Witness, lint
from engine.pricing.cart import Cart
from engine.pricing.quote import Adjustment, Quote, Reason
from engine.pricing.reference import Reference
from engine.pricing.sketch import Explained
from engine.rules import CheckedRules, load, load_text
from tests.lint.conftest import HERE, Planted, documents, planted
from tests.lint.sound_rules import COUNT, sound_rules
from tests.programs import both_of, checked, session_of
from tests.prove import without_nodes

ROOT = Path(__file__).parents[2]
PLANTED = planted()
SOUND = [
    (f"{path.stem}-{number}", text)
    for path in sorted((HERE / "sound").glob("*.yaml"))
    for number, text in enumerate(documents(path), 1)
]
SOUND += [(f"shop-{seed}", sound_rules(seed)) for seed in range(COUNT)]
FILES = (
    *(f"tests/rules/data/{season}.yaml" for season in ("summer", "autumn", "winter")),
    "engine/cli/demo/rules.yaml",
    "bench/online_retail.yaml",
)


def findings(rules: CheckedRules) -> list[Finding]:
    return list(lint(rules, session_of(rules)))


def test_each_kind_is_planted_twenty_times() -> None:
    """So is each special case that has its own file."""
    counts = Counter(each.name.rpartition("-")[0] for each in PLANTED)
    assert {kind.value for kind in Kind} <= set(counts)
    assert min(counts.values()) >= 20, counts


def test_no_rule_set_stands_twice() -> None:
    """Not even under another name."""
    texts = [re.sub("^ruleset: .*", "", text, flags=re.M) for _, text in SOUND]
    texts += [each.text for each in PLANTED]
    assert len(texts) == len(set(texts))


@pytest.mark.parametrize("each", PLANTED, ids=lambda each: each.name)
def test_a_planted_defect_is_found_and_shown(each: Planted) -> None:
    rules = load_text(each.text)
    session, reference = both_of(rules)
    found = list(lint(rules, session))
    assert [(one.kind.value, one.promotions, one.sentence) for one in found] == [
        (each.kind, each.promotions, each.sentence)
    ]
    for witness in found[0].witnesses:
        assert without_nodes(reference.price(witness.cart)) == without_nodes(witness.quote)
    SHOWN[found[0].kind](found[0], reference)


def adjustments(witness: Witness) -> dict[str, Adjustment]:
    return {each.promotion_id: each for each in witness.quote.adjustments}


def worth(witness: Witness, promotion: str) -> int:
    each = adjustments(witness)[promotion]
    return each.amount + each.points + each.credit + (0 if each.gift is None else each.gift.quantity)


def benefit(witness: Witness) -> int:
    granted = adjustments(witness).values()
    return (
        witness.quote.merchandise
        - witness.quote.subtotal
        + sum(each.credit + (0 if each.gift is None else each.gift.quantity) for each in granted)
    )


def shows_never(finding: Finding, reference: Reference) -> None:
    [witness] = finding.witnesses
    outcome = {each.promotion_id: each.reason for each in reference.answer(witness.cart).outcomes}
    assert outcome[finding.promotions[0]] not in (Reason.DECLINED, Reason.EMPTY_CART)


def shows_shadowed(finding: Finding, reference: Reference) -> None:
    shadowed, other = finding.promotions
    together, alone = finding.witnesses
    assert other in adjustments(together)
    assert shadowed not in adjustments(together)
    assert alone.cart.declined_promotions == (other,)
    assert shadowed in adjustments(alone)


def shows_gap(finding: Finding, reference: Reference) -> None:
    without, with_value = finding.witnesses
    assert finding.promotions[0] not in adjustments(without)
    assert finding.promotions[0] in adjustments(with_value)


def shows_fall(finding: Finding, reference: Reference) -> None:
    lower, higher = finding.witnesses
    assert worth(lower, finding.promotions[0]) > worth(higher, finding.promotions[0])
    assert lower.quote.merchandise <= higher.quote.merchandise


def shows_clamp(finding: Finding, reference: Reference) -> None:
    [witness] = finding.witnesses
    granted = adjustments(witness)
    reasons = {each.promotion_id: each.reason for each in reference.answer(witness.cart).outcomes}
    missing = [reasons[each] for each in finding.promotions if each not in granted]
    assert missing in ([], [Reason.NO_EFFECT])
    assert missing or sum(granted[each].ungranted for each in finding.promotions) > 0


def shows_small(finding: Finding, reference: Reference) -> None:
    [witness] = finding.witnesses
    granted = adjustments(witness)[finding.promotions[0]]
    shipping = sum(each.price for each in witness.quote.shipments)
    assert 0 < granted.amount < (witness.quote.merchandise + shipping) // 100


def shows_code(finding: Finding, reference: Reference) -> None:
    [witness] = finding.witnesses
    assert any(adjustments(witness)[each].coupon for each in finding.promotions if each in adjustments(witness))
    assert len(witness.cart.coupons) == 1


def shows_refused(finding: Finding, reference: Reference) -> None:
    without, with_other = finding.witnesses
    assert finding.promotions[0] not in adjustments(without)
    assert adjustments(with_other)[finding.promotions[0]].coupon
    refused, other = set(without.cart.coupons), set(with_other.cart.coupons)
    assert len(refused - other) == len(other - refused) == 1


def shows_overlap(finding: Finding, reference: Reference) -> None:
    [witness] = finding.witnesses
    displaced, other = finding.promotions
    assert other in adjustments(witness)
    outcome = next(each for each in reference.answer(witness.cart).outcomes if each.promotion_id == displaced)
    assert (outcome.reason, outcome.by) == (Reason.DISPLACED, other)


def shows_early_end(finding: Finding, reference: Reference) -> None:
    before, lost = finding.witnesses
    assert replace(before.cart, at=lost.cart.at) == lost.cart
    assert 0 < lost.cart.at - before.cart.at < 60 * 10**9
    assert finding.promotions[0] in adjustments(before)
    outcome = {each.promotion_id: each.reason for each in reference.answer(lost.cart).outcomes}
    assert outcome[finding.promotions[0]] in (Reason.EXPIRED, Reason.OUTSIDE_SCHEDULE)


def shows_drop(finding: Finding, reference: Reference) -> None:
    before, after = finding.witnesses
    changed = [
        new.quantity - old.quantity for old, new in zip(before.cart.lines, after.cart.lines, strict=True) if old != new
    ]
    assert changed == [1]
    assert benefit(after) < benefit(before)


SHOWN = {
    Kind.NEVER_APPLIES: shows_never,
    Kind.SHADOWED: shows_shadowed,
    Kind.STEP_GAP: shows_gap,
    Kind.FALLING_STEP: shows_fall,
    Kind.BELOW_FLOOR: shows_clamp,
    Kind.OVER_100: shows_clamp,
    Kind.TINY_PERCENTAGE: shows_small,
    Kind.CODE_TWICE: shows_code,
    Kind.CODE_REFUSED: shows_refused,
    Kind.SCHEDULE_OVERLAP: shows_overlap,
    Kind.EARLY_END: shows_early_end,
    Kind.BENEFIT_DROPS: shows_drop,
}


@pytest.mark.parametrize(("name", "text"), SOUND, ids=[name for name, _ in SOUND])
def test_nothing_is_found_in_a_sound_rule_set(name: str, text: str) -> None:
    assert findings(load_text(text)) == []


@pytest.mark.parametrize("file", FILES)
def test_nothing_is_found_in_the_rule_files_of_this_house(file: str) -> None:
    assert findings(load([ROOT / file])) == []


def test_a_promotion_of_the_spring_file_may_be_redeemed_not_once() -> None:
    (found,) = findings(load([ROOT / "tests/rules/data/spring.yaml"]))
    assert (found.kind, found.promotions) == (Kind.NEVER_APPLIES, ("tote",))
    assert found.sentence == "can never apply: its limits allow no redemption"


@pytest.mark.parametrize("reward", ["percent: 0", "percent: 10, up_to: 0.00"])
def test_a_reward_of_nothing_is_called_so(reward: str) -> None:
    promotion = f"{{layer: item, reward: {{percent_off: {{of: cart, {reward}}}}}}}"
    (found,) = findings(checked(f"promotions:\n  a: {promotion}\n"))
    assert found.sentence == "can never apply: a number in its reward is zero"


def test_the_same_rules_give_the_same_findings() -> None:
    text = next(each.text for each in PLANTED if each.name == "benefit_drops-10")
    assert findings(load_text(text)) == findings(load_text(text))


def test_each_end_of_a_schedule_is_told_of() -> None:
    """And how to write it, though the other end closes the schedule in the same minute."""
    rules = checked("""\
promotions:
  p:
    layer: order
    schedule: {from: 2026-06-30, until: 2026-06-30T23:59, hours: 17:00-23:59}
    reward: {percent_off: {of: cart, percent: 5}}
""")
    session, reference = both_of(rules)
    found = list(lint(rules, session))
    wanted = ["write hours: 17:00-24:00", "write until: 2026-06-30"]
    assert [each.sentence.rpartition(", ")[2] for each in found] == wanted
    for each in found:
        shows_early_end(each, reference)


def test_who_waits_is_told_what_is_looked_at() -> None:
    rules = checked("""\
floor: {markup_percent: 10}
groups: {season: {policy: one}}
segments: {dear: item.cost >= 9.00 && item.price <= 10.00}
promotions:
  a: {layer: item, group: season, schedule: {until: 2026-06-30}, reward: {percent_off: {of: cart, percent: 5}}}
  b: {layer: item, group: season, schedule: {from: 2026-06-01}, reward: {percent_off: {of: cart, percent: 5}}}
  c: {layer: item, coupon: {codes: [A]}, reward: {percent_off: {of: cart, percent: 40}}}
  d: {layer: order, coupon: {codes: [A]}, reward: {percent_off: {of: cart, percent: 70}}}
  g: {layer: order, reward: {percent_off: {of: cart, percent: 65}}}
  h: {layer: item, reward: {percent_off: {of: dear, percent: 5}}}
  e: {layer: shipping, reward: {shipping: {free: true}}}
  f: {layer: shipping, reward: {shipping: {percent_off: 50}}}
""")
    told: list[str] = []
    assert list(lint(rules, session_of(rules), told.append))
    assert list(dict.fromkeys(told)) == [
        "promotions that never apply",
        "numbers of rewards",
        "ends of schedules",
        "promotions that exclude each other",
        "shipping that is free already",
        "schedules within a group",
        "promotions that take each other's place",
        "coupon codes",
        "promotions that together take too much",
        "floors",
        "conditions that end",
    ]


def carts_priced(sets: int, kind: str) -> int:
    """For a rule set with so many sets of one kind, all of which may have the same goods."""
    rewards = {
        "buy_get": "buy_get: {buy: {of: %s, quantity: 2}, get: {of: %s, quantity: 1, percent_off: 100}}",
        "bundle": "bundle: {parts: [{of: %s, quantity: 2}, {of: %s, quantity: 1}], percent_off: 100}",
    }
    names = [f"s{number}" for number in range(sets)]
    rules = checked(
        "ruleset: sets\ncurrencies: [USD]\nsegments:\n"
        + "".join(f"  {name}: '\"{name}\" in item.tags'\n" for name in names)
        + "promotions:\n"
        + "".join(f"  {name}: {{layer: item, reward: {{{rewards[kind] % (name, name)}}}}}\n" for name in names)
    )
    session = session_of(rules)
    priced = 0

    class Counted:
        def price(self, cart: Cart) -> Quote:
            nonlocal priced
            priced += 1
            return session.price(cart)

        def explained(self, cart: Cart) -> Explained:
            return session.explained(cart)

    assert list(lint(rules, Counted())) == []
    return priced


@pytest.mark.parametrize("kind", ["buy_get", "bundle"])
def test_sets_that_claim_their_units_are_not_tried_together(kind: str) -> None:
    """Within a layer, no two of them take from the same unit."""
    assert carts_priced(12, kind) <= 2 * carts_priced(6, kind)
