"""Runs the cases of ``*.yaml`` and of the engines' folders: rule files, carts and what the quotes must say.

Each file is a list of groups: ``rules`` (the text of a rule file), ``cases`` (``name``, ``cart`` in the protobuf JSON
mapping of ``engine.v1.Cart``, ``expected``), and in the folders
their ``source`` (the system and file that the figures are from), in ``engines/`` also the ``case`` they carry; in
``documented.yaml``, the sentence that docs/pricing.md ``says``.
Amounts are minor units. ``expected`` may name any of:

- ``merchandise``, ``subtotal``, ``shipping_price``, ``shipping``, ``total``, ``valid_until`` (null: none) as in
  ``engine.v1.Quote``,
- ``lines``: subtotals by line id; ``shipments``: charges by shipment id; ``units``: prices by line id, dearest first,
- ``adjustments``: amounts by promotion id, for all promotions that apply, in the order granted,
- ``applied``: ids of all promotions that apply, in the order granted,
- ``discount`` and ``discounts``: the discount of all goods, and of the lines by id,
- ``ungranted``: by promotion id, if above 0; ``shares``: by promotion id, then by line or shipment id;
  ``shipment_shares``: those of shipments in goods layers,
- ``points`` and ``credit`` as in ``engine.v1.Quote``; ``given_points``: by promotion id,
- ``gifts``: units by SKU; ``given_gifts``: by promotion id, SKU and units, a list of choices when none is picked,
- ``effects``: name and payload by promotion id, ``codes``: the one used by promotion id,
- ``coupons``: statuses by code; ``statuses``: the same, with the reason, if any, and the promotions concerned,
- ``reasons``: by id of promotions not applied, with what displaced it; ``searched``: whether there is a search.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.pricing.quote import Answer, CouponStatus, Reason, Status
from engine.service.messages import cart_from_json
from tests.conftest import Answering

FOLDER = Path(__file__).parent
NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * 10**9


CASES = [
    pytest.param(group["rules"], case["cart"], case["expected"], id=f"{path.stem}: {case['name']}")
    for path in sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("*engines/*.yaml")])
    for group in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    for case in group["cases"]
]


@pytest.mark.parametrize(("rules", "cart", "expected"), CASES)
def test_quote_says_what_the_case_expects(
    answering: Answering, rules: str, cart: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = summary(answering(rules, cart_from_json(json.dumps(cart).encode(), now=NOW)))
    assert {name: found[name] for name in expected} == expected
    if "adjustments" in expected:
        assert list(found["adjustments"]) == list(expected["adjustments"])


def test_what_a_case_is_said_to_show_stands_in_the_document() -> None:
    document = " ".join((FOLDER.parents[1] / "docs" / "pricing.md").read_text(encoding="utf-8").split())
    groups = yaml.load((FOLDER / "documented.yaml").read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    assert [case["says"] for group in groups for case in group["cases"] if case["says"] not in document] == []


def test_every_reason_and_every_status_of_a_code_has_a_cart() -> None:
    expected: list[Any] = [case.values[2] for case in CASES]
    reasons = {reason.split()[0] for each in expected for reason in each.get("reasons", {}).values()}
    statuses = {status.split()[0] for each in expected for status in each.get("statuses", {}).values()}
    assert reasons == {reason.value for reason in Reason} - {"unverified"}
    assert "unknown unverified" in {status for each in expected for status in each.get("statuses", {}).values()}
    assert statuses == {status.value for status in Status}


def summary(answer: Answer) -> dict[str, Any]:
    quote = answer.quote
    adjustments = quote.adjustments
    return {
        "merchandise": quote.merchandise,
        "subtotal": quote.subtotal,
        "shipping_price": quote.shipping_price,
        "shipping": quote.shipping,
        "total": quote.total,
        "discount": quote.merchandise - quote.subtotal,
        "discounts": {line.id: line.merchandise - line.subtotal for line in quote.lines},
        "applied": [each.promotion_id for each in adjustments],
        "valid_until": None
        if quote.valid_until is None
        else datetime.fromtimestamp(quote.valid_until, UTC).isoformat(),
        "lines": {line.id: line.subtotal for line in quote.lines},
        "shipments": {shipment.id: shipment.charge for shipment in quote.shipments},
        "units": {line.id: [b.price for b in line.buckets for _ in range(b.quantity)] for line in quote.lines},
        "adjustments": {each.promotion_id: each.amount for each in adjustments},
        "gifts": {each.sku: each.quantity for each in quote.gifts},
        "coupons": {each.code: each.status.value for each in quote.coupons},
        "ungranted": {each.promotion_id: each.ungranted for each in adjustments if each.ungranted},
        "shares": {each.promotion_id: {share.id: share.amount for share in each.shares} for each in adjustments},
        "shipment_shares": {
            each.promotion_id: {share.id: share.amount for share in each.shipment_shares}
            for each in adjustments
            if each.shipment_shares
        },
        "points": quote.points,
        "credit": quote.credit,
        "given_points": {each.promotion_id: each.points for each in adjustments if each.points},
        "effects": {each.promotion_id: list(each.effect) for each in adjustments if each.effect},
        "given_gifts": {each.promotion_id: [each.sku or list(each.choices), each.quantity] for each in quote.gifts},
        "statuses": {each.code: _coupon(each) for each in quote.coupons},
        "codes": {each.promotion_id: each.coupon for each in adjustments if each.coupon},
        "reasons": {each.promotion_id: f"{each.reason.value} {each.by}".strip() for each in answer.outcomes},
        "searched": quote.search is not None,
    }


def _coupon(coupon: CouponStatus) -> str:
    reason = [] if coupon.reason is None else [coupon.reason.value]
    return " ".join([coupon.status.value, *reason, *coupon.promotion_ids])
