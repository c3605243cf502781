"""What was active before, and the meaning of a pointer at a moment."""

from __future__ import annotations

import pytest

from engine.store.revisions import Activation, Pointer, before_active


def activations(text: str) -> list[Activation]:
    """Activations from ``1 2 <1``: revisions in order; < is a rollback."""
    return [
        Activation(int(each.lstrip("<")), "", at, rollback=each.startswith("<")) for at, each in enumerate(text.split())
    ]


@pytest.mark.parametrize(
    ("history", "before"),
    [
        ("", None),
        ("1", None),
        ("1 2", 1),
        ("1 2 3", 2),
        ("1 2 3 <2", 1),
        ("1 2 3 <2 <1", None),
        ("1 2 3 <2 4", 2),
        ("1 2 3 <2 4 <2", 1),
        ("1 2 1", 2),
        ("1 2 1 <2", 1),
        ("1 2 1 <2 <1", None),
    ],
)
def test_what_was_active_before(history: str, before: int | None) -> None:
    found = before_active(activations(history))
    assert (None if found is None else found.revision) == before


@pytest.mark.timeout(10)
def test_what_was_active_before_is_found_among_very_many() -> None:
    switching = [Activation(at % 2 + 1, "", at, rollback=at % 4 == 3) for at in range(100_000)]
    found = before_active(switching)
    assert found is not None
    assert found.revision == 1


def test_what_is_scheduled_is_active_from_its_moment_on() -> None:
    first, second = Activation(1, "a", at=10), Activation(2, "b", at=20)
    pointer = Pointer(first, second)
    assert pointer.at(19) == pointer
    assert pointer.at(20) == pointer.at(99) == Pointer(second)
    assert Pointer(None, second).at(19).active is None
    assert Pointer(first).at(99) == Pointer(first)
