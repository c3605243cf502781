"""What protobuf's own parser makes of bytes, and bytes that are nearly a cart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from random import Random

from engine._native.program import Program
from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation
from engine.pricing.validation import validate
from engine.service.messages import cart_from_message, cart_to_message, parse_cart
from engine.service.messages.mutations import mutation_to_message

NOW = 1_780_000_000 * 10**9 + 123
FIELDS = range(1, 16)
NUMBERS = (0, 1, 127, 128, 10**15, 10**15 + 1, 2**31, 2**32, 2**32 + 5, 2**63 - 1, 2**63, 2**64 - 1)
TEXTS = (b"", b"a", "é".encode(), "\U0001d4b3".encode() * 3, b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"x" * 1001)


def by_protobuf(program: Program, data: bytes) -> Cart | None:
    """The cart with lines and shipments by id; None if it is refused."""
    try:
        cart = cart_from_message(parse_cart(data), NOW)
        validate(cart, program.declaration)
    except InvalidCart:
        return None
    return by_id(cart)


def by_id(cart: Cart) -> Cart:
    return replace(
        cart,
        lines=tuple(sorted(cart.lines, key=lambda line: line.id)),
        shipments=tuple(sorted(cart.shipments, key=lambda shipment: shipment.id)),
    )


def to_bytes(cart: Cart) -> bytes:
    return cart_to_message(cart).SerializeToString()


def request_of(mutations: Sequence[Mutation]) -> bytes:
    return b"".join(field(4, mutation_to_message(mutation).SerializeToString()) for mutation in mutations)


def varint(value: int) -> bytes:
    """A number as protobuf writes it, 0 to 2^64 - 1."""
    written = bytearray()
    while value >= 128:
        written.append(value & 127 | 128)
        value >>= 7
    return bytes([*written, value])


def field(number: int, value: int | bytes) -> bytes:
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def damaged(random: Random, data: bytes) -> bytes:
    """Some bytes changed, so that they are mostly not a cart any more, or a different one."""
    for _ in range(random.choice((1, 1, 2, 5))):
        data = random.choice(DAMAGES)(random, data)
    return data


def spliced(random: Random, data: bytes) -> bytes:
    """Fields added at the top level, or anywhere."""
    number, kind = random.choice((*FIELDS, *FIELDS, 0, 16, 1000, 2**29 - 1)), random.randrange(6)
    if kind == 0:
        added = field(number, random.choice(NUMBERS))
    elif kind == 1:
        added = field(number, random.choice(TEXTS))
    elif kind == 2:
        added = field(number, field(random.choice(FIELDS), random.choice((*NUMBERS, *TEXTS))))
    elif kind == 3:
        added = varint(number << 3 | 5) + bytes(4) if random.random() < 0.5 else varint(number << 3 | 1) + bytes(8)
    elif kind == 4:
        added = varint(number << 3 | 3) + field(1, 1) + varint(number << 3 | 4)
    else:
        added = field(number, field(1, random.choice(TEXTS)) + field(2, field(random.choice((1, 2, 3)), 1)))
    place = random.choice((0, len(data), random.randint(0, len(data))))
    return data[:place] + added + data[place:]


def _flipped(random: Random, data: bytes) -> bytes:
    place = random.randrange(len(data)) if data else 0
    return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :] if data else data


def _replaced(random: Random, data: bytes) -> bytes:
    place = random.randint(0, len(data))
    return data[:place] + random.randbytes(random.choice((1, 1, 2, 4))) + data[place + random.choice((0, 1, 2)) :]


def _cut(random: Random, data: bytes) -> bytes:
    return data[: random.randint(0, len(data))]


def _repeated(random: Random, data: bytes) -> bytes:
    first, last = sorted((random.randint(0, len(data)), random.randint(0, len(data))))
    return data[:last] + data[first:]


def _overlong(random: Random, data: bytes) -> bytes:
    """A byte that may be a varint, encoded in more bytes than needed."""
    place = random.randrange(len(data)) if data else 0
    if not data or data[place] >= 128:
        return data
    more = random.choice((1, 1, 3, 4, 5, 9))
    return data[:place] + bytes([data[place] | 128]) + b"\x80" * (more - 1) + b"\0" + data[place + 1 :]


DAMAGES: tuple[Callable[[Random, bytes], bytes], ...] = (_flipped, _replaced, _cut, _repeated, _overlong, spliced)
