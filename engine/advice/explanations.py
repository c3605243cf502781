"""Why not: what stands in the way of each promotion that touches a cart and is not applied (docs/pricing.md §8)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.advice.book import Asked, Book, Entry
from engine.advice.obstacles import codes_unmet, coupon_unmet, limit_unmet, schedule_unmet
from engine.advice.situation import Situation
from engine.advice.what_if import WhatIf
from engine.pricing.quote import Explanation, Outcome, Reason, Unmet
from engine.rules.checked_rewards import ShippingReward


def explanations(book: Book, situation: Situation, asked: Sequence[Asked], what_if: WhatIf) -> tuple[Explanation, ...]:
    """In the order of granting."""
    return tuple(
        [_explanation(book, entry, outcome, situation, what_if) for entry, outcome in asked if outcome is not None]
    )


def _explanation(book: Book, entry: Entry, outcome: Outcome, situation: Situation, what_if: WhatIf) -> Explanation:
    promotion = entry.promotion
    amount = None
    if outcome.by:
        declined = what_if.declined(outcome.by)
        amount = None if declined is None else declined.total - situation.sketch.total
    return Explanation(
        promotion_id=promotion.id,
        promotion_name=promotion.name,
        layer=book.rules.layers[promotion.layer].name,
        reason=outcome.reason,
        condition=promotion.condition_text,
        unmet=tuple(_unmet(book, entry, outcome.reason, situation)),
        displaced_by=outcome.by,
        displaced_by_name=book.promotion(outcome.by).name if outcome.by else "",
        displaced_by_amount=amount,
    )


def _unmet(book: Book, entry: Entry, reason: Reason, situation: Situation) -> Iterator[Unmet]:
    promotion, cart = entry.promotion, situation.cart
    match reason:
        case Reason.CONDITION | Reason.MISSING_FACT:
            yield from (each.unmet for each in entry.condition(situation.facts(promotion)))
        case Reason.NO_VALUE:
            facts = situation.facts(promotion)
            yield from (each.unmet for value in entry.values for each in value(facts))
        case Reason.INCOMPLETE | Reason.NOT_IN_CART:
            facts = situation.facts(promotion)
            yield from (gap.unmet(facts) for gap in entry.next_set.gaps(entry.next_set.first(facts), facts))
        case Reason.NO_RATE:
            assert isinstance(promotion.reward, ShippingReward)
            chosen = dict.fromkeys(each.method for each in cart.shipments if each.method)
            yield Unmet("shipment.method", ", ".join(sorted(chosen)), " or ".join(promotion.reward.methods) or "any")
        case Reason.NOT_STARTED | Reason.EXPIRED | Reason.OUTSIDE_SCHEDULE if promotion.schedule is not None:
            yield schedule_unmet(promotion.schedule, book.rules.zone, cart.at // 10**9, reason)
        case Reason.NO_COUPON | Reason.COUPON_REPLACED:
            yield coupon_unmet(cart, reason)
        case Reason.LIMIT_CODE:
            yield from codes_unmet(promotion, situation.codes, book.rules)
        case _:
            yield from limit_unmet(promotion, cart, book.wording, reason)
