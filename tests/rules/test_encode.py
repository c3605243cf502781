"""Encoding: the same rules give the same bytes, laid out as the header says."""

from __future__ import annotations

import subprocess
import sys
from itertools import islice
from zlib import crc32

from hypothesis import given, settings

from engine.pricing.cart import Cart
from engine.rules import compile
from engine.rules.checked import CheckedRules
from engine.rules.encode import encode
from engine.rules.layout import ALIGNMENT, FORMAT, HEADER, LAYOUTS, MAGIC, SECTION_ENTRY, Section
from engine.rules.plan import plan
from tests.strategies import priced_cases, random_cases

PRINT_HASH = """
from hashlib import sha256
from itertools import islice
from engine.rules import compile
from tests.strategies import random_cases
print(sha256(b"".join(compile(rules) for rules, _ in islice(random_cases(3), 20))).hexdigest())
"""


@given(case=priced_cases())
@settings(max_examples=50)
def test_every_section_holds_the_records_of_the_plan(case: tuple[CheckedRules, Cart]) -> None:
    records = plan(case[0])
    artifact = encode(records)
    magic, format_, checksum, length = HEADER.unpack_from(artifact)
    assert (magic, format_, checksum, length) == (MAGIC, FORMAT, crc32(artifact[HEADER.size :]), len(artifact))
    for section in [each for each in Section if each not in (Section.TEXTS, Section.TEXT_BYTES)]:
        offset, count = SECTION_ENTRY.unpack_from(artifact, HEADER.size + section * SECTION_ENTRY.size)
        layout = LAYOUTS[section]
        assert offset % ALIGNMENT == 0
        found = list(layout.iter_unpack(artifact[offset : offset + count * layout.size]))
        planned = getattr(records, section.name.lower())
        assert found == [(each,) if isinstance(each, int) else tuple(each) for each in planned]


def test_the_same_rules_give_the_same_bytes_in_every_process() -> None:
    hashes = {
        subprocess.run(
            [sys.executable, "-c", PRINT_HASH],
            check=True,
            capture_output=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


def test_texts_are_one_after_the_other() -> None:
    for rules, _ in islice(random_cases(1), 20):
        artifact, texts = compile(rules), plan(rules).texts
        offset, count = SECTION_ENTRY.unpack_from(artifact, HEADER.size + Section.TEXT_BYTES * SECTION_ENTRY.size)
        assert artifact[offset : offset + count] == "".join(texts).encode()
