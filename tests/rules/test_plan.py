"""Planning: names become indices, equal records are held once, operations are typed."""

from __future__ import annotations

import pytest

from engine.rules import load_text
from engine.rules.artifact import (
    UNBOUNDED_FUTURE,
    UNBOUNDED_PAST,
    Entry,
    Node,
    NumberKind,
    Op,
    Part,
    Promotion,
    Selection,
)
from engine.rules.checked import DISCOUNTABLE
from engine.rules.plan import NONE, Plan, plan

HEAD = """
ruleset: test
currencies: [USD, EUR]
amounts: {fifty: {USD: 50.00, EUR: 45.00}, usd_only: {USD: 1.00}}
segments: {shoes: 'item.category == "shoes"'}
groups: {seasonal: {policy: one}, loose: {policy: all}}
promotions:
"""
REWARD = "reward: {percent_off: {of: shoes, percent: 10}}"
SHOES = 2


def planned(*promotions: str) -> Plan:
    return plan(load_text(HEAD + "\n".join(f"  p{index}: {{{each}}}" for index, each in enumerate(promotions))))


def parts_of(promotion: Promotion, plan: Plan) -> list[Part]:
    return list(plan.parts[promotion.first_part : promotion.first_part + promotion.part_count])


def labels_of(promotion: Promotion, plan: Plan) -> tuple[set[int], set[int]]:
    """What the promotion carries and what it excludes."""
    carried = plan.labels[promotion.first_label : promotion.first_label + promotion.label_count]
    excluded = plan.labels[promotion.first_exclusion : promotion.first_exclusion + promotion.exclusion_count]
    return set(carried), set(excluded)


def condition_of(promotion: Promotion, plan: Plan) -> Node:
    return plan.nodes[promotion.condition]


def test_equal_texts_figures_and_expressions_are_held_once() -> None:
    once = planned(f"layer: item, when: cart.subtotal >= fifty, {REWARD}")
    twice = planned(*[f"layer: item, when: cart.subtotal >= fifty, {REWARD}"] * 2)
    for section in ("nodes", "operands", "figures", "numbers", "currency_sets"):
        assert len(getattr(once, section)) == len(getattr(twice, section))
    assert len(set(twice.texts)) == len(twice.texts) == len(once.texts) + 1


def test_operands_come_before_the_node_that_uses_them() -> None:
    nodes = planned(f"layer: item, when: shoes.quantity + 2 > 3 && shoes.subtotal * 2 < fifty, {REWARD}").nodes
    for index, node in enumerate(nodes):
        if Op.EQUAL <= node.op <= Op.MULTIPLY:
            assert max(node.a, node.b) < index


@pytest.mark.parametrize(
    ("condition", "op"),
    [
        ("cart.quantity == 1", Op.EQUAL),
        ('cart.channel == "web"', Op.TEXT_EQUAL),
        ('cart.channel < "web"', Op.TEXT_LESS),
        ('cart.channel in ["web", "store"]', Op.IN_TEXTS),
        ("cart.quantity in [1, 2]", Op.IN_NUMBERS),
        ('"A" in cart.coupons', Op.IN_LIST),
        ("has(customer.tier)", Op.HAS_TEXT),
        ("has(customer.orders)", Op.HAS_NUMBER),
        ("has(cart.coupons)", Op.CONSTANT),
        ("!has(customer.tier)", Op.NOT),
    ],
)
def test_operations_are_typed(condition: str, op: Op) -> None:
    plan = planned(f"layer: item, when: '{condition}', {REWARD}")
    assert condition_of(plan.promotions[0], plan).op == op


def test_the_group_facts_of_the_cart_are_those_of_segment_0() -> None:
    plan = planned(f"layer: item, when: cart.subtotal > shoes.subtotal, {REWARD}")
    comparison = condition_of(plan.promotions[0], plan)
    assert [plan.nodes[operand].a for operand in (comparison.a, comparison.b)] == [0, 2 * 6]
    assert [segment.read for segment in plan.segments] == [1, 0, 1]


def test_a_reward_of_the_cart_reaches_discountable_lines() -> None:
    plan = planned("layer: item, reward: {percent_off: {of: cart, percent: 10}}")
    assert parts_of(plan.promotions[0], plan) == [Part(DISCOUNTABLE, NONE)]


@pytest.mark.parametrize(
    "promotion",
    [
        f"layer: item, when: cart.subtotal > usd_only || true, {REWARD}",
        "layer: item, reward: {amount_off: {of: shoes, per: unit, amount: usd_only}}",
        "layer: item, reward: {percent_off: {of: shoes, percent: 10, up_to: usd_only}}",
        "layer: item, reward: {percent_off: {of: shoes,"
        " percent: {by: cart.subtotal, steps: [{from: usd_only, value: 1}]}}}",
    ],
)
def test_an_amount_without_a_figure_shuts_the_promotion_out_of_that_currency(promotion: str) -> None:
    plan = planned(promotion, f"layer: item, {REWARD}")
    rows = [plan.currency_sets[2 * each.currency_set :][:2] for each in plan.promotions]
    assert rows == [(1, 0), (1, 1)]


def test_numbers() -> None:
    plan = planned(
        "layer: item, reward: {percent_off: {of: shoes, percent: {by: cart.quantity, steps: [{from: 3, value: 5}]}}}",
        "layer: item, reward: {percent_off: {of: shoes, percent: {by: customer.tier, values: {gold: 5}}}}",
    )
    steps, cases = (plan.numbers[each.number] for each in plan.promotions)
    assert (steps.kind, cases.kind) == (NumberKind.STEPS, NumberKind.CASES_BY_TEXT)
    figures = [plan.figures[2 * row].amount for row in plan.entries[steps.first]]
    assert figures == [3, 50_000]
    key, value = plan.entries[cases.first]
    assert plan.texts[key] == "gold"
    assert Entry(key, value).value == plan.entries[steps.first].value


def test_a_schedule_that_only_starts_has_no_windows() -> None:
    plan = planned(
        f"layer: item, schedule: {{from: 2026-06-01}}, {REWARD}",
        f"layer: item, schedule: {{weekdays: [mon]}}, {REWARD}",
        f"layer: item, schedule: {{from: 2026-06-01}}, {REWARD}",
    )
    starts, mondays = plan.schedules
    assert (starts.starts, starts.ends, starts.window_count) == (1_780_272_000, UNBOUNDED_FUTURE, 0)
    assert (mondays.starts, mondays.weekdays, mondays.window_count) == (UNBOUNDED_PAST, 1, 1)
    assert [each.schedule for each in plan.promotions] == [0, 1, 0]


def test_shipping_rewards_have_methods_and_no_segment() -> None:
    plan = planned("layer: shipping, reward: {shipping: {free: true, methods: [standard, express]}}")
    (promotion,) = plan.promotions
    methods = plan.methods[promotion.first_method : promotion.first_method + promotion.method_count]
    assert [plan.texts[method] for method in methods] == ["standard", "express"]
    assert (promotion.part_count, promotion.up_to) == (0, NONE)


def test_layers_name_their_promotions() -> None:
    plan = planned(
        "layer: order, reward: {percent_off: {of: cart, percent: 1}}",
        *[f"layer: item, {REWARD}"] * 2,
    )
    slices = [(layer.first_promotion, layer.promotion_count) for layer in plan.layers]
    assert slices == [(0, 2), (2, 1), (3, 0), (3, 0)]


def test_parts() -> None:
    plan = planned(
        "layer: item, reward: {percent_off: {of: shoes, percent: 10, units: {quantity: 3, pick: dearest}}}",
        "layer: item, reward: {buy_get: {buy: {of: cart, quantity: 2},"
        " get: {of: shoes, quantity: 1, percent_off: 100}, repeat: unlimited}}",
        "layer: item, reward: {bundle: {parts: [{of: shoes, quantity: 1}, {of: cart, quantity: 2}],"
        " fixed_price: {USD: 9.00, EUR: 8.00}, repeat: 4}}",
    )
    units, buy_get, bundle = plan.promotions
    assert [each.selection for each in plan.promotions] == [Selection.UNITS, Selection.BUY_GET, Selection.BUNDLE]
    assert parts_of(units, plan) == [Part(SHOES, 3)]
    assert parts_of(buy_get, plan) == [Part(DISCOUNTABLE, 2), Part(SHOES, 1)]
    assert parts_of(bundle, plan) == [Part(SHOES, 1), Part(DISCOUNTABLE, 2)]
    assert [(each.pick, each.repeat) for each in plan.promotions] == [(1, NONE), (0, NONE), (0, 4)]


def test_what_nobody_excludes_is_no_label() -> None:
    plan = planned(f"layer: item, tags: [a], group: loose, {REWARD}", f"layer: item, {REWARD}")
    assert plan.labels == ()


def test_promotions_carry_what_others_exclude() -> None:
    plan = planned(
        f"layer: item, tags: [a, b], {REWARD}",
        f"layer: item, group: loose, {REWARD}",
        f"layer: item, excludes: [p0, 'tag:b', 'group:loose'], {REWARD}",
    )
    tagged, grouped, excluding = (labels_of(each, plan) for each in plan.promotions)
    assert len(excluding[1]) == 3
    assert tagged[0] | grouped[0] == excluding[1]
    assert (len(tagged[0]), len(grouped[0]), excluding[0]) == (2, 1, set())


def test_a_promotion_excludes_its_group_when_one_of_it_applies() -> None:
    plan = planned(f"layer: item, group: seasonal, {REWARD}")
    carried, excluded = labels_of(plan.promotions[0], plan)
    assert carried == excluded == {0}


def test_strict_promotions_are_tried_by_priority_then_id() -> None:
    plan = planned(
        f"layer: order, priority: 5, exclusive: strict, {REWARD}",
        f"layer: item, exclusive: strict, {REWARD}",
        f"layer: item, {REWARD}",
        f"layer: item, priority: 5, exclusive: strict, {REWARD}",
    )
    assert [plan.texts[plan.promotions[index].id] for index in plan.strict] == ["p0", "p3", "p1"]
