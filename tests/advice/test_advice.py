"""Why not, what next and other rates, over random rule sets and carts: every statement is checked."""

from __future__ import annotations

import gc
import weakref
from dataclasses import replace
from itertools import islice

from hypothesis import given, settings

from engine.advice import Adviser
from engine.advice.book import Book
from engine.advice.touching import Touching
from engine.pricing.cart import Cart
from engine.pricing.quote import Reason
from engine.pricing.reference import Reference
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import ShippingReward
from tests.programs import session_of
from tests.strategies import priced_cases, random_cases

BEHIND_THE_CONDITION = [
    reason for reason in list(Reason)[list(Reason).index(Reason.CONDITION) + 1 :] if reason is not Reason.NO_RATE
]


def asking(cart: Cart) -> Cart:
    return replace(cart, explain=True, compare_rates=True)


def may_be_of_another_shipment(cart: Cart, promotion: Promotion, reason: Reason) -> bool:
    """A promotion that grants at a later shipment is not explained by what stops it at the first."""
    several = len([each for each in cart.shipments if each.method]) > 1
    return (
        several and isinstance(promotion.reward, ShippingReward) and reason in (Reason.NOT_BEST, Reason.BUDGET_EXCEEDED)
    )


@given(case=priced_cases())
@settings(max_examples=300)
def test_the_facts_of_each_layer_are_those_that_the_engine_decided_by(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    _, sketch, outcomes = session_of(rules).explained(cart)
    book = Book(rules, rules.currencies.index(cart.currency), Touching(rules))
    situation = book.situation(cart, sketch)
    for index, outcome in enumerate(outcomes(range(len(rules.promotions)))):
        if outcome is None:
            continue
        entry = book.entry(index)
        if outcome.reason in (Reason.CONDITION, Reason.MISSING_FACT):
            assert entry.condition(situation.facts(entry.promotion))
        if outcome.reason in BEHIND_THE_CONDITION and not may_be_of_another_shipment(
            cart, entry.promotion, outcome.reason
        ):
            assert not entry.condition(situation.facts(entry.promotion))
            unmet = [each for value in entry.values for each in value(situation.facts(entry.promotion))]
            assert bool(unmet) == (outcome.reason is Reason.NO_VALUE)


def test_what_is_prepared_of_a_rule_set_is_freed_without_looking_for_cycles() -> None:
    """A service that never collects garbage must not keep a rule set longer than it serves it."""
    gc.disable()
    try:
        for rules, cart in islice(random_cases(5), 50):
            adviser = Adviser(rules)
            adviser.quote(asking(cart), session_of(rules))
            freed = [weakref.ref(adviser), *map(weakref.ref, adviser._books.values())]
            freed += [weakref.ref(entry) for book in adviser._books.values() for entry in book._entries.values()]
            del adviser
            assert not any(each() for each in freed)
    finally:
        gc.enable()


@given(case=priced_cases())
@settings(max_examples=150)
def test_a_session_and_the_reference_are_advised_alike_and_the_price_stays(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    native = session_of(rules)
    plain = native.price(cart)
    told = Adviser(rules).quote(asking(cart), native)
    bare = [each._replace(rates=()) for each in told.shipments]
    assert told._replace(explanations=(), suggestions=(), shipments=tuple(bare)) == plain
    other = Adviser(rules).quote(asking(cart), Reference(rules, plain.rule_set_version))
    assert other._replace(search=told.search) == told


@given(case=priced_cases())
@settings(max_examples=300)
def test_what_is_suggested_comes_true(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    native = session_of(rules)
    quote = Adviser(rules).quote(replace(cart, explain=True), native)
    for suggestion in quote.suggestions:
        assert suggestion.missing > 0
        added = suggestion.addition
        if added is None:
            continue
        line = next(each for each in cart.lines if each.id == added.line_id)
        grown = replace(line, quantity=line.quantity + added.quantity)
        then = native.price(replace(cart, lines=tuple(grown if each is line else each for each in cart.lines)))
        assert (added.price, added.total) == (added.quantity * line.price, then.total)
        assert added.change == then.total - quote.total
        assert suggestion.promotion_id in then.applied


@given(case=priced_cases())
@settings(max_examples=200)
def test_a_rate_costs_what_it_costs_when_it_is_chosen(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    native = session_of(rules)
    quote = Adviser(rules).quote(replace(cart, compare_rates=True), native)
    for quoted in quote.shipments:
        sent = next(each for each in cart.shipments if each.id == quoted.id)
        assert [each.method for each in quoted.rates] == sorted(each.method for each in sent.rates)
        for rate in quoted.rates:
            chosen = [replace(each, method=rate.method) if each is sent else each for each in cart.shipments]
            then = native.price(replace(cart, shipments=tuple(chosen)))
            assert rate.charge == next(each.charge for each in then.shipments if each.id == quoted.id)
        assert sum(rate.cheapest for rate in quoted.rates) == bool(quoted.rates)
        for names in ("carrier", "speed"):
            flagged = [getattr(rate, names) for rate in quoted.rates if getattr(rate, f"cheapest_of_{names}")]
            assert sorted(flagged) == sorted({getattr(rate, names) for rate in quoted.rates} - {""})
