"""What no message can express is refused before it is sent, with its place in the cart."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.client import PricingClient
from engine.errors import InvalidCart, InvalidReturn
from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment, Usage

BOOT = Line(id="a", sku="BOOT", quantity=2, price=5_000)
CART = Cart(id="c1", currency="USD", at=0, lines=(BOOT,))
HALF: Any = 0.5

UNSENDABLE = {
    "lines[1]": replace(CART, lines=(BOOT, replace(BOOT, id="b", quantity=HALF))),
    "lines[0]": replace(CART, lines=(replace(BOOT, price=2**70),)),
    "shipments[0]": replace(CART, shipments=(Shipment(id="s", rates=(Rate(method="m", price=HALF),)),)),
    "usage[0]": replace(CART, usage=(Usage(promotion_id="p", spent=HALF),)),
    "customer": replace(CART, customer=Customer(attributes={"size": HALF})),
    "cart": replace(CART, attributes={"size": HALF}),
}


@pytest.mark.parametrize("place", UNSENDABLE)
def test_what_no_message_holds_is_said_by_its_place(client: PricingClient, place: str) -> None:
    for send in (client.price, client.open):
        with pytest.raises(InvalidCart) as refused:
            send(UNSENDABLE[place])
        assert [each.field for each in refused.value.violations] == [place]
        assert "cannot be sent: " in str(refused.value)


def test_half_a_unit_cannot_come_back(client: PricingClient) -> None:
    with pytest.raises(InvalidReturn, match=r"units: \{'a': 0\.5\} cannot be sent: "):
        client.take_back("k", "r", {"a": HALF})
