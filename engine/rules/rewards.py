"""Rewards with every name, type and amount resolved (docs/pricing.md §5)."""

from __future__ import annotations

from engine.money import WHOLE
from engine.rules import reward_model
from engine.rules.amounts import Amounts
from engine.rules.checked import (
    BundleReward,
    BuyGetReward,
    Fixed,
    GoodsReward,
    Number,
    Part,
    Per,
    Pick,
    Reward,
    RewardKind,
    Segment,
    ShippingReward,
    Units,
)
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

    def resolve(self, written: reward_model.Reward, scope: Scope) -> Reward | None:
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
        if written.buy_get is not None:
            return self._buy_get(written.buy_get, scope)
        if written.bundle is not None:
            return self._bundle(written.bundle, scope)
        return None

    def _goods(
        self,
        kind: RewardKind,
        written: reward_model.PercentOff | reward_model.AmountOff | reward_model.FixedPrice,
        number: Number | None,
        scope: Scope,
    ) -> GoodsReward | None:
        up_to = None if written.up_to is None else self._amounts.resolve(written.up_to, scope)
        segment = self._segment(written.of)
        units = None if written.units is None else Units(written.units.quantity, Pick(written.units.pick))
        if segment is None or number is None:
            return None
        return GoodsReward(kind, segment, Per(written.per), number, up_to, units)

    def _shipping(self, written: reward_model.Shipping, scope: Scope) -> ShippingReward | None:
        kind, number = self._reduction(written, scope)
        methods = tuple(dict.fromkeys(method.text for method in written.methods))
        return None if number is None else ShippingReward(kind, methods, number)

    def _buy_get(self, written: reward_model.BuyGet, scope: Scope) -> BuyGetReward | None:
        buy, get = self._segment(written.buy.of), self._segment(written.get.of)
        kind, number = self._reduction(written.get, scope)
        per = self._per(written.get, kind)
        if buy is None or get is None or number is None:
            return None
        bought, got = written.buy.quantity, written.get.quantity
        return BuyGetReward(kind, number, per, buy, bought, get, got, Pick(written.pick), written.repeat)

    def _per(self, written: reward_model.Got, kind: RewardKind) -> Per:
        if kind is RewardKind.PERCENT_OFF:
            return Per(written.per or Per.LINE)
        if written.per == Per.LINE.value:
            self._issues.not_one_of(written.place("per"), [Per.UNIT.value], written.per)
        return Per.UNIT

    def _bundle(self, written: reward_model.Bundle, scope: Scope) -> BundleReward | None:
        kind, number = self._reduction(written, scope)
        segments = [self._segment(part.of) for part in written.parts]
        parts = tuple(
            Part(segment, part.quantity)
            for segment, part in zip(segments, written.parts, strict=True)
            if segment is not None
        )
        if number is None or len(parts) < len(written.parts):
            return None
        return BundleReward(kind, number, parts, Pick(written.pick), written.repeat)

    def _reduction(self, written: reward_model.Reduction, scope: Scope) -> tuple[RewardKind, Number | None]:
        if written.percent_off is not None:
            return RewardKind.PERCENT_OFF, self._percents.resolve(written.percent_off, scope)
        if written.amount_off is not None:
            return RewardKind.AMOUNT_OFF, self._amounts.resolve(written.amount_off, scope)
        if written.fixed_price is not None:
            return RewardKind.FIXED_PRICE, self._amounts.resolve(written.fixed_price, scope)
        return RewardKind.PERCENT_OFF, self._free

    def _segment(self, name: Scalar) -> int | None:
        segment = self._segments.get(name)
        if segment is None:
            self._issues.unknown_name(name.place, "segment", name, self._segments)
        return segment
