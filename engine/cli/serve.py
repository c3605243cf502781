"""The command ``cartwright serve``."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.options import DEFAULT_RULE_BYTES, RULE_SET, CodeKey, DataFolder, KeepReceipts, MaxRuleBytes, RedisUrl
from engine.cli.printing import say
from engine.rules import Limits
from engine.service.settings import Address, Settings

LISTENING = "listening on "
"""Printed before the address, once the service accepts calls."""


def serve(
    rules: Annotated[
        list[Path] | None,
        typer.Option(exists=True, readable=True, help=f"{RULE_SET} Repeat the option for more."),
    ] = None,
    redis: RedisUrl = None,
    data: DataFolder = None,
    code_key: CodeKey = None,
    keep_receipts: KeepReceipts = None,
    listen: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Address to listen on; port 0 picks a free one.")
    ] = "127.0.0.1:50051",
    metrics: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT", help="Address at which Prometheus gets metrics, at /metrics. Default: none are kept."
        ),
    ] = None,
    catalogue: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            readable=True,
            dir_okay=False,
            help="Products by SKU, Parquet or CSV: lines may leave out what it has. It is read again when it changes.",
        ),
    ] = None,
    allow_at: Annotated[bool, typer.Option("--allow-at", help="Let callers choose the moment of pricing.")] = False,
    allow_publish: Annotated[
        bool, typer.Option("--allow-publish", help="Let callers publish, activate and roll back rule sets.")
    ] = False,
    workers: Annotated[
        int, typer.Option(min=1, help="Threads that answer calls, for each service; more while calls are slow.")
    ] = 4,
    streams: Annotated[
        int, typer.Option(min=1, help="Streams that may be open at once; each has a thread of its own.")
    ] = 100,
    session_memory: Annotated[
        int, typer.Option(min=0, metavar="MIB", help="Memory in mebibytes for carts held between mutations.")
    ] = 256,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Serve checkouts over gRPC until SIGTERM or Ctrl-C.

    engine.v1.PricingService prices carts. With a store, RuleSetService
    publishes rule sets and RedemptionService redeems.
    """
    from engine.service.server import Server, stop_signals

    if not rules and redis is None and data is None:
        raise typer.BadParameter("pass --rules, --redis or --data to say where rule sets are")
    if keep_receipts is not None and redis is None and data is None:
        raise typer.BadParameter("needs a store: pass --redis or --data", param_hint="--keep-receipts")
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("engine").setLevel(logging.INFO)
    server = Server(
        Settings(
            address=_address(listen, "--listen"),
            metrics=None if metrics is None else _address(metrics, "--metrics"),
            rules=tuple(rules or ()),
            redis=redis,
            data=data,
            code_key=code_key,
            keep_receipts=keep_receipts,
            limits=Limits(size=max_rule_bytes),
            catalogue=catalogue,
            allow_at=allow_at,
            allow_publish=allow_publish,
            workers=workers,
            streams=streams,
            session_memory=session_memory * 2**20,
        )
    )
    for each in server.rule_sets:
        revision = f"revision {each.revision}, " if each.revision else ""
        line = f"{each.name} {each.program.version}: {revision}{each.program.promotion_count:,} promotions"
        say(line)
    asked_to_stop = stop_signals()
    server.start()
    if server.metrics_address is not None:
        say(f"metrics at http://{server.metrics_address}/metrics")
    say(f"{LISTENING}{server.address}")
    asked_to_stop.get()
    server.stop()


def _address(text: str, option: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint=option) from None
