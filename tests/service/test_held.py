from __future__ import annotations

import tracemalloc

import pytest

from engine.errors import CartUnknown, RevisionMismatch
from engine.service.held import HeldCart, HeldCarts

MEMORY = 200_000


def held(revision: int, size: int = 500) -> HeldCart:
    return HeldCart(revision, b"c" * size, b"q" * size, False, "")


def test_a_cart_is_had_at_its_revision_only() -> None:
    carts = HeldCarts(MEMORY)
    carts.put(("spring", "a", 0), held(3))
    assert carts.get(("spring", "a", 0), 3) == held(3)
    with pytest.raises(RevisionMismatch, match="cart 'a' is held at revision 3, not 2: send it whole"):
        carts.get(("spring", "a", 0), 2)
    for key in (("spring", "b", 0), ("autumn", "a", 0), ("spring", "a", 1)):
        with pytest.raises(CartUnknown, match="is held here: send it whole"):
            carts.get(key, 3)


def test_of_two_changes_of_one_cart_the_later_fails() -> None:
    carts = HeldCarts(MEMORY)
    carts.put(("spring", "a", 0), held(0))
    before = carts.get(("spring", "a", 0), 0)
    carts.replace(("spring", "a", 0), before, held(1))
    with pytest.raises(RevisionMismatch, match="changed by another call"):
        carts.replace(("spring", "a", 0), before, held(1))
    assert carts.get(("spring", "a", 0), 1) == held(1)


def test_what_went_meanwhile_does_not_come_back() -> None:
    carts = HeldCarts(2_000)
    carts.put(("spring", "a", 0), held(0))
    before = carts.get(("spring", "a", 0), 0)
    carts.put(("spring", "b", 0), held(0))
    with pytest.raises(CartUnknown, match="no longer held"):
        carts.replace(("spring", "a", 0), before, held(1))


def test_the_least_recently_used_go_first() -> None:
    carts = HeldCarts(4_800)  # three carts
    for name in "abc":
        carts.put(("spring", name, 0), held(0))
    carts.get(("spring", "a", 0), 0)
    carts.put(("spring", "d", 0), held(0))
    for name in "acd":
        carts.get(("spring", name, 0), 0)
    with pytest.raises(CartUnknown):
        carts.get(("spring", "b", 0), 0)


def test_a_cart_larger_than_the_memory_is_not_held() -> None:
    carts = HeldCarts(1_000)
    carts.put(("spring", "a", 0), held(0, 5_000))
    with pytest.raises(CartUnknown):
        carts.get(("spring", "a", 0), 0)
    carts.put(("spring", "b", 0), held(0, 100))
    carts.get(("spring", "b", 0), 0)


@pytest.mark.parametrize("size", [1, 100, 3_000])
def test_any_number_of_carts_stays_within_the_memory(size: int) -> None:
    carts = HeldCarts(MEMORY)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5_000):
            data = b"x" * (size + number % 2)
            carts.put(("spring", f"cart {number}", 0), HeldCart(number, data + b"c", data + b"q", False, ""))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert MEMORY // 2 < after - before < MEMORY
    assert carts.get(("spring", "cart 4999", 0), 4_999)
