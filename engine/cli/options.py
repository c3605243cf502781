"""Options that several commands have, and what they come to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from engine.store.connection import Connection
from engine.store.opening import opened


class Format(Enum):
    TABLE = "table"
    JSON = "json"


OutputFormat = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
RedisUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Redis or Valkey 6.2 or newer, such as redis://HOST:6379/0."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(file_okay=False, metavar="DIR", help="Folder for a Redis of its own, unless --redis names one."),
]


@contextmanager
def store(redis: str | None, data: Path | None) -> Iterator[Connection]:
    """The Redis that the options name. Raises what `opened` raises."""
    with opened(redis, data) as connection:
        if connection is None:
            raise typer.BadParameter("say where the store is, by --redis or --data")
        yield connection
