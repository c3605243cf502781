"""What measurements leave in build/bench: their results, for the report, and what need not be made twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def path(name: str) -> Path:
    """Where a file of that name is; the folder is made when it is missing."""
    folder = Path("build/bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def write(name: str, measured: object) -> None:
    path(f"{name}.json").write_text(json.dumps(measured))


def read(name: str) -> Any:
    """What a measurement left, nothing when it did not run."""
    file = path(f"{name}.json")
    return json.loads(file.read_text()) if file.exists() else {}
