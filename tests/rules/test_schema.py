"""The JSON Schema that editors use agrees with what `check` takes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from engine.rules import InvalidRules, json_schema, load_text

DATA = Path(__file__).parent / "data"
HEAD = {"ruleset": "shop", "currencies": ["USD"]}
REWARD = {"percent_off": {"of": "cart", "percent": 5}}
PART = {"of": "cart", "quantity": 1}
FREE = PART | {"percent_off": 100}


class EditorLoader(yaml.SafeLoader):
    """YAML typed as by editors: numbers and booleans, but dates stay texts."""


EditorLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


@pytest.mark.parametrize("file", ["spring.yaml", "summer.yaml", "autumn.yaml", "winter.yaml"])
def test_accepts_a_sound_file(validator: Draft202012Validator, file: str) -> None:
    written = yaml.load((DATA / file).read_text(), EditorLoader)
    assert [error.message for error in validator.iter_errors(written)] == []


@pytest.mark.parametrize(
    "mistake",
    [
        {"rulset": "shop"},
        {"rounding": "up"},
        {"layers": [{"name": "item"}]},
        {"promotions": {"a": {"reward": REWARD}}},
        {"promotions": {"a": {"layer": "item", "reward": {}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"amount_off": {"of": "cart", "amount": 5}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"percent_off": {"of": "cart", "percent": "ten"}}}}},
        {"promotions": {"a": {"layer": "shipping", "reward": {"shipping": {"free": False}}}}},
        {"promotions": {"a": {"layer": "shipping", "reward": {"shipping": {"free": True, "percent_off": 5}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"bundle": {"parts": [], "percent_off": 5}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"bundle": {"parts": [PART]}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"buy_get": {"buy": PART, "get": PART}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"buy_get": {"buy": PART, "get": FREE, "repeat": "ever"}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"buy_get": {"buy": PART | {"quantity": 0}, "get": FREE}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"buy_get": {"buy": PART, "get": FREE, "carried_by": "a"}}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "exclusive": "always"}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "excludes": "b"}}},
        {"promotions": {"a": {"layer": "item", "reward": {"gift": {"sku": "A", "choices": ["B"]}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"gift": {"choices": []}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"effect": {"payload": "red"}}}}},
        {"promotions": {"a": {"layer": "item", "reward": {"percent_off": {"of": "cart", "percent": 5, "units": {}}}}}},
        {"promotions": {"a": {"layer": "points", "reward": {"points": {"fixed": 0}}}}},
        {"promotions": {"a": {"layer": "points", "reward": {"points": {"fixed": 1, "multiplier": 2}}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "coupon": {"codes": []}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "coupon": {}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "limits": {"total": -1}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "limits": {"total": {"times": 1}}}}},
        {"promotions": {"a": {"layer": "item", "reward": REWARD, "limits": {"total": {"times": 1, "per": "hour"}}}}},
        {"returns": "refund"},
        {"coupons": {"per_cart": "two"}},
        {"search": {"nodes": 0}},
        {"search": {}, "selection": "best"},
        {"leftover": "nobody"},
        {"groups": {"a": {"policy": "two"}}},
        {"examples": [{"name": "a", "cart": {}}]},
        {"examples": [{"name": "a", "cart": {"lines": [{"id": "a", "sku": "A"}]}, "total": 1}]},
        {"examples": [{"name": "a", "cart": {"lines": [{"id": "a", "sku": "A", "price": "free"}]}, "total": 1}]},
        {"promotions": {"a": None}},
        {"timezone": None},
    ],
)
def test_refuses_what_the_loader_refuses(validator: Draft202012Validator, mistake: dict[str, Any]) -> None:
    assert not validator.is_valid(HEAD | mistake)
    with pytest.raises(InvalidRules):
        load_text(yaml.safe_dump(HEAD | mistake))


def test_describes_keys_for_completion() -> None:
    schema = json_schema()
    assert schema["properties"]["segments"]["description"].startswith("Named sets of cart lines")
    assert schema["required"] == ["ruleset", "currencies"]
