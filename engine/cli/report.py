"""Printed errors: one renderer, and the exit code of each error."""

from __future__ import annotations

import os
import traceback

from rich.console import Console

from engine.cli.printing import say
from engine.errors import (
    CallFailed,
    CartwrightError,
    InvalidCart,
    InvalidMutation,
    InvalidRequest,
    StoreFull,
    StoreMissing,
    StoreUnavailable,
    UnsuitableRedis,
)
from engine.rules import InvalidRules

MISTAKE = 1
"""Exit code: the input has mistakes."""
TROUBLE = 2
"""Exit code: wrong usage, or a problem of the environment."""

_ENVIRONMENT = (CallFailed, StoreFull, StoreMissing, StoreUnavailable, UnsuitableRedis)
"""Errors whose cause is not the input."""


def report(error: Exception, console: Console) -> int:
    """Print an error and return its exit code. With ``CARTWRIGHT_DEBUG=1`` print the traceback as well."""
    if os.environ.get("CARTWRIGHT_DEBUG") == "1":
        traceback.print_exception(error)
    for line in _lines(error):
        say(line, console)
    return MISTAKE if isinstance(error, CartwrightError) and not isinstance(error, _ENVIRONMENT) else TROUBLE


def violations(error: InvalidRequest) -> list[str]:
    """One line per violation."""
    return [f"{each.field}: {each.description}" for each in error.violations]


def _lines(error: Exception) -> list[str]:
    match error:
        case InvalidRules():
            return str(error).splitlines()
        case InvalidCart() | InvalidMutation():
            return ["error: the cart cannot be priced", *(f"  {line}" for line in violations(error))]
        case CartwrightError():
            return [f"error: {error}"]
        case OSError():
            where = f"{error.filename}: " if error.filename else ""
            return [f"error: {where}{error.strerror or error}"]
        case _:
            fault = f"error: {type(error).__name__}: {error}"
            return [fault, "This is a bug in cartwright: please report it, with the output of CARTWRIGHT_DEBUG=1."]
