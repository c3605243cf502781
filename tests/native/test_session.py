"""A session takes any number of carts, keeps nothing of the last one, and does not allocate memory it already has."""

from __future__ import annotations

import copy
import tracemalloc
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidCart
from engine.money import MAX_AMOUNT
from engine.pricing.cart import Cart, Line, Usage
from engine.pricing.quote import Bucket, Reason, Status
from engine.pricing.validation import FIRST_MOMENT, LAST_MOMENT
from tests.programs import both_of, program_of, session_of
from tests.strategies import random_cases

PAGE = 4096


@pytest.fixture
def session(artifact: bytes) -> Session:
    return Session(Program.load(artifact))


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE


def test_price_is_load_evaluate_quote(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    session.load(cart)
    session.evaluate()
    assert session.quote() == expected
    assert expected.total < expected.merchandise + expected.shipping_price


def test_evaluating_again_changes_nothing(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    session.evaluate()
    assert session.quote() == expected


def test_nothing_can_be_done_without_a_cart(session: Session) -> None:
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.evaluate()
    with pytest.raises(RuntimeError, match="no cart is evaluated"):
        session.quote()


def test_a_refused_cart_leaves_an_empty_session(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    with pytest.raises(InvalidCart):
        session.load(replace(cart, currency="JPY"))
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.evaluate()
    assert session.price(cart) == expected


def test_a_cart_that_fails_on_the_way_leaves_an_empty_session(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    session.load(cart)
    with pytest.raises(TypeError):
        session.load(replace(cart, lines=(replace(cart.lines[0], tags=(b"no text",)),)))
    with pytest.raises(RuntimeError, match="no cart is loaded"):
        session.evaluate()
    assert session.price(cart) == expected


def test_declined_promotions_count_for_one_cart_only(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    declined = session.price(replace(cart, declined_promotions=("shoes-10", "unknown")))
    assert "shoes-10" in {each.promotion_id for each in expected.layers[0].adjustments}
    assert "shoes-10" not in {each.promotion_id for each in declined.layers[0].adjustments}
    assert session.price(cart) == expected


def test_moments_and_currencies_may_alternate(session: Session, artifact: bytes, cart: Cart) -> None:
    # Friday 2026-06-05 from 20:00 to 23:30 in New York, across the end of a window and back.
    moments = [1_780_704_000 + 1800 * half_hour for half_hour in (0, 5, 6, 7, 6, 5, 0)]
    carts = [replace(cart, at=moment * 10**9, currency=currency) for moment in moments for currency in ("USD", "EUR")]
    for each in carts:
        assert session.price(each) == Session(Program.load(artifact)).price(each)


def test_a_session_used_for_many_carts_equals_a_fresh_one() -> None:
    for rules, cart in islice(random_cases(5), 300):
        program = program_of(rules)
        session = Session(program)
        smaller, empty = replace(cart, lines=cart.lines[:1]), Cart(id="empty", currency=cart.currency, at=cart.at)
        for each in (cart, smaller, cart, empty, cart):
            assert session.price(each) == Session(program).price(each)


def test_memory_does_not_grow_with_the_number_of_carts(session: Session, cart: Cart) -> None:
    session.price(cart)
    before = resident_bytes()
    for _ in range(100_000):
        session.evaluate()
    for _ in range(2_000):
        session.price(cart)
    assert resident_bytes() - before < 4 * 2**20


def test_evaluating_touches_no_python_memory(session: Session, cart: Cart) -> None:
    session.price(cart)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        session.evaluate()
        assert tracemalloc.get_traced_memory()[1] - before < 1000
    finally:
        tracemalloc.stop()


def test_an_answer_is_the_quote_and_a_reason_for_each_promotion_not_applied(session: Session, cart: Cart) -> None:
    answer = session.answer(cart)
    assert answer.quote == session.price(cart)
    applied = set(answer.quote.applied)
    reasons = {each.promotion_id: each.reason for each in answer.outcomes}
    assert applied.isdisjoint(reasons)
    assert len(applied) + len(reasons) == 20
    assert reasons["alone"] is Reason.CONDITION
    assert reasons["outfit"] is Reason.DISPLACED
    assert reasons["few-left"] is Reason.BUDGET_EXCEEDED


def test_outcomes_are_those_of_the_cart_that_was_explained_last(session: Session, cart: Cart) -> None:
    quote, sketch, outcomes = session.explained(cart)
    assert (quote, sketch.total) == (session.price(cart), quote.total)
    with pytest.raises(RuntimeError, match="not explained"):
        outcomes([0])
    quote, _, outcomes = session.explained(cart)
    found = [each.promotion_id for each in outcomes(range(20)) if each is not None]
    assert found == [each.promotion_id for each in session.answer(cart).outcomes]
    for index in (-1, 20):
        with pytest.raises(IndexError):
            outcomes([index])


def test_reasons_other_than_the_clock_do_not_depend_on_the_cart_before(
    session: Session, artifact: bytes, cart: Cart
) -> None:
    # The schedule of `evenings` begins on 2026-06-01 and ends with 2026-08-31; between carts it stays closed.
    seconds = [1_780_000_000, 1_780_315_000, 1_780_488_000, 1_788_400_000, 1_780_000_000]
    carts = [replace(cart, at=second * 10**9) for second in seconds]
    answers = [session.answer(each) for each in carts]
    assert answers == [Session(Program.load(artifact)).answer(each) for each in carts]
    reasons = [{each.promotion_id: each.reason for each in answer.outcomes}["evenings"] for answer in answers]
    closed = [Reason.NOT_STARTED, Reason.OUTSIDE_SCHEDULE, Reason.OUTSIDE_SCHEDULE, Reason.EXPIRED, Reason.NOT_STARTED]
    assert reasons == closed


def test_coupons_and_usage_count_for_one_cart_only(session: Session, cart: Cart) -> None:
    expected = session.price(cart)
    without = session.price(replace(cart, coupons=(), usage=()))
    used_up = session.price(replace(cart, usage=(Usage(promotion_id="summer-code", customer=2),)))
    assert [each.status for each in expected.coupons] == [Status.UNKNOWN, Status.APPLIED]
    assert without.coupons == ()
    assert used_up.coupons[1].reason is Reason.LIMIT_CUSTOMER
    assert session.price(cart) == expected


def test_a_gift_sent_back_is_no_line_but_the_pick(session: Session, cart: Cart) -> None:
    (gift,) = session.price(cart).gifts
    assert (gift.sku, gift.quantity, gift.choices) == ("CAP", 2, ("TOTE", "CAP"))
    assert "gift" not in {line.id for line in session.price(cart).lines}
    only_gift = replace(cart, lines=tuple(line for line in cart.lines if line.gift_of))
    assert {each.reason for each in session.answer(only_gift).outcomes} == {Reason.EMPTY_CART}


def test_what_a_budget_cannot_hold_is_taken_back_to_the_last_unit() -> None:
    rules = """
promotions:
  first:
    layer: item
    priority: 9
    reward: {buy_get: {buy: {of: cart, quantity: 1}, get: {of: cart, quantity: 1, percent_off: 50}}}
  large:
    layer: item
    limits: {budget: 5.00}
    reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 10, repeat: unlimited}}
  after: {layer: item, priority: -9, reward: {bundle: {parts: [{of: cart, quantity: 3}], percent_off: 10}}}
"""
    session, reference = both_of(rules)
    lines = (Line(id="a", sku="x", quantity=4, price=1001), Line(id="b", sku="y", quantity=3, price=1500))
    cart = Cart(id="c", currency="USD", at=0, lines=lines, usage=(Usage(promotion_id="large", spent=1),))
    answer = session.answer(cart)
    assert answer == reference.answer(cart)
    assert [(each.promotion_id, each.reason) for each in answer.outcomes] == [("large", Reason.BUDGET_EXCEEDED)]


def test_points_and_gifts_of_any_size_are_exact() -> None:
    rules = """
currencies: [JPY]
layers: [{name: points, kind: points}]
promotions:
  most: {layer: points, reward: {points: {fixed: 1000000000}}}
  spent: {layer: points, reward: {points: {per_unit_spent: 1000}}}
  times: {layer: points, reward: {points: {multiplier: 1000}}}
  gifts:
    layer: points
    reward: {gift: {sku: A, quantity: 1000000, for_every: {of: cart, quantity: 1}, weight: 1000000000}}
"""
    session, reference = both_of(rules)
    lines = (Line(id="a", sku="x", quantity=10_000, price=MAX_AMOUNT // 10_000),)
    cart = Cart(id="c", currency="JPY", at=0, lines=lines)
    answer = session.answer(cart)
    assert answer == reference.answer(cart)
    assert [each.points for each in answer.quote.layers[0].adjustments] == [0, 10**9, MAX_AMOUNT, MAX_AMOUNT]


def test_a_quote_that_needs_much_room_gets_it() -> None:
    # 150 promotions with a share on each of 300 lines, far beyond the initial size; every line has several buckets.
    promotions = "".join(
        f"  p{number:03}: {{layer: item, reward: {{amount_off: {{of: cart, per: order, amount: 3.01}}}}}}\n"
        for number in range(150)
    )
    rules = f"promotions:\n{promotions}"
    lines = tuple(Line(id=f"{number:03}", sku="x", quantity=7, price=1000 + number) for number in range(300))
    quote = session_of(rules).price(Cart(id="c", currency="USD", at=0, lines=lines))
    (item, *_) = quote.layers
    assert sum(len(each.shares) for each in item.adjustments) > 30_000
    assert quote.subtotal == quote.merchandise - 150 * 301


@pytest.mark.parametrize("per", ["unit", "line", "order"])
def test_the_largest_cart_is_exact(per: str) -> None:
    rules = f"""
currencies: [JPY]
promotions:
  third: {{layer: item, reward: {{percent_off: {{of: cart, per: {per}, percent: 33.3333, up_to: 333333000000000}}}}}}
"""
    session = session_of(rules)
    lines = (Line(id="a", sku="x", quantity=1_000_000, price=MAX_AMOUNT // 1_000_000),)
    quote = session.price(Cart(id="c", currency="JPY", at=0, lines=lines))
    assert quote.subtotal == MAX_AMOUNT - 333_333_000_000_000
    assert quote.lines[0].buckets == (Bucket(666_667_000, 1_000_000),)


def test_no_more_than_the_largest_amount_is_called_ungranted() -> None:
    rules = """
currencies: [JPY]
promotions:
  all: {layer: item, reward: {amount_off: {of: cart, per: unit, amount: 1000000000000000}}}
"""
    session = session_of(rules)
    lines = (Line(id="a", sku="x", quantity=1_000_000, price=5),)
    (adjustment,) = session.price(Cart(id="c", currency="JPY", at=0, lines=lines)).layers[0].adjustments
    assert adjustment.amount == 5_000_000
    assert adjustment.ungranted == MAX_AMOUNT


@pytest.mark.parametrize("at", [FIRST_MOMENT, LAST_MOMENT])
def test_counters_are_looked_up_at_the_moment_of_the_cart(session: Session, cart: Cart, at: int) -> None:
    """Moments beyond the years 1677 to 2262 do not fit 64 bits as nanoseconds."""
    session.load(replace(cart, at=at))
    _, _, moment, *_ = session.redeemer()
    assert moment == at


def test_a_session_is_never_copied_nor_half_made(session: Session) -> None:
    with pytest.raises(TypeError):
        copy.copy(session)
    with pytest.raises(TypeError):
        Session.__new__(Session)


@pytest.mark.parametrize("field", ["quantity", "price", "cost", "minimum_price", "weight"])
def test_a_float_is_no_number_of_a_line(session: Session, cart: Cart, field: str) -> None:
    line = replace(cart.lines[0], **{field: 1.5})
    with pytest.raises(TypeError, match="is not a whole number"):
        session.load(replace(cart, lines=(line,)))
    assert session.price(cart).total > 0


def test_a_list_that_says_less_than_it_holds_does_no_harm(session: Session, cart: Cart) -> None:
    class Boastful(tuple[str, ...]):
        def __len__(self) -> int:
            return 1

    line = replace(cart.lines[0], tags=Boastful(f"tag-{number}" for number in range(10_000)))
    assert session.price(replace(cart, lines=(line,))).total > 0
