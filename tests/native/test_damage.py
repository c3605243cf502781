from __future__ import annotations

from tests.damage import ARTIFACTS, CARTS, REQUESTS, run


def test_what_is_damaged_is_refused_or_priced() -> None:
    for number in range(8):
        done = run(1, number)
        assert (done["carts"], done["mutations"], done["compiled rule sets"]) == (CARTS, REQUESTS, ARTIFACTS)
