"""`cartwright test`: a marketer's own tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import RULES, Run, rows

DEMO = Path(__file__).parents[2] / "engine" / "cli" / "demo" / "rules.yaml"
LINES = "{lines: [{id: a, sku: BOOT, quantity: 2, price: 50.00}]}"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return tmp_path / "spring.yaml"


def test_each_example_that_holds_is_a_line(run: Run, rules: Path) -> None:
    rules.write_text(
        f"""{RULES}
examples:
  - {{name: in May, cart: {LINES}, total: 90.00, subtotal: 90, shipping: 0, lines: {{a: 90}}, applied: [ten-off]}}
  - {{name: in June, cart: {LINES.replace("}]}", "}], at: 2026-06-01T12:00}")}, total: 85.00, applied: [june, ten-off]}}
"""
    )
    outcome = run("test", rules)
    assert outcome.out == f"ok {rules}: in May\nok {rules}: in June\n{rules}: 2 of 2 examples ok\n"
    assert outcome.code == 0


def test_an_example_that_fails_shows_what_differs_and_the_receipt(run: Run, rules: Path) -> None:
    rules.write_text(
        f"""{RULES}
examples:
  - name: in May
    cart: {LINES}
    total: 95.00
    subtotal: 95.00
    shipping: 5.00
    lines: {{a: 95.00}}
    applied: []
  - {{name: nothing, cart: {{}}, total: 0, applied: [june]}}
  - {{name: also in May, cart: {LINES}, total: 90.00}}
"""
    )
    outcome = run("test", rules)
    assert outcome.code == 1
    lines = outcome.out.splitlines()
    assert lines[:6] == [
        f"failed {rules}: in May",
        "  total: wanted 95.00, found 90.00",
        "  subtotal: wanted 95.00, found 90.00",
        "  shipping: wanted 5.00, found 0.00",
        "  line a: wanted 95.00, found 90.00",
        "  applied: wanted nothing, found ten-off",
    ]
    assert "10 % off everything" in outcome.out
    assert "  applied: wanted june, found nothing" in lines
    assert lines[-2:] == [f"ok {rules}: also in May", f"{rules}: 1 of 3 examples ok"]


def test_an_example_that_fails_shows_why_other_promotions_do_not_apply(run: Run, rules: Path) -> None:
    rules.write_text(
        RULES.replace("layer: order\n    schedule", "layer: order\n    when: cart.subtotal >= 200.00\n    schedule")
        + f"examples: [{{name: a, cart: {LINES.replace('}]}', '}], at: 2026-06-01T12:00}')}, total: 85.00}}]\n"
    )
    printed = rows(run("test", rules).out)
    at = printed.index("Why not")
    assert printed[at + 2 :] == [
        "5.00 off in June its condition is not met cart.subtotal >= 200.00 100.00",
        f"{rules}: 0 of 1 examples ok",
    ]


def test_of_many_examples_that_fail_the_first_are_shown_in_full(run: Run, rules: Path) -> None:
    examples = "".join(f"  - {{name: {number}, cart: {LINES}, total: 95.00}}\n" for number in range(12))
    rules.write_text(f"{RULES}\nexamples:\n{examples}")
    outcome = run("test", rules)
    assert outcome.out.count("  total: wanted 95.00, found 90.00") == 12
    assert outcome.out.count("10 % off everything") == 10
    assert outcome.out.splitlines()[-2:] == [
        f"{rules}: receipts and reasons are those of the first 10 that fail",
        f"{rules}: 0 of 12 examples ok",
    ]


def test_gifts_points_credit_and_coupons_that_differ_are_shown(run: Run, rules: Path) -> None:
    rules.write_text(
        """ruleset: gifts
currencies: [USD]
promotions:
  mug: {layer: item, reward: {gift: {sku: MUG, quantity: 2}}}
  tote: {layer: item, reward: {gift: {choices: [TOTE, BAG]}}}
  credit: {layer: item, coupon: {codes: [FIVE]}, reward: {credit: {amount: 5.00}}}
  points: {layer: points, limits: {total: 3}, reward: {points: {per_unit_spent: 1.5}}}
examples:
  - name: as it is
    cart: {lines: [{id: a, sku: BOOT, price: 80.00}, {id: g, sku: BAG, price: 0, gift_of: tote}], coupons: [five, NONE]}
    total: 80.00
    points: 120
    credit: 5
    gifts: {MUG: 2, BAG: 1}
    coupons: {five: applied, NONE: unknown}
  - name: as it is not
    cart:
      lines: [{id: a, sku: BOOT, price: 80.00}]
      coupons: [five]
      usage: {points: {total: 3}}
    total: 80.00
    points: 1200
    credit: 5.01
    gifts: {CUP: 1}
    coupons: {five: exhausted}
"""
    )
    lines = run("test", rules).out.splitlines()
    assert lines[:6] == [
        f"ok {rules}: as it is",
        f"failed {rules}: as it is not",
        "  credit: wanted 5.01, found 5.00",
        "  points: wanted 1,200, found 0",
        "  gifts: wanted 1 × CUP, found 2 × MUG",
        "  coupon five: wanted exhausted, found applied",
    ]


def test_a_file_without_examples_says_so(run: Run, rules: Path) -> None:
    rules.write_text(RULES)
    outcome = run("test", rules)
    assert outcome.code == 0
    assert outcome.out.startswith(f"{rules}: no examples; add some under `examples:`, such as ")


def test_mistakes_of_one_file_do_not_keep_the_others_from_their_examples(run: Run, rules: Path) -> None:
    rules.write_text(f"{RULES}examples: [{{name: a, cart: {{}}}}]\n")
    outcome = run("test", rules, DEMO)
    assert outcome.code == 1
    assert "missing_key: the key `total` is missing" in outcome.out
    assert outcome.out.endswith(f"{DEMO}: 3 of 3 examples ok\n")


def test_a_name_cannot_command_the_terminal(run: Run, rules: Path) -> None:
    rules.write_text(f"{RULES}examples: [{{name: '[red]', cart: {{}}, total: 0}}]\n")
    assert run("test", rules).out.startswith(f"ok {rules}: [red]\n")


def test_check_does_not_price_examples(run: Run, rules: Path) -> None:
    rules.write_text(f"{RULES}examples: [{{name: a, cart: {LINES}, total: 1.00}}]\n")
    assert run("check", rules).code == 0
