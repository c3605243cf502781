"""Sessions that share a workspace do not see each other's changes."""

from __future__ import annotations

from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine._native.workspace import Workspace
from engine.errors import InvalidCart
from engine.pricing.cart import Cart, Line
from engine.pricing.mutations import Mutation, SetLine, SetQuantity
from engine.rules.checked import CheckedRules
from engine.service.messages import cart_from_message, parse_cart
from tests.native.wire.requests import NOW, damaged, request_of, to_bytes
from tests.programs import program_of
from tests.random_carts import random_cart
from tests.random_mutations import random_mutations
from tests.sequences import amounts
from tests.strategies import numbered_case

RULES = """
segments:
  dozens: item.quantity >= 12
promotions:
  by-the-dozen: {layer: item, reward: {percent_off: {of: dozens, percent: 10}}}
"""
PARTS = 4
CASES = 40
STEPS = 300


@pytest.fixture(scope="module")
def program() -> Program:
    return program_of(RULES)


def cart_of(quantity: int, id: str = "c") -> bytes:
    lines = tuple(Line(id=line, sku=line, quantity=quantity, price=1_000) for line in "ab")
    return to_bytes(Cart(id=id, currency="USD", at=0, lines=lines))


def quote_of(session: Session) -> bytes:
    session.evaluate()
    return session.quote_bytes()


def steps(random: Random, rules: CheckedRules, count: int, length: int) -> int:
    """Mutates carts in random order; sometimes compares a quote with that of a separate session."""
    program = program_of(rules)
    workspaces = [Workspace(program) for _ in range(3)]
    carts = [random_cart(random, rules) for _ in range(count)]
    sessions = [Session(program, random.choice(workspaces)) for _ in carts]
    fresh = Session(program)
    for session, cart in zip(sessions, carts, strict=True):
        session.load(cart)
    compared = 0
    for _ in range(length):
        session = random.choice(sessions)
        if random.random() < 0.05:
            session.workspace = random.choice(workspaces)
        if random.random() < 0.2:
            session.trim()
        if random.random() < 0.02:
            session.load(random_cart(random, rules))
        session.mutate(some_request(random, rules, session), NOW)
        if random.random() < 0.7:
            found = quote_of(session)
            assert fresh.load_bytes(session.cart_bytes(), NOW)
            assert found == quote_of(fresh)
            compared += 1
    return compared


def some_request(random: Random, rules: CheckedRules, session: Session) -> bytes:
    cart = cart_in(session)
    mutations: list[Mutation] = (
        amounts(random, cart) if random.random() < 0.5 else random_mutations(random, rules, cart, 1)
    )
    request = request_of(mutations)
    return damaged(random, request) if request and random.random() < 0.1 else request


def cart_in(session: Session) -> Cart:
    return cart_from_message(parse_cart(session.cart_bytes()), NOW)


@pytest.mark.parametrize("part", range(PARTS))
def test_carts_priced_in_turns_are_priced_as_each_alone(part: int) -> None:
    compared = 0
    for number in range(part, CASES, PARTS):
        rules, _ = numbered_case(31, number)
        try:
            compared += steps(Random(number), rules, 20, STEPS)
        except InvalidCart:
            continue
    assert compared > CASES // PARTS * STEPS // 3


def test_a_quote_holds_until_another_cart_is_priced_there(program: Program) -> None:
    first = Session(program)
    second = Session(program, first.workspace)
    assert first.load_bytes(cart_of(1), 0)
    quote = quote_of(first)
    assert first.quote_bytes() == quote
    assert second.load_bytes(cart_of(12), 0)
    for ask in (first.quote_bytes, first.quote, second.quote_bytes):
        with pytest.raises(RuntimeError, match="no cart is evaluated"):
            ask()
    assert quote_of(second) != quote
    assert quote_of(first) == quote


def test_what_changes_meanwhile_is_priced_anew(program: Program) -> None:
    first = Session(program)
    second = Session(program, first.workspace)
    assert first.load_bytes(cart_of(1), 0)
    assert second.load_bytes(cart_of(1), 0)
    assert first.mutate(request_of([SetQuantity("a", 12)]), 0)
    assert second.mutate(request_of([SetLine(Line(id="z", sku="z", quantity=12, price=1_000))]), 0)
    assert first.mutate(request_of([SetQuantity("b", 12)]), 0)
    first.evaluate()
    assert first.quote().total == 2 * 12 * 900
    second.evaluate()
    assert second.quote().total == 2 * 1_000 + 12 * 900


def test_a_cart_that_comes_back_to_a_workspace_is_not_taken_for_what_it_was(program: Program) -> None:
    here, there = Workspace(program), Workspace(program)
    session = Session(program, here)
    assert session.load_bytes(cart_of(1), 0)
    session.evaluate()
    session.workspace = there
    with pytest.raises(RuntimeError, match="no cart is evaluated"):
        session.quote()
    assert session.mutate(request_of([SetQuantity("a", 12)]), 0)
    session.workspace = here
    session.evaluate()
    assert session.quote().total == 12 * 900 + 1_000


def test_a_workspace_is_for_one_program(program: Program) -> None:
    other = Workspace(program_of(RULES))
    with pytest.raises(ValueError, match="another program"):
        Session(program, other)
    session = Session(program)
    with pytest.raises(ValueError, match="another program"):
        session.workspace = other
    with pytest.raises(TypeError):
        session.workspace = None
    assert session.load_bytes(cart_of(12), 0)


def test_trimming_gives_back_what_a_larger_cart_took(program: Program) -> None:
    session = Session(program)
    assert session.load_bytes(cart_of(1), 0)
    quote = quote_of(session)
    small = session.trim()
    lines = tuple(Line(id=f"{number:04}", sku="s", quantity=1, price=1, tags=("t",) * 9) for number in range(500))
    assert session.load_bytes(to_bytes(Cart(id="large", currency="USD", at=0, lines=lines)), 0)
    assert session.trim() > 100_000
    assert session.load_bytes(cart_of(1), 0)
    assert session.trim() == small
    assert quote_of(session) == quote
    assert session.trim() == small


def test_an_empty_session_has_nothing_to_trim(program: Program) -> None:
    session = Session(program)
    assert session.trim() < 2_000
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.evaluate()
    assert session.load_bytes(cart_of(1), 0)
    session.evaluate()
