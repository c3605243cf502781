"""What a process remembers of the store."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

from engine._native.session import Session
from engine.pricing.cart import CouponFact, CouponState, Usage
from engine.rules import load_text
from engine.service.rule_set import ServedRuleSet
from engine.service.store_facts import StoreFacts, redeemer
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind
from engine.store.coupon_pools import CouponPools
from engine.store.known_codes import KnownCodes
from engine.store.redemptions import Redemptions
from engine.store.usage import Counters
from tests.redemptions import RULES, UNTOUCHED, cart

KEY = CodeKey(bytes(32))
SPENT = CouponFact(code="CLUB-ONE", state=CouponState.SPENT, pool="club")


def test_codes_of_pools_that_no_rule_set_names_any_longer_are_forgotten(connection: Connection) -> None:
    facts = StoreFacts(connection, lambda: KEY)
    asked = redeemer(cart("c", coupons=("SOME-CODE",)))
    known: list[weakref.ref[KnownCodes]] = []
    for number in range(20):
        rules = RULES.replace("pool: club", f"pool: club-{number % 10}")
        rule_set = ServedRuleSet.of(load_text(rules))
        assert rule_set.counting.pools == (f"club-{number % 10}",)
        for _ in range(2):
            facts.known(rule_set, asked, str)
        known.extend(map(weakref.ref, facts._codes.values()))
    gc.collect()
    assert [each() is not None for each in known] == [False] * 19 + [True]


@pytest.fixture
def facts(connection: Connection, redemptions: Redemptions) -> StoreFacts:
    """Of a store that knows promotion ``three`` to be used up, and the code ``CLUB-ONE`` of the pool."""
    connection.call("HSET", redemptions.keys.counter(Counter(Kind.TOTAL)), "three", 3)
    CouponPools(connection, "spring", KEY).add("club", ["CLUB-ONE"], 1)
    return StoreFacts(connection, lambda: KEY)


@pytest.mark.parametrize("natively", [True, False])
@pytest.mark.parametrize(
    ("sent", "off"),
    [
        ({}, 0),
        ({"usage": (Usage(promotion_id="three", total=2),)}, 100),
        ({"usage": (Usage(promotion_id="daily", total=2),)}, 0),
        ({"coupons": ("CLUB-ONE",)}, 700),
        ({"coupons": ("CLUB-ONE",), "coupon_facts": (SPENT,)}, 0),
        ({"coupons": ("CLUB-ONE",), "usage": (Usage(promotion_id="three"),)}, 800),
    ],
)
def test_what_the_caller_says_of_a_cart_counts_before_what_the_store_knows(
    facts: StoreFacts, natively: bool, sent: dict[str, Any], off: int
) -> None:
    rule_set = ServedRuleSet.of(load_text(RULES))
    asked = cart("c", payment_method="card", **sent)
    facts.known(rule_set, redeemer(asked), str)
    for follower in facts._watch._followers * 2:  # counters are asked for by codes
        follower.follow()
    session, before = Session(rule_set.program), None
    for _ in range(2):  # a cart that is held keeps what its caller sent
        if natively:
            if before is None:
                session.load(asked)
            before = facts.bring(session, rule_set, 0, str, before)
            assert before is not None
        else:
            asked, before = facts.brought(asked, rule_set, str, before)
            session.load(asked)
        session.evaluate()
        assert session.quote().total == UNTOUCHED - off


@pytest.mark.parametrize("natively", [True, False])
def test_a_held_cart_follows_what_the_store_knows(
    facts: StoreFacts, connection: Connection, redemptions: Redemptions, natively: bool
) -> None:
    rule_set = ServedRuleSet.of(load_text(RULES))
    asked = cart("c", payment_method="card", coupons=("CLUB-ONE",))
    session, before = Session(rule_set.program), None
    session.load(asked)
    facts.known(rule_set, redeemer(asked), str)
    counters, codes = facts._watch._followers
    assert isinstance(counters, Counters)
    for used, off in ((3, 0), (1, 100), (3, 0), (3, 700)):
        connection.call("HSET", redemptions.keys.counter(Counter(Kind.TOTAL)), "three", used)
        counters._reload_at = 0.0
        counters.follow()
        if off == 700:
            codes.follow()
        if natively:
            before = facts.bring(session, rule_set, 0, str, before)
            assert before is not None
        else:
            asked, before = facts.brought(asked, rule_set, str, before)
            session.load(asked)
        session.evaluate()
        assert session.quote().total == UNTOUCHED - off
