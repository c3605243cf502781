"""The commands ``cartwright redemptions …``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import DataFolder, RedisUrl, rule_set_name, store
from engine.cli.printing import say
from engine.errors import RuleSetNotFound

if TYPE_CHECKING:
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
    unpublished: Annotated[
        bool, typer.Option("--unpublished", help="It is in no store: replicas serve it from a file.")
    ] = False,
) -> None:
    """Say that what Redis counts is all that was redeemed of a rule set so far; nothing is reserved before that.

    Once for a new rule set. Again only when Redis has lost its data: what was redeemed before then counts no more, so
    bring back a backup first if there is one.
    """
    from engine.store.redemptions import Redemptions
    from engine.store.rule_sets import RuleSetStore

    with store(redis, data) as connection:
        if not unpublished:
            _check_published(RuleSetStore(connection), rule_set)
        opened = Redemptions(connection, rule_set).open()
    said = "opened: counting begins here" if opened else "was open already, nothing changed"
    say(f"{rule_set} {said}")


def _check_published(rule_sets: RuleSetStore, name: str) -> None:
    """Raises RuleSetNotFound: nobody would ask for a ledger under a mistyped name."""
    names = [each for each, _, _ in rule_sets.overview()]
    if name not in names:
        known = f"there is {', '.join(names)}" if names else "there is none"
        raise RuleSetNotFound(
            f"no rule set {name} is published here, {known}; one that replicas serve from a file takes --unpublished"
        )
