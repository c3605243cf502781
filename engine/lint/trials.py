"""Carts that are built and priced to see whether they show a finding."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from engine.errors import InvalidCart
from engine.lint.carts import Carts
from engine.lint.codes import Codes
from engine.lint.literals import Alternatives, TooComplex, Variable, every
from engine.lint.needs import Demand, Goal, Needs, needs
from engine.lint.reading import Reader
from engine.lint.reward_numbers import most
from engine.lint.scenarios import Scenario
from engine.lint.structure import Structure, group_of
from engine.money import format_money
from engine.pricing.cart import Cart, Line
from engine.pricing.quote import Adjustment, Quote
from engine.pricing.reference.facts import is_in
from engine.pricing.reference.numbers import has_figures
from engine.pricing.sketch import Explained
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import CART, BundleReward, BuyGetReward, GoodsReward, RewardKind
from engine.rules.expressions import Subject

_TRIES = 6
"""How often a cart is rebuilt with what the last one lost to discounts."""
_MOST_ALTERNATIVES = 8
"""How many of the ways in which conditions can be met are tried."""


class Pricing(Protocol):
    """Prices carts: a native session, or the reference."""

    def price(self, cart: Cart) -> Quote: ...

    def explained(self, cart: Cart) -> Explained: ...


@dataclass(frozen=True, slots=True)
class Trial:
    """A cart and its quote."""

    cart: Cart
    quote: Quote

    def granted(self, promotion: Promotion) -> Adjustment | None:
        """What a promotion granted; None when it did not apply."""
        return next((each for each in self.quote.adjustments if each.promotion_id == promotion.id), None)

    def applies(self, promotion: Promotion) -> bool:
        return promotion.id in self.quote.applied

    @property
    def benefit(self) -> tuple[int, int, int]:
        """Money off goods and credit; points; units of gifts and effects."""
        goods = [each for layer in self.quote.layers if layer.kind == "goods" for each in layer.adjustments]
        others = sum((0 if each.gift is None else each.gift.quantity) + (each.effect is not None) for each in goods)
        return sum(each.amount for each in goods) + self.quote.credit, self.quote.points, others

    def off(self, promotion: Promotion) -> int:
        """Money off by a promotion."""
        granted = self.granted(promotion)
        return 0 if granted is None else granted.amount


Shows = Callable[[Trial], bool]


class Trials:
    """Builds and prices carts of a rule set in one currency (its index)."""

    def __init__(self, rules: CheckedRules, pricing: Pricing, currency: int) -> None:
        self.rules = rules
        self.currency = currency
        self.structure = Structure(rules, currency)
        self.codes = Codes(rules)
        self._pricing = pricing
        self._carts = Carts(self.structure)
        self._needs: dict[str, Needs] = {}
        self._scenarios: dict[str, list[Scenario] | None] = {}
        self.seen: set[str] = set()
        """Ids of the promotions that applied on some cart."""

    def needs(self, promotion: Promotion) -> Needs:
        if promotion.id not in self._needs:
            self._needs[promotion.id] = needs(self.rules, promotion, self.currency)
        return self._needs[promotion.id]

    def shown(self, value: int) -> str:
        """Minor units for people."""
        return format_money(value, self.structure.currency_code)

    def has_figures(self, promotion: Promotion) -> bool:
        return has_figures(promotion, self.currency)

    def goal(self, *promotions: Promotion) -> Goal:
        """A cart on which each of the promotions would have an effect."""
        wanted = [self.needs(each) for each in promotions]
        return Goal(
            expressions=tuple((each, need.layer) for need in wanted for each in need.expressions),
            demands=tuple(dict.fromkeys(demand for need in wanted for demand in need.demands)),
            price=max((_above_fixed(each, self.currency) for each in promotions), default=0) or None,
        ).with_codes(*(code for each in promotions for code in self.codes.all_of(each)[:1]))

    def scenarios(self, promotion: Promotion) -> list[Scenario] | None:
        """The ways in which a promotion can have an effect; None when there are too many."""
        if promotion.id not in self._scenarios:
            self._scenarios[promotion.id] = self.possible(self.goal(promotion))
        return self._scenarios[promotion.id]

    def possible(self, goal: Goal) -> list[Scenario] | None:
        """The ways in which a cart can meet the goal, empty when there is provably none; None when it is not known."""
        try:
            if any(not self.line_possible(demand) for demand in goal.demands):
                return []
            found = [self.structure.complete(Scenario.of(literals)) for literals in self.alternatives(goal)]
        except TooComplex:
            return None
        return [each for each in found if not each.impossible]

    def line_possible(self, demand: Demand) -> bool:
        conditions = () if demand.item is None else (demand.item,)
        return next(self.structure.item_scenarios(demand.segments, (), conditions), None) is not None

    def in_segment(self, line: Line, segment: int) -> bool:
        return is_in(self.rules.segments[segment], line, self.currency)

    def alternatives(self, goal: Goal) -> Alternatives:
        """Raises TooComplex."""
        return every(Reader(self.currency, layer).true(each) for each, layer in goal.expressions)

    def find(self, goal: Goal, at: int, shows: Shows) -> Trial | None:
        """A cart that meets the goal and, priced at a moment, passes ``shows``."""
        return next(filter(shows, self._tried(goal, at)), None)

    def find_pair(self, goal: Goal, at: int, other: Callable[[Trial], Trial | None]) -> tuple[Trial, Trial] | None:
        """A cart that meets the goal, and the ``other`` to which it leads, if it leads to one."""
        pairs = ((trial, other(trial)) for trial in self._tried(goal, at))
        return next(((trial, found) for trial, found in pairs if found is not None), None)

    def _tried(self, goal: Goal, at: int) -> Iterator[Trial]:
        for scenario in (self.possible(goal) or [])[:_MOST_ALTERNATIVES]:
            yield from self.carts(scenario, goal, at)

    def carts(self, scenario: Scenario, goal: Goal, at: int) -> Iterator[Trial]:
        """Priced carts of a scenario, each rebuilt until it meets the goal after the discounts of earlier layers."""
        for drafts in self._carts.layouts(scenario, goal):
            losses: dict[Variable, int] = {}
            trial = None
            for _ in range(_TRIES):
                cart = self._carts.build(scenario, drafts, goal.codes, at, losses)
                trial = None if cart is None else self.price(cart)
                found = {} if trial is None else self._losses(scenario, trial)
                if found == losses:
                    break
                losses = found
            if trial is not None:
                yield trial

    def price(self, cart: Cart) -> Trial | None:
        """None for a cart that is refused."""
        try:
            quote = self._pricing.price(cart)
        except InvalidCart:
            return None
        self.seen.update(quote.applied)
        return Trial(cart, quote)

    def declining(self, trial: Trial, promotion: Promotion) -> Trial | None:
        """The cart with a promotion declined."""
        return self.price(replace(trial.cart, declined_promotions=(promotion.id,)))

    def displacement(self, trial: Trial, first: Promotion, second: Promotion) -> Trial | None:
        """Where the first applies and the second does not: the cart without the first, if the second then does."""
        if not trial.applies(first) or trial.applies(second):
            return None
        alone = self.declining(trial, first)
        return alone if alone is not None and alone.applies(second) else None

    def _losses(self, scenario: Scenario, trial: Trial) -> dict[Variable, int]:
        """What each subtotal of the scenario has lost when its layer begins."""
        subtotals = [each for each in scenario.bounds if each.name == "subtotal" and each.layer]
        losses = {each: _lost(self._ids(each, trial.cart), trial.quote, each.layer) for each in subtotals}
        return {variable: lost for variable, lost in losses.items() if lost}

    def _ids(self, variable: Variable, cart: Cart) -> set[str]:
        group = group_of(variable)
        if group is None or group == CART or variable.subject == Subject.SHIPMENT.value:
            return {line.id for line in cart.lines}
        return {line.id for line in cart.lines if self.in_segment(line, group)}


def _above_fixed(promotion: Promotion, currency: int) -> int:
    """A price of a unit that is above every fixed price of goods that the promotion may give; 0 if it gives none."""
    reward = promotion.reward
    if isinstance(reward, GoodsReward | BuyGetReward | BundleReward) and reward.kind is RewardKind.FIXED_PRICE:
        return 2 * most(reward.number, currency)
    return 0


def _lost(ids: set[str], quote: Quote, layer: int) -> int:
    return sum(
        share.amount
        for each in quote.layers[:layer]
        if each.kind == "goods"
        for adjustment in each.adjustments
        for share in adjustment.shares
        if share.id in ids
    )
