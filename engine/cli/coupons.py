"""The commands ``cartwright coupons …``: fill, show and drop pools of unique codes."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import filesize
from rich.progress import BarColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.table import Column

from engine.cli.options import CodeKey, DataFolder, FilledFolder, RedisUrl, examples, rule_set_name, store
from engine.cli.printing import printable, say, stderr, stdout
from engine.cli.tables import table
from engine.errors import InvalidCodes
from engine.store.code_key import find_key
from engine.store.coupon_codes import Pattern
from engine.store.new_file import new_file

if TYPE_CHECKING:
    from engine.store.coupon_pools import Added, CouponPools, Progress

coupons = typer.Typer(name="coupons", help="Pools of unique coupon codes.", no_args_is_help=True)

_COLUMN = "code"
_ANY_FORM = "any"
_AT_ONCE = 10_000
"""Codes written between two updates of the progress bar."""

RuleSetName = Annotated[
    str,
    typer.Option("--rule-set", metavar="NAME", parser=rule_set_name, help="Rule set that the pools belong to."),
]
PoolName = Annotated[str, typer.Option("--pool", metavar="NAME", help="Pool, as promotions name it.")]


@coupons.command(
    epilog=examples(
        "cartwright coupons generate --rule-set summer --pool club --count 1000000 "
        "--pattern SUMMER-####-####-#### --output codes.csv --data var"
    )
)
def generate(
    rule_set: RuleSetName,
    pool: PoolName,
    count: Annotated[int, typer.Option(min=1, help="Number of codes.")],
    pattern: Annotated[
        str,
        typer.Option(help="Form of the codes; each # is a character drawn at random, the last one a check character."),
    ],
    output: Annotated[
        Path, typer.Option(dir_okay=False, metavar="CODES.csv", help="File to write the codes to; it must not exist.")
    ],
    redis: RedisUrl = None,
    data: DataFolder = None,
    code_key: CodeKey = None,
) -> None:
    """Draw codes at random, and put them into a file and a pool.

    Only the file has the codes in plain text, and only its owner may read it.
    If the command is interrupted and the file is there, `import` it.
    """
    drawn = Pattern(pattern)
    drawn.check_room(count)
    with _pools(rule_set, redis, data, code_key) as pools:
        with _counting("drawing", count) as progress:
            _write(output, drawn.drawn(count), progress)
        _fill(pools, pool, output, count, drawn)


@coupons.command(
    "import",
    epilog=examples(
        "cartwright coupons import codes.csv --rule-set summer --pool club --redis redis://HOST --code-key codes.key"
    ),
)
def import_codes(
    codes: Annotated[
        Path,
        typer.Argument(
            exists=True, dir_okay=False, metavar="CODES.csv", help=f"File of codes, with a column `{_COLUMN}`."
        ),
    ],
    rule_set: RuleSetName,
    pool: PoolName,
    pattern: Annotated[
        str,
        typer.Option(
            help="Pattern that the codes were drawn from, so that mistyped codes are recognized; `any`: the pool may "
            "have codes of any form. Default: the patterns of the pool, any if it is new."
        ),
    ] = "",
    redis: RedisUrl = None,
    data: DataFolder = None,
    code_key: CodeKey = None,
) -> None:
    """Put the codes of a file into a pool. Codes that are already in it are counted and left unchanged."""
    count = sum(1 for _ in _read(codes))
    with _pools(rule_set, redis, data, code_key) as pools:
        drawn_from = None if pattern in ("", _ANY_FORM) else Pattern(pattern)
        _fill(pools, pool, codes, count, drawn_from, any_form=pattern == _ANY_FORM)


@coupons.command(epilog=examples("cartwright coupons show --rule-set summer --data var"))
def show(rule_set: RuleSetName, redis: RedisUrl = None, data: FilledFolder = None, code_key: CodeKey = None) -> None:
    """List the pools of a rule set.

    It shows how many codes each has, and how many are reserved or spent.
    """
    with _pools(rule_set, redis, data, code_key) as pools:
        found = pools.pools()
    if not found:
        typer.echo(f"{rule_set} has no pools")
        return
    rows = table(
        Column("pool"),
        Column("codes", justify="right"),
        Column("used", justify="right"),
        Column("memory", justify="right"),
        Column("bytes/code", justify="right"),
        Column("pattern"),
    )
    for each in found:
        share = f"{each.memory / each.codes:.1f}" if each.codes else ""
        patterns = ", ".join(each.patterns) or _ANY_FORM
        rows.add_row(
            each.name, f"{each.codes:,}", f"{each.used:,}", filesize.decimal(each.memory), share, printable(patterns)
        )
    stdout().print(rows)


@coupons.command(epilog=examples("cartwright coupons drop --rule-set summer --pool club --data var"))
def drop(
    rule_set: RuleSetName,
    pool: PoolName,
    redis: RedisUrl = None,
    data: FilledFolder = None,
    forget_used: Annotated[
        bool,
        typer.Option(
            "--forget-used",
            help="Forget which codes were reserved or spent: if imported again, they can be redeemed again.",
        ),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Drop a pool with all its codes, after asking for confirmation. It needs no key.

    Used codes stay used if they are imported again. While a promotion names
    the pool, its codes are `unverified` and cannot be redeemed. After the last
    pool is dropped with --forget-used, the next may be kept under another key.
    """
    from engine.store.pool_drop import drop_pool, pool_size

    with store(redis, data) as connection:
        size = pool_size(connection, rule_set, pool, used_alone=forget_used)
        lost = "forgotten" if forget_used else "remembered"
        typer.echo(f"{pool} of {rule_set}: {size.codes:,} codes; {size.used:,} reserved or spent, to be {lost}")
        if not yes:
            typer.confirm("Drop the pool permanently?", abort=True)
        drop_pool(connection, rule_set, pool, forget_used=forget_used)
    typer.echo(f"{pool} dropped")


@contextmanager
def _pools(rule_set: str, redis: str | None, data: Path | None, code_key: str | None) -> Iterator[CouponPools]:
    from engine.store.coupon_pools import CouponPools

    with store(redis, data) as connection:
        yield CouponPools(connection, rule_set, find_key(code_key, data if redis is None else None))


@contextmanager
def _counting(label: str, total: int) -> Iterator[Progress]:
    """Yields a function to call with how many more are done; a bar on standard error shows it."""
    numbers = TextColumn("{task.completed:,.0f} of {task.total:,.0f} codes")
    columns = TextColumn(label), BarColumn(), numbers, TimeElapsedColumn(), TextColumn("·"), TimeRemainingColumn()
    with Bar(*columns, console=stderr()) as bar:
        task = bar.add_task("", total=total)
        yield lambda done: bar.advance(task, done)


def _fill(
    pools: CouponPools, pool: str, file: Path, count: int, pattern: Pattern | None, *, any_form: bool = False
) -> None:
    with _counting("storing", count) as progress:
        added = pools.add(pool, _read(file), count, pattern, progress, any_form=any_form)
    say(f"{pool}: {_described(added)}")


def _described(added: Added) -> str:
    return f"{added.new:,} codes added" + (f", {added.known:,} were already there" if added.known else "")


def _write(path: Path, codes: Iterator[str], progress: Progress) -> None:
    """Write all codes to disk before any is stored: every code of the pool is in the file."""
    with new_file(path) as file:
        file.write(f"{_COLUMN}\n")
        while some := list(islice(codes, _AT_ONCE)):
            file.write("\n".join(some) + "\n")
            progress(len(some))


def _read(path: Path) -> Iterator[str]:
    """Raises InvalidCodes for a file without a column of codes, or that is not CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        try:
            if _COLUMN not in (rows.fieldnames or ()):
                raise InvalidCodes(f"{path}: the first line has no column `{_COLUMN}`")
            for row in rows:
                yield row[_COLUMN] or ""
        except (UnicodeDecodeError, csv.Error) as error:
            raise InvalidCodes(f"{path} is not a CSV file in UTF-8: {error}") from None
