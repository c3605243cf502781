"""Lua scripts, which Redis runs one at a time; a package, so that they are installed with the others."""

from __future__ import annotations

from functools import cache
from hashlib import sha1
from importlib.resources import files


class Script:
    """A Lua script of this package. It is atomic; all its keys are in one slot of a Cluster.

    A first line ``--! OTHER`` is replaced by the whole of OTHER.lua.
    """

    def __init__(self, name: str) -> None:
        self.text = _text(name)
        self.digest = sha1(self.text.encode(), usedforsecurity=False).hexdigest()


def _text(name: str) -> str:
    text = files(__name__).joinpath(f"{name}.lua").read_text(encoding="utf-8")
    first, _, rest = text.partition("\n")
    mark, _, other = first.partition(" ")
    return f"{_text(other)}{rest}" if mark == "--!" else text


@cache
def script(name: str) -> Script:
    """The script in ``NAME.lua``, read once."""
    return Script(name)
