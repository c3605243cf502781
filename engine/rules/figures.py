"""Figures as rule files write them."""

from __future__ import annotations

from collections.abc import Callable

from engine.money import format_amount
from engine.rules.expressions import PerCurrency


def percent(ppm: int) -> str:
    """125,000 is ``12.5``."""
    return decimal(ppm, 4)


def decimal(number: int, digits: int) -> str:
    """The number over 10**digits, without zeros at its end: 125,000 with four digits is ``12.5``."""
    whole, fraction = divmod(number, 10**digits)
    return f"{whole}.{fraction:0{digits}}".rstrip("0").rstrip(".")


def money(currencies: tuple[str, ...]) -> Callable[[PerCurrency], str]:
    """Writes amounts of a rule set: ``15.00``; where it has several currencies, ``USD 15.00, EUR 14.00``."""

    def text(figures: PerCurrency) -> str:
        known = [(currency, each) for currency, each in zip(currencies, figures, strict=True) if each is not None]
        if len(currencies) == 1:
            return "".join(format_amount(each, currency) for currency, each in known)
        return ", ".join(f"{currency} {format_amount(each, currency)}" for currency, each in known)

    return text
