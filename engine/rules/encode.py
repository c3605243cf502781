"""Encoding: a plan becomes the bytes that the native core loads, stores and names by their SHA-256."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import accumulate
from zlib import crc32

from engine.rules.artifact import Text
from engine.rules.layout import ALIGNMENT, FORMAT, HEADER, LAYOUTS, MAGIC, SECTION_ENTRY, Section
from engine.rules.plan import Plan


def encode(plan: Plan) -> bytes:
    """The artifact of a plan; equal plans give equal bytes."""
    sections = _sections(plan)
    offset = HEADER.size + SECTION_ENTRY.size * len(sections)
    table = b""
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
    encoded = {
        Section.TEXT_BYTES: b"".join(texts),
        Section.TEXTS: _packed(
            Section.TEXTS, (Text(end - len(text), len(text)) for text, end in zip(texts, ends, strict=True))
        ),
    }
    # Every other section is a field of the plan.
    others = [section for section in Section if section not in encoded]
    return encoded | {section: _packed(section, getattr(plan, section.name.lower())) for section in others}


def _packed(section: Section, records: Iterable[tuple[int, ...] | int]) -> bytes:
    layout = LAYOUTS[section]
    return b"".join(layout.pack(record) if isinstance(record, int) else layout.pack(*record) for record in records)
