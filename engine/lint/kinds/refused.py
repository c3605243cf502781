"""Coupon codes that a promotion needs and its own condition refuses.

``cart.coupons`` are the codes as sent, so a condition that refuses one as it is written lets it pass in other letters,
unless the rule set tells letters apart.
"""

from __future__ import annotations

from dataclasses import replace

from engine.lint.codes import Code
from engine.lint.desk import Desk, finding
from engine.lint.findings import Finding, Kind
from engine.lint.literals import Variable
from engine.lint.trials import Trial, Trials
from engine.rules.checked import Promotion
from engine.rules.expressions import Subject

_COUPONS = Variable(Subject.CART.value, "coupons")


def refused_codes(trials: Trials, promotion: Promotion) -> list[str]:
    """The shared codes of the promotion that are on no cart on which its condition holds."""
    refused = [each.membership(_COUPONS)[1] for each in trials.scenarios(promotion) or []]
    return [code for code in promotion.codes if refused and all(code in each for each in refused)]


def refuses_all(trials: Trials, promotion: Promotion) -> bool:
    """Whether no code is left by which the promotion could apply, however it is spelled."""
    refused = refused_codes(trials, promotion)
    left = promotion.pool or len(refused) < len(promotion.codes)
    return bool(refused) and not left and not any(map(trials.codes.respelled, refused))


def code_refused(desk: Desk, promotion: Promotion) -> Finding | None:
    """The first such code: with it the promotion does not apply, with another one or in other letters it does."""
    for trials, at in desk.open_in(promotion):
        refused = refused_codes(trials, promotion)
        if not refused:
            return None
        without = _with_code(trials, promotion, Code(refused[0]), at, applies=False)
        listed = [each for each in trials.codes.all_of(promotion) if each.text not in refused]
        respelled = [Code(other) for each in refused if (other := trials.codes.respelled(each)) is not None]
        for code in (*listed, *respelled):
            applied = _with_code(trials, promotion, code, at, applies=True)
            if without is not None and applied is not None:
                return finding(
                    Kind.CODE_REFUSED,
                    [promotion],
                    f"lists the code {refused[0]}, which its own condition refuses",
                    (f"with the code {refused[0]} it does not apply", without),
                    (f"with {code} it does", applied),
                )
    return None


def _with_code(trials: Trials, promotion: Promotion, code: Code, at: int, applies: bool) -> Trial | None:
    """A cart with the code and everything else that the promotion needs."""
    goal = replace(trials.goal(promotion), codes=(code,))
    return trials.find(goal, at, lambda trial: trial.applies(promotion) is applies)
