"""Random carts, with the few texts that random rule sets ask about (``random_rules``)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from engine.money import MAX_AMOUNT
from engine.pricing.cart import (
    AttributeValue,
    Cart,
    CouponFact,
    CouponState,
    Customer,
    Line,
    Rate,
    Shipment,
    Usage,
)
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import GiftReward

SKUS = ("BOOT", "HAT", "SOCK", "TOTE")
CATEGORIES = ("", "hats", "shoes/boots", "shoes/running", "sočks")
BRANDS = ("", "acme", "zenith")
TAGS = ("clearance", "new", "summer")
TIERS = ("", "basic", "gold", "platinum")
CUSTOMER_SEGMENTS = ("staff", "vip")
COUPONS = ("SUMMER", "Welcome10", "ÉTÉ")
UNIQUE_CODES = ("U-7", "É-8", "z9")
POOLS = ("Spring", "U-7")
CHANNELS = ("", "store", "web")
METHODS = ("express", "pickup", "standard")
CARRIERS = ("", "parcel", "post")
COUNTRIES = ("", "CA", "US")
COLORS = ("", "red", "rot 🟥")
# Ids whose order by UTF-8 bytes is neither their order by UTF-16 nor by number.
IDS = ("a", "b", "l10", "l9", "B", "é", "\uffee", "\U0001d4b3", "l9\0", "zz", "p", "q", "~", "ß")
GIFT_IDS = ("0", "c", "l9\0\0", "zzz")
PRICES = (0, 1, 3, 99, 250, 625, 999, 1000, 1875, 1999, 8000, 12345)
SIZES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 9)
"""Numbers of lines. Leftover minor units go different ways where there are several."""
RATES = (0, 1, 495, 795, 1995, 9995, 20_000)
WHOLES = (0, 1, 2, 3, 5, 10, -1, 2**63 - 1, -(2**63))
MOMENTS = (1772953200, 1775314800, 1780000000, 1785000123, 1793512800, 1800000000)
DAY = 86400


def random_cart(random: Random, rules: CheckedRules) -> Cart:
    """A cart valid under the rule set's currencies and attributes."""
    shipments = tuple(_shipment(random, id) for id in random.sample(IDS, random.choice((0, 1, 2, 3, 3))))
    lines = [_line(random, id, shipments) for id in random.sample(IDS, random.choice(SIZES))]
    gifts = [each.id for each in rules.promotions if isinstance(each.reward, GiftReward)]
    if random.random() < 0.03:
        lines = []
    elif random.random() < 0.02:
        quantity = random.choice((1, 3, 7))
        lines = [Line(id="a", sku="VAULT", quantity=quantity, price=MAX_AMOUNT // quantity)]
    elif gifts and random.random() < 0.7:
        lines += [_gift_line(random, id, gifts) for id in random.sample(GIFT_IDS, random.randint(1, 3))]
    random.shuffle(lines)
    declined = tuple(each.id for each in rules.promotions if random.random() < 0.03)
    return Cart(
        id="cart",
        currency=random.choice(rules.currencies),
        at=(random.choice(MOMENTS) + random.randint(-2 * DAY, 2 * DAY)) * 10**9 + random.choice((0, 1, 999_999_999)),
        lines=tuple(lines),
        shipments=shipments,
        customer=_customer(random) if random.random() < 0.8 else None,
        channel=random.choice(CHANNELS),
        payment_method=random.choice(("", "card")),
        coupons=tuple(_code(random) for _ in range(random.choice((0, 1, 2, 3, 5)))),
        coupon_facts=_coupon_facts(random),
        declined_promotions=declined,
        usage=tuple(_usage(random, each) for each in rules.promotions if each.limits and random.random() < 0.7),
        attributes=_attributes(random, {"gift_wrap": (False, True), "visits": WHOLES}),
    )


def _code(random: Random) -> str:
    """Mostly a code that promotions have, in any letter case."""
    return _in_any_case(random, random.choice((*COUPONS, *COUPONS, *UNIQUE_CODES, *UNIQUE_CODES, "NOBODY", "", *POOLS)))


def _coupon_facts(random: Random) -> tuple[CouponFact, ...]:
    """Coupon facts, now and then of a listed code, or of one code twice in different letter case."""
    codes = {_in_any_case(random, code) for code in (*UNIQUE_CODES * 2, COUPONS[0]) if random.random() < 0.8}
    return tuple(_coupon_fact(random, code) for code in sorted(codes))


def _coupon_fact(random: Random, code: str) -> CouponFact:
    state = random.choice((*CouponState, *[CouponState.AVAILABLE] * 7))
    pools = ("", *POOLS) if state is CouponState.UNVERIFIED else (*POOLS * 5, "nobody's")
    return CouponFact(code=code, state=state, pool=random.choice(pools))


def _in_any_case(random: Random, code: str) -> str:
    return random.choice((code, code.lower(), code.upper()))


def _usage(random: Random, promotion: Promotion) -> Usage:
    codes = {_in_any_case(random, code): random.choice((0, 1, 2, 3)) for code in _codes_of(promotion)}
    return Usage(
        promotion_id=promotion.id,
        total=random.choice((0, 0, 1, 2, 3)),
        customer=random.choice((0, 0, 1, 2, 3)),
        codes=codes,
        spent=random.choice((0, 0, 1, 250, 999, MAX_AMOUNT)),
    )


def _codes_of(promotion: Promotion) -> tuple[str, ...]:
    return (*promotion.codes, *(UNIQUE_CODES if promotion.pool else ()), "Nobody")


def _gift_line(random: Random, id: str, gifts: list[str]) -> Line:
    """A gift sent back, of one of these promotions or of none; everything else about it must be ignored."""
    gift_of = random.choice((*gifts, *gifts, "nobody's"))
    return replace(_line(random, id, ()), gift_of=gift_of, price=random.choice((0, 0, 500)), attributes={})


def _line(random: Random, id: str, shipments: tuple[Shipment, ...]) -> Line:
    price = random.choice(PRICES) if random.random() < 0.6 else random.randint(0, 20_000)
    return Line(
        id=id,
        sku=random.choice(SKUS),
        quantity=random.choice((1, 1, 2, 3, 4, 7, 20)),
        price=price,
        list_price=_maybe(random, price, price + 500),
        cost=_maybe(random, price // 2, price + 1, 333) if random.random() < 0.3 else None,
        minimum_price=_maybe(random, 1, price // 3, price, price + 1) if random.random() < 0.3 else None,
        weight=_maybe(random, 0, 120, 4000) if random.random() < 0.25 else 250,
        category=random.choice(CATEGORIES),
        brand=random.choice(BRANDS),
        tags=_some(random, TAGS),
        attributes=_attributes(random, {"color": COLORS, "size": WHOLES}),
        shipment_id=random.choice(("", *(each.id for each in shipments))),
        discountable=random.random() < 0.85,
    )


def _shipment(random: Random, id: str) -> Shipment:
    rates = tuple(
        Rate(
            method=method,
            price=random.choice(RATES),
            carrier=random.choice(CARRIERS),
            speed="slow",
        )
        for method in random.sample(METHODS, random.randint(0, 3))
    )
    pickup = random.random() < 0.2
    return Shipment(
        id=id,
        country="" if pickup else random.choice(COUNTRIES),
        region="" if pickup else random.choice(("", "NY")),
        store="hats" if pickup else "",
        pickup=pickup,
        method=random.choice([each.method for each in rates] * 4 + [""]),
        rates=rates,
    )


def _customer(random: Random) -> Customer:
    return Customer(
        id=random.choice(("", "c-1")),
        tier=random.choice(TIERS),
        segments=_some(random, CUSTOMER_SEGMENTS),
        orders=_maybe(random, 0, 1, 5),
        lifetime_spend=_maybe(random, 0, 500, MAX_AMOUNT),
        points=_maybe(random, -3, 0, 2**63 - 1),
        attributes=_attributes(random, {"member": (False, True)}),
    )


def _maybe(random: Random, *values: int) -> int | None:
    return random.choice((None, *values))


def _some(random: Random, texts: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(text for text in texts if random.random() < 0.4)


def _attributes(random: Random, values: dict[str, tuple[AttributeValue, ...]]) -> dict[str, AttributeValue]:
    return {name: random.choice(choices) for name, choices in values.items() if random.random() < 0.6}
