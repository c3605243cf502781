"""What next if the segments of a set's parts overlap: a unit fills one part, and a part takes its first units."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine.advice import Adviser
from engine.pricing.cart import Cart, Line
from engine.pricing.quote import Quote
from engine.rules import CheckedRules, load_text
from tests.programs import session_of

TAGS = ("red", "big", "new")
HEAD = "ruleset: shop\ncurrencies: [USD]\nsegments:\n" + "".join(f"  {tag}: '\"{tag}\" in item.tags'\n" for tag in TAGS)


def bundle(parts: dict[str, int], pick: str = "cheapest", repeat: str = "1") -> CheckedRules:
    written = ", ".join(f"{{of: {of}, quantity: {quantity}}}" for of, quantity in parts.items())
    reward = f"{{bundle: {{parts: [{written}], amount_off: 1.00, pick: {pick}, repeat: {repeat}}}}}"
    return load_text(f"{HEAD}promotions:\n  set: {{layer: item, reward: {reward}}}\n")


def cart(*lines: tuple[str, int, int]) -> Cart:
    """Lines l0, l1, …: their tags, units and price."""
    written = [
        Line(id=f"l{index}", sku=f"S{index}", tags=tuple(tags.split()), quantity=quantity, price=price)
        for index, (tags, quantity, price) in enumerate(lines)
    ]
    return Cart(id="c1", currency="USD", at=0, lines=tuple(written), explain=True)


def advised(rules: CheckedRules, cart: Cart) -> Quote:
    return Adviser(rules).quote(cart, session_of(rules))


@pytest.mark.parametrize(
    ("parts", "lines", "text", "unmet"),
    [
        pytest.param(
            {"red": 1, "big": 1, "new": 1},
            [("red big", 1, 500), ("new", 2, 500)],
            "1 more unit of red or big",
            ("red.quantity + big.quantity", "1", "at least 2"),
            id="two parts of three have one unit between them",
        ),
        pytest.param(
            {"red": 1, "big": 1},
            [("red big", 1, 500), ("red", 1, 600)],
            "1 more unit of red or big",
            ("red.quantity + big.quantity", "2", "at least 3"),
            id="red takes the cheaper unit, the only big one",
        ),
    ],
)
def test_one_unit_more_fills_the_set(
    parts: dict[str, int], lines: list[tuple[str, int, int]], text: str, unmet: tuple[str, str, str]
) -> None:
    quote = advised(bundle(parts), cart(*lines))
    (suggestion,), (explanation,) = quote.suggestions, quote.explanations
    assert suggestion.text == text
    assert suggestion.addition is not None
    assert (suggestion.addition.line_id, suggestion.addition.quantity) == ("l0", 1)
    assert explanation.unmet == (unmet,)


def test_a_set_that_could_be_formed_and_is_not_lacks_no_more_than_it_needs() -> None:
    """Red takes the added unit, too, and one more of the rest makes the second set."""
    rules = bundle({"red": 1, "new": 2, "big": 2}, repeat="unlimited")
    sent = cart(("red new", 3, 700), ("red big", 5, 500), ("red new", 1, 600), ("big new", 3, 600))
    (suggestion,) = advised(rules, sent).suggestions
    assert (suggestion.text, suggestion.missing) == ("1 more unit of red or new or big", 1)
    assert suggestion.addition is not None
    assert (suggestion.addition.line_id, suggestion.addition.quantity) == ("l1", 1)


@pytest.mark.parametrize("repeat", ["1", "unlimited"])
@pytest.mark.parametrize("seed", range(300))
def test_no_fewer_units_of_the_line_fill_the_next_set(seed: int, repeat: str) -> None:
    random = Random(seed)
    segments = random.sample((*TAGS, "cart"), random.randint(2, 3))
    rules = bundle({each: random.randint(1, 2) for each in segments}, random.choice(("cheapest", "dearest")), repeat)
    session = session_of(rules)
    tags = [" ".join(tag for tag in TAGS if random.random() < 0.5) for _ in range(random.randint(1, 4))]
    sent = cart(*((each, random.randint(1, 5), random.choice((500, 600, 700))) for each in tags))

    def total_with(line_id: str, units: int) -> int:
        lines = [replace(line, quantity=line.quantity + units * (line.id == line_id)) for line in sent.lines]
        grown = session.price(replace(sent, lines=tuple(lines), explain=False))
        return grown.total - grown.merchandise

    for suggestion in advised(rules, sent).suggestions:
        if suggestion.addition is not None:
            line_id, units, *_ = suggestion.addition
            now = total_with(line_id, 0)
            assert total_with(line_id, units) < now
            assert [total_with(line_id, fewer) for fewer in range(units)] == [now] * units
