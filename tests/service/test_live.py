from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from random import Random

from engine._native.program import Program
from engine.rules import compile, load_text
from engine.service.held import HeldCart
from engine.service.live import MOST_LIVE, Live, LiveSessions
from tests.serving import RULES

PROGRAM = Program.load(compile(load_text(RULES.format(name="spring"))))


def held(number: int) -> HeldCart:
    return HeldCart(number, b"", b"", False, "")


def with_cart(sessions: LiveSessions, cart: HeldCart) -> Live:
    """A session given back with this cart in it."""
    with sessions.take() as live:
        live.held = cart
    return live


def test_the_session_is_found_in_which_a_cart_lies() -> None:
    sessions = LiveSessions(PROGRAM)
    carts = [held(0) for _ in range(3)]
    lives = [with_cart(sessions, cart) for cart in carts]
    assert len({id(live) for live in lives}) == 3
    assert sessions.take(carts[1]) is lives[1]
    again = sessions.take(carts[1])  # taken: another one for the same cart
    assert (again.held, again in lives) == (None, False)
    assert sessions.take(held(0)).held is None  # equal, but another cart


def test_an_empty_session_is_used_again() -> None:
    sessions = LiveSessions(PROGRAM)
    with sessions.take() as first:
        pass
    assert sessions.take(held(0)) is first


def test_the_carts_longest_unused_make_room() -> None:
    sessions = LiveSessions(PROGRAM)
    carts = [held(number) for number in range(MOST_LIVE + 1)]
    lives = [with_cart(sessions, cart) for cart in carts]
    assert lives[0].held is None
    assert sessions.take() is lives[0]
    assert sessions.take(carts[1]) is lives[1]


def test_no_two_threads_have_one_session() -> None:
    sessions = LiveSessions(PROGRAM)
    carts = [held(number) for number in range(5)]
    owned: set[int] = set()

    def use(seed: int) -> None:
        random = Random(seed)
        for _ in range(2_000):
            cart = random.choice((*carts, None))
            with sessions.take(cart) as live:
                assert id(live) not in owned
                owned.add(id(live))
                live.held = cart
                owned.remove(id(live))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(use, range(8)))
