"""Programs and sessions from checked rules or from the text of a rule file, whose head may be left out; artifacts."""

from __future__ import annotations

import re
from functools import lru_cache
from struct import pack_into
from zlib import crc32

from engine._native.program import Program
from engine._native.session import Session
from engine.pricing.reference import Reference
from engine.rules import compile, load_text
from engine.rules.checked import CheckedRules
from engine.rules.layout import HEADER

CHECKSUM_OFFSET = 12
HEAD = {"ruleset": "test", "currencies": "[USD]"}


def session_of(rules: CheckedRules | str) -> Session:
    return Session(program_of(rules))


def both_of(rules: CheckedRules | str) -> tuple[Session, Reference]:
    """A session and the reference for the rules, whose quotes must be the same."""
    program = program_of(rules)
    return Session(program), Reference(checked(rules), program.version)


def program_of(rules: CheckedRules | str) -> Program:
    return Program.load(compile(checked(rules)))


def checked(rules: CheckedRules | str) -> CheckedRules:
    return _loaded(rules) if isinstance(rules, str) else rules


@lru_cache
def _loaded(text: str) -> CheckedRules:
    return load_text(headed(text))


def headed(text: str) -> str:
    """The text with the keys of the head that it lacks."""
    return "".join(f"{key}: {value}\n" for key, value in HEAD.items() if not re.search(f"^{key}:", text, re.M)) + text


def sealed(artifact: bytes | bytearray) -> bytes:
    """A changed artifact, with matching length and checksum."""
    sealed = bytearray(artifact)
    pack_into("<IQ", sealed, CHECKSUM_OFFSET, crc32(sealed[HEADER.size :]), len(sealed))
    return bytes(sealed)
