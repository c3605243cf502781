"""The native spread, over runs of equal units, against engine.money.spread, over single units."""

from __future__ import annotations

from functools import partial
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engine._native.spreading import spread_over
from engine.money import (
    MAX_AMOUNT,
    Apportion,
    Rounding,
    carried_shares,
    first_shares,
    last_share,
    rounded_shares,
    spread,
)
from engine.rules.checked import Leftover

small = st.integers(0, 30)
# Weights and capacities of all units together stay within 10^15, as the goods of a cart do.
large = st.integers(0, MAX_AMOUNT // 100)
runs = st.lists(st.tuples(small, small, st.integers(1, 5)), max_size=12)
large_runs = st.lists(st.tuples(large, large, st.integers(1, 5)), max_size=20)


def spread_units(total: int, runs: list[tuple[int, int, int]]) -> list[int]:
    units = [(weight, capacity) for weight, capacity, count in runs for _ in range(count)]
    return spread(total, [weight for weight, _ in units], [capacity for _, capacity in units])


@given(total=st.integers(0, 200), runs=runs)
def test_small_amounts(total: int, runs: list[tuple[int, int, int]]) -> None:
    assert spread_over(total, runs) == spread_units(total, runs)


@given(total=st.integers(0, MAX_AMOUNT), runs=large_runs)
def test_amounts_whose_products_need_128_bits(total: int, runs: list[tuple[int, int, int]]) -> None:
    assert spread_over(total, runs) == spread_units(total, runs)


@given(
    total=st.integers(0, 2**32),
    runs=st.lists(st.tuples(st.integers(0, 2**26), st.integers(0, 2**31), st.integers(1, 5)), max_size=12),
)
def test_products_of_up_to_63_bits(total: int, runs: list[tuple[int, int, int]]) -> None:
    assert spread_over(total, runs) == spread_units(total, runs)


@given(total=st.integers(0, 2000), random=st.randoms(use_true_random=False))
def test_many_targets(total: int, random: Random) -> None:
    runs = [(random.randrange(50), random.randrange(5), 1) for _ in range(300)]
    assert spread_over(total, runs) == spread_units(total, runs)


BY_ROUNDING = {
    Leftover.LAST_LINE: last_share,
    Leftover.CARRIED: carried_shares,
    Leftover.ROUNDED: rounded_shares,
}

lines = st.lists(st.tuples(small, small, st.just(1)), max_size=12)
large_lines = st.lists(st.tuples(large, large, st.just(1)), max_size=20)


@given(
    total=st.integers(0, MAX_AMOUNT),
    lines=st.one_of(lines, large_lines),
    leftover=st.sampled_from((Leftover.FIRST_LINES, *BY_ROUNDING)),
    rounding=st.sampled_from(tuple(Rounding)),
)
def test_who_gets_what_is_left_over(
    total: int, lines: list[tuple[int, int, int]], leftover: Leftover, rounding: Rounding
) -> None:
    apportion: Apportion = first_shares
    if leftover is not Leftover.FIRST_LINES:
        apportion = partial(BY_ROUNDING[leftover], rounding=rounding)
    for part in (total, total % 200):
        expected = spread(part, [weight for weight, _, _ in lines], [capacity for _, capacity, _ in lines], apportion)
        assert spread_over(part, lines, list(Leftover).index(leftover), list(Rounding).index(rounding)) == expected


def test_what_the_last_line_cannot_take_goes_to_the_first_that_can() -> None:
    thirds = [(1, 4, 1), (1, 4, 1), (1, 3, 1)]
    last_line = list(Leftover).index(Leftover.LAST_LINE)
    assert spread_over(11, thirds, last_line, list(Rounding).index(Rounding.DOWN)) == [4, 4, 3]


def test_worked_example() -> None:
    assert spread_over(1500, [(7200, 7200, 1), (1875, 1875, 1), (1999, 1999, 1)]) == [975, 254, 271]


def test_units_alike_differ_by_one_at_most_and_the_first_take_more() -> None:
    assert spread_over(1000, [(1000, 1000, 3)]) == [334, 333, 333]


def test_largest_amounts() -> None:
    half = MAX_AMOUNT // 2
    assert spread_over(MAX_AMOUNT - 1, [(half, half, 1), (half, half, 1)]) == [half, half - 1]
