"""Files that appear under their name whole or not at all, and never replace another one."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from errno import EEXIST, EINVAL, EOPNOTSUPP, EPERM
from pathlib import Path
from typing import TextIO


@contextmanager
def new_file(path: Path) -> Iterator[TextIO]:
    """A text file that only its owner may read; it has its name once it is closed and on disk.

    Raises FileExistsError, also for a file that another process has made meanwhile, and OSError.
    """
    check_free(path)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            yield file
        put_in_place(draft, path)
    except OSError as error:
        error.filename = error.filename or str(path)  # that of a write has none
        raise
    finally:
        draft.unlink(missing_ok=True)


def check_free(path: Path) -> None:
    """Raises FileExistsError; that nothing has the name now is no promise that it stays so."""
    if path.exists():
        raise _taken(path)


def put_in_place(draft: Path, path: Path) -> None:
    """Gives a finished file its name as well, on the same disk, and both are on it. Raises FileExistsError, OSError."""
    _sync(draft)
    try:
        os.link(draft, path)
    except FileExistsError:
        raise _taken(path) from None
    except OSError as error:
        if error.errno in (EPERM, EOPNOTSUPP):
            said = "its disk has no hard links: write to another one, and move the file"
            raise OSError(error.errno, said, str(path)) from None
        raise
    try:
        _sync(path.parent)
    except BaseException:  # KeyboardInterrupt among them
        take_away(draft, path)
        raise


def take_away(draft: Path, path: Path) -> None:
    """Undoes `put_in_place`. Another file of that name stays."""
    if draft.exists() and path.exists() and path.samefile(draft):
        path.unlink()


def _sync(path: Path) -> None:
    """Writes a file to disk; or a folder, which has the names, if its disk can do that."""
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    except OSError as error:
        if error.errno != EINVAL:
            raise
    finally:
        os.close(file)


def _taken(path: Path) -> FileExistsError:
    return FileExistsError(EEXIST, "exists, and nothing is overwritten", str(path))
