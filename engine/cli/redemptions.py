"""The commands ``cartwright redemptions …``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console

from engine.cli.options import DataFolder, RedisUrl, rule_set_name, store
from engine.cli.tables import printable
from engine.store.redemptions import Redemptions
from engine.store.rule_sets import RuleSetStore

redemptions = typer.Typer(name="redemptions", help="What is redeemed of rule sets.", no_args_is_help=True)


@redemptions.callback()
def redemptions_of() -> None:
    """What is redeemed of rule sets."""


@redemptions.command("open", epilog="Example:\n\ncartwright redemptions open spring --redis redis://HOST:6379/0")
def open_ledger(
    rule_set: Annotated[str, typer.Argument(metavar="NAME", parser=rule_set_name, help="Whose redemptions.")],
    redis: RedisUrl = None,
    data: DataFolder = None,
) -> None:
    """Say that what Redis counts is all that was redeemed of a rule set so far; nothing is reserved before that.

    Once for a new rule set. Again only when Redis has lost its data: what was redeemed before then counts no more, so
    bring back a backup first if there is one.
    """
    with store(redis, data) as connection:
        opened = Redemptions(connection, rule_set).open()
        published = any(name == rule_set for name, _, _ in RuleSetStore(connection).overview())
    if not published:
        note = f"no rule set {rule_set} is published here: right only if replicas serve it from a file"
        Console(highlight=False, stderr=True).print(printable(note), soft_wrap=True)
    said = "opened: counting begins here" if opened else "was open already, nothing changed"
    Console(highlight=False).print(printable(f"{rule_set} {said}"), soft_wrap=True)
