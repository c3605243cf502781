"""Rule sets in a real Redis: published, active and scheduled; every change can be repeated."""

from __future__ import annotations

import time

import pytest

from engine.errors import (
    ActivationConflict,
    InvalidArtifact,
    NoEarlierRevision,
    RevisionNotFound,
    RuleSetNotFound,
    StoreFull,
)
from engine.rules import Limits, Source
from engine.store.connection import Connection
from engine.store.keys import RuleSetKeys
from engine.store.publishing import Publication, prepare
from engine.store.rule_sets import UNASKED, RuleSetStore
from tests.redis import move_clock
from tests.serving import spring


def publication(percent: int = 10, comment: str = "") -> Publication:
    return prepare([Source("rules.yaml", spring(percent) + comment)], Limits())


@pytest.fixture
def store(connection: Connection) -> RuleSetStore:
    return RuleSetStore(connection)


def publish(store: RuleSetStore, *percents: int) -> None:
    for percent in percents:
        store.publish(publication(percent), "ann", f"{percent} %")


def activate(store: RuleSetStore, *revisions: int) -> None:
    for revision in revisions:
        assert store.activate("spring", revision, "ann", "").changed


def active(store: RuleSetStore) -> int:
    found = store.history("spring").pointer.active
    return 0 if found is None else found.revision


def test_what_is_published_is_there_again(store: RuleSetStore) -> None:
    prepared = publication()
    revision, stored = store.publish(prepared, "ann", "first «try»\nof two")
    assert stored
    assert (revision.number, revision.author, revision.note) == (1, "ann", "first «try»\nof two")
    assert abs(revision.published_at - time.time_ns() // 1000) < 5_000_000
    assert store.revision("spring", 1) == revision
    assert store.artifact(revision.version) == prepared.artifact
    assert [(each.file, each.text) for each in store.sources(revision.source)] == [
        (each.file, each.text) for each in prepared.sources
    ]
    assert store.overview() == [("spring", 1, (None, None))]


def test_the_same_twice_in_a_row_is_one_revision(store: RuleSetStore) -> None:
    first, stored = store.publish(publication(), "ann", "")
    assert (first.number, stored) == (1, True)
    assert store.publish(publication(), "bob", "again") == (first, False)
    assert store.publish(publication(11), "bob", "")[0].number == 2
    assert store.publish(publication(), "bob", "back")[0].number == 3
    commented, stored = store.publish(publication(comment="# of another text\n"), "bob", "")
    assert (commented.number, commented.version, stored) == (4, first.version, True)


def test_the_last_activation_counts(store: RuleSetStore) -> None:
    publish(store, 10, 11)
    assert active(store) == 0
    first = store.activate("spring", 1, "ann", "go")
    assert (first.changed, first.pointer.active.revision, first.pointer.active.note) == (True, 1, "go")
    generation = store.poll(UNASKED).generation
    again = store.activate("spring", 1, "bob", "again")
    assert (again.changed, again.pointer) == (False, first.pointer)
    assert store.poll(generation).pointers is None
    activate(store, 2)
    polled = store.poll(generation)
    assert polled.generation != generation
    assert polled.pointers["spring"].active.revision == 2
    assert [each.revision for each in store.history("spring").activations] == [1, 2]


def test_what_is_not_there_is_not_found(store: RuleSetStore) -> None:
    for unknown in (
        lambda: store.history("spring"),
        lambda: store.revision("spring", 1),
        lambda: store.activate("spring", 1, "", ""),
        lambda: store.rollback("spring", "", ""),
    ):
        with pytest.raises(RuleSetNotFound, match="no rule set 'spring'"):
            unknown()
    publish(store, 10)
    for number in (-1, 0, 2):
        with pytest.raises(RevisionNotFound, match="the last one is 1"):
            store.revision("spring", number)
        with pytest.raises(RevisionNotFound, match="the last one is 1"):
            store.activate("spring", number, "", "")


def test_a_rollback_goes_on_to_what_was_before(store: RuleSetStore) -> None:
    publish(store, 10, 11, 12)
    with pytest.raises(NoEarlierRevision):
        store.rollback("spring", "ann", "")
    activate(store, 1, 2, 3)
    assert store.rollback("spring", "ann", "").pointer.active.revision == 2
    assert store.rollback("spring", "ann", "").pointer.active.revision == 1
    with pytest.raises(NoEarlierRevision):
        store.rollback("spring", "ann", "")
    activate(store, 3)
    assert store.rollback("spring", "ann", "").pointer.active.revision == 1


def test_a_rollback_that_names_its_revision_may_be_repeated(store: RuleSetStore) -> None:
    publish(store, 10, 11, 12)
    activate(store, 1, 2, 3)
    with pytest.raises(ActivationConflict, match="revision 3 of spring is active, not 2"):
        store.rollback("spring", "ann", "", revision=2)
    assert store.rollback("spring", "ann", "", revision=3).changed
    again = store.rollback("spring", "ann", "", revision=3)
    assert (again.changed, again.pointer.active.revision) == (False, 2)
    with pytest.raises(ActivationConflict, match="revision 2 of spring is active, not 1"):
        store.rollback("spring", "ann", "", revision=1)


def test_a_rollback_of_what_is_active_no_longer_is_refused(
    store: RuleSetStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store, 10, 11, 12)
    activate(store, 1, 2)
    seen = store.history("spring")
    activate(store, 3)
    monkeypatch.setattr(store, "history", lambda name: seen)
    with pytest.raises(ActivationConflict, match="revision 3 of spring is active, not 2"):
        store.rollback("spring", "ann", "")


def test_what_is_scheduled_takes_effect_by_itself(store: RuleSetStore) -> None:
    publish(store, 10, 11)
    activate(store, 1)
    at = store.poll(UNASKED).now + 150_000
    scheduled = store.activate("spring", 2, "ann", "", at)
    assert scheduled.pointer.active.revision == 1
    assert (scheduled.pointer.scheduled.revision, scheduled.pointer.scheduled.at) == (2, at)
    assert not store.activate("spring", 2, "ann", "", at).changed
    pointer = store.poll(UNASKED).pointers["spring"]
    assert [pointer.at(moment).active.revision for moment in (at - 1, at)] == [1, 2]
    time.sleep(0.2)
    history = store.history("spring")
    assert (history.pointer.active.revision, history.pointer.active.at, history.pointer.scheduled) == (2, at, None)
    now = store.poll(UNASKED).now
    active = store.rollback("spring", "ann", "").pointer.active
    assert (active.revision, active.at >= now) == (1, True)


def test_what_was_active_once_stays_so_by_any_clock(store: RuleSetStore, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(store, 10, 11)
    activate(store, 1)
    before = store.poll(UNASKED)
    scheduled = store.activate("spring", 2, "ann", "", before.now + 1_000_000).pointer.scheduled
    store.mark_active("spring", scheduled._replace(at=scheduled.at + 1))  # no longer scheduled: nothing happens
    assert store.history("spring").pointer.scheduled == scheduled
    store.mark_active("spring", scheduled)
    marked = store.poll(before.generation)
    assert marked.pointers == {"spring": (scheduled, None)}
    store.mark_active("spring", scheduled)
    assert store.poll(marked.generation).pointers is None

    move_clock(monkeypatch, -3_600)
    assert store.history("spring").pointer == (scheduled, None)
    assert [pointer.active for _, _, pointer in store.overview()] == [scheduled]
    assert not store.activate("spring", 2, "ann", "").changed
    back = store.rollback("spring", "ann", "", revision=2)
    assert (back.changed, back.pointer.active.revision, back.withdrawn) == (True, 1, None)
    assert not store.rollback("spring", "ann", "", revision=2).changed
    activations = store.history("spring").activations
    assert [each.revision for each in activations] == [1, 2, 1]
    assert activations[1].at < activations[2].at
    activate(store, 2)
    later = store.activate("spring", 1, "ann", "", scheduled.at + 60_000_000).pointer
    assert (later.active.revision, later.scheduled.revision) == (2, 1)
    assert store.poll(UNASKED).pointers["spring"] == later == store.history("spring").pointer


def test_the_last_word_withdraws_what_was_scheduled(store: RuleSetStore) -> None:
    publish(store, 10, 11, 12)
    activate(store, 1)
    later = store.poll(UNASKED).now + 3_600_000_000
    store.activate("spring", 2, "ann", "", later)
    moved = store.activate("spring", 3, "ann", "", later + 1)
    assert (moved.withdrawn.revision, moved.pointer.scheduled.revision) == (2, 3)
    withdrawn = store.activate("spring", 1, "ann", "")
    assert (withdrawn.changed, withdrawn.withdrawn.revision) == (True, 3)
    assert withdrawn.pointer == (moved.pointer.active, None)
    assert [each.revision for each in store.history("spring").activations] == [1]


def test_damaged_content_is_found_and_repaired_by_publishing_it_again(
    store: RuleSetStore, connection: Connection
) -> None:
    revision, _ = store.publish(publication(), "ann", "")
    for key, read, digest in (
        (RuleSetKeys.artifact(revision.version), store.artifact, revision.version),
        (RuleSetKeys.source(revision.source), store.source_bytes, revision.source),
    ):
        good = read(digest)
        connection.call("SET", key, good[:-1])
        with pytest.raises(InvalidArtifact, match="damaged"):
            read(digest)
        connection.call("DEL", key)
        with pytest.raises(InvalidArtifact, match="not in the store"):
            read(digest)
        assert store.publish(publication(), "ann", "") == (revision, False)
        assert read(digest) == good


def test_the_generation_is_another_after_all_was_lost(store: RuleSetStore, connection: Connection) -> None:
    publish(store, 10)
    activate(store, 1)
    before = store.poll(UNASKED).generation
    connection.call("FLUSHALL")
    assert store.poll(before).pointers == {}
    publish(store, 10)
    activate(store, 1)
    assert store.poll(UNASKED).generation != before


def test_a_full_store_takes_nothing_and_still_answers(store: RuleSetStore, connection: Connection) -> None:
    publish(store, 10)
    activate(store, 1)
    connection.call("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreFull):
            publish(store, 11)
        with pytest.raises(StoreFull):
            store.activate("spring", 1, "ann", "", at=2**52)
        assert store.poll(UNASKED).pointers["spring"].active.revision == 1
    finally:
        connection.call("CONFIG", "SET", "maxmemory", 0)
    assert store.overview()[0][1] == 1
