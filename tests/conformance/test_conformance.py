"""Runs the cases of ``*.yaml`` and ``engines/*.yaml``: rule files, carts and what the quote must say.

Each file is a list of groups: ``rules`` (the text of a rule file), ``cases`` (``name``, ``cart`` in the protobuf JSON
mapping of ``engine.v1.Cart``, ``expected``), and in ``engines/`` the ``case`` they carry and its ``source`` (the system
and the file the figures are from). Amounts are minor units. ``expected`` names what must hold, and any of:

- ``merchandise``, ``subtotal``, ``shipping``, ``total``, ``valid_until`` (null: none) as in ``engine.v1.Quote``,
- ``lines``: subtotals by line id; ``shipments``: charges by shipment id; ``units``: prices by line id, dearest first,
- ``adjustments``: amounts by promotion id, for all promotions that apply, in the order granted,
- ``applied``: ids of all promotions that apply, in the order granted,
- ``discount`` and ``discounts``: what all goods, and the lines by id, cost less than they did,
- ``points`` and ``credit`` as in ``engine.v1.Quote``; ``gifts``: units by SKU; ``coupons``: statuses by code,
- ``ungranted``: by promotion id, for those that have some; ``shares``: by promotion id, then by line or shipment id.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.pricing.quote import Quote
from engine.service.messages import cart_from_json
from tests.conftest import Engine

FOLDER = Path(__file__).parent
NOW = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp()) * 10**9


def _cases() -> list[Any]:
    return [
        pytest.param(group["rules"], case["cart"], case["expected"], id=f"{path.stem}: {case['name']}")
        for path in sorted([*FOLDER.glob("*.yaml"), *FOLDER.glob("engines/*.yaml")])
        for group in yaml.safe_load(path.read_text(encoding="utf-8"))
        for case in group["cases"]
    ]


@pytest.mark.parametrize(("rules", "cart", "expected"), _cases())
def test_quote_says_what_the_case_expects(
    engine: Engine, rules: str, cart: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = summary(engine(rules, cart_from_json(json.dumps(cart).encode(), now=NOW)))
    assert {name: found[name] for name in expected} == expected
    if "adjustments" in expected:
        assert list(found["adjustments"]) == list(expected["adjustments"])


def summary(quote: Quote) -> dict[str, Any]:
    adjustments = [each for layer in quote.layers for each in layer.adjustments]
    return {
        "merchandise": quote.merchandise,
        "subtotal": quote.subtotal,
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
        "points": quote.points,
        "credit": quote.credit,
        "gifts": {each.sku: each.quantity for each in quote.gifts},
        "coupons": {each.code: each.status.value for each in quote.coupons},
        "ungranted": {each.promotion_id: each.ungranted for each in adjustments if each.ungranted},
        "shares": {each.promotion_id: {share.id: share.amount for share in each.shares} for each in adjustments},
    }
