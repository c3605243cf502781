"""``cartwright coupons``: codes generated, imported and shown, with a store of its own."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.cli.conftest import Run

CLUB = ("--rule-set", "spring", "--pool", "club")


@pytest.fixture
def codes(tmp_path: Path) -> Path:
    return tmp_path / "codes.csv"


def test_codes_are_drawn_written_kept_and_shown(run: Run, redis_folder: Path, codes: Path) -> None:
    drawing = ("generate", *CLUB, "--count", 500, "--pattern", "spring-####-######", "--output", codes)
    drawn = run("coupons", *drawing, "--data", redis_folder)
    assert (drawn.code, drawn.out) == (0, "club: 500 codes added\n")
    assert "500 of 500 codes" in drawn.err
    head, *written = codes.read_text().splitlines()
    assert head == "code"
    assert len(set(written)) == 500
    assert all(code.startswith("SPRING-") for code in written)
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    assert (redis_folder / "codes.key").exists()
    again = run("coupons", "import", codes, *CLUB, "--pattern", "spring-####-######", "--data", redis_folder)
    assert again.out == "club: 0 codes added, 500 were already there\n"
    assert run("coupons", "import", codes, *CLUB, "--data", redis_folder).out == again.out
    shown = run("coupons", "show", "--rule-set", "spring", "--data", redis_folder)
    (row,) = shown.out.splitlines()[2:]
    assert row.split()[:3] == ["club", "500", "0"]
    assert row.split()[-1] == "SPRING-####-######"
    codes.write_text("code\nprinted-1\n")
    refused = run("coupons", "import", codes, *CLUB, "--data", redis_folder)
    assert refused.code == 1
    assert "does not match SPRING-####-######" in refused.err
    assert run("coupons", "import", codes, *CLUB, "--pattern", "any", "--data", redis_folder).code == 0
    shown = run("coupons", "show", "--rule-set", "spring", "--data", redis_folder)
    assert shown.out.split()[-1] == "any"


def test_a_file_of_codes_may_have_other_columns(run: Run, redis_folder: Path, codes: Path) -> None:
    codes.write_text('\ufeffmail,code\nada@example.org,"A, 1"\nbob@example.org,B-2\n', encoding="utf-8")
    assert run("coupons", "import", codes, *CLUB, "--data", redis_folder).out == "club: 2 codes added\n"
    shown = run("coupons", "show", "--rule-set", "spring", "--data", redis_folder)
    assert " any " in f"{shown.out} ".replace("\n", " ")


def test_what_is_already_there_is_not_written_over(run: Run, redis_folder: Path, codes: Path) -> None:
    codes.write_text("code\nprecious\n")
    drawing = ("generate", *CLUB, "--count", 5, "--pattern", "############", "--output", codes)
    drawn = run("coupons", *drawing, "--data", redis_folder)
    assert (drawn.code, codes.read_text()) == (2, "code\nprecious\n")
    assert "exists, and nothing is overwritten" in drawn.err


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("generate", *CLUB, "--count", 1_000_000, "--pattern", "A-####-####"), 1, "use 12 # characters"),
        (("generate", *CLUB, "--count", 5, "--pattern", "A"), 1, "has 0 # characters"),
        (
            ("generate", "--rule-set", "spring", "--pool", "a b", "--count", 5, "--pattern", "#" * 12),
            1,
            "is not a valid pool name",
        ),
        (("generate", *CLUB, "--count", 0, "--pattern", "#" * 12), 2, "--count"),
    ],
)
def test_what_cannot_be_drawn(
    run: Run, redis_folder: Path, codes: Path, arguments: tuple[object, ...], code: int, said: str
) -> None:
    outcome = run("coupons", *arguments, "--output", codes, "--data", redis_folder)
    assert (outcome.code, said in outcome.err) == (code, True)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no column `code`"),
        ("codes\nA\n", "has no column `code`"),
        ("code\nA\n\n B\n", "code 2, ' B'"),
        ("code,more\n,A\n", "code 1, ''"),
        ("code\n\udca1\n", "is not a CSV file in UTF-8"),
    ],
)
def test_what_is_no_file_of_codes(run: Run, redis_folder: Path, codes: Path, text: str, said: str) -> None:
    codes.write_bytes(text.encode(errors="surrogateescape"))
    outcome = run("coupons", "import", codes, *CLUB, "--data", redis_folder)
    assert (outcome.code, said in outcome.err) == (1, True)


def test_a_pool_is_dropped_once_it_is_said_to_be_meant(run: Run, redis_folder: Path, codes: Path) -> None:
    codes.write_text("code\nA\nB\n")
    assert run("coupons", "import", codes, *CLUB, "--data", redis_folder).code == 0
    (redis_folder / "codes.key").unlink()  # it takes none
    drop = ("coupons", "drop", *CLUB, "--data", redis_folder)
    for answer in (b"n\n", b""):
        kept = run(*drop, stdin=answer)
        assert kept.code == 1
        assert "club of spring: 2 codes; 0 reserved or spent, to be remembered" in kept.out
        assert "dropped" not in kept.out
    dropped = run(*drop, stdin=b"y\n")
    assert (dropped.code, dropped.out.splitlines()[-1].endswith("club dropped")) == (0, True)
    gone = run(*drop, "--yes")
    assert (gone.code, gone.out, gone.err) == (1, "", "error: spring has no pool 'club' in the store\n")


def test_a_pool_is_dropped_without_asking(run: Run, redis_folder: Path, codes: Path) -> None:
    codes.write_text("code\nA\nB\n")
    assert run("coupons", "import", codes, *CLUB, "--data", redis_folder).code == 0
    dropped = run("coupons", "drop", *CLUB, "--data", redis_folder, "--yes", "--forget-used")
    assert dropped.out == "club of spring: 2 codes; 0 reserved or spent, to be forgotten\nclub dropped\n"


def test_a_store_and_a_key_must_be_named(
    run: Run, redis_url: str, codes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    show = ("coupons", "show", "--rule-set", "spring")
    assert run(*show).code == 2
    assert "CARTWRIGHT_CODE_KEY" in run(*show, "--redis", redis_url).err
    (tmp_path / "key").write_text("ab" * 32)
    assert run(*show, "--redis", redis_url, "--code-key", tmp_path / "key").code == 0
    monkeypatch.setenv("CARTWRIGHT_CODE_KEY", "ab" * 32)
    none = run(*show, "--redis", redis_url)
    assert (none.code, none.out) == (0, "spring has no pools\n")
    monkeypatch.setenv("CARTWRIGHT_CODE_KEY", "xy")
    assert run(*show, "--redis", redis_url).code == 2
