"""Encoding: a plan becomes the bytes that the native core loads, stores and names by their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from zlib import crc32

from engine.rules.artifact import ALIGNMENT, FORMAT, HEADER, LAYOUTS, MAGIC, SECTION_ENTRY, Section, Text
from engine.rules.plan import Plan


def encode(plan: Plan) -> bytes:
    """The artifact of a plan; equal plans give equal bytes."""
    sections = _sections(plan)
    offset = HEADER.size + SECTION_ENTRY.size * len(sections)
    table, body = b"", b""
    parts = []
    for section in Section:
        layout = LAYOUTS[section]
        part = sections[section]
        table += SECTION_ENTRY.pack(offset, len(part) // layout.size)
        parts.append(part.ljust(-(-len(part) // ALIGNMENT) * ALIGNMENT, b"\0"))
        offset += len(parts[-1])
    body = table + b"".join(parts)
    return HEADER.pack(MAGIC, FORMAT, crc32(body), offset) + body


def _sections(plan: Plan) -> Mapping[Section, bytes]:
    texts = [text.encode() for text in plan.texts]
    ends = accumulate(map(len, texts))
    records: dict[Section, Iterable[tuple[int, ...]]] = {
        Section.RULE_SETS: [plan.rule_set],
        Section.TEXTS: (Text(end - len(text), len(text)) for text, end in zip(texts, ends, strict=True)),
        Section.CURRENCIES: _single(plan.currencies),
        Section.FIGURES: plan.figures,
        Section.ATTRIBUTES: plan.attributes,
        Section.NODES: plan.nodes,
        Section.OPERANDS: _single(plan.operands),
        Section.SEGMENTS: plan.segments,
        Section.LAYERS: plan.layers,
        Section.PROMOTIONS: plan.promotions,
        Section.NUMBERS: plan.numbers,
        Section.ENTRIES: plan.entries,
        Section.METHODS: _single(plan.methods),
        Section.PARTS: plan.parts,
        Section.LABELS: _single(plan.labels),
        Section.STRICT: _single(plan.strict),
        Section.CURRENCY_SETS: _single(plan.currency_sets),
        Section.SCHEDULES: plan.schedules,
        Section.WINDOWS: plan.windows,
        Section.TRANSITIONS: plan.transitions,
    }
    encoded = {section: b"".join(LAYOUTS[section].pack(*each) for each in part) for section, part in records.items()}
    return encoded | {Section.TEXT_BYTES: b"".join(texts)}


def _single(numbers: Iterable[int]) -> Iterable[tuple[int]]:
    return ((number,) for number in numbers)
