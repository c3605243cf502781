"""Money against the tables of docs/pricing.md §2 and §7, and against exact fractions."""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidAmount, UnknownCurrency
from engine.money import (
    MAX_AMOUNT,
    WHOLE,
    Apportion,
    Rounding,
    carried_shares,
    divide,
    exponent,
    first_shares,
    format_amount,
    format_money,
    last_share,
    parse_amount,
    parse_percent,
    percent_of,
    rounded_shares,
    spread,
)

BY_ROUNDING = (last_share, carried_shares, rounded_shares)

# ISO 4217 list one, published 2026-01-01, by digits of the minor unit.
ISO_4217 = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CNY
        COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS
        INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR
        MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP
        STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
EXPONENTS = {currency: digits for digits, currencies in ISO_4217.items() for currency in currencies.split()}

currencies = st.sampled_from(["JPY", "USD", "KWD", "CLF"])
amounts = st.integers(0, MAX_AMOUNT)
roundings = st.sampled_from(Rounding)


class TestCurrency:
    def test_every_current_currency_has_the_exponent_of_iso_4217(self) -> None:
        assert {currency: exponent(currency) for currency in EXPONENTS} == EXPONENTS

    @given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3).filter(lambda code: code not in EXPONENTS))
    def test_every_other_code_is_unknown(self, currency: str) -> None:
        with pytest.raises(UnknownCurrency):
            exponent(currency)

    @pytest.mark.parametrize(
        "currency", ["", "usd", "US", "USDX", "USD ", "DEM", "BGN", "CNH", "XAU", "XTS", "XXX", "DEFAULT"]
    )
    def test_near_misses_are_unknown(self, currency: str) -> None:
        with pytest.raises(UnknownCurrency):
            exponent(currency)


class TestParseAmount:
    @pytest.mark.parametrize(
        ("text", "currency", "amount"),
        [
            ("0", "USD", 0),
            ("0.00", "USD", 0),
            ("15", "USD", 1500),
            ("15.5", "USD", 1550),
            ("15.50", "USD", 1550),
            ("0.01", "USD", 1),
            ("0010", "USD", 1000),
            ("1500", "JPY", 1500),
            ("1.005", "KWD", 1005),
            ("0.0001", "CLF", 1),
            ("10000000000000.00", "USD", MAX_AMOUNT),
            ("0" * 10_000 + "7", "USD", 700),
        ],
    )
    def test_reads_plain_decimals_exactly(self, text: str, currency: str, amount: int) -> None:
        assert parse_amount(text, currency) == amount

    @pytest.mark.parametrize(
        "text",
        [*". 5. .5 -. +1 1e3 1,000 1_000 1.2.3 0x10 NaN \u0661\u0665 \uff11".split(), "", " 1", "1 ", "1\n"],
    )
    def test_refuses_everything_else(self, text: str) -> None:
        with pytest.raises(InvalidAmount, match="not a plain decimal"):
            parse_amount(text, "USD")

    @pytest.mark.parametrize("text", ["-1", "-0.50"])
    def test_refuses_what_is_below_zero(self, text: str) -> None:
        with pytest.raises(InvalidAmount, match="below zero"):
            parse_amount(text, "USD")

    @pytest.mark.parametrize(("text", "currency"), [("15.00", "JPY"), ("1.000", "USD"), ("1.0050", "KWD")])
    def test_refuses_more_digits_than_the_currency_has_even_zeros(self, text: str, currency: str) -> None:
        with pytest.raises(InvalidAmount, match="decimal places"):
            parse_amount(text, currency)

    @pytest.mark.parametrize("text", ["10000000000000.01", "99999999999999", "9" * 1_000_000])
    def test_refuses_what_is_too_large(self, text: str) -> None:
        with pytest.raises(InvalidAmount, match="too large"):
            parse_amount(text, "USD")

    def test_refuses_an_unknown_currency(self) -> None:
        with pytest.raises(UnknownCurrency):
            parse_amount("1", "EURO")

    @given(st.text(), currencies)
    def test_any_text_is_an_amount_or_an_invalid_one(self, text: str, currency: str) -> None:
        try:
            amount = parse_amount(text, currency)
        except InvalidAmount:
            return
        assert amount == Fraction(text) * 10 ** exponent(currency)


class TestFormat:
    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [
            (1500, "USD", "15.00"),
            (5, "USD", "0.05"),
            (-5, "USD", "-0.05"),
            (1500, "JPY", "1500"),
            (-1005, "KWD", "-1.005"),
        ],
    )
    def test_amounts_are_plain_decimals(self, amount: int, currency: str, text: str) -> None:
        assert format_amount(amount, currency) == text

    @given(amounts, currencies)
    def test_what_is_formatted_is_read_back(self, amount: int, currency: str) -> None:
        assert parse_amount(format_amount(amount, currency), currency) == amount

    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [
            (123456, "USD", "$1,234.56"),
            (-5, "EUR", "-€0.05"),
            (1500, "JPY", "¥1,500"),
            (MAX_AMOUNT, "GBP", "£10,000,000,000,000.00"),
        ],
    )
    def test_money_is_for_people(self, amount: int, currency: str, text: str) -> None:
        assert format_money(amount, currency) == text

    @pytest.mark.parametrize(("currency", "digits"), EXPONENTS.items())
    def test_money_shows_every_digit_of_the_currency(self, currency: str, digits: int) -> None:
        assert format_money(1, currency).endswith(format_amount(1, currency))


class TestParsePercent:
    @pytest.mark.parametrize(
        ("text", "ppm"),
        [("0", 0), ("12.5", 125_000), ("0.0001", 1), ("33.3333", 333_333), ("100", WHOLE), ("100.0000", WHOLE)],
    )
    def test_reads_parts_per_million(self, text: str, ppm: int) -> None:
        assert parse_percent(text) == ppm

    @pytest.mark.parametrize("text", ["", "10%", "-1", "1e1", "0.00010", "33.33333", "100.0001", "101", "1000000"])
    def test_refuses_everything_else(self, text: str) -> None:
        with pytest.raises(InvalidAmount, match="percentage"):
            parse_percent(text)


class TestDivide:
    @pytest.mark.parametrize(
        ("numerator", "denominator", "half_up", "half_even", "down", "half_down"),
        [
            (4, 2, 2, 2, 2, 2),
            (1, 2, 1, 0, 0, 0),
            (3, 2, 2, 2, 1, 1),
            (5, 2, 3, 2, 2, 2),
            (7, 2, 4, 4, 3, 3),
            (-1, 2, -1, 0, 0, 0),
            (-3, 2, -2, -2, -1, -1),
            (-5, 2, -3, -2, -2, -2),
            (1, 3, 0, 0, 0, 0),
            (2, 3, 1, 1, 0, 1),
            (249, 100, 2, 2, 2, 2),
            (251, 100, 3, 3, 2, 3),
            (0, 7, 0, 0, 0, 0),
        ],
    )
    def test_rounds_ties_as_told(
        self, numerator: int, denominator: int, half_up: int, half_even: int, down: int, half_down: int
    ) -> None:
        assert divide(numerator, denominator, Rounding.HALF_UP) == half_up
        assert divide(numerator, denominator, Rounding.HALF_EVEN) == half_even
        assert divide(numerator, denominator, Rounding.DOWN) == down
        assert divide(numerator, denominator, Rounding.HALF_DOWN) == half_down

    @given(st.integers(-(10**21), 10**21), st.sampled_from([1, 2, 4, 5, 8, 10, 1000, WHOLE]), roundings)
    def test_agrees_with_decimal_arithmetic(self, numerator: int, denominator: int, rounding: Rounding) -> None:
        modes = {
            Rounding.HALF_UP: ROUND_HALF_UP,
            Rounding.HALF_EVEN: ROUND_HALF_EVEN,
            Rounding.DOWN: ROUND_DOWN,
            Rounding.HALF_DOWN: ROUND_HALF_DOWN,
        }
        exact = Decimal(numerator) / Decimal(denominator)
        assert divide(numerator, denominator, rounding) == exact.quantize(Decimal(1), rounding=modes[rounding])


class TestPercentOf:
    @pytest.mark.parametrize(
        ("amount", "ppm", "half_up", "half_even", "down"),
        [
            (1999, 125_000, 250, 250, 249),
            (50, 50_000, 3, 2, 2),
            (70, 50_000, 4, 4, 3),
            (1, 500_000, 1, 0, 0),
            (1, 499_999, 0, 0, 0),
            (1999, 0, 0, 0, 0),
            (1999, WHOLE, 1999, 1999, 1999),
        ],
    )
    def test_rounds_as_told(self, amount: int, ppm: int, half_up: int, half_even: int, down: int) -> None:
        assert percent_of(amount, ppm, Rounding.HALF_UP) == half_up
        assert percent_of(amount, ppm, Rounding.HALF_EVEN) == half_even
        assert percent_of(amount, ppm, Rounding.DOWN) == down

    @given(amounts, st.integers(0, WHOLE), roundings)
    def test_is_less_than_one_unit_off_and_within_the_amount(self, amount: int, ppm: int, rounding: Rounding) -> None:
        part = percent_of(amount, ppm, rounding)
        assert 0 <= part <= amount
        assert abs(part - Fraction(amount * ppm, WHOLE)) <= (Fraction(1, 2) if rounding is not Rounding.DOWN else 1)


def exact_shares(total: int, weights: list[int], capacities: list[int]) -> list[Fraction]:
    """Water-filling that clamps one target at a time: the one whose capacity is the smallest part of its share."""
    shares = [Fraction(0)] * len(weights)
    remaining = Fraction(total)
    targets = set(range(len(weights)))
    while targets:
        weight = {i: Fraction(weights[i]) for i in targets}
        if not sum(weight.values()):
            weight = dict.fromkeys(targets, Fraction(1))
        wanted = {i: remaining * weight[i] / sum(weight.values()) for i in targets}
        over = [i for i in targets if wanted[i] > capacities[i]]
        if not over:
            for i in targets:
                shares[i] = wanted[i]
            break
        tightest = min(over, key=lambda i: (capacities[i] / wanted[i], i))
        shares[tightest] = Fraction(capacities[tightest])
        remaining -= capacities[tightest]
        targets.remove(tightest)
    return shares


def largest_remainder(exact: list[Fraction]) -> list[int]:
    shares = [int(share) for share in exact]
    while sum(shares) < sum(exact):
        shares[max(range(len(exact)), key=lambda i: (exact[i] - shares[i], -i))] += 1
    return shares


@st.composite
def spreads(draw: st.DrawFn) -> tuple[int, list[int], list[int]]:
    """Small numbers make ties and clamps common; large ones reveal a lost digit."""
    largest = draw(st.sampled_from([3, 20, MAX_AMOUNT]))
    targets = draw(st.lists(st.tuples(st.integers(0, largest), st.integers(0, largest)), max_size=8))
    return draw(st.integers(0, 3 * largest)), [weight for weight, _ in targets], [capacity for _, capacity in targets]


def first_lines(exact: list[Fraction]) -> list[int]:
    shares = [int(share) for share in exact]
    left = int(sum(exact)) - sum(shares)
    for i in [i for i, share in enumerate(exact) if share][:left]:
        shares[i] += 1
    return shares


def last_line(exact: list[Fraction], rounding: Rounding) -> list[int]:
    left = int(sum(exact))
    shares = [0] * len(exact)
    sharing = [i for i, share in enumerate(exact) if share]
    for i in sharing:
        rounded = divide(exact[i].numerator, exact[i].denominator, rounding)
        shares[i] = left if i == sharing[-1] else min(rounded, left)
        left -= shares[i]
    return shares


def rounded_lines(exact: list[Fraction], rounding: Rounding) -> list[int]:
    shares = [divide(share.numerator, share.denominator, rounding) for share in exact]
    for i, share in enumerate(exact):
        if sum(shares) < sum(exact) and share:
            shares[i] += 1
        elif sum(shares) > sum(exact) and shares[i]:
            shares[i] -= 1
    return shares


class TestLeftover:
    """With room in every target, and with some full."""

    @given(st.lists(st.integers(0, 20), min_size=1, max_size=8).filter(any), st.integers(0, 60), roundings)
    def test_agrees_with_exact_fractions(self, weights: list[int], total: int, rounding: Rounding) -> None:
        exact = [Fraction(total * weight, sum(weights)) for weight in weights]
        room = [total] * len(weights)
        assert spread(total, weights, room, first_shares) == first_lines(exact)
        assert spread(total, weights, room, partial(last_share, rounding=rounding)) == last_line(exact, rounding)
        assert spread(total, weights, room, partial(rounded_shares, rounding=rounding)) == rounded_lines(
            exact, rounding
        )

    @given(st.lists(st.integers(0, 20), min_size=1, max_size=8).filter(any), st.integers(0, 60), roundings)
    def test_carries_the_error_from_share_to_share(self, weights: list[int], total: int, rounding: Rounding) -> None:
        shares = spread(total, weights, [total] * len(weights), partial(carried_shares, rounding=rounding))
        for end in range(len(weights) + 1):
            exact = Fraction(total * sum(weights[:end]), sum(weights))
            assert abs(sum(shares[:end]) - exact) < 1
            assert sum(shares[:end]) == divide(exact.numerator, exact.denominator, rounding)

    @given(
        spreads(),
        st.sampled_from([first_shares, *(partial(each, rounding=way) for way in Rounding for each in BY_ROUNDING)]),
    )
    def test_grants_all_that_fits_and_never_more(
        self, case: tuple[int, list[int], list[int]], apportion: Apportion
    ) -> None:
        total, _, capacities = case
        shares = spread(*case, apportion)
        assert sum(shares) == min(total, sum(capacities))
        assert all(0 <= share <= capacity for share, capacity in zip(shares, capacities, strict=True))

    @pytest.mark.parametrize(
        ("total", "weights", "capacities", "first", "last", "carried", "rounded"),
        [
            (1500, [7200, 1875, 1999], [7200, 1875, 1999], *([976, 254, 270], *([975, 254, 271],) * 3)),
            (2, [1, 1, 1, 1], [9, 9, 9, 9], [1, 1, 0, 0], [1, 1, 0, 0], [1, 0, 1, 0], [0, 0, 1, 1]),
            (2, [0, 1, 1, 0], [9, 9, 9, 9], *([0, 1, 1, 0],) * 4),
            (1500, [1000, 999, 1001], [500, 999, 1001], *([500, 500, 500],) * 3, [499, 500, 501]),
            # Half up, the first two round to 501 and 501, which leaves 498 for the last.
            (1500, [1001, 1001, 998], [999] * 3, [501, 500, 499], [501, 501, 498], [501, 500, 499], [500, 501, 499]),
            (7, [0, 0, 0], [9, 9, 9], [3, 2, 2], [2, 2, 3], [2, 3, 2], [3, 2, 2]),
        ],
    )
    def test_worked_examples(
        self,
        total: int,
        weights: list[int],
        capacities: list[int],
        first: list[int],
        last: list[int],
        carried: list[int],
        rounded: list[int],
    ) -> None:
        assert spread(total, weights, capacities, first_shares) == first
        assert spread(total, weights, capacities, partial(last_share, rounding=Rounding.HALF_UP)) == last
        assert spread(total, weights, capacities, partial(carried_shares, rounding=Rounding.HALF_UP)) == carried
        assert spread(total, weights, capacities, partial(rounded_shares, rounding=Rounding.HALF_UP)) == rounded


class TestSpread:
    @pytest.mark.parametrize(
        ("total", "weights", "capacities", "shares"),
        [
            (1500, [7200, 1875, 1999], [7200, 1875, 1999], [975, 254, 271]),
            (1000, [1000, 1000, 1000], [1000, 1000, 1000], [334, 333, 333]),
            (2, [1, 1, 1], [9, 9, 9], [1, 1, 0]),
            (1500, [7200, 1875, 1999], [500, 9999, 9999], [500, 484, 516]),
            (1500, [7200, 1875, 1999], [500, 500, 500], [500, 500, 500]),
            (1500, [7200, 1875, 1999], [500, 0, 500], [500, 0, 500]),
            (7, [0, 0, 0], [9, 9, 9], [3, 2, 2]),
            (7, [0, 0, 0], [9, 1, 9], [3, 1, 3]),
            (5, [1, 0], [3, 9], [3, 2]),
            (5, [1, 0], [9, 9], [5, 0]),
            (0, [1, 2], [9, 9], [0, 0]),
            (5, [1], [0], [0]),
            (5, [], [], []),
        ],
    )
    def test_worked_examples(self, total: int, weights: list[int], capacities: list[int], shares: list[int]) -> None:
        assert spread(total, weights, capacities) == shares

    def test_the_clamp_is_decided_on_the_exact_share(self) -> None:
        # 0.33 / 1.33 / 1.33: the second is clamped at 1, though rounded down it would fit; 2 are left for 1 and 4.
        assert spread(3, [1, 4, 4], [9, 1, 9]) == [0, 1, 2]

    @given(spreads())
    def test_agrees_with_exact_fractions(self, case: tuple[int, list[int], list[int]]) -> None:
        assert spread(*case) == largest_remainder(exact_shares(*case))
