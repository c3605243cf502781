"""Receipts in a real Redis: they are read as written, returns are found, readers get each at least once, in order."""

from __future__ import annotations

import pytest

from engine.errors import InvalidReceipt, ReceiptNotFound
from engine.store.connection import Connection
from engine.store.counting import Counter, Kind
from engine.store.receipt_reader import ReceiptReader
from engine.store.receipt_store import ReceiptStore, rule_sets_with_receipts
from engine.store.receipts import Receipt, ReturnReceipt, decode, encode, fields_of
from engine.store.redemptions import Redemptions
from tests.receipts import KEYS, receipt, returned


def commit(connection: Connection, receipt: Receipt) -> str:
    """Write a receipt as the commit script does."""
    id: bytes = connection.call("XADD", KEYS.receipts, "*", *encode(receipt))
    connection.call("HSET", KEYS.receipt_ids, receipt.key, id)
    return id.decode()


@pytest.mark.parametrize("written", [receipt("k"), receipt("k")._replace(redemptions=()), returned("r", "k")])
def test_what_is_encoded_is_decoded(written: Receipt | ReturnReceipt) -> None:
    assert decode(fields_of(written)) == written
    assert encode(decode(fields_of(written))) == encode(written)


def test_what_is_no_receipt_is_refused() -> None:
    for wrong in ({b"format": b"2"}, {b"kind": b"gift"}, {b"at": b"x"}, {b"redemptions": b"[[1]]"}, {b"key": b"\xff"}):
        with pytest.raises(InvalidReceipt):
            decode(fields_of(receipt("k")) | wrong)
    with pytest.raises(InvalidReceipt):
        decode({b"format": b"1"})


def test_a_receipt_is_found_by_its_key_and_read_by_range(connection: Connection) -> None:
    store = ReceiptStore(connection, "spring")
    ids = [commit(connection, receipt(f"k{number}")) for number in range(5)]
    assert store.sale("k3").sold.receipt == receipt("k3")
    assert [entry.id for batch in store.batches(size=2) for entry in batch] == ids
    assert [len(batch) for batch in store.batches(first=f"({ids[1]}", size=2)] == [2, 1]
    assert store.count() == 5
    assert rule_sets_with_receipts(connection) == ["spring"]
    with pytest.raises(ReceiptNotFound):
        store.sale("other")


def test_whoever_names_a_customer_names_no_rule_set(connection: Connection) -> None:
    connection.call("XADD", KEYS.receipts, "*", "a", "b")
    connection.call("SET", KEYS.reservation("k}:receipts"), "")
    assert rule_sets_with_receipts(connection) == ["spring"]


def test_an_entry_that_is_no_receipt_is_named(connection: Connection) -> None:
    connection.call("XADD", KEYS.receipts, "7-1", "a", "b")
    with pytest.raises(InvalidReceipt, match="7-1"):
        list(ReceiptStore(connection, "spring").batches())


def test_an_entry_that_is_no_sale_is_named(connection: Connection) -> None:
    id: bytes = connection.call("XADD", KEYS.receipts, "7-1", *encode(returned("r", "k")))
    connection.call("HSET", KEYS.receipt_ids, "k", id)
    with pytest.raises(InvalidReceipt, match="7-1 is not a Receipt"):
        ReceiptStore(connection, "spring").sale("k")


def test_returns_are_appended_once_and_one_after_the_other(connection: Connection) -> None:
    store = ReceiptStore(connection, "spring")
    commit(connection, receipt("k"))
    before = store.sale("k")
    first = returned("r1", "k")
    assert store.return_of("r1") is None
    assert store.append_return(first, before) == first
    assert store.return_of("r1") == first
    # the same key again, with other content
    assert store.append_return(first._replace(units=()), store.sale("k")) == first
    # computed before the first existed
    assert store.append_return(returned("r2", "k"), before) is None
    assert store.append_return(returned("r2", "k"), store.sale("k")) == returned("r2", "k")
    assert [entry.receipt for entry in store.sale("k").returns] == [first, returned("r2", "k")]
    assert len(store.sale("k").refunds) == 2
    assert store.count() == 3


def test_a_return_gives_back_what_it_takes_back_and_nothing_else(
    connection: Connection, redemptions: Redemptions
) -> None:
    """Of two promotions that took 15.00 of their budgets, one gives back its use and 0.05 + 0.07."""
    store = ReceiptStore(connection, "spring")
    sold = receipt("k")
    ten_off, _ = sold.redemptions
    spent = KEYS.counter(Counter(Kind.SPENT, subject="USD"))
    other = ten_off._replace(promotion_id="other", counters=((spent, "other", 1500),))
    commit(connection, sold._replace(redemptions=(ten_off, other)))
    for key, promotion, by in (*ten_off.counters, *other.counters):
        connection.call("HSET", key, promotion, by)
    first = returned("r1", "k")
    assert store.append_return(first, store.sale("k")) == first
    counted = {key: connection.call("HGETALL", key) for key, *_ in ten_off.counters}
    assert counted == {ten_off.counters[0][0]: {}, spent: {b"ten-off": b"1488", b"other": b"1500"}}


def read(reader: ReceiptReader, batches: int = 100) -> list[str]:
    """The keys in some batches of two, none acknowledged."""
    found = []
    for batch in reader.batches(size=2):
        found += [entry.receipt.key for entry in batch]
        batches -= 1
        if not batches:
            break
    return found


def test_a_group_gives_each_receipt_until_it_is_acknowledged(connection: Connection) -> None:
    wanted = [f"k{number}" for number in range(5)]
    for key in wanted:
        commit(connection, receipt(key))
    reader = ReceiptReader(connection, "spring", "books", "one")
    first = next(reader.batches(size=2))
    reader.acknowledge([entry.id for entry in first])
    assert read(ReceiptReader(connection, "spring", "books", "one"), batches=1) == wanted[2:4]
    # started again, with nothing acknowledged
    again = ReceiptReader(connection, "spring", "books", "one")
    assert read(again) == wanted[2:]
    for batch in again.batches(size=2):
        again.acknowledge([entry.id for entry in batch])
    assert read(ReceiptReader(connection, "spring", "books", "one")) == []
    commit(connection, receipt("k5"))
    assert read(again) == ["k5"]
    # another group starts with the first
    assert read(ReceiptReader(connection, "spring", "tax", "one")) == [*wanted, "k5"]


def test_what_a_dead_consumer_took_is_taken_over_in_order(connection: Connection) -> None:
    wanted = [f"k{number}" for number in range(6)]
    for key in wanted:
        commit(connection, receipt(key))
    assert read(ReceiptReader(connection, "spring", "books", "dead"), batches=1) == wanted[:2]
    assert read(ReceiptReader(connection, "spring", "books", "busy"), batches=1) == wanted[2:4]
    assert read(ReceiptReader(connection, "spring", "books", "heir")) == wanted[4:]
    assert read(ReceiptReader(connection, "spring", "books", "heir", idle=0)) == wanted


def test_a_batch_whose_reply_was_lost_is_not_passed_over(connection: Connection) -> None:
    wanted = [f"k{number}" for number in range(6)]
    for key in wanted:
        commit(connection, receipt(key))
    reader = ReceiptReader(connection, "spring", "books", "one")
    batches = reader.batches(size=2)
    assert [entry.receipt.key for entry in next(batches)] == wanted[:2]
    # the reply is lost, so the command will be sent again
    connection.call("XREADGROUP", "GROUP", "books", "one", "COUNT", 2, "STREAMS", KEYS.receipts, ">")
    assert [entry.receipt.key for batch in batches for entry in batch] == wanted[2:]


def test_entries_that_an_operator_deleted_are_passed_over(connection: Connection) -> None:
    ids = [commit(connection, receipt(f"k{number}")) for number in range(3)]
    reader = ReceiptReader(connection, "spring", "books", "one")
    assert len(read(reader)) == 3
    connection.call("XDEL", KEYS.receipts, ids[1])
    assert read(ReceiptReader(connection, "spring", "books", "one")) == ["k0", "k2"]
    assert read(ReceiptReader(connection, "spring", "books", "two", idle=0)) == ["k0", "k2"]
    with pytest.raises(ReceiptNotFound):
        ReceiptStore(connection, "spring").sale("k1")
