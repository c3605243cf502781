from collections.abc import Sequence

def spread_over(
    total: int, runs: Sequence[tuple[int, int, int]], leftover: int = 0, rounding: int = 0
) -> list[int]: ...
