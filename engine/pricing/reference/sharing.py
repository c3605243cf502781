"""How much of what a reward wants is taken off each unit (docs/pricing.md §5, §7)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from engine.money import spread
from engine.pricing.reference.basket import BasketShipment, Unit
from engine.pricing.reference.rewards import Grant, Offer
from engine.pricing.reference.selection import Candidate, ReachedRate
from engine.rules.checked_rewards import Per, RewardKind


class _Target:
    """The units of a line that a reward reaches, or one chosen rate: their prices (§6) and their room above the floor.

    ``list_price`` is per unit, None if the line has none.
    """

    def __init__(
        self,
        id: str,
        units: Sequence[Unit | BasketShipment],
        prices: Sequence[int],
        rooms: Sequence[int],
        list_price: int | None = None,
    ) -> None:
        self.id = id
        self.units = units
        self.prices = prices
        self.price = sum(prices)
        self.list_prices = prices if list_price is None else [list_price] * len(prices)
        self.list_price = sum(self.list_prices)
        self.rooms = rooms
        self.room = sum(rooms)

    def take(self, shares: Sequence[int]) -> int:
        for unit, share in zip(self.units, shares, strict=True):
            unit.running -= share
        return sum(shares)


def take(offer: Offer, per: Per, units: Iterable[Candidate], rates: Iterable[ReachedRate] = ()) -> Grant:
    """Takes the offer off the units, which may be of several lines, and off chosen rates, which come after them."""
    lines = _line_targets(units)
    targets = lines + [
        _Target(each.shipment.shipment.id, [each.shipment], [each.price], [each.shipment.running]) for each in rates
    ]
    wanted, shares = _SPREADS[per](offer, targets)
    taken = [(target.id, target.take(share)) for target, share in zip(targets, shares, strict=True)]
    grant = Grant(offer.capped(wanted))
    grant.shares.update(dict(taken[: len(lines)]))
    grant.shipment_shares.update(dict(taken[len(lines) :]))
    return grant


def take_from_sets(offer: Offer, per: Per, got: Sequence[Candidate], bought: Sequence[Candidate]) -> Grant:
    """Takes what the offer wants of the units got off these and the units bought, as one amount.

    One of three units of 10.00 free is 3.34, 3.33 and 3.33 off.
    """
    wanted, _ = _SPREADS[per](offer, _line_targets(got))
    return take(replace(offer, kind=RewardKind.AMOUNT_OFF, number=wanted), Per.ORDER, [*got, *bought])


def _line_targets(units: Iterable[Candidate]) -> list[_Target]:
    """One target per line, by line id; the units of each dearest first."""
    by_line: dict[str, list[Candidate]] = {}
    for each in units:
        by_line.setdefault(each.line.line.id, []).append(each)
    return [_line_target(line_id, by_line[line_id]) for line_id in sorted(by_line)]


def _line_target(line_id: str, units: list[Candidate]) -> _Target:
    units.sort(key=lambda each: (each.price, each.unit.running, each.unit.claimed), reverse=True)
    return _Target(
        line_id,
        [each.unit for each in units],
        [each.price for each in units],
        [each.unit.running - each.line.floor for each in units],
        units[0].line.list_price,
    )


def _per_unit(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """What is wanted before the cap, and what is taken off each unit of each target.

    10 % of 3 × 3.33 is 0.33 each, 0.99 in total.
    """
    wants = [list(map(offer.wanted, target.prices, target.list_prices)) for target in targets]
    shares = [list(map(min, want, target.rooms)) for want, target in zip(wants, targets, strict=True)]
    takeable = [sum(share) for share in shares]
    if offer.capped(sum(takeable)) < sum(takeable):
        weights = [list(map(offer.weight, target.prices, target.list_prices)) for target in targets]
        capped = spread(offer.capped(sum(takeable)), [sum(weight) for weight in weights], takeable, offer.apportion)
        shares = [spread(*each) for each in zip(capped, weights, shares, strict=True)]
    return sum(map(sum, wants)), shares


def _per_line(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """The same per line: 10 % of 3 × 3.33, which is 9.99, is 1.00: 0.34, 0.33 and 0.33."""
    wants = offer.wanted_of_lines([(target.price, target.list_price) for target in targets])
    takeable = [min(want, target.room) for want, target in zip(wants, targets, strict=True)]
    if offer.capped(sum(takeable)) < sum(takeable):
        weights = [offer.weight(target.price, target.list_price) for target in targets]
        takeable = spread(offer.capped(sum(takeable)), weights, takeable, offer.apportion)
    return sum(wants), _over_units(takeable, targets)


def _per_order(offer: Offer, targets: Sequence[_Target]) -> tuple[int, list[list[int]]]:
    """The same per order: 15.00 off lines of 72.00, 18.75 and 19.99 is 9.75, 2.54 and 2.71."""
    wanted = offer.wanted(sum(target.price for target in targets), sum(target.list_price for target in targets))
    weights = [target.price for target in targets]
    rooms = [target.room for target in targets]
    return wanted, _over_units(spread(offer.capped(wanted), weights, rooms, offer.apportion), targets)


def _over_units(line_shares: Sequence[int], targets: Sequence[_Target]) -> list[list[int]]:
    return [spread(share, target.prices, target.rooms) for share, target in zip(line_shares, targets, strict=True)]


_SPREADS = {Per.UNIT: _per_unit, Per.LINE: _per_line, Per.ORDER: _per_order}
