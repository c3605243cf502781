"""Printing: safe texts, moments, JSON."""

from __future__ import annotations

import codecs
import json
import sys
from datetime import timedelta, timezone
from io import TextIOWrapper

import typer
from rich.console import Console
from rich.text import Text

from engine.rules import render
from engine.rules.checked_schedules import Zone
from engine.rules.zones import UTC_ZONE, first_moment, last_moment

_PLAIN = {"−": "-", "×": "x", "µ": "u", "…": "~"}


def _plain(error: UnicodeError) -> tuple[str, int]:
    """What is printed for characters that the encoding of the terminal does not have, and where to go on."""
    assert isinstance(error, UnicodeEncodeError)
    return "".join(_PLAIN.get(each, "?") for each in error.object[error.start : error.end]), error.end


def print_anywhere() -> None:
    """From now on, both outputs take every character, each replaced by one: amounts keep signs, marks their columns."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="plain")


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


def clock(seconds: int, zone: Zone = UTC_ZONE) -> str:
    """Seconds since 1970 UTC as the clocks of a zone show them: ``2026-06-05 20:30 Europe/Vienna``.

    A time that occurs twice has its offset, too: ``2026-10-25 02:30 Europe/Vienna (UTC+01:00)``.
    """
    shown = f"{zone.local(seconds):%Y-%m-%d %H:%M} {zone.name}"
    offset = zone.offset(seconds)
    if first_moment(zone, seconds + offset) == last_moment(zone, seconds + offset):
        return shown
    return f"{shown} ({timezone(timedelta(seconds=offset))})"
