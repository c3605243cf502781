"""Patterns of coupon codes, the codes drawn, detection of mistyped codes, and the key under which they are kept."""

from __future__ import annotations

import stat
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import InvalidCodeKey, InvalidPattern
from engine.store.code_key import CodeKey, find_key
from engine.store.coupon_codes import ALPHABET, MOST_PLACES, Pattern

SUMMER = Pattern("SUMMER-####-####-####")
numbers = st.integers(0, SUMMER.room - 1)


def test_the_check_relies_on_a_prime() -> None:
    assert len(set(ALPHABET)) == len(ALPHABET) == 23
    assert MOST_PLACES == 22


def test_what_is_drawn_looks_like_the_pattern_and_differs() -> None:
    drawn = list(SUMMER.drawn(500))
    assert len(set(drawn)) == 500
    for code in drawn:
        assert code.startswith("SUMMER-")
        assert [len(part) for part in code.split("-")] == [6, 4, 4, 4]
        assert set(code.removeprefix("SUMMER-").replace("-", "")) <= set(ALPHABET)
        assert SUMMER.fits(code)
        assert SUMMER.fits(code.lower())


def test_a_number_stands_for_one_code() -> None:
    # Values 1 and 0 in two places: 1 × 1 + 2 × 0 + 3 × c ≡ 0 (mod 23), so c is 15.
    assert Pattern("A-###").code(1) == "A-32N"
    assert Pattern("###").code(0) == "222"
    small = Pattern("###")
    assert len({small.code(number) for number in range(small.room)}) == small.room == 529


@given(numbers, st.data())
def test_one_wrong_character_is_told(number: int, data: st.DataObject) -> None:
    code = SUMMER.code(number)
    place = data.draw(st.sampled_from([each for each, letter in enumerate(code) if each > 6 and letter != "-"]))
    wrong = data.draw(st.sampled_from([each for each in ALPHABET if each != code[place]]))
    assert not SUMMER.fits(code[:place] + wrong + code[place + 1 :])


@given(numbers)
def test_two_characters_that_changed_places_are_told(number: int) -> None:
    code = SUMMER.code(number)
    for one, other in combinations([each for each, letter in enumerate(code) if each > 6 and letter != "-"], 2):
        letters = list(code)
        letters[one], letters[other] = letters[other], letters[one]
        assert SUMMER.fits("".join(letters)) is (code[one] == code[other])


@pytest.mark.parametrize(
    "code", ["", "SUMMER", "SUMMER-2222-2222-222", "WINTER-2222-2222-2222", "SUMMER-2222-2222-2O22"]
)
def test_what_is_no_code_of_the_pattern(code: str) -> None:
    assert SUMMER.fits("SUMMER-2222-2222-2222")
    assert not SUMMER.fits(code)
    assert not SUMMER.fits("SUMMER-2222-2222-2222\n")


@pytest.mark.parametrize("text", ["", "SUMMER", "SUMMER-#", "A B-####", "É####", "#" * 23, "A" * 100 + "##"])
def test_what_is_no_pattern(text: str) -> None:
    with pytest.raises(InvalidPattern):
        Pattern(text)


def test_a_pattern_with_too_little_room_is_refused() -> None:
    small = Pattern("SUMMER-####-####")
    small.check_room(34)  # 23^7 is 3.4 × 10^9
    with pytest.raises(InvalidPattern, match="one try in 3,404 would hit: it takes 12 places"):
        small.check_room(1_000_000)
    with pytest.raises(InvalidPattern):
        next(small.drawn(1_000_000))
    SUMMER.check_room(1_000_000)


def test_digests_are_of_the_key_the_rule_set_and_the_code_in_any_case() -> None:
    key, other = CodeKey(bytes(32)), CodeKey(bytes([1] * 32))
    assert key.digest("summer", "Club-1") == key.digest("summer", "CLUB-1")
    assert len({key.digest("summer", "a"), key.digest("winter", "a"), other.digest("summer", "a")}) == 3
    assert -(2**63) <= key.digest("summer", "a") < 2**63
    assert key.fingerprint == CodeKey(bytes(32)).fingerprint != other.fingerprint


def test_a_folder_has_one_key_that_only_its_owner_may_read(tmp_path: Path) -> None:
    made = find_key(None, tmp_path / "data")
    assert find_key(None, tmp_path / "data").fingerprint == made.fingerprint
    (file,) = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert find_key(str(file), None).fingerprint == made.fingerprint
    assert find_key(file.read_text().strip(), None).fingerprint == made.fingerprint


def test_a_key_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("abc")
    (tmp_path / "binary").write_bytes(bytes(range(256)))
    for given_key in (None, str(tmp_path / "short"), str(tmp_path / "binary")):
        with pytest.raises(InvalidCodeKey):
            find_key(given_key, None)
    with pytest.raises(InvalidCodeKey, match=r"^what is given: a key is 64 hexadecimal digits"):
        find_key("ab" * 31, None)
    with pytest.raises(OSError, match="missing"):
        find_key(str(tmp_path / "missing"), tmp_path)
