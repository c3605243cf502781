"""The commands ``cartwright redemptions …``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.options import DataFolder, RedisUrl, examples, rule_set_name, store
from engine.cli.printing import say
from engine.errors import RuleSetNotFound

if TYPE_CHECKING:
    from engine.store.rule_sets import RuleSetStore

redemptions = typer.Typer(
    name="redemptions", help="Ledgers: what has been redeemed of rule sets.", no_args_is_help=True
)


@redemptions.callback()
def redemptions_of() -> None:
    """Ledgers: what has been redeemed of rule sets."""


@redemptions.command("open", epilog=examples("cartwright redemptions open spring --redis redis://HOST:6379/0"))
def open_ledger(
    rule_set: Annotated[str, typer.Argument(metavar="NAME", parser=rule_set_name, help="Name of the rule set.")],
    redis: RedisUrl = None,
    data: DataFolder = None,
    unpublished: Annotated[
        bool,
        typer.Option(
            "--unpublished", help="Accept a rule set that is not in the store: replicas serve it from a file."
        ),
    ] = False,
) -> None:
    """Open the ledger of a rule set: Redis counts redemptions from here. Nothing can be reserved before that.

    Run it once for a new rule set. Run it again only if Redis has lost its
    data: what was redeemed before no longer counts, so restore a backup first
    if there is one.
    """
    from engine.store.redemptions import Redemptions
    from engine.store.rule_sets import RuleSetStore

    with store(redis, data) as connection:
        if not unpublished:
            _check_published(RuleSetStore(connection), rule_set)
        opened = Redemptions(connection, rule_set).open()
    said = "opened: counting begins here" if opened else "is already open: nothing changed"
    say(f"{rule_set} {said}")


def _check_published(rule_sets: RuleSetStore, name: str) -> None:
    """Raises RuleSetNotFound, because a ledger under a mistyped name would never be used."""
    names = [each for each, _, _ in rule_sets.overview()]
    if name not in names:
        known = f"published: {', '.join(names) or 'none'}"
        raise RuleSetNotFound(
            f"no rule set {name} is published here ({known}); add --unpublished if replicas serve it from a file"
        )
