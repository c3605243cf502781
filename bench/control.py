"""The control: a C pricer, hard-coded for the ten promotions that touch the carts (control.c).

It must give the same quotes as the engine, and is timed in C.
"""

from __future__ import annotations

import ctypes
from functools import cache

from bench.compiling import shared_library
from engine.v1 import quote_pb2

ROOM = 1 << 20
"""Bytes in which any quote of the bench fits."""


class Control:
    """Prices one cart after the other, given as bytes of ``engine.v1.Cart``; echoes the version of the rule set."""

    def __init__(self, version: str) -> None:
        self._library = _library()
        self._version = version.encode()
        self._library.set_version(self._version, len(self._version))
        self._room = ctypes.create_string_buffer(ROOM)
        self._end = ctypes.addressof(self._room) + ROOM
        self._cart = b""
        self._times = (ctypes.c_int64 * 3)()

    def price(self, cart: bytes) -> bytes:
        """The bytes of the quote, without unit buckets."""
        self._cart = cart  # what was read points into it
        return self._quote(self._library.price(cart, len(cart), self._end))

    def set_quantity(self, line: int, quantity: int) -> bytes:
        """The quote of the cart priced last with another quantity of its line at that place."""
        return self._quote(self._library.set_quantity(line, quantity, self._end))

    def time_price(self, cart: bytes) -> tuple[int, int, int]:
        """Nanoseconds that reading, pricing and writing took."""
        self._cart = cart
        self._library.time_price(cart, len(cart), self._end, self._times)
        return tuple(self._times)

    def time_set_quantity(self, line: int, quantity: int) -> tuple[int, int]:
        """Nanoseconds from the mutation until the cart is priced, and until the quote is written."""
        self._library.time_set_quantity(line, quantity, self._end, self._times)
        priced, written, _ = self._times
        return priced, written

    def _quote(self, length: int) -> bytes:
        return self._room.raw[ROOM - length :]


def comparable(quote: bytes) -> quote_pb2.Quote:
    """A quote without what the control does not compute: unit buckets, version and ``valid_until``."""
    message = quote_pb2.Quote.FromString(quote)
    for line in message.lines:
        line.ClearField("buckets")
    message.ClearField("rule_set_version")
    message.ClearField("valid_until")
    return message


@cache
def _library() -> ctypes.CDLL:
    library = ctypes.CDLL(str(shared_library("control")))
    room, number, line = ctypes.c_void_p, ctypes.c_int64, ctypes.c_int
    library.set_version.argtypes = (ctypes.c_char_p, number)
    library.set_version.restype = None
    library.price.argtypes = (ctypes.c_char_p, number, room)
    library.price.restype = number
    library.set_quantity.argtypes = (line, number, room)
    library.set_quantity.restype = number
    library.time_price.argtypes = (ctypes.c_char_p, number, room, ctypes.POINTER(number))
    library.time_price.restype = None
    library.time_set_quantity.argtypes = (line, number, room, ctypes.POINTER(number))
    library.time_set_quantity.restype = None
    return library
