"""``cartwright receipts``: export, show and replay over a real Redis."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from engine.pricing.cart import Cart, Customer, Line
from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys, RuleSetKeys
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import encode
from tests.cli.conftest import RULES, Run, rows
from tests.receipts import Till, receipt, returned


@pytest.fixture
def till(connection: Connection) -> Till:
    return Till(connection, RULES)


def cart(id: str, quantity: int = 2) -> Cart:
    boots = Line(id="a", sku="BOOT", quantity=quantity, price=5000)
    return Cart(id=id, currency="USD", at=1_780_000_000_000_000_000, lines=(boots,))


def exported(output: str) -> str:
    """The id with which the last line of an export says to continue."""
    return output.rsplit("--since ", 1)[1].strip()


def test_export_goes_on_where_the_last_one_ended(till: Till, run: Run, redis_url: str, tmp_path: Path) -> None:
    till.sell("k1", cart("c1"))
    till.sell("k2", cart("c2", 3))
    first = run("receipts", "export", "--redis", redis_url, "--output", tmp_path / "a.parquet")
    assert first.code == 0, first.err
    *paths, last = first.out.splitlines()
    assert paths == [str(tmp_path / f"a.{table}parquet") for table in ("", "lines.", "adjustments.")]
    assert last.startswith("2 receipts; continue with --since ")
    assert pl.read_parquet(tmp_path / "a.parquet")["total"].to_list() == [9000, 13500]
    assert pl.read_parquet(tmp_path / "a.lines.parquet")["sku"].to_list() == ["BOOT", "BOOT"]
    till.sell("k3", cart("c3", 1))
    since = exported(first.out)
    second = run("receipts", "export", "--redis", redis_url, "--since", since, "--output", tmp_path / "b.parquet")
    assert second.code == 0
    assert pl.read_parquet(tmp_path / "b.parquet")["key"].to_list() == ["k3"]
    again = run("receipts", "export", "--redis", redis_url, "--output", tmp_path / "b.parquet")
    assert again.code == 2
    assert "b.parquet" in again.err


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--since", "x", "--output", "c.parquet"), "1767225600000-0"),
        (("--since", "1-0", "--group", "books", "--output", "c.parquet"), "exclude each other"),
        (("--output", "c.csv"), "must end in .parquet"),
    ],
)
def test_an_export_that_cannot_be_meant_is_refused(run: Run, options: tuple[str, ...], complaint: str) -> None:
    refused = run("receipts", "export", *options)
    assert (refused.code, complaint in refused.err) == (2, True)


def test_a_group_has_each_receipt_in_one_export(till: Till, run: Run, redis_url: str, tmp_path: Path) -> None:
    till.sell("k1", cart("c1"))
    options = "receipts", "export", "--redis", redis_url, "--group", "books", "--output"
    assert run(*options, tmp_path / "a.parquet").code == 0
    till.sell("k2", cart("c2"))
    assert run(*options, tmp_path / "a.parquet").code == 2  # exists: no receipt is taken for it
    assert run(*options, tmp_path / "b.parquet").code == 0
    assert run(*options, tmp_path / "c.parquet").code == 0
    found = [pl.read_parquet(tmp_path / f"{name}.parquet")["key"].to_list() for name in "abc"]
    assert found == [["k1"], ["k2"], []]


def test_show_prints_a_receipt_and_its_returns(till: Till, run: Run, redis_url: str, connection: Connection) -> None:
    till.sell("k1", cart("c1"))
    store = ReceiptStore(connection, "spring")
    store.append_return(returned("r1", "k1"), store.sale("k1"))
    shown = run("receipts", "show", "--redis", redis_url, "k1")
    assert shown.code == 0, shown.err
    for text in ("receipt k1, committed", "10 % off everything", "90.00", "return r1", "4.10", "no longer grants"):
        assert text in shown.out
    other = run("receipts", "show", "--redis", redis_url, "k2")
    assert (other.code, other.err) == (1, "error: there is no receipt with the key 'k2'\n")


def test_show_prints_what_a_sale_redeemed(connection: Connection, run: Run, redis_url: str) -> None:
    rules = RULES.replace("layer: order\n", "layer: order\n    coupon: {codes: [SPRING]}\n    limits: {total: 5}\n", 1)
    Till(connection, rules).sell("k1", replace(cart("c1"), coupons=("spring",), customer=Customer(id="ada")))
    shown = rows(run("receipts", "show", "--redis", redis_url, "k1").out)
    assert shown[-2:] == ["redeemed code customer grants", "ten-off spring ada 10.00"]


def test_replay_gives_the_same_bytes(till: Till, run: Run, redis_url: str, tmp_path: Path) -> None:
    till.sell("k1", cart("c1"))
    till.sell("k2", cart("c2"))
    assert run("receipts", "replay", "--redis", redis_url, "--all").out == "2 replayed, 0 differ\n"
    assert run("receipts", "replay", "--redis", redis_url, "k2").out == "1 replayed, 0 differ\n"
    assert run("receipts", "export", "--redis", redis_url, "--output", tmp_path / "a.parquet").code == 0
    till.sell("k3", cart("c3"))
    replayed = run("receipts", "replay", "--redis", redis_url, "--exported", tmp_path / "a.parquet")
    assert (replayed.code, replayed.out) == (0, "2 replayed, 0 differ\n")
    assert run("receipts", "replay", "--redis", redis_url).code == 2


def test_replay_shows_what_differs(till: Till, run: Run, redis_url: str, connection: Connection) -> None:
    honest = till.sell("k1", cart("c1"))
    keys = RedemptionKeys("spring")
    forged = honest._replace(key="k2", quote=till.sell("k3", cart("c1", 3)).quote)
    connection.call("XADD", keys.receipts, "*", *encode(forged))
    replayed = run("receipts", "replay", "--redis", redis_url, "--all")
    assert replayed.code == 1
    assert "3 replayed, 1 differ" in replayed.out
    for text in ("k2 (", "total", "13500", "9000"):
        assert text in replayed.out
    connection.call("DEL", RuleSetKeys.artifact(till.program.version))
    gone = run("receipts", "replay", "--redis", redis_url, "k1")
    assert gone.code == 1
    for text in ("1 replayed, 1 differ", "artifact", "publish its"):
        assert text in gone.out


def test_a_store_with_several_rule_sets_is_asked_by_name(
    till: Till, run: Run, redis_url: str, connection: Connection
) -> None:
    till.sell("k1", cart("c1"))
    Till(connection, RULES.replace("spring", "autumn")).sell("k1", cart("c1", 4))
    unnamed = run("receipts", "replay", "--redis", redis_url, "--all")
    assert unnamed.code == 2
    assert "autumn, spring" in unnamed.err
    assert "180.00" in run("receipts", "show", "--redis", redis_url, "--rule-set", "autumn", "k1").out


def test_a_folder_will_do(run: Run, redis_folder: Path) -> None:
    none = run("receipts", "replay", "--data", redis_folder, "--all")
    assert (none.code, none.err) == (1, "error: the store has no receipts\n")
    assert run("receipts", "show", "k1").code == 2


def test_a_folder_that_is_not_there_is_not_made(run: Run, tmp_path: Path) -> None:
    for command in (("receipts", "show", "k1"), ("coupons", "show", "--rule-set", "spring")):
        missing = run(*command, "--data", tmp_path / "typo")
        assert (missing.code, "does not exist" in missing.err) == (2, True)
    assert not (tmp_path / "typo").exists()


def test_old_receipts_are_trimmed_once_it_is_said_to_be_meant(
    connection: Connection, till: Till, run: Run, redis_url: str
) -> None:
    keys = RedemptionKeys("spring")
    connection.call("XADD", keys.receipts, "7-1", *encode(receipt("old")))
    connection.call("HSET", keys.receipt_ids, "old", "7-1")
    till.sell("k1", cart("c1"))
    options = "receipts", "trim", "--redis", redis_url, "--older-than"
    for answer in (b"n\n", b""):
        kept = run(*options, 31, stdin=answer)
        assert (kept.code, kept.out.splitlines()[0]) == (1, "spring: 1 receipts and returns are older than 31 days")
    assert ReceiptStore(connection, "spring").count() == 2
    connection.run("join_group", [keys.receipts], ["books"])
    held = run(*options, 31)
    assert (held.code, held.err) == (0, "")
    assert "others are kept, because the group books has yet to acknowledge them" in held.out
    connection.call("XGROUP", "DESTROY", keys.receipts, "books")
    assert run(*options, 31, "--yes").out.splitlines()[1:] == ["1 deleted"]
    assert run(*options, 31).out == "spring: 0 receipts and returns are older than 31 days\n"
    assert run("receipts", "replay", "--redis", redis_url, "--all").out.splitlines()[-1] == "1 replayed, 0 differ"
    assert run(*options, 30).code == 2
