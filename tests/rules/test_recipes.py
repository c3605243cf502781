"""Every rule that docs/recipes.md shows loads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.rules import load_text

DOCUMENT = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").partition(" | ")[2] for line in DOCUMENT.splitlines() if line.startswith("| ")]
RECIPES = [recipe for row in ROWS for recipe in re.findall("`([^`]*)`", row)]
HEAD = """
ruleset: recipes
currencies: [USD]
attributes: {cart: {by_hand: int, price_list: string}, item: {product: string}}
"""
SEGMENTS = """
segments:
  shoes: item.category == "shoes"
  hats: item.category == "hats"
  bulk: item.category == "shoes" && item.quantity >= 3
"""


def test_every_row_has_a_recipe() -> None:
    assert [row for row in ROWS if row != "here" and "`" not in row] == []


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_loads(recipe: str) -> None:
    if recipe.startswith("segments:"):
        load_text(HEAD + recipe)
    else:
        load_text(HEAD + SEGMENTS + (f"promotions:\n  p: {recipe}\n" if recipe.startswith("{layer:") else recipe))
