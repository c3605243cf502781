"""Return and Cancel over a real port and a real Redis, after Reserve and Commit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.client import PricingClient
from engine.errors import (
    InvalidArtifact,
    InvalidReceipt,
    InvalidRequest,
    InvalidReturn,
    KeyReused,
    ReceiptNotFound,
    StoreMissing,
)
from engine.pricing.quote import Status
from engine.service.messages.returns import parse_return
from engine.service.programs import Programs
from engine.service.replay import Replay
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.keys import RedemptionKeys, RuleSetKeys
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import encode
from engine.store.redemptions import Redemptions
from engine.store.rule_sets import RuleSetStore
from engine.v1 import returns_pb2
from tests.redemptions import UNTOUCHED, cart, replica, total
from tests.waiting import eventually


@pytest.fixture
def client(redemptions: Redemptions, redis_url: str, tmp_path: Path) -> Iterator[PricingClient]:
    with replica(tmp_path, redis_url) as server, PricingClient(str(server.address)) as client:
        yield client


def sell(client: PricingClient, key: str) -> int:
    """Sell a cart that takes 10.00 of a budget of 25.00; returns what was paid."""
    bought = cart(key, channel="web")
    quote = client.price(bought).quote
    client.reserve(key, bought, quote)
    client.commit(key)
    return quote.total


def test_what_comes_back_frees_the_budget(client: PricingClient, connection: Connection) -> None:
    assert [sell(client, key) for key in ("k1", "k2")] == [UNTOUCHED - 1000] * 2
    eventually(lambda: total(client, cart("k3", channel="web")) == UNTOUCHED)  # 5.00 of the budget is left
    first = client.take_back("k1", "r1", {"a": 1})
    assert (first.total, first.complete) == (4500, False)
    assert [(each.promotion_id, each.amount, each.use) for each in first.taken_back] == [("budgeted", 500, False)]
    assert client.take_back("k1", "r1", {"a": 1}) == first
    eventually(lambda: total(client, cart("k3", channel="web")) == UNTOUCHED - 1000)
    sell(client, "k3")
    rest = client.take_back("k1", "r2")
    assert (rest.total, rest.complete) == (4500, True)
    assert client.take_back("k2", "r3", rule_set="spring").total == 9000
    store = ReceiptStore(connection, "spring")
    replay = Replay(Programs(RuleSetStore(connection).artifact), store.sale)
    receipts = [entry.receipt for batch in store.batches() for entry in batch]
    assert [(receipt.key, replay.differences(receipt)) for receipt in receipts] == [
        (key, []) for key in ("k1", "k2", "r1", "k3", "r2", "r3")
    ]


@pytest.mark.usefixtures("redemptions")
def test_a_unique_code_that_comes_back_is_good_again(connection: Connection, redis_url: str, tmp_path: Path) -> None:
    secret = "7" * 64
    CouponPools(connection, "spring", CodeKey(bytes.fromhex(secret))).add("club", ["CLUB-ONE"], 1)
    first, second = (cart(id, coupons=("club-one",)) for id in ("c1", "c2"))
    with replica(tmp_path, redis_url, code_key=secret) as server, PricingClient(str(server.address)) as client:
        eventually(lambda: total(client, first) == UNTOUCHED - 700)
        client.reserve("k1", first, client.price(first).quote)
        client.commit("k1")
        eventually(lambda: client.price(second).quote.coupons[0].status is Status.EXHAUSTED)
        part = client.take_back("k1", "r1", {"a": 1})
        assert [each.promotion_id for each in part.taken_back if each.use] == []
        rest = client.take_back("k1", "r2")
        assert [each.promotion_id for each in rest.taken_back if each.use] == ["club", "club-note"]
        eventually(lambda: total(client, second) == UNTOUCHED - 700)
        client.reserve("k2", second, client.price(second).quote)
        client.commit("k2")


def test_what_cannot_come_back_is_refused(client: PricingClient) -> None:
    sell(client, "k")
    with pytest.raises(
        InvalidReturn, match=r"lines\[0\]\.quantity: must be from 1 to 2, the units that are left, not 3"
    ):
        client.take_back("k", "r", {"a": 3})
    with pytest.raises(InvalidReturn, match="lines"):
        client.take_back("k", "r", {})
    twice = returns_pb2.ReturnRequest(receipt_key="k", key="r", lines=[{"line_id": "a", "quantity": 1}] * 2)
    with pytest.raises(InvalidReturn, match=r"lines\[1\]\.line_id: 'a' is used more than once"):
        parse_return(twice.SerializeToString())
    with pytest.raises(InvalidRequest, match="key: must have"):
        client.take_back("k", "", {"a": 1})
    with pytest.raises(ReceiptNotFound):
        client.take_back("other", "r")
    with pytest.raises(ReceiptNotFound):
        client.take_back("k", "r", rule_set="autumn")
    assert client.take_back("k", "r").complete
    with pytest.raises(KeyReused, match="the key 'r' was used for another return: use a new key for each return"):
        client.take_back("k", "r", {"a": 1})
    with pytest.raises(InvalidReturn, match="receipt_key: all units have come back"):
        client.take_back("k", "again")


def test_a_sale_whose_artifact_was_deleted_comes_back_once_that_is_restored(
    client: PricingClient, connection: Connection
) -> None:
    sell(client, "k")
    version = ReceiptStore(connection, "spring").sale("k").sold.receipt.version
    store = RuleSetStore(connection)
    artifact = store.artifact(version)
    connection.call("DEL", RuleSetKeys.artifact(version))
    said = f"spring priced the sale: the artifact of version {version[:8]} is not in the store: publish its files again"
    with pytest.raises(InvalidArtifact, match=f"^{said}$"):
        client.take_back("k", "r", {"a": 1})
    with pytest.raises(InvalidArtifact):
        client.take_back("k", "r")
    store.keep(version, artifact)
    assert client.take_back("k", "r").complete


def test_a_receipt_that_this_version_cannot_read_says_so(client: PricingClient, connection: Connection) -> None:
    sell(client, "k")
    entry = ReceiptStore(connection, "spring").sale("k").sold
    keys = RedemptionKeys("spring")

    def rewrite(key: str, fields: list[bytes]) -> None:
        connection.call("HSET", keys.receipt_ids, key, connection.call("XADD", keys.receipts, "*", *fields))

    fields = encode(entry.receipt)
    rewrite("newer", [fields[0], b"2", *fields[2:]])
    with pytest.raises(InvalidReceipt, match="a receipt has format 2; this version reads 1"):
        client.take_back("newer", "r")
    rewrite("damaged", encode(entry.receipt._replace(quote=b"\xff")))
    with pytest.raises(InvalidReceipt, match="the bytes are not a valid protobuf message"):
        client.take_back("damaged", "r")


def test_without_a_store_nothing_comes_back(tmp_path: Path) -> None:
    with (
        replica(tmp_path, None) as server,
        PricingClient(str(server.address)) as client,
        pytest.raises(StoreMissing),
    ):
        client.take_back("k", "r")
