"""Lint reports what it could not examine: promotions that apply on no cart it can build, pairs beyond its limits."""

from __future__ import annotations

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.lint import Lint, Unseen, run
from engine.rules import compile, load_text

EITHER = " && ".join(f"(cart.lines > {number} || customer.orders > {number})" for number in range(8))


def unseen(promotions: str, segments: str = "{}", found: int = 0) -> list[Unseen]:
    rules = load_text(f"ruleset: shop\ncurrencies: [USD]\nsegments: {segments}\npromotions:\n{promotions}")
    looking = Lint(rules, Session(Program.load(compile(rules))))
    assert len(list(looking.findings())) == found
    return list(looking.unseen())


def promotion(id: str, rest: str) -> str:
    return f"  {id}: {{layer: order, {rest}}}\n"


@pytest.mark.parametrize(
    ("condition", "why"),
    [
        (EITHER, "its condition can be met in more than 128 ways"),
        ("cart.lines > 300", "it applied on none of the carts that were tried"),
    ],
)
def test_a_promotion_that_was_not_seen_to_apply(condition: str, why: str) -> None:
    reward = "reward: {percent_off: {of: cart, percent: 5}}"
    assert unseen(promotion("a", f"when: '{condition}', {reward}") + promotion("b", reward)) == [Unseen("a", why)]


def test_what_a_finding_says_never_to_apply_is_not_reported_again() -> None:
    never = "when: cart.lines > 3 && cart.lines < 2, reward: {percent_off: {of: cart, percent: 5}}"
    assert not unseen(promotion("a", never), found=1)


@pytest.mark.parametrize(
    "reward",
    [
        "bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 999.00}",
        "buy_get: {buy: {of: cart, quantity: 1}, get: {of: cart, quantity: 1, percent_off: 50}, same: brand}",
    ],
)
def test_carts_are_dear_enough_and_say_what_a_set_has_in_common(reward: str) -> None:
    assert not unseen(promotion("a", f"reward: {{{reward}}}"))


@pytest.mark.parametrize(
    "condition",
    [
        "boots.skus >= 1 && cart.skus >= 4",
        "boots.lines >= 2",
        "belts.skus >= 3",
        "boots.quantity >= 1 && boots.subtotal != 10.00",
        "hats.quantity >= 1 && bags.quantity >= 1",
        '"a" == "a" && cart.quantity != 1',
    ],
)
def test_carts_have_as_many_lines_and_products_as_a_condition_asks_for(condition: str) -> None:
    """A SKU that is given can be that of few lines; the texts that come to mind first may be excluded."""
    excluded = " && ".join(f'item.sku != "{text}"' for text in ("other", "other-1", "else", "x", "0", "zz"))
    segments = (
        f"""{{boots: item.sku == "BOOT", belts: 'item.sku in ["A", "B", "C"]', hats: '{excluded}', """
        """bags: 'item.brand.contains("ag") && !item.brand.contains("x")'}"""
    )
    spending = f"when: '{condition}', reward: {{amount_off: {{of: cart, per: order, amount: 1.00}}}}"
    assert not unseen(promotion("a", spending), segments)


def test_of_a_segment_with_too_many_kinds_of_items_nothing_is_known() -> None:
    """Nor is anything found in it: two that take 60 % together take too much."""
    kinds = " || ".join(f'(item.brand == "b{number}" && item.sku != "s{number}")' for number in range(140))
    rewards = [
        "percent_off: {of: odd, percent: 60}",
        "percent_off: {of: odd, percent: 60}",
        "bundle: {parts: [{of: odd, quantity: 2}], percent_off: 10, different: sku}",
    ]
    promotions = "".join(promotion(id, f"reward: {{{reward}}}") for id, reward in zip("abc", rewards, strict=True))
    assert [each.promotion for each in unseen(promotions, f"{{odd: '{kinds}'}}")] == ["a", "b", "c"]


def test_points_are_multiplied_where_there_are_some() -> None:
    points = "  a: {layer: points, when: customer.orders > 3, reward: {points: {per_unit_spent: 1}}}\n"
    assert not unseen(points + "  b: {layer: points, reward: {points: {multiplier: 2}}}\n")


def test_pairs_beyond_the_limit_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "MOST_PAIRS", 1)
    reward = "coupon: {codes: [SAVE]}, group: one, reward: {percent_off: {of: cart, percent: 5}}"
    rules = load_text(
        "ruleset: shop\ncurrencies: [USD]\ngroups: {one: {policy: all}}\npromotions:\n"
        + "".join(promotion(id, reward) for id in "abc")
    )
    looking = Lint(rules, Session(Program.load(compile(rules))))
    assert not list(looking.findings())
    assert list(looking.unseen()) == [Unseen("", "only the first 1 pairs with a code in common were looked at")]


def test_a_promotion_that_applied_on_the_cart_of_another_is_known() -> None:
    """No cart is built for it, because what an earlier layer takes is known only once a cart is priced."""
    spending = "when: cart.subtotal < cart.merchandise, reward: {percent_off: {of: cart, percent: 5}}"
    item = "  a: {layer: item, reward: {percent_off: {of: cart, percent: 10}}}\n"
    assert not unseen(item + promotion("b", spending))
