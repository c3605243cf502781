"""The commands ``cartwright receipts …``: export, show, replay and trim receipts."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from engine.cli.options import FilledFolder, RedisUrl, examples, store
from engine.cli.printing import stderr, stdout
from engine.cli.report import MISTAKE
from engine.errors import ReceiptNotFound
from engine.store.retention import DAY, LEAST_DAYS

if TYPE_CHECKING:
    from engine.store.connection import Connection
    from engine.store.receipt_store import AnyEntry, ReceiptStore

receipts = typer.Typer(name="receipts", help="Receipts of sales and returns, for accounting.", no_args_is_help=True)

_ID = re.compile("[0-9]{1,15}-[0-9]{1,15}")

RuleSetName = Annotated[
    str | None,
    typer.Option("--rule-set", metavar="NAME", help="Rule set of the receipts. Default: the only one that has any."),
]


@receipts.command(
    epilog=examples(
        "cartwright receipts export --redis redis://HOST --output june.parquet",
        "cartwright receipts export --redis redis://HOST --output june.parquet --group books",
    )
)
def export(
    output: Annotated[
        Path,
        typer.Option(
            dir_okay=False,
            metavar="FILE.parquet",
            help="One row per receipt; FILE.lines.parquet and FILE.adjustments.parquet are written beside it.",
        ),
    ],
    redis: RedisUrl = None,
    data: FilledFolder = None,
    rule_set: RuleSetName = None,
    since: Annotated[
        str, typer.Option(metavar="ID", help="Export only entries after this one; an export prints the id of its last.")
    ] = "",
    group: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="Export only what this consumer group has not had; it is acknowledged once written."
        ),
    ] = "",
) -> None:
    """Write receipts to Parquet tables.

    The tables join by `entry`; money is in minor units.
    """
    from engine.service.exporting import export
    from engine.store.receipt_reader import ReceiptReader
    from engine.store.receipt_store import FIRST, ReceiptStore

    if since and group:
        raise typer.BadParameter("--since and --group exclude each other: a group continues where it stopped")
    if since and not _ID.fullmatch(since):
        raise typer.BadParameter("must be an id as an export prints it, such as 1767225600000-0", param_hint="--since")
    if output.suffix != ".parquet":
        raise typer.BadParameter("the file name must end in .parquet", param_hint="--output")
    with store(redis, data) as connection:
        name = _rule_set(connection, rule_set)
        found = ReceiptStore(connection, name)
        if group:
            reader = ReceiptReader(connection, name, group, socket.gethostname())
            exported = export(_shown("receipts written", reader.batches()), output, reader.acknowledge)
        else:
            first = f"({since}" if since else FIRST
            exported = export(_shown("receipts written", found.batches(first), found.count()), output)
    for path in exported.paths:
        typer.echo(path)
    typer.echo(f"{exported.entries:,} receipts" + (f"; continue with --since {exported.last}" if exported.last else ""))


@receipts.command(epilog=examples("cartwright receipts show --redis redis://HOST order-4711"))
def show(
    key: Annotated[str, typer.Argument(metavar="KEY", help="Key of the reservation that was committed.")],
    redis: RedisUrl = None,
    data: FilledFolder = None,
    rule_set: RuleSetName = None,
) -> None:
    """Print one receipt, what it redeemed, and its returns."""
    from engine.cli.sale import sale_parts
    from engine.service.messages.receipts import paid_quote
    from engine.store.receipt_store import ReceiptStore

    with store(redis, data) as connection:
        sale = ReceiptStore(connection, _rule_set(connection, rule_set)).sale(key)
    for part in sale_parts(sale, paid_quote(sale.sold.receipt)):
        stdout().print(part)


@receipts.command(
    epilog=examples(
        "cartwright receipts replay --redis redis://HOST order-4711",
        "cartwright receipts replay --redis redis://HOST --all",
        "cartwright receipts replay --redis redis://HOST --exported june.parquet",
    )
)
def replay(
    keys: Annotated[
        list[str] | None, typer.Argument(metavar="KEY", help="Keys of receipts to replay, with their returns.")
    ] = None,
    all: Annotated[bool, typer.Option("--all", help="Replay every receipt in the store.")] = False,
    exported: Annotated[
        Path | None,
        typer.Option(exists=True, dir_okay=False, metavar="FILE.parquet", help="Replay every receipt of an export."),
    ] = None,
    redis: RedisUrl = None,
    data: FilledFolder = None,
    rule_set: RuleSetName = None,
) -> None:
    """Price receipts again, and report every difference.

    Each is priced from its own rule set, cart and moment.
    """
    from engine.cli.sale import differing
    from engine.service.programs import Programs
    from engine.service.replay import Replay
    from engine.store.receipt_store import ReceiptStore
    from engine.store.rule_sets import RuleSetStore

    if [bool(keys), all, exported is not None].count(True) != 1:
        raise typer.BadParameter("say what to replay: keys, --all or --exported")
    count = different = 0
    with store(redis, data) as connection:
        found = ReceiptStore(connection, _rule_set(connection, rule_set))
        working = Replay(Programs(RuleSetStore(connection)), found.sale)
        for entry in _to_replay(found, keys or [], exported):
            differences = working.differences(entry.receipt)
            count += 1
            if differences:
                different += 1
                stdout().print(differing(entry, differences))
    typer.echo(f"{count:,} replayed, {different:,} differ")
    if different:
        raise typer.Exit(MISTAKE)


@receipts.command(epilog=examples("cartwright receipts trim --redis redis://HOST --older-than 400"))
def trim(
    older_than: Annotated[
        int, typer.Option(min=LEAST_DAYS, metavar="DAYS", help="Delete receipts that are older than this.")
    ],
    redis: RedisUrl = None,
    data: FilledFolder = None,
    rule_set: RuleSetName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete old receipts after asking for confirmation.

    Export them first. Each is deleted with its returns.
    A receipt is deleted once the last of its returns is old enough, so every
    receipt kept can be shown, replayed and returned as before. Receipts that
    a consumer group has yet to acknowledge are kept.
    """
    from engine.store.receipt_trimming import trim, trimmable

    with store(redis, data) as connection:
        name = _rule_set(connection, rule_set)
        going = trimmable(connection, name, older_than * DAY)
        typer.echo(f"{name}: {going.entries:,} receipts and returns are older than {older_than:,} days")
        if going.held_by:
            typer.echo(f"others are kept, because the group {going.held_by} has yet to acknowledge them")
        if going.entries and not yes:
            typer.confirm("Delete them permanently?", abort=True)
        if going.entries:
            typer.echo(f"{trim(connection, name, older_than * DAY).entries:,} deleted")


def _to_replay(found: ReceiptStore, keys: list[str], exported: Path | None) -> Iterator[AnyEntry]:
    if keys:
        for key in keys:
            sale = found.sale(key)
            yield sale.sold
            yield from sale.returns
        return
    if exported is None:
        batches = _shown("replayed", found.batches(), found.count())
    else:
        from engine.store.receipt_tables import exported_entries

        batches = _shown("replayed", exported_entries(exported))
    for batch in batches:
        yield from batch


def _rule_set(connection: Connection, named: str | None) -> str:
    """The rule set named, or the only one with receipts."""
    from engine.store.receipt_store import rule_sets_with_receipts

    if named is not None:
        return named
    names = rule_sets_with_receipts(connection)
    if not names:
        raise ReceiptNotFound("the store has no receipts")
    if len(names) > 1:
        raise typer.BadParameter(
            f"is required, because several rule sets have receipts: use one of {', '.join(names)}",
            param_hint="--rule-set",
        )
    return names[0]


def _shown(label: str, batches: Iterable[list[AnyEntry]], total: int | None = None) -> Iterator[list[AnyEntry]]:
    """The batches, with a progress bar on standard error."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=stderr()) as progress:
        task = progress.add_task(label, total=total)
        for batch in batches:
            yield batch
            progress.advance(task, len(batch))
