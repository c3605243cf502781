"""`cartwright lint`: findings with their carts, as text and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.service.messages import cart_from_json
from tests.cli.conftest import Run
from tests.lint.conftest import Planted, planted

RULES = """\
ruleset: spring
currencies: [USD]
promotions:
  small:
    layer: order
    when: cart.quantity <= 5
    reward: {percent_off: {of: cart, percent: 20}}
"""


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "spring.yaml"
    path.write_text(RULES)
    return path


def test_a_finding_has_its_place_its_carts_and_what_they_come_to(run: Run, rules: Path) -> None:
    outcome = run("lint", rules)
    assert outcome.code == 1
    assert outcome.out.splitlines() == [
        f"{rules}:4: benefit_drops: small applies only up to 5 units: with one unit more, the shopper saves less",
        "  $10.00 off:",
        "    5 × SKU-1 at 10.00; at 2026-01-15 12:00 UTC",
        "    total 40.00 USD; small −10.00",
        "  with one unit more, $0.00 off:",
        "    6 × SKU-1 at 10.00; at 2026-01-15 12:00 UTC",
        "    total 60.00 USD; nothing applied",
        f"{rules}: 1 finding",
    ]


def test_what_a_cart_has_is_written_as_in_rule_files(run: Run, rules: Path) -> None:
    rules.write_text(
        "ruleset: a\ncurrencies: [USD]\n"
        "attributes: {customer: {vip: bool}, item: {new: bool}, cart: {gift: bool}}\n"
        "segments: {new: item.attributes.new && item.weight >= 500}\n"
        "promotions:\n  a:\n    layer: order\n"
        "    when: customer.attributes.vip && customer.lifetime_spend >= 200.00 && !cart.attributes.gift\n"
        "    reward: {percent_off: {of: new, percent: 0.1}}\n"
    )
    assert (
        "    1 × SKU-1 at 1000.00 (new true, weight 500); customer lifetime spend 200.00, vip true; gift false; at "
        in run("lint", rules).out
    )


def test_moments_are_those_of_the_rule_sets_zone(run: Run, rules: Path) -> None:
    rules.write_text(f"timezone: America/New_York\n{RULES}")
    assert "    5 × SKU-1 at 10.00; at 2026-01-15 07:00 America/New_York\n" in run("lint", rules).out


@pytest.mark.parametrize(
    ("fact", "lines"),
    [("cart.lines", "10 lines of 1 × SKU-1 at 200.00"), ("cart.skus", "10 lines of 1 × SKU-1 … SKU-10 at 200.00")],
)
def test_equal_lines_are_told_of_together(run: Run, rules: Path, fact: str, lines: str) -> None:
    rules.write_text(RULES.replace("cart.quantity <= 5", f"{fact} >= 10").replace("percent: 20", "percent: 0.5"))
    assert f"    {lines}; at " in run("lint", rules).out


def test_a_sound_rule_set_says_so(run: Run, rules: Path) -> None:
    rules.write_text(RULES.replace("    when: cart.quantity <= 5\n", ""))
    outcome = run("lint", rules)
    assert (outcome.code, outcome.out) == (0, f"{rules}: nothing found\n")
    assert json.loads(run("lint", "--format", "json", rules).out) == {"findings": [], "unseen": []}


def test_what_was_not_seen_is_said(run: Run, rules: Path) -> None:
    rules.write_text(RULES.replace("cart.quantity <= 5", "cart.lines > 300"))
    outcome = run("lint", rules)
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        f"{rules}:4: unseen: small: it applied on none of the carts that were tried, so lint knows nothing about it",
        f"{rules}: nothing found; not everything was examined (1 line above)",
    ]
    [unseen] = json.loads(run("lint", "--format", "json", rules).out)["unseen"]
    assert (unseen["place"], unseen["promotion"]) == (f"{rules}:4", "small")


def test_price_reads_the_carts_of_a_finding(run: Run, rules: Path) -> None:
    outcome = run("lint", "--format", "json", rules)
    assert outcome.code == 1
    [finding] = json.loads(outcome.out)["findings"]
    assert (finding["kind"], finding["promotions"], finding["place"]) == ("benefit_drops", ["small"], f"{rules}:4")
    for witness in finding["witnesses"]:
        priced = run("price", "--rules", rules, "--format", "json", "-", stdin=json.dumps(witness["cart"]).encode())
        assert int(json.loads(priced.out)["total"]) == witness["total"]
    assert finding["witnesses"][0]["applied"] == [
        {"promotion_id": "small", "amount": 1000, "ungranted": 0, "points": 0, "credit": 0}
    ]


@pytest.mark.parametrize("each", planted()[::9], ids=lambda each: each.name)
def test_every_kind_is_printed(run: Run, rules: Path, each: Planted) -> None:
    rules.write_text(each.text)
    outcome = run("lint", rules)
    assert outcome.code == 1
    assert f": {each.kind}: {each.promotions[0]} " in outcome.out
    for witness in json.loads(run("lint", "--format", "json", rules).out)["findings"][0]["witnesses"]:
        assert cart_from_json(json.dumps(witness["cart"]).encode(), now=0).id == "witness"


@pytest.mark.parametrize("terminal", [False, True])
def test_progress_is_shown_where_the_findings_are_and_only_in_a_terminal(
    run: Run, rules: Path, monkeypatch: pytest.MonkeyPatch, terminal: bool
) -> None:
    """A bar of another console would share its line with a finding."""
    for name in ("TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.setenv(name, f"{terminal:d}")
    outcome = run("lint", rules)
    assert outcome.err == ""
    assert ("0:00:00" in outcome.out) is terminal


def test_a_rule_set_with_mistakes_is_not_linted(run: Run, rules: Path) -> None:
    rules.write_text(RULES.replace("cart.quantity", "cart.quality"))
    outcome = run("lint", rules)
    assert outcome.code == 1
    assert "cart.quality" in outcome.out
    assert "nothing found" not in outcome.out
