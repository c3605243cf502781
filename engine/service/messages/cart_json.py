"""Carts as JSON: the protobuf JSON mapping of ``engine.v1.Cart``, with every mistake at its path."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, NoReturn

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.timestamp_pb2 import Timestamp

from engine.errors import InvalidCart, Violation
from engine.pricing.cart import Cart
from engine.service.messages.carts import cart_from_message, cart_to_message
from engine.v1 import cart_pb2

_CART = cart_pb2.DESCRIPTOR.message_types_by_name["Cart"]
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_MONEY = ("price", "list_price", "cost", "minimum_price", "lifetime_spend", "spent")
"""Integer fields in minor units."""
_FEW = 4
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class _Fraction:
    """A JSON number that is not whole, as written."""

    text: str


def cart_from_json(data: bytes, now: int) -> Cart:
    """Read a cart from UTF-8; ``now`` (nanoseconds since 1970 UTC) is its moment when it sends none.

    Field names are those of the .proto or in lowerCamelCase; int64 is a number or a string; null means unset.
    Raises InvalidCart.
    """
    try:
        text = data.decode("utf-8-sig")  # some editors write a byte order mark
        values = json.loads(text, object_pairs_hook=_distinct, parse_float=_Fraction, parse_constant=_Fraction)
    except json.JSONDecodeError as error:
        _refuse(f"is not valid JSON: line {error.lineno}, column {error.colno}: {error.msg}")
    except UnicodeDecodeError as error:
        _refuse(f"is not valid UTF-8: byte {error.start + 1:,}")
    except RecursionError:
        _refuse("is nested too deeply")
    except ValueError:  # Python refuses integers of more than 4,300 digits
        _refuse("has a number that is too long")
    violations = list(_object(values, _CART, ""))
    if violations:
        raise InvalidCart(violations)
    message = cart_pb2.Cart()
    json_format.ParseDict(values, message)
    return cart_from_message(message, now)


def cart_json(cart: Cart) -> dict[str, Any]:
    """The JSON object that `cart_from_json` reads back as the same cart."""
    written: dict[str, Any] = json_format.MessageToDict(cart_to_message(cart), preserving_proto_field_name=True)
    return written


def _refuse(description: str) -> NoReturn:
    raise InvalidCart([Violation("cart", description)]) from None


def _distinct(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in pairs:
        if key in values:
            _refuse(f"has the key {key!r} twice in one object")
        values[key] = value
    return {key: value for key, value in values.items() if value is not None}


def _object(value: object, message: Descriptor, path: str) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield Violation(path or "cart", f"must be an object{_few(message)}")
        return
    fields = _named(message)
    seen: set[str] = set()
    for key, each in value.items():
        place = f"{path}.{key}" if path else key
        field = fields.get(key)
        if field is None:
            yield Violation(place, f"is not a field of {message.name}{_hint(key, message)}")
            continue
        # The members of a oneof exclude each other, as the two spellings of one name do.
        name = field.containing_oneof.name if field.containing_oneof else field.name
        if name in seen:
            yield Violation(place, f"is a second value for {name.lstrip('_')}")
        seen.add(name)
        yield from _field(each, field, place)


def _named(message: Descriptor) -> dict[str, FieldDescriptor]:
    return {name: field for field in message.fields for name in (field.name, field.json_name)}


def _hint(key: str, message: Descriptor) -> str:
    """Where a key belongs that the message does not have, or what may be meant by it."""
    for field in message.fields:
        if field.message_type is not None and not field.is_repeated and key in _named(field.message_type):
            return f"; it belongs in {field.name}"
    near = get_close_matches(key, _named(message), n=1)
    return f"; did you mean {near[0]}?" if near else _few(message)


def _few(message: Descriptor) -> str:
    """A list of the fields, if the message has few."""
    names = ", ".join(field.name for field in message.fields)
    return f"; {message.name} has {names}" if len(message.fields) <= _FEW else ""


def _field(value: object, field: FieldDescriptor, path: str) -> Iterator[Violation]:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        if not isinstance(value, dict):
            yield Violation(path, "must be an object")
            return
        for name, each in value.items():
            yield from _text(name, path)
            yield from _value(each, field.message_type.fields_by_name["value"], f"{path}.{name}")
    elif field.is_repeated:
        if not isinstance(value, list):
            yield Violation(path, "must be a list")
            return
        for index, each in enumerate(value):
            yield from _value(each, field, f"{path}[{index}]")
    else:
        yield from _value(value, field, path)


def _value(value: object, field: FieldDescriptor, path: str) -> Iterator[Violation]:
    if field.message_type is Timestamp.DESCRIPTOR:
        yield from _moment(value, path)
    elif field.message_type is not None:
        yield from _object(value, field.message_type, path)
    elif field.cpp_type == FieldDescriptor.CPPTYPE_INT64:
        yield from _integer(value, path, money=field.name in _MONEY)
    elif field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        if not isinstance(value, bool):
            yield Violation(path, "must be true or false")
    elif field.enum_type is not None:
        names = [each.name for each in field.enum_type.values if each.number]  # 0 is the unspecified one
        if not isinstance(value, str) or value not in names:
            yield Violation(path, f"must be one of {', '.join(names)}")
    else:
        yield from _text(value, path)


def _moment(value: object, path: str) -> Iterator[Violation]:
    if isinstance(value, str):
        with suppress(ValueError):
            Timestamp().FromJsonString(value)
            return
    yield Violation(path, 'must be a time with an offset, such as "2026-06-05T18:30:00Z"')


def _integer(value: object, path: str, *, money: bool) -> Iterator[Violation]:
    match value:
        case str() if _INTEGER.fullmatch(value):
            number = int(value)
        case _Fraction(text) | str(text) if text.isprintable():
            hint = "; money is in minor units: 15.00 is 1500" if money else ""
            yield Violation(path, f"must be a whole number, not {text[:40]}{hint}")
            return
        case int() if not isinstance(value, bool):
            number = value
        case _:
            yield Violation(path, "must be a whole number")
            return
    if not -(2**63) <= number < 2**63:
        yield Violation(path, "must fit into 64 bits")


def _text(value: object, path: str) -> Iterator[Violation]:
    if not isinstance(value, str):
        yield Violation(path, "must be a string")
    elif _SURROGATE.search(value):
        yield Violation(path, "is not valid Unicode")
