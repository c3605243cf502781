"""What keeps a promotion from a cart whatever the goods: its schedule, its codes, its limits."""

from __future__ import annotations

from collections.abc import Iterator

from engine.advice.wording import Wording
from engine.pricing.cart import Cart, Usage
from engine.pricing.coupons import SentCodes
from engine.pricing.quote import Reason, Unmet
from engine.pricing.redemption import Limit
from engine.pricing.reference.eligibility import coded
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_schedules import Schedule, Zone

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def schedule_unmet(schedule: Schedule, zone: Zone, second: int, reason: Reason) -> Unmet:
    """``second`` is since 1970 UTC; times are shown by the wall clock of the rule set's zone."""
    now = zone.local(second)
    if reason is Reason.NOT_STARTED and schedule.starts is not None:
        return Unmet("schedule", f"{now:%Y-%m-%d %H:%M}", f"from {zone.local(schedule.starts):%Y-%m-%d %H:%M}")
    if reason is Reason.EXPIRED and schedule.ends is not None:
        return Unmet("schedule", f"{now:%Y-%m-%d %H:%M}", f"before {zone.local(schedule.ends):%Y-%m-%d %H:%M}")
    days = ", ".join(day for number, day in enumerate(_DAYS) if schedule.weekdays >> number & 1)
    hours = ", ".join(map(str, schedule.windows))
    return Unmet("schedule", f"{_DAYS[now.weekday()]} {now:%H:%M}", f"{days} {hours}")


def coupon_unmet(cart: Cart, reason: Reason) -> Unmet:
    """Does not say which codes the promotion has, because the answer may be shown to a shopper."""
    needed = "one of its codes" if reason is Reason.NO_COUPON else "one of its codes, sent last"
    return Unmet("cart.coupons", ", ".join(filter(None, cart.coupons)), needed)


def codes_unmet(promotion: Promotion, codes: SentCodes, rules: CheckedRules) -> Iterator[Unmet]:
    """The promotion's codes that were sent, all of them used up."""
    needing = coded(promotion, rules)
    own = [code for code in codes.sent if codes.belongs_to(needing, code)]
    spent = [codes.sent[code] for code in own if codes.is_spent(code)]
    if spent:
        yield Unmet("cart.coupons", ", ".join(spent), "a code that has not been used")
    used = [f"{codes.sent[code]}: {codes.uses(needing, code):,}" for code in own if not codes.is_spent(code)]
    if used and promotion.limits is not None and promotion.limits.per_code is not None:
        yield Unmet("limits.per_code", ", ".join(used), _fewer_than(promotion.limits.per_code))


def limit_unmet(promotion: Promotion, cart: Cart, wording: Wording, reason: Reason) -> Iterator[Unmet]:
    """What was redeemed, and the limit; nothing for a reason that is not about a limit."""
    usage = next((each for each in cart.usage if each.promotion_id == promotion.id), Usage(promotion_id=promotion.id))
    limits = promotion.limits
    if limits is None:
        return
    budget = None if limits.budget is None else limits.budget[wording.currency]
    match reason:
        case Reason.LIMIT_TOTAL if limits.total is not None:
            yield Unmet("limits.total", f"{usage.total:,}", _fewer_than(limits.total))
        case Reason.LIMIT_CUSTOMER if limits.per_customer is not None:
            yield Unmet("limits.per_customer", f"{usage.customer:,}", _fewer_than(limits.per_customer))
        case Reason.BUDGET_SPENT if budget is not None:
            yield Unmet("limits.budget", f"{wording.amount(usage.spent)} spent", f"less than {wording.amount(budget)}")
        case Reason.BUDGET_EXCEEDED if budget is not None:
            left = wording.amount(budget - usage.spent)
            yield Unmet("limits.budget", f"{left} left", "enough for the whole reward")


def _fewer_than(limit: Limit) -> str:
    period = "" if limit.period is None else f" per {limit.period.value}"
    return f"fewer than {limit.times:,}{period}"
