"""Rewards in the terms of rule files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from engine.rules.checked import CheckedRules
from engine.rules.checked_rewards import (
    CART,
    BundleReward,
    BuyGetReward,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    ForEvery,
    GiftReward,
    GoodsReward,
    Number,
    Part,
    Pick,
    PointsKind,
    PointsReward,
    Reward,
    RewardKind,
    ShippingReward,
    StepTable,
    Units,
)
from engine.rules.expressions import PerCurrency, Type
from engine.rules.figures import decimal, percent

Value: TypeAlias = Callable[[PerCurrency], str]
"""Writes the figures of a number."""
Texts: TypeAlias = Iterator[tuple[str, str]]
"""Parts of a reward, each with its text; empty where the file leaves it out."""

_NUMBERS = {
    RewardKind.PERCENT_OFF: "percent",
    RewardKind.AMOUNT_OFF: "amount",
    RewardKind.FIXED_PRICE: "price",
}


def _same(write: Callable[[int], str]) -> Value:
    """Writes figures that are the same in every currency."""
    return lambda figures: "" if figures[0] is None else write(figures[0])


_PERCENT = _same(percent)
_COUNT = _same(lambda figure: f"{figure}")
_MILLIONTHS = _same(lambda figure: decimal(figure, 6))


class RewardDescription:
    """Describes the rewards of one rule set."""

    def __init__(self, rules: CheckedRules, money: Value) -> None:
        self._segments = [segment.name for segment in rules.segments]
        self._money = money

    def facts(self, reward: Reward) -> Texts:
        """The kind of reward first, as ``reward``."""
        match reward:
            case GoodsReward():
                yield from self._goods(reward)
            case BuyGetReward():
                yield from self._buy_get(reward)
            case BundleReward():
                yield from self._bundle(reward)
            case ShippingReward():
                yield from self._shipping(reward)
            case GiftReward():
                yield from self._gift(reward)
            case PointsReward():
                yield from self._points(reward)
            case CreditReward():
                yield "reward", "credit"
                yield from self._number("amount", reward.number, self._money)
                yield from self._worth(reward.value)
            case EffectReward():
                yield "reward", "effect"
                yield "effect", f"{reward.name} {reward.payload}".rstrip()
                yield from self._worth(reward.value)

    def _goods(self, reward: GoodsReward) -> Texts:
        yield "reward", reward.kind.value
        yield "of", self._segments[reward.segment]
        yield "per", reward.per.value
        yield from self._reduction(_NUMBERS[reward.kind], reward.kind, reward.number)
        yield "base", "list_price" if reward.of_list_price else ""
        yield from self._number("up_to", reward.up_to, self._money)
        if reward.units is not None:
            yield from self._units(reward.units)
        yield "skip_reduced", "true" if reward.skip_reduced else ""
        yield "shipping", "true" if reward.shipping else ""

    def _units(self, units: Units) -> Texts:
        yield from self._number("units.quantity", units.quantity, _COUNT)
        yield "units.pick", units.pick.value
        yield "units.per", units.same
        if units.sets is not None:
            sets = units.sets
            yield "units.sets", f"{sets.position} of {sets.size}{', in rows' if sets.rows else ''}"
        yield "units.at_least", str(units.at_least or "")

    def _buy_get(self, reward: BuyGetReward) -> Texts:
        yield "reward", "buy_get"
        yield "buy.of", self._segments[reward.buy]
        yield from self._number("buy.quantity", reward.buy_quantity, _COUNT)
        yield "get.of", self._segments[reward.get]
        yield from self._number("get.quantity", reward.get_quantity, _COUNT)
        yield from self._reduction(f"get.{reward.kind.value}", reward.kind, reward.number)
        yield "get.per", reward.per.value
        yield from self._sets(reward.pick, reward.repeat)
        yield "incomplete", "true" if reward.incomplete else ""
        yield "same", reward.same
        yield "carried_by", "set" if reward.carried_by_set else ""

    def _bundle(self, reward: BundleReward) -> Texts:
        yield "reward", "bundle"
        for number, part in enumerate(reward.parts, 1):
            yield from self._part(f"parts.{number}", part)
            yield f"parts.{number}.full_price", "true" if number > len(reward.parts) - reward.full_price else ""
        yield from self._reduction(reward.kind.value, reward.kind, reward.number)
        yield from self._sets(reward.pick, reward.repeat)
        yield "same", reward.same
        yield "different", reward.different

    def _shipping(self, reward: ShippingReward) -> Texts:
        yield "reward", "shipping"
        yield "per", "order" if reward.together else ""
        yield "methods", ", ".join(reward.methods)
        yield from self._reduction(reward.kind.value, reward.kind, reward.number)
        yield from self._number("up_to", reward.up_to, self._money)

    def _gift(self, reward: GiftReward) -> Texts:
        yield "reward", "gift"
        yield "sku" if len(reward.skus) == 1 else "choices", ", ".join(reward.skus)
        yield from self._number("quantity", reward.quantity, _COUNT)
        if reward.for_every is not None:
            yield from self._part("for_every", reward.for_every)
        yield "weight", str(reward.weight or "")
        yield from self._worth(reward.value)

    def _points(self, reward: PointsReward) -> Texts:
        yield "reward", "points"
        value = _COUNT if reward.kind is PointsKind.FIXED else _MILLIONTHS
        yield from self._number(reward.kind.value, reward.number, value)
        yield "of", "" if reward.segment == CART else self._segments[reward.segment]
        yield from self._worth(reward.value)

    def _sets(self, pick: Pick, repeat: Number | None) -> Texts:
        yield "pick", pick.value
        if repeat is None:
            yield "repeat", "unlimited"
        yield from self._number("repeat", repeat, _COUNT)

    def _part(self, name: str, part: Part) -> Texts:
        yield f"{name}.of", self._segments[part.segment]
        yield from self._number(f"{name}.quantity", part.quantity, _COUNT)

    def _worth(self, value: PerCurrency | None) -> Texts:
        yield "value", "" if value is None else self._money(value)

    def _reduction(self, name: str, kind: RewardKind, number: Number) -> Texts:
        return self._number(name, number, _PERCENT if kind is RewardKind.PERCENT_OFF else self._money)

    def _number(self, name: str, number: Number | None, value: Value) -> Texts:
        """A table has an entry for each of its steps or cases, so that each is compared by itself."""
        match number:
            case Fixed(values=values):
                yield name, value(values)
            case StepTable(by=by, steps=steps, text=text):
                yield f"{name} by", text
                threshold = self._money if by.type is Type.MONEY else _COUNT
                for step in steps:
                    yield f"{name} from {threshold(step.threshold)}", value(step.value)
            case Choice(cases=cases, text=text):
                yield f"{name} by", text
                for case in cases:
                    key = str(case.key).lower() if isinstance(case.key, bool) else str(case.key)
                    yield f"{name} for {key}", value(case.value)
            case ForEvery(by=by, every=every, value=each, up_to=up_to, text=text, capped=capped):
                yield f"{name} by", text
                held = self._money if by.type is Type.MONEY else _COUNT
                yield f"{name} for every {held(every)}", value(each)
                yield f"{name} up to", value(up_to) if capped else ""
