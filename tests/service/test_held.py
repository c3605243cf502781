from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from engine._native.session import Session
from engine._native.workspace import Workspace
from engine.errors import CartUnknown, RevisionMismatch
from engine.pricing.cart import Cart, Line
from engine.service.held import HeldCart, HeldCarts, Key
from engine.service.messages import cart_from_message, parse_cart
from tests.programs import program_of
from tests.serving import spring

MEMORY = 200_000
PROGRAM = program_of(spring())
WORKSPACE = Workspace(PROGRAM)
LINES = tuple(Line(id=f"{number:03}", sku="BOOT", quantity=1, price=1_000) for number in range(40))
CART = Cart(id="c", currency="USD", at=0, lines=LINES)


def key(name: str) -> Key:
    return "spring", name, 0


def held(revision: int, size: int = 500) -> HeldCart:
    return HeldCart(revision, b"q" * size, False, cart=b"c" * size)


def live(revision: int, lines: int = 40) -> HeldCart:
    """A cart in a session."""
    session = Session(PROGRAM, WORKSPACE)
    session.load(replace(CART, lines=LINES[:lines]))
    return HeldCart(revision, b"q", False, session=session)


def reads_back(data: bytes) -> bool:
    """Whether the bytes are those of the test's cart."""
    return cart_from_message(parse_cart(data), 0) == CART


@pytest.fixture(scope="module")
def size() -> int:
    """The size of such a cart in bytes."""
    cart = live(0)
    HeldCarts(10**6).put(key("a"), cart)
    return cart.size


def test_a_cart_is_had_at_its_revision_only() -> None:
    carts = HeldCarts(MEMORY)
    cart = held(3)
    carts.put(key("a"), cart)
    assert carts.take(key("a"), 3) == (cart, None)
    with pytest.raises(RevisionMismatch, match="cart 'a' is held at revision 3, not 2: send the whole cart"):
        carts.take(key("a"), 2)
    for other in (("spring", "b", 0), ("autumn", "a", 0), ("spring", "a", 1)):
        with pytest.raises(CartUnknown, match="is held here: send the whole cart"):
            carts.take(other, 3)


def test_of_two_changes_of_one_cart_the_later_fails() -> None:
    carts = HeldCarts(MEMORY)
    carts.put(key("a"), held(0))
    before, _ = carts.take(key("a"), 0)
    after = held(1)
    carts.replace(key("a"), before, after)
    with pytest.raises(RevisionMismatch, match="changed by another call in the meantime"):
        carts.replace(key("a"), before, held(1))
    assert carts.take(key("a"), 1) == (after, None)


def test_what_went_meanwhile_does_not_come_back() -> None:
    carts = HeldCarts(2_000)
    carts.put(key("a"), held(0))
    before, _ = carts.take(key("a"), 0)
    carts.put(key("b"), held(0))
    with pytest.raises(CartUnknown, match="no longer held"):
        carts.replace(key("a"), before, held(1))


def test_the_least_recently_used_go_first() -> None:
    carts = HeldCarts(5_700)  # three carts
    for name in "abc":
        carts.put(key(name), held(0))
    carts.take(key("a"), 0)
    carts.put(key("d"), held(0))
    for name in "acd":
        carts.take(key(name), 0)
    with pytest.raises(CartUnknown):
        carts.take(key("b"), 0)


def test_a_cart_larger_than_the_memory_is_not_held() -> None:
    carts = HeldCarts(1_000)
    carts.put(key("a"), held(0, 5_000))
    with pytest.raises(CartUnknown):
        carts.take(key("a"), 0)
    carts.put(key("b"), held(0, 100))
    carts.take(key("b"), 0)


def test_what_is_held_and_forgotten_is_counted() -> None:
    carts = HeldCarts(MEMORY)
    assert carts.held == (0, 0, MEMORY, 0)
    carts.put(key("a"), held(0, MEMORY // 10))
    carts.put(key("a"), held(1, MEMORY // 8))
    carts.put(key("b"), held(0, MEMORY // 8))
    assert carts.held[0] == 2
    assert MEMORY // 2 < carts.held.bytes < MEMORY
    assert carts.held.forgotten == 0
    carts.put(key("c"), held(0, MEMORY // 4))  # in place of the first
    assert (carts.held.carts, carts.held.forgotten) == (2, 1)
    carts.put(key("d"), held(0, MEMORY))  # too large
    assert (carts.held.carts, carts.held.forgotten) == (2, 2)


def test_one_call_has_the_session_of_a_cart() -> None:
    carts = HeldCarts(MEMORY)
    cart = live(0)
    session = cart.session
    carts.put(key("a"), cart)
    assert carts.take(key("a"), 0) == (cart, session)
    with pytest.raises(RevisionMismatch, match="is being changed by another call: send the whole cart"):
        carts.take(key("a"), 0)
    carts.give_back(key("a"), cart, session)
    assert carts.take(key("a"), 0) == (cart, session)
    after = HeldCart(1, b"q", False, session=session)
    carts.replace(key("a"), cart, after)
    assert carts.take(key("a"), 1) == (after, session)


def test_sessions_longest_unused_leave_their_carts(size: int) -> None:
    carts = HeldCarts(4 * size)  # two in sessions
    given = {name: live(0) for name in "abc"}
    for name, cart in given.items():
        carts.put(key(name), cart)
    assert carts.take(key("a"), 0) == (given["a"], None)
    assert reads_back(given["a"].cart)
    assert given["a"].size < size
    for name in "bc":
        _, session = carts.take(key(name), 0)
        assert session is not None


def test_a_cart_that_was_changed_is_the_last_to_leave_its_session(size: int) -> None:
    carts = HeldCarts(4 * size)  # two in sessions
    for name in "ab":
        carts.put(key(name), live(0))
    before, session = carts.take(key("a"), 0)
    carts.replace(key("a"), before, HeldCart(1, b"q", False, session=session))
    carts.put(key("c"), live(0))
    assert carts.take(key("b"), 0)[1] is None
    assert carts.take(key("a"), 1)[1] is session


def test_carts_let_go_of_a_program_and_of_no_other() -> None:
    carts = HeldCarts(MEMORY)
    other = Session(program_of(spring(20)))
    other.load(CART)
    carts.put(key("a"), live(0))
    carts.put(key("b"), HeldCart(0, b"q", False, session=other))
    carts.let_go(PROGRAM)
    held, session = carts.take(key("a"), 0)
    assert session is None
    assert reads_back(held.cart)
    assert carts.take(key("b"), 0)[1] is other


def test_a_session_that_a_call_has_is_left_alone(size: int) -> None:
    carts = HeldCarts(4 * size)
    cart = live(0)
    carts.put(key("a"), cart)
    _, session = carts.take(key("a"), 0)
    for name in "bcd":
        carts.put(key(name), live(0))
    assert cart.cart == b""
    carts.replace(key("a"), cart, HeldCart(1, b"q", False, session=session))
    assert carts.take(key("a"), 1)[1] is session


@pytest.mark.parametrize("meanwhile", ["others took its room", "its rule set was replaced"])
def test_a_session_given_back_late_is_serialized(size: int, meanwhile: str) -> None:
    carts = HeldCarts(4 * size)  # two in sessions
    cart = live(0)
    carts.put(key("a"), cart)
    _, session = carts.take(key("a"), 0)
    if meanwhile == "others took its room":
        for name in "bc":
            carts.put(key(name), live(0))
    else:
        carts.let_go(PROGRAM)
    carts.give_back(key("a"), cart, session)
    assert carts.take(key("a"), 0) == (cart, None)
    assert reads_back(cart.cart)
    assert carts._used == sum(each.size for each in carts._carts.values())


def test_a_session_too_large_is_held_as_a_cart(size: int) -> None:
    carts = HeldCarts(2 * size - 2)
    carts.put(key("a"), live(0))
    held, session = carts.take(key("a"), 0)
    assert session is None
    assert reads_back(held.cart)


def test_a_cart_that_outgrows_the_room_for_sessions_leaves_others_theirs(size: int) -> None:
    carts = HeldCarts(2 * size - 2)
    for name in "ab":
        carts.put(key(name), live(0, lines=1))
    before, _ = carts.take(key("b"), 0)
    carts.replace(key("b"), before, live(1))
    assert carts.take(key("b"), 1)[1] is None
    assert carts.take(key("a"), 0)[1] is not None


def test_what_is_used_is_the_sum_of_what_is_held() -> None:
    random = Random(1)
    carts = HeldCarts(60_000)
    taken: list[tuple[Key, HeldCart, Session | None]] = []
    for number in range(3_000):
        name = key(random.choice("abcdefghijkl"))
        if random.random() < 0.4:
            carts.put(name, random.choice((held, live))(0))
        else:
            with suppress(CartUnknown, RevisionMismatch):
                taken.append((name, *carts.take(name, 0)))
        while len(taken) > random.randrange(4):
            where, before, session = taken.pop(random.randrange(len(taken)))
            if random.random() < 0.3:
                if session is not None:
                    carts.give_back(where, before, session)
                continue
            quote = b"q" * random.randrange(2_000)
            after = live(0) if session is None else HeldCart(0, quote, False, session=session)
            with suppress(CartUnknown, RevisionMismatch):
                carts.replace(where, before, after)
        assert carts._used == sum(cart.size for cart in carts._carts.values()) <= 60_000, number
        assert carts._used_live == sum(cart.size for cart in carts._live.values()) <= 30_000
        assert carts._live.items() <= carts._carts.items()
        assert not any(cart.cart for cart in carts._live.values())


def test_no_two_threads_have_one_session() -> None:
    carts = HeldCarts(10**7)
    names = [key(name) for name in "abcde"]
    for name in names:
        carts.put(name, live(0))
    owned: set[int] = set()

    def use(seed: int) -> None:
        random = Random(seed)
        for _ in range(2_000):
            name = random.choice(names)
            try:
                cart, session = carts.take(name, 0)
            except RevisionMismatch:
                continue
            assert session is not None
            assert id(session) not in owned
            owned.add(id(session))
            after = HeldCart(0, b"q", False, session=session)
            owned.remove(id(session))
            carts.replace(name, cart, after)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))


@pytest.mark.parametrize("size", [1, 100, 3_000])
def test_any_number_of_carts_stays_within_the_memory(size: int) -> None:
    carts = HeldCarts(MEMORY)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5_000):
            data = b"x" * (size + number % 2)
            carts.put(key(f"cart {number}"), HeldCart(number, data + b"q", False, cart=data + b"c"))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert MEMORY // 2 < after - before < MEMORY
    carts.take(key("cart 4999"), 4_999)
