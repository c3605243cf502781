"""Rewards over chosen units, at sizes that only runs of units can handle."""

from __future__ import annotations

import time
from collections.abc import Sequence

import pytest

from engine.pricing.cart import Cart, Line
from engine.pricing.quote import Adjustment, Bucket, Quote
from engine.rules.checked import CheckedRules
from tests.programs import both_of, checked, session_of

MILLION = 1_000_000


def rules_of(*rewards: str) -> CheckedRules:
    """One promotion per reward, in their order."""
    promotions = "".join(f"  p{index:03}: {{layer: item, reward: {{{each}}}}}\n" for index, each in enumerate(rewards))
    return checked(f"promotions:\n{promotions}")


def cart_of(lines: Sequence[tuple[int, int]]) -> Cart:
    """Lines of (quantity, price)."""
    numbered = enumerate(lines)
    return Cart(
        id="c",
        currency="USD",
        at=0,
        lines=tuple(
            Line(id=f"{number:04}", sku="x", quantity=count, price=price) for number, (count, price) in numbered
        ),
    )


def price(rules: CheckedRules, cart: Cart) -> Quote:
    return session_of(rules).price(cart)


def only_adjustment(quote: Quote) -> Adjustment:
    (adjustment,) = quote.layers[0].adjustments
    return adjustment


def test_a_million_units_in_bundles_of_two() -> None:
    quote = price(
        rules_of("bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 15.01, repeat: unlimited}"),
        cart_of([(MILLION, 1000)]),
    )
    assert only_adjustment(quote).amount == 499 * MILLION // 2
    assert quote.lines[0].buckets == (Bucket(751, MILLION // 2), Bucket(750, MILLION // 2))


def test_bundles_across_lines_use_up_one_run_after_the_other() -> None:
    quote = price(
        rules_of("bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 15.00, repeat: 999999}"),
        cart_of([(MILLION - 1, 1000), (MILLION, 2000)]),
    )
    # 499,999 sets of cheap units, one set of a unit each, 499,999 of dear ones; the last dear unit is left over.
    assert only_adjustment(quote).amount == 499_999 * 500 + 1500 + 499_999 * 2500
    assert quote.lines[1].buckets == (Bucket(2000, 1), Bucket(1000, 1), Bucket(750, MILLION - 2))


def test_a_million_units_bought_and_got() -> None:
    quote = price(
        rules_of(
            "buy_get: {buy: {of: cart, quantity: 2}, get: {of: cart, quantity: 1, percent_off: 100}, repeat: unlimited}"
        ),
        cart_of([(MILLION, 1000)]),
    )
    assert quote.lines[0].buckets == (Bucket(1000, 666_667), Bucket(0, 333_333))


def test_sets_that_take_nothing_do_not_count() -> None:
    rules = rules_of("bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 15.00, repeat: 1}")
    quote = price(rules, cart_of([(MILLION, 700), (MILLION, 800)]))
    assert only_adjustment(quote).amount == 100


def test_the_second_of_every_three_of_a_million_units() -> None:
    quote = price(
        rules_of("percent_off: {of: cart, per: unit, percent: 50, units: {sets: {of: 3, take: 2}}}"),
        cart_of([(MILLION, 1000), (2, 900)]),
    )
    # The two cheap units come first: the second of them, then every third of the dear ones.
    assert quote.lines[0].buckets == (Bucket(1000, MILLION - 333_333), Bucket(500, 333_333))
    assert quote.lines[1].buckets == (Bucket(900, 1), Bucket(450, 1))


def test_the_cheapest_row_of_a_million_units() -> None:
    quote = price(
        rules_of("percent_off: {of: cart, per: unit, percent: 100, units: {sets: {of: 4, take: 1, arrange: rows}}}"),
        cart_of([(MILLION, 1000), (MILLION, 900), (3, 1)]),
    )
    assert [line.subtotal for line in quote.lines] == [MILLION * 1000, (MILLION - 499_997) * 900, 0]


def test_a_budget_in_part_is_used_up_set_by_set() -> None:
    rules = checked("""
promotions:
  pairs:
    layer: item
    limits: {budget: 1000.01, partial: true}
    reward: {bundle: {parts: [{of: cart, quantity: 2}], amount_off: 0.30, repeat: unlimited}}
""")
    quote = price(rules, cart_of([(MILLION, 1000)]))
    adjustment = only_adjustment(quote)
    # 3,333 sets at 0.30 leave 0.11 for the next set.
    assert (adjustment.amount, adjustment.ungranted) == (100_001, 0)
    assert quote.lines[0].buckets == (Bucket(1000, MILLION - 6_668), Bucket(995, 1), Bucket(994, 1), Bucket(985, 6_666))


@pytest.mark.parametrize(
    "reward",
    [
        "bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 15.01, repeat: unlimited}",
        "bundle: {parts: [{of: cart, quantity: 2}, {of: cart, quantity: 5}], percent_off: 33.33, repeat: unlimited}",
        "bundle: {parts: [{of: cart, quantity: 2}], fixed_price: 9999.00, repeat: 1}",
        "buy_get: {buy: {of: cart, quantity: 2}, get: {of: cart, quantity: 1, percent_off: 33.33}, repeat: unlimited}",
        "percent_off: {of: cart, percent: 33.33, units: {quantity: 999999}}",
        "percent_off: {of: cart, percent: 33.33, units: {sets: {of: 3, take: 2}, pick: dearest}}",
        "percent_off: {of: cart, percent: 33.33, units: {quantity: 7777, per: line, sets: {of: 3, take: 2}}}",
        "gift: {sku: TOTE, for_every: {of: cart, quantity: 2}}",
    ],
)
def test_time_does_not_grow_with_quantities(reward: str) -> None:
    session = session_of(rules_of(reward))
    session.load(cart_of([(MILLION, 1000 + number) for number in range(20)]))
    session.evaluate()
    started = time.process_time()
    for _ in range(100):
        session.evaluate()
    assert time.process_time() - started < 0.2  # 100 times 10 µs; single units would take seconds


def test_sets_that_all_differ_get_the_room_they_need() -> None:
    rules = rules_of(
        "bundle: {parts: [{of: cart, quantity: 1}, {of: cart, quantity: 2}], percent_off: 10, repeat: unlimited}",
        "percent_off: {of: cart, percent: 12.5, units: {quantity: 150, pick: dearest}}",
        "amount_off: {of: cart, per: order, amount: 77.77}",
    )
    cart = cart_of([(1 + number % 7, 1000 + 37 * number) for number in range(200)])
    session, reference = both_of(rules)
    quote = session.price(cart)
    assert quote == reference.price(cart)
    assert sum(len(line.buckets) for line in quote.lines) > 300
