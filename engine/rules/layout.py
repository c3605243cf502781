"""The byte layout of the records of an artifact; engine/_native/artifact.pxd is the same table in C.

An artifact is a header, a table of sections, and the sections: each an array of records of one kind, 8-byte aligned,
little-endian.
"""

from __future__ import annotations

from enum import IntEnum
from struct import Struct

MAGIC = b"CARTWRT\n"
FORMAT = 10
"""Incremented with every change of a record, so that no core reads what another wrote."""

HEADER = Struct("<8sIIQ")
"""Magic, format, CRC-32 of everything behind the header, length of the whole in bytes."""
SECTION_ENTRY = Struct("<QQ")
"""Offset from the start of the artifact, number of records. One entry per `Section`, in its order."""
ALIGNMENT = 8


class Section(IntEnum):
    RULE_SETS = 0
    TEXT_BYTES = 1
    TEXTS = 2
    CURRENCIES = 3
    FIGURES = 4
    ATTRIBUTES = 5
    NODES = 6
    OPERANDS = 7
    SEGMENTS = 8
    LAYERS = 9
    PROMOTIONS = 10
    GOODS_REWARDS = 11
    SHIPPING_REWARDS = 12
    GIFT_REWARDS = 13
    POINTS_REWARDS = 14
    CREDIT_REWARDS = 15
    EFFECT_REWARDS = 16
    LIMITS = 17
    NUMBERS = 18
    ENTRIES = 19
    TEXT_LISTS = 20
    PARTS = 21
    LABELS = 22
    STRICT = 23
    CURRENCY_SETS = 24
    SCHEDULES = 25
    WINDOWS = 26
    TRANSITIONS = 27


LAYOUTS = {
    Section.RULE_SETS: Struct("<8iqq"),
    Section.TEXT_BYTES: Struct("<B"),
    Section.TEXTS: Struct("<II"),
    Section.CURRENCIES: Struct("<ii"),
    Section.FIGURES: Struct("<qq"),
    Section.ATTRIBUTES: Struct("<iiii"),
    Section.NODES: Struct("<HHiii"),
    Section.OPERANDS: Struct("<i"),
    Section.SEGMENTS: Struct("<iii"),
    Section.LAYERS: Struct("<iiiiii"),
    Section.PROMOTIONS: Struct("<18i"),
    Section.GOODS_REWARDS: Struct("<20i"),
    Section.SHIPPING_REWARDS: Struct("<6i"),
    Section.GIFT_REWARDS: Struct("<5i"),
    Section.POINTS_REWARDS: Struct("<iii"),
    Section.CREDIT_REWARDS: Struct("<i"),
    Section.EFFECT_REWARDS: Struct("<ii"),
    Section.LIMITS: Struct("<qqq6i"),
    Section.NUMBERS: Struct("<iiii"),
    Section.ENTRIES: Struct("<ii"),
    Section.TEXT_LISTS: Struct("<i"),
    Section.PARTS: Struct("<ii"),
    Section.LABELS: Struct("<i"),
    Section.STRICT: Struct("<i"),
    Section.CURRENCY_SETS: Struct("<B"),
    Section.SCHEDULES: Struct("<qqiiii"),
    Section.WINDOWS: Struct("<ii"),
    Section.TRANSITIONS: Struct("<qq"),
}
