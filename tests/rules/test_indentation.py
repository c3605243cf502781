"""A key at the wrong depth, or a dash too many or too few, is one mistake and gets one message."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.rules import InvalidRules, load, load_text

HEAD = "ruleset: shop\ncurrencies: [USD]\nsegments: {shoes: item.sku == 'A'}\n"
P1 = "  p1:\n    layer: item\n    name: Ten\n    reward:\n      percent_off:\n        of: shoes\n        percent: 10\n"
P2 = P1.replace("p1", "p2")


def deeper(text: str, lines: slice = slice(None), by: int = 2) -> str:
    """The text with some of its lines further in, or out where ``by`` is below zero."""
    split = text.splitlines(keepends=True)
    split[lines] = [" " * by + line if by > 0 else line[-by:] for line in split[lines]]
    return "".join(split)


def promotions(*texts: str) -> str:
    return f"{HEAD}promotions:\n{''.join(texts)}"


def reward(text: str) -> str:
    return promotions(f"  p1:\n    layer: item\n    reward:\n{deeper(text, by=6)}")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        (promotions(P1, deeper(P2)), 12, "`p2` is misplaced inside `p1`: move it 2 spaces to the left"),
        (promotions(P1, deeper(P2, slice(1))), 12, "`p2` is misplaced inside `p1`: move it 2 spaces to the left"),
        (
            promotions(P1, deeper(P2, by=-2)),
            12,
            "`p2` is beside `promotions`, not under it: move it 2 spaces to the right",
        ),
        (
            promotions(deeper(P1, slice(1, None), -2), P2),
            6,
            "`layer`, `name` and `reward` are beside `p1`, not under it: move them 2 spaces to the right",
        ),
        (
            promotions(deeper(P1, slice(4, None), -2)),
            9,
            "`percent_off` is beside `reward`, not under it: move it 2 spaces to the right",
        ),
        (
            promotions(deeper(P1, slice(5, None), -2)),
            10,
            "`of` and `percent` are beside `percent_off`, not under it: move them 2 spaces to the right",
        ),
        (
            promotions(deeper(P1, slice(6, None), -2)),
            11,
            "`percent` is beside `percent_off`, not under it: move it 2 spaces to the right",
        ),
        (
            promotions(P1, "      when: cart.lines > 1\n      tags: [a]\n"),
            12,
            "`when` and `tags` are misplaced inside `reward`: move them 2 spaces to the left",
        ),
        (
            promotions(P1, "        when: cart.lines > 1\n"),
            12,
            "`when` is misplaced inside `percent_off`: move it 4 spaces to the left",
        ),
        (
            reward("bundle:\n  parts:\n    - of: shoes\n      quantity: 2\n      percent_off: 5\n"),
            12,
            "`percent_off` is misplaced inside a list entry: move it 4 spaces to the left",
        ),
        (
            promotions(P1, "    schedule:\n    from: 2026-01-01\n"),
            13,
            "`from` is beside `schedule`, not under it: move it 2 spaces to the right",
        ),
        (
            promotions("  p1:\n    layer: item\n  coupon:\n    codes: [A]\n", P1.partition("name: Ten\n")[2]),
            7,
            "`coupon` and `codes` are beside `p1`, not under it: move them 2 spaces to the right",
        ),
        (
            promotions(
                "  p1:\n    layer: item\n  schedule:\n    from: 2026-01-01\n    hours: 08:00-10:00\n    tags: [a]\n"
            )
            + P1.partition("name: Ten\n")[2]
            + P2,
            7,
            "`schedule`, `from` and `hours` are beside `p1`, not under it: move them 2 spaces to the right",
        ),
        (
            f"{HEAD}examples:\n  - name: a\n    cart:\n    lines: [{{id: a, sku: A, price: 1.00}}]\n    total: 1.00\n",
            7,
            "`lines` is beside `cart`, not under it: move it 2 spaces to the right",
        ),
        (
            "ruleset: shop\ncurrencies: [USD]\nsegments:\nshoes: item.sku == 'A'\nhats: item.sku == 'B'\n",
            4,
            "`shoes` and `hats` are beside `segments`, not under it: move them 2 spaces to the right",
        ),
        (
            f"ruleset: shop\ncurrencies: [USD]\nsegments:\n  shoes: item.sku == 'A'\n  promotions:\n{deeper(P1)}",
            5,
            "`promotions` is misplaced inside `segments`: move it 2 spaces to the left",
        ),
        (
            promotions(deeper(P1, slice(6, None), -4)),
            11,
            "`percent` is beside `reward`, not under `percent_off`: move it 4 spaces to the right",
        ),
        (
            promotions(deeper(P1, slice(4, None), -4)),
            9,
            "`percent_off` is beside `p1`, not under `reward`: move it 4 spaces to the right",
        ),
        (
            promotions(P1.replace("        of: shoes\n        percent: 10\n", "    of: shoes\n    percent: 10\n")),
            10,
            "`of` and `percent` are beside `reward`, not under `percent_off`: move them 4 spaces to the right",
        ),
        (
            reward(
                "amount_off:\n  of: shoes\n  per: unit\n  amount:\n    by: shoes.quantity\n    steps:\n"
                "      - from: 2\n    value: {USD: 5.00}\n"
            ),
            15,
            "`value` is beside `steps`, not under it: move it 4 spaces to the right",
        ),
        (
            reward("bundle:\n  parts:\n    - of: shoes\n  quantity: 2\n  percent_off: 5\n"),
            11,
            "`quantity` is beside `parts`, not under it: move it 4 spaces to the right",
        ),
        (
            promotions(P1, deeper(P2, slice(1), 4)),
            12,
            "`p2` is misplaced inside `reward`: move it 4 spaces to the left",
        ),
        (
            promotions(P1, deeper(P2, slice(1), 6)),
            12,
            "`p2` is misplaced inside `percent_off`: move it 6 spaces to the left",
        ),
        (
            promotions(P1, deeper(P2, by=4)),
            12,
            "`p2` is misplaced inside `reward`: move it 4 spaces to the left",
        ),
        (
            reward("bundle:\n  parts:\n    of: shoes\n    quantity: 2\n  percent_off: 5\n"),
            10,
            "`parts` is a list: put `- ` before `of`",
        ),
        (
            reward(
                "percent_off:\n  of: shoes\n  percent:\n    by: cart.quantity\n    steps:\n"
                "      from: 1\n      value: 5\n      from: 2\n      value: 9\n"
            ),
            13,
            "`steps` is a list: put `- ` before `from`, and before the first key of every other entry",
        ),
        (
            reward("bundle:\n  parts:\n    - of: shoes\n    - quantity: 2\n  percent_off: 5\n"),
            11,
            "each `-` begins a new entry: remove the one before `quantity`",
        ),
        (
            f"{HEAD}layers:\n  - name: item\n    kind: goods\n    name: order\n    kind: goods\n",
            7,
            "each entry of a list begins with `- `: put it before `name`",
        ),
        (
            "".join(line.lstrip(" ") + "\n" for line in promotions(P1, P2).splitlines()),
            5,
            "lines from here on are not indented: move each key 2 spaces further right than the key it belongs under",
        ),
        (
            "ruleset: shop\ncurrencies: [USD]\nsegments:\nshoes: item.sku == 'A'\n"
            "groups:\nseason:\npolicy: one\npromotions:\np1:\nlayer: item\nreward:\ngift:\nsku: MUG\n",
            4,
            "lines from here on are not indented: move each key 2 spaces further right than the key it belongs under",
        ),
        (
            promotions(P1, deeper(P2.replace("p2", "points"))),
            12,
            "`points` is misplaced inside `p1`: move it 2 spaces to the left",
        ),
        (
            reward("amount_off:\n  of: shoes\n  per: unit\n  amount:\nUSD: 5.00\n"),
            12,
            "`USD` is beside `amount_off`, not under `amount`: move it 4 spaces to the right",
        ),
        (
            reward("shipping:\n").replace("layer: item", "layer: shipping") + "    fixed_price: {USD: 4.00}\n",
            9,
            "`fixed_price` is beside `reward`, not under `shipping`: move it 4 spaces to the right",
        ),
        (
            "ruleset: shop\ncurrencies: [USD]\namounts:\n  off:\n    - USD: 5.00\n",
            4,
            "`off` is not a list: remove the dashes",
        ),
        (
            reward("- percent_off: {of: shoes, percent: 10}\n"),
            7,
            "`reward` is not a list: remove the dashes",
        ),
        (
            promotions(
                "  - id: p1\n    layer: item\n    reward: {percent_off: {of: shoes, percent: 10}}\n",
                "  - id: p2\n    layer: item\n    reward: {percent_off: {of: shoes, percent: 10}}\n",
            ),
            4,
            "`promotions` is not a list: remove the dashes, and put each id above its entry as a key, as in `summer:`",
        ),
    ],
)
def test_says_what_to_move(text: str, line: int, message: str) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(text)
    (issue,) = caught.value.issues
    assert (issue.position.line, issue.message) == (line, message)


def test_each_file_of_a_rule_set_is_indented_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{HEAD}promotions:\n{P1}")
    (tmp_path / "b.yaml").write_text(f"promotions:\n{P1.replace('p1', 'p3')}{deeper(P2, slice(1))}")
    with pytest.raises(InvalidRules) as caught:
        load([tmp_path])
    (issue,) = caught.value.issues
    assert (Path(issue.position.file).name, issue.position.line) == ("b.yaml", 9)
    assert issue.message == "`p2` is misplaced inside `p3`: move it 2 spaces to the left"


WHOLE = (
    "ruleset: shop\ncurrencies: [USD]\nsegments:\n  shoes: item.sku == 'A'\n  hats: item.sku == 'B'\n"
    "layers:\n  - name: item\n    kind: goods\n    combine: best\n  - name: order\n    kind: goods\n"
    "promotions:\n  p1:\n    name: Ten\n    layer: item\n    when: cart.subtotal >= 10.00\n    reward:\n"
    "      percent_off:\n        of: shoes\n        percent:\n          by: cart.subtotal\n          steps:\n"
    "            - from: 10.00\n              value: 5\n            - from: 20.00\n              value: 10\n"
    "        units:\n          quantity: 2\n          pick: dearest\n"
    "  p2:\n    layer: item\n    coupon:\n      codes:\n        - A\n    reward:\n      bundle:\n        parts:\n"
    "          - of: hats\n            quantity: 2\n        fixed_price: 10.00\n"
    "examples:\n  - name: x\n    cart:\n      lines:\n        - id: a\n          sku: A\n          price: 10.00\n"
    "    total: 9.50\n    lines:\n      a: 9.50\n"
)


def test_a_line_that_is_moved_is_one_mistake() -> None:
    """By itself or with all that is under it, in or out; YAML alone refuses most of them."""
    lines = WHOLE.splitlines()
    depths = [len(line) - len(line.lstrip()) for line in lines]
    several = []
    for index, depth in enumerate(depths):
        below = next((each for each in range(index + 1, len(lines)) if depths[each] <= depth), len(lines))
        for end in {index + 1, below}:
            for by in (each for each in (2, 4, -2, -4) if depth + each >= 0):
                try:
                    load_text(deeper(WHOLE, slice(index, end), by))
                except InvalidRules as error:
                    if len(error.issues) > 1:
                        several.append((lines[index].strip(), by))
    # A segment among the sections may be a misspelt section.
    assert several == [("hats: item.sku == 'B'", -2)]


def test_what_is_wrong_besides_is_told_too() -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(promotions(P1, deeper(P2.replace("of: shoes", "of: boots"))))
    assert [each.code for each in caught.value.issues] == ["indentation", "unknown_segment"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (promotions(P1, P1), "duplicate_key"),
        (promotions(P1, "    label: x\n"), "unknown_key"),
        (promotions("  p1: {layer: item, reward: {percent_off: {of: shoes, percent: 10}, name: A}}\n"), "unknown_key"),
        (promotions(P1, "    p2:\n      color: red\n"), "unknown_key"),
        (f"{HEAD}layers:\n  - name: item\n    kind: goods\n  - kind: goods\n", "missing_key"),
    ],
)
def test_other_mistakes_are_told_as_ever(text: str, code: str) -> None:
    with pytest.raises(InvalidRules) as caught:
        load_text(text)
    assert [each.code for each in caught.value.issues] == [code]
