"""Random typed expressions over the facts of random carts (``random_carts``)."""

from __future__ import annotations

from random import Random

from engine.rules.checked import Attribute
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
from tests.random_carts import BRANDS, CATEGORIES, CHANNELS, COLORS, COUNTRIES, METHODS, SKUS, TAGS, TIERS, WHOLES

TEXTS = sorted({*SKUS, *CATEGORIES, *BRANDS, *TAGS, *TIERS, *CHANNELS, *METHODS, *COUNTRIES, *COLORS, "shoes/", "s"})
AMOUNTS = (0, 1, 7, 50, 333, 500, 1000, 1500, 4000, 30000)

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
        *((name, Type.STRINGS) for name in ("coupons", "shipping_methods", "shipping_countries")),
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


class RandomExpressions:
    """Draws expressions for a rule set with these currencies and segments."""

    def __init__(self, random: Random, currencies: int, segments: int) -> None:
        self._random = random
        self._currencies = currencies
        self._segments = segments

    def figures(self, amounts: tuple[int, ...]) -> PerCurrency:
        random = self._random
        lacking = self._currencies > 1 and random.random() < 0.06
        figures: list[int | None] = [random.choice(amounts) for _ in range(self._currencies)]
        if lacking:
            figures[random.randrange(len(figures))] = None
        return tuple(figures)

    def fact(self, type: Type, subjects: tuple[Subject, ...]) -> Fact:
        """A fact of the type; outside shipping, the only BOOL facts are BOOL attributes."""
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

    def expression(self, type: Type, subjects: tuple[Subject, ...], depth: int) -> Expression:
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
                return Negate(self.expression(type, subjects, depth - 1))
            case "size":
                text = random.choice((Type.STRING, Type.STRINGS))
                return Size(self._leaf(text, subjects))
            case "multiply":
                factors = [self.expression(type, subjects, depth - 1), self.expression(Type.INT, subjects, depth - 1)]
                random.shuffle(factors)
                return Arithmetic(type, Operation.MULTIPLY, *factors)
        operands = (self.expression(type, subjects, depth - 1) for _ in range(2))
        return Arithmetic(type, Operation.ADD if form == "add" else Operation.SUBTRACT, *operands)

    def _truth(self, subjects: tuple[Subject, ...], depth: int) -> Expression:
        random = self._random
        form = random.choice(("not", "and", "or", "or", "compare", "compare", "in", "in list", "choose", "text", "has"))
        match form:
            case "not":
                return Not(self.expression(Type.BOOL, subjects, depth))
            case "and" | "or":
                count = random.randint(2, 3)
                operands = tuple(self.expression(Type.BOOL, subjects, depth) for _ in range(count))
                return And(operands) if form == "and" else Or(operands)
            case "compare":
                type = random.choice((Type.INT, Type.MONEY, Type.STRING, Type.BOOL))
                sides = (self.expression(type, subjects, depth) for _ in range(2))
                return Compare(random.choice(tuple(Comparison)), *sides)
            case "in":
                type = random.choice((Type.INT, Type.MONEY, Type.STRING, Type.BOOL))
                literals = tuple(self._literal(type) for _ in range(random.randint(1, 3)))
                return In(self.expression(type, subjects, depth), literals)
            case "in list":
                return In(self.expression(Type.STRING, subjects, depth), self.fact(Type.STRINGS, subjects))
            case "choose":
                return self._choose(Type.BOOL, subjects, depth)
            case "text":
                text = self.expression(Type.STRING, subjects, depth)
                return TestText(random.choice(tuple(TextTest)), text, self.expression(Type.STRING, subjects, depth))
        return Has(self.fact(random.choice((Type.STRING, Type.INT, Type.MONEY, Type.STRINGS)), subjects))

    def _choose(self, type: Type, subjects: tuple[Subject, ...], depth: int) -> Choose:
        condition, then, otherwise = (self.expression(each, subjects, depth) for each in (Type.BOOL, type, type))
        return Choose(condition, then, otherwise)

    def _leaf(self, type: Type, subjects: tuple[Subject, ...]) -> Expression:
        if type is Type.STRINGS or (self._random.random() < 0.7 and (type, subjects) != (Type.BOOL, (Subject.ITEM,))):
            return self.fact(type, subjects)
        return self._literal(type)

    def _literal(self, type: Type) -> Constant | Amount:
        random = self._random
        match type:
            case Type.MONEY:
                return Amount(self.figures(AMOUNTS))
            case Type.INT:
                return Constant(type, random.choice(WHOLES))
            case Type.BOOL:
                return Constant(type, random.choice((False, True)))
        return Constant(type, random.choice(TEXTS))
