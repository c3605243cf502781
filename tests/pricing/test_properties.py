"""What holds for every quote, whatever the rule set and the cart (docs/pricing.md §1)."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.money import MAX_AMOUNT, WHOLE
from engine.pricing.cart import Cart, Line
from engine.pricing.quote import Adjustment, Gift, Quote, QuotedLayer
from engine.pricing.reference.basket import Unit
from engine.rules.checked import CheckedRules, Combine, Exclusive, LayerKind, Policy, Selection
from engine.rules.checked_rewards import CreditReward, EffectReward, GiftReward, PointsReward, Reward
from tests.conftest import Engine, price_by_reference
from tests.random_rules import searchable, searches
from tests.strategies import priced_cases, random_case, random_cases

Case = tuple[CheckedRules, Cart]
EXAMPLES = settings(max_examples=30)


def granted(layer: QuotedLayer, id: str) -> int:
    return sum(share.amount for each in layer.adjustments for share in each.shares if share.id == id)


def layers_of(quote: Quote, *kinds: LayerKind) -> list[QuotedLayer]:
    return [layer for layer in quote.layers if LayerKind(layer.kind) in kinds]


@EXAMPLES
@given(case=priced_cases())
def test_sums_match_at_every_level(engine: Engine, case: Case) -> None:
    quote = engine(*case)
    assert quote.total == quote.subtotal + quote.shipping
    assert quote.subtotal == sum(line.subtotal for line in quote.lines)
    assert quote.merchandise == sum(line.merchandise for line in quote.lines)
    assert quote.shipping == sum(shipment.charge for shipment in quote.shipments)
    assert quote.shipping_price == sum(shipment.price for shipment in quote.shipments)
    goods, shipping = layers_of(quote, LayerKind.GOODS), layers_of(quote, LayerKind.SHIPPING)
    for line in quote.lines:
        assert line.quantity == sum(bucket.quantity for bucket in line.buckets)
        assert line.subtotal == sum(bucket.price * bucket.quantity for bucket in line.buckets)
        assert line.merchandise - line.subtotal == sum(granted(layer, line.id) for layer in goods)
    for shipment in quote.shipments:
        in_goods_layers = sum(
            share.amount
            for layer in goods
            for adjustment in layer.adjustments
            for share in adjustment.shipment_shares
            if share.id == shipment.id
        )
        in_shipping_layers = sum(granted(layer, shipment.id) for layer in shipping)
        assert shipment.price - shipment.charge == in_goods_layers + in_shipping_layers
    for layer in quote.layers:
        for adjustment in layer.adjustments:
            shares = (*adjustment.shares, *adjustment.shipment_shares)
            assert adjustment.amount == sum(share.amount for share in shares)
            assert not adjustment.shipment_shares or layer.kind == LayerKind.GOODS.value


@EXAMPLES
@given(case=priced_cases())
def test_what_is_given_without_money_adds_up(engine: Engine, case: Case) -> None:
    quote = engine(*case)
    adjustments = quote.adjustments
    assert quote.points == sum(adjustment.points for adjustment in adjustments)
    assert quote.credit == sum(adjustment.credit for adjustment in adjustments)
    assert quote.gifts == tuple(adjustment.gift for adjustment in adjustments if adjustment.gift is not None)


@EXAMPLES
@given(case=priced_cases())
def test_each_layer_says_what_it_left(engine: Engine, case: Case) -> None:
    quote = engine(*case)
    subtotal, shipping = quote.merchandise, quote.shipping_price
    for layer in quote.layers:
        amount = sum(adjustment.amount for adjustment in layer.adjustments)
        of_shipments = sum(share.amount for each in layer.adjustments for share in each.shipment_shares)
        if layer.kind == LayerKind.SHIPPING.value:
            of_shipments = amount
        subtotal -= amount - of_shipments
        shipping -= of_shipments
        assert (layer.subtotal, layer.shipping) == (subtotal, shipping)
    assert (quote.subtotal, quote.shipping) == (subtotal, shipping)


@EXAMPLES
@given(case=priced_cases())
def test_nothing_falls_below_its_floor(engine: Engine, case: Case) -> None:
    rules, cart = case
    quote = engine(rules, cart)
    lines = {line.id: line for line in cart.lines}
    for line in quote.lines:
        sent = lines[line.id]
        least = min(sent.price, floor(sent, rules.markup))
        assert all(least <= bucket.price <= sent.price for bucket in line.buckets)
        assert sent.discountable or line.subtotal == line.merchandise
    assert all(0 <= shipment.charge <= shipment.price for shipment in quote.shipments)


def floor(line: Line, markup: int | None) -> int:
    """The floor as an exact fraction, rounded up."""
    cost = 0 if markup is None or line.cost is None else line.cost * (WHOLE + markup)
    return max(line.minimum_price or 0, cost // WHOLE + (cost % WHOLE > 0))


@EXAMPLES
@given(case=priced_cases())
def test_adjustments_are_real_and_in_order(engine: Engine, case: Case) -> None:
    rules, cart = case
    quote = engine(rules, cart)
    order = [promotion.id for promotion in rules.promotions]
    for layer, declared in zip(quote.layers, rules.layers, strict=True):
        assert (layer.name, layer.kind) == (declared.name, declared.kind.value)
        ids = [adjustment.promotion_id for adjustment in layer.adjustments]
        assert ids == sorted(ids, key=order.index)
        assert len(ids) <= 1 or declared.combine is not Combine.FIRST
        assert not set(ids) & set(cart.declined_promotions)
        for adjustment in layer.adjustments:
            shares = [share.id for share in adjustment.shares]
            assert adjustment.amount >= 0 <= adjustment.ungranted
            assert adjustment.amount or adjustment.points or adjustment.credit or adjustment.gift or adjustment.effect
            assert shares == sorted(set(shares), key=str.encode)
            assert all(share.amount > 0 for share in adjustment.shares)


@EXAMPLES
@given(case=priced_cases())
def test_what_applies_goes_together(engine: Engine, case: Case) -> None:
    rules, cart = case
    ids = set(engine(rules, cart).applied)
    applied = [promotion for promotion in rules.promotions if promotion.id in ids]
    one_of = rules.grouped(Policy.ONE)
    for promotion in applied:
        # Within a `best_per_line` layer, promotions win separate lines, whatever they exclude.
        per_line = rules.layers[promotion.layer].combine is Combine.BEST_PER_LINE
        others = [
            other for other in applied if other is not promotion and not (per_line and other.layer == promotion.layer)
        ]
        named = {each.name for each in promotion.excludes}
        assert not any(named & {other.id, other.group, *other.tags} for other in others)
        assert not (promotion.group in one_of and any(other.group == promotion.group for other in others))
        match promotion.exclusive:
            case Exclusive.LAYER:
                assert not any(other.layer == promotion.layer for other in others)
            case Exclusive.CART | Exclusive.STRICT:
                assert not others


@EXAMPLES
@given(case=priced_cases())
def test_lines_shipments_and_buckets_are_sorted(engine: Engine, case: Case) -> None:
    quote = engine(*case)
    for entries in (quote.lines, quote.shipments):
        ids = [entry.id.encode() for entry in entries]
        assert ids == sorted(set(ids))
    for line in quote.lines:
        prices = [bucket.price for bucket in line.buckets]
        assert prices == sorted(set(prices), reverse=True)


@EXAMPLES
@given(case=priced_cases(), seed=st.integers(0, 1000))
def test_order_of_lines_and_shipments_does_not_matter(engine: Engine, case: Case, seed: int) -> None:
    rules, cart = case
    random = Random(seed)
    lines = tuple(random.sample(cart.lines, len(cart.lines)))
    shipments = tuple(random.sample(cart.shipments, len(cart.shipments)))
    assert engine(rules, replace(cart, lines=lines, shipments=shipments)) == engine(rules, cart)


@EXAMPLES
@given(case=priced_cases())
def test_a_promotion_that_was_not_applied_may_as_well_be_declined(engine: Engine, case: Case) -> None:
    rules, cart = case
    quote = engine(rules, cart)
    applied = set(quote.applied)
    others = tuple(promotion.id for promotion in rules.promotions if promotion.id not in applied)
    declined = engine(rules, replace(cart, declined_promotions=others))
    # The status of a code tells why its promotion did not apply, and a search has fewer candidates.
    assert declined._replace(coupons=(), search=None) == quote._replace(coupons=(), search=None)


@EXAMPLES
@given(case=priced_cases())
def test_pricing_a_priced_cart_changes_nothing_but_the_picks(engine: Engine, case: Case) -> None:
    rules, cart = case
    first = engine(rules, cart)
    second = engine(rules, with_gifts(cart, first))
    assert without_picks(second) == without_picks(first)
    assert engine(rules, with_gifts(cart, second)) == second


def with_gifts(cart: Cart, quote: Quote) -> Cart:
    """The cart with its gifts sent back; if none was picked of a choice, the first."""
    lines = [line for line in cart.lines if not line.gift_of]
    lines += [
        Line(id=f"gift {index}", sku=gift.sku or gift.choices[0], quantity=1, price=0, gift_of=gift.promotion_id)
        for index, gift in enumerate(quote.gifts)
    ]
    return replace(cart, lines=tuple(lines))


def without_picks(quote: Quote) -> Quote:
    layers = tuple(
        layer._replace(adjustments=tuple(each._replace(gift=unpicked(each.gift)) for each in layer.adjustments))
        for layer in quote.layers
    )
    return quote._replace(layers=layers, gifts=tuple(gift._replace(sku="") for gift in quote.gifts))


def unpicked(gift: Gift | None) -> Gift | None:
    return None if gift is None else gift._replace(sku="")


def saving(rules: CheckedRules, cart: Cart, quote: Quote) -> int:
    """Money off, and the value of what was granted without money (docs/pricing.md §6)."""
    rewards = {promotion.id: promotion.reward for promotion in rules.promotions}
    currency = rules.currencies.index(cart.currency)
    adjustments = quote.adjustments
    return sum(each.amount + value(rewards[each.promotion_id], each, currency) for each in adjustments)


def value(reward: Reward, adjustment: Adjustment, currency: int) -> int:
    match reward:
        case GiftReward(value=(*figures,)) if adjustment.gift is not None:
            worth = (figures[currency] or 0) * adjustment.gift.quantity
        case PointsReward(value=(*figures,)):
            worth = (figures[currency] or 0) * adjustment.points // 100
        case CreditReward(value=(*figures,)) | EffectReward(value=(*figures,)):
            worth = figures[currency] or 0
        case _:
            worth = 0
    return min(worth, MAX_AMOUNT)


def searched_layer(seed: int) -> Case:
    """Rules with a search in their one layer, and no strict promotion."""
    rules, cart = random_case(Random(seed), searches(10))
    promotions = (
        replace(each, exclusive=None if each.exclusive is Exclusive.STRICT else each.exclusive)
        for each in rules.promotions
        if each.layer == 0
    )
    layered = replace(rules, layers=rules.layers[:1], promotions=tuple(promotions), selection=Selection.LAYERED)
    return layered, cart


@EXAMPLES
@given(case=st.integers(0, 2**63 - 1).map(searched_layer), seed=st.integers(0, 1000))
def test_the_best_set_saves_no_less_than_any_others_together(engine: Engine, case: Case, seed: int) -> None:
    """What an `all` layer grants of some of its promotions is a set, too."""
    rules, cart = case
    best = saving(rules, cart, engine(rules, cart))
    granting_all = replace(rules, layers=tuple(replace(layer, combine=Combine.ALL) for layer in rules.layers))
    random = Random(seed)
    ids = [promotion.id for promotion in rules.promotions]
    for _ in range(20):
        declined = (*cart.declined_promotions, *random.sample(ids, random.randint(0, len(ids))))
        some = engine(granting_all, replace(cart, declined_promotions=declined))
        assert best >= saving(rules, cart, some)


@EXAMPLES
@given(case=priced_cases())
def test_all_layers_together_save_no_less_than_one_by_one(engine: Engine, case: Case) -> None:
    rules, cart = case
    few = searchable(replace(rules, promotions=rules.promotions[:9]))  # so that every set can be tried
    layered, together = (engine(replace(few, selection=selection), cart) for selection in Selection)
    assert saving(few, cart, together) >= saving(few, cart, layered)


@EXAMPLES
@given(case=priced_cases())
def test_the_quote_holds_until_it_says(case: Case) -> None:
    rules, cart = case
    quote = price_by_reference(rules, cart)
    if quote.valid_until is not None:
        assert quote.valid_until > cart.at // 10**9
        last = replace(cart, at=quote.valid_until * 10**9 - 1)
        assert price_by_reference(rules, last)._replace(at=cart.at) == quote


def test_no_unit_is_claimed_twice_in_a_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    claims = 0

    def claim(unit: Unit) -> None:
        nonlocal claims
        assert not unit.claimed
        unit.claimed = True
        claims += 1

    monkeypatch.setattr(Unit, "claim", claim)
    for case in islice(random_cases(8), 500):
        price_by_reference(*case)
    assert claims > 500
