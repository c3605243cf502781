"""What a process remembers of the store."""

from __future__ import annotations

import gc
import weakref

from engine.rules import load_text
from engine.service.rule_set import ServedRuleSet
from engine.service.store_facts import StoreFacts, redeemer
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.known_codes import KnownCodes
from tests.redemptions import RULES, cart


def test_codes_of_pools_that_no_rule_set_names_any_longer_are_forgotten(connection: Connection) -> None:
    facts = StoreFacts(connection, lambda: CodeKey(bytes(32)))
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
