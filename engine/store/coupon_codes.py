"""The form of unique coupon codes: drawn at random from a pattern, with a check character that detects mistyping."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from functools import cached_property

from engine.errors import InvalidPattern

ALPHABET = "23456789CFHJKLMNPRTVWXY"
"""No look-alikes (0 O D Q, 1 I, Z, S, G, B, U), and no vowels, so that no code is a word. Their number is prime, which
the check relies on.
"""
PLACE = "#"
MOST_PLACES = len(ALPHABET) - 1
TEXTS_PER_CODE = 10**8
"""Texts that a pattern must have for each code in use. A thousand guessers who may each try 20 texts in ten minutes
then hit one code in five weeks.
"""
_PRIME = len(ALPHABET)
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_PATTERN = re.compile(r"[A-Z0-9#_.-]{1,100}")


class Pattern:
    """A pattern such as ``SUMMER-####-####-####``: fixed characters, and places (#) for characters of `ALPHABET`.

    The last place holds the check character. It makes Σ i × value of the i-th place ≡ 0 modulo 23, as in a ten-digit
    ISBN modulo 11: one wrong character, or any two swapped, do not pass.
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
        """The number of different codes."""
        return int(_PRIME ** (self._places - 1))

    def check_room(self, codes: int) -> None:
        """Raises InvalidPattern if so many codes could be guessed."""
        if self.room < codes * TEXTS_PER_CODE:
            places = 2
            while _PRIME ** (places - 1) < codes * TEXTS_PER_CODE:
                places += 1
            raise InvalidPattern(
                f"{codes:,} codes of {self.text} are too easy to guess: use {places} # characters, not {self._places}"
            )

    def drawn(self, count: int) -> Iterator[str]:
        """``count`` different codes, from the system's cryptographic random numbers. Raises InvalidPattern."""
        self.check_room(count)
        numbers: set[int] = set()
        while len(numbers) < count:
            number = secrets.randbelow(self.room)
            if number not in numbers:
                numbers.add(number)
                yield self.code(number)

    def code(self, number: int) -> str:
        """The code with this number, from 0 to ``room`` − 1."""
        values = []
        for _ in range(self._places - 1):
            number, value = divmod(number, _PRIME)
            values.append(value)
        values.append(-_weighed(values) * pow(self._places, -1, _PRIME) % _PRIME)
        letters = iter(values)
        return "".join(ALPHABET[next(letters)] if each == PLACE else each for each in self.text)

    def fits(self, code: str) -> bool:
        """Whether a text can be one of its codes, ignoring case."""
        match = self._expression.fullmatch(code.upper())
        return match is not None and _weighed([_VALUES[each] for each in match.groups()]) % _PRIME == 0

    @cached_property
    def _expression(self) -> re.Pattern[str]:
        return re.compile("".join(f"([{ALPHABET}])" if each == PLACE else re.escape(each) for each in self.text))


def _weighed(values: Iterable[int]) -> int:
    return sum(place * value for place, value in enumerate(values, 1))
