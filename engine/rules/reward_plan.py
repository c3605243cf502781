"""Planning rewards: a record per reward in the section of its family; equal ones are held once."""

from __future__ import annotations

from collections.abc import Iterable

from engine.rules import artifact, checked_rewards
from engine.rules.artifact import Entry, NumberKind, Same, Selection
from engine.rules.checked import Attribute
from engine.rules.checked_rewards import (
    ALIKE,
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    MoneyReward,
    Part,
    Per,
    Pick,
    PointsKind,
    PointsReward,
    Sets,
    ShippingReward,
    StepTable,
    Units,
    reached,
)
from engine.rules.expression_plan import NONE, ExpressionPlanner, Pool, code
from engine.rules.expressions import Subject, Type
from engine.rules.layout import Section


class RewardPlanner:
    """Plans the rewards of a rule set, whose expressions ``nodes`` plans."""

    def __init__(self, nodes: ExpressionPlanner, attributes: Iterable[Attribute]) -> None:
        self._nodes = nodes
        self._same = {"": int(Same.NOTHING)} | {name: int(Same[name.upper()]) for name in ALIKE}
        for place, each in enumerate(attributes):
            if each.subject is Subject.ITEM:
                self._same[f"attributes.{each.name}"] = Same.ATTRIBUTE + place
        self.numbers: Pool[artifact.Number] = Pool()
        self.entries: Pool[Entry] = Pool()
        self.text_lists: Pool[int] = Pool()
        self.parts: Pool[artifact.Part] = Pool()
        self.goods: Pool[artifact.GoodsReward] = Pool()
        self.shipping: Pool[artifact.ShippingReward] = Pool()
        self.gifts: Pool[artifact.GiftReward] = Pool()
        self.points: Pool[artifact.PointsReward] = Pool()
        self.credits: Pool[artifact.CreditReward] = Pool()
        self.effects: Pool[artifact.EffectReward] = Pool()

    def plan(self, reward: checked_rewards.Reward) -> tuple[Section, int]:
        """The section of the reward's family, and the index of its record there."""
        match reward:
            case GoodsReward() | BuyGetReward() | BundleReward():
                return Section.GOODS_REWARDS, self.goods.add(self._goods(reward))
            case ShippingReward(methods=methods):
                number, up_to = self._number(reward.number), self._optional(reward.up_to)
                record = artifact.ShippingReward(
                    code(reward.kind), number, up_to, *self.text_list(methods), int(reward.together)
                )
                return Section.SHIPPING_REWARDS, self.shipping.add(record)
            case GiftReward(skus=skus, for_every=part):
                quantity = self._number(reward.quantity)
                first = NONE if part is None else self._parts(part)
                record_of_gift = artifact.GiftReward(*self.text_list(skus), quantity, first, reward.weight)
                return Section.GIFT_REWARDS, self.gifts.add(record_of_gift)
            case PointsReward(kind=kind, number=points, segment=segment):
                if kind is PointsKind.PER_UNIT_SPENT:
                    self._nodes.read_segments.add(segment)
                record_of_points = artifact.PointsReward(code(kind), self._number(points), segment)
                return Section.POINTS_REWARDS, self.points.add(record_of_points)
            case CreditReward(number=credit):
                return Section.CREDIT_REWARDS, self.credits.add(artifact.CreditReward(self._number(credit)))
            case EffectReward(name=name, payload=payload):
                texts = map(self._nodes.texts.add, (name, payload))
                return Section.EFFECT_REWARDS, self.effects.add(artifact.EffectReward(*texts))

    def value(self, reward: checked_rewards.Reward) -> int:
        """Row of what the reward is worth in a search besides the money it takes off."""
        if isinstance(reward, MoneyReward) or reward.value is None:
            return NONE
        return self._nodes.row(reward.value)

    def text_list(self, texts: Iterable[str]) -> tuple[int, int]:
        """First index and number of the texts."""
        indices = tuple(map(self._nodes.texts.add, texts))
        return self.text_lists.add(*indices), len(indices)

    def _goods(self, reward: GoodsReward | BuyGetReward | BundleReward) -> artifact.GoodsReward:
        match reward:
            case GoodsReward():
                return self._units(reward)
            case BuyGetReward():
                bought, got = Part(reward.buy, reward.buy_quantity), Part(reward.get, reward.get_quantity)
                selection = Selection.BUY_GET_SET if reward.carried_by_set else Selection.BUY_GET
                sets = self._sets(reward, selection, reward.per, bought, got)
                return sets._replace(incomplete=int(reward.incomplete))
            case BundleReward(parts=parts):
                sets = self._sets(reward, Selection.BUNDLE, Per.ORDER, *parts)
                return sets._replace(full_price_parts=reward.full_price, different=self._same[reward.different])

    def _units(self, reward: GoodsReward) -> artifact.GoodsReward:
        units = reward.units or Units(None, Pick.CHEAPEST)
        sets = units.sets or Sets(0, 0, rows=False)
        return artifact.GoodsReward(
            kind=code(reward.kind),
            number=self._number(reward.number),
            per=code(reward.per),
            up_to=self._optional(reward.up_to),
            selection=Selection.UNITS,
            first_part=self.parts.add(artifact.Part(reached(reward.segment), self._optional(units.quantity))),
            part_count=1,
            pick=code(units.pick),
            skip_reduced=int(reward.skip_reduced),
            same=self._same[units.same],
            at_least=units.at_least,
            set_size=sets.size,
            set_position=sets.position,
            set_rows=int(sets.rows),
            shipping=int(reward.shipping),
            of_list_price=int(reward.of_list_price),
        )

    def _sets(
        self, reward: BuyGetReward | BundleReward, selection: Selection, per: Per, *parts: Part
    ) -> artifact.GoodsReward:
        return artifact.GoodsReward(
            kind=code(reward.kind),
            number=self._number(reward.number),
            per=code(per),
            up_to=NONE,
            selection=selection,
            first_part=self._parts(*parts),
            part_count=len(parts),
            pick=code(reward.pick),
            repeat=self._optional(reward.repeat),
            same=self._same[reward.same],
        )

    def _parts(self, *parts: Part) -> int:
        return self.parts.add(*(artifact.Part(reached(part.segment), self._number(part.quantity)) for part in parts))

    def _optional(self, number: checked_rewards.Number | None) -> int:
        return NONE if number is None else self._number(number)

    def _number(self, number: checked_rewards.Number) -> int:
        nodes = self._nodes
        match number:
            case Fixed(values=values):
                record = artifact.Number(NumberKind.FIXED, NONE, nodes.row(values), 0)
            case StepTable(by=by, steps=steps):
                rows = [Entry(nodes.row(step.threshold), nodes.row(step.value)) for step in steps]
                record = artifact.Number(NumberKind.STEPS, nodes.plan(by), self.entries.add(*rows), len(rows))
            case Choice(by=by, cases=cases):
                kind = NumberKind.CASES_BY_TEXT if by.type is Type.STRING else NumberKind.CASES_BY_NUMBER
                rows = [Entry(nodes.literal(case.key), nodes.row(case.value)) for case in cases]
                record = artifact.Number(kind, nodes.plan(by), self.entries.add(*rows), len(rows))
            case ForEvery(by=by, every=every, value=value, up_to=up_to):
                rows = [Entry(nodes.row(every), nodes.row(figures)) for figures in (value, up_to)]
                record = artifact.Number(NumberKind.FOR_EVERY, nodes.plan(by), self.entries.add(*rows), len(rows))
        return self.numbers.add(record)
