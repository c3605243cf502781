"""Both sides of the artifact know the same records, codes and slots."""

from __future__ import annotations

from enum import Enum

import pytest

from engine._native import artifact as native
from engine._native import rewards
from engine.money import Rounding
from engine.pricing.quote import Reason
from engine.rules.artifact import SLOTS, NumberKind, Op, Same, Selection
from engine.rules.checked import Combine, Exclusive, LayerKind, Leftover, Percentages
from engine.rules.checked_rewards import Per, Pick, PointsKind, RewardKind
from engine.rules.expressions import GROUP_FACTS, Subject, Type
from engine.rules.layout import LAYOUTS, Section


def test_records_have_one_size() -> None:
    assert native.record_sizes() == [LAYOUTS[section].size for section in Section]


@pytest.mark.parametrize(
    "enum",
    [
        *[Section, Op, NumberKind, Selection, Rounding],
        *[Subject, Type, LayerKind, Combine, Leftover, Percentages, RewardKind, Per, Pick],
    ],
)
def test_codes_are_the_places_in_the_definition(enum: type[Enum]) -> None:
    expected = {member.name: code for code, member in enumerate(enum)}
    assert {member.name: member.value for member in getattr(native, enum.__name__)} == expected


def test_codes_of_exclusive() -> None:
    assert slot_names("Exclusive") == [each.value for each in Exclusive]


def test_codes_of_kinds_of_points() -> None:
    assert slot_names("PointsKind") == [each.value for each in PointsKind]


def test_codes_of_what_is_the_same() -> None:
    assert slot_names("Same") == [each.name.lower() for each in Same]


def test_outcomes_are_the_reasons_and_two_more() -> None:
    outcomes = [each.name.lower() for each in sorted(rewards.Outcome)]
    assert outcomes == [*(reason.value for reason in Reason), "granted", "out_of_room"]


@pytest.mark.parametrize(
    ("subject", "prefix"), [(Subject.ITEM, "Item"), (Subject.CUSTOMER, "Customer"), (Subject.CART, "Cart")]
)
def test_slots_of_facts(subject: Subject, prefix: str) -> None:
    numbers, texts, lists = SLOTS[subject]
    assert slot_names(f"{prefix}Number") == [*numbers, "numbers"]
    assert slot_names(f"{prefix}Text") == [*texts, "texts"]
    assert slot_names(f"{prefix}List") == [*lists, "lists"]


def test_slots_of_groups() -> None:
    assert [slot.name.lower() for slot in native.GroupSlot] == [*GROUP_FACTS, "group_slots"]


def test_slots_of_shipments() -> None:
    numbers, texts, _ = SLOTS[Subject.SHIPMENT]
    assert slot_names("ShipmentNumber") == [*numbers[len(GROUP_FACTS) :], "numbers"]
    assert len(numbers) == native.ShipmentNumber.SHIPMENT_NUMBERS
    assert slot_names("ShipmentText") == [*texts, "texts"]


def slot_names(enum: str) -> list[str]:
    """Names by slot, without the subject; the last one is the number of slots."""
    return [slot.name.partition("_")[2].lower() for slot in sorted(getattr(native, enum))]
