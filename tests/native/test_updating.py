"""After each mutation a cart is priced as one that came in just so: the same bytes, whatever was brought up to date."""

from __future__ import annotations

from random import Random

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidCart
from engine.pricing.cart import Cart
from engine.pricing.mutations import Mutation, SetPrice, SetQuantity, apply
from engine.rules import compile
from engine.rules.checked import CheckedRules
from engine.service.messages import cart_from_message, parse_cart
from tests.native.test_wire_mutations import request_of, some_mutations
from tests.native.wire import NOW, by_id
from tests.strategies import numbered_case

SEQUENCES = 600
LENGTH = 100
PARTS = 4


def amounts(random: Random, cart: Cart) -> list[Mutation]:
    """New quantities and prices: what is brought up to date rather than laid out anew."""
    if not cart.lines:
        return []
    chosen: list[Mutation] = []
    for line in random.choices(cart.lines, k=random.choice((1, 1, 1, 2, 3))):
        if random.random() < 0.7:
            quantity = random.choice((1, 2, 3, line.quantity + 1, max(1, line.quantity - 1), 12, 30))
            chosen.append(SetQuantity(line.id, quantity))
        else:
            chosen.append(SetPrice(line.id, random.choice((0, 1, 499, 1999, 6000, line.price + 1, line.price // 2))))
    return chosen


def steps(random: Random, rules: CheckedRules, cart: Cart, length: int) -> int:
    """Mutates a cart so many times, pricing it each time by a session that follows it and by one that never saw it."""
    program = Program.load(compile(rules))
    following, fresh = Session(program), Session(program)
    following.load(cart)
    done = 0
    for _ in range(length):
        mutations = amounts(random, cart) if random.random() < 0.5 else some_mutations(random, rules, cart, 1)
        if not mutations or not following.mutate(request_of(mutations), NOW):
            continue
        cart = apply(cart, mutations)
        if random.random() < 0.1:
            # Several mutations between two prices.
            continue
        following.evaluate()
        assert fresh.load_bytes(following.cart_bytes(), NOW)
        fresh.evaluate()
        assert following.quote_bytes() == fresh.quote_bytes()
        done += 1
    assert cart_from_message(parse_cart(following.cart_bytes()), NOW) == by_id(cart)
    return done


@pytest.mark.parametrize("part", range(PARTS))
def test_a_mutated_cart_is_priced_as_one_that_came_in_just_so(part: int) -> None:
    done = 0
    for number in range(part, SEQUENCES, PARTS):
        rules, cart = numbered_case(12, number)
        try:
            done += steps(Random(number), rules, cart, LENGTH)
        except InvalidCart:
            continue
    assert done > SEQUENCES // PARTS * LENGTH // 2
