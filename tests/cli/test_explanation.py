from __future__ import annotations

import json
import re
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from engine.cli.explanation import explanation
from engine.cli.tables import REASONS
from engine.pricing.quote import Quote, Reason
from engine.rules.zones import UTC_ZONE
from tests.cli.conftest import Run, rows

RULES = """\
ruleset: outdoor
currencies: [USD]
segments:
  shoes: item.category.startsWith("shoes/")
  socks: item.category == "socks"
promotions:
  shoes-10: {name: 10 % off shoes, layer: item, reward: {percent_off: {of: shoes, percent: 10}}}
  socks-3-for-2:
    name: 3 for 2 on socks
    layer: item
    reward:
      buy_get: {buy: {of: socks, quantity: 2}, get: {of: socks, quantity: 1, percent_off: 100}, repeat: unlimited}
  spend-100:
    name: Spend 100, get 15 off
    layer: order
    exclusive: layer
    priority: 1
    when: cart.subtotal >= 100.00
    reward: {amount_off: {of: cart, per: order, amount: 15.00}}
  welcome:
    name: Welcome
    layer: order
    coupon: {codes: [HELLO]}
    reward: {amount_off: {of: cart, per: order, amount: 10.00}}
  free-shipping:
    name: Free shipping from 95
    layer: shipping
    when: cart.subtotal >= 95.00
    reward: {shipping: {free: true, methods: [flat]}}
"""
CART = {
    "id": "c1",
    "currency": "USD",
    "coupons": ["hello", "FOO"],
    "lines": [
        {"id": "boots", "sku": "BOOT", "category": "shoes/boots", "quantity": 1, "price": 8000},
        {"id": "hat", "sku": "HAT", "category": "hats", "quantity": 1, "price": 1999},
        {"id": "socks", "sku": "SOCK", "category": "socks", "quantity": 3, "price": 625},
    ],
    "shipments": [
        {
            "id": "home",
            "method": "flat",
            "rates": [{"method": "flat", "price": 795}, {"method": "express", "carrier": "UPS", "price": 1850}],
        }
    ],
}


@pytest.fixture
def outdoor(tmp_path: Path) -> tuple[Path, Path]:
    rules, cart = tmp_path / "outdoor.yaml", tmp_path / "cart.json"
    rules.write_text(RULES)
    cart.write_text(json.dumps(CART))
    return rules, cart


def test_a_marketer_reads_what_each_layer_did_why_not_and_what_next(
    run: Run, outdoor: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    rules, cart = outdoor
    outcome = run("explain", "--rules", rules, "--at", "2026-06-05T18:30:00Z", cart)
    assert outcome.code == 0
    printed = rows(outcome.out)
    title = " ".join(printed[: printed.index("What applies, layer by layer")])
    assert re.fullmatch(r"cart c1 under outdoor \w{8} at 2026-06-05 18:30 UTC,? total \$97\.44, \$29\.25 saved", title)
    assert printed[printed.index("What applies, layer by layer") + 1 :] == [
        "layer promotion carried by grants goods shipping",
        "as sent 118.74 7.95",
        "item 10 % off shoes boots −8.00 −8.00",
        "3 for 2 on socks socks −6.25 −6.25 104.49 7.95",
        "order Spend 100, get 15 off boots −10.34, hat −2.87, socks −1.79 −15.00 89.49 7.95",
        "shipping nothing 89.49 7.95",
        "points nothing 89.49 7.95",
        "total $97.44",
        "Coupon codes",
        "code status",
        "hello not used: cannot be combined with another promotion",
        "FOO unknown",
        "Why not",
        "promotion because needs finds",
        # What comes to 104.49 − 10.00 + 7.95 without the other, 5.00 more than 97.44.
        "Welcome cannot be combined with Spend 100, get 15",
        "off; without that one the cart costs 5.00",
        "more",
        "Free shipping from 95 its condition is not met cart.subtotal >= 95.00 89.49",
        "What next",
        "promotion missing for example costing new total change",
        "Free shipping from 95 5.51 more in the cart 1 more of socks 6.25 95.74 −1.70",
        "Rates",
        "shipment method carrier speed as sent to pay cheapest",
        "home express UPS 18.50 18.50 carrier",
        "flat (chosen) 7.95 7.95 of all",
    ]


@pytest.mark.parametrize("width", [80, 160])
def test_each_unmet_part_stands_in_a_row_with_what_is_found(
    run: Run, outdoor: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    """Even where what is needed takes two lines."""
    monkeypatch.setenv("COLUMNS", str(width))
    rules, cart = outdoor
    rules.write_text(
        RULES.replace("when: cart.subtotal >= 95.00", 'when: cart.subtotal >= 95.00 && cart.channel == "web"')
    )
    printed = rows(run("explain", "--rules", rules, cart).out)
    subtotal = next(at for at, each in enumerate(printed) if re.search(r"cart\.subtotal >=.* 89\.49$", each))
    assert any(re.match(r"cart\.channel ==.* nothing$", each) for each in printed[subtotal + 1 :])


def test_what_a_step_and_a_choice_need_stands_once(
    run: Run, outdoor: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    rules, cart = outdoor
    rules.write_text(
        "ruleset: outdoor\ncurrencies: [USD]\npromotions:\n"
        "  steps: {layer: order, reward: {percent_off: {of: cart, percent:"
        " {by: cart.subtotal, steps: [{from: 200.00, value: 5}]}}}}\n"
        "  tiers: {layer: order, reward: {percent_off: {of: cart, percent: {by: customer.tier, values: {gold: 5}}}}}\n"
    )
    printed = rows(run("explain", "--rules", rules, cart).out)
    assert "steps its reward has no value for this cart cart.subtotal >= 200.00 118.74" in printed
    assert 'tiers its reward has no value for this cart customer.tier in ["gold"] nothing' in printed


def test_a_code_that_is_used_up_says_by_whom(run: Run, outdoor: tuple[Path, Path]) -> None:
    rules, cart = outdoor
    limited = RULES.replace("coupon: {codes: [HELLO]}", "coupon: {codes: [HELLO]}\n    limits: {per_customer: 1}")
    rules.write_text(limited)
    usage = [{"promotionId": "welcome", "customer": 1}]
    cart.write_text(json.dumps({**CART, "customer": {"id": "ann"}, "usage": usage}))
    printed = rows(run("explain", "--rules", rules, cart).out)
    assert "hello used up: redeemed by this customer as often as allowed" in printed


def test_the_heading_says_what_was_priced_and_what_it_came_to(run: Run, outdoor: tuple[Path, Path]) -> None:
    rules, cart = outdoor
    rules.write_text(
        f"{RULES}layers: [{{name: item, kind: goods}}, {{name: order, kind: goods, combine: best}}, "
        "{name: shipping, kind: shipping}]\n"
    )
    first, second, blank = run("explain", "--rules", rules, "--at", "2026-06-05T18:30:00Z", cart).out.splitlines()[:3]
    assert first.startswith("cart c1 under outdoor ")
    assert first.endswith(" at 2026-06-05 18:30 UTC")
    assert second.startswith("total $97.44, $29.25 saved, proven best, ")
    assert not blank


def test_the_heading_gives_the_time_of_the_rule_sets_zone(run: Run, outdoor: tuple[Path, Path]) -> None:
    rules, cart = outdoor
    rules.write_text(f"timezone: Europe/Vienna\n{RULES}")
    first, *_ = run("explain", "--rules", rules, "--at", "2026-06-05T22:30:00Z", cart).out.splitlines()
    assert first.endswith(" at 2026-06-06 00:30 Europe/Vienna")


def test_the_heading_says_what_is_earned(run: Run, outdoor: tuple[Path, Path]) -> None:
    rules, cart = outdoor
    rules.write_text(
        f"{RULES}  points: {{layer: points, reward: {{points: {{fixed: 1200}}}}}}\n"
        "  credit: {layer: points, reward: {credit: {amount: 5.00}}}\n"
    )
    assert "total $97.44, $29.25 saved, 1,200 points, $5.00 credit" in rows(run("explain", "--rules", rules, cart).out)


def test_explain_prints_json(run: Run, outdoor: tuple[Path, Path]) -> None:
    rules, cart = outdoor
    quote = json.loads(run("explain", "--rules", rules, "--format", "json", cart).out)
    assert [each["reason"] for each in quote["explanations"]] == ["REASON_DISPLACED", "REASON_CONDITION"]
    assert quote["suggestions"][0]["addition"]["change"] == "-170"
    assert len(quote["shipments"][0]["rates"]) == 2


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_wider_than_the_terminal(
    run: Run, outdoor: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    rules, cart = outdoor
    assert max(map(len, run("explain", "--rules", rules, cart).out.splitlines())) <= width


def test_a_quote_with_nothing_to_say_is_explained_in_a_table() -> None:
    console = Console(file=StringIO(), width=80)
    console.print(explanation(Quote("c1", "spring", "ab", "JPY", 0, None, (), (), (), 0, 0, 0, 0, 0), UTC_ZONE))
    text = console.file.getvalue()
    assert "¥0" in text
    assert "Why not" not in text


def test_every_reason_has_its_words() -> None:
    assert list(REASONS) == [*Reason, None]
