"""Old receipts deleted from a real Redis: what is deleted, what stays, and that it stays unchanged."""

from __future__ import annotations

import time

import pytest

from engine.errors import ReceiptNotFound
from engine.store import receipt_trimming
from engine.store.connection import Connection
from engine.store.receipt_reader import ReceiptReader
from engine.store.receipt_store import ReceiptStore
from engine.store.receipt_trimming import ReceiptTrimming, Trimmed, trim, trimmable
from engine.store.receipts import Receipt, ReturnReceipt, encode
from engine.store.retention import DAY
from tests.receipts import KEYS, receipt, returned

KEPT = 40 * DAY


@pytest.fixture
def store(connection: Connection) -> ReceiptStore:
    return ReceiptStore(connection, "spring")


def put(connection: Connection, entry: Receipt | ReturnReceipt, days: float) -> str:
    """Write entries as the scripts of commit and return did some days ago."""
    id = f"{int(time.time() * 1000 - days * DAY)}-0"
    connection.call("XADD", KEYS.receipts, id, *encode(entry))
    if isinstance(entry, Receipt):
        connection.call("HSET", KEYS.receipt_ids, entry.key, id)
    else:
        connection.call("HSET", KEYS.return_ids, entry.key, id)
        before = connection.call("HGET", KEYS.returned, entry.receipt_key)
        connection.call("HSET", KEYS.returned, entry.receipt_key, f"{before.decode()} {id}" if before else id)
    return id


def left(store: ReceiptStore) -> list[str]:
    return [entry.receipt.key for batch in store.batches() for entry in batch]


def sizes(connection: Connection) -> list[int]:
    """The sizes of the hashes beside the stream."""
    return [connection.call("HLEN", key) for key in (KEYS.receipt_ids, KEYS.return_ids, KEYS.returned)]


def test_what_is_old_goes_and_nothing_else(connection: Connection, store: ReceiptStore) -> None:
    put(connection, receipt("old"), 50)
    put(connection, receipt("older than that by little"), 40.01)
    put(connection, receipt("young"), 39.99)
    young = store.sale("young")
    assert trimmable(connection, "spring", KEPT) == Trimmed(2, "")
    assert left(store) == ["old", "older than that by little", "young"]
    assert trim(connection, "spring", KEPT) == Trimmed(2, "")
    assert (left(store), sizes(connection)) == (["young"], [1, 0, 0])
    assert store.sale("young") == young
    with pytest.raises(ReceiptNotFound, match="there is no receipt with the key"):
        store.sale("old")
    assert trim(connection, "spring", KEPT) == Trimmed(0, "")


def test_a_sale_stays_while_one_of_its_returns_is_young_and_goes_with_them(
    connection: Connection, store: ReceiptStore
) -> None:
    put(connection, receipt("k1"), 90)
    put(connection, receipt("k2"), 80)
    put(connection, returned("r1", "k1"), 70)
    put(connection, returned("r2", "k2"), 60)
    put(connection, returned("r3", "k1"), 10)
    kept = store.sale("k1")
    assert trimmable(connection, "spring", KEPT) == Trimmed(2, "")
    assert trim(connection, "spring", KEPT) == Trimmed(2, "")
    assert (left(store), sizes(connection)) == (["k1", "r1", "r3"], [1, 2, 1])
    assert store.sale("k1") == kept
    assert store.append_return(returned("r4", "k1"), kept) == returned("r4", "k1")
    assert trim(connection, "spring", 5 * DAY) == Trimmed(0, "")
    connection.call("HSET", KEYS.returned, "k1", " ".join(each.id for each in kept.returns))
    assert trim(connection, "spring", 5 * DAY) == Trimmed(3, "")
    assert left(store) == ["r4"]


def test_a_return_whose_sale_was_taken_out_by_hand_goes(connection: Connection, store: ReceiptStore) -> None:
    id = put(connection, receipt("k1"), 90)
    put(connection, returned("r1", "k1"), 80)
    connection.call("XDEL", KEYS.receipts, id)
    connection.call("HDEL", KEYS.receipt_ids, "k1")
    assert trim(connection, "spring", KEPT) == Trimmed(1, "")
    assert (left(store), sizes(connection)) == ([], [0, 0, 0])


def test_more_than_a_batch_goes(connection: Connection, store: ReceiptStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receipt_trimming, "_BATCH", 3)
    for number in range(8):
        put(connection, receipt(f"k{number}"), 100 - number)
    for number in range(8):
        put(connection, returned(f"r{number}", f"k{number}"), 51 - 2 * number)
    assert trimmable(connection, "spring", KEPT) == Trimmed(12, "")
    assert trim(connection, "spring", KEPT) == Trimmed(12, "")
    assert left(store) == ["k6", "k7", "r6", "r7"]


def test_what_a_group_has_not_acknowledged_stays(connection: Connection, store: ReceiptStore) -> None:
    for number in range(6):
        put(connection, receipt(f"k{number}"), 90 - number)
    reader = ReceiptReader(connection, "spring", "books", "one")
    assert trim(connection, "spring", KEPT) == Trimmed(0, "books")
    batches = reader.batches(size=2)
    first, second = next(batches), next(batches)
    reader.acknowledge([entry.id for entry in first])
    assert trim(connection, "spring", KEPT) == Trimmed(2, "books")
    assert left(store) == ["k2", "k3", "k4", "k5"]
    reader.acknowledge([entry.id for entry in second])
    assert trim(connection, "spring", KEPT) == Trimmed(2, "books")
    put(connection, receipt("young"), 1)
    for batch in reader.batches(size=2):
        if batch[0].receipt.key != "young":
            reader.acknowledge([entry.id for entry in batch])
    assert trim(connection, "spring", KEPT) == Trimmed(2, "")
    assert (trim(connection, "spring", KEPT), left(store)) == (Trimmed(0, ""), ["young"])


def test_where_nothing_is_nothing_goes(connection: Connection) -> None:
    assert trim(connection, "spring", KEPT) == Trimmed(0, "")
    connection.call("XADD", KEYS.receipts, "7-1", "a", "b")  # not a receipt, which a reader reports
    assert trim(connection, "spring", KEPT) == Trimmed(0, "")
    assert connection.call("XLEN", KEYS.receipts) == 1


def test_a_replica_trims_a_batch_at_a_time_and_then_waits(
    connection: Connection, store: ReceiptStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receipt_trimming, "_BATCH", 2)
    for number in range(5):
        put(connection, receipt(f"k{number}"), 90 - number)
    trimming = ReceiptTrimming(connection, KEPT, lambda: ["other", "spring"])
    lengths = []
    for _ in range(5):
        assert trimming.follow()
        lengths.append(len(left(store)))
    assert lengths == [5, 3, 1, 0, 0]
    put(connection, receipt("late"), 50)
    assert trimming.follow()
    assert left(store) == ["late"]  # for an hour or so
    later = time.monotonic() + 3_601
    monkeypatch.setattr(time, "monotonic", lambda: later)
    for _ in range(2):
        assert trimming.follow()
    assert left(store) == []


def test_a_replica_tries_again_when_the_store_was_away(caplog: pytest.LogCaptureFixture) -> None:
    trimming = ReceiptTrimming(Connection("redis://127.0.0.1:1", timeout=0.2), KEPT, lambda: ["spring"])
    assert not trimming.follow()
    assert "old receipts are not deleted: Redis does not answer" in caplog.text
    assert trimming.follow()  # not at once
