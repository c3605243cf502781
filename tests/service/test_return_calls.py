"""Return and Cancel over a real port and a real Redis, after Reserve and Commit."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from engine._native.program import Program
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
from engine.rules import Limits, Source
from engine.rules.layout import FORMAT
from engine.service.messages.returns import parse_return
from engine.service.programs import Programs
from engine.service.replay import Replay
from engine.service.server import Server
from engine.store.code_key import CodeKey
from engine.store.connection import Connection
from engine.store.coupon_pools import CouponPools
from engine.store.keys import RedemptionKeys, RuleSetKeys
from engine.store.publishing import prepare
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import encode
from engine.store.redemptions import Redemptions
from engine.store.rule_sets import RuleSetStore
from engine.v1 import returns_pb2
from tests.redemptions import UNTOUCHED, cart, replica, total
from tests.serving import running, settings_of
from tests.waiting import eventually

CLAWED_BACK = """\
ruleset: spring
currencies: [USD]
returns: claw_back
promotions:
  spend-100:
    layer: order
    when: cart.subtotal >= 100.00
    reward: {amount_off: {of: cart, per: order, amount: 10.00}}
"""


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


def rewrite(connection: Connection, key: str, fields: list[bytes]) -> None:
    """Put another entry in the place of a receipt."""
    keys = RedemptionKeys("spring")
    connection.call("HSET", keys.receipt_ids, key, connection.call("XADD", keys.receipts, "*", *fields))


def older(artifact: bytes) -> bytes:
    """The same in the format before."""
    changed = artifact.replace(FORMAT.to_bytes(4, "little"), (FORMAT - 1).to_bytes(4, "little"), 1)
    with pytest.raises(InvalidArtifact, match=f"its format is {FORMAT - 1}, this version reads {FORMAT}"):
        Program.load(changed)
    return changed


def compile_as(connection: Connection, artifact: bytes) -> str:
    """Let the sale `k` and its revision name another artifact, and store that if it has bytes; returns its version."""
    version = sha256(artifact).hexdigest()
    if artifact:
        connection.call("SET", RuleSetKeys.artifact(version), artifact)
    sold = ReceiptStore(connection, "spring").sale("k").sold.receipt
    rewrite(connection, "k", encode(sold._replace(version=version)))
    revisions = RuleSetKeys.revisions("spring")
    record = connection.call("LINDEX", revisions, 0).replace(sold.version.encode(), version.encode())
    connection.call("LSET", revisions, 0, record)
    return version


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
    replay = Replay(Programs(RuleSetStore(connection)), store.sale)
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


def test_a_sale_under_what_the_service_serves_comes_back_without_the_store_having_it(
    client: PricingClient, connection: Connection
) -> None:
    sell(client, "k")
    connection.call("DEL", RuleSetKeys.artifact(ReceiptStore(connection, "spring").sale("k").sold.receipt.version))
    assert client.take_back("k", "r").complete


@pytest.fixture
def published(redemptions: Redemptions, connection: Connection, redis_url: str) -> Iterator[PricingClient]:
    """Serves the first revision of a rule set, whose returns are priced again."""
    store = RuleSetStore(connection)
    store.publish(prepare([Source("spring.yaml", CLAWED_BACK)], Limits()), "ann", "")
    store.activate("spring", 1, "ann", "")
    with running(Server(settings_of(redis=redis_url))) as server, PricingClient(str(server.address)) as client:
        yield client


def test_a_sale_whose_artifact_is_lost_comes_back_by_its_source(
    published: PricingClient, connection: Connection
) -> None:
    assert sell(published, "k") == UNTOUCHED - 1000
    compile_as(connection, b"")
    assert published.take_back("k", "r1", {"a": 1}).total == 4000
    [source] = connection.scan(RuleSetKeys.source("*"))
    connection.call("DEL", source)
    assert published.take_back("k", "r2").total == 5000


def test_a_sale_priced_by_an_artifact_of_an_older_format_comes_back_by_its_source(
    published: PricingClient, connection: Connection
) -> None:
    sell(published, "k")
    artifact = RuleSetStore(connection).artifact(ReceiptStore(connection, "spring").sale("k").sold.receipt.version)
    version = compile_as(connection, older(artifact))
    assert published.take_back("k", "r", {"a": 1}).total == 4000
    store = ReceiptStore(connection, "spring")
    [returned] = store.sale("k").returns
    assert returned.receipt.version != version
    replay = Replay(Programs(RuleSetStore(connection)), store.sale)
    assert replay.differences(returned.receipt) == []
    sold = store.sale("k").sold.receipt
    assert [each.now for each in replay.differences(sold)] == [
        f"its format is {FORMAT - 1}, this version reads {FORMAT}: compile it again"
    ]


def upgrade(connection: Connection) -> str:
    """As if the sale `k`, under a file, had been made by a version whose artifacts have an older format."""
    store = RuleSetStore(connection)
    sold = ReceiptStore(connection, "spring").sale("k").sold.receipt
    before = older(store.artifact(sold.version))
    version = sha256(before).hexdigest()
    connection.call("SET", RuleSetKeys.artifact(version), before)
    connection.call("RENAME", RuleSetKeys.source_of(sold.version), RuleSetKeys.source_of(version))
    rewrite(connection, "k", encode(sold._replace(version=version)))
    return version


def test_a_sale_under_a_file_comes_back_after_an_upgrade(client: PricingClient, connection: Connection) -> None:
    sell(client, "k")
    version = upgrade(connection)
    assert client.take_back("k", "r1", {"a": 1}).total == 4500
    connection.call("DEL", RuleSetKeys.artifact(version))
    assert client.take_back("k", "r2").complete


def test_the_source_of_a_sale_under_a_file_has_names_within_its_folder(
    client: PricingClient, connection: Connection
) -> None:
    sell(client, "k")
    store = RuleSetStore(connection)
    source = store.kept_source(ReceiptStore(connection, "spring").sale("k").sold.receipt.version)
    assert source is not None
    assert [each.file for each in store.sources(source)] == ["spring.yaml"]


def test_a_sale_under_a_file_that_was_not_kept_needs_the_version_that_sold(
    client: PricingClient, connection: Connection
) -> None:
    sell(client, "k")
    connection.call("DEL", RuleSetKeys.source_of(upgrade(connection)))
    with pytest.raises(InvalidArtifact) as caught:
        client.take_back("k", "r1", {"a": 1})
    assert str(caught.value) == (
        f"spring priced the sale, from a file: its format is {FORMAT - 1}, this version reads {FORMAT}: compile it "
        "again; or take the goods back with a service of the version that sold them"
    )
    sell(client, "k2")  # keeps what an earlier version did not
    sold = ReceiptStore(connection, "spring").sale("k2").sold.receipt
    assert connection.call("EXISTS", RuleSetKeys.source_of(sold.version))


def test_a_damaged_artifact_of_a_sale_is_repaired_by_its_source(
    client: PricingClient, published: PricingClient, connection: Connection
) -> None:
    sell(published, "k")
    store = RuleSetStore(connection)
    version = ReceiptStore(connection, "spring").sale("k").sold.receipt.version
    connection.call("SETRANGE", RuleSetKeys.artifact(version), 100, b"damage")
    with pytest.raises(InvalidArtifact):
        store.artifact(version)
    assert client.take_back("k", "r", {"a": 1}, rule_set="spring").total == 4000  # a service that does not serve it
    assert store.artifact(version)


def test_without_artifact_and_source_a_sale_cannot_come_back_until_one_is_restored(
    published: PricingClient, connection: Connection
) -> None:
    sell(published, "k")
    version = compile_as(connection, b"")
    [source] = connection.scan(RuleSetKeys.source("*"))
    kept = connection.call("GET", source)
    connection.call("DEL", source)
    said = f"spring@1 priced the sale: the artifact of version {version[:8]} is not in the store: publish its files"
    for units in ({"a": 1}, None):
        with pytest.raises(InvalidArtifact, match=f"^{said} again$"):
            published.take_back("k", "r", units)
    connection.call("SET", source, kept)
    assert published.take_back("k", "r").complete


def test_a_receipt_that_this_version_cannot_read_says_so(client: PricingClient, connection: Connection) -> None:
    sell(client, "k")
    entry = ReceiptStore(connection, "spring").sale("k").sold
    fields = encode(entry.receipt)
    rewrite(connection, "newer", [fields[0], b"2", *fields[2:]])
    with pytest.raises(InvalidReceipt, match="a receipt has format 2; this version reads 1"):
        client.take_back("newer", "r")
    rewrite(connection, "damaged", encode(entry.receipt._replace(quote=b"\xff")))
    with pytest.raises(InvalidReceipt, match="the receipt 'k' is damaged: it has no valid protobuf message"):
        client.take_back("damaged", "r")


def test_without_a_store_nothing_comes_back(tmp_path: Path) -> None:
    with (
        replica(tmp_path, None) as server,
        PricingClient(str(server.address)) as client,
        pytest.raises(StoreMissing),
    ):
        client.take_back("k", "r")
