"""Files that appear whole or not at all."""

from __future__ import annotations

import errno
import os
import resource
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.store.new_file import new_file


def test_it_has_its_name_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    with new_file(path) as file:
        file.write("käse\n")
        file.flush()
        assert not path.exists()
    assert path.read_bytes() == "käse\n".encode()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def write(path: Path, text: str) -> None:
    with new_file(path) as file:
        file.write(text)


def test_of_two_at_once_the_second_fails(tmp_path: Path) -> None:
    path = tmp_path / "codes.csv"
    slow = new_file(path)
    slow.__enter__().write("second")
    write(path, "first")
    with pytest.raises(FileExistsError) as caught:
        slow.__exit__(None, None, None)
    with pytest.raises(FileExistsError):
        write(path, "third")
    assert (caught.value.filename, path.read_text()) == (str(path), "first")
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_without_room_is_said_by_the_name_of_the_file(tmp_path: Path) -> None:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, usual[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            write(tmp_path / "codes.csv", "code\n" * 10_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)
    assert caught.value.filename == str(tmp_path / "codes.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_without_hard_links_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(draft: Path, path: Path) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted", str(draft))

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match="no hard links") as caught:
        write(tmp_path / "codes.csv", "code")
    assert caught.value.filename == str(tmp_path / "codes.csv")
    assert list(tmp_path.iterdir()) == []


def test_its_bytes_and_then_its_name_are_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "codes.csv"
    synced: list[tuple[str, bool]] = []
    monkeypatch.setattr(os, "fsync", lambda file: synced.append((os.readlink(f"/proc/self/fd/{file}"), path.exists())))
    write(path, "code")
    (draft, named), folder = synced
    assert (Path(draft).parent, named) == (tmp_path, False)
    assert folder == (str(tmp_path), True)


@pytest.mark.parametrize("error", [OSError(errno.EIO, "Input/output error"), KeyboardInterrupt()])
def test_one_whose_name_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(os, "fsync", failing_for_folders(error))
    with pytest.raises(type(error)):
        write(tmp_path / "codes.csv", "code")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_cannot_write_folders_when_asked_is_good_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", failing_for_folders(OSError(errno.EINVAL, "Invalid argument")))
    write(tmp_path / "codes.csv", "code")
    assert (tmp_path / "codes.csv").read_text() == "code"


def failing_for_folders(error: BaseException) -> Callable[[int], None]:
    def fsync(file: int) -> None:
        if stat.S_ISDIR(os.fstat(file).st_mode):
            raise error

    return fsync


def test_one_that_failed_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), new_file(tmp_path / "codes.csv") as file:
        file.write(str(1 // 0))
    assert list(tmp_path.iterdir()) == []
