"""Revisions of rule sets, printed as tables and lines or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.table import Column

from engine.cli.printing import clock, printable, say, stdout
from engine.cli.tables import table
from engine.rules import Source
from engine.rules.diff import Change
from engine.store.revisions import Activated, Activation, History, Pointer, Revision

if TYPE_CHECKING:
    from engine.client.rule_sets import Status  # imported on use, because it imports gRPC


def print_activated(name: str, activated: Activated) -> None:
    active, scheduled = activated.pointer
    if active is not None:
        say(f"{name}@{active.revision} has been active since {_time(active.at)}")
    if scheduled is not None:
        say(f"{name}@{scheduled.revision} will be active from {_time(scheduled.at)}")
    if activated.withdrawn is not None:
        say(f"{name}@{activated.withdrawn.revision}, scheduled for {_time(activated.withdrawn.at)}, is withdrawn")
    if not activated.changed:
        say("nothing changed")


def print_history(history: History) -> None:
    """Newest revision first."""
    rows = table(
        Column("revision", justify="right", no_wrap=True),
        Column("published (UTC)", no_wrap=True),
        Column("by", ratio=1),
        Column("note", ratio=2),
        Column("lint", justify="right", no_wrap=True),
        Column("active (UTC)", no_wrap=True),
    )
    active, scheduled = history.pointer
    once = {each.revision for each in history.activations}
    for revision in reversed(history.revisions):
        when = []
        if active is not None and active.revision == revision.number:
            when.append(f"since {_short(active.at)}")
        if scheduled is not None and scheduled.revision == revision.number:
            when.append(f"from {_short(scheduled.at)}")
        rows.add_row(
            f"{revision.number}",
            _short(revision.published_at),
            printable(revision.author),
            printable(revision.note),
            f"{len(revision.findings) or ''}",
            ", ".join(when) or ("once" if revision.number in once else ""),
        )
    stdout().print(rows)


def print_overview(overview: list[tuple[str, int, Pointer]]) -> None:
    rows = table(
        Column("rule set", ratio=1),
        Column("revisions", justify="right"),
        Column("active (UTC)", no_wrap=True),
        Column("scheduled (UTC)", no_wrap=True),
    )
    for name, count, pointer in overview:
        rows.add_row(printable(name), f"{count:,}", *map(_since, pointer))
    stdout().print(rows)


def print_revision(revision: Revision, sources: Sequence[Source]) -> None:
    """Everything except its source."""
    say(f"{revision.rule_set}@{revision.number}, version {revision.version}")
    note = f": {revision.note}" if revision.note else ""
    say(f"published {_time(revision.published_at)} by {revision.author}{note}")
    for finding in revision.findings:
        say(f"lint: {finding.file}:{finding.line}: {finding.kind}: {finding.sentence}")
    say(f"files: {', '.join(each.file for each in sources)}")


def print_status(status: Status) -> None:
    age = "has not answered yet" if status.age is None else f"answered {status.age:.1f} s ago"
    say(f"the store {'' if status.available else 'is unavailable, it '}{age}")
    say(f"polls: {status.polls:,}, failed: {status.polls_failed:,}")
    say(f"revisions taken up: {status.swaps:,}, failed: {status.refused:,}")
    rows = table(
        Column("rule set", ratio=1),
        Column("serves", justify="right", no_wrap=True),
        Column("version", no_wrap=True),
        Column("since (UTC)", no_wrap=True),
        Column("active", justify="right", no_wrap=True),
        Column("fault", ratio=1),
    )
    for name, each in status.rule_sets.items():
        since = _short(each.since // 1000) if each.since else ""
        served, wanted = (f"{number or ''}" for number in (each.number, each.wanted))
        rows.add_row(printable(name), served, each.version[:8], since, wanted, printable(each.fault, "yellow"))
    stdout().print(rows)


def print_changes(changes: tuple[Change, ...]) -> None:
    if not changes:
        stdout().print("no difference that affects a price")
        return
    what, before, after = (Column(name, ratio=1) for name in ("what", "before", "after"))
    rows = table(what, Column("part", no_wrap=True), before, after)
    for change in changes:
        part = change.part or ("added" if change.after else "removed")
        cells = f"{change.kind} {change.name}", part, change.before, change.after
        rows.add_row(*map(printable, cells))
    stdout().print(rows)


def _since(entry: Activation | None) -> str:
    return "" if entry is None else f"{entry.revision}, {_short(entry.at)}"


def _time(microseconds: int) -> str:
    return clock(microseconds // 10**6)


def _short(microseconds: int) -> str:
    """In UTC, as the heading says."""
    return _time(microseconds).removesuffix(" UTC")


def _iso(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds // 10**6, UTC).replace(microsecond=microseconds % 10**6).isoformat()


def revision_json(revision: Revision) -> dict[str, Any]:
    findings = [each._asdict() for each in revision.findings]
    return {**revision._asdict(), "published_at": _iso(revision.published_at), "findings": findings}


def _activation_json(activation: Activation | None) -> dict[str, Any] | None:
    return None if activation is None else {**activation._asdict(), "at": _iso(activation.at)}


def _pointer_json(pointer: Pointer) -> dict[str, Any]:
    return {"active": _activation_json(pointer.active), "scheduled": _activation_json(pointer.scheduled)}


def activated_json(activated: Activated) -> dict[str, Any]:
    return {
        **_pointer_json(activated.pointer),
        "withdrawn": _activation_json(activated.withdrawn),
        "changed": activated.changed,
    }


def history_json(history: History) -> dict[str, Any]:
    return {
        "name": history.name,
        **_pointer_json(history.pointer),
        "revisions": [revision_json(each) for each in history.revisions],
        "activations": [_activation_json(each) for each in history.activations],
    }


def overview_json(overview: list[tuple[str, int, Pointer]]) -> list[dict[str, Any]]:
    return [{"name": name, "revisions": count, **_pointer_json(pointer)} for name, count, pointer in overview]


def status_json(status: Status) -> dict[str, Any]:
    rule_sets = {name: each._asdict() for name, each in status.rule_sets.items()}
    return {**status._asdict(), "rule_sets": rule_sets}


def changes_json(changes: tuple[Change, ...]) -> list[dict[str, Any]]:
    return [each._asdict() for each in changes]
