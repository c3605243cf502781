"""Options that several commands share."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated

import typer

from engine.rules import Limits

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Format(Enum):
    TABLE = "table"
    JSON = "json"


def moment(text: str) -> int:
    """Nanoseconds since 1970 UTC of an ISO 8601 time with an offset."""
    try:
        return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1) * 1000
    except (ValueError, TypeError):  # no ISO 8601, or no offset
        raise typer.BadParameter(f"{text!r} is no ISO 8601 time with an offset, such as 2026-06-05T18:30:00Z") from None


OutputFormat = Annotated[Format, typer.Option("--format", help="For people or for programs.")]
MaxRuleBytes = Annotated[int, typer.Option(min=1, metavar="BYTES", help="How large a rule set may be.")]
DEFAULT_RULE_BYTES = Limits().size
