"""The compiled rule sets of the bench, kept in build/bench as long as neither the text nor the compiler changes."""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path

import engine.rules
from bench import kept, rule_sets
from engine._native.program import Program


@cache
def program(promotions: int, touching: int = rule_sets.TOUCHING) -> Program:
    """The rule set with this many promotions, of which ``touching`` touch the carts."""
    return Program.load(artifact(promotions, touching).read_bytes())


def artifact(promotions: int, touching: int = rule_sets.TOUCHING) -> Path:
    """The file with that rule set, compiled."""
    text = rule_sets.text(promotions, touching)
    path = kept.path(f"{promotions}-{touching}-{sha256(text.encode() + _compiler()).hexdigest()[:16]}.artifact")
    if not path.exists():
        compiled = engine.rules.compile(engine.rules.load_text(text))
        written = path.with_suffix(".part")
        written.write_bytes(compiled)
        written.replace(path)
    return path


@cache
def _compiler() -> bytes:
    """What an artifact depends on besides the text."""
    sources = sorted(Path(engine.rules.__path__[0]).glob("**/*.*py*"))
    return sha256(b"".join(source.read_bytes() for source in sources if source.suffix != ".pyc")).digest()
