from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.cart import Cart, Line
from engine.rules import compile, load_text
from engine.service.held import HeldCart
from engine.service.live import LiveSessions, SpareSessions
from engine.service.messages import cart_to_message
from tests.serving import RULES

PROGRAM = Program.load(compile(load_text(RULES.format(name="spring"))))
LINES = tuple(Line(id=f"{number:03}", sku="BOOT", quantity=1, price=1_000) for number in range(40))
CART = cart_to_message(Cart(id="c", currency="USD", at=0, lines=LINES)).SerializeToString()


def held(number: int) -> HeldCart:
    return HeldCart(number, b"", b"", False)


def session() -> Session:
    """With a cart in it."""
    session = Session(PROGRAM)
    assert session.load_bytes(CART, 0)
    return session


@pytest.fixture(scope="module")
def size() -> int:
    """Bytes of such a session."""
    return session().trim()


def test_the_session_of_a_cart_is_found_again() -> None:
    sessions = LiveSessions(10**6)
    carts = [held(0) for _ in range(3)]
    given = [session() for _ in carts]
    for cart, each in zip(carts, given, strict=True):
        sessions.give(cart, each)
    assert sessions.take(held(0)) is None  # equal, but another cart
    assert sessions.take(carts[1]) is given[1]
    assert sessions.take(carts[1]) is None


def test_the_sessions_longest_unused_make_room(size: int) -> None:
    sessions = LiveSessions(3 * size)
    carts = [held(number) for number in range(4)]
    for cart in carts[:3]:
        sessions.give(cart, session())
    sessions.give(carts[0], sessions.take(carts[0]))
    sessions.give(carts[3], session())
    assert [sessions.take(cart) is not None for cart in carts] == [True, False, True, True]


def test_of_two_sessions_of_a_cart_one_is_kept(size: int) -> None:
    sessions = LiveSessions(2 * size)
    carts = [held(number) for number in range(2)]
    for cart in (*carts, carts[1], carts[1]):
        sessions.give(cart, session())
    assert [sessions.take(cart) is not None for cart in carts] == [True, True]


def test_without_memory_no_session_is_kept(size: int) -> None:
    sessions = LiveSessions(size - 1)
    cart = held(0)
    sessions.give(cart, session())
    assert sessions.take(cart) is None


def test_a_session_with_nothing_in_it_is_used_again() -> None:
    sessions = SpareSessions(PROGRAM)
    with sessions.take() as first, sessions.take() as second:
        assert first is not second
    with sessions.take() as again:
        assert again in (first, second)


def test_no_two_threads_have_one_session() -> None:
    live, spare = LiveSessions(10**6), SpareSessions(PROGRAM)
    carts = [held(number) for number in range(5)]
    for cart in carts:
        live.give(cart, session())
    owned: set[int] = set()

    def use(seed: int) -> None:
        random = Random(seed)
        for _ in range(2_000):
            cart = random.choice(carts)
            with spare.take() as room:
                taken = live.take(cart)
                own = [id(each) for each in (room, taken) if each is not None]
                assert owned.isdisjoint(own)
                owned.update(own)
                if taken is not None:
                    taken.workspace = room.workspace
                    taken.evaluate()
                owned.difference_update(own)
                if taken is not None:
                    live.give(cart, taken)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
