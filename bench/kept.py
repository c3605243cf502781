"""What measurements keep in build/bench: results for the report, and files that need not be made twice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def path(name: str) -> Path:
    """The path of a file; creates the folder if it is missing."""
    folder = Path("build/bench").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return folder / name


def write(name: str, measured: object) -> None:
    path(f"{name}.json").write_text(json.dumps(measured))


def read(name: str) -> Any:
    """The results of a measurement; nothing if it did not run."""
    file = path(f"{name}.json")
    return json.loads(file.read_text()) if file.exists() else {}
