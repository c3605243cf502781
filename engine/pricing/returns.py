"""What is refunded when goods are returned, and what promotions no longer grant then (docs/pricing.md §11).

Pure arithmetic over running totals: each return is what is due in total by now, less what earlier returns refunded. So
the refunds of a sale never exceed what was paid, on any line either, and all units returned is all the money returned.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from engine.errors import InvalidReturn, Violation
from engine.money import spread
from engine.pricing.cart import Cart, Usage
from engine.pricing.quote import Gift, Quote, QuotedLine, Share
from engine.pricing.redemption import Returns
from engine.pricing.sketch import Grant, grant_of

Units: TypeAlias = Mapping[str, int]
"""Numbers of units, by line id."""


class LineRefund(NamedTuple):
    """``quantity`` units of a line are returned (0 if only money is), which cost ``merchandise`` before any discount.

    ``amount`` is refunded on the line.
    """

    id: str
    sku: str
    quantity: int
    merchandise: int
    amount: int


class TakenBack(NamedTuple):
    """What a promotion no longer grants: ``amount`` of money off, ``points``, ``credit``, units of its ``gift``.

    ``use`` is set if it grants nothing of the sale any more, so that its redemption is given back.
    """

    promotion_id: str
    amount: int
    points: int
    credit: int
    gift: Gift | None
    use: bool


class Refund(NamedTuple):
    """What one return refunds; ``total`` is the sum of the amounts of its lines and shipments.

    ``uncollected`` is by how much what is kept costs more than what stays paid; it is not charged. ``complete`` is set
    if nothing of the sale is kept.
    """

    lines: tuple[LineRefund, ...]
    shipments: tuple[Share, ...]
    total: int
    uncollected: int
    taken_back: tuple[TakenBack, ...]
    complete: bool


def units_left(paid: Quote, earlier: Sequence[Refund]) -> dict[str, int]:
    """Units of each line that have not been returned yet."""
    left = {line.id: line.quantity for line in paid.lines}
    for refund in earlier:
        for line in refund.lines:
            left[line.id] -= line.quantity
    return left


def units_kept(paid: Quote, earlier: Sequence[Refund], back: Units) -> dict[str, int]:
    """Units of each line that are kept if these are returned now. Raises InvalidReturn for more than are left."""
    left = units_left(paid, earlier)
    violations = []
    if not back and any(left.values()):
        violations.append(Violation("lines", "must list the units that come back"))
    elif not back and earlier:
        violations.append(Violation("receipt_key", "all units have come back"))
    for index, (id, quantity) in enumerate(back.items()):
        if id not in left:
            violations.append(Violation(f"lines[{index}].line_id", f"{id[:100]!r} is not a line of the receipt"))
        elif not left[id]:
            violations.append(Violation(f"lines[{index}].quantity", "all units of the line have come back"))
        elif not 0 < quantity <= left[id]:
            wanted = f"must be from 1 to {left[id]:,}, the units that are left, not {quantity:,}"
            violations.append(Violation(f"lines[{index}].quantity", wanted))
    if violations:
        raise InvalidReturn(violations)
    return {id: quantity - back.get(id, 0) for id, quantity in left.items()}


def kept_cart(cart: Cart, kept: Units, spent: Mapping[str, int]) -> Cart:
    """The cart of a sale with what is kept of it; moment, shipments, codes and counters are unchanged.

    ``spent`` is the least that counts as spent of the budgets of some promotions, by id.
    """
    lines = (
        line if line.gift_of else replace(line, quantity=kept[line.id])
        for line in cart.lines
        if line.gift_of or kept[line.id]
    )
    usage = {each.promotion_id: each for each in cart.usage}
    for id, least in spent.items():
        used = usage.get(id, Usage(promotion_id=id))
        usage[id] = replace(used, spent=max(used.spent, least))
    return replace(cart, lines=tuple(lines), usage=tuple(usage.values()), explain=False, compare_rates=False)


def refund(policy: Returns, paid: Quote, earlier: Sequence[Refund], back: Units, priced: Quote | None) -> Refund:
    """What is refunded for the units returned. ``priced`` is the quote of what is kept, priced as the policy says.

    It is None with KEEP, and if nothing is kept. Raises InvalidReturn for more units than are left.

    Worked: A 60.00 and B 40.00, 15.00 off from 100.00, spread 9.00 / 6.00: 51.00 and 34.00 were paid. B is returned.
    KEEP refunds 34.00. With CLAW_BACK, A alone costs 60.00, so 85.00 - 60.00 = 25.00 is refunded: 34.00 for B less the
    9.00 that the promotion no longer grants on A. Then A is returned too: 60.00 is refunded, 51.00 on A and on B the
    9.00 that were withheld; 85.00 in total.
    """
    kept = units_kept(paid, earlier, back)
    complete = not any(kept.values())
    left = _left(paid, earlier)
    worth = dict.fromkeys(left, 0)
    for line in paid.lines:
        gone = line.quantity - kept[line.id]
        units = _paid_for(line, gone) - _paid_for(line, gone - back.get(line.id, 0))
        worth[_LINE, line.id] = min(units, left[_LINE, line.id])
    uncollected = 0
    if complete:
        amounts = left
    elif priced is None:
        amounts = worth
    else:
        due = _due(policy, paid, priced)
        owed = sum(left.values()) - sum(due.values())
        if policy is Returns.CLAW_BACK:
            most = sum(_paid_for(line, line.quantity - kept[line.id]) for line in paid.lines)
            owed = min(owed, most - (paid.total - sum(left.values())))
        amounts = _shared(max(owed, 0), worth, left, due)
        uncollected = max(-owed, 0)
    lines = (_line_refund(line, back.get(line.id, 0), amounts[_LINE, line.id]) for line in paid.lines)
    shipments = (Share(shipment.id, amounts[_SHIPMENT, shipment.id]) for shipment in paid.shipments)
    return Refund(
        tuple(each for each in lines if each.quantity or each.amount),
        tuple(each for each in shipments if each.amount),
        sum(amounts.values()),
        uncollected,
        tuple(_taken_back(paid, earlier, kept, priced)),
        complete,
    )


_LINE, _SHIPMENT = "line", "shipment"
_Amounts: TypeAlias = dict[tuple[str, str], int]
"""Amounts of lines and shipments, by kind and id."""


def _charges(quote: Quote) -> _Amounts:
    lines = {(_LINE, line.id): line.subtotal for line in quote.lines}
    return lines | {(_SHIPMENT, shipment.id): shipment.charge for shipment in quote.shipments}


def _due(policy: Returns, paid: Quote, priced: Quote) -> _Amounts:
    """What is to be paid for what is kept: with CLAW_BACK at least what was paid for each shipment."""
    due = _charges(priced)
    if policy is Returns.CLAW_BACK:
        for shipment in paid.shipments:
            key = _SHIPMENT, shipment.id
            due[key] = max(due[key], shipment.charge)
    return due


def _left(paid: Quote, earlier: Sequence[Refund]) -> _Amounts:
    """What was paid and has not been refunded."""
    left = _charges(paid)
    for refund in earlier:
        for line in refund.lines:
            left[_LINE, line.id] -= line.amount
        for shipment in refund.shipments:
            left[_SHIPMENT, shipment.id] -= shipment.amount
    return left


def _paid_for(line: QuotedLine, units: int) -> int:
    """What was paid for the dearest units of a line: of 6.67 × 2 and 6.66 × 1, one is 6.67, all are 20.00."""
    paid = 0
    for bucket in line.buckets:
        taken = min(units, bucket.quantity)
        paid += taken * bucket.price
        units -= taken
    return paid


def _line_refund(line: QuotedLine, quantity: int, amount: int) -> LineRefund:
    return LineRefund(line.id, line.sku, quantity, line.merchandise * quantity // line.quantity, amount)


def _shared(total: int, worth: _Amounts, left: _Amounts, due: _Amounts) -> _Amounts:
    """The total, shared by the lines and shipments.

    If it is less than the worth of the units returned, they get it in proportion: 25.00 for units of 34.00 and 17.00 is
    16.67 and 8.33. What is above their worth goes to where more is left than is due.
    """
    above = total - sum(worth.values())
    if above <= 0:
        return dict(zip(worth, spread(total, list(worth.values()), list(worth.values())), strict=True))
    room = [max(left[key] - worth[key] - due.get(key, 0), 0) for key in worth]
    return {key: worth[key] + more for key, more in zip(worth, spread(above, room, room), strict=True)}


def _taken_back(paid: Quote, earlier: Sequence[Refund], kept: Units, priced: Quote | None) -> Iterator[TakenBack]:
    """One for each promotion that grants less than before, in the order granted."""
    given_back, taken = _given_back(earlier), _taken(earlier)
    grants = {} if not any(kept.values()) else _kept_grants(paid, kept) if priced is None else _grants(priced)
    for adjustment in paid.adjustments:
        id, gift = adjustment.promotion_id, adjustment.gift
        totals = zip(grant_of(adjustment), grants.get(id, Grant()), taken.get(id, Grant()), strict=True)
        gone = Grant(*(max(was - still - before, 0) for was, still, before in totals))
        use = id not in grants and id not in given_back
        if use or any(gone):
            units = gift._replace(quantity=gone.gifts) if gift is not None and gone.gifts else None
            yield TakenBack(id, gone.amount, gone.points, gone.credit, units, use)


def _grants(quote: Quote) -> dict[str, Grant]:
    return {adjustment.promotion_id: grant_of(adjustment) for adjustment in quote.adjustments}


def _kept_grants(paid: Quote, kept: Units) -> dict[str, Grant]:
    """With KEEP, a promotion still grants its part on the units kept, and everything that is not on units."""
    lines = {line.id: line for line in paid.lines}
    grants = _grants(paid)
    for adjustment in (each for layer in paid.layers if layer.kind == "goods" for each in layer.adjustments):
        back = sum(_part_gone(share.amount, lines[share.id], kept[share.id]) for share in adjustment.shares)
        left = grants[adjustment.promotion_id]._replace(amount=adjustment.amount - back)
        if back and not any(left):
            del grants[adjustment.promotion_id]
        else:
            grants[adjustment.promotion_id] = left
    return grants


def _part_gone(amount: int, line: QuotedLine, kept: int) -> int:
    """How much of what a promotion took off a line was off the units that are gone: in proportion, rounded down.

    If 3 × 10.00 cost 10.00, 10.00 and 0.00, the first two gone were paid in full: 0; the third has all of the 10.00.
    """
    gone = line.quantity - kept
    off = line.merchandise // line.quantity * gone - _paid_for(line, gone)
    return amount * off // (line.merchandise - line.subtotal) if off else 0


def _given_back(earlier: Sequence[Refund]) -> set[str]:
    """The promotions whose redemption was given back."""
    return {each.promotion_id for refund in earlier for each in refund.taken_back if each.use}


def _taken(earlier: Sequence[Refund]) -> dict[str, Grant]:
    """What earlier returns took back of each promotion."""
    taken: dict[str, Grant] = {}
    for each in (each for refund in earlier for each in refund.taken_back):
        more = Grant(each.amount, each.points, each.credit, 0 if each.gift is None else each.gift.quantity)
        taken[each.promotion_id] = Grant(*map(sum, zip(taken.get(each.promotion_id, Grant()), more, strict=True)))
    return taken


def still_granted(paid: Quote, earlier: Sequence[Refund]) -> dict[str, int]:
    """Money off and credit that promotions may still grant, by id, except those whose use was given back.

    If an earlier return took back 6.00 of 15.00 off, it is 9.00.
    """
    given_back, taken = _given_back(earlier), _taken(earlier)
    return {
        id: _money(was) - _money(taken.get(id, Grant())) for id, was in _grants(paid).items() if id not in given_back
    }


def _money(grant: Grant) -> int:
    return grant.amount + grant.credit
