"""Rule files: from text to checked rules, and on to the compiled rule set."""

from __future__ import annotations

from engine.rules.checked import CheckedRules
from engine.rules.document import Limits
from engine.rules.encode import encode
from engine.rules.loading import (
    InvalidRules,
    folder_of,
    load,
    load_sources,
    load_text,
    load_with_sources,
    places,
    read_sources,
    stored_names,
)
from engine.rules.nodes import Source
from engine.rules.plan import plan
from engine.rules.schema import json_schema

__all__ = [
    "CheckedRules",
    "InvalidRules",
    "Limits",
    "Source",
    "compile",
    "folder_of",
    "json_schema",
    "load",
    "load_sources",
    "load_text",
    "load_with_sources",
    "places",
    "read_sources",
    "stored_names",
]


def compile(rules: CheckedRules) -> bytes:
    """The compiled rule set; the same rules give the same bytes, and their SHA-256 is its version."""
    return encode(plan(rules))
