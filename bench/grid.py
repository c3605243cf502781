"""What is measured: sizes of carts and of rule sets. FULL=1 measures the whole grid, otherwise its main cells."""

from __future__ import annotations

import os
from dataclasses import dataclass

from bench.rule_sets import TOUCHING

FULL = os.environ.get("FULL") == "1"
LINES = (1, 15, 50, 200, 1000)
PROMOTIONS = (10, 100, 1_000, 10_000, 100_000)
SHARES = (TOUCHING, 100, 1_000)
"""How many promotions touch the carts."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One combination of sizes."""

    lines: int
    promotions: int
    touching: int = TOUCHING

    @property
    def carts(self) -> int:
        """The number of different carts that are priced."""
        return 50 if self.lines <= 200 else 10

    @property
    def shoppers(self) -> int:
        """The number of different carts that are mutated."""
        return 20 if self.lines <= 200 and self.touching <= 100 else 4

    def __str__(self) -> str:
        return f"{self.lines} lines, {self.promotions} promotions, {self.touching} touching"


def _all() -> tuple[Cell, ...]:
    return tuple(
        Cell(lines, promotions, touching)
        for promotions in PROMOTIONS
        for touching in SHARES
        if touching <= promotions
        for lines in LINES
    )


def _most() -> tuple[Cell, ...]:
    cells = {Cell(50, promotions) for promotions in PROMOTIONS}
    cells |= {Cell(15, promotions) for promotions in PROMOTIONS}
    cells |= {Cell(lines, 10_000) for lines in LINES}
    cells |= {Cell(50, 10_000, touching) for touching in SHARES}
    return tuple(sorted(cells, key=lambda cell: (cell.promotions, cell.touching, cell.lines)))


CELLS = (Cell(20, 100), *(_all() if FULL else _most()))
