"""Every mistake in a rule file is found at once, each in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.rules import InvalidRules, load_text
from engine.rules.suggestions.yaml import IN_BRACES, IN_QUOTES
from engine.rules.words import COMPUTED, NAMED

HEAD = "ruleset: shop\ncurrencies: [USD, EUR]\n"
CASES = yaml.safe_load((Path(__file__).parent / "bad.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_file(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(("" if case.get("whole") else HEAD) + case["text"])
    found = [f"{issue.position.line}:{issue.position.column}: {issue.code}" for issue in caught.value.issues]
    assert found == case["issues"], str(caught.value)


@pytest.mark.parametrize(
    ("reward", "hint"),
    [
        ("{amount_off: {of: cart, per: order, amount: cart.quantity * 5.00}}", COMPUTED),
        ("{percent_off: {of: cart, percent: cart.quantity}}", COMPUTED),
        ("{percent_off: {of: item.sku in ['a', 'b'], percent: 5}}", IN_BRACES),
        ("{percent_off: {of: item.sku == 'a', percent: 5}}", NAMED),
    ],
)
def test_says_what_to_write_instead(reward: str, hint: str) -> None:
    layers = "layers: [{name: order, kind: goods}]\n"
    with pytest.raises(InvalidRules) as caught:
        load_text(f"{HEAD}{layers}promotions:\n  a:\n    layer: order\n    reward: {reward}\n")
    assert caught.value.issues[0].message.endswith(hint)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("full-price", "full_price"),
        ("full.price", "full_price"),
        ("café", "cafe"),
        ("50", ""),
        ("靴", ""),
        ("a" * 101, ""),
    ],
)
def test_suggests_a_name_that_conditions_can_use(name: str, suggestion: str) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(f"{HEAD}segments: {{{name}: item.sku == 'a'}}\n")
    assert caught.value.issues[0].suggestion == suggestion


def test_suggests_a_name_of_a_promotion() -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(f"{HEAD}promotions:\n  10 % off:\n    layer: item\n    reward: {{gift: {{sku: MUG}}}}\n")
    assert caught.value.issues[0].suggestion == "10-off"


@pytest.mark.parametrize("condition", ['"sale" in item.tags', "item.sku == 'a' ? true : false"])
def test_says_that_yaml_wants_quotes(condition: str) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(f"{HEAD}segments:\n  a: {condition}\n")
    assert caught.value.issues[0].message.endswith(IN_QUOTES)


@pytest.mark.parametrize(
    ("text", "message", "suggestion"),
    [
        (
            "{coupon: {code: A, codes: [B]}, reward: {percent_off: {of: cart, percent: 10}}}",
            "unknown key",
            "codes: […]",
        ),
        ("{reward: {percent_off: {of: segments.shoes, percent: 10}}}", "unknown segment", "shoes"),
        ("{reward: {amount_off: {of: cart, amount: off, per: each}}}", "expected unit, line or order", "unit"),
        ("{when: cart.subtotal > amounts.off, reward: {percent_off: {of: cart, percent: 1}}}", "unknown name", "off"),
        ("{when: not (shoes.lines > 1), reward: {percent_off: {of: cart, percent: 1}}}", "unknown function", "!"),
        ("{reward: {percent_off: 10}}", "as in {of: …, percent: …};", "{of: …, percent: 10}"),
        ("{reward: {gift: SOCKS}}", "as in {sku: …};", "{sku: SOCKS}"),
        ("{when: item.sku == 'A', reward: {percent_off: {of: cart, percent: 10}}}", "give the items a name", ""),
        (
            "{reward: {bundle: {parts: [{of: cart, quantity: 2}], amount_off: {amount: 5}}}}",
            "table of decimals as in {USD: 15.00}",
            "",
        ),
        ("{reward: {shipping: {free: true}}}", "points and shipping go in layers of those kinds", ""),
        (
            "{when: shipment.method == 'ups', reward: {percent_off: {of: cart, percent: 1}}}",
            "`cart.shipping_countries`",
            "",
        ),
        (
            "{when: shipment.region == 'CA', reward: {percent_off: {of: cart, percent: 1}}}",
            "and cart.attributes.region",
            "",
        ),
        ("{when: cart.attributes.vip, reward: {percent_off: {of: cart, percent: 1}}}", "as in attributes: {cart:", ""),
        (
            "{when: cart.coupons.contains('A'), reward: {percent_off: {of: cart, percent: 1}}}",
            "use `in` to look for something in a list",
            "",
        ),
        ("{when: not cart.quantity > 1, reward: {percent_off: {of: cart, percent: 1}}}", "found `not`", "!(…)"),
    ],
)
def test_tells_what_other_systems_call_by_another_name(text: str, message: str, suggestion: str) -> None:
    head = f"{HEAD}amounts: {{off: {{USD: 1.00}}}}\nsegments: {{shoes: item.sku == 'A'}}\n"
    with pytest.raises(InvalidRules) as caught:
        load_text(f"{head}layers: [{{name: order, kind: goods}}]\npromotions:\n  a: {{layer: order, {text[1:]}\n")
    issue = caught.value.issues[0]
    assert message in issue.message
    assert issue.suggestion == suggestion
