"""Named tuples from messages that have the same fields."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import NamedTuple, TypeVar

from google.protobuf.message import Message

ATuple = TypeVar("ATuple", bound=NamedTuple)


def reader(kind: type[ATuple]) -> Callable[[Message], ATuple]:
    """A function from message to tuple. One `attrgetter` for all fields takes half the time of reading each."""
    fields = attrgetter(*kind._fields)
    return lambda message: kind._make(fields(message))
