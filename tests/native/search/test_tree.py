"""The search: against the reference, its bounds at every node, budgets that run out, and hostile rule sets."""

from __future__ import annotations

import re
from dataclasses import replace
from random import Random

import pytest

from bench.entangled import GLOBAL, LAYERED, random_cart, random_case, random_program
from bench.entangled import random_rules as entangled_rules
from bench.hostile import bundles_of_one_segment, excluding_each_other
from engine._native.session import Session
from engine.pricing.cart import Cart, Line, Rate, Shipment
from engine.pricing.quote import Quote, Search
from engine.rules.checked import CheckedRules, Combine, Selection
from tests import random_carts, random_rules
from tests.programs import both_of, session_of

SEEDS = 400
ENTANGLED = [(selection, share) for selection in ("layered", "global") for share in (0.0, 0.5, 1.0)]

RULES = """\
timezone: UTC
search: {nodes: 1000}
layers: [{name: item, kind: goods, combine: best}]
promotions:
"""
CART = Cart(id="cart", currency="USD", at=10**18, lines=(Line(id="a", sku="A", quantity=1, price=1000),))


def searched(random: Random, selection: Selection) -> CheckedRules:
    """Random rules with a search in every layer, and nodes for every set."""
    rules = random_rules.searchable(random_rules.random_rules(random))
    combine = Combine.BEST if selection is Selection.LAYERED else None
    layers = tuple(replace(layer, combine=combine or layer.combine) for layer in rules.layers)
    return replace(rules, selection=selection, layers=layers, search_nodes=1_000_000)


def search_of(quote: Quote) -> Search:
    assert quote.search is not None
    return quote.search


def lines_at(*prices: int) -> tuple[Line, ...]:
    """Lines a, b, …"""
    return tuple(Line(id=id, sku="A", quantity=1, price=price) for id, price in zip("abc", prices, strict=False))


def audited(rules: str, lines: tuple[Line, ...]) -> Quote:
    """The quote of a cart; an audit of its search finds no bound violated."""
    session, cart = session_of(rules), replace(CART, lines=lines)
    assert session.audit(cart)[1] == 0
    return session.price(cart)


def applied(promotions: str) -> list[str]:
    quote = session_of(RULES + promotions).price(CART)
    assert search_of(quote).optimal
    return list(quote.applied)


@pytest.mark.parametrize("selection", Selection)
def test_agrees_with_the_reference(selection: Selection) -> None:
    nodes = 0
    for seed in range(SEEDS):
        random = Random(seed)
        rules = searched(random, selection)
        session, reference = both_of(rules)
        cart = random_carts.random_cart(random, rules)
        answer = session.answer(cart)
        found = search_of(answer.quote)
        nodes += found.nodes
        quote = answer.quote._replace(search=found._replace(nodes=0))
        assert answer._replace(quote=quote) == reference.answer(cart), seed
    assert nodes > SEEDS


def test_why_a_set_lacks_units_takes_no_nodes() -> None:
    sets = "parts: [{of: cart, quantity: 2}], different: sku, repeat: unlimited"
    promotions = "".join(
        f"  {each}: {{layer: item, reward: {{bundle: {{{sets}, percent_off: {percent}}}}}}}\n"
        for each, percent in (("a", 10), ("b", 20))
    )
    lines = tuple(Line(id=f"l{index}", sku="A" if index else "B", quantity=1, price=1000) for index in range(1000))
    session = session_of(RULES + promotions)
    quote = session.price(replace(CART, lines=lines))
    assert session.answer(replace(CART, lines=lines)).quote == quote
    assert quote.applied == ("b",)


@pytest.mark.parametrize("selection", Selection)
def test_no_set_saves_more_than_a_bound_above_it(selection: Selection) -> None:
    nodes = 0
    for seed in range(SEEDS):
        random = Random(seed)
        rules = replace(searched(random, selection), search_nodes=2_000)
        visited, violations = session_of(rules).audit(random_carts.random_cart(random, rules))
        assert not violations, seed
        nodes += visited
    assert nodes > 5 * SEEDS


@pytest.mark.parametrize(("selection", "share"), ENTANGLED)
def test_no_set_of_entangled_promotions_saves_more_than_a_bound_above_it(selection: str, share: float) -> None:
    for seed in range(12):
        random = Random(seed)
        session = Session(random_program(random, 20, selection, 1_000, share))
        visited, violations = session.audit(random_cart(random))
        assert visited > 20
        assert not violations, seed


@pytest.mark.parametrize(("selection", "layers"), [("layered", LAYERED), ("global", GLOBAL)])
def test_no_set_saves_more_than_a_bound_above_it_where_whole_sets_carry_discounts(selection: str, layers: str) -> None:
    proven = 0
    for seed in range(12):
        random = Random(seed)
        rules = entangled_rules(random, 20, 1_000, layers, selection)
        session = session_of(re.sub("({buy_get: .*)}}$", r"\1, carried_by: set}}", rules, flags=re.M))
        cart = random_cart(random)
        assert not session.audit(cart)[1], seed
        proven += search_of(session.price(cart)).optimal
    assert proven > 6


@pytest.mark.parametrize(("selection", "share"), ENTANGLED)
def test_no_set_at_all_saves_more_than_a_bound_above_it(selection: str, share: float) -> None:
    for seed in range(12):
        random = Random(f"all {seed}")
        session = Session(random_program(random, 9, selection, 2_000, share))
        visited, violations = session.audit(random_cart(random))
        assert visited < 2_000
        assert not violations, seed


@pytest.mark.parametrize(("selection", "share"), ENTANGLED)
def test_the_gap_is_true_when_nodes_run_out(selection: str, share: float) -> None:
    unproven = 0
    for seed in range(6):
        quotes = []
        for nodes in (1, 3, 10, 30, 1_000_000):
            random = Random(seed)
            session = Session(random_program(random, 14, selection, nodes, share))
            quotes.append(session.price(random_cart(random)))
            assert search_of(quotes[-1]).nodes <= nodes
        best = quotes.pop()
        assert search_of(best).optimal
        assert search_of(best).gap == 0
        for quote in quotes:
            found = search_of(quote)
            unproven += not found.optimal
            assert 0 <= best.saved - quote.saved <= found.gap
            if found.optimal:
                assert quote.layers == best.layers
    assert unproven


def test_nodes_do_not_depend_on_what_was_priced_before() -> None:
    random = Random(3)
    program = random_program(random, 18, "layered", 500)
    carts = [random_cart(random) for _ in range(3)]
    session = Session(program)
    quotes = [session.price(cart) for cart in carts]
    assert [session.price(cart) for cart in reversed(carts)] == quotes[::-1]
    assert [Session(program).price(cart) for cart in carts] == quotes


def test_of_equal_sets_the_one_with_fewer_promotions_is_best() -> None:
    promotions = """\
  a: {layer: item, priority: 2, excludes: [c], reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
  b: {layer: item, priority: 1, excludes: [c], reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
  c: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 2.00}}}
"""
    assert applied(promotions) == ["c"]


def test_of_sets_as_large_the_one_with_the_first_promotion_is_best() -> None:
    promotions = """\
  a: {layer: item, excludes: [b], reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
  b: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
"""
    assert applied(promotions) == ["a"]


def test_a_thousand_that_exclude_each_other() -> None:
    case = excluding_each_other(3_000)
    quote = case.session().price(case.cart)
    assert search_of(quote).optimal
    assert list(quote.applied) == ["p0039"]


def test_bundles_of_one_segment_of_a_large_cart_stay_within_their_nodes() -> None:
    case = bundles_of_one_segment(300)
    found = search_of(case.session().price(case.cart))
    assert not found.optimal
    assert found.nodes <= 300
    assert found.gap > 0


@pytest.mark.parametrize("units", [1, 63, 64, 65, 66, 1_000, 1_000_000])
@pytest.mark.parametrize("pick", ["cheapest", "dearest"])
@pytest.mark.parametrize("carried_by", ["got", "set"])
def test_bounds_of_the_largest_amounts_do_not_wrap(units: int, pick: str, carried_by: str) -> None:
    huge = "900000000000.00"
    promotions = f"""\
  a: {{layer: item, reward: {{bundle: {{parts: [{{of: cart, quantity: 1}}], amount_off: {huge}, pick: {pick},
    repeat: unlimited}}}}}}
  b: {{layer: item, reward: {{buy_get: {{buy: {{of: cart, quantity: 1}}, get: {{of: cart, quantity: 1,
    amount_off: {huge}}}, pick: {pick}, repeat: unlimited, carried_by: {carried_by}}}}}}}
  c: {{layer: item, reward: {{bundle: {{parts: [{{of: cart, quantity: 2}}], percent_off: 100, pick: {pick}}}}}}}
"""
    lines = (
        Line(id="a", sku="A", quantity=1, price=90_000_000_000_000),
        Line(id="b", sku="B", quantity=units, price=1),
    )
    session = session_of(RULES + promotions)
    cart = replace(CART, lines=lines)
    assert session.audit(cart)[1] == 0
    for declined in ((), ("b", "c"), ("c",)):
        quote = session.price(replace(cart, declined_promotions=declined))
        assert search_of(quote).optimal
        assert quote.total == 0


def test_an_audit_visits_sets_that_cannot_be_the_best() -> None:
    promotions = """\
  a: {layer: item, reward: {percent_off: {of: cart, percent: 100}}}
  b: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
  c: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
"""
    session = session_of(RULES + promotions)
    visited, violations = session.audit(CART)
    # Granted after the first, the others have no effect: {}, {a}, {b}, {b, c} and {c}.
    assert visited >= 5
    assert not violations
    assert search_of(session.price(CART)).nodes < visited


def test_a_set_after_those_that_use_up_a_budget_may_save_more_than_they_do() -> None:
    # Alone `half` takes 6.00 off a; after `free` it passes over a and b, and takes 8.00 off c.
    promotions = """\
  free: {layer: item, priority: 1, reward: {percent_off: {of: cheap, percent: 100}}}
  half: {layer: item, limits: {budget: 10.00, partial: true},
    reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 50}}}
"""
    rules = RULES.replace("layers:", "segments: {cheap: item.price < 15.00}\nlayers:") + promotions
    lines = lines_at(1200, 1200, 1600)
    assert audited(rules, lines).total == 800


def test_both_scenarios_of_a_set_that_may_be_passed_over_are_followed() -> None:
    # After `free`, `first` passes over a; so `second` has c, which is otherwise left over.
    promotions = """\
  free: {layer: item, priority: 3, reward: {percent_off: {of: cheap, percent: 100}}}
  first: {layer: item, priority: 2, reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 50}}}
  second: {layer: item, priority: 1, reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 50}}}
"""
    rules = RULES.replace("layers:", "segments: {cheap: item.price < 11.00}\nlayers:") + promotions
    lines = lines_at(1000, 1200, 1400)
    assert audited(rules, lines).total == 3600 - 1000 - 600 - 700


def drawn(selection: str, count: int, seed: int, claiming: float, nodes: int = 1_500) -> Quote:
    """The quote of a case that ``make search`` times."""
    session, cart = random_case(count, selection, nodes, seed, claiming)
    return session.price(cart)


@pytest.mark.parametrize(
    ("selection", "count", "seed", "claiming"),
    [
        # Took two and more times as many nodes while sets that may be passed over made all claims behind them unknown.
        ("layered", 24, 38, 1.0),
        ("layered", 24, 85, 1.0),
        # Took 6,100, 2,200 and 3,900 while a set was bounded as a whole, not by the shares of its lines.
        ("layered", 24, 70, 1.0),
        ("layered", 24, 105, 1.0),
        ("layered", 24, 167, 1.0),
        # Took more with half of the nodes each for a proof and a small gap; now a proof gets what the gap leaves.
        ("layered", 40, 10, 0.0),
        ("layered", 40, 31, 0.0),
        # Took more while sets with a candidate did not bound those without it.
        ("layered", 24, 51, 0.0),
        ("layered", 40, 75, 0.0),
        ("layered", 40, 22, 0.5),
        # Took more while a later bundle was bounded by the dearest units of its parts, not by its sets in order.
        ("global", 24, 73, 0.5),
        ("global", 24, 78, 1.0),
    ],
)
def test_what_once_took_more_nodes_is_proven_best(selection: str, count: int, seed: int, claiming: float) -> None:
    assert search_of(drawn(selection, count, seed, claiming)).optimal


@pytest.mark.parametrize(("seed", "claiming"), [(0, 0.0), (5, 0.0), (1, 0.5), (12, 0.5)])
def test_where_no_set_is_proven_best_none_is_much_better(seed: int, claiming: float) -> None:
    quote, best = (drawn("layered", 40, seed, claiming, nodes) for nodes in (1_500, 20_000))
    assert not search_of(quote).optimal
    assert search_of(best).optimal
    assert best.saved - quote.saved <= search_of(quote).gap <= quote.saved // 100


@pytest.mark.parametrize(
    ("selection", "seed"), [("layered", 1143), ("layered", 1135), ("layered", 1021), ("global", 1051), ("global", 1059)]
)
def test_what_is_not_proven_best_saves_as_much_as_with_more_nodes(selection: str, seed: int) -> None:
    """A set that no change of one candidate improves may still be a tenth below the best one."""
    assert drawn(selection, 40, seed, 1.0).saved >= drawn(selection, 40, seed, 1.0, 30_000).saved


def test_one_candidate_more_may_leave_another_nothing_to_claim() -> None:
    # `wide` takes all of a; then `small` has no effect, and the sets with both belong to another family.
    rules = (
        RULES.replace("layers:", "segments: {tiny: item.price < 5.00, cheap: item.price < 10.00}\nlayers:")
        + """\
  wide: {layer: item, priority: 3, reward: {percent_off: {of: tiny, percent: 100}}}
  small: {layer: item, priority: 2, reward: {bundle: {parts: [{of: cheap, quantity: 1}], amount_off: 1.50, repeat: 1}}}
  late: {layer: item, priority: 1, reward: {bundle: {parts: [{of: cart, quantity: 1}], amount_off: 5.00, pick: dearest,
    repeat: 1}}}
"""
    )
    lines = (
        Line(id="a", sku="A", quantity=1, price=300, minimum_price=285),
        Line(id="b", sku="B", quantity=1, price=900, minimum_price=900),
        Line(id="c", sku="C", quantity=1, price=2000),
    )
    assert audited(rules, lines).saved == 15 + 500


def test_rates_that_nothing_reaches_bound_no_search() -> None:
    # All the room of the goods is saved, so no set can save more.
    promotions = """\
  a: {layer: item, reward: {percent_off: {of: cart, percent: 100}}}
  b: {layer: item, reward: {amount_off: {of: cart, per: order, amount: 1.00}}}
"""
    rules = (RULES + promotions).replace("nodes: 1000", "nodes: 1")
    shipments = (Shipment(id="s", method="m", rates=(Rate(method="m", price=500),)),)
    session = session_of(rules)
    quote = session.price(replace(CART, shipments=shipments))
    assert search_of(quote).gap == 0


def test_units_at_their_floors_leave_what_is_wanted_of_their_line_to_the_others() -> None:
    # 1.13 is wanted of the line, a quarter of 1.50 and 3.00; all of it is taken off the second unit.
    rules = """\
timezone: UTC
layers: [{name: item, kind: goods, combine: all}, {name: order, kind: goods, combine: best}]
promotions:
  a: {layer: item, reward: {bundle: {parts: [{of: cart, quantity: 1}], percent_off: 50}}}
  b: {layer: order, reward: {buy_get: {buy: {of: cart, quantity: 1}, get: {of: cart, quantity: 1, percent_off: 25},
    repeat: unlimited}}}
"""
    lines = (
        Line(id="a", sku="A", quantity=2, price=2000, minimum_price=2000),
        Line(id="c", sku="A", quantity=2, price=300, minimum_price=150),
    )
    assert audited(rules, lines).total == 4337


@pytest.mark.parametrize(("reduction", "total"), [("percent_off: 100", 1800), ("amount_off: 5.00", 1600)])
def test_units_bought_carry_more_than_the_unit_got_could(reduction: str, total: int) -> None:
    # The unit got costs 3.00, of which 1.00 is left: the rest of what is wanted comes off the units bought.
    promotions = f"""\
  a: {{layer: item, priority: 9, reward: {{amount_off: {{of: cheap, per: unit, amount: 2.00}}}}}}
  b: {{layer: item, excludes: [c], reward: {{buy_get: {{buy: {{of: dear, quantity: 2}},
    get: {{of: cheap, quantity: 1, {reduction}}}, carried_by: set}}}}}}
  c: {{layer: item, reward: {{amount_off: {{of: cart, per: order, amount: 1.50}}}}}}
segments: {{cheap: item.price < 5.00, dear: item.price > 5.00}}
"""
    assert audited(RULES + promotions, lines_at(1000, 1000, 300)).total == total


def test_sets_of_a_later_layer_may_be_made_too_cheap() -> None:
    # The bundle takes 4.00 off a; at half its price, a is passed over, and 14.00 is taken off b.
    rules = """\
timezone: UTC
selection: global
segments: {cheap: item.price < 15.00}
layers: [{name: item, kind: goods}, {name: order, kind: goods}]
promotions:
  half: {layer: item, reward: {percent_off: {of: cheap, percent: 50}}}
  late: {layer: order, reward: {bundle: {parts: [{of: cart, quantity: 1}], fixed_price: 6.00, repeat: 1}}}
"""
    lines = lines_at(1000, 2000)
    assert audited(rules, lines).total == 500 + 600


@pytest.mark.parametrize(
    ("early", "late", "lines", "total"),
    [
        # 100 × 0.005 is wanted, rounded up a hundred times.
        (
            "0.60",
            "percent_off: {of: cart, per: unit, percent: 10}",
            (Line(id="a", sku="A", quantity=100, price=5),),
            400,
        ),
        # Half of 20.00 is wanted, all of it off b.
        (
            "8.00",
            "percent_off: {of: cart, per: order, percent: 50}",
            (
                Line(id="a", sku="A", quantity=1, price=1000, minimum_price=1000),
                Line(id="b", sku="A", quantity=1, price=1000),
            ),
            1000,
        ),
        # One for every unit is worth 10.00, one for every ten 1.00.
        (
            "5.00",
            "gift: {sku: PEN, value: 1.00, for_every: {of: cart, quantity: "
            "{by: cart.subtotal, steps: [{from: 1.00, value: 10}, {from: 50.00, value: 1}]}}}",
            (Line(id="a", sku="A", quantity=10, price=1000),),
            10_000,
        ),
    ],
    ids=["rounded up for every unit", "off lines at their floors", "for every so many units"],
)
def test_what_a_promotion_of_a_later_layer_saves_at_most(
    early: str, late: str, lines: tuple[Line, ...], total: int
) -> None:
    rules = f"""\
timezone: UTC
selection: global
layers: [{{name: item, kind: goods}}, {{name: order, kind: goods}}]
promotions:
  early: {{layer: item, reward: {{amount_off: {{of: cart, per: order, amount: {early}}}}}}}
  late: {{layer: order, excludes: [early], reward: {{{late}}}}}
"""
    assert audited(rules, lines).total == total
