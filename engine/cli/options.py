"""Options that several commands share, and their parsers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.rules import Limits
from engine.rules.check import NAME, NAME_WANTED
from engine.rules.checked_schedules import Zone
from engine.rules.schedules import wall_clock
from engine.rules.zones import first_moment
from engine.store.retention import LEAST_DAYS

if TYPE_CHECKING:
    from engine.store.connection import Connection

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def examples(*commands: str) -> str:
    """The end of a help text. Each command is one line, so that it can be copied."""
    return "\b\n" + "\n".join([f"Example{'s' if len(commands) > 1 else ''}:", *(f"  {each}" for each in commands)])


class Format(Enum):
    TABLE = "table"
    JSON = "json"


def moment(text: str) -> int:
    """Nanoseconds since 1970 UTC of an ISO 8601 time with an offset."""
    try:
        return nanoseconds(datetime.fromisoformat(text))
    except (ValueError, TypeError):  # not ISO 8601, or without an offset
        raise typer.BadParameter(
            f"{text!r} is not an ISO 8601 time with an offset, such as 2026-06-05T18:30:00Z"
        ) from None


def any_moment(text: str) -> datetime:
    """An ISO 8601 time; without an offset, it is meant in the time zone of a rule set."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not an ISO 8601 time, such as 2026-06-05T18:30") from None


def nanoseconds(at: datetime, zone: Zone | None = None) -> int:
    """Since 1970 UTC; a time without an offset is a time of ``zone``, and the first of two where it occurs twice."""
    if at.tzinfo is None and zone is not None:
        return (first_moment(zone, wall_clock(at)) * 10**6 + at.microsecond) * 1000
    return (at - _EPOCH) // timedelta(microseconds=1) * 1000


def rule_set_name(text: str) -> str:
    """A valid name of a rule set."""
    if not NAME.fullmatch(text):
        raise typer.BadParameter(f"{text!r} is not a valid name of a rule set: it must have {NAME_WANTED}")
    return text


RULE_SET = "Rule set: a file or a folder."
OutputFormat = Annotated[Format, typer.Option(help="Output for people or for programs.")]
MaxRuleBytes = Annotated[int, typer.Option(min=1, metavar="BYTES", help="Largest size of a rule set.")]
DEFAULT_RULE_BYTES = Limits().size
RedisUrl = Annotated[
    str | None,
    typer.Option(metavar="URL", help="Address of Redis or Valkey 6.2 or newer, such as redis://HOST:6379/0."),
]
DataFolder = Annotated[
    Path | None,
    typer.Option(
        file_okay=False,
        metavar="DIR",
        help="Folder for data that outlasts this process: the last good rule sets and, without --redis, a Redis server "
        "of its own.",
    ),
]
FilledFolder = Annotated[
    Path | None,
    typer.Option(
        exists=True, file_okay=False, metavar="DIR", help="Folder of a service's own Redis server, without --redis."
    ),
]
"""For commands that only read: a missing folder would be created, and be empty."""
CodeKey = Annotated[
    str | None,
    typer.Option(
        "--code-key",
        envvar="CARTWRIGHT_CODE_KEY",
        metavar="FILE",
        help="File with the key that protects unique codes: 64 hexadecimal digits, the same for every replica. The "
        "variable may hold the digits themselves. Default: DIR/codes.key of --data, created on first use.",
    ),
]

KeepReceipts = Annotated[
    int | None,
    typer.Option(min=LEAST_DAYS, metavar="DAYS", help="Days that receipts are kept in the store. Default: for ever."),
]


@contextmanager
def store(redis: str | None, data: Path | None) -> Iterator[Connection]:
    """The Redis server that the options name. Raises what `opened` raises."""
    from engine.store.opening import opened

    with opened(redis, data) as connection:
        if connection is None:
            raise typer.BadParameter("pass --redis or --data to say where the store is")
        yield connection
