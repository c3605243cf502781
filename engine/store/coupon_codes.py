"""What unique coupon codes look like: drawn at random from a pattern, with a character that tells a mistyped one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from functools import cached_property

from engine.errors import InvalidPattern

ALPHABET = "23456789CFHJKLMNPRTVWXY"
"""Without look-alikes (0 O D Q, 1 I, Z, S, G, B, U) and vowels, so that no code is a word. How many they are is a
prime, which the check relies on.
"""
PLACE = "#"
MOST_PLACES = len(ALPHABET) - 1
TEXTS_PER_CODE = 10**8
"""So many texts of a pattern must stand against each code in use. A thousand guessers, each let try 20 texts in ten
minutes, then hit one code in five weeks.
"""
_PRIME = len(ALPHABET)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_PATTERN = re.compile(r"[A-Z0-9#_.-]{1,100}")


class Pattern:
    """Such as ``SUMMER-####-####-####``: letters and digits as they stand, and places for characters of `ALPHABET`.

    The last place holds the check character. It makes Σ i × value of the i-th place ≡ 0 modulo 23, as that of an ISBN
    with ten digits does modulo 11: one wrong character, or any two that changed places, do not pass.
    """

    def __init__(self, text: str) -> None:
        """Raises InvalidPattern."""
        self.text = text.upper()
        self._places = self.text.count(PLACE)
        if not _PATTERN.fullmatch(self.text):
            raise InvalidPattern(
                f"{text[:100]!r} is not a pattern: use up to 100 letters, digits, -, _, . and # for characters drawn"
            )
        if not 2 <= self._places <= MOST_PLACES:
            raise InvalidPattern(f"{text[:100]!r} has {self._places} # characters: use 2 to {MOST_PLACES}")

    @property
    def room(self) -> int:
        """How many different codes it has."""
        return int(_PRIME ** (self._places - 1))

    def check_room(self, codes: int) -> None:
        """Raises InvalidPattern when so many codes would make guessing one worth a try."""
        if self.room < codes * TEXTS_PER_CODE:
            places = 2
            while _PRIME ** (places - 1) < codes * TEXTS_PER_CODE:
                places += 1
            raise InvalidPattern(
                f"{codes:,} codes of {self.text} are too easy to guess: use {places} # characters, not {self._places}"
            )

    def drawn(self, count: int) -> Iterator[str]:
        """So many codes, all different, by the system's cryptographic random numbers. Raises InvalidPattern."""
        self.check_room(count)
        numbers: set[int] = set()
        while len(numbers) < count:
            number = secrets.randbelow(self.room)
            if number not in numbers:
                numbers.add(number)
                yield self.code(number)

    def code(self, number: int) -> str:
        """The code with a number, from 0 to less than ``room``."""
        values = []
        for _ in range(self._places - 1):
            number, value = divmod(number, _PRIME)
            values.append(value)
        values.append(-_weighed(values) * pow(self._places, -1, _PRIME) % _PRIME)
        letters = iter(values)
        return "".join(ALPHABET[next(letters)] if each == PLACE else each for each in self.text)

    def fits(self, code: str) -> bool:
        """Whether a text may be one of its codes, in upper or lower case."""
        match = self._expression.fullmatch(code.upper())
        return match is not None and _weighed([_VALUES[each] for each in match.groups()]) % _PRIME == 0

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile("".join(f"([{ALPHABET}])" if each == PLACE else re.escape(each) for each in self.text))


def _weighed(values: Iterable[int]) -> int:
    return sum(place * value for place, value in enumerate(values, 1))
