"""Rule sets in which lint must find something, and rule sets in which it must find nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.programs import headed

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Planted:
    """The text of a rule file, the promotions that a finding must name, in order, and what it must say."""

    name: str
    kind: str
    promotions: tuple[str, ...]
    sentence: str
    text: str


def documents(path: Path) -> list[str]:
    """The rule files in a file."""
    return [headed(text) for text in path.read_text().split("\n---\n")]


def planted() -> list[Planted]:
    """The rule files of each file, which is named after the kind and, after a dash, the special case."""
    found = []
    for path in sorted((HERE / "planted").glob("*.yaml")):
        for number, text in enumerate(documents(path), 1):
            named = re.search("^# finds: ([^:\n]*): (.*)$", text, re.M)
            assert named, f"{path.name} {number} does not say what is to be found"
            name, kind, promotions = f"{path.stem}-{number}", path.stem.split("-")[0], tuple(named[1].split(", "))
            found.append(Planted(name, kind, promotions, named[2], text))
    return found
