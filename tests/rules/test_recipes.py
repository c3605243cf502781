"""Every rule shown in docs/recipes.md loads, and every promotion gives the price that its row says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.pricing.reference import Reference
from engine.rules import load_text
from engine.rules.judging import differences

DOCUMENT = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
ROWS = dict(line.strip("| ").split(" | ", 1) for line in DOCUMENT.splitlines() if line.startswith("| "))
RECIPES = [recipe for row in ROWS.values() for recipe in re.findall("`([^`]*)`", row)]
PRICED = yaml.load((Path(__file__).parent / "recipes.yaml").read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
HEAD = """
ruleset: recipes
currencies: [USD]
attributes: {cart: {by_hand: int, price_list: string}, customer: {days_to_birthday: int}, item: {product: string}}
"""
SEGMENTS = """
segments:
  shoes: item.category == "shoes"
  hats: item.category == "hats"
  bulk: item.category == "shoes" && item.quantity >= 3
"""
LAYERS = [
    {"name": name, "kind": name if name in ("shipping", "points") else "goods"}
    for name in ("item", "order", "shipping", "points")
]


def promotions(row: str) -> list[str]:
    """The promotions of a row, found by its beginning."""
    (recipes,) = [each for what, each in ROWS.items() if what.startswith(row)]
    return [each for each in re.findall("`([^`]*)`", recipes) if each.startswith("{layer:")]


def test_no_row_has_a_bar_that_would_end_a_cell() -> None:
    assert [line for line in DOCUMENT.splitlines() if line.startswith("|") and line.count("|") != 3] == []


def test_every_row_has_a_recipe() -> None:
    assert [row for row in ROWS.values() if row != "here" and "`" not in row] == []


def test_every_promotion_is_priced() -> None:
    priced = tuple(each["row"] for each in PRICED)
    assert [row for row, recipes in ROWS.items() if "{layer:" in recipes and not row.startswith(priced)] == []
    assert [each["row"] for each in PRICED if len(each["alone"]) != len(promotions(each["row"]))] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_loads(recipe: str) -> None:
    if recipe.startswith("segments:"):
        load_text(HEAD + recipe)
    else:
        load_text(HEAD + SEGMENTS + (f"promotions:\n  p: {recipe}\n" if recipe.startswith("{layer:") else recipe))


@pytest.mark.parametrize("priced", PRICED, ids=lambda each: each["row"])
def test_a_promotion_comes_to_what_its_row_says(priced: dict[str, Any]) -> None:
    written = {f"p{index}": each for index, each in enumerate(promotions(priced["row"]))}
    wanted = [([id], expected) for id, expected in zip(written, priced["alone"], strict=True)]
    if "together" in priced:
        wanted.append((list(written), priced["together"]))
    for ids, expected in wanted:
        said = expected if isinstance(expected, dict) else {"total": expected}
        text = {
            "layers": priced.get("layers", LAYERS),
            "examples": [{"name": "x", "cart": cart(priced, ids), **said}],
        }
        rules = load_text(
            HEAD
            + SEGMENTS
            + yaml.safe_dump(text, sort_keys=False)
            + "promotions:\n"
            + "".join(f"  {id}: {written[id]}\n" for id in ids)
        )
        (example,) = rules.examples
        assert list(differences(example, Reference(rules, "").price(example.cart))) == [], ids


def cart(priced: dict[str, Any], promotions: list[str]) -> dict[str, Any]:
    """The cart as examples write it, with what the entry of the row says."""
    found = {
        key: priced[key]
        for key in ("attributes", "channel", "coupons", "customer", "payment_method", "at")
        if key in priced
    }
    usage = {id: each for id, each in priced.get("usage", {}).items() if id in promotions}
    parcels = [parcel(index, *each.split()) for index, each in enumerate(priced.get("ship", ()))]
    return {
        **found,
        "lines": list(lines(priced["lines"], parcels[0]["id"] if parcels else "")),
        "shipments": parcels,
        **({"usage": usage} if usage else {}),
    }


def parcel(index: int, price: str, method: str = "ups") -> dict[str, Any]:
    rate = {"method": method, "carrier": "UPS", "price": price}
    return {"id": f"s{index}", "country": "DE", "postal_code": "10115", "method": method, "rates": [rate]}


def lines(written: list[str], shipment: str) -> Iterator[dict[str, Any]]:
    for index, each in enumerate(written):
        category, quantity, price, *list_price = each.split()
        yield {
            "id": f"l{index}",
            "sku": f"SKU-{index}",
            "category": category,
            "brand": "north",
            "attributes": {"product": category},
            "quantity": quantity,
            "price": price,
            "weight": 500,
            **({"list_price": list_price[0]} if list_price else {}),
            **({"shipment": shipment} if shipment else {}),
        }
