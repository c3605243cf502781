"""Amounts of a rule file in minor units of every currency of the rule set (docs/pricing.md §2)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.errors import InvalidAmount
from engine.money import is_currency, parse_amount
from engine.rules import nodes
from engine.rules.expressions import PerCurrency
from engine.rules.issues import Issues
from engine.rules.nodes import Scalar

_FIGURE = re.compile(r"[^A-Za-z_]|[A-Z]{3} [0-9]|[A-Z]{2}[$€£¥]")
"""What begins so is meant as a figure, if a mistaken one, and not as a name."""


def resolve_currencies(written: list[Scalar], issues: Issues) -> tuple[str, ...]:
    """The currencies of a rule set, without those that ISO 4217 does not list."""
    currencies: dict[str, Scalar] = {}
    for currency in written:
        if currency in currencies:
            issues.duplicate_key(currency.place, currency, currencies[currency].place)
        elif _is_currency(currency, issues, "; write its code, such as USD"):
            currencies[currency.text] = currency
        if issues.more:
            break
    return tuple(currencies)


def _is_currency(currency: Scalar, issues: Issues, hint: str) -> bool:
    listed = is_currency(currency.text)
    if not listed:
        issues.unknown_currency(currency.place, currency, hint)
    return listed


def is_listed(currency: Scalar, currencies: tuple[str, ...], issues: Issues) -> bool:
    """Whether the rule set prices in this currency; an issue is added when not."""
    if currency in currencies:
        return True
    if _is_currency(currency, issues, "; an amount is a decimal, or a table of decimals as in {USD: 15.00}"):
        issues.currency_not_listed(currency.place, currency, currencies)
    return False


def read_figure(figure: Scalar, currency: str, issues: Issues) -> int | None:
    """``15.00`` in USD is 1500; None, with an issue added, if it is not an amount."""
    try:
        return parse_amount(figure.text, currency)
    except InvalidAmount as error:
        issues.invalid_amount(figure.place, str(error), figure)
        return None


class Amounts:
    """Reads amounts. A mistaken one has no figure in any currency; its issue is added.

    ``named`` are those that may be used by their name.
    """

    def __init__(self, currencies: tuple[str, ...], named: Mapping[str, PerCurrency], issues: Issues) -> None:
        self._currencies = currencies
        self._named = named
        self._issues = issues

    def same(self, figure: int | None) -> PerCurrency:
        """One figure, such as a percentage, for every currency; None for no figure in any."""
        return (figure,) * len(self._currencies)

    def read(self, written: Scalar | nodes.Mapping) -> PerCurrency:
        """``15.00`` with the one currency USD is (1500,); a table of EUR alone, with USD and EUR, is (None, 1400)."""
        if isinstance(written, nodes.Mapping):
            return self._table(written)
        if not _FIGURE.match(written):
            return self._by_name(written)
        if len(self._currencies) > 1:
            self._issues.amount_needs_table(written.place, self._currencies)
            return self.same(None)
        return (read_figure(written, self._currencies[0], self._issues),)

    def _by_name(self, name: Scalar) -> PerCurrency:
        if name not in self._named:
            self._issues.unknown_name(name.place, "amount", name, self._named)
            return self.same(None)
        return self._named[name]

    def _table(self, table: nodes.Mapping) -> PerCurrency:
        figures: dict[str, int | None] = {}
        for currency in table.written_keys:
            figure = table[currency]
            if is_listed(currency, self._currencies, self._issues) and isinstance(figure, Scalar):
                figures[currency] = read_figure(figure, currency.text, self._issues)
            elif not is_currency(currency.upper()):  # then the others are not meant as currencies either
                break
        return tuple(figures.get(currency) for currency in self._currencies)
