"""``cartwright rules`` against a service with a store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.service.server import Server
from engine.store.connection import Connection
from tests.cli.conftest import Run
from tests.serving import running, settings_of

Rules = Callable[..., object]


@pytest.fixture
def address(connection: Connection, redis_url: str) -> Iterator[str]:
    with running(Server(settings_of(redis=redis_url, allow_publish=True))) as server:
        yield str(server.address)


@pytest.fixture
def command(run: Run, address: str) -> Run:
    """Runs ``cartwright rules …``."""
    return lambda verb, *arguments: run("rules", verb, *arguments, "--service", address)


def edit(rules: Path, percent: int) -> None:
    rules.write_text(rules.read_text().replace("percent: 10", f"percent: {percent}"))


def test_a_rule_set_goes_from_a_file_to_replicas_and_back(command: Run, rules: Path) -> None:
    published = command("publish", rules, "--note", "first try", "--activate")
    assert published.code == 0
    assert published.out.startswith("spring@1 published, version ")
    assert "spring@1 has been active since 20" in published.out
    edit(rules, 12)
    assert "spring@2 published" in command("publish", rules).out
    assert "spring@2 has this content already" in command("publish", rules).out
    assert "spring@2 has been active since" in command("activate", "spring@2").out
    assert "nothing changed" in command("activate", "spring@2").out
    scheduled = command("activate", "spring@1", "--at", "2099-01-01T01:00:00+01:00").out
    assert "spring@2 has been active since" in scheduled
    assert "spring@1 will be active from 2099-01-01 00:00 UTC" in scheduled
    rolled = command("rollback", "spring").out
    assert "spring@1 has been active since" in rolled
    assert "spring@1, scheduled for 2099-01-01 00:00 UTC, is withdrawn" in rolled
    listed = command("list").out
    assert "spring" in listed
    assert "scheduled (UTC)" in listed
    history = command("list", "spring").out
    assert history.index("once") < history.index("first try") < history.index("since 20")
    command("activate", "spring@1", "--at", "2099-01-01T01:00:00+01:00")
    both = " ".join(command("list", "spring").out.split())
    assert "since 20" in both
    assert "from 2099-01-01 00:00" in both


def test_findings_are_told_with_the_place_in_the_file(command: Run, rules: Path) -> None:
    rules.write_text(rules.read_text() + "  never:\n    layer: order\n    when: cart.subtotal < 0.00\n" + 4 * " ")
    rules.write_text(rules.read_text() + "reward: {credit: {amount: 1.00}}\n")
    told = command("publish", rules)
    assert told.code == 0
    assert f"lint: {rules}:13: never_applies: never " in told.out
    edit(rules, 11)
    refused = command("publish", rules, "--refuse-findings")
    assert refused.code == 1
    assert f"{rules}:13:3: never_applies: never " in refused.err
    assert "lint: spring.yaml:13: never_applies" in command("show", "spring").out


def test_mistakes_are_told_as_check_does(command: Run, rules: Path, run: Run) -> None:
    rules.write_text(rules.read_text().replace("layer: order", "layer: ordr"))
    refused = command("publish", rules)
    assert refused.code == 1
    assert refused.err == run("check", rules).out + run("check", rules).err


def test_a_folder_is_published_by_the_names_within_it(command: Run, rules: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "more").mkdir(parents=True)
    rules.rename(folder / "rules.yaml")
    (folder / "more" / "amounts.yaml").write_text("amounts: {small: 5.00}\n")
    assert command("publish", folder).code == 0
    assert "files: more/amounts.yaml, rules.yaml" in command("show", "spring@1").out
    source = command("show", "spring@1", "--source").out
    assert "# more/amounts.yaml\namounts: {small: 5.00}\n# rules.yaml\nruleset: spring\n" in source
    (folder / "more" / "amounts.yaml").write_text("amuonts: {small: 5.00}\n")
    assert f"{folder}/more/amounts.yaml:1:1: unknown_key" in command("publish", folder).err


def test_an_empty_folder_is_told_by_its_own_name(command: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert command("publish", tmp_path / "empty").err.startswith(f"{tmp_path}/empty:1:1: no_files")


def test_no_service_is_told_in_one_line(run: Run) -> None:
    refused = run("rules", "list", "--service", "127.0.0.1:1")
    assert refused.code == 2
    assert refused.err.strip().endswith("could not reach 127.0.0.1:1")
    assert len(refused.err.strip().splitlines()) == 1


def test_differences_between_revisions_and_files(command: Run, rules: Path, tmp_path: Path, run: Run) -> None:
    old = tmp_path / "old.yaml"
    old.write_text(rules.read_text())
    command("publish", rules, "--activate")
    edit(rules, 12)
    for before, after in ((old, rules), ("spring", rules), ("spring@1", rules)):
        told = command("diff", before, after).out
        assert "promotion ten-off" in told
        assert [each for each in told.split() if each.isdigit()] == ["10", "12"]
    limited = tmp_path / "limited.yaml"
    limited.write_text(rules.read_text().replace("layer: order\n", "layer: order\n    limits: {per_customer: 1}\n"))
    assert " limits.per_customer " in command("diff", rules, limited).out
    command("publish", rules)
    assert json.loads(command("diff", "spring@1", "spring@2", "--format", "json").out) == [
        {"kind": "promotion", "name": "ten-off", "part": "percent", "before": "10", "after": "12"}
    ]
    assert command("diff", "spring@2", rules).out == "no difference that affects a price\n"
    missing = command("diff", "spring", "no.yaml")
    assert (missing.code, "the file no.yaml does not exist" in missing.err) == (2, True)


def test_programs_are_told_in_json(command: Run, rules: Path) -> None:
    published = json.loads(command("publish", rules, "--author", "ann", "--activate", "--format", "json").out)
    assert published["stored"] is True
    assert published["changed"] is True
    assert (published["revision"]["number"], published["revision"]["author"]) == (1, "ann")
    assert published["active"]["at"].endswith("+00:00")
    (overview,) = json.loads(command("list", "--format", "json").out)
    assert (overview["name"], overview["revisions"], overview["active"]["revision"]) == ("spring", 1, 1)
    history = json.loads(command("list", "spring", "--format", "json").out)
    assert history["revisions"] == [published["revision"]]
    shown = json.loads(command("show", "spring@1", "--format", "json").out)
    assert shown["files"] == [{"file": "spring.yaml", "text": rules.read_text()}]
    assert json.loads(command("activate", "spring@1", "--format", "json").out)["changed"] is False
    status = json.loads(command("status", "--format", "json").out)
    assert status["available"] is True


def test_a_fault_of_a_replica_is_an_exit_code(command: Run, rules: Path, connection: Connection) -> None:
    command("publish", rules, "--activate")
    while "revisions taken up: 1," not in (sound := command("status")).out:
        assert sound.code == 0
    assert re.search(r"^the store answered [0-9]+\.[0-9] s ago$", sound.out, re.M)
    connection.call("FLUSHALL")
    while not (lost := command("status")).code:
        pass
    assert lost.code == 1
    assert "the store no longer has it" in " ".join(lost.out.split())


def test_what_is_mistaken_is_told_in_a_line(command: Run, rules: Path) -> None:
    unknown = command("activate", "spring@1")
    assert (unknown.code, unknown.err) == (1, "error: the store has no rule set 'spring'\n")
    for revision in ("spring", "spring@", "spring@x", "spring@0", f"spring@{2**63}"):
        assert command("activate", revision).code == 2
    late = command("activate", "spring@1", "--at", "tomorrow")
    assert (late.code, "not an ISO 8601 time" in late.err) == (2, True)
    long = command("publish", rules, "--note", "n" * 1_001)
    assert (long.code, long.err) == (1, "error: note: must have at most 1,000 characters\n")
