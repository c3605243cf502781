"""Planning: names become indices, equal records are stored once, operations are typed."""

from __future__ import annotations

import pytest

from engine.rules import load_text
from engine.rules.artifact import (
    UNBOUNDED_FUTURE,
    UNBOUNDED_PAST,
    Entry,
    GoodsReward,
    Limits,
    Node,
    NumberKind,
    Op,
    Promotion,
    Same,
    Selection,
)
from engine.rules.checked_rewards import DISCOUNTABLE, Per
from engine.rules.layout import Section
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


def goods_of(promotion: Promotion, plan: Plan) -> GoodsReward:
    assert promotion.family == Section.GOODS_REWARDS
    return plan.goods_rewards[promotion.reward]


def parts_of(promotion: Promotion, plan: Plan) -> list[tuple[int, int]]:
    """Segments and quantities, NONE for all units."""
    reward = goods_of(promotion, plan)
    parts = plan.parts[reward.first_part : reward.first_part + reward.part_count]
    return [(part.segment, NONE if part.quantity == NONE else value_of(part.quantity, plan)) for part in parts]


def value_of(number: int, plan: Plan) -> int:
    """A constant, in USD."""
    assert plan.numbers[number].kind == NumberKind.FIXED
    return plan.figures[len(plan.currencies) * plan.numbers[number].first].amount


def listed(first: int, count: int, plan: Plan) -> list[str]:
    return [plan.texts[text] for text in plan.text_lists[first : first + count]]


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
    assert parts_of(plan.promotions[0], plan) == [(DISCOUNTABLE, NONE)]


@pytest.mark.parametrize(
    "promotion",
    [
        f"layer: item, when: cart.subtotal > usd_only || true, {REWARD}",
        "layer: item, reward: {amount_off: {of: shoes, per: unit, amount: usd_only}}",
        "layer: item, reward: {percent_off: {of: shoes, percent: 10, up_to: usd_only}}",
        "layer: item, reward: {percent_off: {of: shoes,"
        " percent: {by: cart.subtotal, steps: [{from: usd_only, value: 1}]}}}",
        "layer: item, reward: {percent_off: {of: shoes, percent: {by: cart.subtotal, every: usd_only, value: 1}}}",
        "layer: item, reward: {gift: {sku: TOTE, value: usd_only}}",
        f"layer: item, limits: {{budget: usd_only}}, {REWARD}",
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
        "layer: item, reward: {percent_off: {of: shoes, percent: {by: cart.quantity, every: 3, value: 5, up_to: 20}}}",
        "layer: item, reward: {percent_off: {of: shoes, percent: {by: cart.quantity, every: 3, value: 5}}}",
    )
    steps, cases, capped, for_every = (plan.numbers[goods_of(each, plan).number] for each in plan.promotions)
    assert (steps.kind, cases.kind) == (NumberKind.STEPS, NumberKind.CASES_BY_TEXT)
    figures = [plan.figures[2 * row].amount for row in plan.entries[steps.first]]
    assert figures == [3, 50_000]
    key, value = plan.entries[cases.first]
    assert plan.texts[key] == "gold"
    assert Entry(key, value).value == plan.entries[steps.first].value
    assert capped.kind == for_every.kind == NumberKind.FOR_EVERY
    for number, most in ((capped, 200_000), (for_every, 1_000_000)):
        entries = plan.entries[number.first : number.first + number.length]
        assert [[plan.figures[2 * row].amount for row in entry] for entry in entries] == [[3, 50_000], [3, most]]


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
    assert promotion.family == Section.SHIPPING_REWARDS
    reward = plan.shipping_rewards[promotion.reward]
    assert listed(reward.first_method, reward.method_count, plan) == ["standard", "express"]
    assert (value_of(reward.number, plan), reward.up_to) == (1_000_000, NONE)


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
    assert [goods_of(each, plan).selection for each in plan.promotions] == [
        Selection.UNITS,
        Selection.BUY_GET,
        Selection.BUNDLE,
    ]
    assert parts_of(units, plan) == [(SHOES, 3)]
    assert parts_of(buy_get, plan) == [(DISCOUNTABLE, 2), (SHOES, 1)]
    assert parts_of(bundle, plan) == [(SHOES, 1), (DISCOUNTABLE, 2)]
    assert [goods_of(each, plan).pick for each in plan.promotions] == [1, 0, 0]
    assert [goods_of(each, plan).repeat for each in plan.promotions][:2] == [NONE, NONE]
    assert value_of(goods_of(bundle, plan).repeat, plan) == 4


@pytest.mark.parametrize(("carried_by", "selection"), [("got", Selection.BUY_GET), ("set", Selection.BUY_GET_SET)])
def test_what_the_units_of_a_set_carry(carried_by: str, selection: Selection) -> None:
    got = "get: {of: shoes, quantity: 1, percent_off: 50, per: unit}, incomplete: true"
    reward = f"{{buy_get: {{buy: {{of: cart, quantity: 2}}, {got}, carried_by: {carried_by}}}}}"
    (record,) = planned(f"layer: item, reward: {reward}").goods_rewards
    assert (record.selection, record.per, record.incomplete) == (selection, list(Per).index(Per.UNIT), 1)


def test_parts_at_full_price_stand_last() -> None:
    parts = "[{of: cart, quantity: 2, full_price: true}, {of: shoes, quantity: 1}]"
    plan = planned(f"layer: item, reward: {{bundle: {{parts: {parts}, percent_off: 10}}}}")
    assert parts_of(plan.promotions[0], plan) == [(SHOES, 1), (DISCOUNTABLE, 2)]
    assert [each.full_price_parts for each in plan.goods_rewards] == [1]


def test_sets_of_what_is_the_same() -> None:
    attributes = "attributes: {item: {size: int, model: string}}\n"
    buy_get = "buy_get: {buy: {of: shoes, quantity: 1}, get: {of: shoes, quantity: 1, percent_off: 50}"
    names = ("sku", "line", "brand", "category", "attributes.size", "attributes.model")
    sames = ["", *(f", same: {name}" for name in names)]
    rewards = (f"  p{place}: {{layer: item, reward: {{{buy_get}{same}}}}}}}" for place, same in enumerate(sames))
    plan_of_all = plan(load_text(attributes + HEAD + "\n".join(rewards)))
    assert [goods_of(each, plan_of_all).same for each in plan_of_all.promotions] == [0, 1, 2, 3, 4, 5, 6]


def test_sets_of_different_units() -> None:
    bundle = "bundle: {parts: [{of: shoes, quantity: 3}], percent_off: 50, same: brand, different: sku}"
    (reward,) = planned(f"layer: item, reward: {{{bundle}}}").goods_rewards
    assert (reward.same, reward.different) == (Same.BRAND, Same.SKU)


def test_sets_of_each_line() -> None:
    units = "units: {quantity: 3, per: line, at_least: 5, sets: {of: 4, take: 2, arrange: rows}}"
    plan = planned(f"layer: item, reward: {{percent_off: {{of: shoes, percent: 10, skip_reduced: true, {units}}}}}")
    (reward,) = plan.goods_rewards
    assert (reward.skip_reduced, reward.same, reward.at_least) == (1, Same.LINE, 5)
    assert (reward.set_size, reward.set_position, reward.set_rows) == (4, 2, 1)


def test_goods_and_shipping() -> None:
    plan = planned("layer: item, reward: {percent_off: {of: shoes, percent: 10, shipping: true}}")
    assert [(each.shipping, each.of_list_price) for each in plan.goods_rewards] == [(1, 0)]


def test_a_percentage_off_the_list_price() -> None:
    plan = planned("layer: item, reward: {percent_off: {of: shoes, percent: 10, base: list_price}}")
    assert [(each.shipping, each.of_list_price) for each in plan.goods_rewards] == [(0, 1)]


def test_rewards_without_money() -> None:
    plan = planned(
        "layer: item, reward: {gift: {choices: [TOTE, CAP], quantity: 2, for_every: {of: cart, quantity: 3},"
        " weight: 250, value: {USD: 4.00, EUR: 3.50}}}",
        "layer: points, reward: {points: {per_unit_spent: 1.25, of: shoes}}",
        "layer: points, reward: {points: {multiplier: 2}}",
        "layer: points, reward: {credit: {amount: {USD: 5.00, EUR: 4.50}}}",
        "layer: points, reward: {effect: {name: confetti, payload: now}}",
    )
    sections = [Section.GIFT_REWARDS, Section.CREDIT_REWARDS, Section.EFFECT_REWARDS, *[Section.POINTS_REWARDS] * 2]
    gift = plan.promotions[0]
    assert sorted(each.family for each in plan.promotions) == sorted(sections)
    assert plan.figures[2 * gift.value].amount == 400
    (reward,) = plan.gift_rewards
    assert listed(reward.first_sku, reward.sku_count, plan) == ["TOTE", "CAP"]
    assert (value_of(reward.quantity, plan), reward.weight) == (2, 250)
    assert plan.parts[reward.part].segment == DISCOUNTABLE
    spent, multiplier = plan.points_rewards
    assert (spent.kind, value_of(spent.number, plan), spent.segment) == (1, 1_250_000, SHOES)
    assert (multiplier.kind, value_of(multiplier.number, plan)) == (2, 2_000_000)
    # Only points per unit spent read their segment.
    assert [segment.read for segment in plan.segments] == [0, 0, 1]
    assert value_of(plan.credit_rewards[0].number, plan) == 500
    assert [plan.texts[text] for text in plan.effect_rewards[0]] == ["confetti", "now"]


def test_codes_are_folded() -> None:
    promotion = f"layer: item, coupon: {{codes: [Sun, ß-Ä]}}, limits: {{per_code: 5}}, {REWARD}"
    folded = planned(promotion)
    (each,) = folded.promotions
    assert listed(each.first_code, each.code_count, folded) == ["sun", "ß-Ä"]
    assert folded.limits == (Limits(NONE, NONE, 5, NONE, NONE, NONE, NONE, 0),)


def test_limits_per_period_pools_and_returns() -> None:
    text = HEAD.replace("promotions:", "returns: reprice\npromotions:")
    limits = "total: {times: 9, per: year}, per_customer: {times: 1, per: day}, per_code: 2, budget: fifty"
    found = plan(load_text(f"{text}  p0: {{layer: item, coupon: {{pool: Club}}, limits: {{{limits}}}, {REWARD}}}"))
    (promotion,) = found.promotions
    assert (promotion.code_count, found.texts[promotion.pool]) == (0, "Club")
    (written,) = found.limits
    assert written == Limits(9, 1, 2, 3, 0, NONE, written.budget, 0)
    assert found.rule_sets[0].returns == 2
    assert planned(f"layer: item, {REWARD}").promotions[0].pool == NONE


def test_codes_are_as_written_where_case_tells() -> None:
    text = HEAD.replace("promotions:", "coupons: {case_sensitive: true, per_cart: one}\npromotions:")
    as_written = plan(load_text(f"{text}  p0: {{layer: item, coupon: {{codes: [Sun, SUN]}}, {REWARD}}}"))
    (each,) = as_written.promotions
    assert listed(each.first_code, each.code_count, as_written) == ["Sun", "SUN"]
    assert (as_written.rule_sets[0].case_sensitive, as_written.rule_sets[0].one_coupon) == (1, 1)


def test_the_rule_set_says_how_it_searches_and_spreads() -> None:
    text = HEAD.replace("promotions:", "selection: global\nsearch: {nodes: 77}\nleftover: first_lines\npromotions:")
    (rule_set,) = plan(load_text(f"{text}  p0: {{layer: item, {REWARD}}}")).rule_sets
    assert (rule_set.selects_globally, rule_set.search_nodes, rule_set.leftover) == (1, 77, 1)


def test_currencies_know_their_minor_units() -> None:
    text = HEAD.replace("[USD, EUR]", "[USD, JPY]").replace("EUR: 45.00", "JPY: 45")
    currencies = plan(load_text(f"{text}  p0: {{layer: item, {REWARD}}}")).currencies
    assert [currency.unit for currency in currencies] == [100, 1]


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
