"""Carts of one's own for the bench: JSON Lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import cart_files
from bench.cart_files import InvalidCarts
from engine.cli.demo.story import story
from engine.pricing.validation import Declaration
from engine.service.messages import cart_json

USD = Declaration(("USD",), {})
LINE = {"id": "a", "sku": "BOOT", "quantity": 2, "price": 5000}


def cart(**fields: Any) -> str:
    return json.dumps({"id": "c1", "currency": "USD", "lines": [LINE]} | fields)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "carts.jsonl"


def test_the_id_of_a_cart_is_its_place(file: Path) -> None:
    file.write_text(f"{cart()}\n\n{cart(lines=[LINE | {'quantity': 3}])}\r\n")
    first, second = cart_files.read(file, "spring", USD, 10)
    assert (first.id, second.id) == (f"{file}:1", f"{file}:3")
    assert [each.lines[0].quantity for each in (first, second)] == [2, 3]


def test_a_cart_without_a_moment_is_priced_now_and_any_other_at_its_own(file: Path) -> None:
    file.write_text(f"{cart()}\n{cart(at='2026-06-05T18:30:00Z')}\n")
    first, second = cart_files.read(file, "spring", USD, 10)
    assert second.at == 1_780_684_200 * 10**9 < first.at


def test_of_many_carts_some_are_taken_from_the_whole_file(file: Path) -> None:
    file.write_text("".join(f"{cart()}\n" for _ in range(10)))
    assert [each.id.rpartition(":")[2] for each in cart_files.read(file, "spring", USD, 4)] == ["1", "4", "7", "10"]
    assert len(cart_files.read(file, "spring", USD, 10)) == 10


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": has no cart; each line must be one cart"),
        ("\n \n", ": has no cart; each line must be one cart"),
        ("id,sku\n", ":1: cart: is not valid JSON: column 1: Expecting value; each line must be one cart"),
        (
            f"[{cart()}]",
            ":1: cart: must be an object; each line must be one cart; jq -c '.[]' turns an array into such",
        ),
        (json.dumps(json.loads(cart()), indent=1), ":1: cart: is not valid JSON: column 2: "),
        (f"{cart()}\n{cart()[:-5]}\n", ":2: cart: is not valid JSON: column "),
        (f"{cart()}\n{cart(currency='EUR')}", ":2: currency: EUR is not a currency of this rule set; use USD"),
        (cart(rule_set="outlet"), ":1: rule_set: is outlet, but the rules are those of spring"),
        (cart(lines=[LINE | {"price": 1.5}]), ":1: lines[0].price: must be a whole number, not 1.5; money is in minor"),
        (
            cart(lines=[LINE | {"price": -1, "quantity": 0}]),
            ":1: lines[0].quantity: must be from 1 to 1,000,000, not 0",
        ),
        (cart(explain=True), ":1: has explain or compare_rates set; bench.load measures prices only"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidCarts) as raised:
        cart_files.read(file, "spring", USD, 10)
    assert str(raised.value).startswith(f"{file}{said}")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("shoppers", [1, 2, 3, 7])
def test_every_cart_is_opened_and_every_shopper_has_carts_of_its_own(file: Path, shoppers: int) -> None:
    file.write_text("".join(f"{cart()}\n" for _ in range(3)))
    shares = list(cart_files.copies(cart_files.read(file, "spring", USD, 10), shoppers))
    ids = [each.id for share in shares for each in share]
    assert len(shares) == shoppers
    assert all(shares)
    assert len(set(ids)) == len(ids) == max(3, shoppers)
    assert {each.split()[0] for each in ids} == {f"{file}:{number}" for number in (1, 2, 3)}


def test_the_carts_of_the_demo_are_those_of_its_story() -> None:
    written = [json.loads(line) for line in Path("bench/demo_carts.jsonl").read_text().splitlines()]
    assert written == [cart_json(replace(step.cart, explain=False)) for step in story() if step.total is not None]
