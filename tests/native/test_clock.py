"""The clock of a session moves forwards and backwards; what is open, and until when, is what each schedule says."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine._native.session import Session
from engine.pricing.cart import Cart, Line
from engine.pricing.mutations import SetAt
from engine.pricing.reference.schedules import is_open, next_change
from engine.rules.checked import CheckedRules
from engine.rules.checked_schedules import EVERY_DAY, Schedule, Window, Zone
from tests.native.wire.requests import request_of
from tests.programs import checked, session_of
from tests.random_carts import DAY, MOMENTS
from tests.random_rules import ZONES

SECOND = 10**9
WEEK = 7 * DAY
STEPS = (1, 60, 3_600, DAY, WEEK, 5 * WEEK, 500 * DAY)
PATTERNS = (
    (EVERY_DAY, (Window(0, 1440),)),
    (EVERY_DAY, (Window(0, 720), Window(720, 1440))),
    (EVERY_DAY, (Window(720, 720),)),
    (0b1000000, (Window(150, 180),)),
    (0b1000000, (Window(1320, 150),)),
    (0b0011111, (Window(540, 1020),)),
    (0b0000001, (Window(0, 0), Window(1440, 60))),
)


def rules_of(random: Random, count: int) -> CheckedRules:
    """Promotions that each grant a point, each on its own schedule."""
    names = "\n".join(f"  p{number:03}: {{layer: points, reward: {{points: {{fixed: 1}}}}}}" for number in range(count))
    rules = checked(f"promotions:\n{names}\n")
    promotions = tuple(replace(each, schedule=schedule(random)) for each in rules.promotions)
    return replace(rules, zone=random.choice(ZONES), promotions=promotions)


def schedule(random: Random) -> Schedule:
    moment = random.choice(MOMENTS)
    starts = moment + near(random) if random.random() < 0.6 else None
    ends = (moment if starts is None else starts) + random.choice((1, 60, DAY, WEEK, random.randint(1, 500 * DAY)))
    weekdays, windows = random.choice(PATTERNS)
    if random.random() < 0.3:
        weekdays = random.randint(1, EVERY_DAY)
        windows = tuple(Window(random.randint(0, 1439), random.randint(0, 1440)) for _ in range(random.randint(1, 3)))
    return Schedule(starts, ends if random.random() < 0.6 else None, weekdays, windows)


def near(random: Random) -> int:
    return random.choice((-1, 0, 1)) * random.choice((0, 1, 59, 60, 1800, 3600, DAY, random.randint(0, 10 * DAY)))


def opened(rules: CheckedRules, at: int) -> Session:
    lines = (Line(id="a", sku="a", quantity=1, price=1),)
    session = session_of(rules)
    session.load(Cart(id="c", currency="USD", at=at * SECOND, lines=lines))
    return session


def check(session: Session, rules: CheckedRules, second: int) -> int | None:
    """The second until which nothing changes."""
    session.evaluate()
    quote = session.quote()
    schedules = {each.id: each.schedule for each in rules.promotions if each.schedule is not None}
    applied = set(quote.applied)
    changes = [next_change(each, rules.zone, second) for each in schedules.values()]
    assert applied == {id for id, each in schedules.items() if is_open(each, rules.zone, second)}
    assert quote.valid_until == min((each for each in changes if each is not None), default=None)
    return quote.valid_until


@pytest.mark.parametrize("number", range(30))
def test_what_is_open_is_what_each_schedule_says(number: int) -> None:
    random = Random(number)
    rules = rules_of(random, random.choice((1, 3, 12)))
    second = random.choice(MOMENTS)
    session = opened(rules, second)
    until = check(session, rules, second)
    for _ in range(60):
        if until is not None and random.random() < 0.5:
            second = until + random.choice((-1, 0, 0, 1))
        elif random.random() < 0.2:
            second = random.choice(MOMENTS) + near(random)
        else:
            second += random.choice((-1, 1)) * random.choice(STEPS)
        assert session.mutate(request_of([SetAt(second * SECOND)]), 0)
        until = check(session, rules, second)


def test_what_opens_as_another_closes_is_a_change() -> None:
    pair = (Schedule(None, 1_000, EVERY_DAY, PATTERNS[0][1]), Schedule(1_000, None, EVERY_DAY, PATTERNS[0][1]))
    rules = rules_of(Random(0), 2)
    rules = replace(
        rules, promotions=tuple(replace(each, schedule=one) for each, one in zip(rules.promotions, pair, strict=True))
    )
    session = opened(rules, 999)
    assert check(session, rules, 999) == 1_000
    for second, until in ((1_000, None), (999, 1_000), (0, 1_000)):
        assert session.mutate(request_of([SetAt(second * SECOND)]), 0)
        assert check(session, rules, second) == until


def test_a_schedule_whose_hours_begin_as_it_ends() -> None:
    """Its hours begin on Monday at midnight, and it ends at that very midnight."""
    monday = 4 * DAY
    rules = replace(rules_of(Random(0), 1), zone=Zone("UTC", (0,), (0,)))
    promotion = replace(rules.promotions[0], schedule=Schedule(None, monday, 0b1, (Window(0, 60),)))
    rules = replace(rules, promotions=(promotion,))
    session = opened(rules, monday - DAY)
    assert check(session, rules, monday - DAY) == monday
    assert session.mutate(request_of([SetAt(monday * SECOND)]), 0)
    assert check(session, rules, monday) is None
