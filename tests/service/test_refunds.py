"""Cancel and return over a real Redis: in sequence, at once, repeated, and replayed."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine._native.session import Session
from engine.errors import InvalidReceipt, InvalidReturn, KeyReused, ReceiptNotFound
from engine.pricing.cart import Cart, Customer, Line
from engine.pricing.redemption import Returns
from engine.pricing.returns import Refund, still_granted, units_left
from engine.service import refunds
from engine.service.messages import cart_to_message
from engine.service.messages.receipts import paid_quote
from engine.service.programs import Programs
from engine.service.refunds import Refunds, settle
from engine.service.replay import Replay
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import Receipt, Redemption, encode
from engine.store.rule_sets import RuleSetStore
from engine.v1 import quote_pb2
from tests.programs import program_of
from tests.receipts import Till
from tests.strategies import random_case

RULES = """
ruleset: spring
currencies: [USD]
returns: %s
promotions:
  spend-100:
    layer: order
    group: spend
    priority: 1
    when: cart.subtotal >= 100.00
    reward: {amount_off: {of: cart, per: order, amount: 15.00}}
  spend-50:
    layer: order
    group: spend
    when: cart.subtotal >= 50.00
    reward: {amount_off: {of: cart, per: order, amount: 5.00}}
groups:
  spend: {policy: one}
"""


def shop(connection: Connection, policy: str) -> tuple[Till, Refunds]:
    till = Till(connection, RULES % policy)
    return till, Refunds(connection)


def cart(quantity: int = 2) -> Cart:
    return Cart(id="c", currency="USD", at=0, lines=(Line(id="a", sku="BOOT", quantity=quantity, price=6000),))


@pytest.mark.parametrize(("policy", "refunded"), [("keep", 5250), ("claw_back", 4500), ("reprice", 5000)])
def test_the_worked_example(connection: Connection, policy: str, refunded: int) -> None:
    till, refunds = shop(connection, policy)
    till.sell("k", cart())
    first = refunds.give("spring", "k", "r1", {"a": 1})
    assert first.refund.total == refunded
    rest = refunds.give("spring", "k", "r2", None)
    assert rest.refund.complete
    assert rest.refund.total == 10500 - refunded
    assert rest.quote == b""  # nothing is kept that could be priced
    assert [entry.receipt for entry in ReceiptStore(connection, "spring").sale("k").returns] == [first, rest]
    with pytest.raises(InvalidReturn):
        refunds.give("spring", "k", "r3", None)


LIMITED = """
ruleset: spring
currencies: [USD]
returns: %s
promotions:
  ten-off:
    layer: order
    coupon: {codes: [SUMMER]}
    limits: {total: 100, per_customer: {times: 3, per: month}, per_code: 50, budget: 1000.00}
    reward: {percent_off: {of: cart, per: order, percent: 10}}
  big:
    layer: order
    when: cart.subtotal >= 100.00
    limits: {total: 100}
    reward: {credit: {amount: 7.00}}
"""


def counters(connection: Connection, till: Till) -> dict[str, int]:
    """Counters by the last parts of their names."""
    counted = {}
    for key in connection.scan(f"{till.redemptions.keys.tag}:*"):
        kind = key.decode().removeprefix(f"{till.redemptions.keys.tag}:")
        if kind.split(":")[0] in ("total", "customer", "code", "spent"):
            for promotion, count in connection.call("HGETALL", key).items():
                counted[f"{kind}:{promotion.decode()}"] = int(count)
    return counted


@pytest.mark.parametrize("policy", ["keep", "claw_back"])
def test_budgets_and_uses_are_given_back(connection: Connection, policy: str) -> None:
    till = Till(connection, LIMITED % policy)
    refunds = Refunds(connection)
    sold = replace(cart(), customer=Customer(id="c1"), coupons=("summer",))
    till.sell("other", replace(sold, id="o"))
    before = counters(connection, till)
    assert before == {
        "total:::ten-off": 1,
        "total:::big": 1,
        "customer:1970-01:c1:ten-off": 1,
        "code::summer:ten-off": 1,
        "spent::USD:ten-off": 1200,
    }
    till.sell("k", sold)
    assert counters(connection, till)["spent::USD:ten-off"] == 2400
    refunds.give("spring", "k", "r1", {"a": 1})
    # half of its money; and big needs 100.00
    half = counters(connection, till)
    assert half["spent::USD:ten-off"] == 1800
    assert half["total:::ten-off"] == 2
    assert half["total:::big"] == (2 if policy == "keep" else 1)
    refunds.give("spring", "k", "r1", {"a": 1})
    assert counters(connection, till) == half
    refunds.give("spring", "k", "r2", None)
    assert counters(connection, till) == before


@pytest.mark.parametrize(("limits", "refunded"), [("", 6500), ("limits: {total: 9}", 6000)])
def test_a_promotion_that_the_sale_did_not_have_applies_to_what_is_kept_unless_it_is_counted(
    connection: Connection, limits: str, refunded: int
) -> None:
    rules = f"""
ruleset: spring
currencies: [USD]
returns: reprice
promotions:
  small:
    layer: order
    coupon: {{codes: [SMALL]}}
    when: cart.subtotal < 100.00
    reward: {{amount_off: {{of: cart, per: order, amount: 5.00}}}}
    {limits}
"""
    Till(connection, rules).sell("k", replace(cart(), coupons=("SMALL",)))
    assert Refunds(connection).give("spring", "k", "r", {"a": 1}).refund.total == refunded


def test_a_unique_code_is_given_back_with_the_last_promotion_it_served(connection: Connection) -> None:
    till = Till(connection, LIMITED % "claw_back")
    keys = till.redemptions.keys
    used = keys.counter(Counter(Kind.UNIQUE, subject="pool/a"))
    shared = Redemption("ten-off", "X1", "", 1200, ((used, "digest", 1),)), Redemption("big", "X1", "", 700, ())
    connection.call("HSET", used, "digest", 1)
    bought = replace(cart(4), coupons=("SUMMER",), customer=Customer(id="c1"))
    receipt = till.sell("sold", bought)._replace(key="k", redemptions=shared)
    connection.call("HSET", keys.receipt_ids, "k", connection.call("XADD", keys.receipts, "*", *encode(receipt)))
    refunds = Refunds(connection)
    first = refunds.give("spring", "k", "r1", {"a": 3})
    assert [(each.promotion_id, each.use) for each in first.refund.taken_back] == [("big", True), ("ten-off", False)]
    assert connection.call("HGET", used, "digest") == b"1"
    refunds.give("spring", "k", "r2", None)
    assert connection.call("HGET", used, "digest") is None


def test_the_last_attempt_counts_too(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    till, given = shop(connection, "keep")
    till.sell("k", cart())
    monkeypatch.setattr(refunds, "_ATTEMPTS", 1)
    assert given.give("spring", "k", "r", None).refund.complete


def test_replicas_are_told_of_what_is_given_back(connection: Connection) -> None:
    till = Till(connection, LIMITED % "keep")
    refunds = Refunds(connection)
    till.sell("k", replace(cart(), customer=Customer(id="c1"), coupons=("SUMMER",)))
    refunds.give("spring", "k", "r", None)
    _, fields = connection.call("XRANGE", till.redemptions.keys.changes, "-", "+")[-1]
    assert fields[b"cart"] == b"c"
    assert [value for _, _, value in json.loads(fields[b"counters"])] == ["0"] * 5


def test_the_same_key_is_answered_the_same(connection: Connection) -> None:
    till, refunds = shop(connection, "claw_back")
    till.sell("k", cart(3))
    first = refunds.give("spring", "k", "r", {"a": 1})
    assert refunds.give("spring", "k", "r", {"a": 1}) == first
    for key, units in (("k", {"a": 2}), ("k", None), ("other", {"a": 1})):
        with pytest.raises(KeyReused, match="the key 'r' was"):
            refunds.give("spring", key, "r", units)
    last = refunds.give("spring", "k", "all", None)
    assert refunds.give("spring", "k", "all", None) == last


def test_what_is_not_there_does_not_come_back(connection: Connection) -> None:
    till, refunds = shop(connection, "keep")
    till.sell("k", cart())
    with pytest.raises(ReceiptNotFound):
        refunds.give("spring", "other", "r", {"a": 1})
    with pytest.raises(InvalidReturn, match=r"lines\[0\]\.quantity"):
        refunds.give("spring", "k", "r", {"a": 3})
    assert ReceiptStore(connection, "spring").count() == 1


def test_returns_at_once_never_refund_a_unit_twice(connection: Connection) -> None:
    till, refunds = shop(connection, "claw_back")
    till.sell("k", cart(6))

    def give(number: int) -> int:
        try:
            return refunds.give("spring", "k", f"r{number}", {"a": 1}).refund.total
        except InvalidReturn:
            return -1

    with ThreadPoolExecutor(8) as threads:
        totals = list(threads.map(give, range(10)))
    assert totals.count(-1) == 4
    assert sum(total for total in totals if total >= 0) == 6 * 6000 - 1500
    assert ReceiptStore(connection, "spring").sale("k").refunds[-1].complete


def test_returns_replay(connection: Connection) -> None:
    till, refunds = shop(connection, "reprice")
    till.sell("k", cart(3))
    refunds.give("spring", "k", "r1", {"a": 2})
    last = refunds.give("spring", "k", "r2", {"a": 1})
    store = ReceiptStore(connection, "spring")
    replay = Replay(Programs(RuleSetStore(connection)), store.sale)
    receipts = [entry.receipt for batch in store.batches() for entry in batch]
    assert [replay.differences(receipt) for receipt in receipts] == [[], [], []]
    forged = last._replace(refund=last.refund._replace(total=last.refund.total + 1))
    assert [each.part for each in replay.differences(forged)] == ["refund.total"]
    with pytest.raises(ReceiptNotFound):
        replay.differences(last._replace(key="r3"))
    sold = store.sale("k").sold.receipt
    assert replay.differences(sold._replace(cart=b"\xff")) == [("cart", "priced", "refused")]
    dearer = quote_pb2.Quote.FromString(sold.quote)
    dearer.lines[0].subtotal += 1
    [other_line] = replay.differences(sold._replace(quote=dearer.SerializeToString()))
    assert other_line.part == "lines[0].subtotal"
    repeated = quote_pb2.Quote(currency="USD").SerializeToString()
    [other_bytes] = replay.differences(sold._replace(quote=sold.quote + repeated))
    assert other_bytes.part == "quote"
    assert other_bytes.now.endswith("different bytes with the same meaning")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"cart": b"\xff"}, "it has no valid protobuf message engine.v1.Cart"),
        ({"cart": b""}, "its cart is not valid: currency: is missing"),
        ({"quote": b"\xff"}, "it has no valid protobuf message engine.v1.Quote"),
    ],
)
def test_a_damaged_receipt_is_not_the_callers_fault(
    connection: Connection, damage: dict[str, bytes], said: str
) -> None:
    till, _ = shop(connection, "reprice")
    sold = till.sell("k", cart())
    with pytest.raises(InvalidReceipt, match=f"^the receipt 'k' is damaged: {said}"):
        settle(till.program, sold._replace(**damage), [], {"a": 1})


@settings(max_examples=100)
@given(st.integers(0, 2**63 - 1), st.sampled_from(Returns))
def test_any_returns_of_any_sale(seed: int, policy: Returns) -> None:
    """Refunds never exceed what was paid, and no counted promotion grants more than it did in the sale."""
    random = Random(seed)
    rules, cart = random_case(random)
    program = program_of(replace(rules, returns=policy))
    session = Session(program)
    session.load_bytes(cart_to_message(cart).SerializeToString(), 0)
    session.evaluate()
    sent, quote = session.cart_bytes(), session.quote_bytes()
    receipt = Receipt("k", cart.id, program.name, program.version, 0, cart.at, sent, quote)
    paid = paid_quote(receipt)
    budgets = {each.promotion_id for each in program.redeemables if paid.currency in each.budget}
    limited = {each.promotion_id for each in program.redeemables if each.total or each.per_customer or each.per_code}
    had = {each.promotion_id: each.amount + each.credit for each in paid.adjustments}
    refunds: list[Refund] = []
    while not refunds or not refunds[-1].complete:
        left = {id: units for id, units in units_left(paid, refunds).items() if units}
        some = random.sample(sorted(left), random.randint(min(1, len(left)), len(left)))
        uses = still_granted(paid, refunds)
        settled = settle(program, receipt, refunds, {id: random.randint(1, left[id]) for id in some})
        refunds.append(settled.refund)
        assert sum(each.total for each in refunds) <= paid.total
        for each in settled.refund.taken_back:
            had[each.promotion_id] -= each.amount + each.credit
        for adjustment in paid_quote(receipt._replace(quote=settled.quote)).adjustments:
            if adjustment.promotion_id in budgets:
                assert adjustment.amount + adjustment.credit <= had[adjustment.promotion_id]
            if adjustment.promotion_id in limited | budgets:
                assert adjustment.promotion_id in uses
    assert sum(each.total for each in refunds) == paid.total
    assert set(had.values()) <= {0}
