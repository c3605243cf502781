"""What Redis holds in the end, compared with its receipts and with what clients were told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.stress.shop import Limits
from engine.store.connection import Connection
from engine.store.keys import RedemptionKeys
from engine.store.receipt_store import ReceiptStore
from engine.store.receipts import Receipt

KEYS = RedemptionKeys("stress")


@dataclass
class Tally:
    """The counts at the end, and what is wrong with them."""

    said: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[str, int, int, int]] = field(default_factory=list)  # counter, most, counted, by receipts
    wrong: list[str] = field(default_factory=list)


def tally(connection: Connection, logs: list[Path], limits: Limits) -> Tally:
    """The tally of Redis, compared with its receipts and with what clients were told."""
    found = Tally()
    told: dict[str, set[str]] = {}
    for log in logs:
        for line in log.read_text().splitlines():
            what, _, key = line.partition(" ")
            found.said[what] += 1
            told.setdefault(what, set()).add(key)
    keys: Counter[str] = Counter()
    by_receipts: Counter[tuple[str, str]] = Counter()
    for entries in ReceiptStore(connection, "stress").batches():
        for entry in entries:
            if isinstance(entry.receipt, Receipt):
                keys[entry.receipt.key] += 1
                for redemption in entry.receipt.redemptions:
                    for counter, of, amount in redemption.counters:
                        by_receipts[counter, of] += amount
    found.said["receipts"] = keys.total()
    found.wrong += [f"{key} has {count} receipts" for key, count in keys.items() if count > 1]
    found.wrong += [f"{key} was acknowledged, and is lost" for key in told.get("committed", set()) - keys.keys()]
    found.wrong += [f"{key} was released, and has a receipt" for key in told.get("released", set()) & keys.keys()]
    found.wrong += [
        f"{key} has a receipt, and nobody committed it" for key in keys.keys() - told.get("committing", set())
    ]
    _states(connection, told, keys, found)
    _counters(connection, by_receipts, limits, found)
    return found


def _states(connection: Connection, told: Mapping[str, set[str]], keys: Counter[str], found: Tally) -> None:
    prefix = KEYS.reservation("")
    known = set()
    for record in connection.scan(f"{prefix}*"):
        key = record.decode().removeprefix(prefix)
        state = connection.call("HGET", record.decode(), "state").decode()
        if key not in known:
            known.add(key)
            found.states[state] += 1
            if (state == "committed") != (key in keys):
                found.wrong.append(f"{key} is {state}, and has {keys[key]} receipts")
    still = connection.call("ZCARD", KEYS.open)
    if still or found.states["reserved"]:
        found.wrong.append(f"{still} reservations have not ended")
    found.wrong += [f"{key} was reserved, and is not known" for key in told.get("reserved", set()) - known]


def _counters(connection: Connection, by_receipts: Counter[tuple[str, str]], limits: Limits, found: Tally) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    for kind in ("total", "customer", "code", "spent", "unique"):
        for name in connection.scan(f"{KEYS.tag}:{kind}:*"):
            for of, value in connection.call("HGETALL", name.decode()).items():
                counted[name.decode(), of.decode()] = int(value)
    for (name, of), value in sorted(counted.items() | {(each, counted[each]) for each in by_receipts}):
        kind = name.removeprefix(f"{KEYS.tag}:").partition(":")[0]
        most = {"spent": limits.budget, "customer": limits.per_customer, "unique": 1}.get(kind, limits.uses)
        receipts = by_receipts[name, of]
        if kind == "unique":
            found.said["unique codes spent"] += value
        elif kind != "customer":
            found.rows.append((f"{of} {name.removeprefix(KEYS.tag)}", most, value, receipts))
        if value > most or value != receipts:
            found.wrong.append(f"{name} {of}: {value} of {most}, by receipts {receipts}")
