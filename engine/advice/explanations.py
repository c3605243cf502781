"""Why not: what prevents each promotion that touches a cart and is not applied (docs/pricing.md §8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from engine.advice.book import Asked, Book
from engine.advice.obstacles import codes_unmet, coupon_unmet, limit_unmet, schedule_unmet
from engine.advice.situation import Situation
from engine.advice.what_if import WhatIf
from engine.pricing.quote import Explanation, Outcome, Reason, Unmet
from engine.rules.checked_rewards import ShippingReward


def explanations(book: Book, situation: Situation, asked: Sequence[Asked], what_if: WhatIf) -> tuple[Explanation, ...]:
    """In the order of granting."""
    return tuple(
        [_explanation(book, each, each.outcome, situation, what_if) for each in asked if each.outcome is not None]
    )


def _explanation(book: Book, asked: Asked, outcome: Outcome, situation: Situation, what_if: WhatIf) -> Explanation:
    promotion = asked.entry.promotion
    explanation = Explanation(
        promotion.id,
        promotion.name,
        book.rules.layers[promotion.layer].name,
        outcome.reason,
        promotion.condition_text,
        tuple(_unmet(book, asked, outcome.reason, situation)),
    )
    if not outcome.by:
        return explanation
    declined = what_if.declined(outcome.by)
    return explanation._replace(
        displaced_by=outcome.by,
        displaced_by_name=book.promotion(outcome.by).name,
        displaced_by_amount=None if declined is None else declined.total - situation.sketch.total,
    )


def _unmet(book: Book, asked: Asked, reason: Reason, situation: Situation) -> Iterable[Unmet]:
    entry, facts, cart = asked.entry, asked.facts, situation.cart
    promotion = entry.promotion
    match reason:
        case Reason.CONDITION | Reason.MISSING_FACT:
            return [each.unmet for each in asked.shortfalls]
        case Reason.NO_VALUE:
            return [each.unmet for value in entry.values for each in value(facts)]
        case Reason.INCOMPLETE | Reason.NOT_IN_CART:
            return [gap.unmet(facts) for gap in entry.next_set.gaps(entry.next_set.first(facts), facts)]
        case Reason.NO_RATE:
            assert isinstance(promotion.reward, ShippingReward)
            chosen = dict.fromkeys(each.method for each in cart.shipments if each.method)
            needed = " or ".join(promotion.reward.methods) or "any"
            return [Unmet("shipment.method", ", ".join(sorted(chosen)), needed)]
        case Reason.NOT_STARTED | Reason.EXPIRED | Reason.OUTSIDE_SCHEDULE if promotion.schedule is not None:
            return [schedule_unmet(promotion.schedule, book.rules.zone, cart.at // 10**9, reason)]
        case Reason.NO_COUPON | Reason.COUPON_REPLACED:
            return [coupon_unmet(cart, reason)]
        case Reason.LIMIT_CODE:
            return codes_unmet(promotion, situation.codes, book.rules)
    return limit_unmet(promotion, cart, book.wording, reason)
