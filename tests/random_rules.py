"""Random checked rules: every kind of reward, number, layer, combination and schedule, often enough within reach."""

from __future__ import annotations

from random import Random

from engine.money import WHOLE, Rounding
from engine.rules.checked import (
    CART,
    BundleReward,
    BuyGetReward,
    Case,
    CheckedRules,
    Choice,
    Combine,
    Exclusion,
    ExclusionKind,
    Exclusive,
    Fixed,
    GoodsReward,
    Group,
    Layer,
    LayerKind,
    Number,
    Part,
    Per,
    Percentages,
    Pick,
    Promotion,
    Reward,
    RewardKind,
    Schedule,
    Segment,
    ShippingReward,
    Step,
    StepTable,
    Units,
    Window,
    Zone,
)
from engine.rules.expressions import (
    Amount,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    Not,
    PerCurrency,
    Subject,
    TestText,
    TextTest,
    Type,
)
from tests.random_carts import CHANNELS, DAY, IDS, METHODS, MOMENTS, PRICES, TIERS, WHOLES
from tests.random_expressions import AMOUNTS, ATTRIBUTES, RandomExpressions

PERCENTAGES = (0, 1, 50_000, 75_000, 100_000, 125_000, 333_333, 500_000, 999_999, WHOLE)

ZONES = (
    Zone("UTC", (0,), (0,)),
    Zone("America/New_York", (0, 1772953200, 1793512800, 1805007600), (-18000, -14400, -18000, -14400)),
    # Half an hour of daylight saving, in the southern half.
    Zone("Australia/Lord_Howe", (0, 1775314800, 1791041400), (39600, 37800, 39600)),
    # Offsets of whole seconds, and a day that never was.
    Zone("Pacific/Somewhere", (1780000000, 1785000123), (-17762, 17762 + 43200)),
)

# How often each kind is drawn; 0 leaves it out.
BUY_GET = BUNDLE = 0.22  # of the rewards in goods layers
UNITS = 0.4  # of the others there
GROUP = 0.5  # of promotions, as are the rest
TAG = EXCLUDES = 0.35  # TAG: each of the tags
EXCLUSIVE = 0.15

GROUPS = (Group("one of us", one=True), Group("all of us", one=False))
TAGS = ("loyalty", "sale")

_GOODS = (Subject.CART, Subject.SEGMENT, Subject.CUSTOMER)
_SHIPPING = (*_GOODS, Subject.SHIPMENT)


def random_rules(random: Random) -> CheckedRules:
    return _Rules(random).rules()


class _Rules:
    """Draws one rule set."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._currencies = random.choice((("USD",), ("USD", "EUR"), ("JPY", "KWD", "USD")))
        self._segments = 2 + random.randrange(3)
        self._expressions = RandomExpressions(random, len(self._currencies), self._segments)
        self._ids = random.sample(IDS, random.randint(3, 10))

    def rules(self) -> CheckedRules:
        random = self._random
        layers = tuple(self._layer(index) for index in range(random.randint(1, 4)))
        promotions = [self._promotion(id, layers) for id in self._ids]
        return CheckedRules(
            name="random",
            currencies=self._currencies,
            zone=random.choice(ZONES),
            rounding=random.choice(tuple(Rounding)),
            markup=random.choice((None, None, 0, 50_000, 333_333)),
            attributes=ATTRIBUTES,
            segments=(
                Segment("cart", None),
                Segment("discountable", None),
                *map(self._segment, range(2, self._segments)),
            ),
            layers=layers,
            promotions=tuple(sorted(promotions, key=lambda each: (each.layer, -each.priority, each.id))),
            groups=GROUPS,
        )

    def _segment(self, index: int) -> Segment:
        random = self._random
        if random.random() < 0.5:
            part = Constant(Type.STRING, random.choice(("shoes/", "s", "ha")))
            filter = TestText(TextTest.STARTS_WITH, Fact(Type.STRING, Subject.ITEM, "category"), part)
            return Segment(f"segment_{index}", random.choice((filter, Not(filter))))
        return Segment(f"segment_{index}", self._expressions.expression(Type.BOOL, (Subject.ITEM,), 3))

    def _layer(self, index: int) -> Layer:
        random = self._random
        kind = random.choice((LayerKind.GOODS,) * 3 + (LayerKind.SHIPPING,) * 2) if index else LayerKind.GOODS
        if random.random() < 0.05 and index:
            kind = LayerKind.POINTS
        combine = random.choice((Combine.ALL, Combine.ALL, Combine.FIRST))
        return Layer(f"layer_{index}", kind, combine, random.choice(tuple(Percentages)))

    def _promotion(self, id: str, layers: tuple[Layer, ...]) -> Promotion:
        random = self._random
        layer = random.choice([index for index, each in enumerate(layers) if each.kind is not LayerKind.POINTS])
        goods = layers[layer].kind is LayerKind.GOODS
        subjects = _GOODS if goods else _SHIPPING
        return Promotion(
            id=id,
            name=random.choice(("", "Name of " + id)),
            layer=layer,
            priority=random.choice((0, 0, 0, 5, -5)),
            schedule=self._schedule() if random.random() < 0.2 else None,
            condition=self._condition(subjects) if random.random() < 0.5 else None,
            condition_text="",
            reward=self._reward_in_goods_layer(subjects) if goods else self._shipping_reward(subjects),
            group=random.choice(GROUPS).name if random.random() < GROUP else "",
            tags=tuple(tag for tag in TAGS if random.random() < TAG),
            excludes=self._excludes() if random.random() < EXCLUDES else (),
            exclusive=self._exclusive() if random.random() < EXCLUSIVE else None,
        )

    def _excludes(self) -> tuple[Exclusion, ...]:
        """A few exclusions; a promotion may name itself, which means nothing."""
        random = self._random
        exclusions = (
            *(Exclusion(ExclusionKind.PROMOTION, id) for id in random.sample(self._ids, 2)),
            *(Exclusion(ExclusionKind.GROUP, group.name) for group in GROUPS),
            Exclusion(ExclusionKind.TAG, random.choice(TAGS)),
        )
        return tuple(random.sample(exclusions, random.randint(1, 3)))

    def _exclusive(self) -> Exclusive:
        """Most of them where they tell least often."""
        return self._random.choice((Exclusive.LAYER,) * 3 + (Exclusive.CART,) * 2 + (Exclusive.STRICT,))

    def _condition(self, subjects: tuple[Subject, ...]) -> Expression:
        """Half of the time a plain threshold, which most carts reach."""
        if self._random.random() < 0.5:
            fact = Fact(Type.MONEY, Subject.CART, self._random.choice(("merchandise", "subtotal")))
            return Compare(Comparison.GREATER_OR_EQUAL, fact, Amount(self._expressions.figures((0, 500, 1000, 3000))))
        return self._expressions.expression(Type.BOOL, subjects, 4)

    def _reward_in_goods_layer(self, subjects: tuple[Subject, ...]) -> Reward:
        chance = self._random.random()
        if chance < BUY_GET:
            return self._buy_get_reward(subjects)
        if chance < BUY_GET + BUNDLE:
            return self._bundle_reward(subjects)
        return self._goods_reward(subjects)

    def _goods_reward(self, subjects: tuple[Subject, ...]) -> GoodsReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        return GoodsReward(
            kind=kind,
            segment=self._target(),
            per=random.choice(tuple(Per)),
            number=self._number(kind, subjects),
            up_to=self._number(RewardKind.AMOUNT_OFF, subjects) if random.random() < 0.4 else None,
            units=Units(Fixed((random.choice((1, 2, 3, 5)),) * len(self._currencies)), self._pick())
            if random.random() < UNITS
            else None,
        )

    def _buy_get_reward(self, subjects: tuple[Subject, ...]) -> BuyGetReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        return BuyGetReward(
            kind=kind,
            number=self._number(kind, subjects),
            per=random.choice((Per.LINE, Per.UNIT)) if kind is RewardKind.PERCENT_OFF else Per.UNIT,
            buy=self._target(),
            buy_quantity=Fixed((random.choice((1, 1, 2, 3)),) * len(self._currencies)),
            get=self._target(),
            get_quantity=Fixed((random.choice((1, 1, 2)),) * len(self._currencies)),
            pick=self._pick(),
            repeat=self._repeat(),
        )

    def _bundle_reward(self, subjects: tuple[Subject, ...]) -> BundleReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        parts = tuple(
            Part(self._target(), Fixed((random.choice((1, 1, 2)),) * len(self._currencies)))
            for _ in range(random.randint(1, 3))
        )
        return BundleReward(kind, self._number(kind, subjects), parts, self._pick(), self._repeat())

    def _target(self) -> int:
        """A segment; half of the time all discountable lines."""
        return self._random.choice((CART, self._random.randrange(self._segments)))

    def _pick(self) -> Pick:
        return self._random.choice(tuple(Pick))

    def _repeat(self) -> Number | None:
        repeat = self._random.choice((None, None, 1, 2, 5))
        return None if repeat is None else Fixed((repeat,) * len(self._currencies))

    def _shipping_reward(self, subjects: tuple[Subject, ...]) -> ShippingReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        methods = () if random.random() < 0.7 else tuple(sorted(random.sample(METHODS, random.randint(1, 2))))
        return ShippingReward(kind, methods, self._number(kind, subjects))

    def _number(self, kind: RewardKind, subjects: tuple[Subject, ...]) -> Number:
        random = self._random
        chance = random.random()
        if chance < 0.7:
            return Fixed(self._value(kind))
        if chance < 0.85:
            return self._steps(kind, subjects)
        type = random.choice((Type.STRING, Type.INT, Type.BOOL))
        keys = {Type.STRING: (*TIERS[1:], *METHODS, *CHANNELS[1:]), Type.INT: WHOLES, Type.BOOL: (False, True)}[type]
        chosen = random.sample(keys, random.randint(len(keys) // 2, len(keys)))
        return Choice(self._expressions.fact(type, subjects), tuple(Case(key, self._value(kind)) for key in chosen))

    def _steps(self, kind: RewardKind, subjects: tuple[Subject, ...]) -> StepTable:
        random = self._random
        type = random.choice((Type.INT, Type.MONEY))
        starts = sorted(random.sample((-5, 0, 1, 2, 3, 500, 1000, 5000), random.randint(1, 4)))
        steps = []
        for start in starts:
            figures = self._expressions.figures((start,)) if type is Type.MONEY else (start,) * len(self._currencies)
            steps.append(Step(figures, self._value(kind)))
        return StepTable(self._expressions.fact(type, subjects), tuple(steps))

    def _value(self, kind: RewardKind) -> PerCurrency:
        if kind is RewardKind.PERCENT_OFF:
            return (self._random.choice(PERCENTAGES),) * len(self._currencies)
        return self._expressions.figures(AMOUNTS if kind is RewardKind.AMOUNT_OFF else PRICES)

    def _schedule(self) -> Schedule:
        random = self._random
        moment = random.choice(MOMENTS)
        starts = moment + random.randint(-3 * DAY, 2 * DAY) if random.random() < 0.4 else None
        ends = moment + random.randint(2 * DAY, 500 * DAY) if random.random() < 0.4 else None
        windows = tuple(
            Window(random.choice((0, 60, 150, 600, 1320)), random.choice((0, 90, 180, 720, 1200, 1440)))
            for _ in range(random.randint(1, 2))
        )
        all_day = (Window(0, 1440),)
        weekdays = random.choice((127, 127, 96, 31, random.randint(1, 127)))
        return Schedule(starts, ends, weekdays, windows if random.random() < 0.6 else all_day)
