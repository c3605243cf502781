"""Mutations as bytes: what is applied natively is what engine/pricing/mutations.py makes of the same messages."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import islice
from random import Random
from time import process_time

import pytest
from google.protobuf.message import DecodeError

from engine._native.program import Program
from engine._native.session import Session
from engine._native.wire.requests import peek_mutation
from engine.errors import InvalidCart, InvalidMutation
from engine.pricing.cart import Cart, CouponFact, CouponState, Customer, Line, Usage
from engine.pricing.mutations import (
    AttachCoupon,
    ChooseRate,
    DetachCoupon,
    Mutation,
    RemoveLine,
    RemoveShipment,
    SetAt,
    SetAttribute,
    SetChannel,
    SetCouponFact,
    SetCustomer,
    SetDeclined,
    SetLine,
    SetPaymentMethod,
    SetPrice,
    SetQuantity,
    SetShipment,
    SetUsage,
    apply,
)
from engine.pricing.validation import Limits, validate
from engine.rules import compile
from engine.service.messages import cart_from_message, parse_cart
from engine.service.messages.mutations import mutation_to_message, mutations_from_messages
from engine.v1 import pricing_pb2
from tests.native.wire.requests import NOW, by_id, damaged, field, request_of, to_bytes, varint
from tests.random_mutations import random_mutations
from tests.strategies import random_cases


class Held:
    """A cart in a session, and the cart it should be."""

    def __init__(self, artifact: bytes, cart: Cart) -> None:
        self.artifact = artifact
        self.program = Program.load(artifact)
        self.session = Session(self.program)
        self.cart = by_id(cart)
        assert self.session.load_bytes(to_bytes(cart), NOW)

    def expected(self, request: bytes) -> Cart | None:
        """The cart, or None if the request is refused."""
        try:
            message = pricing_pb2.MutateCartRequest.FromString(request)
            cart = apply(self.cart, mutations_from_messages(message.mutations))
            validate(cart, self.program.declaration)
        except (DecodeError, InvalidCart, InvalidMutation):
            return None
        return by_id(cart)

    def found(self) -> Cart:
        return cart_from_message(parse_cart(self.session.cart_bytes()), NOW)

    def mutate(self, request: bytes) -> bool:
        before, expected = self.session.cart_bytes(), self.expected(request)
        if self.session.mutate(request, NOW):
            assert expected is not None, request.hex()
            assert self.found() == expected
            self.cart = expected
            return True
        assert self.session.cart_bytes() == before
        return False


@pytest.fixture
def held(artifact: bytes, cart: Cart) -> Held:
    return Held(artifact, cart)


@pytest.mark.parametrize("seed", range(3))
def test_random_sequences_change_the_cart_as_said(seed: int) -> None:
    random = Random(seed)
    tally: Counter[tuple[bool, bool]] = Counter()
    kinds: Counter[type] = Counter()
    for rules, cart in islice(random_cases(seed), 20):
        held = Held(compile(rules), cart)
        for _ in range(60):
            mutations = random_mutations(random, rules, held.cart, random.choice((1, 1, 1, 2, 3, 5)), stale=0.1)
            request = request_of(mutations)
            valid = held.expected(request) is not None
            taken = held.mutate(request)
            tally[taken, valid] += 1
            kinds.update(type(mutation) for mutation in mutations if taken)
    # What only the last mutations make valid may be left to Python.
    assert tally[True, True] > 100 * tally[False, True]
    assert tally[False, False] > 0
    assert len(kinds) == 17


@pytest.mark.parametrize("seed", range(3))
def test_damaged_requests_are_refused_or_read_as_protobuf_reads_them(seed: int) -> None:
    random = Random(f"damaged/{seed}")
    tally: Counter[tuple[bool, bool]] = Counter()
    for rules, cart in islice(random_cases(seed), 20):
        held = Held(compile(rules), cart)
        for _ in range(100):
            entries = [mutation_to_message(each) for each in random_mutations(random, rules, held.cart, 2, stale=0.1)]
            first, second = (entry.SerializeToString() for entry in entries)
            request = field(4, damaged(random, first)) + field(4, second)
            valid = held.expected(request) is not None
            tally[held.mutate(request), valid] += 1
    assert tally[True, True] > 2 * tally[False, True] > 0
    assert tally[False, False] > tally[True, True]


def test_a_request_that_fails_at_its_end_changes_nothing(held: Held) -> None:
    """Every kind of mutation is undone, with arrays that had to grow."""
    line, shipment = held.cart.lines[0], held.cart.shipments[0]
    mutations: list[Mutation] = [
        SetQuantity(line.id, 5),
        SetPrice(line.id, 3),
        *(
            SetLine(replace(line, id=f"new{number}", tags=("x", "y"), attributes={"color": "red"}))
            for number in range(50)
        ),
        RemoveLine(line.id),
        SetLine(replace(held.cart.lines[1], sku="other")),
        SetQuantity("new7", 9),
        *(SetShipment(replace(shipment, id=f"new{number}")) for number in range(20)),
        ChooseRate("new3", ""),
        RemoveShipment("new4"),
        SetShipment(replace(shipment, store="", method="")),
        SetCustomer(None),
        SetCustomer(Customer(id="z", segments=("a", "b"))),
        *(AttachCoupon(f"code{number}") for number in range(20)),
        DetachCoupon("code7"),
        *(SetUsage(replace(usage, total=7)) for usage in held.cart.usage),
        *(SetUsage(replace(held.cart.usage[0], promotion_id=f"p{number}")) for number in range(20)),
        *(SetCouponFact(CouponFact(code=f"code{number}", pool="club")) for number in range(20)),
        SetCouponFact(CouponFact(code="code3", state=CouponState.UNVERIFIED)),
        SetDeclined(("x", "y", "z")),
        SetAttribute("gift", None),
        SetAttribute("note", "hello"),
        SetChannel("web"),
        SetPaymentMethod("card"),
        SetAt(NOW + 1),
    ]
    assert held.mutate(request_of(mutations)) is True
    again = Held(held.artifact, held.cart)
    assert again.mutate(request_of([*mutations[2:52], RemoveLine("nobody")])) is False
    assert again.mutate(request_of([SetChannel("store"), *mutations[55:], RemoveLine("nobody")])) is False
    assert again.mutate(request_of([RemoveLine("new9"), SetQuantity("new8", 7), DetachCoupon("nobody")])) is False
    assert again.mutate(request_of([SetQuantity("new8", 7), RemoveLine("new9")])) is True


def test_texts_outlive_their_requests(held: Held) -> None:
    """Carts are sometimes written anew, so that old requests need not be kept."""
    for number in range(600):
        line = replace(held.cart.lines[0], id=f"l{number % 7}", sku=f"sku-{number}" * 9, tags=(f"tag{number}",))
        assert held.mutate(request_of([SetLine(line), AttachCoupon(f"code{number % 90}"), SetChannel(f"web{number}")]))


def test_requests_that_would_fill_memory_are_left_to_python(held: Held) -> None:
    attributes = [SetAttribute(f"a{number}", number) for number in range(99)]
    assert held.mutate(request_of(attributes)) is True
    # A thousand copies of a hundred attributes, and ten thousand.
    assert held.mutate(request_of([SetAttribute("a7", number) for number in range(1_000)])) is True
    again = request_of([SetAttribute("a7", number) for number in range(10_000)])
    assert held.expected(again) is not None
    assert held.mutate(again) is False
    for number in range(50):
        assert held.mutate(request_of([SetAttribute("a7", number)]))


def test_the_clock_moves_on_for_a_cart_without_a_moment(artifact: bytes) -> None:
    session = Session(Program.load(artifact))
    line = field(4, field(1, b"a") + field(2, b"A") + field(3, 1) + field(4, 500))
    assert session.load_bytes(field(3, b"USD") + line, NOW)
    for now, request in ((NOW + 5, b""), (NOW + 7, request_of([SetQuantity("a", 2)])), (NOW + 9, b"\x08\x01")):
        assert session.mutate(request, now)
        session.evaluate()
        assert session.quote().at == now
    assert session.mutate(request_of([SetLine(Line(id="b", sku="x" * 1000, quantity=1, price=1))]) * 20, NOW + 11)
    assert session.mutate(request_of([SetAt(NOW + 3)]), NOW + 13)
    assert session.mutate(b"", NOW + 15)
    session.evaluate()
    assert session.quote().at == NOW + 3


def test_usage_of_thousands_of_promotions(held: Held) -> None:
    """A code is found in its place, also after a request that was undone, in time proportional to its length."""
    sent = [Usage(promotion_id=f"{'p' * 990}{number:04}", total=number) for number in range(9_900)]
    request = request_of([SetUsage(each) for each in sent])
    session = Held(held.artifact, held.cart).session
    start = process_time()
    assert session.mutate(request, NOW)
    assert process_time() - start < 0.3
    few, more, again = sent[:10], sent[10:200], [replace(each, total=7) for each in sent[5:250]]
    assert held.mutate(request_of([SetUsage(each) for each in few]))
    assert not held.mutate(request_of([*map(SetUsage, more), RemoveLine("nobody")]))
    assert held.mutate(request_of([SetUsage(each) for each in reversed(few + more)]))
    assert not held.mutate(request_of([*map(SetUsage, again), RemoveLine("nobody")]))
    assert held.mutate(request_of([SetUsage(each) for each in again]))
    assert len(held.cart.usage) >= 250


def test_what_is_refused(held: Held) -> None:
    limits = Limits()
    line, shipment = held.cart.lines[0], held.cart.shipments[0]
    refused: tuple[list[Mutation], ...] = (
        [SetQuantity(line.id, -1)],
        [SetQuantity(line.id, 1_000_001)],
        [SetQuantity("nobody", 1)],
        [SetQuantity("", 1)],
        [SetPrice(line.id, -1)],
        [SetPrice(line.id, 10**15), SetQuantity(line.id, 2)],
        [SetPrice(each.id, 4 * 10**14 // each.quantity) for each in held.cart.lines],
        [RemoveLine("nobody")],
        [RemoveLine("")],
        [RemoveLine(line.id), RemoveLine(line.id)],
        [SetQuantity(line.id, 0), SetQuantity(line.id, 1)],
        [SetLine(replace(line, shipment_id="nobody"))],
        [SetLine(replace(line, sku=""))],
        [SetLine(replace(line, id=f"new{number}")) for number in range(limits.lines)],
        [SetShipment(replace(shipment, id=f"new{number}")) for number in range(limits.shipments)],
        [SetShipment(replace(shipment, method="nobody"))],
        [SetLine(replace(line, shipment_id=shipment.id)), RemoveShipment(shipment.id)],
        [RemoveShipment("nobody")],
        [ChooseRate(shipment.id, "nobody")],
        [ChooseRate("nobody", "")],
        [AttachCoupon(f"code{number}") for number in range(limits.coupons + 1)],
        [AttachCoupon("x" * (limits.text + 1))],
        [DetachCoupon("nobody")],
        [SetChannel("x" * (limits.text + 1))],
        [SetDeclined(("x",) * (limits.declined_promotions + 1))],
        [SetAttribute("gift", "yes")],
        [SetAttribute("", None)],
        [SetAttribute("", "yes")],
        [SetAttribute(f"a{number}", number) for number in range(limits.attributes + 1)],
        [SetUsage(replace(held.cart.usage[0], total=-1))],
        [SetUsage(replace(held.cart.usage[0], promotion_id=f"p{number}")) for number in range(limits.usage + 1)],
        [SetCouponFact(CouponFact(code="", pool="club"))],
        [SetCouponFact(CouponFact(code="A", state=CouponState.SPENT))],
        [SetCouponFact(CouponFact(code=f"A{number}", pool="club")) for number in range(limits.coupon_facts + 1)],
        [SetCustomer(Customer(orders=-1))],
    )
    for mutations in refused:
        assert held.expected(request_of(mutations)) is None, mutations
        assert held.mutate(request_of(mutations)) is False


def test_mutations_of_no_kind_or_several_are_not_taken(held: Held) -> None:
    quantity = field(3, field(1, held.cart.lines[0].id.encode()) + field(2, 5))
    assert held.mutate(field(4, quantity)) is True
    for entry in (
        b"",
        field(1000, 1),
        quantity + quantity,
        quantity + field(11, b""),
        field(4, b""),
        varint(3 << 3 | 3),
    ):
        assert held.mutate(field(4, entry)) is False
    assert held.mutate(field(4, quantity) * 10_001) is False
    assert held.mutate(field(4, quantity) * 10_000) is True


def test_other_fields_of_the_request_are_skipped(held: Held) -> None:
    request = pricing_pb2.MutateCartRequest(
        cart_id="c", rule_set="r", revision=7, mutations=[mutation_to_message(SetChannel("tv"))], changes_only=True
    )
    assert held.mutate(request.SerializeToString() + field(100, 5)) is True
    assert held.cart.channel == "tv"


def test_a_mutated_cart_is_priced_as_a_fresh_one() -> None:
    random = Random(3)
    for rules, cart in islice(random_cases(3), 30):
        held = Held(compile(rules), cart)
        fresh = Session(held.program)
        for _ in range(30):
            if held.mutate(request_of(random_mutations(random, rules, held.cart, 1))):
                held.session.evaluate()
                fresh.price(held.cart)
                assert held.session.quote_bytes() == fresh.quote_bytes()


def test_a_refused_mutation_leaves_the_quote(held: Held) -> None:
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        Session(held.program).mutate(b"", NOW)
    held.session.evaluate()
    quote = held.session.quote_bytes()
    assert held.mutate(request_of([SetChannel("x"), RemoveLine("nobody")])) is False
    assert held.session.quote_bytes() == quote


def test_requests_are_peeked_at(cart: Cart) -> None:
    data = to_bytes(cart)
    request = pricing_pb2.MutateCartRequest(
        cart_id="é", rule_set="r", revision=-7, cart=parse_cart(data), changes_only=True
    ).SerializeToString()
    found = peek_mutation(request + request_of([SetChannel("x"), SetAt(0), SetChannel("y")]))
    assert found is not None
    assert (*found[:3], *found[4:]) == ("é", "r", -7, True, 3, True, False)
    assert found[3] is not None
    assert parse_cart(found[3]) == parse_cart(data)
    of_usage = peek_mutation(request_of([SetUsage(Usage(promotion_id="p"))]))
    assert of_usage is not None
    assert of_usage[5:] == (1, False, True)
    assert peek_mutation(b"") == ("", "", 0, None, False, 0, False, False)
    assert peek_mutation(field(5, b"")) == ("", "", 0, b"", False, 0, False, False)
    assert peek_mutation(field(4, b"") + request_of([SetChannel("x")])) == ("", "", 0, None, False, 2, False, False)
    assert peek_mutation(field(4, field(13, 5))) == ("", "", 0, None, False, 1, False, False)
    for several in (field(13, b"") + field(12, b""), field(12, b"") + field(13, b""), field(99, 1) + field(13, b"")):
        assert peek_mutation(field(4, several)) is None
    for malformed in (field(5, b"") * 2, b"\x0a", field(1, b"\xff"), b"\x0b\x0c", b"\x2a\x05a", field(4, b"\x6a\x05")):
        assert peek_mutation(malformed) is None
