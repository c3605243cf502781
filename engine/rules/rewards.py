"""Rewards with every name, type and amount resolved (docs/pricing.md §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.validation import MAX_QUANTITY
from engine.rules import reward_model
from engine.rules.amounts import Amounts
from engine.rules.checked import Segment
from engine.rules.checked_rewards import (
    ALIKE,
    CART,
    BundleReward,
    BuyGetReward,
    CreditReward,
    EffectReward,
    Fixed,
    GiftReward,
    GoodsReward,
    Number,
    Part,
    Per,
    Pick,
    PointsKind,
    PointsReward,
    Reward,
    RewardKind,
    Sets,
    ShippingReward,
    Units,
)
from engine.rules.conditions.environment import Environment, Scope
from engine.rules.conditions.shared import Conditions
from engine.rules.expressions import PerCurrency, Subject
from engine.rules.issues import Issues
from engine.rules.nodes import Mapping, Scalar
from engine.rules.numbers import Numbers
from engine.rules.scalars import MAX_FACTOR, MAX_POINTS, MAX_RATE


class Rewards:
    """Resolves the rewards of one rule set; an answer is None when the reward is mistaken."""

    def __init__(
        self,
        segments: tuple[Segment, ...],
        environment: Environment,
        conditions: Conditions,
        amounts: Amounts,
        issues: Issues,
    ) -> None:
        self._unread = Subject.SEGMENT in environment.unread
        self._segments = {segment.name: i for i, segment in enumerate(segments)}
        of_items = [each.name for each in environment.attributes if each.subject is Subject.ITEM]
        self._alike = [*ALIKE, *(f"attributes.{name}" for name in of_items)]
        self._money = Numbers[Scalar | Mapping](amounts.read, MAX_AMOUNT, conditions, amounts, issues)

        def figures(most: int) -> Numbers[int]:
            return Numbers[int](amounts.same, most, conditions, amounts, issues)

        self._percentages, self._counts = figures(WHOLE), figures(MAX_QUANTITY)
        self._of_points = {
            PointsKind.FIXED: figures(MAX_POINTS),
            PointsKind.PER_UNIT_SPENT: figures(MAX_RATE),
            PointsKind.MULTIPLIER: figures(MAX_FACTOR),
        }
        self._amounts = amounts
        self._issues = issues

    def resolve(self, written: reward_model.Reward, scope: Scope) -> Reward | None:
        if written.percent_off is not None:
            number = self._percentages.resolve(written.percent_off.percent, scope)
            reward = self._goods(RewardKind.PERCENT_OFF, written.percent_off, number, written.percent_off.per, scope)
            of_list_price = written.percent_off.base == "list_price"
            return None if reward is None else replace(reward, of_list_price=of_list_price)
        if written.amount_off is not None:
            number = self._money.resolve(written.amount_off.amount, scope)
            return self._goods(RewardKind.AMOUNT_OFF, written.amount_off, number, written.amount_off.per, scope)
        if written.fixed_price is not None:
            number = self._money.resolve(written.fixed_price.price, scope)
            return self._goods(RewardKind.FIXED_PRICE, written.fixed_price, number, written.fixed_price.per, scope)
        if written.shipping is not None:
            return self._shipping(written.shipping, scope)
        if written.buy_get is not None:
            return self._buy_get(written.buy_get, scope)
        if written.bundle is not None:
            return self._bundle(written.bundle, scope)
        if written.gift is not None:
            return self._gift(written.gift, scope)
        if written.points is not None:
            return self._points(written.points, scope)
        if written.credit is not None:
            return self._credit(written.credit, scope)
        assert written.effect is not None
        return EffectReward(written.effect.name, written.effect.payload, self._value(written.effect.value))

    def _goods(
        self, kind: RewardKind, written: reward_model.Goods, number: Number | None, per: str | None, scope: Scope
    ) -> GoodsReward | None:
        up_to = self._money.resolve(written.up_to, scope)
        segment = self._segment(written.of)
        units = None if written.units is None else self._units(written.units, scope)
        if segment is None or number is None or per is None:
            return None
        return GoodsReward(kind, segment, Per(per), number, up_to, units, written.skip_reduced, written.shipping)

    def _units(self, written: reward_model.Units, scope: Scope) -> Units:
        keys = set(written.written)
        if keys.isdisjoint(("quantity", "sets", "at_least")) and keys <= written.keys().keys():
            self._issues.missing_key(written.place(), "quantity")
        sets = written.sets
        if sets is not None and sets.take > sets.of:
            self._issues.beyond_the_set(sets.place("take"), sets.of)
        return Units(
            self._counts.resolve(written.quantity, scope),
            Pick(written.pick),
            same="" if written.per is None or written.per == "segment" else self._same(written.per, ["segment"]),
            sets=None if sets is None else Sets(sets.of, sets.take, rows=sets.arrange == "rows"),
            at_least=written.at_least or 0,
        )

    def _shipping(self, written: reward_model.Shipping, scope: Scope) -> ShippingReward | None:
        kind, number = self._reduction(written, scope)
        methods = tuple(dict.fromkeys(method.text for method in written.methods))
        up_to = self._money.resolve(written.up_to, scope)
        together = written.per == "order"
        if together and kind is not RewardKind.AMOUNT_OFF:
            self._issues.pointless(written.key_place("per"), "per")
        return None if number is None else ShippingReward(kind, methods, number, up_to, together)

    def _buy_get(self, written: reward_model.BuyGet, scope: Scope) -> BuyGetReward | None:
        buy, get = self._part(written.buy, scope), self._part(written.get, scope)
        kind, number = self._reduction(written.get, scope)
        per = self._per(written.get, kind)
        repeat = self._counts.resolve(written.repeat, scope)
        same = self._same(written.same)
        if buy is None or get is None or number is None:
            return None
        return BuyGetReward(
            kind=kind,
            number=number,
            per=per,
            buy=buy.segment,
            buy_quantity=buy.quantity,
            get=get.segment,
            get_quantity=get.quantity,
            pick=Pick(written.pick),
            repeat=repeat,
            incomplete=written.incomplete,
            same=same,
            carried_by_set=written.carried_by == "set",
        )

    def _per(self, written: reward_model.Got, kind: RewardKind) -> Per:
        if kind is RewardKind.PERCENT_OFF:
            return Per(written.per or Per.LINE)
        if written.per == Per.LINE.value:
            self._issues.not_one_of(written.place("per"), [Per.UNIT.value], written.per)
        return Per.UNIT

    def _bundle(self, written: reward_model.Bundle, scope: Scope) -> BundleReward | None:
        kind, number = self._reduction(written, scope)
        in_order = sorted(written.parts, key=lambda part: part.full_price)
        parts = [self._part(part, scope) for part in in_order]
        repeat = self._counts.resolve(written.repeat, scope)
        same, different = self._same(written.same), self._same(written.different)
        if in_order[0].full_price:
            self._issues.pointless(in_order[0].key_place("full_price"), "full_price")
        if written.different is not None:
            if different == same:
                self._issues.pointless(written.key_place("different"), "different")
            if len({part.segment for part in parts if part is not None}) > 1:
                self._issues.of_several_segments(written.key_place("different"))
        if number is None:
            return None
        return BundleReward(
            kind=kind,
            number=number,
            parts=tuple(filter(None, parts)),
            pick=Pick(written.pick),
            repeat=repeat,
            full_price=sum(part.full_price for part in in_order),
            same=same,
            different=different,
        )

    def _same(self, written: Scalar | None, others: Sequence[str] = ()) -> str:
        """``others`` are allowed, too."""
        if written is None:
            return ""
        if written not in self._alike:
            self._issues.not_one_of(written.place, [*others, *self._alike], written)
        return written.text

    def _gift(self, written: reward_model.Gift, scope: Scope) -> GiftReward | None:
        skus: dict[str, Scalar] = {}
        for choice in written.choices or ():
            first = skus.setdefault(choice.text, choice)
            if first is not choice:
                self._issues.duplicate_key(choice.place, choice, first.place)
        quantity = self._counts.resolve(written.quantity, scope)
        for_every = None if written.for_every is None else self._part(written.for_every, scope)
        value = self._value(written.value)
        if quantity is None:
            return None
        return GiftReward(tuple(skus) or (written.sku or "",), quantity, for_every, written.weight, value)

    def _points(self, written: reward_model.Points, scope: Scope) -> PointsReward | None:
        kind = PointsKind(written.kind)
        number = self._of_points[kind].resolve(written.fixed or written.per_unit_spent or written.multiplier, scope)
        segment = CART if written.of is None else self._segment(written.of)
        if written.of is not None and kind is not PointsKind.PER_UNIT_SPENT:
            self._issues.pointless(written.key_place("of"), "of")
        value = self._value(written.value)
        return None if number is None or segment is None else PointsReward(kind, number, segment, value)

    def _credit(self, written: reward_model.Credit, scope: Scope) -> CreditReward | None:
        amount = self._money.resolve(written.amount, scope)
        value = self._value(written.value)
        return None if amount is None else CreditReward(amount, value)

    def _value(self, written: Scalar | Mapping | None) -> PerCurrency | None:
        return None if written is None else self._amounts.read(written)

    def _reduction(self, written: reward_model.Reduction, scope: Scope) -> tuple[RewardKind, Number | None]:
        match written.kind:
            case "percent_off":
                return RewardKind.PERCENT_OFF, self._percentages.resolve(written.percent_off, scope)
            case "amount_off":
                return RewardKind.AMOUNT_OFF, self._money.resolve(written.amount_off, scope)
            case "fixed_price":
                return RewardKind.FIXED_PRICE, self._money.resolve(written.fixed_price, scope)
        return RewardKind.PERCENT_OFF, Fixed(self._amounts.same(WHOLE))

    def _part(self, written: reward_model.Part, scope: Scope) -> Part | None:
        segment, quantity = self._segment(written.of), self._counts.resolve(written.quantity, scope)
        return None if segment is None or quantity is None else Part(segment, quantity)

    def _segment(self, name: Scalar | None) -> int | None:
        if name is None:
            return None
        segment = self._segments.get(name)
        if segment is None and not self._unread:
            self._issues.unknown_name(name.place, "segment", name, self._segments)
        return segment
