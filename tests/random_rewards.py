"""Random rewards and the numbers in them (``random_rules`` puts them into promotions)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from engine.money import WHOLE
from engine.rules.checked import LayerKind
from engine.rules.checked_rewards import (
    CART,
    BundleReward,
    BuyGetReward,
    Case,
    Choice,
    CreditReward,
    EffectReward,
    Fixed,
    ForEvery,
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
    Step,
    StepTable,
    Units,
)
from engine.rules.expressions import PerCurrency, Subject, Type
from tests.random_carts import CHANNELS, METHODS, PRICES, SKUS, TIERS, WHOLES
from tests.random_expressions import AMOUNTS, RandomExpressions

PERCENTAGES = (0, 1, 50_000, 75_000, 100_000, 125_000, 333_333, 500_000, 999_999, WHOLE)
POINTS = {
    PointsKind.FIXED: (1, 50, 100, 10**15),
    PointsKind.PER_UNIT_SPENT: (100_000, 333_333, 1_000_000, 1_250_000),
    PointsKind.MULTIPLIER: (1_000_000, 1_333_333, 1_500_000, 2_000_000, 3_000_000, 1_000_000_000),
}
KEYS: dict[Type, tuple[str | int | bool, ...]] = {
    Type.STRING: (*TIERS[1:], *METHODS, *CHANNELS[1:]),
    Type.INT: WHOLES,
    Type.BOOL: (False, True),
}
VALUES = (0, 1, 99, 250, 1000, 10**15)

# How often each kind is drawn; 0 means never.
BUY_GET = BUNDLE = 0.22  # of the rewards in goods layers
WITHOUT_MONEY = 0.14  # of the rewards in goods layers
UNITS = 0.38  # of the others there
SETS = 0.8  # of these
AT_LEAST = 0.42  # of these
UNITS_SAME = 0.75  # of these
SAME = 0.25  # of buy_get and bundle
CARRIED_BY_SET = 0.35  # of buy_get
DIFFERENT = 0.25  # of bundle
SKIP_REDUCED = 0.6  # of the others in goods layers
SHIPPING_TOO = 0.15  # of these
LIST_PRICE = 0.65  # of these, percentages

ALIKE = ("sku", "sku", "brand", "category", "line", "attributes.color", "attributes.size")
"""What the units of sets may have in common."""
UNITS_ALIKE = (*("line",) * 5, *ALIKE)
"""What units may have in common."""

GOODS = (Subject.CART, Subject.SEGMENT, Subject.CUSTOMER)
SHIPPING = (*GOODS, Subject.SHIPMENT)


class RandomRewards:
    """Draws rewards for a rule set with these currencies and segments."""

    def __init__(
        self, random: Random, expressions: RandomExpressions, currencies: int, segments: int, obstacles: float
    ) -> None:
        """With fewer ``obstacles`` (1 is usual), more rewards reach the whole cart and more numbers are constant."""
        self._random = random
        self._obstacles = obstacles
        self._expressions = expressions
        self._currencies = currencies
        self._segments = segments

    def reward(self, layer: LayerKind) -> Reward:
        """A reward for a layer of this kind."""
        random = self._random
        if layer is LayerKind.SHIPPING:
            return self._shipping()
        chance = random.random()
        if layer is LayerKind.POINTS:
            return self._points() if chance < 0.9 else self._without_money()
        if chance < BUY_GET:
            return self._buy_get()
        if chance < BUY_GET + BUNDLE:
            return self._bundle()
        if chance < BUY_GET + BUNDLE + WITHOUT_MONEY:
            return self._without_money()
        return self._goods()

    def _goods(self) -> GoodsReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        return GoodsReward(
            kind=kind,
            segment=self._target(),
            per=random.choice((*Per, *Per, Per.ORDER, Per.ORDER)),
            number=self._value(kind, GOODS),
            up_to=self._value(RewardKind.AMOUNT_OFF, GOODS) if random.random() < 0.6 else None,
            units=self._units() if random.random() < UNITS else None,
            skip_reduced=random.random() < SKIP_REDUCED,
            shipping=random.random() < SHIPPING_TOO,
            of_list_price=kind is RewardKind.PERCENT_OFF and random.random() < LIST_PRICE,
        )

    def of_whole_lines(self) -> GoodsReward:
        """A reward that may be granted on only some of its lines."""
        return replace(self._goods(), units=None, shipping=False, of_list_price=False)

    def _units(self) -> Units:
        random = self._random
        sets = None
        if random.random() < SETS:
            size = random.choice((1, 2, 2, 3, 4))
            sets = Sets(size, random.randint(1, size), rows=random.random() < 0.55)
        at_least = random.choice((4, 7, 11)) if random.random() < AT_LEAST else 0
        whole = (sets is not None or at_least) and random.random() < 0.6
        same = random.choice(UNITS_ALIKE) if random.random() < UNITS_SAME else ""
        return Units(None if whole else self._quantity(1, 2, 3, 5), self._pick(), same, sets, at_least)

    def _buy_get(self) -> BuyGetReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        return BuyGetReward(
            kind=kind,
            number=self._value(kind, GOODS),
            per=random.choice((Per.LINE, Per.UNIT)) if kind is RewardKind.PERCENT_OFF else Per.UNIT,
            buy=self._target(),
            buy_quantity=self._quantity(1, 1, 2, 3),
            get=self._target(),
            get_quantity=self._quantity(2, 3, 4),
            pick=self._pick(),
            repeat=self._repeat(),
            incomplete=random.random() < 0.7,
            same=self._in_common(),
            carried_by_set=random.random() < CARRIED_BY_SET,
        )

    def _bundle(self) -> BundleReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        parts = tuple(Part(self._target(), self._quantity(1, 1, 2)) for _ in range(random.randint(1, 3)))
        full_price = random.randint(0, len(parts) - 1) if random.random() < 0.6 else 0
        same = self._in_common()
        different = ""
        if random.random() < DIFFERENT:
            different = random.choice([each for each in ALIKE if each != same])
            parts = tuple(replace(part, segment=parts[0].segment) for part in parts)
        number, pick, repeat = self._value(kind, GOODS), self._pick(), self._repeat()
        return BundleReward(kind, number, parts, pick, repeat, full_price, same, different)

    def _in_common(self) -> str:
        return self._random.choice(ALIKE) if self._random.random() < SAME else ""

    def _shipping(self) -> ShippingReward:
        random = self._random
        kind = random.choice((*RewardKind, RewardKind.AMOUNT_OFF))
        methods = () if random.random() < 0.85 else tuple(sorted(random.sample(METHODS, random.randint(1, 2))))
        up_to = self._value(RewardKind.AMOUNT_OFF, SHIPPING) if random.random() < 0.5 else None
        together = kind is RewardKind.AMOUNT_OFF and random.random() < 0.95
        return ShippingReward(kind, methods, self._value(kind, SHIPPING), up_to, together)

    def _points(self) -> PointsReward:
        random = self._random
        kind = random.choice(
            (PointsKind.FIXED, PointsKind.PER_UNIT_SPENT, PointsKind.MULTIPLIER, PointsKind.MULTIPLIER)
        )
        number = self._number(lambda: self._same(random.choice(POINTS[kind])), GOODS)
        segment = self._target() if kind is PointsKind.PER_UNIT_SPENT else CART
        return PointsReward(kind, number, segment, self._worth())

    def _without_money(self) -> Reward:
        random = self._random
        chance = random.random()
        if chance < 0.2:
            return EffectReward(random.choice(("banner", "é")), random.choice(("", "{}")), self._worth())
        if chance < 0.4:
            return CreditReward(self._value(RewardKind.AMOUNT_OFF, GOODS), self._worth())
        return self.gift()

    def gift(self) -> GiftReward:
        random = self._random
        skus = tuple(random.sample(SKUS, random.choice((1, 2, 3))))
        for_every = Part(self._target(), self._quantity(1, 2, 3)) if random.random() < 0.5 else None
        weight = random.choice((0, 500, 10**6, 10**9))
        return GiftReward(skus, self._quantity(1, 1, 2, 1_000_000), for_every, weight, self._worth())

    def _worth(self) -> PerCurrency | None:
        """What the reward counts for in a search."""
        return self._expressions.figures(VALUES) if self._random.random() < 0.9 else None

    def _target(self) -> int:
        """A segment; half of the time all discountable lines."""
        segment = self._random.randrange(self._segments)
        return segment if self._random.random() < 0.5 * self._obstacles else CART

    def _pick(self) -> Pick:
        return self._random.choice(tuple(Pick))

    def _repeat(self) -> Number | None:
        return self._quantity(1, 2, 5) if self._random.random() < 0.6 else None

    def _quantity(self, *quantities: int) -> Number:
        return self._number(lambda: self._same(self._random.choice(quantities)), GOODS, constants=0.9)

    def _value(self, kind: RewardKind, subjects: tuple[Subject, ...]) -> Number:
        return self._number(lambda: self._figures(kind), subjects)

    def _figures(self, kind: RewardKind) -> PerCurrency:
        if kind is RewardKind.PERCENT_OFF:
            return self._same(self._random.choice(PERCENTAGES))
        return self._expressions.figures(AMOUNTS if kind is RewardKind.AMOUNT_OFF else PRICES)

    def _same(self, value: int) -> PerCurrency:
        return (value,) * self._currencies

    def _number(self, draw: Callable[[], PerCurrency], subjects: tuple[Subject, ...], constants: float = 0.7) -> Number:
        """A constant with this frequency; otherwise a step table, a choice or a *for every*, equally often."""
        random = self._random
        if random.random() > (1 - constants) * self._obstacles:
            return Fixed(draw())
        chance = random.random()
        if chance < 1 / 3:
            return self._steps(draw, subjects)
        if chance < 2 / 3:
            return self._for_every(draw, subjects)
        type = random.choice((Type.STRING, Type.INT, Type.BOOL))
        keys = KEYS[type]
        chosen = random.sample(keys, random.randint(len(keys) // 2, len(keys)))
        return Choice(self._expressions.fact(type, subjects), tuple(Case(key, draw()) for key in chosen))

    def _steps(self, draw: Callable[[], PerCurrency], subjects: tuple[Subject, ...]) -> StepTable:
        random = self._random
        type = random.choice((Type.INT, Type.MONEY))
        starts = sorted(random.sample((-5, 0, 1, 2, 3, 500, 1000, 5000), random.randint(1, 4)))
        steps = []
        for start in starts:
            figures = self._expressions.figures((start,)) if type is Type.MONEY else self._same(start)
            steps.append(Step(figures, draw()))
        return StepTable(self._expressions.fact(type, subjects), tuple(steps))

    def _for_every(self, draw: Callable[[], PerCurrency], subjects: tuple[Subject, ...]) -> ForEvery:
        random = self._random
        type = random.choice((Type.INT, Type.MONEY))
        counts = self._same(random.choice((1, 2, 3)))
        every = self._expressions.figures((1, 500, 1000)) if type is Type.MONEY else counts
        return ForEvery(self._expressions.fact(type, subjects), every, draw(), draw())
