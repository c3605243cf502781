"""Every mistake in a rule file is found in one go, each in its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.rules import InvalidRules, load_text

HEAD = "ruleset: shop\ncurrencies: [USD, EUR]\n"
CASES = yaml.safe_load((Path(__file__).parent / "bad.yaml").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_bad_file(case: dict[str, Any]) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(("" if case.get("whole") else HEAD) + case["text"])
    found = [f"{issue.position.line}:{issue.position.column}: {issue.code}" for issue in caught.value.issues]
    assert found == case["issues"], str(caught.value)
