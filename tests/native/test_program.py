"""Loading an artifact: what is invalid is refused, and what is not refused can be priced."""

from __future__ import annotations

from hashlib import sha256
from struct import pack_into

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine._native.program import Program
from engine._native.session import Session
from engine.errors import InvalidArtifact, InvalidCart
from engine.pricing.cart import Cart
from engine.rules import compile, load_text
from engine.rules.artifact import GoodsReward, Same, Selection
from engine.rules.checked_rewards import DISCOUNTABLE
from engine.rules.layout import HEADER, LAYOUTS, SECTION_ENTRY, Section
from tests.programs import sealed

FIRST = HEADER.size + len(Section) * SECTION_ENTRY.size
"""Offset of the first section."""


def offset_of(artifact: bytes, section: Section) -> int:
    offset, _ = SECTION_ENTRY.unpack_from(artifact, HEADER.size + section * SECTION_ENTRY.size)
    return int(offset)


def with_record(artifact: bytes, section: Section, index: int, **fields: int) -> bytes:
    """The artifact with some 32-bit fields of a record, given by position, set to other values."""
    changed = bytearray(artifact)
    for place, value in fields.items():
        start = offset_of(artifact, section) + index * LAYOUTS[section].size
        pack_into("<i", changed, start + 4 * int(place.removeprefix("at_")), value)
    return sealed(changed)


def test_a_program_knows_its_rule_set(artifact: bytes) -> None:
    program = Program.load(artifact)
    assert program.name == "everything"
    assert program.version == sha256(artifact).hexdigest()
    assert program.currencies == ("USD", "EUR")
    assert program.promotion_count == 20
    assert dict(program.declaration.attributes) == {
        ("item", "color"): str,
        ("customer", "age"): int,
        ("cart", "gift"): bool,
    }


def test_a_program_comes_from_load_only() -> None:
    with pytest.raises(TypeError, match="load"):
        Program()


@pytest.mark.parametrize("data", [b"", b"CARTWRT\n", b"ruleset: summer", bytes(1000)])
def test_other_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(InvalidArtifact, match="not a compiled rule set"):
        Program.load(data)


def test_another_format_is_refused_by_name(artifact: bytes) -> None:
    changed = bytearray(artifact)
    changed[8] = 200
    with pytest.raises(InvalidArtifact, match="format is 200"):
        Program.load(bytes(changed))


def test_a_flipped_bit_is_found(artifact: bytes) -> None:
    changed = bytearray(artifact)
    changed[len(artifact) // 2] ^= 1
    with pytest.raises(InvalidArtifact, match="checksum"):
        Program.load(bytes(changed))


@pytest.mark.parametrize("length", [24, 100, 1000, -1])
def test_cut_off_bytes_are_refused(artifact: bytes, length: int) -> None:
    with pytest.raises(InvalidArtifact, match="its header says"):
        Program.load(artifact[:length])


@pytest.mark.parametrize(
    ("length", "message"),
    [
        (HEADER.size, "table is cut off"),
        (FIRST - 1, "table is cut off"),
        (FIRST, "section 0 is cut off"),
        (-1, "section .* is cut off"),
    ],
)
def test_so_are_bytes_that_were_cut_off_before_they_were_sealed(artifact: bytes, length: int, message: str) -> None:
    with pytest.raises(InvalidArtifact, match=message):
        Program.load(sealed(artifact[:length]))


@pytest.mark.parametrize("section", Section)
@pytest.mark.parametrize(("offset", "count"), [(2**63, 1), (4, 1), (FIRST, 2**62), (FIRST, 2**31)])
def test_sections_lie_within_the_artifact(artifact: bytes, section: Section, offset: int, count: int) -> None:
    changed = bytearray(artifact)
    SECTION_ENTRY.pack_into(changed, HEADER.size + section * SECTION_ENTRY.size, offset, count)
    with pytest.raises(InvalidArtifact, match=f"section {section.value} "):
        Program.load(sealed(changed))


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        (Section.RULE_SETS, {"at_0": 10_000}),
        (Section.RULE_SETS, {"at_1": 4}),
        (Section.RULE_SETS, {"at_2": 5}),
        (Section.RULE_SETS, {"at_3": 2}),
        (Section.RULE_SETS, {"at_4": 2}),
        (Section.RULE_SETS, {"at_5": 2}),
        (Section.RULE_SETS, {"at_6": 3}),
        (Section.RULE_SETS, {"at_8": 0}),
        (Section.RULE_SETS, {"at_9": 1}),
        (Section.RULE_SETS, {"at_10": -2, "at_11": -1}),
        (Section.TEXTS, {"at_1": 1_000_000}),
        (Section.CURRENCIES, {"at_0": -1}),
        (Section.CURRENCIES, {"at_1": 0}),
        (Section.CURRENCIES, {"at_1": 100_000}),
        (Section.FIGURES, {"at_2": 2}),
        (Section.ATTRIBUTES, {"at_0": 3}),
        (Section.ATTRIBUTES, {"at_2": 3}),
        (Section.ATTRIBUTES, {"at_3": 0}),
        (Section.NODES, {"at_0": 35}),
        (Section.NODES, {"at_0": 1 | 9 << 16}),
        (Section.SEGMENTS, {"at_0": -1}),
        (Section.SEGMENTS, {"at_1": 0}),
        (Section.SEGMENTS, {"at_2": 2}),
        (Section.LAYERS, {"at_0": -1}),
        (Section.LAYERS, {"at_1": 2}),
        (Section.LAYERS, {"at_1": 3}),
        (Section.LAYERS, {"at_2": 4}),
        (Section.LAYERS, {"at_2": 3}),
        (Section.LAYERS, {"at_3": 2}),
        (Section.LAYERS, {"at_4": 1}),
        (Section.LAYERS, {"at_5": 2}),
        (Section.PROMOTIONS, {"at_0": -1}),
        (Section.PROMOTIONS, {"at_1": 10_000}),
        (Section.PROMOTIONS, {"at_2": 10_000}),
        (Section.PROMOTIONS, {"at_3": 1}),
        (Section.PROMOTIONS, {"at_4": -1}),
        (Section.PROMOTIONS, {"at_5": 3}),
        (Section.PROMOTIONS, {"at_6": -1}),
        (Section.PROMOTIONS, {"at_7": 10_000}),
        (Section.PROMOTIONS, {"at_8": 10_000}),
        (Section.PROMOTIONS, {"at_9": -1}),
        (Section.PROMOTIONS, {"at_10": Section.PROMOTIONS}),
        (Section.PROMOTIONS, {"at_10": Section.SHIPPING_REWARDS}),
        (Section.PROMOTIONS, {"at_10": Section.POINTS_REWARDS}),
        (Section.PROMOTIONS, {"at_10": Section.LIMITS}),
        (Section.PROMOTIONS, {"at_11": 10_000}),
        (Section.PROMOTIONS, {"at_11": -1}),
        (Section.PROMOTIONS, {"at_12": 10_000}),
        (Section.PROMOTIONS, {"at_13": -1}),
        (Section.PROMOTIONS, {"at_14": 10_000}),
        (Section.PROMOTIONS, {"at_15": 10_000}),
        (Section.PROMOTIONS, {"at_15": -2}),
        (Section.PROMOTIONS, {"at_16": 10_000}),
        (Section.PROMOTIONS, {"at_17": 0}),
        (Section.GOODS_REWARDS, {"at_0": 3}),
        (Section.GOODS_REWARDS, {"at_1": -1}),
        (Section.GOODS_REWARDS, {"at_2": 3}),
        (Section.GOODS_REWARDS, {"at_3": 10_000}),
        (Section.GOODS_REWARDS, {"at_4": 4}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET, "at_6": 2}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET_SET}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET_SET, "at_6": 2, "at_14": 2}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET_SET, "at_6": 2, "at_17": 1}),
        (Section.GOODS_REWARDS, {"at_5": 10_000}),
        (Section.GOODS_REWARDS, {"at_6": 0}),
        (Section.GOODS_REWARDS, {"at_7": 3}),
        (Section.GOODS_REWARDS, {"at_8": 10_000}),
        (Section.GOODS_REWARDS, {"at_9": 2}),
        (Section.GOODS_REWARDS, {"at_10": -1}),
        (Section.GOODS_REWARDS, {"at_11": -1}),
        (Section.GOODS_REWARDS, {"at_11": 2, "at_12": 0}),
        (Section.GOODS_REWARDS, {"at_11": 2, "at_12": 3}),
        (Section.GOODS_REWARDS, {"at_13": 2}),
        (Section.GOODS_REWARDS, {"at_17": 1}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUNDLE, "at_17": 1}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUNDLE, "at_17": -1}),
        (Section.GOODS_REWARDS, {"at_14": 1}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET, "at_6": 2, "at_14": 2}),
        (Section.GOODS_REWARDS, {"at_15": 2}),
        (Section.GOODS_REWARDS, {"at_16": 2}),
        (Section.GOODS_REWARDS, {"at_0": 1, "at_16": 1}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET, "at_6": 2, "at_16": 1}),
        (Section.GOODS_REWARDS, {"at_4": Selection.BUY_GET, "at_6": 2, "at_15": 1}),
        (Section.GOODS_REWARDS, {"at_10": 2, "at_18": -1}),
        (Section.GOODS_REWARDS, {"at_10": 2, "at_18": 10_000}),
        (Section.GOODS_REWARDS, {"at_18": Same.SKU}),
        (Section.SHIPPING_REWARDS, {"at_0": 3}),
        (Section.SHIPPING_REWARDS, {"at_1": -1}),
        (Section.SHIPPING_REWARDS, {"at_2": 10_000}),
        (Section.SHIPPING_REWARDS, {"at_3": -1}),
        (Section.SHIPPING_REWARDS, {"at_4": 10_000}),
        (Section.GIFT_REWARDS, {"at_0": 10_000}),
        (Section.GIFT_REWARDS, {"at_1": 0}),
        (Section.GIFT_REWARDS, {"at_2": -1}),
        (Section.GIFT_REWARDS, {"at_3": 10_000}),
        (Section.GIFT_REWARDS, {"at_3": 0}),
        (Section.GIFT_REWARDS, {"at_4": -1}),
        (Section.POINTS_REWARDS, {"at_0": 3}),
        (Section.POINTS_REWARDS, {"at_1": -1}),
        (Section.POINTS_REWARDS, {"at_2": 10_000}),
        (Section.POINTS_REWARDS, {"at_2": DISCOUNTABLE}),
        (Section.CREDIT_REWARDS, {"at_0": -1}),
        (Section.EFFECT_REWARDS, {"at_0": 10_000}),
        (Section.EFFECT_REWARDS, {"at_1": -1}),
        (Section.LIMITS, {"at_0": -2}),
        (Section.LIMITS, {"at_2": -2}),
        (Section.LIMITS, {"at_4": -2}),
        (Section.LIMITS, {"at_6": 4}),
        (Section.LIMITS, {"at_7": -2}),
        (Section.LIMITS, {"at_8": 4}),
        (Section.LIMITS, {"at_9": 10_000}),
        (Section.LIMITS, {"at_10": 2}),
        (Section.PARTS, {"at_0": 0}),
        (Section.PARTS, {"at_0": 4}),
        (Section.PARTS, {"at_1": 10_000}),
        (Section.PARTS, {"at_1": -2}),
        (Section.LABELS, {"at_0": -1}),
        (Section.LABELS, {"at_0": 10_000}),
        (Section.STRICT, {"at_0": 20}),
        (Section.STRICT, {"at_0": 0}),
        (Section.NUMBERS, {"at_0": 4}),
        (Section.NUMBERS, {"at_2": -1}),
        (Section.TEXT_LISTS, {"at_0": 10_000}),
        (Section.SCHEDULES, {"at_1": 10_000}),
        (Section.SCHEDULES, {"at_4": 128}),
        (Section.SCHEDULES, {"at_6": 2}),
        (Section.WINDOWS, {"at_1": 1441}),
        (Section.TRANSITIONS, {"at_2": 200_000}),
    ],
)
def test_invalid_records_are_refused(artifact: bytes, section: Section, fields: dict[str, int]) -> None:
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(artifact, section, 0, **fields))


BEST_PER_LINE = """
ruleset: lines
currencies: [USD]
layers: [{name: item, kind: goods, combine: best_per_line}]
promotions: {a: {layer: item, reward: {percent_off: {of: cart, percent: 10}}}}
"""


@pytest.mark.parametrize(
    ("section", "fields"),
    [
        (Section.RULE_SETS, {"at_3": 1}),
        (Section.PROMOTIONS, {"at_5": 0}),
        (Section.PROMOTIONS, {"at_5": 1}),
        (Section.PROMOTIONS, {"at_17": -2}),
        (Section.GOODS_REWARDS, {"at_11": 2, "at_12": 1}),
        (Section.GOODS_REWARDS, {"at_15": 1}),
        (Section.GOODS_REWARDS, {"at_16": 1}),
        (Section.GOODS_REWARDS, {"at_10": 2}),
        (Section.PARTS, {"at_1": 0}),
    ],
)
def test_a_layer_of_the_best_per_line_has_rewards_of_whole_lines(section: Section, fields: dict[str, int]) -> None:
    sound = compile(load_text(BEST_PER_LINE))
    Program.load(sound)
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(sound, section, 0, **fields))


@pytest.mark.parametrize(
    ("section", "fields"),
    [(Section.RULE_SETS, {"at_3": 1}), (Section.PROMOTIONS, {"at_5": 0}), (Section.PROMOTIONS, {"at_5": 1})],
)
def test_a_layer_of_the_best_per_shipment_has_no_exclusive_promotions(section: Section, fields: dict[str, int]) -> None:
    of_shipments = BEST_PER_LINE.replace("kind: goods", "kind: shipping").replace(
        "percent_off: {of: cart, percent: 10}", "shipping: {percent_off: 10}"
    )
    sound = compile(load_text(of_shipments))
    Program.load(sound)
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(sound, section, 0, **fields))


@pytest.mark.parametrize("family", [-1, -1_207_959_536, Section.TEXTS, 10_000])
@pytest.mark.parametrize("layer", range(5))
def test_the_family_of_a_reward_must_fit_its_layer(artifact: bytes, layer: int, family: int) -> None:
    first_promotion = records_of(artifact, Section.LAYERS)[layer][4]
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(artifact, Section.PROMOTIONS, first_promotion, at_10=family))


@pytest.mark.parametrize("selection", [Selection.BUY_GET, Selection.BUNDLE])
def test_sets_take_a_number_of_units(artifact: bytes, selection: Selection) -> None:
    first_part = next(each.first_part for each in goods_of(artifact) if each.selection == selection)
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(artifact, Section.PARTS, first_part, at_1=-1))


def goods_of(artifact: bytes) -> list[GoodsReward]:
    return [GoodsReward(*each) for each in records_of(artifact, Section.GOODS_REWARDS)]


def records_of(artifact: bytes, section: Section) -> list[tuple[int, ...]]:
    offset, count = SECTION_ENTRY.unpack_from(artifact, HEADER.size + section * SECTION_ENTRY.size)
    layout = LAYOUTS[section]
    return list(layout.iter_unpack(artifact[offset : offset + count * layout.size]))


@pytest.mark.parametrize(
    ("section", "index", "place"),
    [
        *[(Section.GOODS_REWARDS, 0, "at_1"), (Section.GOODS_REWARDS, 5, "at_8"), (Section.PARTS, 3, "at_1")],
        *[(Section.SHIPPING_REWARDS, 0, "at_1"), (Section.GIFT_REWARDS, 0, "at_2")],
    ],
)
def test_a_number_has_the_bounds_of_what_it_is_for(artifact: bytes, section: Section, index: int, place: str) -> None:
    # 1.25 points in millionths is above a million units, and above the whole.
    _, points_per_unit, _ = records_of(artifact, Section.POINTS_REWARDS)[0]
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(artifact, section, index, **{place: points_per_unit}))


def test_points_are_never_multiplied_by_less_than_one(artifact: bytes) -> None:
    _, (_, fixed_points, _), _ = records_of(artifact, Section.POINTS_REWARDS)
    with pytest.raises(InvalidArtifact, match="is invalid"):
        Program.load(with_record(artifact, Section.POINTS_REWARDS, 2, at_1=fixed_points))


def test_a_percentage_above_the_whole_is_refused(artifact: bytes) -> None:
    first_percentage = 100_000
    changed = artifact.replace(pack_amount(first_percentage), pack_amount(2_000_000))
    with pytest.raises(InvalidArtifact, match="promotion 0 is invalid"):
        Program.load(sealed(changed))


def pack_amount(amount: int) -> bytes:
    return LAYOUTS[Section.FIGURES].pack(amount, 1)


def test_texts_are_utf_8(artifact: bytes) -> None:
    with pytest.raises(InvalidArtifact, match="UTF-8"):
        Program.load(sealed(artifact.replace(b"gold", b"go\xff\xff")))


def test_an_expression_uses_only_what_comes_before(artifact: bytes) -> None:
    # Nodes that name themselves or a later node as operand would run for ever.
    changed = with_record(artifact, Section.NODES, 3, at_0=4, at_1=3)
    with pytest.raises(InvalidArtifact, match="node 3 is invalid"):
        Program.load(changed)


def test_records_that_nobody_uses_are_not_looked_at(artifact: bytes) -> None:
    """The section of rewards extends over other bytes; reading these as rewards would write out of bounds."""
    entry = HEADER.size + Section.GOODS_REWARDS * SECTION_ENTRY.size
    offset, _ = SECTION_ENTRY.unpack_from(artifact, entry)
    changed = bytearray(artifact)
    SECTION_ENTRY.pack_into(changed, entry, offset, (len(artifact) - offset) // LAYOUTS[Section.GOODS_REWARDS].size)
    assert Program.load(sealed(changed)).name == "everything"


flips = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4)


@given(flips=flips)
@settings(max_examples=600, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_loads_can_be_priced(artifact: bytes, cart: Cart, flips: list[tuple[int, int]]) -> None:
    changed = bytearray(artifact)
    for place, mask in flips:
        changed[HEADER.size + place % (len(changed) - HEADER.size)] ^= mask
    try:
        program = Program.load(sealed(changed))
    except InvalidArtifact:
        return
    price_whatever(program, cart)


@given(length=st.integers(0, 10**6))
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_shortened_artifact_is_refused(artifact: bytes, length: int) -> None:
    with pytest.raises(InvalidArtifact):
        Program.load(sealed(artifact[: HEADER.size + length % (len(artifact) - HEADER.size)]))


def price_whatever(program: Program, cart: Cart) -> None:
    """Refusing the cart is also an answer: its currency or attributes may differ from what the program now declares."""
    try:
        quote = Session(program).answer(cart).quote
    except InvalidCart:
        return
    assert 0 <= quote.subtotal <= quote.merchandise
    assert sum(line.subtotal for line in quote.lines) == quote.subtotal
