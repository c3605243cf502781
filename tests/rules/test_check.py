"""What a sound rule file means once it is checked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.money import Rounding
from engine.rules import CheckedRules, InvalidRules, compile, load, load_text
from engine.rules.checked import (
    CART,
    Attribute,
    BundleReward,
    BuyGetReward,
    Case,
    Choice,
    Combine,
    Exclusion,
    ExclusionKind,
    Exclusive,
    Fixed,
    GoodsReward,
    Group,
    Layer,
    LayerKind,
    Part,
    Per,
    Percentages,
    Pick,
    RewardKind,
    Schedule,
    ShippingReward,
    Step,
    StepTable,
    Units,
    Window,
)
from engine.rules.expressions import Fact, Subject, Type

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="module")
def winter() -> CheckedRules:
    return load([DATA / "winter.yaml"])


@pytest.fixture(scope="module")
def autumn() -> CheckedRules:
    return load([DATA / "autumn.yaml"])


def test_head(winter: CheckedRules) -> None:
    assert winter.name == "winter"
    assert winter.currencies == ("USD", "EUR")
    assert winter.zone.name == "Europe/Vienna"
    assert winter.rounding is Rounding.HALF_EVEN
    assert winter.markup == 25_000
    assert winter.attributes == (
        Attribute(Subject.ITEM, "color", Type.STRING),
        Attribute(Subject.ITEM, "recycled", Type.BOOL),
        Attribute(Subject.CUSTOMER, "visits", Type.INT),
    )
    assert [segment.name for segment in winter.segments] == ["cart", "discountable", "coats", "on"]


def test_layers(winter: CheckedRules) -> None:
    assert winter.layers == (
        Layer("goods", LayerKind.GOODS, Combine.FIRST, Percentages.COMPOUNDING),
        Layer("freight", LayerKind.SHIPPING, Combine.ALL, Percentages.ADDITIVE),
        Layer("points", LayerKind.POINTS, Combine.ALL, Percentages.ADDITIVE),
    )


def test_promotions_go_by_layer_then_priority_then_id(winter: CheckedRules) -> None:
    assert [(each.layer, each.id) for each in winter.promotions] == [
        (0, "urgent"),
        (0, "a-coats"),
        (0, "b-coats"),
        (1, "freight"),
    ]


def test_name_and_condition_of_a_promotion(winter: CheckedRules) -> None:
    urgent, _, b_coats, _ = winter.promotions
    assert (urgent.name, urgent.condition, urgent.condition_text) == ("urgent", None, "")
    assert (b_coats.name, b_coats.condition_text) == ("Coats at a tenth off", "coats.quantity >= 2")
    assert b_coats.condition is not None


def test_percentage_with_a_cap(winter: CheckedRules) -> None:
    assert winter.promotions[2].reward == GoodsReward(
        RewardKind.PERCENT_OFF, 2, Per.LINE, Fixed((100_000, 100_000)), Fixed((4000, 3600))
    )


def test_steps_with_amounts_that_lack_a_currency(winter: CheckedRules) -> None:
    assert winter.promotions[1].reward == GoodsReward(
        RewardKind.AMOUNT_OFF,
        2,
        Per.UNIT,
        StepTable(
            Fact(Type.MONEY, Subject.CART, "subtotal"),
            (Step((2000, None), (2000, None)), Step((5000, None), (None, 3000))),
        ),
        None,
    )


def test_choice_reads_its_keys_by_the_type_of_the_fact(winter: CheckedRules) -> None:
    reward = winter.promotions[0].reward
    assert reward.number == Choice(
        Fact(Type.INT, Subject.CUSTOMER, "attributes.visits"), (Case(10, (4000, 3600)), Case(-1, (100, None)))
    )


def test_rewards_on_units(autumn: CheckedRules) -> None:
    boots, socks = 2, 3
    rewards = {each.id: each.reward for each in autumn.promotions}
    assert rewards["cheap-boots"] == GoodsReward(
        RewardKind.PERCENT_OFF, boots, Per.LINE, Fixed((100_000,)), None, Units(2, Pick.CHEAPEST)
    )
    assert rewards["happy-hour"] == GoodsReward(
        RewardKind.AMOUNT_OFF, CART, Per.ORDER, Fixed((1500,)), None, Units(3, Pick.DEAREST)
    )
    assert rewards["socks-for-two"] == BuyGetReward(
        RewardKind.PERCENT_OFF, Fixed((1_000_000,)), Per.LINE, socks, 2, socks, 1, Pick.CHEAPEST, None
    )
    assert rewards["boots-with-socks"] == BuyGetReward(
        RewardKind.FIXED_PRICE, Fixed((500,)), Per.UNIT, boots, 1, socks, 3, Pick.DEAREST, 2
    )
    assert rewards["outfit"] == BundleReward(
        RewardKind.AMOUNT_OFF,
        Choice(Fact(Type.STRING, Subject.CUSTOMER, "tier"), (Case("gold", (1000,)),)),
        (Part(boots, 1), Part(CART, 2)),
        Pick.CHEAPEST,
        1,
    )


def test_what_promotions_say_of_each_other(autumn: CheckedRules) -> None:
    said = {each.id: (each.group, each.tags, each.exclusive) for each in autumn.promotions}
    assert said == {
        "cheap-boots": ("", ("sale", "boots"), None),
        "socks-for-two": ("loyal", (), None),
        "boots-with-socks": ("", (), Exclusive.LAYER),
        "outfit": ("seasonal", (), None),
        "happy-hour": ("", (), Exclusive.STRICT),
    }
    assert autumn.groups == (Group("seasonal", one=True), Group("loyal", one=False))
    (excludes,) = [each.excludes for each in autumn.promotions if each.excludes]
    assert excludes == (
        Exclusion(ExclusionKind.TAG, "sale"),
        Exclusion(ExclusionKind.GROUP, "seasonal"),
        Exclusion(ExclusionKind.PROMOTION, "happy-hour"),
    )


@pytest.mark.parametrize("written", ["percent_off: 5, per: unit", "amount_off: 5, per: unit", "fixed_price: 5"])
def test_what_is_got_may_be_reduced_per_unit(written: str) -> None:
    reward = f"{{buy_get: {{buy: {{of: cart, quantity: 1}}, get: {{of: cart, quantity: 1, {written}}}}}}}"
    rules = load_text(f"ruleset: shop\ncurrencies: [USD]\npromotions: {{a: {{layer: item, reward: {reward}}}}}\n")
    assert rules.promotions[0].reward.per is Per.UNIT


def test_free_shipping_is_all_of_it_off(winter: CheckedRules) -> None:
    expected = ShippingReward(RewardKind.PERCENT_OFF, ("ground", "air"), Fixed((1_000_000, 1_000_000)))
    assert winter.promotions[3].reward == expected


def test_schedule_in_local_time(winter: CheckedRules) -> None:
    vienna = ZoneInfo("Europe/Vienna")
    assert winter.promotions[2].schedule == Schedule(
        starts=int(datetime(2026, 10, 25, 2, 30, tzinfo=vienna, fold=0).timestamp()),
        ends=int(datetime(2027, 1, 1, tzinfo=vienna).timestamp()),
        weekdays=0b1100000,
        windows=(Window(22 * 60, 2 * 60),),
    )


def test_compiles_to_the_same_bytes_every_time(winter: CheckedRules) -> None:
    assert compile(winter) == compile(load([DATA / "winter.yaml"]))


def test_defaults() -> None:
    rules = load_text("ruleset: plain\ncurrencies: [JPY]\n")
    assert [layer.name for layer in rules.layers] == ["item", "order", "shipping", "points"]
    assert {layer.combine for layer in rules.layers} == {Combine.ALL}
    assert (rules.zone.name, rules.zone.offsets) == ("UTC", (0,))
    assert (rules.rounding, rules.markup, rules.promotions) == (Rounding.HALF_UP, None, ())


def test_one_currency_takes_plain_amounts_and_tables_alike() -> None:
    rules = load_text(
        "ruleset: plain\ncurrencies: [USD]\npromotions:\n"
        + "\n".join(
            f"  {id}: {{layer: order, reward: {{amount_off: {{of: cart, per: order, amount: {amount}}}}}}}"
            for id, amount in (("a", "15.00"), ("b", "{USD: 15.00}"), ("c", '"15"'))
        )
    )
    assert [each.reward.number for each in rules.promotions] == [Fixed((1500,))] * 3


LATER = """
26 combine: best
27 combine: best
28 combine: best
75 coupon
76 limits
96 gift
101 points
"""


def test_every_later_part_of_the_example_is_named_with_its_line() -> None:
    with pytest.raises(InvalidRules) as caught:
        load([DATA / "summer.yaml"])
    issues = caught.value.issues
    assert {issue.code for issue in issues} == {"not_supported_yet"}
    found = [f"{issue.position.line} {issue.message.split('`')[1]}" for issue in issues]
    assert found == LATER.strip().splitlines()
