"""Rule files mistyped in an editor, or pasted from a spreadsheet or web page: one message says what is right."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.rules import InvalidRules, load
from engine.rules.suggestions.yaml import (
    BEHIND,
    BLOCK,
    CLOSED,
    COLON,
    DASHED,
    ESCAPED,
    HIDING,
    IN_QUOTES,
    INDENTED,
    QUOTED,
    SPACES,
    TAGGED,
)
from engine.rules.words import (
    ASKED,
    ASKED_BY_IN,
    COMMA,
    COMMENT,
    COMPARED,
    DECLARED,
    NO_SPACE,
    NOT_IN_FILTERS,
    OUT_OF_SCOPE,
    TABLED,
    TEXT_IN_QUOTES,
    TIMES,
)

HEAD = "ruleset: shop\ncurrencies: [USD]\nsegments: {shoes: item.sku == 'A'}\n"
REWARD = "    reward: {percent_off: {of: shoes, percent: 10}}\n"


def promotion(text: str) -> bytes:
    """A promotion with the given lines, which begin on line 7."""
    return f"{HEAD}promotions:\n  a:\n    layer: item\n{text}\n{REWARD}".encode()


def first(line: str) -> bytes:
    """A promotion with the given first line, which is line 6."""
    return f"{HEAD}promotions:\n  a:\n{line}\n{REWARD}".encode()


def reward(text: str) -> bytes:
    return f"{HEAD}promotions:\n  a:\n    layer: item\n    reward: {{{text}}}\n".encode()


def example(text: str) -> bytes:
    """An example with the given line, which is line 7."""
    return f"{HEAD}examples:\n  - name: a\n    cart: {{}}\n    {text}\n    total: 0.00\n".encode()


@pytest.mark.parametrize(
    ("data", "place", "message"),
    [
        pytest.param(promotion("     name: A"), (7, 10), INDENTED, id="a space too many"),
        pytest.param(promotion("      name: A"), (7, 11), "this line is indented 2 more than", id="under a value"),
        pytest.param(promotion("    name:A"), (7, 5), INDENTED, id="no space behind the colon"),
        pytest.param(promotion("    name"), (7, 5), INDENTED, id="no colon"),
        pytest.param(promotion("   name: A"), (7, 4), INDENTED, id="a space too few"),
        pytest.param(first("    layer item"), (6, 5), INDENTED, id="no colon in the first key"),
        pytest.param(first("    layer = item"), (6, 5), INDENTED, id="an equals sign"),
        pytest.param(first("    layer\N{FULLWIDTH COLON}item"), (6, 5), INDENTED, id="a wide colon"),
        pytest.param(first("    layer:\N{NO-BREAK SPACE}item"), (6, 11), "not a space", id="an odd blank"),
        pytest.param(first("\N{NO-BREAK SPACE} layer: item"), (6, 1), "not a space", id="an odd blank that indents"),
        pytest.param(b"  ruleset: shop\ncurrencies: [USD]\n", (2, 1), INDENTED, id="a first line that is indented"),
        pytest.param(b"[rules]\nruleset=shop\n", (2, 1), BEHIND, id="another format"),
        pytest.param(promotion("    name: *sale* now"), (7, 11), QUOTED, id="an asterisk"),
        pytest.param(promotion("    name: & more"), (7, 11), QUOTED, id="an ampersand"),
        pytest.param(promotion("    name: > 10 off"), (7, 13), BLOCK, id="a sign"),
        pytest.param(promotion(r'    name: "50\50"'), (7, 14), ESCAPED, id="a backslash"),
        pytest.param(promotion("    coupon: {codes:[A]}"), (7, 19), COLON, id="no space in braces"),
        pytest.param(reward("percent_off: {of: shoes, percent: 10}}"), (7, 52), CLOSED, id="a brace too many"),
        pytest.param(promotion("    coupon: {codes: [A]"), (8, 5), CLOSED, id="a brace too few"),
        pytest.param(promotion("\tname: A"), (7, 1), SPACES, id="a tab"),
        pytest.param(f"{HEAD}layers:\n  -{{name: item, kind: goods}}\n".encode(), (5, 21), DASHED, id="a bare dash"),
        pytest.param(promotion("    name: @home"), (7, 11), QUOTED, id="an at sign"),
        pytest.param(promotion("    name: Sale: boots"), (7, 15), IN_QUOTES, id="a colon in a name"),
        pytest.param(promotion("    name: 'Mum's day'"), (7, 16), IN_QUOTES, id="a quote in a name"),
        pytest.param(promotion("    name: 'boots"), (7, 11), "has no closing quote", id="an open quote"),
        pytest.param(promotion("    when: cart.weight > 1.5"), (7, 11), "weights are whole grams", id="kilograms"),
        pytest.param(promotion("    when: !has(customer.tier)"), (7, 11), "a tag", id="a condition that is a tag"),
        pytest.param(promotion('    when: !("A" in cart.coupons)'), (7, 13), TAGGED, id="a condition that is no tag"),
        pytest.param(promotion("    when: !('A' in cart.coupons)"), (7, 11), "a tag", id="a tag that leaves half"),
        pytest.param(promotion("    when: !(shoes.lines > 1)"), (7, 27), TAGGED, id="a condition that is a block"),
        pytest.param(promotion("    color: red"), (7, 5), "; expected one of name, ", id="a key that there is not"),
        pytest.param(
            f"{HEAD}promotions: {{a: {{layer: item, reward: {{percent_off: {{of: schuhe, percent: 5}}}}}}}}".encode(),
            (4, 58),
            "unknown segment `schuhe`; expected one of cart, discountable, shoes",
            id="another language",
        ),
        pytest.param(
            promotion("    when: customer.company == 'A'"),
            (7, 11),
            "{customer: {company: string}}",
            id="no fact of ours",
        ),
        pytest.param(promotion("    when: customer.tags contains 'a'"), (7, 25), ASKED, id="contains"),
        pytest.param(b"ruleset: shop\ncurrencies: [USD]\ngroups: [a]\n", (3, 1), "{season: {", id="a list of groups"),
        pytest.param(
            reward("percent_off: {of: shoes, percent: {by: customer.tier}}"),
            (7, 39),
            "values: {gold: …",
            id="by a name",
        ),
        pytest.param(
            HEAD.encode() + b"promotions: {}\nexamples:\n  - {name: a, cart: {lines: []}, expect: {total: 1.00}}\n",
            (6, 34),
            "beside `cart`, as in total: 45.00",
            id="what an example expects",
        ),
        pytest.param(
            reward("percent_off: {of: shoes, percent: {gold: 10}}"), (7, 39), TABLED, id="a table that goes by nothing"
        ),
        pytest.param(promotion("    when: cart.weekday == 'fri'"), (7, 11), TIMES, id="a weekday in a condition"),
        pytest.param(promotion("    when: now() > 5"), (7, 11), TIMES, id="the time in a condition"),
        pytest.param(
            b"ruleset: shop\ncurrencies: [USD]\nsegments: {shoes: [A, B]}\n",
            (3, 12),
            'item.sku in ["A", "B"]',
            id="a segment as a list",
        ),
        pytest.param(
            b"ruleset: shop\ncurrencies: [USD]\nsegments: {a: item.sku == 'A', b: a}\n",
            (3, 35),
            NOT_IN_FILTERS,
            id="a segment in another one",
        ),
        pytest.param(promotion("    when: {subtotal: 50.00}"), (7, 5), "join several with `&&`", id="a table"),
        pytest.param(promotion("    when: [cart.lines > 1]"), (7, 5), "join several with `&&`", id="a list"),
        pytest.param(promotion("    when: customer.tier == 'a' || 'b'"), (7, 35), COMPARED, id="half a comparison"),
        pytest.param(promotion("    when: 1 < cart.lines && < 9"), (7, 29), COMPARED, id="another half"),
        pytest.param(promotion("    when: 1 < cart.lines < 9"), (7, 11), "join two comparisons", id="a chain"),
        pytest.param(promotion("    when: cart.coupons == 'A'"), (7, 11), ASKED_BY_IN, id="a list compared"),
        pytest.param(promotion("    when: cart.coupons.contains('A')"), (7, 11), ASKED_BY_IN, id="a list asked"),
        pytest.param(promotion("    when: customer.tier in 'a', 'b'"), (7, 31), "in [ ]", id="a list without brackets"),
        pytest.param(
            promotion("    when: cart.lines > '5'"), (7, 11), "with quotes and numbers without", id="a number in quotes"
        ),
        pytest.param(promotion("    when: cart.subtotal > 10%"), (7, 29), "belong in rewards", id="a percentage"),
        pytest.param(promotion("    when: cart.attributes.b > 1"), (7, 11), DECLARED, id="an attribute"),
        pytest.param(promotion("    limits: {budget: -5.00}"), (7, 22), "is below zero", id="a negative amount"),
        pytest.param(b"ruleset: shop\ncurrencies: [Euro]\n", (2, 14), "its code, such as USD", id="a currency's name"),
        pytest.param(promotion("    when: customer.tier == gold"), (7, 28), TEXT_IN_QUOTES, id="a bare text"),
        pytest.param(reward("percent_off: {of: shoes, percent: 10,5}"), (7, 51), COMMA, id="a decimal comma in braces"),
        pytest.param(reward("credit: {amount: 1,000.00}"), (7, 33), COMMA, id="a thousand in braces"),
        pytest.param(f"{HEAD}\N{NO-BREAK SPACE}timezone: UTC\n".encode(), (4, 1), NO_SPACE, id="a blank of a web page"),
        pytest.param(promotion("    name: Café").decode().encode("latin-1"), (7, 14), "as UTF-8", id="no UTF-8"),
        pytest.param(promotion("    schedule: {from: 2026-06-01T00:00:00Z}"), (7, 22), "timezone", id="a zone"),
        pytest.param(b"id,name,percent\na,Ten off,10\n", (1, 1), "as in {ruleset: ", id="a spreadsheet"),
        pytest.param(promotion("    name: #1 deal"), (7, 11), COMMENT, id="a name that is a comment"),
        pytest.param(promotion("    coupon: #1"), (7, 13), COMMENT, id="a code that is a comment"),
        pytest.param(promotion("    coupon: {codes: [#1]}"), (7, 22), HIDING, id="one in brackets"),
        pytest.param(promotion("    name:  # its name"), (7, 10), "expected text; found nothing", id="a comment"),
        pytest.param(promotion("    coupon: {codes: ['#1', [#2]}"), (7, 29), HIDING, id="one behind another"),
        pytest.param(
            promotion("    when: has(customer.tier) == 'yes'"),
            (7, 11),
            "true and false without",
            id="a truth in quotes",
        ),
        pytest.param(
            reward("voucher: {amount: 5.00}"), (7, 14), "expected one of percent_off, amount_off, fixed", id="no reward"
        ),
        pytest.param(promotion("    when: cart.has('A')"), (7, 11), ASKED, id="a cart asked"),
        pytest.param(promotion('    when: cart.contains("A")'), (7, 11), ASKED, id="a cart asked in other words"),
        pytest.param(
            b"ruleset: shop\ncurrencies: [USD]\nsegments: {a: cart.has('A')}\n",
            (3, 15),
            OUT_OF_SCOPE["cart"],
            id="a cart asked in a filter",
        ),
        pytest.param(promotion("    when: shoes.contains('A')"), (7, 11), ASKED, id="a segment asked"),
        *(
            pytest.param(promotion(f"    when: cart.{fact} == 'A'"), (7, 11), OUT_OF_SCOPE["shipment"], id=fact)
            for fact in ("shipping_region", "shipping_state", "postal_code", "shipping_carrier", "pickup")
        ),
        *(
            pytest.param(
                reward(f"percent_off: {{of: shoes, percent: {{by: {fact}, every: 1, value: 5}}}}"),
                (7, 53),
                OUT_OF_SCOPE["item"],
                id=fact,
            )
            for fact in ("line.subtotal", "line.quantity", "line.total", "item.subtotal")
        ),
        pytest.param(
            reward("percent_off: {of: shoes, percent: {by: cart.subtotal, steps: [1, 2]}}"),
            (7, 68),
            "expected entries with keys, as in [{from: 50.00, value: 5}]; found `[1, 2]`",
            id="numbers where steps stand",
        ),
        pytest.param(
            reward("percent_off: 10, of: shoes").replace(b"percent_off: 10", b"percent_off: {percent: 10, of: cart}"),
            (7, 52),
            "unknown key `of`; it belongs in `percent_off`",
            id="a key outside its braces",
        ),
        pytest.param(
            example("lines: [{a: 9.00}]"), (7, 5), "as in {a: 10.00}; found", id="a list where an example has keys"
        ),
    ],
)
def test_says_what_would_be_right(tmp_path: Path, data: bytes, place: tuple[int, int], message: str) -> None:
    assert message in mistake(tmp_path, data, place)[0]


@pytest.mark.parametrize(
    ("data", "place", "suggestion"),
    [
        pytest.param(promotion("    when: cart.subtotal >= 50,00"), (7, 28), "50.00", id="a decimal comma"),
        pytest.param(promotion("    when: cart.subtotal >= $50.00"), (7, 28), "50.00", id="a dollar sign"),
        pytest.param(promotion("    coupon: {codes: SAVE}"), (7, 21), "[SAVE]", id="one where a list stands"),
        pytest.param(b"ruleset: shop\ncurrencies: [usd]\n", (2, 14), "USD", id="a currency in small letters"),
        pytest.param(promotion("    limits: {budget: 9.00, partial: yes}"), (7, 37), "true", id="yes"),
        pytest.param(promotion("    limits: {budget: 9.00, partial: Off}"), (7, 37), "false", id="off"),
        pytest.param(reward("gift: {sku: MUG, quantity: one}"), (7, 41), "1", id="a word for a number"),
        pytest.param(promotion("    schedule: {from: 24.12.2026}"), (7, 22), "2026-12-24", id="a German date"),
        pytest.param(promotion("    schedule: {from: 12/24/2026}"), (7, 22), "2026-12-24", id="an American date"),
        pytest.param(promotion("    schedule: {from: 24/12/2026}"), (7, 22), "2026-12-24", id="a British date"),
        pytest.param(promotion("    schedule: {from: 2/3/2026}"), (7, 22), "", id="one of the two"),
        pytest.param(promotion("    schedule: {from: 2026-6-1}"), (7, 22), "2026-06-01", id="a date without zeros"),
        pytest.param(promotion("    schedule: {from: 30.2.2026}"), (7, 22), "", id="no day"),
        pytest.param(promotion("    schedule: {from: 2026-02-30}"), (7, 22), "", id="no day, well written"),
        pytest.param(promotion("    schedule: {hours: 9-17}"), (7, 23), "09:00-17:00", id="hours"),
        pytest.param(promotion("    schedule: {hours: 9am - 5:30pm}"), (7, 23), "09:00-17:30", id="hours of a clock"),
        pytest.param(promotion("    schedule: {hours: 12am-12pm}"), (7, 23), "00:00-12:00", id="midnight to noon"),
        pytest.param(promotion("    schedule: {hours: 22-24}"), (7, 23), "22:00-24:00", id="hours until midnight"),
        pytest.param(promotion("    schedule: {hours: '17:00-25:00'}"), (7, 23), "", id="no hour"),
        pytest.param(promotion("    schedule: {weekdays: Friday}"), (7, 26), "[fri]", id="one day"),
        pytest.param(promotion("    coupon: {codes: MONDAY}"), (7, 21), "[MONDAY]", id="a code like a day"),
        pytest.param(promotion("    excludes: promo-b"), (7, 15), "[promo-b]", id="one name where a list stands"),
        pytest.param(promotion("    schedule: {weekdays: [Montag]}"), (7, 27), "mon", id="a weekday"),
        pytest.param(promotion("    when: not shoes.lines > 1"), (7, 11), "!(…)", id="not"),
        pytest.param(promotion("    schedule: {weekdays: Fri-Mon}"), (7, 26), "[fri, sat, sun, mon]", id="some days"),
        pytest.param(
            promotion("    validFrom: 2026-06-01"), (7, 5), "schedule: {from: …, until: …}", id="in camel case"
        ),
        pytest.param(
            reward("bundle: {parts: [{of: shoes, quantity: 2}], percent_off: 5, repeat: yes}"),
            (7, 82),
            "unlimited",
            id="again and again",
        ),
        pytest.param(promotion("    name: #1 deal"), (7, 11), '"#1 deal"', id="a name that is a comment"),
        pytest.param(promotion("    coupon: #1"), (7, 13), '{codes: ["#1"]}', id="a code that is a comment"),
        *(
            pytest.param(
                f"{HEAD}promotions:\n{text}".encode(), (line, 3), "1-deal", id=f"a key that is a comment {number}"
            )
            for number, (text, line) in enumerate(
                (
                    (f"  #1 deal:\n    name: Deal\n    layer: item\n{REWARD}", 5),
                    (f"  a:\n    layer: item\n{REWARD}  #1 deal:\n    layer: item\n{REWARD}", 8),
                    (f"  #1 deal:\n    layer: item\n{REWARD}  a:\n    layer: item\n{REWARD}", 5),
                )
            )
        ),
        pytest.param(
            f"{HEAD}promotions:\n  #Summer:\n    a:\n      layer: itme\n  {REWARD}".encode(),
            (7, 14),
            "item",
            id="a comment that ends with a colon",
        ),
        pytest.param(promotion("    limits: {usage: 3}"), (7, 14), "total", id="a limit of uses"),
        pytest.param(promotion("    limits: {orders: 500}"), (7, 14), "total", id="a limit of orders"),
        pytest.param(promotion("    not_with: [b]"), (7, 5), "excludes", id="not with others"),
        *(
            pytest.param(
                reward(f"bundle: {{parts: {parts}, fixed_price: 5.00}}"),
                (7, 23),
                f"[{{of: shoes, quantity: {number}}}, {{of: cart, quantity: 1}}]",
                id=parts,
            )
            for parts, number in (
                ("[shoes, cart]", 1),
                ("[2 shoes, 1 cart]", 2),
                ("[{shoes: 2}, {cart: 1}]", 2),
                ("{shoes: 2, cart: 1}", 2),
            )
        ),
        pytest.param(
            f"{HEAD}promotions:\n  a:\n    layer: item\n    reward:\n      bundle:\n        percent_off: 5\n"
            "        parts:\n          - shoes: 2\n          - cart: 1\n".encode(),
            (10, 9),
            "[{of: shoes, quantity: 2}, {of: cart, quantity: 1}]",
            id="parts in lines of their own",
        ),
        pytest.param(
            f"{HEAD}layers: [item, order, shipping, points]\n".encode(),
            (4, 1),
            "[{name: item, kind: goods}, {name: order, kind: goods}, {name: shipping, kind: shipping}, "
            "{name: points, kind: points}]",
            id="layers by name",
        ),
        pytest.param(
            reward("percent_off: {of: shoes, percent: {by: cart.quantity, steps: [{1: 5}, {3: 10}]}}"),
            (7, 68),
            "[{from: 1, value: 5}, {from: 3, value: 10}]",
            id="steps as pairs",
        ),
        pytest.param(
            reward("percent_off: {of: shoes, percent: {1: 5, 3: 10}}"),
            (7, 39),
            "{by: …, steps: [{from: 1, value: 5}, {from: 3, value: 10}]}",
            id="steps that go by nothing",
        ),
        pytest.param(
            reward("bundle: {parts: 2 shoes, fixed_price: 5.00}"), (7, 30), "[{of: shoes, quantity: 2}]", id="one part"
        ),
        pytest.param(reward("gift: [{sku: MUG}, {sku: PEN}]"), (7, 14), "", id="several gifts"),
        pytest.param(
            f"{HEAD}groups: [codes]\npromotions:\n  a:\n    layer: item\n    group: codes\n{REWARD}".encode(),
            (4, 1),
            "{codes: {policy: one}}",
            id="groups by name, and nothing about where they are used",
        ),
        pytest.param(reward("percent_off: {of: cheapest, percent: 5}"), (7, 32), "", id="a word for units, no segment"),
        pytest.param(reward("gift: [MUG, PEN]"), (7, 14), "{choices: [MUG, PEN]}", id="gifts to choose from"),
        pytest.param(
            f"{HEAD}attributes: {{customer: {{vip: boolean, orders: int}}}}\npromotions:\n  a:\n    layer: item\n"
            f"    when: customer.attributes.vip && customer.attributes.orders > 2\n{REWARD}".encode(),
            (4, 30),
            "bool",
            id="an attribute's type, and nothing about where it is used",
        ),
        pytest.param(
            f"{HEAD}layers: {{members: goods, order: goods}}\npromotions:\n  a:\n    layer: members\n{REWARD}".encode(),
            (4, 1),
            "[{name: members, kind: goods}, {name: order, kind: goods}]",
            id="layers by name, and nothing about where they are used",
        ),
        pytest.param(
            reward("amount_off: {of: cart, per: order, amount: {50: 5, 100: 10}}"),
            (7, 49),
            "{by: …, steps: [{from: 50, value: 5}, {from: 100, value: 10}]}",
            id="amounts by steps that go by nothing",
        ),
        pytest.param(example("coupons: [A]"), (7, 5), "{A: …}", id="coupons without their statuses"),
        pytest.param(example("gifts: [MUG, PEN]"), (7, 5), "{MUG: …, PEN: …}", id="gifts without their quantities"),
        pytest.param(example("lines: [a: 9.00]"), (7, 5), "{a: 9.00}", id="subtotals in a list"),
        pytest.param(example("applied: {a: 1.00}"), (7, 5), "[a]", id="promotions with what they grant"),
    ],
)
def test_suggests_how_it_is_written(tmp_path: Path, data: bytes, place: tuple[int, int], suggestion: str) -> None:
    assert mistake(tmp_path, data, place)[1] == suggestion


def mistake(folder: Path, data: bytes, place: tuple[int, int]) -> tuple[str, str]:
    """The message and suggestion of the only mistake."""
    file = folder / "rules.yaml"
    file.write_bytes(data)
    with pytest.raises(InvalidRules) as caught:
        load([file])
    (issue,) = caught.value.issues
    assert (issue.position.file, issue.position.line, issue.position.column) == (str(file), *place)
    return issue.message, issue.suggestion
