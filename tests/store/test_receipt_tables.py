"""Receipts as Parquet tables: they join, they sum, and entries can be read back."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from engine.errors import InvalidReceipt
from engine.pricing.cart import Cart, Customer, Line, Rate, Shipment
from engine.service.exporting import export
from engine.store.connection import Connection
from engine.store.receipt_store import AnyEntry, Entry, ReceiptStore
from engine.store.receipt_tables import exported_entries
from tests.receipts import Till, returned

RULES = """
ruleset: spring
currencies: [USD]
promotions:
  ten-off: {name: Ten off, layer: order, reward: {percent_off: {of: cart, per: line, percent: 10}}}
  pens: {layer: order, reward: {gift: {sku: PEN}}}
  points: {layer: points, reward: {points: {per_unit_spent: 1}}}
"""


@pytest.fixture
def entries(connection: Connection) -> list[AnyEntry]:
    till = Till(connection, RULES)
    parcel = Shipment(id="p", country="US", method="flat", rates=(Rate(method="flat", price=795),))
    for number in range(3):
        boots = Line(id="a", sku="BOOT", quantity=2, price=5000)
        socks = Line(id="b", sku="SOCK", quantity=number + 1, price=625)
        till.sell(
            f"k{number}",
            Cart(
                id=f"cart-{number}",
                currency="USD",
                at=1_780_000_000_123_456_789,
                channel="web",
                customer=Customer(id="c1"),
                lines=(boots, socks),
                shipments=(parcel,),
            ),
        )
    store = ReceiptStore(connection, "spring")
    store.append_return(returned("r", "k0"), store.sale("k0"))
    return [entry for batch in store.batches() for entry in batch]


def batches(entries: list[AnyEntry]) -> Iterator[list[AnyEntry]]:
    yield entries[:2]
    yield entries[2:]


def test_the_tables_join_and_sum(entries: list[AnyEntry], tmp_path: Path) -> None:
    done: list[str] = []
    exported = export(batches(entries), tmp_path / "june.parquet", done.extend)
    assert done == [entry.id for entry in entries]
    assert (exported.entries, exported.last) == (4, entries[-1].id)
    assert [path.name for path in exported.paths] == ["june.parquet", "june.lines.parquet", "june.adjustments.parquet"]
    assert sorted(tmp_path.iterdir()) == sorted(exported.paths)
    receipts, lines, adjustments = map(pl.read_parquet, exported.paths)
    assert receipts["kind"].to_list() == ["sale", "sale", "sale", "return"]
    assert receipts["currency"].unique().to_list() == ["USD"]
    assert receipts["customer_id"].to_list() == ["c1", "c1", "c1", None]
    assert [stamp.timestamp() * 1000 for stamp in receipts["committed"]] == [entry.committed for entry in entries]
    sales = receipts.filter(kind="sale")
    # 100.00 + 6.25 less 10 %: 9.563 of two lines, rounded each
    assert sales.select("merchandise", "subtotal", "shipping", "total", "points").row(0) == (
        10625,
        9562,
        795,
        10357,
        95,
    )
    summed = lines.join(sales, on="entry").group_by("entry", maintain_order=True).agg(pl.sum("subtotal"))
    assert summed["subtotal"].to_list() == sales["subtotal"].to_list()
    off = adjustments.join(sales, on="entry").group_by("entry", maintain_order=True).agg(pl.sum("amount"))
    assert off["amount"].to_list() == (sales["merchandise"] - sales["subtotal"]).to_list()
    gift = adjustments.filter(promotion_id="pens").row(0, named=True)
    assert (gift["gift_sku"], gift["gift_quantity"]) == ("PEN", 1)
    shares = adjustments.filter(promotion_id="ten-off")["shares"][0].to_list()
    assert shares == [{"id": "a", "amount": 1000}, {"id": "b", "amount": 63}]


def test_a_folder_that_is_not_there_is_named(entries: list[AnyEntry], tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="the folder does not exist") as caught:
        export([entries], tmp_path / "nowhere" / "june.parquet")
    assert caught.value.filename == str(tmp_path / "nowhere")


def test_a_return_takes_away(entries: list[AnyEntry], tmp_path: Path) -> None:
    receipts, lines, adjustments = map(pl.read_parquet, export([entries], tmp_path / "june.parquet").paths)
    back = receipts.filter(kind="return").row(0, named=True)
    assert (back["receipt_key"], back["merchandise"], back["subtotal"], back["total"]) == ("k0", -500, -403, -410)
    assert lines.filter(entry=back["entry"]).rows() == [
        (back["entry"], "USD", "a", "BOOT", -1, -500, -400),
        (back["entry"], "USD", "b", "BELT", 0, 0, -3),
    ]
    assert adjustments.filter(entry=back["entry"])["amount"].to_list() == [-5, 0]


def test_entries_are_read_back(entries: list[AnyEntry], tmp_path: Path) -> None:
    path = export(batches(entries), tmp_path / "june.parquet").paths[0]
    assert [entry for batch in exported_entries(path, batch=3) for entry in batch] == entries


def test_an_export_of_nothing_is_empty_tables(tmp_path: Path) -> None:
    exported = export([], tmp_path / "none.parquet")
    assert (exported.entries, exported.last) == (0, "")
    assert [pl.read_parquet(path).height for path in exported.paths] == [0, 0, 0]
    assert list(exported_entries(exported.paths[0])) == []


def test_nothing_is_overwritten_and_nothing_half_done_is_left(entries: list[AnyEntry], tmp_path: Path) -> None:
    (tmp_path / "june.lines.parquet").write_bytes(b"")
    with pytest.raises(FileExistsError):
        export([entries], tmp_path / "june.parquet")
    broken = Entry(entries[0].id, entries[0].receipt._replace(quote=b"\xff"))
    done: list[str] = []
    with pytest.raises(Exception, match=r"engine\.v1\.Quote"):
        export([entries, [broken]], tmp_path / "july.parquet", done.extend)
    assert done == []
    assert [path.name for path in tmp_path.iterdir()] == ["june.lines.parquet"]


def test_of_two_exports_at_once_one_is_whole_and_the_other_fails(entries: list[AnyEntry], tmp_path: Path) -> None:
    output = tmp_path / "june.parquet"
    paths: list[Path] = []

    def meanwhile() -> Iterator[list[AnyEntry]]:
        yield entries[:1]
        paths.extend(export([entries], output).paths)

    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        export(meanwhile(), output)
    assert [pl.read_parquet(path)["entry"].n_unique() for path in paths] == [4, 4, 4]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


KILLED = """
import os, signal, sys
from pathlib import Path
from engine.service.exporting import export
output, name, left = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
act = getattr(os, name)
def act_or_die(*paths):
    global left
    left -= 1
    if left < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    act(*paths)
setattr(os, name, act_or_die)
export([], output, lambda ids: os.kill(os.getpid(), signal.SIGKILL))
"""


def export_until_killed(output: Path, act: str, times: int) -> None:
    """Exports nothing in another process, which is killed when it has called `os.link` or `os.unlink` so many times."""
    process = subprocess.run([sys.executable, "-c", KILLED, output, act, str(times)], check=False)
    assert process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("tables", [0, 1, 2, 3])
def test_what_an_export_that_was_killed_left_is_not_in_the_way(
    entries: list[AnyEntry], tmp_path: Path, tables: int
) -> None:
    """It was killed after it had made so many tables."""
    output = tmp_path / "june.parquet"
    export_until_killed(output, "link", tables)
    assert len(list(tmp_path.glob("june.*"))) == tables
    others = tmp_path / ".june.parquet-2.parquet-abcdefgh", tmp_path / ".june.parquet-drafts_1"
    for other in others:  # another export's, and nobody's
        other.mkdir()
    if tables < 3:
        export(batches(entries), output)
    else:
        with pytest.raises(FileExistsError):
            export(batches(entries), output)
    assert pl.read_parquet(output).height == (len(entries) if tables < 3 else 0)
    assert {*tmp_path.iterdir()} == {*tmp_path.glob("june.*"), *others}


def test_what_an_export_that_was_killed_did_not_remove_is_removed(tmp_path: Path) -> None:
    output = tmp_path / "june.parquet"
    export_until_killed(output, "unlink", 1)
    with pytest.raises(FileExistsError):
        export([], output)
    assert len(list(tmp_path.iterdir())) == 3


def test_another_export_may_begin_and_end_before_this_one_has_its_lock(
    entries: list[AnyEntry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, flock = tmp_path / "june.parquet", fcntl.flock

    def late(file: Any, how: int) -> None:
        monkeypatch.setattr(fcntl, "flock", flock)
        export([entries], output)
        flock(file, how)

    monkeypatch.setattr(fcntl, "flock", late)
    with pytest.raises(FileExistsError):
        export([entries], output)
    assert pl.read_parquet(output).height == len(entries)


def test_a_disk_without_locks_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(file: Any, how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OSError, match="no locks") as caught:
        export([], tmp_path / "june.parquet")
    assert caught.value.filename == str(tmp_path / "june.parquet")
    assert list(tmp_path.iterdir()) == []


def test_no_file_is_open_in_a_folder_that_is_removed(
    entries: list[AnyEntry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NFS would keep it, and so the folder."""
    output = tmp_path / "june.parquet"
    export_until_killed(output, "link", 1)
    rmdir, removed = Path.rmdir, []

    def observed(folder: Path) -> None:
        with os.scandir("/proc/self/fd") as files:
            opened = [os.readlink(file) for file in files if os.path.lexists(file)]
        removed.append([path for path in opened if path.startswith(str(folder))])
        rmdir(folder)

    monkeypatch.setattr(Path, "rmdir", observed)
    export([entries], output)
    assert removed == [[], []]


@pytest.mark.parametrize("tables", [0, 1, 2])
def test_an_export_that_is_interrupted_leaves_nothing(
    entries: list[AnyEntry], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: int
) -> None:
    def interrupted(file: int) -> None:
        if len(list(tmp_path.glob("june.*"))) > tables:
            raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        export([entries], tmp_path / "june.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_cannot_appear_takes_the_others_with_it(entries: list[AnyEntry], tmp_path: Path) -> None:
    foreign = tmp_path / "june.adjustments.parquet"

    def meanwhile() -> Iterator[list[AnyEntry]]:
        yield entries
        foreign.write_text("of someone else")

    with pytest.raises(FileExistsError):
        export(meanwhile(), tmp_path / "june.parquet")
    assert list(tmp_path.iterdir()) == [foreign]
    assert foreign.read_text() == "of someone else"


def test_a_table_that_cannot_be_written_is_named_and_nothing_is_left(entries: list[AnyEntry], tmp_path: Path) -> None:
    output = tmp_path / "june.parquet"
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        with pytest.raises(OSError, match="cannot be written") as caught:
            export([entries], output)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert caught.value.filename == str(output)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_table_of_receipts_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InvalidReceipt):
        list(exported_entries(tmp_path / "a.parquet"))
