"""How the search for the best set fares: ``python -m bench.search`` (docs/search.md).

Random carts of 50 lines meet promotions that share units, claim them, exclude each other, stand in groups of which one
applies, and meet price floors; every one of them may apply. Printed per number of promotions: how many searches were
proven best, the gap of the others in percent of what was saved, the nodes visited, and the time to price the cart.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from statistics import median

from rich.console import Console
from rich.progress import track
from rich.table import Table

from engine._native.program import Program
from engine._native.session import Session
from engine.money import Rounding
from engine.pricing.cart import Cart, Line
from engine.rules import compile
from engine.rules.checked import (
    CART,
    BundleReward,
    BuyGetReward,
    CheckedRules,
    Combine,
    Exclusion,
    ExclusionKind,
    Fixed,
    GoodsReward,
    Group,
    Layer,
    LayerKind,
    Part,
    Per,
    Percentages,
    Pick,
    Promotion,
    Reward,
    RewardKind,
    Segment,
    Units,
    Zone,
)
from engine.rules.expressions import Constant, Fact, Subject, TestText, TextTest, Type

LINES = 50
CATEGORIES = tuple(f"category-{index}" for index in range(6))
GROUPS = ("spring", "outlet", "partner")
HEADINGS = (
    "promotions",
    "applied",
    "proven best",
    "gap, median / worst",
    "nodes, median / most",
    "time, median / most",
)
REPEATS = 5
"""Times a cart is priced; the median counts, since other work on the machine only ever adds."""


@dataclass(frozen=True, slots=True)
class Trial:
    """One cart: ``gap`` and ``saved`` in minor units, ``nanoseconds`` the median of pricing it."""

    optimal: bool
    gap: int
    saved: int
    nodes: int
    applied: int
    nanoseconds: int


def main() -> None:
    parser = argparse.ArgumentParser(description="Times the search for the best set of promotions.")
    parser.add_argument("--carts", type=int, default=300, help="random carts for each number of promotions")
    parser.add_argument("--promotions", type=int, nargs="+", default=[8, 16, 24, 40])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    table = Table(title=f"Best of entangled promotions, {LINES} lines, {options.carts} random carts each")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for count in options.promotions:
        random = Random(f"{options.seed} {count}")
        trials = [run(random, count) for _ in track(range(options.carts), f"{count} promotions", transient=True)]
        table.add_row(*summary(count, trials))
    Console().print(table)


def run(random: Random, count: int) -> Trial:
    session = Session(Program.load(compile(entangled_rules(random, count))))
    session.load(cart(random))
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter_ns()
        session.evaluate()
        times.append(time.perf_counter_ns() - start)
    quote = session.quote()
    search = quote.search
    assert search is not None
    applied = sum(len(layer.adjustments) for layer in quote.layers)
    saved = quote.merchandise - quote.subtotal
    return Trial(search.optimal, search.gap, saved, search.nodes, applied, int(median(times)))


def summary(count: int, trials: list[Trial]) -> tuple[str, ...]:
    proven = sum(trial.optimal for trial in trials)
    gaps = [trial.gap * 10_000 // max(trial.saved, 1) for trial in trials]
    nodes = [trial.nodes for trial in trials]
    times = [trial.nanoseconds // 1000 for trial in trials]
    return (
        str(count),
        f"{median(trial.applied for trial in trials):g}",
        f"{proven} of {len(trials)}",
        f"{hundredths(int(median(gaps)))} / {hundredths(max(gaps))} %",
        f"{median(nodes):,.0f} / {max(nodes):,}",
        f"{median(times):,.0f} / {max(times):,} µs",
    )


def hundredths(count: int) -> str:
    return f"{count // 100}.{count % 100:02}"


def cart(random: Random) -> Cart:
    lines = []
    for index in range(LINES):
        price = random.randint(300, 12_000)
        lines.append(
            Line(
                id=f"{index:02}",
                sku=f"sku-{index}",
                quantity=random.choice((1, 1, 1, 2, 2, 3, 4)),
                price=price,
                minimum_price=price * random.choice((40, 60, 80)) // 100 if random.random() < 0.3 else None,
                category=random.choice(CATEGORIES),
            )
        )
    return Cart(id="bench", currency="USD", at=0, lines=tuple(lines))


def entangled_rules(random: Random, count: int) -> CheckedRules:
    """One layer, of which the best set is sought."""
    ids = [f"promotion-{index:02}" for index in range(count)]
    promotions = [entangled_promotion(random, id, ids) for id in ids]
    percentages = random.choice(tuple(Percentages))
    return CheckedRules(
        name="bench",
        currencies=("USD",),
        zone=Zone("UTC", (0,), (0,)),
        rounding=Rounding.HALF_UP,
        markup=None,
        attributes=(),
        segments=(Segment("cart", None), Segment("discountable", None), *map(category_segment, CATEGORIES)),
        layers=(Layer("item", LayerKind.GOODS, Combine.BEST, percentages),),
        promotions=tuple(sorted(promotions, key=lambda each: (-each.priority, each.id))),
        groups=tuple(Group(name, one=True) for name in GROUPS),
    )


def category_segment(category: str) -> Segment:
    fact = Fact(Type.STRING, Subject.ITEM, "category")
    return Segment(category, TestText(TextTest.STARTS_WITH, fact, Constant(Type.STRING, category)))


def entangled_promotion(random: Random, id: str, ids: list[str]) -> Promotion:
    others = random.sample(ids, random.choice((1, 2))) if random.random() < 0.3 else []
    return Promotion(
        id=id,
        name=id,
        layer=0,
        priority=random.choice((0, 0, 10)),
        schedule=None,
        condition=None,
        condition_text="",
        reward=random.choices(REWARDS, WEIGHTS)[0](random),
        group=random.choice(GROUPS) if random.random() < 0.15 else "",
        excludes=tuple(Exclusion(ExclusionKind.PROMOTION, other) for other in others),
    )


def percent(random: Random) -> Reward:
    up_to = Fixed((random.choice((1000, 2500, 5000)),)) if random.random() < 0.5 else None
    return GoodsReward(RewardKind.PERCENT_OFF, segment(random), Per.LINE, percentage(random), up_to)


def amount(random: Random) -> Reward:
    of = random.choice((CART, segment(random)))
    return GoodsReward(RewardKind.AMOUNT_OFF, of, Per.ORDER, Fixed((random.choice((500, 1000, 2000)),)), None)


def some_units(random: Random) -> Reward:
    units = Units(Fixed((random.choice((1, 2, 3)),)), random.choice(tuple(Pick)))
    return GoodsReward(RewardKind.PERCENT_OFF, segment(random), Per.LINE, percentage(random), None, units)


def buy_get(random: Random) -> Reward:
    return BuyGetReward(
        kind=RewardKind.PERCENT_OFF,
        number=Fixed((random.choice((500_000, 1_000_000)),)),
        per=Per.LINE,
        buy=segment(random),
        buy_quantity=Fixed((random.choice((1, 2, 3)),)),
        get=segment(random),
        get_quantity=Fixed((1,)),
        pick=Pick.CHEAPEST,
        repeat=random.choice((Fixed((1,)), Fixed((2,)), None)),
    )


def bundle(random: Random) -> Reward:
    parts = tuple(Part(segment(random), Fixed((random.choice((1, 1, 2)),))) for _ in range(random.choice((2, 3))))
    if random.random() < 0.5:
        return BundleReward(RewardKind.PERCENT_OFF, percentage(random), parts, Pick.DEAREST, Fixed((2,)))
    return BundleReward(RewardKind.AMOUNT_OFF, Fixed((random.choice((500, 1500)),)), parts, Pick.CHEAPEST, Fixed((3,)))


def percentage(random: Random) -> Fixed:
    return Fixed((random.choice((50_000, 100_000, 150_000, 250_000)),))


def segment(random: Random) -> int:
    """Index of a category's segment: ``cart`` and ``discountable`` come first."""
    return 2 + random.randrange(len(CATEGORIES))


REWARDS: tuple[Callable[[Random], Reward], ...] = (percent, amount, some_units, buy_get, bundle)
WEIGHTS = (35, 15, 10, 20, 20)

if __name__ == "__main__":
    main()
