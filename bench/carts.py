"""Carts as in a real shop, drawn from figures measured once. The same seed gives the same carts.

The tables are from Online Retail II (D. Chen, UCI Machine Learning Repository 502, CC BY 4.0: 39,516 sale carts with
1,014,945 lines of 4,877 products). Each holds the middle values of 40 equally likely steps, so choosing one of them
uniformly is a draw. Prices are in pence. Categories, brands and most facts of customers are not in the data; they are
distributed evenly over products and carts.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment

LINES = (
    *(1, 1, 1, 2, 2, 3, 4, 4, 5, 6, 7, 8, 9, 9, 10, 11, 12, 13, 14, 15),
    *(16, 17, 18, 19, 20, 21, 23, 24, 26, 28, 30, 33, 36, 40, 44, 50, 57, 68, 91, 181),
)
"""The number of lines of a cart."""
PRICES = (
    *(21, 39, 42, 42, 65, 83, 85, 85, 85, 125, 125, 125, 125, 145, 165, 165, 166, 195, 208, 210),
    *(225, 255, 255, 295, 295, 295, 349, 375, 375, 425, 465, 495, 551, 595, 695, 795, 850, 995, 1275, 2495),
)
"""The price at which a product is most often sold."""
QUANTITIES = {
    99: (
        *(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 4, 4, 5, 6, 8, 10, 10, 12),
        *(12, 12, 12, 12, 12, 12, 12, 16, 24, 24, 24, 24, 24, 25, 25, 32, 41, 48, 75, 200),
    ),
    199: (
        *(1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6),
        *(6, 8, 8, 10, 10, 10, 12, 12, 12, 12, 12, 12, 12, 12, 16, 20, 24, 28, 48, 100),
    ),
    399: (
        *(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3),
        *(4, 4, 4, 4, 5, 6, 6, 6, 6, 6, 6, 6, 8, 10, 11, 12, 12, 16, 24, 50),
    ),
    999: (
        *(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2),
        *(2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 6, 6, 8, 10, 12, 27),
    ),
    10**15: (
        *(1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
        *(1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 4, 4, 6, 8, 16),
    ),
}
"""Units of a line, by the most its unit price may be: cheap things are bought by the dozen."""
RANKS = (
    *(0, 6, 17, 29, 43, 59, 76, 95, 116, 138, 162, 188, 216, 245, 277, 310, 345, 382, 422, 466),
    *(513, 564, 617, 676, 739, 807, 881, 961, 1047, 1140, 1240, 1352, 1474, 1609, 1762, 1937, 2147, 2401, 2730, 3220),
    4877,
)
"""Edges of 40 steps, in each of which the product of a line is equally likely; 0 is the product sold most."""
REPEATED, REDUCED, GUESTS = 0.0227, 0.0847, 0.0739
"""Shares of lines whose product is on an earlier line, of lines below the usual price, of carts without customer."""
REDUCTIONS = (28, 45, 66, 79, 84, 84, 86, 87, 90, 97)
"""A reduced price as a percentage of the usual price; ten steps."""
TAGS = (3, 3, 4, 4, 4, 4, 5, 5, 5, 6)
"""The number of words in the description of a product; ten steps."""

CATEGORIES = tuple(f"home/category-{index:02}" for index in range(24))
BRANDS = tuple(f"brand-{index:02}" for index in range(40))
WORDS = tuple(f"word-{index:03}" for index in range(200))
TIERS = ("basic", "silver", "gold")
RATES = (
    Rate(method="economy", price=295),
    Rate(method="standard", price=495),
    Rate(method="express", price=995, speed="next-day"),
)
COUPON = "GARDEN5"
AT = 1_780_000_000 * 10**9
"""The moment at which all carts are priced, in nanoseconds since 1970."""


@dataclass(frozen=True, slots=True)
class Product:
    """``price`` is the usual price, in pence."""

    sku: str
    price: int
    category: str
    brand: str
    tags: tuple[str, ...]


def products() -> tuple[Product, ...]:
    """All products, the one sold most first; always the same products."""
    random = Random("products")
    return tuple(
        Product(
            sku=f"SKU-{20000 + rank}",
            price=random.choice(PRICES),
            category=random.choice(CATEGORIES),
            brand=random.choice(BRANDS),
            tags=tuple(random.sample(WORDS, random.choice(TAGS))),
        )
        for rank in range(RANKS[-1])
    )


PRODUCTS = products()


def carts(seed: object, lines: int | None = None) -> Iterator[Cart]:
    """Yields carts without end, with this many lines or, if None, as many as real carts have."""
    random = Random(f"carts {seed} {lines}")
    while True:
        yield cart(random, random.choice(LINES) if lines is None else lines)


def cart(random: Random, lines: int) -> Cart:
    """A cart with exactly this many lines, their ids in order."""
    bought: list[Product] = []
    for _ in range(lines):
        bought.append(random.choice(bought) if bought and random.random() < REPEATED else product(random))
    return Cart(
        id=f"cart-{random.randrange(10**9):09}",
        rule_set="bench",
        currency="GBP",
        channel="web",
        at=AT,
        lines=tuple(line(random, f"{index:04}", each) for index, each in enumerate(bought)),
        shipments=(Shipment(id="parcel", country="United Kingdom", method="standard", rates=RATES),),
        customer=customer(random) if random.random() >= GUESTS else None,
        coupons=(COUPON,),
    )


def product(random: Random) -> Product:
    """The product of a random line."""
    step = random.randrange(len(RANKS) - 1)
    return PRODUCTS[random.randrange(RANKS[step], RANKS[step + 1])]


def line(random: Random, id: str, of: Product) -> Line:
    """A line with a product, at its usual price or below."""
    reduced = random.random() < REDUCED
    price = max(1, of.price * random.choice(REDUCTIONS) // 100) if reduced else of.price
    return Line(
        id=id,
        sku=of.sku,
        quantity=quantity(random, price),
        price=price,
        list_price=of.price,
        category=of.category,
        brand=of.brand,
        tags=of.tags,
    )


def quantity(random: Random, price: int) -> int:
    """The quantity of a line with this unit price."""
    return random.choice(QUANTITIES[PRICE_BANDS[bisect_left(PRICE_BANDS, price)]])


PRICE_BANDS = tuple(QUANTITIES)


def customer(random: Random) -> Customer:
    return Customer(
        id=f"{random.randrange(12346, 18288)}",
        tier=random.choice(TIERS),
        segments=("newsletter",),
        orders=random.randrange(100),
    )
