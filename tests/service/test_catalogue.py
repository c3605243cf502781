"""A service with a catalogue: carts that say little have the price of carts that say everything."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.client import PricingClient
from engine.errors import InvalidCart, InvalidCatalogue
from engine.pricing.cart import UNPRICED, Cart, Line
from engine.pricing.mutations import RemoveLine, SetLine, SetPrice, SetQuantity
from engine.service.server import Server
from engine.service.settings import Settings
from tests.serving import NOON, running, settings_of
from tests.waiting import eventually

RULES = """\
ruleset: shop
currencies: [USD]
attributes:
  item: {color: string}
segments:
  boots: item.category == "boots" && item.attributes.color == "red"
promotions:
  boots-10:
    name: 10 % off red boots
    layer: item
    reward: {percent_off: {of: boots, percent: 10}}
"""
SAID = Line(id="a", sku="BOOT", quantity=2, price=8_000, category="boots", attributes={"color": "red"})
UNSAID = Line(id="a", sku="BOOT", quantity=2, price=UNPRICED)
CART = Cart(id="c", currency="USD", at=NOON, lines=(UNSAID,))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.csv"
    path.write_text("sku,price,category,attribute.color\nBOOT,8000,boots,red\nHAT,2000,hats,\n")
    return path


@pytest.fixture
def settings(tmp_path: Path, file: Path) -> Settings:
    rules = tmp_path / "shop.yaml"
    rules.write_text(RULES)
    return settings_of(rules, catalogue=file, allow_at=True)


@pytest.fixture
def shop(settings: Settings) -> Iterator[PricingClient]:
    with running(Server(settings)) as server, PricingClient(str(server.address), send_at=True) as client:
        yield client


def test_lines_need_only_say_what_differs(shop: PricingClient) -> None:
    assert shop.price(CART).quote == shop.price(replace(CART, lines=(SAID,))).quote
    assert shop.price(CART).quote.total == 14_400
    dearer = replace(CART, lines=(replace(UNSAID, price=9_000),))
    assert shop.price(dearer).quote.total == 16_200
    blue = replace(CART, lines=(replace(UNSAID, attributes={"color": "blue"}),))
    assert shop.price(blue).quote.total == 16_000


def test_a_line_without_any_price_is_refused(shop: PricingClient) -> None:
    session = shop.open(CART)
    sock = Line(id="b", sku="SOCK", quantity=1, price=UNPRICED)
    complaint = r"lines\[1\].price: is missing, and the catalogue has none for 'SOCK'"
    with pytest.raises(InvalidCart, match=complaint):
        shop.price(replace(CART, lines=(UNSAID, sock)))
    with pytest.raises(InvalidCart, match=complaint):
        session.mutate(SetLine(sock))
    assert session.mutate(SetLine(replace(sock, price=5))).quote.total == 14_405


def test_mutations_say_as_little(shop: PricingClient) -> None:
    session = shop.open(CART)
    assert session.mutate(SetQuantity("a", 1)).quote.total == 7_200
    assert session.mutate(SetLine(Line(id="b", sku="HAT", quantity=1, price=UNPRICED))).quote.total == 9_200
    assert session.mutate(SetPrice("b", 1_500)).quote.total == 8_700
    assert session.mutate(SetPrice("b", UNPRICED)).quote.total == 9_200
    assert session.quote == shop.price(session.cart).quote


def test_a_new_catalogue_counts_from_the_next_mutation_on(shop: PricingClient, file: Path) -> None:
    session = shop.open(replace(CART, lines=(UNSAID, Line(id="b", sku="HAT", quantity=1, price=1_000))))
    assert session.quote.total == 15_400
    new = file.with_suffix(".new")
    new.write_text("sku,price,category,attribute.color\nBOOT,10000,boots,red\nHAT,3000,hats,\n")
    os.replace(new, file)
    eventually(lambda: session.mutate().quote.total == 19_000)
    assert session.quote == shop.price(session.cart).quote


def test_a_line_whose_product_is_gone_can_be_taken_out(shop: PricingClient, file: Path) -> None:
    """The new catalogue makes the client send the cart whole again, which by itself would have no price."""
    hat = Line(id="b", sku="HAT", quantity=1, price=UNPRICED)
    session = shop.open(replace(CART, lines=(UNSAID, hat)))
    before = session.quote.total
    new = file.with_suffix(".new")
    new.write_text("sku,price,category,attribute.color\nBOOT,8000,boots,red\n")
    os.replace(new, file)
    with pytest.raises(InvalidCart, match=r"^lines\[1\].price: is missing, and the catalogue has none for 'HAT'$"):
        eventually(lambda: session.mutate().quote.total != before)
    assert session.mutate(RemoveLine("b")).quote.total == 14_400


def test_without_a_catalogue_a_price_must_be_sent(client: PricingClient) -> None:
    with pytest.raises(InvalidCart, match=r"lines\[0\].price: is missing$"):
        client.price(CART)


def test_a_service_does_not_start_on_a_bad_catalogue(settings: Settings, file: Path) -> None:
    file.write_text("sku,price\nBOOT,cheap\n")
    with pytest.raises(InvalidCatalogue, match="price must be whole numbers"):
        Server(settings)


def test_rule_sets_must_agree_on_what_an_attribute_is(settings: Settings, tmp_path: Path) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(RULES.replace("shop", "other").replace("color: string", "color: int").replace('"red"', "1"))
    with pytest.raises(InvalidCatalogue, match=r"attribute\.color cannot be read: the rule sets declare it in two"):
        Server(replace(settings, rules=(*settings.rules, other)))
