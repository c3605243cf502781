"""Catalogues read from tables: Parquet or CSV, each row a product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from io import BytesIO
from itertools import repeat
from pathlib import Path
from typing import Any

import polars as pl

from engine.errors import InvalidCatalogue, UnknownCurrency
from engine.money import MAX_AMOUNT, exponent
from engine.pricing.cart import AttributeValue
from engine.pricing.validation import CART_LIMITS, MAX_WEIGHT
from engine.store.catalogue import Catalogue, Product

_MOST = {
    "price": MAX_AMOUNT,
    "list_price": MAX_AMOUNT,
    "cost": MAX_AMOUNT,
    "minimum_price": MAX_AMOUNT,
    "weight": MAX_WEIGHT,
}
_COLUMNS = ("sku", "currency", *_MOST, "category", "brand", "tags")
_ATTRIBUTE = "attribute."
_NO_MONEY = (None,) * 4
_TRUTH = {"true": True, "false": False}
_TYPE_NAMES = {str: "strings", int: "whole numbers", bool: "true or false"}


@dataclass(frozen=True, slots=True)
class Expected:
    """What rule sets expect of a catalogue: the currencies they price in, and the attributes of lines they declare."""

    currencies: frozenset[str]
    attributes: Mapping[str, type]


def read_catalogue(path: Path, expected: Expected) -> Catalogue:
    """The catalogue in a file, CSV by its name or else Parquet. Raises InvalidCatalogue and OSError."""
    data = path.read_bytes()  # all at once, because the file may be replaced meanwhile
    try:
        csv = path.suffix.lower() == ".csv"
        table = pl.read_csv(BytesIO(data), infer_schema=False) if csv else pl.read_parquet(BytesIO(data))
        return _catalogue(table, expected)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise InvalidCatalogue(f"{path}: {str(error).splitlines()[0]}") from None
    except InvalidCatalogue as error:
        raise InvalidCatalogue(f"{path}: {error}") from None


def _catalogue(table: pl.DataFrame, expected: Expected) -> Catalogue:
    _check_names(table.columns, expected)
    several = len(expected.currencies) > 1
    skus, currencies, categories, brands = (_texts(table, name) for name in ("sku", "currency", "category", "brand"))
    _check_currencies(set(currencies))
    amounts = [_whole_numbers(table, name, most) for name, most in _MOST.items()]
    rows = zip(skus, currencies, *amounts, categories, brands, _tags(table), _attributes(table, expected), strict=True)
    # Many products share these values, so each is kept once.
    same: dict[Any, Any] = {}
    same_attributes: dict[object, Mapping[str, AttributeValue]] = {}
    products: dict[str, dict[str, Product]] = {}
    for number, row in enumerate(rows, 1):
        sku, currency, price, list_price, cost, minimum_price, weight, category, brand, tags, attributes = row
        if not sku:
            raise InvalidCatalogue(f"row {number:,} has no sku")
        if several and not currency and (price, list_price, cost, minimum_price) != _NO_MONEY:
            raise InvalidCatalogue(
                f"sku {sku!r} has an amount but no currency, and the rule sets have {_known(expected)}"
            )
        shared = (
            same.setdefault(category, category),
            same.setdefault(brand, brand),
            same.setdefault(tags, tags),
            same_attributes.setdefault(tuple(attributes.items()), attributes),
        )
        product = Product(price, list_price, cost, minimum_price, weight, *shared)
        if products.setdefault(currency, {}).setdefault(sku, product) is not product:
            raise InvalidCatalogue(f"sku {sku!r} is used more than once")
    if not products:
        raise InvalidCatalogue("has no products: there are no rows below the column names")
    return Catalogue(products)


def _check_names(names: list[str], expected: Expected) -> None:
    for name in names:
        if name not in _COLUMNS and not name.startswith(_ATTRIBUTE):
            near = get_close_matches(name, _COLUMNS, n=1)
            hint = f"; did you mean {near[0]}?" if near else f": use {', '.join(_COLUMNS)} or {_ATTRIBUTE}NAME"
            if ";" in name or "\t" in name:
                hint = ": separate the columns of a CSV by commas"
            raise InvalidCatalogue(f"{name!r} is not a column of a catalogue{hint}")
    if "sku" not in names:
        raise InvalidCatalogue("has no column sku")
    if len(expected.currencies) > 1 and "currency" not in names:
        raise InvalidCatalogue(
            f"has no column currency, which is required because the rule sets have {_known(expected)}"
        )
    attributes = sum(name.startswith(_ATTRIBUTE) for name in names)
    if attributes > CART_LIMITS.attributes:
        raise InvalidCatalogue(f"has {attributes:,} attributes; at most {CART_LIMITS.attributes:,} are allowed")


def _check_currencies(codes: set[str]) -> None:
    """Currencies of other shops are allowed, but not misspelt ones, whose rows would silently have no effect."""
    for code in sorted(codes - {""}):
        try:
            exponent(code)
        except UnknownCurrency as error:
            raise InvalidCatalogue(f"currency: {error}") from None


def _known(expected: Expected) -> str:
    return ", ".join(sorted(expected.currencies))


def _whole_numbers(table: pl.DataFrame, name: str, most: int) -> list[int | None]:
    if name not in table.columns:
        return [None] * table.height
    unit = "weights are in grams" if name == "weight" else "money is in minor units: 15.00 is 1500"
    numbers = _integers(table[name], f"{name} must be whole numbers; {unit}")
    for row in ((numbers < 0) | (numbers > most)).arg_true():
        raise InvalidCatalogue(f"{name} must be from 0 to {most:,}, not {numbers[row]:,} as in row {row + 1:,}")
    return numbers.to_list()


def _integers(column: pl.Series, complaint: str) -> pl.Series:
    if not (column.dtype == pl.String or column.dtype == pl.Null or column.dtype.is_integer()):
        raise InvalidCatalogue(complaint)
    try:
        return column.cast(pl.Int64)
    except pl.exceptions.InvalidOperationError as error:
        raise InvalidCatalogue(f"{complaint}: {str(error).splitlines()[0]}") from None


def _texts(table: pl.DataFrame, name: str) -> list[str]:
    if name not in table.columns:
        return [""] * table.height
    texts = _written(table[name], f"{name} must be strings").fill_null("")
    _check_lengths(name, texts)
    return texts.to_list()


def _written(column: pl.Series, complaint: str) -> pl.Series:
    """As strings, null where a cell is empty."""
    if not (column.dtype == pl.Null or isinstance(column.dtype, pl.String | pl.Categorical | pl.Enum)):
        raise InvalidCatalogue(complaint)
    return column.cast(pl.String)


def _check_lengths(name: str, texts: pl.Series) -> None:
    if (texts.str.len_chars() > CART_LIMITS.text).any():
        raise InvalidCatalogue(f"{name} must have at most {CART_LIMITS.text:,} characters")


def _tags(table: pl.DataFrame) -> list[tuple[str, ...]]:
    if "tags" not in table.columns:
        return [()] * table.height
    column = table["tags"]
    if not isinstance(column.dtype, pl.List):
        column = _written(column, "tags must be strings").replace("", None).str.split("|")
    elif column.dtype.inner != pl.String:
        raise InvalidCatalogue("tags must be strings, or lists of strings")
    _check_lengths("tags", column.explode().fill_null(""))
    if (column.list.len() > CART_LIMITS.tags).any():
        raise InvalidCatalogue(f"a product must have at most {CART_LIMITS.tags:,} tags")
    return [tuple(tag or "" for tag in tags or ()) for tags in column.to_list()]


def _attributes(table: pl.DataFrame, expected: Expected) -> Iterator[dict[str, AttributeValue]]:
    """The attributes that each row has."""
    names = [name for name in table.columns if name.startswith(_ATTRIBUTE)]
    columns = [_values(table, name, expected.attributes.get(name.removeprefix(_ATTRIBUTE), str)) for name in names]
    if not columns:
        return repeat({}, table.height)
    names = [name.removeprefix(_ATTRIBUTE) for name in names]
    return (
        {name: value for name, value in zip(names, values, strict=True) if value is not None}
        for values in zip(*columns, strict=True)
    )


def _values(table: pl.DataFrame, name: str, declared: type) -> Sequence[AttributeValue | None]:
    """Values of the type that the rule sets declare; the strings of a CSV are converted."""
    column = table[name]
    complaint = f"{name} must be {_TYPE_NAMES[declared]}, as the rule sets declare it"
    if declared is int:
        return _integers(column, complaint).to_list()
    if declared is bool and column.dtype == pl.Boolean:
        return column.to_list()
    texts = _written(column, complaint)
    _check_lengths(name, texts)
    if declared is str:
        return texts.to_list()
    if not texts.drop_nulls().is_in(list(_TRUTH)).all():
        raise InvalidCatalogue(complaint)
    return [None if text is None else _TRUTH[text] for text in texts.to_list()]
