"""Running the layers of a rule set on a basket (docs/pricing.md §6), and why promotions do not apply (§8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby

from engine.pricing.quote import Adjustment, Outcome, QuotedLayer, Reason
from engine.pricing.reference.basket import Basket
from engine.pricing.reference.compatibility import Compatibility
from engine.pricing.reference.eligibility import Eligibility
from engine.pricing.reference.granting import Granting
from engine.pricing.reference.rewards import Grant, adjustment
from engine.pricing.reference.search import Search
from engine.rules.checked import CheckedRules, Combine, Policy, Promotion, Selection


@dataclass(slots=True)
class Priced:
    """What is left of the basket, what each layer granted, and why the other promotions do not apply."""

    basket: Basket
    layers: list[QuotedLayer] = field(default_factory=list)
    applied: list[Promotion] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)


class Layers:
    """Runs all layers, for one cart."""

    def __init__(self, rules: CheckedRules, eligibility: Eligibility) -> None:
        self._rules = rules
        self._eligibility = eligibility
        self._compatibility = Compatibility(rules)
        self._granting = Granting(rules, eligibility)
        self._search = Search(self._compatibility, self._granting)
        self._together = rules.grouped(Policy.TOGETHER)

    def run(self, basket: Basket, promotions: Sequence[Promotion]) -> Priced:
        """Prices the basket as if the rule set had only these promotions, none of which has an obstacle."""
        priced = Priced(basket)
        searched = self._rules.selection is Selection.GLOBAL
        chosen = self._search.best(promotions, basket, []) if searched else frozenset[str]()
        alone: dict[str, Reason] = {}
        for index, layer in enumerate(self._rules.layers):
            basket.enter_layer()
            of_layer = [each for each in promotions if each.layer == index]
            if searched:
                adjustments = self._grant_chosen(of_layer, chosen, priced, alone)
            elif layer.combine is Combine.BEST:
                best = self._search.best(of_layer, basket, priced.applied)
                alone_in_layer: dict[str, Reason] = {}
                adjustments = self._grant_chosen(of_layer, best, priced, alone_in_layer)
                self._leave_out(of_layer, alone_in_layer, priced)
            elif layer.combine is Combine.BEST_PER_LINE:
                adjustments = self._grant_best_per_line(of_layer, priced)
            else:
                adjustments = self._grant_in_turn(of_layer, priced)
            priced.layers.append(
                QuotedLayer(layer.name, layer.kind.value, tuple(adjustments), basket.subtotal, basket.shipping)
            )
        self._leave_out(promotions, alone, priced)
        return priced

    def _grant_in_turn(self, promotions: Sequence[Promotion], priced: Priced) -> list[Adjustment]:
        """Grants all promotions that may apply; of a ``first`` layer, the first."""
        adjustments = []
        for promotion in promotions:
            grant = self._attempt(promotion, priced.basket, priced.applied, priced.outcomes)
            if grant is not None:
                adjustments.append(self._apply(promotion, grant, priced))
        return adjustments

    def _grant_best_per_line(self, promotions: Sequence[Promotion], priced: Priced) -> list[Adjustment]:
        """Tries each as if it were the only one of the layer; grants it on the lines off which no other takes more.

        Those of a group with `policy: together` are tried and granted as if they were one. In a shipping layer, the
        same of shipments.
        """
        before = tuple(priced.applied)
        tried: list[tuple[list[tuple[Promotion, Grant]], Basket]] = []
        best: dict[str, tuple[int, int]] = {}  # what is taken off a line at most, and the place in ``tried``
        for _, together in groupby(promotions, self._as_one):
            basket = priced.basket.copy()
            attempts = [(each, self._attempt(each, basket, before, priced.outcomes)) for each in together]
            grants = [(each, grant) for each, grant in attempts if grant is not None]
            taken = sum((grant.shares for _, grant in grants), Counter[str]())
            for line_id, amount in taken.items():
                if amount > best.get(line_id, (0, 0))[0]:
                    best[line_id] = amount, len(tried)
            tried.append((grants, basket))
        adjustments = []
        for place, (grants, basket) in enumerate(tried):
            won = {line_id for line_id, (_, winner) in best.items() if winner == place}
            for promotion, grant in grants:
                shares = Counter({id: share for id, share in grant.shares.items() if share and id in won})
                if shares:
                    adjustments.append(self._apply(promotion, Grant(wanted=shares.total(), shares=shares), priced))
                else:
                    priced.outcomes[promotion.id] = Outcome(promotion.id, Reason.NOT_BEST)
            priced.basket.take_over(basket, won)
        return adjustments

    def _as_one(self, promotion: Promotion) -> tuple[str, str]:
        """What promotions have in common that are granted together on a line."""
        return (promotion.group, "") if promotion.group in self._together else ("", promotion.id)

    def _grant_chosen(
        self, promotions: Sequence[Promotion], chosen: frozenset[str], priced: Priced, alone: dict[str, Reason]
    ) -> list[Adjustment]:
        """Grants the chosen set; ``alone`` gets why each of the others would not apply alone as the layer began."""
        for promotion in promotions:
            if promotion.id not in chosen:
                grant = self._granting.attempt(promotion, priced.basket.copy())
                alone[promotion.id] = grant if isinstance(grant, Reason) else Reason.NOT_BEST
        adjustments = []
        for promotion in promotions:
            if promotion.id in chosen:
                grant = self._granting.attempt(promotion, priced.basket)
                assert isinstance(grant, Grant), "every promotion of an admissible set has an effect"
                adjustments.append(self._apply(promotion, grant, priced))
        return adjustments

    def _leave_out(self, promotions: Sequence[Promotion], alone: dict[str, Reason], priced: Priced) -> None:
        """Records why promotions were left out of the set found."""
        for promotion in promotions:
            if promotion.id in alone:
                displaced = self._displaced(promotion, priced.applied)
                priced.outcomes[promotion.id] = displaced or Outcome(promotion.id, alone[promotion.id])

    def _attempt(
        self, promotion: Promotion, basket: Basket, applied: Sequence[Promotion], outcomes: dict[str, Outcome]
    ) -> Grant | None:
        """What the promotion grants beside those applied, taken off the basket; else None, and its outcome."""
        displaced = self._displaced(promotion, applied)
        grant = Reason.DISPLACED if displaced else self._granting.attempt(promotion, basket)
        if isinstance(grant, Grant):
            return grant
        outcomes[promotion.id] = displaced or Outcome(promotion.id, grant)
        return None

    def _apply(self, promotion: Promotion, grant: Grant, priced: Priced) -> Adjustment:
        priced.applied.append(promotion)
        return adjustment(promotion, grant, self._eligibility.coupon(promotion))

    def _displaced(self, promotion: Promotion, applied: Sequence[Promotion]) -> Outcome | None:
        """The outcome of a promotion that is incompatible with one applied (the first such); None if there is none."""
        displacing = (other.id for other in applied if not self._compatibility.goes_with(promotion, other))
        return next((Outcome(promotion.id, Reason.DISPLACED, id) for id in displacing), None)
