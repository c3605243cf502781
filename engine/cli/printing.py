"""Printing: safe texts, moments, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import typer
from rich.console import Console
from rich.text import Text

from engine.rules import render


def printable(text: str, style: str = "") -> Text:
    """Text of a rule file or cart, without control characters that a terminal would interpret."""
    return Text(render.printable(text), style)


def stdout() -> Console:
    """Standard output, without automatic highlighting."""
    return Console(highlight=False)


def stderr() -> Console:
    """Standard error, without automatic highlighting."""
    return Console(stderr=True, highlight=False)


def say(text: str, console: Console | None = None) -> None:
    """Print a line without wrapping, on standard output unless a console is given."""
    (console or stdout()).print(printable(text), soft_wrap=True)


def print_json(described: object) -> None:
    typer.echo(json.dumps(described, indent=2, ensure_ascii=False))


def utc(seconds: int) -> str:
    """Seconds since 1970 as ``2026-06-05 18:30 UTC``."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
