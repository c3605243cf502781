"""What a channel is set up with, which docs/clients.md tells other languages."""

from __future__ import annotations

import json
import re
from pathlib import Path

from engine.client.client import _REPEATABLE as PRICING
from engine.client.connection import service_config
from engine.client.rule_sets import _REPEATABLE as RULE_SETS

CLIENTS = (Path(__file__).parents[2] / "docs/clients.md").read_text()


def test_the_service_config_for_other_languages_is_that_of_this_client() -> None:
    [written] = re.findall("```json\n(.*?)```", CLIENTS, re.S)
    assert json.loads(written) == service_config([*PRICING, *RULE_SETS])
