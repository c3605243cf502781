"""The native spread, which knows runs of units alike, against engine.money.spread, which knows single units."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engine._native.spreading import spread_over
from engine.money import MAX_AMOUNT, spread

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


@given(total=st.integers(0, 2000), random=st.randoms(use_true_random=False))
def test_many_targets(total: int, random: Random) -> None:
    runs = [(random.randrange(50), random.randrange(5), 1) for _ in range(300)]
    assert spread_over(total, runs) == spread_units(total, runs)


def test_worked_example() -> None:
    assert spread_over(1500, [(7200, 7200, 1), (1875, 1875, 1), (1999, 1999, 1)]) == [975, 254, 271]


def test_units_alike_differ_by_one_at_most_and_the_first_take_more() -> None:
    assert spread_over(1000, [(1000, 1000, 3)]) == [334, 333, 333]


def test_largest_amounts() -> None:
    half = MAX_AMOUNT // 2
    assert spread_over(MAX_AMOUNT - 1, [(half, half, 1), (half, half, 1)]) == [half, half - 1]
