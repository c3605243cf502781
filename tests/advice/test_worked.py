"""Worked answers: why not, what next, and the cost of other rates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.advice import Adviser
from engine.advice.rates import MOST_RATES
from engine.advice.what_if import MOST_ADDED, MOST_DECLINED
from engine.errors import InvalidCart
from engine.pricing.cart import Cart, CouponFact, CouponState, Customer, Line, Rate, Shipment, Usage
from engine.pricing.quote import Addition, Explanation, Quote, Reason, Suggestion, Unmet
from engine.pricing.reference import Reference
from engine.pricing.sketch import Sketch
from engine.pricing.validation import FIRST_MOMENT, LAST_MOMENT
from engine.rules import load_text
from tests.programs import session_of

HEAD = """\
ruleset: outdoor
currencies: [USD]
timezone: America/New_York
segments:
  shoes: item.category.startsWith("shoes/")
  socks: item.category == "socks"
  tents: item.category == "tents"
promotions:
"""
RATES = (Rate(method="flat", price=795), Rate(method="express", carrier="UPS", price=1850))
CART = Cart(
    id="c1",
    currency="USD",
    at=1_780_000_000 * 10**9,
    lines=(
        Line(id="boots", sku="BOOT", category="shoes/boots", quantity=1, price=8000),
        Line(id="hat", sku="HAT", category="hats", quantity=1, price=1999),
        Line(id="socks", sku="SOCK", category="socks", quantity=3, price=625),
    ),
    shipments=(Shipment(id="home", method="flat", rates=RATES),),
    explain=True,
)
STACK = """\
  shoes-10: {layer: item, reward: {percent_off: {of: shoes, percent: 10}}}
  socks-3-for-2:
    layer: item
    reward:
      buy_get: {buy: {of: socks, quantity: 2}, get: {of: socks, quantity: 1, percent_off: 100}, repeat: unlimited}
  spend-100: {layer: order, when: cart.subtotal >= 100.00, reward: {amount_off: {of: cart, per: order, amount: 15.00}}}
  free-shipping: {layer: shipping, when: cart.subtotal >= 95.00, reward: {shipping: {free: true}}}
"""
NOW = "2026-05-28 16:26"
"""The moment of CART in New York."""
SPEND = "{amount_off: {of: cart, per: order, amount: 1.00}}"


def asked(promotions: str, cart: Cart = CART) -> Quote:
    rules = load_text(HEAD + promotions)
    return Adviser(rules).quote(cart, Reference(rules, ""))


def only(promotion: str, cart: Cart = CART) -> Explanation:
    """The explanation of one promotion, named x, that is not applied."""
    (explanation,) = asked(f"  x: {promotion}", cart).explanations
    return explanation


def test_one_more_pair_of_socks_costs_less() -> None:
    quote = asked(STACK)
    assert quote.total == 9744
    assert quote.explanations == (
        Explanation(
            promotion_id="free-shipping",
            promotion_name="free-shipping",
            layer="shipping",
            reason=Reason.CONDITION,
            condition="cart.subtotal >= 95.00",
            unmet=(Unmet("cart.subtotal >= 95.00", "89.49", "at least 95.00"),),
        ),
    )
    assert quote.suggestions == (
        Suggestion(
            "free-shipping",
            "free-shipping",
            "5.51 more in the cart",
            "cart.subtotal",
            551,
            Addition("socks", 1, 625, 9574, -170),
        ),
    )


def test_nothing_is_said_unless_asked() -> None:
    quote = asked(STACK, replace(CART, explain=False))
    assert (quote.explanations, quote.suggestions, quote.shipments[0].rates) == ((), (), ())


@pytest.mark.parametrize(
    ("condition", "unmet"),
    [
        ("socks.quantity > 3", Unmet("socks.quantity > 3", "3", "more than 3")),
        ("100.00 <= shoes.subtotal", Unmet("shoes.subtotal >= 100.00", "80.00", "at least 100.00")),
        ("!(cart.quantity >= 5)", Unmet("cart.quantity < 5", "5", "less than 5")),
        ('customer.tier == "gold"', Unmet('customer.tier == "gold"', "silver", "gold")),
        ('customer.tier in ["gold", "black"]', Unmet('customer.tier in ["gold", "black"]', "silver", "gold or black")),
        ('!(customer.tier in ["silver"])', Unmet('!(customer.tier in ["silver"])', "silver", "not silver")),
        ('"VIP" in customer.segments', Unmet('"VIP" in customer.segments', "staff, web", "VIP")),
        ("has(customer.orders)", Unmet("has(customer.orders)", "", "any")),
        ('customer.id.startsWith("b")', Unmet('customer.id.startsWith("b")', "ada", "to start with b")),
        ("customer.orders >= 1", Unmet("customer.orders >= 1", "", "at least 1")),
        (
            'cart.quantity > 9 || customer.tier == "gold"',
            Unmet(
                'cart.quantity > 9 || customer.tier == "gold"',
                "cart.quantity 5, customer.tier silver",
                "cart.quantity more than 9, or customer.tier gold",
            ),
        ),
        (
            'customer.tier == "silver" ? cart.quantity >= 9 : cart.quantity >= 1',
            Unmet("cart.quantity >= 9", "5", "at least 9"),
        ),
    ],
)
def test_the_failing_part_of_a_condition_is_said_with_what_was_found_and_what_is_needed(
    condition: str, unmet: Unmet
) -> None:
    cart = replace(CART, customer=Customer(id="ada", tier="silver", segments=("staff", "web")))
    explanation = only(f"{{layer: order, when: '({condition}) && cart.lines == 3', reward: {SPEND}}}", cart)
    assert explanation.unmet == (unmet,)
    assert explanation.condition == f"({condition}) && cart.lines == 3"


def test_all_failing_parts_are_said() -> None:
    explanation = only(f"{{layer: order, when: socks.quantity > 5 && cart.subtotal > 900.00, reward: {SPEND}}}")
    assert [each.found for each in explanation.unmet] == ["3", "118.74"]


@pytest.mark.parametrize(
    ("parts", "reason", "part", "found", "needed"),
    [
        ("schedule: {from: 2026-06-01}", Reason.NOT_STARTED, "schedule", NOW, "from 2026-06-01 00:00"),
        ("schedule: {until: 2026-05-01}", Reason.EXPIRED, "schedule", NOW, "before 2026-05-02 00:00"),
        (
            "schedule: {weekdays: [sat, sun], hours: 09:00-12:00}",
            Reason.OUTSIDE_SCHEDULE,
            "schedule",
            "Thu 16:26",
            "Sat, Sun 09:00-12:00",
        ),
        ("coupon: {codes: [A, B]}", Reason.NO_COUPON, "cart.coupons", "C", "one of its codes"),
        ("limits: {total: 7}", Reason.LIMIT_TOTAL, "limits.total", "7", "fewer than 7"),
        ("limits: {per_customer: 2}", Reason.LIMIT_CUSTOMER, "limits.per_customer", "2", "fewer than 2"),
        (
            "limits: {per_customer: {times: 1, per: day}}",
            Reason.LIMIT_CUSTOMER,
            "limits.per_customer",
            "2",
            "fewer than 1 per day",
        ),
        ("coupon: {pool: club}", Reason.LIMIT_CODE, "cart.coupons", "C", "a code that has not been used"),
        ("coupon: {codes: [c]}, limits: {per_code: 3}", Reason.LIMIT_CODE, "limits.per_code", "C: 4", "fewer than 3"),
        ("limits: {budget: 50.00}", Reason.BUDGET_SPENT, "limits.budget", "50.00 spent", "less than 50.00"),
        (
            "limits: {budget: 50.50}",
            Reason.BUDGET_EXCEEDED,
            "limits.budget",
            "0.50 left",
            "enough for the whole reward",
        ),
    ],
)
def test_what_stands_in_the_way_of_any_reward_is_said_in_figures(
    parts: str, reason: Reason, part: str, found: str, needed: str
) -> None:
    usage = Usage(promotion_id="x", total=7, customer=2, codes={"c": 4}, spent=5000)
    spent = CouponFact(code="c", state=CouponState.SPENT, pool="club")
    cart = replace(CART, coupons=("C",), coupon_facts=(spent,), usage=(usage,))
    explanation = only(f"{{layer: order, {parts}, reward: {SPEND}}}", cart)
    assert (explanation.reason, explanation.unmet) == (reason, (Unmet(part, found, needed),))


@pytest.mark.parametrize(
    ("promotion", "reason", "unmet"),
    [
        (
            "{layer: shipping, reward: {shipping: {free: true, methods: [express]}}}",
            Reason.NO_RATE,
            Unmet("shipment.method", "flat", "express"),
        ),
        (
            "{layer: shipping, when: shipment.pickup, reward: {shipping: {free: true}}}",
            Reason.CONDITION,
            Unmet("shipment.pickup", "no", "yes"),
        ),
        (
            "{layer: order, "
            "reward: {percent_off: {of: cart, percent: {by: cart.subtotal, steps: [{from: 200.00, value: 5}]}}}}",
            Reason.NO_VALUE,
            Unmet("cart.subtotal >= 200.00", "118.74", "at least 200.00"),
        ),
        (
            "{layer: order, reward: {credit: {amount: {by: cart.subtotal, every: 120.00, value: 5.00}}}}",
            Reason.NO_VALUE,
            Unmet("cart.subtotal >= 120.00", "118.74", "at least 120.00"),
        ),
        (
            "{layer: order, reward: {percent_off: {of: cart, percent: {by: cart.channel, values: {web: 5, app: 6}}}}}",
            Reason.NO_VALUE,
            Unmet('cart.channel in ["web", "app"]', "", "web or app"),
        ),
        (
            "{layer: item, "
            "reward: {bundle: {parts: [{of: shoes, quantity: 1}, {of: socks, quantity: 4}], percent_off: 10}}}",
            Reason.INCOMPLETE,
            Unmet("socks.quantity", "3", "at least 4"),
        ),
        (
            "{layer: item, reward: {bundle: {parts: [{of: cart, quantity: 4}], percent_off: 10, same: sku}}}",
            Reason.INCOMPLETE,
            Unmet("discountable.quantity of SKU SOCK", "3", "at least 4"),
        ),
        (
            "{layer: item, reward: {bundle: {parts: [{of: cart, quantity: 4}], percent_off: 10, same: category}}}",
            Reason.INCOMPLETE,
            Unmet("discountable.quantity of category socks", "3", "at least 4"),
        ),
        (
            "{layer: item, reward: {bundle: {parts: [{of: cart, quantity: 4}], percent_off: 10, different: sku}}}",
            Reason.INCOMPLETE,
            Unmet("discountable.quantity of different SKU", "3", "at least 4"),
        ),
        (
            "{layer: item, reward: {percent_off: {of: cart, percent: 10, units: {at_least: 4, per: sku}}}}",
            Reason.INCOMPLETE,
            Unmet("discountable.quantity of SKU SOCK", "3", "at least 4"),
        ),
        (
            "{layer: item, "
            "reward: {percent_off: {of: socks, percent: 10, units: {sets: {of: 4, take: 4}, per: line}}}}",
            Reason.INCOMPLETE,
            Unmet("socks.quantity of line socks", "3", "at least 4"),
        ),
    ],
)
def test_what_a_reward_itself_lacks_is_said_in_figures(promotion: str, reason: Reason, unmet: Unmet) -> None:
    explanation = only(promotion)
    assert (explanation.reason, explanation.unmet) == (reason, (unmet,))


@pytest.mark.parametrize("at", [FIRST_MOMENT, LAST_MOMENT])
def test_every_moment_that_is_priced_can_be_explained(at: int) -> None:
    schedule = "{from: 2026-06-01, until: 2026-06-02}"
    explanation = only(f"{{layer: item, schedule: {schedule}, reward: {SPEND}}}", replace(CART, at=at))
    assert explanation.reason in (Reason.NOT_STARTED, Reason.EXPIRED)
    assert explanation.unmet


def test_what_displaced_a_promotion_is_said_with_what_the_cart_would_come_to_without_it() -> None:
    quote = asked(
        """\
  a: {name: A, layer: order, exclusive: layer, priority: 1, reward: {amount_off: {of: cart, per: order, amount: 9.00}}}
  b: {layer: order, reward: {amount_off: {of: cart, per: order, amount: 10.00}}}
"""
    )
    (explanation,) = quote.explanations
    assert (explanation.displaced_by, explanation.displaced_by_name, explanation.displaced_by_amount) == (
        "a",
        "A",
        -100,
    )


def test_what_does_not_touch_the_cart_is_not_explained() -> None:
    tents = "{layer: order, when: cart.subtotal > 900.00, reward: {percent_off: {of: tents, percent: 5}}}"
    assert asked(f"  x: {tents}").explanations == ()
    coded = tents.replace("layer: order", "layer: order, coupon: {codes: [camp]}")
    assert [each.reason for each in asked(f"  x: {coded}", replace(CART, coupons=("CAMP",))).explanations] == [
        Reason.CONDITION
    ]


@pytest.mark.parametrize(
    ("promotion", "text", "addition"),
    [
        (
            "{layer: order, "
            "reward: {percent_off: {of: shoes, percent: {by: shoes.subtotal, "
            "steps: [{from: 50.00, value: 5}, {from: 150.00, value: 10}]}}}}",
            "70.00 more in shoes",
            ("boots", 1, 19069),
        ),
        (
            "{layer: order, "
            "reward: {amount_off: {of: shoes, per: order, amount: {by: shoes.subtotal, every: 50.00, value: 10.00}}}}",
            "20.00 more in shoes",
            ("boots", 1, 17669),
        ),
        (
            "{layer: order, when: socks.quantity >= 4, reward: {amount_off: {of: socks, per: order, amount: 10.00}}}",
            "1 more unit of socks",
            ("socks", 1, 12294),
        ),
        (
            "{layer: item, reward: {percent_off: {of: socks, percent: 100, units: {sets: {of: 4, take: 1}}}}}",
            "1 more unit of socks",
            ("socks", 1, 12669),
        ),
        (
            "{layer: item, reward: {buy_get: "
            "{buy: {of: socks, quantity: 3}, get: {of: socks, quantity: 3, percent_off: 100}, incomplete: true}}}",
            "1 more unit of socks",
            ("socks", 1, 12669),
        ),
        (
            "{layer: item, reward: {buy_get: "
            "{buy: {of: socks, quantity: 2}, get: {of: socks, quantity: 2, percent_off: 100}, incomplete: true}}}",
            "1 more unit of socks",
            ("socks", 1, 12044),
        ),
        (
            "{layer: item, reward: {buy_get: "
            "{buy: {of: cart, quantity: 3}, get: {of: discountable, quantity: 3, percent_off: 1}}}}",
            "1 more unit in discountable goods",
            ("socks", 1, 13275),
        ),
        (
            "{layer: item, reward: "
            "{buy_get: {buy: {of: cart, quantity: 2}, get: {of: cart, quantity: 2, percent_off: 100}, same: sku}}}",
            "1 more unit in discountable goods with SKU SOCK",
            ("socks", 1, 12044),
        ),
        (
            "{layer: item, reward: "
            "{bundle: {parts: [{of: cart, quantity: 2}], percent_off: 10, repeat: unlimited, different: sku}}}",
            "1 more unit in discountable goods of a SKU with fewer than 3",
            ("hat", 1, 13281),
        ),
        (
            "{layer: item, reward: "
            "{percent_off: {of: socks, percent: 100, units: {quantity: 1, at_least: 4, per: line}}}}",
            "1 more unit of socks on line socks",
            ("socks", 1, 12669),
        ),
        (
            "{layer: order, reward: {gift: {sku: MUG, for_every: {of: socks, quantity: 5}}}}",
            "2 more units of socks",
            ("socks", 2, 13919),
        ),
        (
            "{layer: order, when: shoes.subtotal + socks.subtotal > 98.75, "
            "reward: {amount_off: {of: socks, per: order, amount: 1.00}}}",
            "0.01 more in shoes.subtotal + socks.subtotal",
            ("socks", 1, 13194),
        ),
        (
            "{layer: order, when: socks.quantity + cart.quantity >= 10, "
            "reward: {amount_off: {of: cart, per: order, amount: 1.00}}}",
            "2 more units in socks.quantity + cart.quantity",
            ("socks", 1, 13194),
        ),
        (
            "{layer: order, when: 'customer.tier == \"gold\" || cart.quantity >= 6', "
            "reward: {amount_off: {of: cart, per: order, amount: 1.00}}}",
            "1 more unit in the cart",
            ("socks", 1, 13194),
        ),
        (
            "{layer: shipping, when: shipment.subtotal >= 120.00, reward: {shipping: {free: true}}}",
            "1.26 more in shipment home",
            ("socks", 1, 12499),
        ),
        (
            "{layer: item, "
            "reward: {bundle: {parts: [{of: shoes, quantity: 1}, {of: tents, quantity: 1}], percent_off: 10}}}",
            "1 more unit of tents",
            None,
        ),
        (
            "{layer: item, "
            "reward: {bundle: {parts: [{of: cart, quantity: 2}, {of: socks, quantity: 3}], percent_off: 10}}}",
            "2 more units in discountable goods or socks",
            ("socks", 2, 13606),
        ),
    ],
)
def test_what_next(promotion: str, text: str, addition: tuple[str, int, int] | None) -> None:
    (suggestion,) = asked(f"  x: {promotion}").suggestions
    found = suggestion.addition
    assert suggestion.text == text
    assert (found and (found.line_id, found.quantity, found.total)) == addition


@pytest.mark.parametrize(
    "promotion",
    [
        '{layer: order, when: cart.subtotal >= 200.00 && customer.tier == "gold", '
        "reward: {percent_off: {of: cart, percent: 5}}}",
        "{layer: order, when: cart.subtotal <= 50.00, reward: {percent_off: {of: cart, percent: 5}}}",
        "{layer: item, reward: {bundle: "
        "{parts: [{of: socks, quantity: {by: cart.quantity, values: {5: 4}}}], percent_off: 10}}}",
        "{layer: order, when: cart.shipping >= 20.00, reward: {percent_off: {of: cart, percent: 5}}}",
        "{layer: order, when: 200.00 - cart.subtotal >= 100.00, reward: {percent_off: {of: cart, percent: 5}}}",
        "{layer: order, when: cart.subtotal >= 119.00, limits: {budget: 0.01}, "
        "reward: {percent_off: {of: cart, percent: 5}}}",
        "{layer: order, reward: {percent_off: {of: cart, percent: "
        "{by: cart.subtotal, steps: [{from: 100.00, value: 10}, {from: 120.00, value: 5}]}}}}",
        "{layer: order, when: cart.subtotal < 150.00, reward: {percent_off: {of: cart, percent: "
        "{by: cart.subtotal, steps: [{from: 100.00, value: 5}, {from: 160.00, value: 10}]}}}}",
    ],
)
def test_what_more_goods_do_not_bring_is_not_suggested(promotion: str) -> None:
    assert asked(f"  x: {promotion}").suggestions == ()


@pytest.mark.parametrize(
    "promotion",
    [
        "{layer: order, when: cart.subtotal >= 114.00, reward: {amount_off: {of: cart, per: order, amount: 1.00}}}",
        "{layer: order, reward: {percent_off: {of: cart, percent: "
        "{by: cart.subtotal, steps: [{from: 100.00, value: 5}, {from: 114.00, value: 10}]}}}}",
    ],
)
def test_what_earlier_promotions_take_of_more_goods_is_counted(promotion: str) -> None:
    """A pair enters the order layer at 3.13: one more brings the cart from 109.37 to 112.49, two bring it to 115.62."""
    half = "{layer: item, reward: {percent_off: {of: socks, percent: 50, per: unit}}}"
    quote = asked(f"  half: {half}\n  x: {promotion}\n")
    (suggestion,) = quote.suggestions
    assert suggestion.addition is not None
    assert (suggestion.missing, suggestion.addition.line_id, suggestion.addition.quantity) == (465, "socks", 2)


def test_goods_without_a_value_are_not_alike() -> None:
    rules = load_text(
        HEAD.replace("segments:", "attributes:\n  item: {model: string}\nsegments:")
        + "  x: {layer: item, reward: {buy_get: {buy: {of: cart, quantity: 2}, "
        "get: {of: cart, quantity: 2, percent_off: 100}, same: attributes.model}}}\n"
    )
    boots, *others = CART.lines
    cart = replace(CART, lines=(replace(boots, attributes={"model": "M"}), *others))
    (suggestion,) = Adviser(rules).quote(cart, Reference(rules, "")).suggestions
    assert suggestion.text == "3 more units in discountable goods with model M"
    assert suggestion.addition == Addition("boots", 3, 24_000, 20_669, 8_000)


def test_goods_make_up_a_weight() -> None:
    weighed = replace(CART, lines=tuple(replace(line, weight=400) for line in CART.lines))
    promotion = f"{{layer: order, when: cart.weight >= 2500, reward: {SPEND}}}"
    (suggestion,) = asked(f"  x: {promotion}\n", weighed).suggestions
    assert suggestion.addition is not None
    assert (suggestion.text, suggestion.addition.quantity) == ("500 g more in the cart", 2)


class Counting(Reference):
    count = 0

    def sketch(self, cart: Cart, variant_of: Cart | None = None) -> Sketch:
        self.count += 1
        return super().sketch(cart, variant_of)

    def price(self, cart: Cart) -> Quote:
        self.count += 1
        return super().price(cart)


def test_the_work_is_bounded() -> None:
    gaps = "".join(
        f"  g{n}: {{layer: order, when: cart.subtotal >= {800 - 10 * n}.00, reward: {SPEND}}}\n" for n in range(60)
    )
    applied = "".join(f"  a{n}: {{layer: order, reward: {SPEND}, excludes: [b{n}]}}\n" for n in range(9))
    displaced = "".join(f"  b{n}: {{layer: order, reward: {SPEND}}}\n" for n in range(9))
    rules = load_text(HEAD + gaps + applied + displaced)
    engine = Counting(rules, "")
    quote = Adviser(rules).quote(CART, engine)
    assert len(quote.suggestions) == 60
    priced = [each.promotion_id for each in quote.suggestions if each.addition is not None]
    assert len(priced) >= MOST_ADDED // 2
    assert priced == [f"g{n}" for n in range(60 - len(priced), 60)]  # those that cost least
    assert sum(each.displaced_by_amount is not None for each in quote.explanations) == MOST_DECLINED
    # A sketch of the reference prices a whole quote.
    assert engine.count <= 2 * (MOST_ADDED + MOST_DECLINED)


def test_a_cart_that_may_not_grow_is_no_fault() -> None:
    full = replace(CART, lines=(replace(CART.lines[2], quantity=1_000_000),))
    rules = load_text(f"{HEAD}  x: {{layer: order, when: cart.quantity > 1000000, reward: {SPEND}}}\n")
    (suggestion,) = Adviser(rules).quote(full, session_of(rules)).suggestions
    assert suggestion.addition is None


def test_rates_are_compared_with_all_promotions() -> None:
    promotion = "  x: {layer: shipping, reward: {shipping: {percent_off: 60, methods: [express]}}}"
    quote = asked(promotion, replace(CART, explain=False, compare_rates=True))
    assert [(each.method, each.price, each.charge, each.cheapest) for each in quote.shipments[0].rates] == [
        ("express", 1850, 740, True),
        ("flat", 795, 795, False),
    ]


def test_of_equal_rates_the_one_sent_smaller_is_the_cheapest_then_the_first() -> None:
    rates = tuple(
        Rate(method=method, speed="slow", price=price) for method, price in (("c", 500), ("b", 400), ("a", 400))
    )
    cart = replace(CART, shipments=(Shipment(id="home", rates=rates),), compare_rates=True)
    compared = asked("  x: {layer: shipping, reward: {shipping: {free: true}}}", cart).shipments[0].rates
    assert [(each.method, each.charge, each.cheapest, each.cheapest_of_speed) for each in compared] == [
        ("a", 0, True, True),
        ("b", 0, False, False),
        ("c", 0, False, False),
    ]


def test_too_many_rates_are_refused() -> None:
    rates = tuple(Rate(method=f"m{number}", price=1) for number in range(100))
    shipments = tuple(Shipment(id=f"s{number}", rates=rates) for number in range(3))
    lines = tuple(replace(line, shipment_id="s0") for line in CART.lines)
    with pytest.raises(InvalidCart, match=f"compare_rates: compares 300 rates; at most {MOST_RATES} are allowed"):
        asked(STACK, replace(CART, lines=lines, shipments=shipments, compare_rates=True))


def test_what_is_for_every_so_much_as_far_as_it_goes_asks_for_no_more() -> None:
    number = "{by: shoes.subtotal, every: 50.00, value: 10.00, up_to: 10.00}"
    quote = asked(f"  x: {{layer: order, reward: {{amount_off: {{of: shoes, per: order, amount: {number}}}}}}}")
    assert quote.suggestions == ()
