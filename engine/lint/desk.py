"""What all kinds of findings work with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from engine.lint.findings import Finding, Kind, Witness
from engine.lint.moments import Moments
from engine.lint.reward_numbers import reward_numbers
from engine.lint.rivals import Rivals
from engine.lint.trials import Pricing, Trial, Trials
from engine.money import format_money
from engine.pricing.quote import Reason
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import Choice
from engine.rules.expressions import Fact


class Desk:
    """A rule set, something that prices carts under it, and what is known about it."""

    def __init__(self, rules: CheckedRules, pricing: Pricing) -> None:
        self.rules = rules
        self.pricing = pricing
        self.moments = Moments.of(rules)
        self.rivals = Rivals(rules)

    @cached_property
    def trials(self) -> list[Trials]:
        """One for each currency."""
        return [Trials(self.rules, self.pricing, currency) for currency in range(len(self.rules.currencies))]

    @cached_property
    def _indices(self) -> dict[str, int]:
        return {each.id: index for index, each in enumerate(self.rules.promotions)}

    def reason(self, trial: Trial, promotion: Promotion) -> Reason | None:
        """Why a promotion does not apply on a cart; None if it does."""
        [outcome] = self.pricing.explained(trial.cart).outcomes([self._indices[promotion.id]])
        return None if outcome is None else outcome.reason

    @cached_property
    def promotions(self) -> dict[str, Promotion]:
        """By id."""
        return {each.id: each for each in self.rules.promotions}

    @cached_property
    def choices(self) -> dict[Fact, list[tuple[Promotion, Choice]]]:
        """The choices of the rule set, by the fact that they read."""
        found: dict[Fact, list[tuple[Promotion, Choice]]] = {}
        for promotion in self.rules.promotions:
            for each in reward_numbers(promotion):
                if isinstance(each.number, Choice) and isinstance(each.number.by, Fact):
                    found.setdefault(each.number.by, []).append((promotion, each.number))
        return found

    def priced_for(self, *promotions: Promotion) -> Iterator[Trials]:
        """Currencies in which each of the promotions has figures."""
        return (each for each in self.trials if all(map(each.has_figures, promotions)))

    def open_in(self, *promotions: Promotion) -> Iterator[tuple[Trials, int]]:
        """The same currencies, each with a moment at which all are open; none where no such moment is found."""
        at = self.moments.common(*(each.schedule for each in promotions))
        return ((each, at) for each in self.priced_for(*promotions) if at is not None)


def finding(kind: Kind, promotions: Iterable[Promotion], sentence: str, *shown: tuple[str, Trial]) -> Finding:
    """``shown`` are trials, each after what it shows."""
    witnesses = tuple(Witness(shows, trial.cart, trial.quote) for shows, trial in shown)
    return Finding(kind, tuple(each.id for each in promotions), sentence, witnesses)


def money(amount: int, trial: Trial) -> str:
    return format_money(amount, trial.quote.currency)
