"""A replica without the right key reports it in status and health, and keeps pricing."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from engine.client import PricingClient, RuleSetClient
from engine.pricing.cart import CouponFact, CouponState
from engine.pricing.quote import Reason
from engine.rules import Source, load_text
from engine.service import REDEMPTION_SERVICE, RULE_SET_SERVICE, SERVICE, code_faults
from engine.service.rule_set import ServedRuleSet
from engine.service.server import Server
from engine.service.store_facts import StoreFacts, redeemer
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.embedded import EmbeddedRedis
from engine.store.pool_drop import drop_pool
from tests.redemptions import RULES, UNTOUCHED, cart, replica, total
from tests.serving import health
from tests.waiting import eventually

RIGHT, WRONG = "7" * 64, "8" * 64
OTHER_KEY = (
    "unique codes cannot be verified: INVALID_CODE_KEY: the codes of spring in the store are kept under a different key"
)


@pytest.fixture
def pools(connection: Connection) -> CouponPools:
    """A pool filled under the right key."""
    pools = CouponPools(connection, "spring", CodeKey(bytes.fromhex(RIGHT)))
    pools.add("club", ["CLUB-ONE"], 1)
    return pools


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_faults, "LOOK_EVERY", 0.1)


def faults(server: Server) -> dict[str, str]:
    with RuleSetClient(str(server.address)) as client:
        return {name: each.fault for name, each in client.status().rule_sets.items()}


@pytest.mark.usefixtures("pools")
def test_a_wrong_key_is_a_fault_from_the_start(
    redis_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        caplog.at_level(logging.WARNING),
        replica(tmp_path, redis_url, code_key=WRONG) as server,
        PricingClient(str(server.address)) as client,
    ):
        assert faults(server) == {"spring": OTHER_KEY}
        assert (health(server, RULE_SET_SERVICE), health(server, SERVICE)) == ("NOT_SERVING", "SERVING")
        assert health(server, REDEMPTION_SERVICE) == "SERVING"
        quote = client.price(cart("c1", coupons=("CLUB-ONE",))).quote
        assert (quote.total, quote.coupons[0].reason) == (UNTOUCHED, Reason.UNVERIFIED)
    assert [each.getMessage() for each in caplog.records].count(f"spring: {OTHER_KEY}") == 1


@pytest.mark.usefixtures("pools")
def test_the_right_key_is_no_fault(redis_url: str, tmp_path: Path) -> None:
    with replica(tmp_path, redis_url, code_key=RIGHT) as server:
        assert set(faults(server).values()) <= {""}
        assert health(server, RULE_SET_SERVICE) == "SERVING"


def test_a_key_becomes_wrong_when_a_pool_is_filled_under_another(
    connection: Connection, redis_url: str, tmp_path: Path
) -> None:
    with replica(tmp_path, redis_url, code_key=WRONG) as server:
        assert health(server, RULE_SET_SERVICE) == "SERVING"
        CouponPools(connection, "spring", CodeKey(bytes.fromhex(RIGHT))).add("club", ["CLUB-ONE"], 1)
        eventually(lambda: faults(server) == {"spring": OTHER_KEY}, 5.0)
        drop_pool(connection, "spring", "club", forget_used=True)
        eventually(lambda: health(server, RULE_SET_SERVICE) == "SERVING", 5.0)


@pytest.mark.usefixtures("pools")
def test_a_key_that_is_missing_is_a_fault(redis_url: str, tmp_path: Path) -> None:
    with replica(tmp_path, redis_url) as server:
        assert "INVALID_CODE_KEY: unique codes need a key: pass --code-key" in faults(server)["spring"]


def test_a_rule_set_of_the_store_tells_of_its_codes_too(connection: Connection, redis_url: str, tmp_path: Path) -> None:
    CouponPools(connection, "shop", CodeKey(bytes.fromhex(RIGHT))).add("club", ["CLUB-ONE"], 1)
    with (
        replica(tmp_path, redis_url, code_key=WRONG, allow_publish=True) as server,
        RuleSetClient(str(server.address)) as client,
    ):
        client.publish([Source("shop.yaml", RULES.replace("ruleset: spring", "ruleset: shop"))], "ann")
        client.activate("shop", 1, "ann")
        eventually(lambda: faults(server).get("shop") == OTHER_KEY.replace("spring", "shop"), 5.0)


def test_a_fault_stays_known_while_the_store_is_away(redis: EmbeddedRedis, tmp_path: Path) -> None:
    CouponPools(Connection(redis.url), "spring", CodeKey(bytes.fromhex(RIGHT))).add("club", ["CLUB-ONE"], 1)
    with replica(tmp_path, redis.url, code_key=WRONG) as server, PricingClient(str(server.address)) as client:
        redis.stop()
        with RuleSetClient(str(server.address)) as rules:
            eventually(lambda: not rules.status().available, 10.0)
        assert faults(server) == {"spring": OTHER_KEY}
        assert total(client, cart("c1")) == UNTOUCHED


def test_the_store_is_not_asked_at_every_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_faults, "LOOK_EVERY", 60.0)
    asked: list[str] = []

    def pools(rule_set: str) -> CouponPools:
        asked.append(rule_set)
        raise OSError("no key")

    faults, served = code_faults.CodeFaults(pools), ServedRuleSet.of(load_text(RULES))
    for _ in range(2):
        faults.look([served])
    assert asked == ["spring"]
    faults.look([])
    faults.look([served])
    assert asked == ["spring", "spring"]


def test_a_reservation_whose_key_cannot_be_read_has_unverified_codes(connection: Connection) -> None:
    def unreadable() -> CodeKey:
        raise OSError("the folder is not writable")

    served, shopper = ServedRuleSet.of(load_text(RULES)), redeemer(cart("c1", coupons=("CLUB-ONE",)))
    found = StoreFacts(connection, unreadable).looked_up(served, shopper, lambda: "", {})
    assert found == {"CLUB-ONE": CouponFact(code="CLUB-ONE", state=CouponState.UNVERIFIED)}
