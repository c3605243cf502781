"""One shopper's cart as it changes, with the total expected after each change under rules.yaml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment

AT = 1_780_772_400 * 10**9
"""2026-06-06, 15:00 in New York: a moment within the schedules, so that the demo has the same result on any day."""

BOOTS = Line(id="boots", sku="BOOT-RIDGE-42", category="shoes/hiking", quantity=1, price=8000, cost=5500)
SOCKS = Line(id="socks", sku="SOCK-MERINO", category="clothing/socks", quantity=3, price=625)
HAT = Line(id="hat", sku="HAT-SUN", category="clothing/hats", quantity=1, price=1999)
TENT = Line(id="tent", sku="TENT-DOME-2", category="camping/tents", quantity=1, price=24900)
LAMP = Line(id="lamp", sku="LAMP-LED", category="camping/lamps", quantity=1, price=2400, cost=2200)

RATES = (Rate(method="standard", carrier="USPS", price=795), Rate(method="express", carrier="UPS", price=1850))
HOME = Shipment(id="home", country="US", region="NY", postal_code="12508", method="standard", rates=RATES)
CABIN = Shipment(id="cabin", country="US", region="VT", postal_code="05149", method="express", rates=RATES)
STORE = Shipment(id="store", store="beacon", pickup=True)


@dataclass(frozen=True, slots=True)
class Step:
    """What the shopper does, the resulting cart and its total in cents; None if the cart must be refused."""

    sentence: str
    cart: Cart
    total: int | None


def story() -> Iterator[Step]:
    """The steps in order, each changing the cart of the one before."""
    cart = Cart(id="hike", currency="USD", at=AT, lines=(BOOTS,), shipments=(HOME,))
    yield Step("Boots: 10 % off all shoes.", cart, 7995)

    cart = replace(cart, lines=(BOOTS, SOCKS))
    yield Step("Three pairs of socks: each pair is 5.00 now.", cart, 9495)

    cart = replace(cart, lines=(BOOTS, SOCKS, HAT))
    yield Step("A hat: over 100.00 there is 5 % off, and shipping is free.", cart, 10164)

    cart = replace(cart, customer=Customer(id="ada", tier="gold"))
    yield Step("She signs in: a gold member gets 15.00 off instead.", cart, 9199)

    cart = replace(cart, lines=(BOOTS, replace(SOCKS, quantity=2), HAT))
    leaving = "A pair of socks leaves; its price and free shipping leave with it. Her checkout asks what next."
    yield Step(leaving, replace(cart, explain=True), 9744)

    cart = replace(cart, lines=(*cart.lines, TENT, LAMP))
    yield Step("A tent, with a bottle, and a lamp: 10 % off, but the lamp stays 5 % above its cost.", cart, 31274)

    boots, socks, hat, tent, lamp = cart.lines
    cart = replace(
        cart,
        lines=(
            replace(boots, shipment_id="home"),
            replace(socks, shipment_id="home"),
            replace(hat, shipment_id="store"),
            replace(tent, shipment_id="cabin"),
            replace(lamp, shipment_id="cabin"),
        ),
        shipments=(HOME, CABIN, STORE),
    )
    yield Step("Camping gear by express to a cabin, the hat from the store.", cart, 32199)

    cart = replace(cart, coupons=("hello5", "HELLO50"))
    yield Step("She tries two coupon codes; one is good for 5.00.", cart, 31749)

    broken = replace(cart, lines=(replace(boots, quantity=0), replace(hat, id="boots", shipment_id="attic")))
    yield Step("A broken checkout sends a cart that makes no sense.", broken, None)

    yield Step("And the good cart again: the service goes on.", cart, 31749)
