"""Rewards with every name, type and amount resolved (docs/pricing.md §5)."""

from __future__ import annotations

from engine.money import WHOLE
from engine.rules import model
from engine.rules.amounts import Amounts
from engine.rules.checked import Fixed, GoodsReward, Number, Per, RewardKind, Segment, ShippingReward
from engine.rules.conditions import Conditions
from engine.rules.document import Mapping, Scalar
from engine.rules.environment import Scope
from engine.rules.issues import Issues
from engine.rules.numbers import Numbers


class Rewards:
    """Resolves the rewards of one rule set; an answer is None when the reward is mistaken or not supported yet."""

    def __init__(self, segments: tuple[Segment, ...], conditions: Conditions, amounts: Amounts, issues: Issues) -> None:
        self._segments = {segment.name: i for i, segment in enumerate(segments)}
        self._percents = Numbers[int](amounts.same, conditions, amounts, issues)
        self._amounts = Numbers[Scalar | Mapping](amounts.read, conditions, amounts, issues)
        self._free = Fixed(amounts.same(WHOLE))
        self._issues = issues

    def resolve(self, written: model.Reward, scope: Scope) -> GoodsReward | ShippingReward | None:
        if written.percent_off is not None:
            number = self._percents.resolve(written.percent_off.percent, scope)
            return self._goods(RewardKind.PERCENT_OFF, written.percent_off, number, scope)
        if written.amount_off is not None:
            number = self._amounts.resolve(written.amount_off.amount, scope)
            return self._goods(RewardKind.AMOUNT_OFF, written.amount_off, number, scope)
        if written.fixed_price is not None:
            number = self._amounts.resolve(written.fixed_price.price, scope)
            return self._goods(RewardKind.FIXED_PRICE, written.fixed_price, number, scope)
        if written.shipping is not None:
            return self._shipping(written.shipping, scope)
        return None

    def _goods(
        self,
        kind: RewardKind,
        written: model.PercentOff | model.AmountOff | model.FixedPrice,
        number: Number | None,
        scope: Scope,
    ) -> GoodsReward | None:
        up_to = None if written.up_to is None else self._amounts.resolve(written.up_to, scope)
        segment = self._segments.get(written.of)
        if segment is None:
            self._issues.unknown_name(written.of.place, "segment", written.of, self._segments)
        if segment is None or number is None:
            return None
        return GoodsReward(kind, segment, Per(written.per), number, up_to)

    def _shipping(self, written: model.Shipping, scope: Scope) -> ShippingReward | None:
        kind, number = self._shipping_number(written, scope)
        methods = tuple(dict.fromkeys(method.text for method in written.methods))
        return None if number is None else ShippingReward(kind, methods, number)

    def _shipping_number(self, written: model.Shipping, scope: Scope) -> tuple[RewardKind, Number | None]:
        if written.percent_off is not None:
            return RewardKind.PERCENT_OFF, self._percents.resolve(written.percent_off, scope)
        if written.amount_off is not None:
            return RewardKind.AMOUNT_OFF, self._amounts.resolve(written.amount_off, scope)
        if written.fixed_price is not None:
            return RewardKind.FIXED_PRICE, self._amounts.resolve(written.fixed_price, scope)
        return RewardKind.PERCENT_OFF, self._free
