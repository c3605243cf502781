"""The index finds exactly the promotions that touch the cart when each is checked."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from engine.advice import Adviser
from engine.advice.situation import Situation
from engine.advice.touching import Touching
from engine.pricing.cart import Cart, Line
from engine.pricing.coupons import SentCodes
from engine.pricing.reference.eligibility import coded
from engine.pricing.reference.facts import is_in
from engine.rules import load_text
from engine.rules.checked import CheckedRules, Promotion
from engine.rules.checked_rewards import BundleReward, BuyGetReward, GoodsReward, ShippingReward
from tests.programs import session_of
from tests.strategies import priced_cases


def reaches(promotion: Promotion, rules: CheckedRules, cart: Cart) -> bool:
    """Goods of the cart, or a rate where one is chosen; rewards without money reach every cart."""
    match promotion.reward:
        case GoodsReward(segment=segment):
            segments = [segment]
        case BuyGetReward(buy=buy, get=get):
            segments = [buy, get]
        case BundleReward(parts=parts):
            segments = [part.segment for part in parts]
        case ShippingReward(methods=methods):
            quoted = [rate.method for each in cart.shipments if each.method for rate in each.rates]
            return any(not methods or method in methods for method in quoted)
        case _:
            return True
    currency = rules.currencies.index(cart.currency)
    lines = [line for line in cart.lines if not line.gift_of]
    return any(is_in(rules.segments[segment], line, currency) for segment in segments for line in lines)


def has_code(promotion: Promotion, rules: CheckedRules, codes: SentCodes) -> bool:
    needing = coded(promotion, rules)
    return promotion.needs_coupon and any(codes.belongs_to(needing, code) for code in codes.sent)


@given(case=priced_cases())
@settings(max_examples=300)
def test_those_that_are_about_a_cart_are_found(case: tuple[CheckedRules, Cart]) -> None:
    rules, cart = case
    touching = Touching(rules)
    codes = touching.codes(cart)
    situation = Situation(cart, codes, session_of(rules).sketch(cart))
    assert touching.of(situation) == {
        index
        for index, promotion in enumerate(rules.promotions)
        if reaches(promotion, rules, cart) or has_code(promotion, rules, codes)
    }


def test_nothing_is_prepared_of_promotions_that_are_about_other_carts() -> None:
    segments = "".join(f"  s{n}: item.sku == 'S{n}'\n" for n in range(50))
    promotions = "".join(
        f"  p{n}: {{layer: item, when: s{n}.quantity >= 2, reward: {{percent_off: {{of: s{n}, percent: 5}}}}}}\n"
        for n in range(50)
    )
    rules = load_text(f"ruleset: shop\ncurrencies: [USD]\nsegments:\n{segments}promotions:\n{promotions}")
    session, adviser = session_of(rules), Adviser(rules)
    cart = Cart(id="c1", currency="USD", at=0, lines=(Line(id="a", sku="S7", quantity=1, price=500),), explain=True)
    quote = adviser.quote(cart, session)
    assert [each.promotion_id for each in quote.explanations] == ["p7"]
    adviser.quote(replace(cart, lines=(replace(cart.lines[0], sku="S9"),)), session)
    (book,) = adviser._books.values()
    assert [entry.promotion.id for entry in book._entries.values()] == ["p7", "p9"]
