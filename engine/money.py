"""Money: whole minor units, percentages in parts per million (ppm), rounding and spreading (docs/pricing.md §2, §7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from enum import Enum
from itertools import accumulate, pairwise
from typing import TypeAlias

from babel.numbers import format_currency

from engine.errors import InvalidAmount, UnknownCurrency


class Rounding(Enum):
    """How an exact result becomes a whole number; the value is the word used in rule files."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    DOWN = "down"
    HALF_DOWN = "half_down"


MAX_AMOUNT = 10**15
"""Largest single amount, in minor units."""

WHOLE = 1_000_000
"""100 %, in ppm."""

_PERCENT_DIGITS = 4
_DECIMAL = re.compile(r"([0-9]+)(?:\.([0-9]+))?")

# ISO 4217 list one (published 2026-01-01), by digits of the minor unit. It is kept here because a library lists the
# currencies in use, and its list changes; the validity of a rule file and the meaning of its amounts must not.
_DIGITS = {
    currency: digits
    for digits, currencies in {
        0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
        2: """
            AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW
            CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF
            IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK
            MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP
            SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER
            ZAR ZMW ZWG
        """,
        3: "BHD IQD JOD KWD LYD OMR TND",
        4: "CLF UYW",
    }.items()
    for currency in currencies.split()
}

CURRENCIES = _DIGITS.keys()
"""The codes that ISO 4217 lists."""


def is_currency(code: str) -> bool:
    """Whether ISO 4217 lists the code."""
    return code in _DIGITS


def exponent(currency: str) -> int:
    """Digits of the minor unit by ISO 4217: JPY 0, USD 2, KWD 3. Raises UnknownCurrency."""
    if not is_currency(currency):
        raise UnknownCurrency(f"{currency!r} is not a currency of ISO 4217")
    return _DIGITS[currency]


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a plain decimal: ``15.5`` in USD is 1550.

    A plain decimal has digits and at most one point: no sign, exponent, grouping or blank. Raises InvalidAmount for
    any other text, for more decimals than the currency has (even zeros) and above MAX_AMOUNT; raises UnknownCurrency.
    """
    digits = exponent(currency)
    try:
        return _scaled(text, digits, MAX_AMOUNT)
    except InvalidAmount as error:
        raise InvalidAmount(f"{error}; expected an amount in {currency}") from None


def format_amount(amount: int, currency: str) -> str:
    """The plain decimal that parse_amount reads back: 1550 in USD is ``15.50``. Raises UnknownCurrency."""
    digits = exponent(currency)
    if digits == 0:
        return str(amount)
    whole, fraction = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{fraction:0{digits}}"


def format_money(amount: int, currency: str) -> str:
    """The amount as people read it (American English): 123456 in USD is ``$1,234.56``. Raises UnknownCurrency."""
    digits = exponent(currency)
    pattern = "¤#,##0" + ("." + "0" * digits if digits else "")
    value = Decimal(format_amount(amount, currency))
    return format_currency(value, currency, pattern, locale="en_US", currency_digits=False)


def parse_percent(text: str) -> int:
    """ppm of a plain decimal from 0 to 100 with at most 4 places: ``12.5`` is 125,000. Raises InvalidAmount."""
    try:
        return _scaled(text, _PERCENT_DIGITS, WHOLE)
    except InvalidAmount as error:
        raise InvalidAmount(f"{error}; expected a percentage") from None


def _scaled(text: str, digits: int, limit: int) -> int:
    """The decimal times 10**digits. Raises InvalidAmount if that is not whole, or above the limit."""
    match = _DECIMAL.fullmatch(text)
    if match is None:
        if text.startswith("-") and _DECIMAL.fullmatch(text, 1):
            raise InvalidAmount(f"{_shortened(text)} is below zero")
        raise InvalidAmount(f"{_shortened(text)} is not a plain decimal such as {'15.00' if digits else '15'}")
    whole, fraction = match[1].lstrip("0"), match[2] or ""
    if len(fraction) > digits:
        raise InvalidAmount(f"{_shortened(text)} has more than {digits} decimal places")
    # The length is checked first, because the time that int() takes grows with the square of the digits.
    if len(whole) > len(str(limit)) or (value := int(whole + fraction.ljust(digits, "0") or "0")) > limit:
        raise InvalidAmount(f"{_shortened(text)} is too large")
    return value


def _shortened(text: str) -> str:
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """The rounded quotient. The denominator must be positive.

    5 / 2 is 3 half up (away from zero: -5 / 2 is -3), 2 half even, 2 down (towards zero) and 2 half down; 8 / 3 is 2
    down and 3 half down.
    """
    quotient, remainder = divmod(abs(numerator), denominator)
    if rounding is Rounding.HALF_UP:
        quotient += 2 * remainder >= denominator
    elif rounding is Rounding.HALF_EVEN:
        quotient += 2 * remainder + quotient % 2 > denominator
    elif rounding is Rounding.HALF_DOWN:
        quotient += 2 * remainder > denominator
    return quotient if numerator >= 0 else -quotient


def percent_of(amount: int, ppm: int, rounding: Rounding) -> int:
    """The rounded percentage of an amount: 12.5 % (125,000 ppm) of 19.99 is 2.49875, half up 2.50."""
    return divide(amount * ppm, WHOLE, rounding)


Apportion: TypeAlias = Callable[[int, Sequence[int], Sequence[int]], list[int]]
"""Splits a total into whole shares, given weights (at least one positive) and capacities at least the exact shares."""


def largest_remainder(total: int, weights: Sequence[int], capacities: Sequence[int]) -> list[int]:
    """Minor units left over by rounding down go to the largest remainders; of equal ones, to the earlier.

    10 over 1 / 1 / 4 is exactly 1.67 / 1.67 / 6.67, rounded down 1 / 1 / 6, and finally 2 / 2 / 6.
    """
    shares, remainders = _floored(total, weights)
    left = total - sum(shares)
    for i in sorted(range(len(weights)), key=lambda i: -remainders[i])[:left]:
        shares[i] += 1
    return shares


def first_shares(total: int, weights: Sequence[int], capacities: Sequence[int]) -> list[int]:
    """Units left over by rounding down go one each to the first that have a share: 10 over 4 / 1 / 1 is 7 / 2 / 1."""
    shares, _ = _floored(total, weights)
    left = total - sum(shares)
    for i in _sharing(weights)[:left]:
        shares[i] += 1
    return _settled(shares, capacities)


def last_share(total: int, weights: Sequence[int], capacities: Sequence[int], rounding: Rounding) -> list[int]:
    """Every share but the last is rounded, to no more than is left, and the last takes the rest.

    10 over 4 / 1 / 1 is 7 / 2 / 1 half up, and 6 / 1 / 3 down.
    """
    shares = [0] * len(weights)
    left, whole = total, sum(weights)
    *others, last = _sharing(weights)
    for i in others:
        shares[i] = min(divide(total * weights[i], whole, rounding), left)
        left -= shares[i]
    shares[last] = left
    return _settled(shares, capacities)


def carried_shares(total: int, weights: Sequence[int], capacities: Sequence[int], rounding: Rounding) -> list[int]:
    """The running sum of the shares is rounded, so each share carries the rounding error of those before it.

    10 over 4 / 1 / 1 is exactly 6.67 / 1.67 / 1.67; the running sums 6.67 / 8.33 / 10.00 are 7 / 8 / 10 half up, so the
    shares are 7 / 1 / 2.
    """
    whole = sum(weights)
    return _settled(differences(divide(total * so_far, whole, rounding) for so_far in accumulate(weights)), capacities)


def rounded_shares(total: int, weights: Sequence[int], capacities: Sequence[int], rounding: Rounding) -> list[int]:
    """Every share is rounded; the first that have one then take or give back one each, until the sum is the total.

    10 over 4 / 1 / 1 is exactly 6.67 / 1.67 / 1.67, half up 7 / 2 / 2, which is one too many: 6 / 2 / 2.
    """
    whole = sum(weights)
    shares = [divide(total * weight, whole, rounding) for weight in weights]
    left = total - sum(shares)
    step = 1 if left > 0 else -1
    for i in [i for i in _sharing(weights) if shares[i] + step >= 0][: abs(left)]:
        shares[i] += step
    return _settled(shares, capacities)


def differences(sums: Iterable[int]) -> list[int]:
    """What each sum adds to the one before it: 7 / 8 / 10 gives 7 / 1 / 2."""
    return [after - before for before, after in pairwise((0, *sums))]


def spread(
    total: int, weights: Sequence[int], capacities: Sequence[int], apportion: Apportion = largest_remainder
) -> list[int]:
    """Shares of the total in proportion to the weights, none above its capacity (docs/pricing.md §7).

    Worked: 1500 over 7200 / 1875 / 1999 is exactly 975.26 / 253.97 / 270.77, rounded down 975 / 253 / 270; the two left
    over go to the largest remainders: 975 / 254 / 271. Of equal remainders the earlier goes first, so callers sort.
    With capacities 500 / 900 / 900, the first share is clamped and 1000 is spread over the others: 500 / 484 / 516.
    If every weight not yet clamped is zero, the split is even. What no capacity can take is not granted, so the sum may
    be less than the total. No argument may be negative. ``apportion`` decides who gets what is left over.
    """
    shares = [0] * len(weights)
    left = total
    unclamped = list(range(len(weights)))
    while unclamped:
        base = weights if any(weights[i] for i in unclamped) else [1] * len(weights)
        weight = sum(base[i] for i in unclamped)
        clamped = [i for i in unclamped if left * base[i] > capacities[i] * weight]
        if not clamped:
            parts = apportion(left, [base[i] for i in unclamped], [capacities[i] for i in unclamped])
            for i, part in zip(unclamped, parts, strict=True):
                shares[i] = part
            break
        for i in clamped:
            shares[i] = capacities[i]
            left -= capacities[i]
        unclamped = sorted(set(unclamped).difference(clamped))
    return shares


def _floored(total: int, weights: Sequence[int]) -> tuple[list[int], list[int]]:
    """The exact shares rounded down, and their remainders as numerators over the sum of the weights."""
    whole = sum(weights)
    parts = [divmod(total * weight, whole) for weight in weights]
    return [share for share, _ in parts], [remainder for _, remainder in parts]


def _sharing(weights: Sequence[int]) -> list[int]:
    return [i for i, weight in enumerate(weights) if weight]


def _settled(shares: Sequence[int], capacities: Sequence[int]) -> list[int]:
    """What one cannot take goes to the first that can: 3 / 1 with capacities 2 / 9 is 2 / 2."""
    settled = list(map(min, shares, capacities))
    left = sum(shares) - sum(settled)
    for i, capacity in enumerate(capacities):
        more = min(left, capacity - settled[i])
        settled[i] += more
        left -= more
    return settled
