"""Random checked rules: every kind of expression, number, reward, layer and schedule, often enough within reach."""

from __future__ import annotations

from random import Random

from engine.money import WHOLE, Rounding
from engine.rules.checked import (
    CART,
    Attribute,
    Case,
    CheckedRules,
    Choice,
    Combine,
    Fixed,
    GoodsReward,
    Layer,
    LayerKind,
    Number,
    Per,
    Percentages,
    Promotion,
    RewardKind,
    Schedule,
    Segment,
    ShippingReward,
    Step,
    StepTable,
    Window,
    Zone,
)
from engine.rules.expressions import (
    Amount,
    And,
    Arithmetic,
    Choose,
    Compare,
    Comparison,
    Constant,
    Expression,
    Fact,
    Has,
    In,
    Negate,
    Not,
    Operation,
    Or,
    PerCurrency,
    Size,
    Subject,
    TestText,
    TextTest,
    Type,
)
from tests.random_carts import (
    BRANDS,
    CATEGORIES,
    CHANNELS,
    COLORS,
    COUNTRIES,
    DAY,
    IDS,
    METHODS,
    MOMENTS,
    PRICES,
    SKUS,
    TAGS,
    TIERS,
    WHOLES,
)

TEXTS = sorted({*SKUS, *CATEGORIES, *BRANDS, *TAGS, *TIERS, *CHANNELS, *METHODS, *COUNTRIES, *COLORS, "shoes/", "s"})
AMOUNTS = (0, 1, 7, 50, 333, 500, 1000, 1500, 4000, 30000)
PERCENTAGES = (0, 1, 50_000, 75_000, 100_000, 125_000, 333_333, 500_000, 999_999, WHOLE)

ZONES = (
    Zone("UTC", (0,), (0,)),
    Zone("America/New_York", (0, 1772953200, 1793512800, 1805007600), (-18000, -14400, -18000, -14400)),
    # Half an hour of daylight saving, in the southern half.
    Zone("Australia/Lord_Howe", (0, 1775314800, 1791041400), (39600, 37800, 39600)),
    # Offsets of whole seconds, and a day that never was.
    Zone("Pacific/Somewhere", (1780000000, 1785000123), (-17762, 17762 + 43200)),
)

_GROUP = (
    *((name, Type.MONEY) for name in ("subtotal", "merchandise")),
    *((name, Type.INT) for name in ("quantity", "lines", "skus", "weight")),
)
FACTS: dict[Subject, tuple[tuple[str, Type], ...]] = {
    Subject.ITEM: (
        *((name, Type.STRING) for name in ("sku", "category", "brand")),
        ("tags", Type.STRINGS),
        *((name, Type.INT) for name in ("quantity", "weight")),
        *((name, Type.MONEY) for name in ("price", "list_price", "cost", "minimum_price")),
    ),
    Subject.CART: (
        *_GROUP,
        ("shipping", Type.MONEY),
        *((name, Type.STRINGS) for name in ("coupons", "shipping_methods")),
        *((name, Type.STRING) for name in ("channel", "currency", "payment_method")),
    ),
    Subject.SEGMENT: _GROUP,
    Subject.CUSTOMER: (
        *((name, Type.STRING) for name in ("id", "tier")),
        ("segments", Type.STRINGS),
        *((name, Type.INT) for name in ("orders", "points")),
        ("lifetime_spend", Type.MONEY),
    ),
    Subject.SHIPMENT: (
        *_GROUP,
        *((n, Type.STRING) for n in ("id", "method", "carrier", "speed", "country", "region", "postal_code", "store")),
        ("pickup", Type.BOOL),
        ("price", Type.MONEY),
    ),
}
ATTRIBUTES = (
    Attribute(Subject.ITEM, "color", Type.STRING),
    Attribute(Subject.ITEM, "size", Type.INT),
    Attribute(Subject.CUSTOMER, "member", Type.BOOL),
    Attribute(Subject.CART, "gift_wrap", Type.BOOL),
    Attribute(Subject.CART, "visits", Type.INT),
)

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

    def rules(self) -> CheckedRules:
        random = self._random
        layers = tuple(self._layer(index) for index in range(random.randint(1, 4)))
        promotions = [self._promotion(id, layers) for id in random.sample(IDS, random.randint(2, 8))]
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
        )

    def _segment(self, index: int) -> Segment:
        random = self._random
        if random.random() < 0.5:
            part = Constant(Type.STRING, random.choice(("shoes/", "s", "ha")))
            filter = TestText(TextTest.STARTS_WITH, Fact(Type.STRING, Subject.ITEM, "category"), part)
            return Segment(f"segment_{index}", random.choice((filter, Not(filter))))
        return Segment(f"segment_{index}", self._expression(Type.BOOL, (Subject.ITEM,), 3))

    def _layer(self, index: int) -> Layer:
        random = self._random
        kind = random.choice((LayerKind.GOODS, LayerKind.GOODS, LayerKind.SHIPPING)) if index else LayerKind.GOODS
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
            schedule=self._schedule() if random.random() < 0.25 else None,
            condition=self._condition(subjects) if random.random() < 0.6 else None,
            condition_text="",
            reward=self._goods_reward(subjects) if goods else self._shipping_reward(subjects),
        )

    def _condition(self, subjects: tuple[Subject, ...]) -> Expression:
        """Half of the time a plain threshold, which most carts reach."""
        if self._random.random() < 0.5:
            fact = Fact(Type.MONEY, Subject.CART, self._random.choice(("merchandise", "subtotal")))
            return Compare(Comparison.GREATER_OR_EQUAL, fact, Amount(self._figures((0, 500, 1000, 3000))))
        return self._expression(Type.BOOL, subjects, 4)

    def _goods_reward(self, subjects: tuple[Subject, ...]) -> GoodsReward:
        random = self._random
        kind = random.choice(tuple(RewardKind))
        return GoodsReward(
            kind=kind,
            segment=random.choice((CART, random.randrange(self._segments))),
            per=random.choice(tuple(Per)),
            number=self._number(kind, subjects),
            up_to=self._number(RewardKind.AMOUNT_OFF, subjects) if random.random() < 0.4 else None,
        )

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
        return Choice(self._fact(type, subjects), tuple(Case(key, self._value(kind)) for key in chosen))

    def _steps(self, kind: RewardKind, subjects: tuple[Subject, ...]) -> StepTable:
        random = self._random
        type = random.choice((Type.INT, Type.MONEY))
        starts = sorted(random.sample((-5, 0, 1, 2, 3, 500, 1000, 5000), random.randint(1, 4)))
        steps = []
        for start in starts:
            figures = self._figures((start,)) if type is Type.MONEY else (start,) * len(self._currencies)
            steps.append(Step(figures, self._value(kind)))
        return StepTable(self._fact(type, subjects), tuple(steps))

    def _value(self, kind: RewardKind) -> PerCurrency:
        if kind is RewardKind.PERCENT_OFF:
            return (self._random.choice(PERCENTAGES),) * len(self._currencies)
        return self._figures(AMOUNTS if kind is RewardKind.AMOUNT_OFF else PRICES)

    def _figures(self, amounts: tuple[int, ...]) -> PerCurrency:
        random = self._random
        lacking = len(self._currencies) > 1 and random.random() < 0.06
        figures: list[int | None] = [random.choice(amounts) for _ in self._currencies]
        if lacking:
            figures[random.randrange(len(figures))] = None
        return tuple(figures)

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

    def _fact(self, type: Type, subjects: tuple[Subject, ...]) -> Fact:
        """A fact of the type; none but BOOL attributes are BOOL facts outside shipping."""
        facts = [
            Fact(type, subject, name)
            for subject in subjects
            for name, other in self._facts_of(subject)
            if other is type
        ]
        fact = self._random.choice(facts)
        if fact.subject is Subject.SEGMENT:
            return Fact(type, Subject.SEGMENT, fact.name, self._random.randrange(1, self._segments))
        return fact

    def _facts_of(self, subject: Subject) -> tuple[tuple[str, Type], ...]:
        attributes = tuple((f"attributes.{each.name}", each.type) for each in ATTRIBUTES if each.subject is subject)
        return FACTS[subject] + attributes

    def _expression(self, type: Type, subjects: tuple[Subject, ...], depth: int) -> Expression:
        random = self._random
        if depth == 0 or random.random() < 0.15:
            return self._leaf(type, subjects)
        match type:
            case Type.BOOL:
                return self._truth(subjects, depth - 1)
            case Type.STRING:
                return self._choose(type, subjects, depth - 1)
        forms = ("choose", "negate", "add", "subtract", "multiply") + (("size",) if type is Type.INT else ())
        form = random.choice(forms)
        match form:
            case "choose":
                return self._choose(type, subjects, depth - 1)
            case "negate":
                return Negate(self._expression(type, subjects, depth - 1))
            case "size":
                text = random.choice((Type.STRING, Type.STRINGS))
                return Size(self._leaf(text, subjects))
            case "multiply":
                factors = [self._expression(type, subjects, depth - 1), self._expression(Type.INT, subjects, depth - 1)]
                random.shuffle(factors)
                return Arithmetic(type, Operation.MULTIPLY, *factors)
        operands = (self._expression(type, subjects, depth - 1) for _ in range(2))
        return Arithmetic(type, Operation.ADD if form == "add" else Operation.SUBTRACT, *operands)

    def _truth(self, subjects: tuple[Subject, ...], depth: int) -> Expression:
        random = self._random
        form = random.choice(("not", "and", "or", "or", "compare", "compare", "in", "in list", "choose", "text", "has"))
        match form:
            case "not":
                return Not(self._expression(Type.BOOL, subjects, depth))
            case "and" | "or":
                count = random.randint(2, 3)
                operands = tuple(self._expression(Type.BOOL, subjects, depth) for _ in range(count))
                return And(operands) if form == "and" else Or(operands)
            case "compare":
                type = random.choice((Type.INT, Type.MONEY, Type.STRING, Type.BOOL))
                sides = (self._expression(type, subjects, depth) for _ in range(2))
                return Compare(random.choice(tuple(Comparison)), *sides)
            case "in":
                type = random.choice((Type.INT, Type.MONEY, Type.STRING, Type.BOOL))
                literals = tuple(self._literal(type) for _ in range(random.randint(1, 3)))
                return In(self._expression(type, subjects, depth), literals)
            case "in list":
                return In(self._expression(Type.STRING, subjects, depth), self._fact(Type.STRINGS, subjects))
            case "choose":
                return self._choose(Type.BOOL, subjects, depth)
            case "text":
                text = self._expression(Type.STRING, subjects, depth)
                return TestText(random.choice(tuple(TextTest)), text, self._expression(Type.STRING, subjects, depth))
        return Has(self._fact(random.choice((Type.STRING, Type.INT, Type.MONEY, Type.STRINGS)), subjects))

    def _choose(self, type: Type, subjects: tuple[Subject, ...], depth: int) -> Choose:
        condition, then, otherwise = (self._expression(each, subjects, depth) for each in (Type.BOOL, type, type))
        return Choose(condition, then, otherwise)

    def _leaf(self, type: Type, subjects: tuple[Subject, ...]) -> Expression:
        if type is Type.STRINGS or (self._random.random() < 0.7 and (type, subjects) != (Type.BOOL, (Subject.ITEM,))):
            return self._fact(type, subjects)
        return self._literal(type)

    def _literal(self, type: Type) -> Constant | Amount:
        random = self._random
        match type:
            case Type.MONEY:
                return Amount(self._figures(AMOUNTS))
            case Type.INT:
                return Constant(type, random.choice(WHOLES))
            case Type.BOOL:
                return Constant(type, random.choice((False, True)))
        return Constant(type, random.choice(TEXTS))
