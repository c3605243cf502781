"""All cases of other engines are carried, as many as docs/conformance.md says; and figures without a cart.

``engines/cases.txt`` names every case collected; an entry of ``engines/*.yaml`` or ``engines/allocations/*.yaml`` says
which ``case`` it carries. ``other_engines/*.yaml`` are further cases that we found ourselves.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.money import spread

FOLDER = Path(__file__).parent / "engines"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "conformance.md").read_text(encoding="utf-8")
CASES = (FOLDER / "cases.txt").read_text(encoding="utf-8").split()
ENTRIES = [
    (path, entry) for path in sorted(FOLDER.rglob("*.yaml")) for entry in yaml.safe_load(path.read_text("utf-8"))
]
FURTHER = [
    group
    for path in sorted(FOLDER.with_name("other_engines").glob("*.yaml"))
    for group in yaml.safe_load(path.read_text())
]
ALLOCATIONS = [entry for path, entry in ENTRIES if path.parent.name == "allocations"]
PREFIXES = {
    "doc": "Shopify", "mag": "Magento", "med": "Medusa", "odo": "Odoo", "osc": "django-oscar", "sal": "Saleor",
    "shw": "Shopware", "sol": "Solidus", "syl": "Sylius", "ven": "Vendure",
}  # fmt: skip


def carried() -> set[str]:
    return {entry["case"] for _, entry in ENTRIES}


def test_every_case_is_carried() -> None:
    assert len(set(CASES)) == len(CASES)
    assert sorted(carried()) == sorted(CASES)


def test_the_document_counts_them() -> None:
    assert f"holds {len(carried())} of {len(CASES)} source cases" in DOCUMENT
    assert f"holds {sum(len(group['cases']) for group in FURTHER):,} carts of ours" in DOCUMENT
    assert [group["source"] for group in FURTHER if set(group["source"]) != {"system", "path"}] == []


def test_a_case_is_of_the_system_that_its_id_names() -> None:
    assert [entry["case"] for _, entry in ENTRIES if PREFIXES[entry["case"][:3]] != entry["source"]["system"]] == []


@pytest.mark.parametrize("entry", ALLOCATIONS, ids=lambda entry: entry["case"])
def test_an_amount_is_spread_as_the_case_says(entry: dict[str, Any]) -> None:
    weights = entry["weights"]
    assert spread(entry["total"], weights, [entry["total"]] * len(weights)) == entry["parts"]
