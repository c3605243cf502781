"""Rule sets of which lint is to find something, and such of which it is to find nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tests.programs import headed

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Planted:
    """A rule file's text, the promotions that a finding about it must name, in order, and what it must say."""

    name: str
    kind: str
    promotions: tuple[str, ...]
    sentence: str
    text: str


def documents(path: Path) -> list[str]:
    """The rule files in a file."""
    return [headed(text) for text in path.read_text().split("\n---\n")]


def planted() -> list[Planted]:
    """Those of each file, which is named by the kind, and behind a dash by what is special about them."""
    found = []
    for path in sorted((HERE / "planted").glob("*.yaml")):
        for number, text in enumerate(documents(path), 1):
            named = re.search("^# finds: ([^:\n]*): (.*)$", text, re.M)
            assert named, f"{path.name} {number} does not say what is to be found"
            name, kind, promotions = f"{path.stem}-{number}", path.stem.split("-")[0], tuple(named[1].split(", "))
            found.append(Planted(name, kind, promotions, named[2], text))
    return found
