"""What a valid rule file means once it is checked."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.money import Rounding
from engine.pricing.redemption import Limit, Period, Returns
from engine.rules import CheckedRules, InvalidRules, compile, load, load_text
from engine.rules.checked import (
    Attribute,
    Combine,
    Coupons,
    Exclusion,
    ExclusionKind,
    Exclusive,
    Group,
    Layer,
    LayerKind,
    Leftover,
    Percentages,
    Policy,
    RedemptionLimits,
    Selection,
)
from engine.rules.checked_rewards import (
    CART,
    BundleReward,
    BuyGetReward,
    Case,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    GiftReward,
    GoodsReward,
    Part,
    Per,
    Pick,
    PointsKind,
    PointsReward,
    RewardKind,
    Sets,
    ShippingReward,
    Step,
    StepTable,
    Units,
)
from engine.rules.checked_schedules import Schedule, Window
from engine.rules.expressions import Fact, Subject, Type

DATA = Path(__file__).parent / "data"
ONE, TWO, THREE = (Fixed((count,)) for count in (1, 2, 3))
TIER = Fact(Type.STRING, Subject.CUSTOMER, "tier")
QUANTITY = Fact(Type.INT, Subject.CART, "quantity")
DOZEN = (1200, 1100)


@pytest.fixture(scope="module")
def winter() -> CheckedRules:
    return load([DATA / "winter.yaml"])


@pytest.fixture(scope="module")
def autumn() -> CheckedRules:
    return load([DATA / "autumn.yaml"])


@pytest.fixture(scope="module")
def spring() -> CheckedRules:
    return load([DATA / "spring.yaml"])


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
            (Step((2000, None), (2000, None)), Step((5000, None), (3000, 3000))),
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
        RewardKind.PERCENT_OFF, boots, Per.LINE, Fixed((100_000,)), None, Units(TWO, Pick.CHEAPEST)
    )
    assert rewards["happy-hour"] == GoodsReward(
        RewardKind.AMOUNT_OFF, CART, Per.ORDER, Fixed((1500,)), None, Units(THREE, Pick.DEAREST)
    )
    assert rewards["socks-for-two"] == BuyGetReward(
        RewardKind.PERCENT_OFF, Fixed((1_000_000,)), Per.LINE, socks, TWO, socks, ONE, Pick.CHEAPEST, None
    )
    assert rewards["boots-with-socks"] == BuyGetReward(
        RewardKind.FIXED_PRICE, Fixed((500,)), Per.UNIT, boots, ONE, socks, THREE, Pick.DEAREST, TWO
    )
    assert rewards["outfit"] == BundleReward(
        RewardKind.AMOUNT_OFF,
        Choice(Fact(Type.STRING, Subject.CUSTOMER, "tier"), (Case("gold", (1000,)),)),
        (Part(boots, ONE), Part(CART, TWO)),
        Pick.CHEAPEST,
        ONE,
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
    assert autumn.groups == (Group("seasonal", Policy.ONE), Group("loyal", Policy.ALL))
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


@pytest.mark.parametrize("written", ["", ", carried_by: got", ", carried_by: set"])
def test_which_units_carry_the_discount(written: str) -> None:
    got = "get: {of: cart, quantity: 1, percent_off: 5}"
    reward = f"{{buy_get: {{buy: {{of: cart, quantity: 1}}, {got}{written}}}}}"
    rules = load_text(f"ruleset: shop\ncurrencies: [USD]\npromotions: {{a: {{layer: item, reward: {reward}}}}}\n")
    assert rules.promotions[0].reward.carried_by_set is written.endswith("set")


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


def test_how_promotions_are_selected(spring: CheckedRules, winter: CheckedRules) -> None:
    assert (spring.selection, spring.search_nodes, spring.leftover) == (Selection.GLOBAL, 500, Leftover.LAST_LINE)
    assert spring.coupons == Coupons(case_sensitive=True, one_per_cart=True)
    assert spring.returns is Returns.REPRICE
    assert [layer.combine for layer in spring.layers] == [Combine.BEST, Combine.FIRST, Combine.ALL]
    assert (winter.selection, winter.search_nodes) == (Selection.LAYERED, 1_500)
    assert (winter.leftover, winter.coupons) == (Leftover.LARGEST_REMAINDER, Coupons())
    assert winter.returns is Returns.KEEP


def test_multipliers_of_points_go_behind_the_others(spring: CheckedRules) -> None:
    assert [each.id for each in spring.promotions if each.layer == 2] == [
        "early",
        "confetti",
        "plain-points",
        "sock-points",
        "double",
    ]


def test_sets_of_units(spring: CheckedRules) -> None:
    socks, boots = 2, 3
    rewards = {each.id: each.reward for each in spring.promotions}
    assert rewards["second-of-four"] == GoodsReward(
        RewardKind.PERCENT_OFF,
        socks,
        Per.LINE,
        Fixed((500_000, 500_000)),
        None,
        Units(None, Pick.DEAREST, sets=Sets(4, 2, rows=False)),
        skip_reduced=True,
    )
    assert rewards["back-row"] == GoodsReward(
        RewardKind.FIXED_PRICE,
        socks,
        Per.UNIT,
        Fixed(DOZEN),
        None,
        Units(Fixed((3, 3)), Pick.CHEAPEST, sets=Sets(3, 3, rows=True)),
        shipping=True,
    )
    assert rewards["two-of-each"] == GoodsReward(
        RewardKind.PERCENT_OFF,
        boots,
        Per.LINE,
        Fixed((50_000, 50_000)),
        None,
        Units(Choice(TIER, (Case("gold", (2, 2)),)), Pick.CHEAPEST, same="line"),
    )


def test_quantities_and_repeat_may_be_tables(spring: CheckedRules) -> None:
    socks, boots = 2, 3
    (reward,) = [each.reward for each in spring.promotions if each.id == "laces"]
    assert reward == BuyGetReward(
        RewardKind.PERCENT_OFF,
        Fixed((1_000_000, 1_000_000)),
        Per.LINE,
        boots,
        Choice(TIER, (Case("gold", (1, 1)), Case("basic", (2, 2)))),
        socks,
        StepTable(QUANTITY, (Step((5, 5), (3, 3)),)),
        Pick.CHEAPEST,
        StepTable(QUANTITY, (Step((10, 10), (2, 2)),)),
    )


def test_rewards_without_money(spring: CheckedRules) -> None:
    socks, boots = 2, 3
    rewards = {each.id: each.reward for each in spring.promotions}
    assert rewards["tote"] == GiftReward(("0010",), Fixed((2, 2)), Part(boots, Fixed((3, 3))), 250, DOZEN)
    assert rewards["mug-or-cup"] == GiftReward(("MUG", "CUP"), Fixed((1, 1)))
    assert rewards["welcome"] == CreditReward(Choice(TIER, (Case("gold", DOZEN),)), (500, None))
    assert rewards["confetti"] == EffectReward("confetti", '{"color": "red"}', DOZEN)
    assert rewards["plain-points"] == PointsReward(PointsKind.FIXED, Fixed((10**9, 10**9)))
    assert rewards["sock-points"] == PointsReward(
        PointsKind.PER_UNIT_SPENT,
        Choice(TIER, (Case("gold", (1_250_000, 1_250_000)), Case("basic", (100, 100)))),
        socks,
        DOZEN,
    )
    assert rewards["double"] == PointsReward(PointsKind.MULTIPLIER, Fixed((2_500_000, 2_500_000)))


def test_shipping_with_a_cap(spring: CheckedRules) -> None:
    (reward,) = [each.reward for each in spring.promotions if each.id == "freight"]
    assert reward == ShippingReward(RewardKind.PERCENT_OFF, (), Fixed((500_000, 500_000)), Fixed(DOZEN))


def test_coupons_and_limits(spring: CheckedRules) -> None:
    said = {each.id: (each.codes, each.pool, each.limits) for each in spring.promotions if each.limits}
    assert said == {
        "tote": ((), "Club", RedemptionLimits(total=Limit(0), per_customer=Limit(1, Period.WEEK))),
        "welcome": (
            ("WELCOME", "Welcome", "0010"),
            "",
            RedemptionLimits(per_code=Limit(3), budget=(50_000, None), partial=True),
        ),
    }


def test_a_whole_summer_loads() -> None:
    summer = load([DATA / "summer.yaml"])
    assert [each.id for each in summer.promotions] == [
        "camera-kit",
        "shoes-10",
        "socks-3-for-2",
        "gold-15",
        "spend-more-save-more",
        "tote",
        "welcome",
        "free-shipping",
        "platinum-ships-free",
        "points-by-tier",
    ]


@pytest.mark.parametrize(
    ("written", "suggestion"),
    [
        ("percent_off: {of: cart, percent: '12,5'}", "12.5"),
        ("percent_off: {of: cart, percent: 10 %}", "10"),
        ("percent_off: {of: cart, percent: 10%}", "10"),
        ("amount_off: {of: cart, per: order, amount: $15.00}", "15.00"),
        ("amount_off: {of: cart, per: order, amount: 15.00 €}", "15.00"),
        ("amount_off: {of: cart, per: order, amount: USD 15}", "15"),
        ("amount_off: {of: cart, per: order, amount: '1,500.00'}", "1500.00"),
        ("amount_off: {of: cart, per: order, amount: '1 500,50'}", "1500.50"),
        ("amount_off: {of: cart, per: order, amount: 15 or so}", ""),
        ("percent_off: {of: cart, percent: 1.00001}", ""),
    ],
)
def test_another_spelling_of_a_number_is_suggested(written: str, suggestion: str) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(f"ruleset: a\ncurrencies: [USD]\npromotions: {{a: {{layer: item, reward: {{{written}}}}}}}\n")
    assert [issue.suggestion for issue in caught.value.issues] == [suggestion]


def test_codes_are_the_same_in_upper_and_lower_case_of_ascii_only() -> None:
    head = (
        "ruleset: a\ncurrencies: [USD]\npromotions: {a: {layer: item, reward: {percent_off: {of: cart, percent: 1}}, "
    )
    assert load_text(head + "coupon: {codes: [É, é]}}}").promotions[0].codes == ("É", "é")
    with pytest.raises(InvalidRules, match="first on line 3 as `Ab`; upper and lower case count as the same"):
        load_text(head + "coupon: {codes: [Ab, aB]}}}")
