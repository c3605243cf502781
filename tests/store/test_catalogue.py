from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import polars as pl
import pytest

from engine.errors import InvalidCart, InvalidCatalogue
from engine.pricing.cart import UNPRICED, Cart, Line
from engine.store import catalogue_file
from engine.store.catalogue import Catalogue, Product
from engine.store.catalogue_file import CatalogueFile
from engine.store.catalogue_table import Expected, read_catalogue
from tests.waiting import eventually

EXPECTED = Expected(frozenset({"USD"}), {"color": str, "size": int, "vegan": bool, "code": str})
BOOT = Product(
    price=8_000,
    list_price=9_000,
    cost=5_500,
    minimum_price=6_000,
    weight=1_200,
    category="shoes/boots",
    brand="acme",
    tags=("new", "summer"),
    attributes={"color": "red", "size": 42, "vegan": False, "code": "0010"},
)
CSV = """\
sku,price,list_price,cost,minimum_price,weight,category,brand,tags,attribute.color,attribute.size,attribute.vegan,attribute.code
BOOT,8000,9000,5500,6000,1200,shoes/boots,acme,new|summer,red,42,false,0010
HAT,2000,,,,,hats,,,,,,
TBA,,,,,,,,,,,,
"""


def cart(*lines: Line) -> Cart:
    return Cart(id="c", currency="USD", at=0, lines=lines)


def line(sku: str, price: int = UNPRICED, **facts: object) -> Line:
    return Line(id="a", sku=sku, quantity=2, price=price, **facts)


def product_of(catalogue: Catalogue, sku: str) -> Product:
    """A product, by how it fills in an empty line."""
    (filled,) = catalogue.filled(cart(line(sku))).lines
    return Product(**{name: getattr(filled, name) for name in Product._fields})


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "catalogue.csv"
    path.write_text(CSV)
    return path


def test_a_csv_is_read(csv: Path) -> None:
    catalogue = read_catalogue(csv, EXPECTED)
    assert len(catalogue) == 3
    assert product_of(catalogue, "BOOT") == BOOT
    assert product_of(catalogue, "HAT") == catalogue.product("HAT") == Product(price=2_000, category="hats")


@pytest.mark.parametrize("lists", [True, False])
def test_a_parquet_is_read_alike(tmp_path: Path, lists: bool) -> None:
    table = pl.DataFrame(
        {
            "sku": ["BOOT", "HAT"],
            "price": pl.Series([8_000, 2_000], dtype=pl.UInt32),
            "list_price": [9_000, None],
            "cost": [5_500, None],
            "minimum_price": [6_000, None],
            "weight": [1_200, None],
            "category": pl.Series(["shoes/boots", "hats"], dtype=pl.Categorical),
            "brand": ["acme", None],
            "tags": [["new", "summer"], None] if lists else ["new|summer", ""],
            "attribute.color": ["red", None],
            "attribute.size": [42, None],
            "attribute.vegan": [False, None],
            "attribute.code": ["0010", None],
        }
    )
    table.write_parquet(tmp_path / "catalogue")
    catalogue = read_catalogue(tmp_path / "catalogue", EXPECTED)
    assert product_of(catalogue, "BOOT") == BOOT
    assert product_of(catalogue, "HAT") == Product(price=2_000, category="hats")


def test_what_a_line_says_wins() -> None:
    catalogue = Catalogue({"": {"BOOT": BOOT}})
    said = line(
        "BOOT",
        price=0,
        list_price=0,
        cost=0,
        minimum_price=0,
        weight=0,
        category="c",
        brand="b",
        tags=("t",),
        attributes={"color": ""},
    )
    (filled,) = catalogue.filled(cart(said)).lines
    assert filled == replace(said, attributes={**BOOT.attributes, "color": ""})
    unknown = cart(line("SOCK", price=5))
    assert catalogue.filled(unknown) == unknown


def test_lines_without_any_price_are_refused(csv: Path) -> None:
    catalogue = read_catalogue(csv, EXPECTED)
    with pytest.raises(InvalidCart) as caught:
        catalogue.filled(cart(line("BOOT"), line("SOCK"), line("TBA")))
    assert str(caught.value) == (
        "lines[1].price: is missing, and the catalogue has none for 'SOCK'; "
        "lines[2].price: is missing, and the catalogue has none for 'TBA'"
    )
    with pytest.raises(InvalidCart) as caught:
        catalogue.filled(cart(*[line("SOCK")] * 100_000))
    assert len(caught.value.violations) == 50


def test_prices_are_of_their_currency(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text(
        "sku,currency,price,brand\nBOOT,USD,8000,\nBOOT,EUR,7000,\nHAT,USD,100,\nHAT,GBP,90,\nCARD,,,acme\n"
    )
    catalogue = read_catalogue(path, replace(EXPECTED, currencies=frozenset({"USD", "EUR"})))
    assert product_of(catalogue, "BOOT").price == 8_000
    euros = replace(cart(line("BOOT"), line("CARD", price=1)), currency="EUR")
    assert [(each.price, each.brand) for each in catalogue.filled(euros).lines] == [(7_000, ""), (1, "acme")]
    with pytest.raises(InvalidCart, match="the catalogue has none for 'HAT'"):
        catalogue.filled(replace(cart(line("HAT")), currency="EUR"))


def test_a_product_may_be_free(tmp_path: Path) -> None:
    path = tmp_path / "catalogue.csv"
    path.write_text("sku,price\nPEN,0\n")
    assert product_of(read_catalogue(path, EXPECTED), "PEN").price == 0


BAD = {
    "empty": ("", "empty CSV"),
    "no row": ("sku,price\n", "has no products: there are no rows below the column names"),
    "no sku": ("price\n1\n", "has no column sku"),
    "empty sku": ("sku,price\n,1\n", "row 1 has no sku"),
    "sku twice": ("sku,price\nA,1\nA,1\n", "sku 'A' is used more than once"),
    "unknown column": ("sku,pirce\nA,1\n", "'pirce' is not a column of a catalogue; did you mean price?"),
    "semicolons": (
        "sku;price\nA;1\n",
        "'sku;price' is not a column of a catalogue: separate the columns of a CSV by commas",
    ),
    "column twice": ("sku,price,price\nA,1,1\n", "'price_duplicated_0' is not a column"),
    "decimal": (
        "sku,price\nA,19.99\n",
        "price must be whole numbers; money .*: 15.00 is 1500: .*19.99",
    ),
    "fraction of a gram": ("sku,weight\nA,1.5\n", "weight must be whole numbers; weights are in grams: .*1.5"),
    "text": ("sku,price\nA,cheap\n", "price must be whole numbers"),
    "below zero": ("sku,price\nA,\nB,-1\n", "price must be from 0 to 1,000,000,000,000,000, not -1 as in row 2"),
    "too much": (f"sku,price\nA,{10**15 + 1}\n", "price must be from 0 to"),
    "beyond int64": (f"sku,price\nA,{2**63}\n", "price must be whole numbers"),
    "too heavy": (f"sku,weight\nA,{10**9 + 1}\n", "weight must be from 0 to"),
    "ragged": ("sku,price\nA,1,2\n", "found more fields"),
    "long text": (f"sku,brand\nA,{'x' * 1_001}\n", "brand must have at most 1,000 characters"),
    "long attribute": (
        f"sku,attribute.color\nA,{'x' * 1_001}\n",
        "attribute.color must have at most 1,000 characters",
    ),
    "long tag": (f"sku,tags\nA,x|{'x' * 1_001}\n", "tags must have at most 1,000 characters"),
    "many tags": (f"sku,tags\nA,{'x|' * 200}\n", "a product must have at most 100 tags"),
    "many attributes": (
        f"sku,{','.join(f'attribute.a{number}' for number in range(101))}\nA{',x' * 101}\n",
        "has 101 attributes; at most 100 are allowed",
    ),
    "no currency": ("sku,price,currency\nA,1,usd\n", "currency: .*usd"),
    "no currencies": ("sku,price,currency\nA,1,dd\nA,1,cc\nA,1,aa\nA,1,ee\nA,1,bb\n", "currency: .*aa"),
    "attribute of another type": ("sku,attribute.size\nA,large\n", "attribute.size must be whole numbers"),
    "no flag": ("sku,attribute.vegan\nA,yes\n", "attribute.vegan must be true or false, as the rule sets declare it"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_catalogue_is_refused(tmp_path: Path, name: str) -> None:
    text, complaint = BAD[name]
    path = tmp_path / "catalogue.csv"
    path.write_text(text)
    with pytest.raises(InvalidCatalogue, match=f"catalogue.csv: .*{complaint}"):
        read_catalogue(path, EXPECTED)


@pytest.mark.parametrize("data", [b"", b"PAR1", b"sku,price\nA,1\n", b"\xff" * 100])
def test_bytes_that_are_no_parquet_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "catalogue.parquet"
    path.write_bytes(data)
    with pytest.raises(InvalidCatalogue, match="parquet"):
        read_catalogue(path, EXPECTED)


@pytest.mark.parametrize(
    ("columns", "complaint"),
    [
        ({"price": [1.5]}, "price must be whole numbers"),
        ({"brand": [1]}, "brand must be strings"),
        ({"tags": [[1]]}, "tags must be strings, or lists of strings"),
        ({"attribute.color": [1]}, "attribute.color must be strings, as the rule sets declare it"),
        ({"attribute.size": [True]}, "attribute.size must be whole numbers"),
    ],
)
def test_columns_of_a_parquet_have_their_types(tmp_path: Path, columns: dict[str, list], complaint: str) -> None:
    pl.DataFrame({"sku": ["A"], **columns}).write_parquet(tmp_path / "catalogue.parquet")
    with pytest.raises(InvalidCatalogue, match=complaint):
        read_catalogue(tmp_path / "catalogue.parquet", EXPECTED)


def test_with_several_currencies_a_price_must_say_its_own(csv: Path) -> None:
    with pytest.raises(
        InvalidCatalogue, match="has no column currency, which is required because the rule sets have EUR, USD"
    ):
        read_catalogue(csv, replace(EXPECTED, currencies=frozenset({"USD", "EUR"})))
    csv.write_text("sku,currency,cost\nA,USD,5\nB,,5\n")
    with pytest.raises(InvalidCatalogue, match="sku 'B' has an amount but no currency"):
        read_catalogue(csv, replace(EXPECTED, currencies=frozenset({"USD", "EUR"})))


def test_many_short_tags_are_no_long_text(csv: Path) -> None:
    csv.write_text(f"sku,tags\nA,{'|'.join(['a_longer_tag'] * 100)}\nB,\n")
    catalogue = read_catalogue(csv, EXPECTED)
    assert [catalogue.product(sku) for sku in "AB"] == [Product(tags=("a_longer_tag",) * 100), Product()]


@pytest.fixture
def watched(csv: Path) -> CatalogueFile:
    file = CatalogueFile(csv, EXPECTED, interval=0.02)
    file.start()
    yield file
    file.stop()


def put(path: Path, text: str) -> None:
    """Replace the file by renaming, as a shop should."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.replace(new, path)


def test_a_file_that_changes_is_read_again(watched: CatalogueFile, csv: Path) -> None:
    before = watched.catalogue
    assert product_of(before, "BOOT").price == 8_000
    put(csv, "sku,price\nBOOT,8100\n")
    eventually(lambda: product_of(watched.catalogue, "BOOT").price == 8_100)
    assert product_of(before, "BOOT").price == 8_000
    after = watched.catalogue
    time.sleep(0.1)
    assert watched.catalogue is after


def test_a_bad_file_changes_nothing_but_the_log(
    watched: CatalogueFile, csv: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = watched.catalogue
    put(csv, "sku,price\nBOOT,cheap\n")
    eventually(lambda: "the catalogue was not read again" in caplog.text)
    csv.unlink()
    eventually(lambda: "No such file" in caplog.text)
    assert watched.catalogue is before
    assert {record.levelno for record in caplog.records} == {logging.WARNING}
    put(csv, "sku,price\nBOOT,1\n")
    eventually(lambda: product_of(watched.catalogue, "BOOT").price == 1)


def test_a_file_that_could_not_be_opened_is_tried_again(csv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = CatalogueFile(csv, EXPECTED)
    put(csv, "sku,price\nBOOT,8100\n")
    file.look()  # it may still be being written
    with monkeypatch.context() as broken:
        broken.setattr(catalogue_file, "read_catalogue", Mock(side_effect=OSError("too many open files")))
        with pytest.raises(OSError, match="too many open files"):
            file.look()
    file.look()
    assert product_of(file.catalogue, "BOOT").price == 8_100


def test_a_file_being_written_is_left_alone(csv: Path) -> None:
    file = CatalogueFile(csv, EXPECTED)
    before = file.catalogue
    for number in range(1, 4):
        csv.write_text("sku,price\n" + "".join(f"S{each},1\n" for each in range(number)))
        file.look()
        assert file.catalogue is before
    file.look()
    assert len(file.catalogue) == 3
