"""Rule sets and carts too large to search closely, or at all: answers are valid, no worse than `all`, gaps true."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random

import pytest

from bench.entangled import GLOBAL, LAYERED, head, reward
from bench.hostile import CASES, Hostile, cart, of_every_line, random_ones
from bench.mutations import request
from engine.pricing.cart import Cart
from engine.pricing.mutations import SetQuantity
from engine.pricing.quote import Quote
from tests.native.search.test_tree import search_of

MOST_SEARCHED = 1024
SHORT = {
    **CASES,
    "1,000 of every line, 2,000 lines": lambda nodes: of_every_line(nodes, 100),
    "10,000 random, 50 lines": lambda nodes: random_ones(nodes, 2_000, cart(50)),
}
"""The cases of bench.hostile; those with long rule files or quotes are smaller here."""
SECONDS = 5e-6
"""Ten times the limit that docs/search.md gives for a line and promotion, as tests run in parallel."""


def price(case: Hostile, combine: str = "best", declined: tuple[str, ...] = ()) -> Quote:
    case = replace(case, rules=case.rules.replace("combine: best", f"combine: {combine}"))
    return case.session().price(replace(case.cart, declined_promotions=declined))


def with_budgets(nodes: int, count: int, cart: Cart, groups: bool = False) -> Hostile:
    """Promotions of all kinds; some are undone if they exceed their budget, some grant what is left of it."""
    random = Random(11)
    text = head(nodes)
    for index in range(count):
        text += f"  p{index:04}:\n    layer: item\n    priority: {random.randrange(4)}\n"
        if groups and index > 1:
            text += "    group: season\n"
        if random.random() < 0.4:
            partial = random.choice(("true", "false"))
            text += f"    limits: {{budget: {random.choice((5, 500, 5000))}.00, partial: {partial}}}\n"
        text += f"    reward: {reward(random, 1)}\n"
    return Hostile(text, cart)


@pytest.mark.parametrize("name", SHORT)
def test_a_hostile_case_answers_soon_and_is_no_worse_than_all(name: str) -> None:
    case = SHORT[name](1500)
    session = case.session()
    session.load(case.cart)
    started = time.process_time()
    session.evaluate()
    seconds = time.process_time() - started
    quote, written = session.quote(), session.quote_bytes()
    lines, promotions = len(case.cart.lines), case.rules.count("reward:")
    assert seconds < max(0.5, SECONDS * lines * promotions)
    assert search_of(quote).nodes <= 1500
    assert quote.saved >= price(case, "all").saved
    # The same cart uses the same nodes, whatever was priced before, and has the same price when it is changed back.
    session.price(cart(3))
    session.load(case.cart)
    session.evaluate()
    assert session.quote_bytes() == written
    line = case.cart.lines[0]
    for quantity in (line.quantity - 1 or 2, line.quantity):
        assert session.mutate(request(case.cart.id, [SetQuantity(line.id, quantity)]), case.cart.at)
        session.evaluate()
    assert session.quote_bytes() == written


def test_sets_tried_at_once_leave_the_basket_as_it_was() -> None:
    case = with_budgets(1500, 70, cart(2_000))
    quote = price(case)
    chosen = quote.applied
    others = tuple(f"p{index:04}" for index in range(70) if f"p{index:04}" not in chosen)
    alone = price(case, "all", others)
    assert alone.applied == chosen
    assert alone.total == quote.total
    assert search_of(quote).gap > 0


def test_no_set_saves_more_than_rough_bounds() -> None:
    case = with_budgets(10_000_000, 600, cart(2_000), groups=True)
    visited, violations = case.session().audit(case.cart)
    assert 600 < visited < 10_000_000
    assert not violations


@pytest.mark.parametrize("selection", ["layered", "global"])
def test_of_too_many_promotions_those_of_all_are_granted(selection: str) -> None:
    layers = GLOBAL if selection == "global" else LAYERED

    def so_many(count: int) -> Hostile:
        percents = (f"{{percent_off: {{of: {('cart', 'dear')[index % 2]}, percent: 0.1}}}}" for index in range(count))
        ones = "".join(f"  p{index:04}: {{layer: item, reward: {each}}}\n" for index, each in enumerate(percents))
        return Hostile(head(30, layers, selection) + ones, cart(4))

    assert search_of(price(so_many(MOST_SEARCHED))).nodes > 0
    case = so_many(MOST_SEARCHED + 1)
    quote = price(case)
    assert search_of(quote).nodes == 0
    assert not search_of(quote).optimal
    plain = replace(case, rules=case.rules.replace("selection: global", "selection: layered"))
    assert quote.applied == price(plain, "all").applied


def test_the_gap_of_too_many_promotions_is_true() -> None:
    # `all` grants the first of the group; the last of it saves most. The value of gifts counts, too.
    text = head(1500).replace("groups:", "groups:\n  one: {policy: one}")
    for index in range(MOST_SEARCHED):
        text += f"  p{index:04}: {{layer: item, group: one, reward: {{percent_off: {{of: cart, percent: 1}}}}}}\n"
    text += "  q: {layer: item, group: one, reward: {percent_off: {of: cart, percent: 30}}}\n"
    text += "  r: {layer: item, group: one, reward: {gift: {sku: MUG, value: 100000.00}}}\n"
    case = Hostile(text, cart(5))
    quote = price(case)
    assert quote.applied == ("p0000",)
    best = 10_000_000
    assert best > price(case, declined=tuple(f"p{index:04}" for index in range(1000))).saved
    assert quote.saved + search_of(quote).gap >= best
