"""``cartwright rules``: publish rule sets to the store that replicas follow, through a service that allows it."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from engine.cli.options import DEFAULT_RULE_BYTES, Format, MaxRuleBytes, OutputFormat, examples, moment
from engine.cli.printing import print_json, say
from engine.cli.report import MISTAKE
from engine.cli.revisions import (
    activated_json,
    changes_json,
    history_json,
    overview_json,
    print_activated,
    print_changes,
    print_history,
    print_overview,
    print_revision,
    print_status,
    revision_json,
    status_json,
)
from engine.rules import (
    CheckedRules,
    InvalidRules,
    Limits,
    Source,
    folder_of,
    load,
    load_sources,
    read_sources,
    stored_names,
)
from engine.rules.diff import diff
from engine.store.revisions import PublishedFinding

if TYPE_CHECKING:
    from engine.client import RuleSetClient  # imported on use, because it imports gRPC

app = typer.Typer(
    name="rules",
    help="Publish rule sets, and choose those that replicas price by.",
    no_args_is_help=True,
)

_T = TypeVar("_T")
_NUMBER = re.compile("[1-9][0-9]{0,17}")  # fits into int64


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("the system has no name for this user: pass --author") from None


Service = Annotated[
    str,
    typer.Option(metavar="HOST:PORT", help="Service to call; it needs a store, and --allow-publish for changes."),
]
SERVICE = "127.0.0.1:50051"
Author = Annotated[str, typer.Option(default_factory=_user, help="Who does it. Default: the name of this user.")]
Note = Annotated[str, typer.Option(help="Why it is done.")]
At = Annotated[
    int | None,
    typer.Option(
        "--at",
        parser=lambda text: moment(text) // 1000,
        metavar="TIME",
        help="When it takes effect, such as 2026-11-27T00:00:00+01:00, by the clock of Redis. Default: now.",
    ),
]
RevisionName = Annotated[str, typer.Argument(metavar="NAME@REVISION", help="Revision of a rule set, such as spring@4.")]


@app.command(
    epilog=examples(
        "cartwright rules publish spring.yaml --note 'Easter' --activate",
        "cartwright rules publish spring/ --at 2026-04-03T00:00:00Z",
    )
)
def publish(
    file: Annotated[Path, typer.Argument(exists=True, readable=True, help="Rule set: a file or a folder.")],
    author: Author,
    service: Service = SERVICE,
    note: Note = "",
    activate: Annotated[bool, typer.Option("--activate", help="Activate it as well.")] = False,
    at: At = None,
    refuse_findings: Annotated[
        bool, typer.Option("--refuse-findings", help="Publish nothing if lint has findings.")
    ] = False,
    format: OutputFormat = Format.TABLE,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Store a rule set as its next revision.

    It is checked first, its examples are priced, and it is linted.
    """
    files = _Files(file, Limits(size=max_rule_bytes))
    sources = files.sources
    with _client(service) as client:
        try:
            revision, stored = client.publish(sources, author, note, refuse_findings=refuse_findings)
        except InvalidRules as error:
            raise files.placed(error) from None
        wanted = activate or at is not None
        activated = client.activate(revision.rule_set, revision.number, author, note, at or 0) if wanted else None
    if format is Format.JSON:
        described: dict[str, Any] = {"revision": revision_json(revision), "stored": stored}
        if activated is not None:
            described |= activated_json(activated)
        print_json(described)
        return
    new = "published" if stored else "has this content already"
    say(f"{revision.rule_set}@{revision.number} {new}, version {revision.version[:8]}")
    for finding in revision.findings:
        say(f"lint: {files.place(finding)}: {finding.kind}: {finding.sentence}")
    if activated is not None:
        print_activated(revision.rule_set, activated)


@app.command(
    epilog=examples(
        "cartwright rules activate spring@4", "cartwright rules activate spring@5 --at 2026-04-03T00:00:00Z"
    )
)
def activate(
    revision: RevisionName,
    author: Author,
    at: At = None,
    service: Service = SERVICE,
    note: Note = "",
    format: OutputFormat = Format.TABLE,
) -> None:
    """Make every replica price by a revision, now or from a moment on.

    An activation that is already scheduled is withdrawn.
    """
    name, number = _parsed(revision)
    if not number:
        raise typer.BadParameter(f"must name a revision of {name}, such as {name}@4")
    with _client(service) as client:
        activated = client.activate(name, number, author, note, at or 0)
        _print(activated, format, activated_json, partial(print_activated, name))


@app.command(epilog=examples("cartwright rules rollback spring --note 'wrong percentage'"))
def rollback(
    name: Annotated[str, typer.Argument(help="Name of the rule set.")],
    author: Author,
    service: Service = SERVICE,
    note: Note = "",
    format: OutputFormat = Format.TABLE,
) -> None:
    """Go back to the revision that was active before.

    An activation that is scheduled is withdrawn.
    """
    with _client(service) as client:
        _print(client.rollback(name, author, note), format, activated_json, partial(print_activated, name))


@app.command("list", epilog=examples("cartwright rules list", "cartwright rules list spring"))
def list_rule_sets(
    name: Annotated[str, typer.Argument(help="Rule set whose revisions to list. Default: list the rule sets.")] = "",
    service: Service = SERVICE,
    format: OutputFormat = Format.TABLE,
) -> None:
    """List the rule sets in the store, or the revisions of one."""
    with _client(service) as client:
        if name:
            _print(client.history(name), format, history_json, print_history)
        else:
            _print(client.overview(), format, overview_json, print_overview)


@app.command(epilog=examples("cartwright rules show spring@4", "cartwright rules show spring --source > spring.yaml"))
def show(
    revision: Annotated[
        str, typer.Argument(metavar="NAME[@REVISION]", help="Revision. Without a number: the active one.")
    ],
    service: Service = SERVICE,
    source: Annotated[bool, typer.Option("--source", help="Print only the rule files as published.")] = False,
    format: OutputFormat = Format.TABLE,
) -> None:
    """Show one revision: who published it, when and why.

    It also shows what lint found, and the names or the text of the files.
    """
    with _client(service) as client:
        found, sources = client.get(*_parsed(revision))
    if format is Format.JSON:
        files = [{"file": each.file, "text": each.text} for each in sources]
        print_json({**revision_json(found), "files": files})
    elif source:
        for each in sources:
            if len(sources) > 1:
                typer.echo(f"# {each.file}")
            typer.echo(each.text, nl=not each.text.endswith("\n"))
    else:
        print_revision(found, sources)


@app.command(
    "diff",
    epilog=examples(
        "cartwright rules diff spring@3 spring@4",
        "cartwright rules diff spring spring.yaml",
        "cartwright rules diff old.yaml new.yaml",
    ),
)
def show_diff(
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="NAME@REVISION, NAME for the active one, or a file.")],
    after: Annotated[
        str, typer.Argument(metavar="AFTER", help="The rule set to compare it with, named in the same way.")
    ],
    service: Service = SERVICE,
    format: OutputFormat = Format.TABLE,
    max_rule_bytes: MaxRuleBytes = DEFAULT_RULE_BYTES,
) -> None:
    """Show how two rule sets differ, in the terms of rule files."""
    limits = Limits(size=max_rule_bytes)
    changes = diff(*(_rules(each, service, limits) for each in (before, after)))
    _print(changes, format, changes_json, print_changes)


@app.command(epilog=examples("cartwright rules status --service 10.0.0.7:50051"))
def status(service: Service = SERVICE, format: OutputFormat = Format.TABLE) -> None:
    """Show what one replica serves and how it follows the store. A fault gives exit code 1."""
    with _client(service) as client:
        found = client.status()
    _print(found, format, status_json, print_status)
    if not found.available or any(each.fault for each in found.rule_sets.values()):
        raise typer.Exit(MISTAKE)


@contextmanager
def _client(service: str) -> Iterator[RuleSetClient]:
    from engine.client import RuleSetClient

    with RuleSetClient(service) as client:
        yield client


@dataclass(frozen=True)
class _Files:
    """A rule set on disk. In the store its files have names relative to its folder."""

    path: Path
    limits: Limits

    @property
    def sources(self) -> tuple[Source, ...]:
        return stored_names(self.path, read_sources([self.path], self.limits))

    def place(self, finding: PublishedFinding) -> str:
        return f"{folder_of(self.path) / finding.file}:{finding.line}"

    def placed(self, error: InvalidRules) -> InvalidRules:
        """The mistakes, with the paths of the files on disk."""
        folder = folder_of(self.path)
        issues = [
            replace(each, position=replace(each.position, file=str(folder / each.position.file)))
            for each in error.issues
        ]
        sources = [Source(str(folder / each.file), each.text) for each in error.sources.values()]
        return InvalidRules(issues, sources, error.more)


def _parsed(revision: str) -> tuple[str, int]:
    """Name and number of ``spring@4``; without a number 0, which means the active one."""
    name, found, number = revision.partition("@")
    if found and not _NUMBER.fullmatch(number):
        raise typer.BadParameter(f"{revision!r} is not NAME@REVISION, such as spring@4")
    return name, int(number or 0)


def _rules(side: str, service: str, limits: Limits) -> CheckedRules:
    """A file if it exists, else a revision in the store."""
    if Path(side).exists():
        return load([side], limits)
    if Path(side).suffix in (".yaml", ".yml"):
        raise typer.BadParameter(f"the file {side} does not exist")
    with _client(service) as client:
        _, sources = client.get(*_parsed(side))
    return load_sources(sources, limits)


def _print(found: _T, format: Format, described: Callable[[_T], object], printed: Callable[[_T], None]) -> None:
    if format is Format.JSON:
        print_json(described(found))
    else:
        printed(found)
