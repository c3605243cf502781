"""Followers of a real Redis: what is active there is served, whatever happens to Redis."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import NoReturn

import pytest

from engine.errors import DuplicateRuleSet, InvalidArtifact, InvalidCatalogue, StoreUnavailable
from engine.rules import Limits, Source
from engine.store import following
from engine.store.connection import Connection
from engine.store.embedded import EmbeddedRedis
from engine.store.following import Follower
from engine.store.kept import KeptRevisions, StoredRevision
from engine.store.keys import RuleSetKeys
from engine.store.loaded import LoadedRevision, fetch
from engine.store.publishing import prepare
from engine.store.rule_sets import UNASKED, Polled, RuleSetStore
from tests.redis import move_clock
from tests.serving import spring
from tests.waiting import eventually


class Replica:
    """A follower, and the revisions it has served in order."""

    def __init__(self, connection: Connection, **options: object) -> None:
        self.served: list[LoadedRevision] = []
        self.follower = Follower(RuleSetStore(connection), self.served.append, **options)
        self.follower.catch_up()

    @property
    def numbers(self) -> list[int]:
        return [each.stored.number for each in self.served]

    @property
    def fault(self) -> str:
        return self.follower.following.rule_sets["spring"].fault


@contextmanager
def following_on(replica: Replica) -> Iterator[Replica]:
    replica.follower.start()
    try:
        yield replica
    finally:
        replica.follower.stop()


def publish(connection: Connection, percent: int, name: str = "spring", activate: bool = True) -> int:
    """The revision's number."""
    store = RuleSetStore(connection)
    revision, _ = store.publish(prepare([Source("rules.yaml", spring(percent, name))], Limits()), "ann", "")
    if activate:
        store.activate(name, revision.number, "ann", "")
    return revision.number


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once what failed."""
    monkeypatch.setattr(following, "_TRY_AGAIN", 0.0)


def test_what_is_active_is_served_and_followed(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_INTERVAL", 6.0)
    publish(connection, 10)
    replica = Replica(connection)
    assert replica.numbers == [1]
    with following_on(replica):
        time.sleep(0.1)  # it is listening by now
        publish(connection, 11)
        eventually(lambda: replica.numbers == [1, 2], 2.5)  # sooner than any poll would
        publish(connection, 12, activate=False)
        publish(connection, 10, name="summer")
        eventually(lambda: replica.numbers == [1, 2, 1])
        RuleSetStore(connection).rollback("spring", "ann", "")
        eventually(lambda: replica.numbers == [1, 2, 1, 1])
    followed = replica.follower.following
    assert followed.in_step
    assert (followed.swaps, followed.refused) == (4, 0)
    assert {name: (each.number, each.wanted) for name, each in followed.rule_sets.items()} == {
        "spring": (1, 1),
        "summer": (1, 1),
    }


def test_with_every_message_lost_it_is_about_a_second_behind(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(connection, 10)
    replica = Replica(connection)
    monkeypatch.setattr(RuleSetKeys, "CHANNEL", "elsewhere")
    with following_on(replica):
        time.sleep(0.1)
        monkeypatch.undo()
        publish(connection, 11)
        eventually(lambda: replica.numbers == [1, 2], 5.0)
    assert following._INTERVAL <= 1.0


@pytest.mark.parametrize("damage", ["artifact cut", "artifact gone", "source gone", "of another rule set"])
def test_a_bad_artifact_never_replaces_a_good_one(connection: Connection, damage: str) -> None:
    publish(connection, 10)
    replica = Replica(connection)
    publish(connection, 11, name="summer", activate=False)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    revision = store.revision("spring", 2)
    match damage:
        case "artifact cut":
            good = store.artifact(revision.version)
            connection.call("SET", RuleSetKeys.artifact(revision.version), good[:-1])
        case "artifact gone":
            connection.call("DEL", RuleSetKeys.artifact(revision.version))
        case "source gone":
            connection.call("DEL", RuleSetKeys.source(revision.source))
        case "of another rule set":
            other = connection.call("LINDEX", RuleSetKeys.revisions("summer"), 0)
            connection.call("LSET", RuleSetKeys.revisions("spring"), 1, other)
    store.activate("spring", 2, "ann", "")
    with following_on(replica):
        eventually(lambda: replica.fault != "")
        assert replica.fault.startswith("revision 2 cannot be served: ")
        assert not replica.follower.following.in_step
        assert replica.follower.following.refused > 0
        served = replica.follower.following.rule_sets["spring"]
        assert (served.number, served.wanted, replica.numbers) == (1, 2, [1])
        if damage != "of another rule set":
            publish(connection, 11)  # which writes it again
            eventually(lambda: replica.numbers == [1, 2])
            eventually(lambda: replica.follower.following.in_step)


def test_a_revision_that_cannot_be_served_leaves_the_one_before(connection: Connection) -> None:
    publish(connection, 10)
    replica = Replica(connection)

    def refuse(revision: LoadedRevision) -> None:
        raise InvalidCatalogue("there is no column currency")

    replica.follower._serve = refuse
    publish(connection, 11)
    with following_on(replica):
        eventually(lambda: replica.fault == "revision 2 cannot be served: there is no column currency")
        replica.follower._serve = replica.served.append
        eventually(lambda: replica.numbers == [1, 2])


def test_what_failed_is_not_tried_again_for_a_while(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_TRY_AGAIN", 60.0)
    publish(connection, 10)
    replica = Replica(connection)
    publish(connection, 11)
    connection.call("DEL", RuleSetKeys.artifact(RuleSetStore(connection).revision("spring", 2).version))
    for _ in range(3):
        replica.follower.catch_up()
    assert (replica.numbers, replica.follower.following.refused) == ([1], 1)


def test_a_revision_of_another_version_than_the_activated_one_is_refused(connection: Connection) -> None:
    publish(connection, 10)
    store = RuleSetStore(connection)
    active = store.history("spring").pointer.active
    assert active is not None
    with pytest.raises(InvalidArtifact, match="not the activated 00000000"):
        fetch(store, "spring", active._replace(version="0" * 64), ())


def test_a_program_is_loaded_once_for_all_revisions_of_its_version(connection: Connection) -> None:
    publish(connection, 10)
    replica = Replica(connection)
    text = spring() + "# the same, with a comment\n"
    store = RuleSetStore(connection)
    store.publish(prepare([Source("rules.yaml", text)], Limits()), "ann", "")
    store.activate("spring", 2, "ann", "")
    with following_on(replica):
        eventually(lambda: replica.numbers == [1, 2])
    assert replica.served[0].program is replica.served[1].program
    assert replica.served[0].stored.source != replica.served[1].stored.source


def test_redis_may_stop_and_start(redis: EmbeddedRedis, redis_folder: Path) -> None:
    connection = Connection(redis.url, timeout=0.2)
    publish(connection, 10)
    replica = Replica(connection)
    with following_on(replica):
        redis.stop()
        eventually(lambda: not replica.follower.following.available)
        assert replica.numbers == [1]
        assert replica.fault == ""
        assert not replica.follower.following.in_step
        again = EmbeddedRedis(redis_folder)
        try:
            eventually(lambda: replica.follower.following.in_step)
            publish(connection, 11)
            eventually(lambda: replica.numbers == [1, 2])
        finally:
            replica.follower.stop()
            again.stop()


def test_redis_may_hang(redis: EmbeddedRedis) -> None:
    connection = Connection(redis.url, timeout=0.1)
    publish(connection, 10)
    replica = Replica(connection)
    with following_on(replica):
        connection.call("CLIENT", "PAUSE", 3_000)  # longer than the time between two polls
        eventually(lambda: not replica.follower.following.available)
        assert (replica.numbers, replica.fault) == ([1], "")
        eventually(lambda: replica.follower.following.in_step)
        publish(connection, 11)
        eventually(lambda: replica.numbers == [1, 2])


def test_after_a_flush_what_was_active_is_served_on_and_that_is_said(connection: Connection) -> None:
    publish(connection, 10)
    publish(connection, 11)
    replica = Replica(connection)
    with following_on(replica):
        connection.call("FLUSHALL")
        eventually(lambda: "no longer has it" in replica.fault)
        assert replica.numbers == [2]
        publish(connection, 12)
        eventually(lambda: replica.numbers == [2, 1])
        eventually(lambda: replica.follower.following.in_step)


def test_a_damaged_pointer_concerns_its_rule_set_alone(
    connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    publish(connection, 10)
    replica = Replica(connection)
    for damage in ("1 1", "x\ny", "1 1 v activate []", "1 1 v activate {}", "\n\n", b"\xff\n"):
        connection.call("HSET", RuleSetKeys.POINTERS, "spring", damage)
        number = publish(connection, 10 + len(replica.served), name="summer")
        for each in (replica, Replica(connection)):
            each.follower._look()
            assert each.served[-1].stored.number == number
            assert not each.follower.following.in_step
            assert each.fault.startswith("its pointer in the store is damaged")
        assert replica.follower.following.rule_sets["spring"].number == 1
        assert "spring: its pointer in the store is damaged" in caplog.text
        assert RuleSetStore(connection).overview()[0][:2] == ("spring", 1)
        assert RuleSetStore(connection).activate("spring", 1, "ann", "").pointer.active.revision == 1
        replica.follower._look()
        assert replica.follower.following.in_step


def test_what_is_scheduled_takes_effect_at_its_moment_though_redis_is_gone(redis: EmbeddedRedis) -> None:
    connection = Connection(redis.url, timeout=0.2)
    publish(connection, 10)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    replica = Replica(connection)
    with following_on(replica):
        at = store.poll(UNASKED).now + 1_500_000
        store.activate("spring", 2, "ann", "", at)
        eventually(lambda: bool(replica.follower._ready))
        redis.stop()
        assert replica.numbers == [1]
        eventually(lambda: replica.numbers == [1, 2])
        late = time.time_ns() // 1000 - at
        assert 0 <= late < 3_000_000
        assert not replica.follower.following.available


@pytest.mark.parametrize("replicated", [True, False])
def test_a_failover_to_a_clock_that_lags_takes_nothing_back(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, replicated: bool
) -> None:
    publish(connection, 10)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    replica = Replica(connection)
    store.activate("spring", 2, "ann", "", store.poll(UNASKED).now + 300_000)
    before = connection.call("HGETALL", RuleSetKeys.POINTERS)
    with following_on(replica):
        eventually(lambda: replica.numbers == [1, 2])
        eventually(lambda: store.poll(UNASKED).pointers["spring"].scheduled is None)
        move_clock(monkeypatch, -3_600)
        if not replicated:  # the new master had the schedule, but not yet that its moment had come
            for name, pointer in before.items():
                connection.call("HSET", RuleSetKeys.POINTERS, name, pointer)
            connection.call("INCR", RuleSetKeys.GENERATION)
            eventually(lambda: store.poll(UNASKED).pointers["spring"].scheduled is None)
        polls = replica.follower.following.polls
        eventually(lambda: replica.follower.following.polls > polls + 1)
        assert replica.numbers == [1, 2]
        assert replica.follower.following.in_step
        assert Replica(connection).numbers == [2]
        assert store.rollback("spring", "ann", "").pointer.active.revision == 1
        eventually(lambda: replica.numbers == [1, 2, 1])


def test_what_took_effect_while_redis_was_gone_is_marked_when_it_is_back(
    redis: EmbeddedRedis, redis_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = Connection(redis.url, timeout=0.2)
    publish(connection, 10)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    replica = Replica(connection)
    with following_on(replica):
        store.activate("spring", 2, "ann", "", store.poll(UNASKED).now + 1_000_000)
        eventually(lambda: bool(replica.follower._ready))
        redis.stop()
        eventually(lambda: replica.numbers == [1, 2])
        move_clock(monkeypatch, -3_600)
        again = EmbeddedRedis(redis_folder)
        try:
            eventually(lambda: store.poll(UNASKED).pointers["spring"].scheduled is None)
            assert replica.numbers == [1, 2]
        finally:
            again.stop()


def test_the_next_look_is_due_when_something_scheduled_is(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_INTERVAL", 120.0)
    publish(connection, 10)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    replica = Replica(connection)
    assert replica.follower._patience() >= 60.0
    store.activate("spring", 2, "ann", "", store.poll(UNASKED).now + 50_000_000)
    replica.follower.catch_up()
    assert 0.0 < replica.follower._patience() <= 50.0


def test_what_is_withdrawn_is_not_held_ready(connection: Connection) -> None:
    publish(connection, 10)
    publish(connection, 11, activate=False)
    store = RuleSetStore(connection)
    replica = Replica(connection)
    with following_on(replica):
        store.activate("spring", 2, "ann", "", store.poll(UNASKED).now + 30_000_000)
        eventually(lambda: "spring" in replica.follower._ready)
        store.activate("spring", 1, "ann", "")
        eventually(lambda: replica.follower._ready == {})
    assert replica.numbers == [1]


def test_a_replica_starts_with_what_is_kept_on_disk_while_redis_is_away(
    redis: EmbeddedRedis, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    connection = Connection(redis.url, timeout=0.2)
    for name in ("spring", "summer", "winter"):
        publish(connection, 10, name)
    publish(connection, 11)
    kept = KeptRevisions(tmp_path / "rule_sets")
    before = Replica(connection, kept=kept)
    redis.stop()
    path = tmp_path / "rule_sets" / "summer.revision"
    path.write_bytes(path.read_bytes()[:-1])
    (tmp_path / "rule_sets" / "winter.revision").write_bytes(b"{}\n")
    after = Replica(connection, kept=kept)
    assert not after.follower.following.available
    assert [each.stored for each in after.served] == [each.stored for each in before.served[:1]]
    assert after.numbers == [2]
    assert "a checksum does not match" in caplog.text
    assert "it is not a revision" in caplog.text


def test_processes_with_the_same_number_may_keep_a_revision_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in two containers that share a volume."""
    first, second = (
        StoredRevision("spring", number, sha256(artifact).hexdigest(), artifact, b"[]")
        for number, artifact in ((1, b"first"), (2, b"second"))
    )
    kept = KeptRevisions(tmp_path)
    fsync = os.fsync

    def keep_meanwhile(file: int) -> None:
        monkeypatch.setattr(os, "fsync", fsync)
        kept.keep(second)
        fsync(file)

    monkeypatch.setattr(os, "fsync", keep_meanwhile)
    kept.keep(first)
    assert list(kept.all()) == [first]
    assert [path.name for path in tmp_path.iterdir()] == ["spring.revision"]


def test_what_a_process_that_was_killed_left_is_deleted(tmp_path: Path) -> None:
    kept = KeptRevisions(tmp_path)
    names = "spring.revision.0123abcd", "spring.revision.00000000", "spring.revision.revision", "summer.revision"
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1, 1))
    (tmp_path / names[1]).touch()  # of one that writes now
    kept.keep(StoredRevision("spring", 1, sha256(b"first").hexdigest(), b"first", b"[]"))
    assert {path.name for path in tmp_path.iterdir()} == {"spring.revision", *names[1:]}


def test_a_revision_that_cannot_be_kept_or_used_is_logged(
    connection: Connection, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    junk = StoredRevision("summer", 1, sha256(b"junk").hexdigest(), b"junk", b"")
    KeptRevisions(tmp_path).keep(junk)
    (tmp_path / "file").touch()
    publish(connection, 10)
    for folder, said in (
        (tmp_path / "file", "is not kept on disk"),
        (tmp_path, "summer: revision 1 on disk cannot be"),
    ):
        assert Replica(connection, kept=KeptRevisions(folder)).numbers == [1]
        assert said in caplog.text


@pytest.mark.parametrize("listens", [True, False])
def test_a_fault_of_its_own_does_not_end_a_follower(
    connection: Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, listens: bool
) -> None:
    publish(connection, 10)
    replica = Replica(connection)
    publish(connection, 11)
    poll, faults = RuleSetStore.poll, [ZeroDivisionError()]

    def faulty(store: RuleSetStore, generation: str) -> Polled:
        if faults:
            raise faults.pop()
        return poll(store, generation)

    def refused(store: RuleSetStore) -> NoReturn:
        raise StoreUnavailable("no channels for this user")

    monkeypatch.setattr(RuleSetStore, "poll", faulty)
    if not listens:
        monkeypatch.setattr(RuleSetStore, "listening", refused)
    with following_on(replica):
        eventually(lambda: replica.numbers == [1, 2])
    assert "following the store failed; trying again" in caplog.text


def test_what_the_store_lost_while_it_was_away_comes_from_disk(connection: Connection, tmp_path: Path) -> None:
    kept = KeptRevisions(tmp_path)
    publish(connection, 10)
    Replica(connection, kept=kept)
    connection.call("FLUSHALL")
    after = Replica(connection, kept=kept)
    assert after.numbers == [1]
    assert "no longer has it" in after.fault


def test_a_rule_set_that_is_given_as_a_file_stays_as_it_is(connection: Connection) -> None:
    replica = Replica(connection, fixed=["spring"])
    publish(connection, 10)
    with pytest.raises(DuplicateRuleSet, match="spring is passed as a file but active in the store"):
        Replica(connection, fixed=["spring"])
    with following_on(replica):
        eventually(lambda: "spring" in replica.follower.following.rule_sets)
        assert replica.fault == "revision 1 cannot be served: the rule set is served from a file"
    assert replica.served == []
