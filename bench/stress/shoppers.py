"""The clients of one process: each prices, reserves, and commits or releases, again and again."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from random import Random
from threading import Thread

from bench.stress.shop import CODES, LIFE
from engine.client import PricingClient, QuoteChanged
from engine.errors import (
    CallFailed,
    CartwrightError,
    ReservationExpired,
    ReservationReplaced,
    StoreUnavailable,
)
from engine.pricing.cart import Cart, Customer, Line

THREADS = 8
"""Clients per process."""


def shop(index: int, addresses: list[str], log: Path, seed: int) -> None:
    """The clients of one process, until it is killed."""
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def note(what: str, key: str) -> None:
        os.write(file, f"{what} {key}\n".encode())  # at once, or not at all

    threads = [
        Thread(target=_client, args=(f"{index}.{number}.{time.time_ns()}", addresses, note, seed), daemon=True)
        for number in range(THREADS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _client(name: str, addresses: list[str], note: Callable[[str, str], None], seed: int) -> None:
    random = Random(f"{seed}/{name}")
    with ExitStack() as stack:
        clients = [stack.enter_context(PricingClient(address)) for address in addresses]
        number = 0
        while True:
            number += 1
            try:
                _redeem(random, clients, f"{name}.{number}", note)
            except CartwrightError as error:
                note(error.code, f"{name}.{number}")


def _redeem(random: Random, clients: list[PricingClient], key: str, note: Callable[[str, str], None]) -> None:
    """One shopper checks out; half of them come back with another key."""
    cart = Cart(
        id=f"cart {key if random.random() < 0.8 else random.randrange(20)}",
        currency="USD",
        at=0,
        lines=(Line(id="a", sku="A", quantity=random.randint(1, 9), price=random.randint(300, 1_999)),),
        customer=Customer(id=f"customer {random.randrange(30)}"),
        channel=random.choice(("web", "app", "")),
        payment_method=random.choice(("card", "")),
        coupons=random.choice(((), ("SUMMER",), ("summer", "WINTER"), (random.choice(CODES),))),
    )
    quote = random.choice(clients).price(cart).quote
    for _ in range(3):
        try:
            note("asked", key)
            _again(random, lambda seen=quote: random.choice(clients).reserve(key, cart, seen, seconds=LIFE))
            break
        except QuoteChanged as changed:
            note("refused", key)
            quote = changed.quote
    else:
        return
    note("reserved", key)
    time.sleep(random.choice((0, 0, 0.05, 0.2)))
    end = random.random()
    if end < 0.6:
        note("committing", key)
        try:
            _again(random, lambda: random.choice(clients).commit(key))
        except (ReservationExpired, ReservationReplaced) as ended:
            note(ended.code, key)
            return
        note("committed", key)
    elif end < 0.8:
        _again(random, lambda: random.choice(clients).release(key))
        note("released", key)


def _again(random: Random, call: Callable[[], object]) -> None:
    """Repeats a call until it is answered, and sometimes once more."""
    for _ in range(20):
        try:
            call()
        except (StoreUnavailable, CallFailed):
            time.sleep(0.1)
            continue
        if random.random() < 0.1:
            with suppress(StoreUnavailable, CallFailed):
                call()
        return
    raise CallFailed("no service answers")
