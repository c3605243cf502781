"""Carts as bytes: what is read natively is exactly what protobuf and the validation make of the same bytes."""

from __future__ import annotations

import ctypes
import mmap
from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine._native.wire.requests import peek_cart
from engine._native.wire.writing import recoded
from engine.money import MAX_AMOUNT
from engine.pricing.cart import Cart, CouponFact, CouponState, Customer, Line, Rate, Shipment, Usage
from engine.pricing.validation import FIRST_MOMENT, LAST_MOMENT, Limits
from engine.service.messages import cart_from_message, parse_cart
from tests.native.wire.requests import NOW, NUMBERS, by_id, by_protobuf, damaged, field, to_bytes, varint
from tests.programs import program_of
from tests.strategies import random_cases

SECOND = 10**9


def taken(program: Program, data: bytes) -> Cart | None:
    """The same as `by_protobuf`, natively."""
    written = recoded(program, data, NOW)
    return None if written is None else cart_from_message(parse_cart(written), NOW)


@pytest.fixture(scope="module")
def program(artifact: bytes) -> Program:
    return Program.load(artifact)


@pytest.fixture
def plain() -> Cart:
    return Cart(id="c", currency="USD", at=NOW, lines=(Line(id="a", sku="A", quantity=1, price=5),))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_taken_is_what_protobuf_reads(seed: int) -> None:
    random = Random(seed)
    tally: Counter[tuple[bool, bool]] = Counter()
    for rules, cart in islice(random_cases(seed), 40):
        program = program_of(rules)
        data = to_bytes(cart)
        assert taken(program, data) == by_id(cart)
        for _ in range(100):
            bytes_ = damaged(random, data)
            expected, found = by_protobuf(program, bytes_), taken(program, bytes_)
            assert found is None or found == expected, bytes_.hex()
            tally[found is not None, expected is not None] += 1
    # Only a few of those that protobuf accepts are left to it.
    assert tally[True, True] > 4 * tally[False, True] > 0
    assert tally[False, False] > tally[True, True]


def test_every_valid_cart_of_plain_shape_is_taken(program: Program, cart: Cart, plain: Cart) -> None:
    limits = Limits()
    long = "é" * limits.text
    line, shipment = plain.lines[0], Shipment(id="s", rates=(Rate(method="m", price=3),))
    for valid in (
        cart,
        plain,
        replace(plain, id="", lines=()),
        replace(plain, id=long, rule_set=long, channel=long, payment_method=long, explain=True, compare_rates=True),
        replace(plain, coupons=("", "", long), declined_promotions=("", "x")),
        replace(plain, coupons=("a",) * limits.coupons, declined_promotions=("a",) * limits.declined_promotions),
        replace(plain, at=FIRST_MOMENT),
        replace(plain, at=LAST_MOMENT),
        replace(plain, at=-1),
        replace(plain, customer=Customer()),
        replace(plain, customer=Customer(orders=2**63 - 1, lifetime_spend=MAX_AMOUNT, points=-(2**63))),
        replace(
            plain, customer=Customer(segments=("",) * limits.segments, attributes={"age": -1, "other": "x" * 2000})
        ),
        replace(plain, attributes={"gift": True, "": "", "long": long + long, "n": -(2**63), "no": False}),
        replace(plain, attributes={str(number): number for number in range(limits.attributes)}),
        replace(plain, usage=(Usage(promotion_id=long, total=10**15, customer=0, codes={"": 0, long: 10**15}),)),
        replace(plain, usage=tuple(Usage(promotion_id=str(number)) for number in range(limits.usage))),
        replace(plain, usage=(Usage(promotion_id="p", codes={str(n): n for n in range(limits.usage)}),)),
        replace(plain, coupon_facts=tuple(CouponFact(code=f"{n}", pool=long) for n in range(limits.coupon_facts))),
        replace(plain, coupon_facts=tuple(CouponFact(code=each.name, state=each, pool="p") for each in CouponState)),
        replace(plain, coupon_facts=(CouponFact(code=long, state=CouponState.UNVERIFIED),)),
        replace(plain, lines=tuple(replace(line, id=str(number)) for number in range(limits.lines))),
        replace(plain, lines=tuple(replace(line, id=str(number)) for number in range(limits.lines, 0, -1))),
        replace(plain, lines=(replace(line, quantity=1_000_000, price=10**9),)),
        replace(plain, lines=(replace(line, list_price=0, cost=MAX_AMOUNT, minimum_price=0, weight=10**9),)),
        replace(plain, lines=(replace(line, tags=("",) * limits.tags, attributes={"color": long}),)),
        replace(plain, lines=(replace(line, category=long, brand=long, gift_of=long, discountable=False),)),
        replace(plain, shipments=(shipment, replace(shipment, id="r", method="m", pickup=True, store="x"))),
        replace(plain, shipments=tuple(replace(shipment, id=str(number)) for number in range(limits.shipments))),
        replace(
            plain,
            lines=(replace(line, shipment_id="s"),),
            shipments=(replace(shipment, rates=tuple(Rate(method=str(n), price=0) for n in range(limits.rates))),),
        ),
    ):
        assert taken(program, to_bytes(valid)) == by_id(valid) == by_protobuf(program, to_bytes(valid))


def test_what_the_validation_refuses_is_not_taken(program: Program, plain: Cart) -> None:
    limits = Limits()
    long = "é" * (limits.text + 1)
    line, shipment = plain.lines[0], Shipment(id="s", rates=(Rate(method="m", price=3),))
    half = replace(line, quantity=1, price=MAX_AMOUNT // 2 + 1)
    for invalid in (
        replace(plain, currency="JPY"),
        replace(plain, currency=""),
        replace(plain, at=LAST_MOMENT + 1),
        replace(plain, channel=long),
        replace(plain, coupons=(long,)),
        replace(plain, coupons=("a",) * (limits.coupons + 1)),
        replace(plain, declined_promotions=("a",) * (limits.declined_promotions + 1)),
        replace(plain, customer=Customer(orders=-1)),
        replace(plain, customer=Customer(lifetime_spend=MAX_AMOUNT + 1)),
        replace(plain, customer=Customer(segments=("",) * (limits.segments + 1))),
        replace(plain, customer=Customer(attributes={"age": "old"})),
        replace(plain, attributes={"gift": 1}),
        replace(plain, attributes={str(number): number for number in range(limits.attributes + 1)}),
        replace(plain, coupon_facts=(CouponFact(code="", pool="p"),)),
        replace(plain, coupon_facts=(CouponFact(code="a", pool=""),)),
        replace(plain, coupon_facts=(CouponFact(code=long, pool="p"),)),
        replace(plain, coupon_facts=(CouponFact(code="a", pool="p"), CouponFact(code="a", pool="q"))),
        replace(plain, coupon_facts=tuple(CouponFact(code=str(n), pool="p") for n in range(limits.coupon_facts + 1))),
        replace(plain, usage=(Usage(promotion_id=""),)),
        replace(plain, usage=(Usage(promotion_id="p"), Usage(promotion_id="p"))),
        replace(plain, usage=tuple(Usage(promotion_id=str(number % 50)) for number in range(51))),
        replace(plain, usage=tuple(Usage(promotion_id=str(number)) for number in range(limits.usage + 1))),
        replace(plain, usage=(Usage(promotion_id="p", total=10**15 + 1),)),
        replace(plain, usage=(Usage(promotion_id="p", codes={"a": -1}),)),
        replace(plain, usage=(Usage(promotion_id="p", codes={str(n): n for n in range(limits.usage + 1)}),)),
        replace(plain, lines=(line, line)),
        replace(plain, lines=tuple(replace(line, id=str(number % 100)) for number in range(101))),
        replace(plain, lines=tuple(replace(line, id=str(number)) for number in range(limits.lines + 1))),
        replace(plain, lines=(half, replace(half, id="b"))),
        replace(plain, lines=(replace(line, quantity=1_000_000, price=MAX_AMOUNT),)),
        replace(plain, lines=(replace(line, tags=("",) * (limits.tags + 1)),)),
        replace(plain, lines=(replace(line, attributes={"color": long}),)),
        replace(plain, lines=(replace(line, attributes={"color": True}),)),
        replace(plain, lines=(replace(line, shipment_id="s"),)),
        replace(plain, shipments=(shipment, shipment)),
        replace(plain, shipments=(replace(shipment, id=""),)),
        replace(plain, shipments=(replace(shipment, method="n"),)),
        replace(plain, shipments=(replace(shipment, rates=(*shipment.rates, *shipment.rates)),)),
        replace(plain, shipments=(replace(shipment, rates=(Rate(method="", price=3),)),)),
        replace(plain, shipments=(replace(shipment, rates=(Rate(method="m", price=MAX_AMOUNT + 1),)),)),
        replace(
            plain,
            shipments=tuple(
                Shipment(id=id, method="m", rates=(Rate(method="m", price=MAX_AMOUNT // 2 + 1),)) for id in ("r", "s")
            ),
        ),
        *(
            replace(plain, lines=(replace(line, **change),))
            for change in (
                {"id": ""},
                {"id": long},
                {"sku": ""},
                {"quantity": 0},
                {"quantity": 1_000_001},
                {"price": -1},
                {"price": MAX_AMOUNT + 1},
                {"list_price": -1},
                {"cost": MAX_AMOUNT + 1},
                {"minimum_price": -1},
                {"weight": 10**9 + 1},
            )
        ),
    ):
        assert by_protobuf(program, to_bytes(invalid)) is None
        assert taken(program, to_bytes(invalid)) is None, invalid


def test_what_is_forgotten_is_not_taken(program: Program) -> None:
    currency = field(3, b"USD")
    for line in (field(2, b"A") + field(3, 1), field(1, b"a") + field(2, b"A") + field(3, 1)):
        assert taken(program, currency + field(4, line)) is by_protobuf(program, currency + field(4, line)) is None
    for shipment in (field(1, b"s") + field(5, field(1, b"m")), field(5, field(1, b"m") + field(4, 1))):
        assert taken(program, currency + field(5, shipment)) is None
    assert taken(program, currency + field(11, field(1, b"x"))) is None
    assert taken(program, currency + field(11, field(1, b"x") + field(2, b""))) is None


def test_odd_but_valid_bytes(program: Program, plain: Cart) -> None:
    """Unknown fields are skipped, numbers may be encoded in other ways, and the last of a repeated field counts."""
    data = to_bytes(plain)
    for more in (
        field(1000, 5) + field(2**29 - 1, b"\xff") + varint(16 << 3 | 1) + bytes(8) + varint(17 << 3 | 5) + bytes(4),
        field(1, 7) + field(14, b"\xff") + field(4, 3) + field(5, 0) + field(12, 9),
        field(1, b"other") + field(14, 2) + field(14, 0) + field(15, 2**64 - 1),
        b"\x8a\x00\x01a" + b"\x0a\x81\x80\x80\x80\x00b",
        field(6, field(4, b"x") + field(6, 2**64 - 1)),
        field(4, field(1, b"x") + field(1, b"l") + field(2, b"S") + field(3, 9) + field(3, 2) + field(4, 0)),
    ):
        assert taken(program, data + more) == by_protobuf(program, data + more) is not None


def test_what_protobuf_reads_in_a_way_of_its_own_is_left_to_it(program: Program, plain: Cart) -> None:
    data = to_bytes(plain)
    attribute = field(1, b"x") + field(2, field(2, 1))
    for more in (
        field(12, field(1, 5)),  # merged with the existing moment
        field(6, field(1, b"x")) * 2,
        field(5, field(1, b"s") + field(2, b"") + field(3, b"")),
        field(11, attribute) * 2,
        field(11, attribute + field(3, 1)),
        varint(20 << 3 | 3) + varint(20 << 3 | 4),
        field(9, b"x") + field(10, b"y") + field(9, b"z"),
    ):
        assert by_protobuf(program, data + more) is not None
        assert taken(program, data + more) is None


def test_malformed_bytes_are_not_taken(program: Program, plain: Cart) -> None:
    data = to_bytes(plain)
    for more in (
        *(
            field(1, text)
            for text in (b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"a\x80")
        ),
        field(9, b"abcdefgh\xff"),
        field(1, b"x" * 9 + b"\xc3"),
        b"\x00\x01",
        b"\x02\x00",
        b"\x0c",
        b"\x0a\x05abc",
        b"\x0a\x81\x80\x80\x80\x80\x00a",
        b"\x0a\xff\xff\xff\xff\x0f",
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        b"\x70" + b"\x80" * 10 + b"\x01",
        b"\x70\x80",
        b"\x80\x80\x80\x80\x80\x01\x00",
        b"\x81",
        field(4, b"\x0a\x05a"),
    ):
        assert by_protobuf(program, data + more) is None
        assert taken(program, data + more) is None


@pytest.mark.parametrize("text", ["a" * length + "é" * more for length in range(18) for more in (0, 1)])
def test_texts_of_every_length(program: Program, plain: Cart, text: str) -> None:
    cart = replace(plain, id=text, channel=text, coupons=(text,), attributes={text: text})
    for data in (to_bytes(cart), to_bytes(cart) + field(1, text.encode())):
        assert taken(program, data) == cart


def test_numbers_of_every_length(program: Program, plain: Cart) -> None:
    for number in (*NUMBERS, *(2**power for power in range(64)), *(2**power - 1 for power in range(64))):
        data = to_bytes(plain) + field(6, field(6, number))
        assert taken(program, data) == by_protobuf(program, data) is not None


def test_a_session_takes_bytes_as_it_takes_carts(artifact: bytes, cart: Cart) -> None:
    session = Session(Program.load(artifact))
    quote = session.price(cart)
    assert session.load_bytes(to_bytes(cart), 0) is True
    session.evaluate()
    assert session.quote() == quote
    assert cart_from_message(parse_cart(session.cart_bytes()), 0) == by_id(cart)
    assert session.load_bytes(b"\xff", 0) is False
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.evaluate()


def test_a_cart_without_a_moment_is_priced_now(artifact: bytes) -> None:
    session = Session(Program.load(artifact))
    for now in (NOW, -1, 0, -SECOND):
        assert session.load_bytes(field(3, b"EUR"), now)
        session.evaluate()
        assert session.quote().at == now
        assert not parse_cart(session.cart_bytes()).HasField("at")


def test_carts_are_peeked_at(cart: Cart) -> None:
    data = to_bytes(cart)
    assert peek_cart(data) == (cart.rule_set, True, False)
    assert peek_cart(b"") == ("", False, False)
    assert peek_cart(field(2, b"a") + field(2, "é".encode()) + field(14, 1)) == ("é", False, True)
    assert peek_cart(field(2, b"a") + field(15, 5) + field(12, 5)) == ("a", False, True)
    assert peek_cart(field(14, 1) + field(14, 0) + field(12, b"")) == ("", True, False)
    for malformed in (b"\x0a", b"\x12\x01\xff", b"\x0b\x0c", b"\x70"):
        assert peek_cart(malformed) is None


def test_moments_beyond_the_years_are_not_taken(program: Program, plain: Cart) -> None:
    first, last = FIRST_MOMENT // SECOND, LAST_MOMENT // SECOND
    for second, nanos in ((first - 1, 0), (last + 1, 0), (0, SECOND), (0, 2**64 - 1), (2**63 - 1, 0), (-(2**63), 0)):
        data = field(3, b"USD") + field(12, field(1, second % 2**64) + field(2, nanos))
        assert taken(program, data) is by_protobuf(program, data) is None
    for second in (first, last):
        data = field(3, b"USD") + field(12, field(1, second % 2**64) + field(2, SECOND - 1))
        assert taken(program, data) == by_protobuf(program, data) is not None


def test_nothing_is_read_behind_the_end(program: Program, cart: Cart) -> None:
    """The memory after the bytes is unreadable, so reading it would kill the process."""
    random = Random(5)
    data = to_bytes(cart)
    size = -(-40 * len(data) // mmap.PAGESIZE) * mmap.PAGESIZE
    memory = mmap.mmap(-1, size + mmap.PAGESIZE)
    start = ctypes.addressof(ctypes.c_ubyte.from_buffer(memory))
    assert ctypes.CDLL(None).mprotect(ctypes.c_void_p(start + size), mmap.PAGESIZE, 0) == 0
    found = 0
    for bytes_ in (
        *(data[:length] for length in range(len(data) + 1)),
        *(damaged(random, data) for _ in range(3000)),
        *(field(1, b"a" * length) for length in range(20)),
        *(field(1, "é".encode() * length)[:-1] for length in range(1, 9)),
    ):
        memory[size - len(bytes_) : size] = bytes_
        found += recoded(program, memoryview(memory)[size - len(bytes_) : size], NOW) is not None
    assert found > 50
