"""Random checked rules: every kind of reward, number, layer, combination and schedule, often enough within reach."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from random import Random

from engine.money import Rounding
from engine.pricing.redemption import Limit, Period, Returns
from engine.rules.checked import (
    CheckedRules,
    Combine,
    Coupons,
    Exclusion,
    ExclusionKind,
    Exclusive,
    Group,
    Layer,
    LayerKind,
    Leftover,
    Percentages,
    Policy,
    Promotion,
    RedemptionLimits,
    Segment,
    Selection,
)
from engine.rules.checked_rewards import PointsKind, PointsReward, Reward
from engine.rules.checked_schedules import Schedule, Window, Zone
from engine.rules.expressions import (
    Amount,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    Not,
    Subject,
    TestText,
    TextTest,
    Type,
)
from tests.random_carts import COUPONS, DAY, IDS, MOMENTS, POOLS
from tests.random_expressions import ATTRIBUTES, RandomExpressions
from tests.random_rewards import GOODS, SHIPPING, RandomRewards

ZONES = (
    Zone("UTC", (0,), (0,)),
    Zone("America/New_York", (0, 1772953200, 1793512800, 1805007600), (-18000, -14400, -18000, -14400)),
    # Half an hour of daylight saving, in the southern hemisphere.
    Zone("Australia/Lord_Howe", (0, 1775314800, 1791041400), (39600, 37800, 39600)),
    # Offsets in whole seconds, and a day that never existed.
    Zone("Pacific/Somewhere", (1780000000, 1785000123), (-17762, 17762 + 43200)),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How many promotions a rule set has, and how often the search is global.

    ``most_global`` is the most promotions if it is, ``most_best`` in a ``best`` layer, because every set is tried.
    ``obstacles`` scales how often something may prevent a promotion: a schedule, a condition, codes, limits, a
    group, exclusions, numbers without a value, a segment without lines.
    """

    least: int = 6
    most: int = 14
    most_global: int = 8
    most_best: int = 6
    share_global: float = 0.3
    best_only: bool = False
    obstacles: float = 1


ORDINARY = Shape()


def searches(candidates: int) -> Shape:
    """Rule sets with a search in every layer, mostly among nearly this many promotions."""
    return Shape(
        candidates * 2 // 3, candidates, candidates, candidates, share_global=0.4, best_only=True, obstacles=0.25
    )


# How often a promotion has each; 0 means never.
SCHEDULE = 0.1
CONDITION = 0.35
GROUP = 0.35
TAG = EXCLUDES = 0.25  # TAG: each of the tags
EXCLUSIVE = 0.1
CODES = 0.31
LIMITS = 0.3

HEAVY_GIFTS = 0.3
"""The share of rule sets with gifts in the first layer and conditions on weight in later ones."""

LEFTOVERS = (
    Leftover.LARGEST_REMAINDER,
    *(Leftover.FIRST_LINES,) * 5,
    *(Leftover.LAST_LINE,) * 9,
    *(Leftover.CARRIED,) * 8,
    *(Leftover.ROUNDED,) * 10,
)
"""More often where it seldom matters."""

BUDGETS = (1, 99, 400, 1000, 2500, 10**15)

GROUPS = (Group("one of us", Policy.ONE), Group("all of us", Policy.ALL))
TOGETHER = Group("us together", Policy.TOGETHER)  # in layers that may have it
TAGS = ("loyalty", "sale")


def random_rules(random: Random, shape: Shape = ORDINARY) -> CheckedRules:
    return _Rules(random, shape).rules()


def searchable(rules: CheckedRules) -> CheckedRules:
    """The rules without layers that cannot be part of a global search."""
    return replace(
        rules,
        layers=tuple(
            replace(layer, combine=Combine.ALL) if layer.combine is Combine.BEST_PER_LINE else layer
            for layer in rules.layers
        ),
        groups=GROUPS,
    )


def in_order_of_granting(promotions: Iterable[Promotion]) -> tuple[Promotion, ...]:
    """By layer, priority and id; those granted together come where the first of them does."""

    def by_priority(promotion: Promotion) -> tuple[int, bool, int, str]:
        reward = promotion.reward
        multiplies = isinstance(reward, PointsReward) and reward.kind is PointsKind.MULTIPLIER
        return promotion.layer, multiplies, -promotion.priority, promotion.id

    ordered: list[Promotion] = []
    for promotion in sorted(promotions, key=by_priority):
        beside = [
            place
            for place, each in enumerate(ordered)
            if each.group == promotion.group == TOGETHER.name and each.layer == promotion.layer
        ]
        ordered.insert(beside[-1] + 1 if beside else len(ordered), promotion)
    return tuple(ordered)


class _Rules:
    """Draws one rule set; a search has few promotions to choose from, so that every set can be tried."""

    def __init__(self, random: Random, shape: Shape) -> None:
        self._random = random
        self._shape = shape
        self._currencies = random.choice((("USD",), ("USD", "EUR"), ("JPY", "KWD", "USD")))
        self._segments = 2 + random.randrange(3)
        self._expressions = RandomExpressions(random, len(self._currencies), self._segments)
        self._rewards = RandomRewards(random, self._expressions, len(self._currencies), self._segments, shape.obstacles)
        self._selection = Selection.GLOBAL if random.random() < shape.share_global else Selection.LAYERED
        most = shape.most_global if self._selection is Selection.GLOBAL else shape.most
        self._heavy_gifts = random.random() < HEAVY_GIFTS
        self._ids = random.sample(IDS, random.randint(shape.least, most))

    def rules(self) -> CheckedRules:
        random = self._random
        counts = (1, 1, 2) if self._shape.best_only else (2, 3) if self._heavy_gifts else (1, 2, 2, 3, 3, 4)
        layers = tuple(map(self._layer, range(random.choice(counts))))
        promotions = [self._promotion(id, layers) for id in self._ids]
        sizes = Counter(promotion.layer for promotion in promotions)
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
            layers=tuple(
                replace(layer, combine=Combine.ALL)
                if layer.combine is Combine.BEST and sizes[index] > self._shape.most_best
                else layer
                for index, layer in enumerate(layers)
            ),
            promotions=in_order_of_granting(promotions),
            groups=(*GROUPS, TOGETHER),
            selection=self._selection,
            # The best sets are compared, so no search may run out of nodes.
            search_nodes=1_000_000,
            leftover=random.choice(LEFTOVERS),
            coupons=Coupons(case_sensitive=random.random() < 0.3, one_per_cart=random.random() < 0.7),
            returns=random.choice(tuple(Returns)),
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
        kinds = (LayerKind.GOODS,) * 4 + (LayerKind.SHIPPING,) * 2 + (LayerKind.POINTS,) * 2
        kind = random.choice(kinds) if index else LayerKind.GOODS
        combine = random.choice(
            (Combine.ALL,) * 3 + (Combine.FIRST,) * 2 + (Combine.BEST,) * 8 + (Combine.BEST_PER_LINE,) * 3
        )
        of_lines = kind is not LayerKind.POINTS and self._selection is not Selection.GLOBAL
        if combine is Combine.BEST_PER_LINE and not of_lines:
            combine = Combine.ALL
        if self._shape.best_only:
            combine = Combine.BEST
        elif kind is LayerKind.POINTS and combine is Combine.FIRST:
            combine = Combine.ALL  # so that there are points to multiply
        percentages = random.choice((*Percentages, Percentages.COMPOUNDING))
        return Layer(f"layer_{index}", kind, combine, percentages)

    def _promotion(self, id: str, layers: tuple[Layer, ...]) -> Promotion:
        random = self._random
        layer = random.randrange(len(layers))
        subjects = SHIPPING if layers[layer].kind is LayerKind.SHIPPING else GOODS
        obstacles = self._shape.obstacles
        gift = self._heavy_gifts and layer == 0 and random.random() < 0.5
        conditional = 1 if self._heavy_gifts and layer else CONDITION
        codes, pool = self._coupon() if random.random() < CODES * obstacles else ((), "")
        coupon = bool(codes or pool)
        return Promotion(
            id=id,
            name=random.choice(("", "Name of " + id)),
            layer=layer,
            priority=random.choice((0, 0, 0, 5, -5)),
            schedule=self._schedule() if random.random() < SCHEDULE * obstacles else None,
            condition=self._condition(subjects, layer) if random.random() < conditional * obstacles else None,
            condition_text="",
            reward=self._reward(layers[layer], gift),
            group=self._group(layers[layer]),
            tags=tuple(tag for tag in TAGS if random.random() < TAG),
            excludes=self._excludes() if random.random() < EXCLUDES * obstacles else (),
            exclusive=self._exclusive(layers[layer]) if random.random() < EXCLUSIVE * obstacles else None,
            codes=codes,
            pool=pool,
            limits=self._limits(coupon) if random.random() < (LIMITS + 0.7 * coupon) * obstacles else None,
        )

    def _group(self, layer: Layer) -> str:
        random = self._random
        if layer.combine is Combine.BEST_PER_LINE and random.random() < 0.8:
            return TOGETHER.name
        return random.choice(GROUPS).name if random.random() < GROUP * self._shape.obstacles else ""

    def _coupon(self) -> tuple[tuple[str, ...], str]:
        """Shared codes, a pool of unique ones, or both."""
        random = self._random
        pool = random.choice(POOLS) if random.random() < 0.5 else ""
        if pool and random.random() < 0.5:
            return (), pool
        return tuple(random.sample(COUPONS, random.choice((1, 1, 2)))), pool

    def _excludes(self) -> tuple[Exclusion, ...]:
        """A few exclusions; a promotion may name itself, which has no effect."""
        random = self._random
        exclusions = (
            *(Exclusion(ExclusionKind.PROMOTION, id) for id in random.sample(self._ids, 2)),
            *(Exclusion(ExclusionKind.GROUP, group.name) for group in GROUPS),
            Exclusion(ExclusionKind.TAG, random.choice(TAGS)),
        )
        return tuple(random.sample(exclusions, random.randint(1, 3)))

    def _reward(self, layer: Layer, gift: bool) -> Reward:
        if layer.combine is Combine.BEST_PER_LINE and layer.kind is LayerKind.GOODS:
            return self._rewards.of_whole_lines()
        return self._rewards.gift() if gift else self._rewards.reward(layer.kind)

    def _exclusive(self, layer: Layer) -> Exclusive:
        """Most of them where they matter least often."""
        if layer.combine is Combine.BEST_PER_LINE:
            return Exclusive.STRICT
        return self._random.choice((Exclusive.LAYER,) * 3 + (Exclusive.CART,) * 2 + (Exclusive.STRICT,))

    def _condition(self, subjects: tuple[Subject, ...], layer: int) -> Expression:
        """Half of the time a plain threshold that most carts reach; sometimes one on weight, which gifts have too."""
        chance = self._random.random()
        if chance < (0.75 if self._heavy_gifts and layer else 0.05):
            weight = Constant(Type.INT, self._random.choice((3000, 10**6, 10**6)))
            return Compare(Comparison.LESS, Fact(Type.INT, Subject.CART, "weight"), weight)
        if chance < 0.5:
            fact = Fact(Type.MONEY, Subject.CART, self._random.choice(("merchandise", "subtotal")))
            return Compare(Comparison.GREATER_OR_EQUAL, fact, Amount(self._expressions.figures((0, 500, 1000, 3000))))
        return self._expressions.expression(Type.BOOL, subjects, 4)

    def _limits(self, coupon: bool) -> RedemptionLimits:
        """A limit of the size of the usage in `random_cart`."""
        random = self._random
        often = 0.2 if coupon else 0.5  # a limit per code matters if no other limit is reached
        total, customer = (self._limit() if random.random() < often else None for _ in range(2))
        return RedemptionLimits(
            total=total,
            per_customer=customer,
            per_code=(self._limit() if random.random() < 0.4 else Limit(1)) if coupon else None,
            budget=self._expressions.figures(BUDGETS) if random.random() < 0.7 else None,
            partial=random.random() < 0.6,
        )

    def _limit(self) -> Limit:
        return Limit(self._random.choice((1, 2, 3)), self._random.choice((None, *Period)))

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
