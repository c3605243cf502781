"""A folder of drafts beside the files that they become. What a killed process left in one, the next process removes."""

from __future__ import annotations

import fcntl
import glob
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from engine.store.new_file import take_away

_LOCK = "lock"
"""File that the folder's process has locked; the system releases it however that ends."""


class Drafts:
    """The folder for drafts of ``output``; without folders in it. `close` removes it."""

    def __init__(self, output: Path) -> None:
        """Raises OSError."""
        self.folder = Path(tempfile.mkdtemp(prefix=f".{output.name}-", dir=output.parent))
        # Under the other name it could be removed before it is locked. A process killed here leaves the folder, empty.
        unlocked = self.folder / "unlocked"
        self._lock = unlocked.open("wb")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX)
        except OSError as error:
            self.close()
            said = "its disk has no locks: write to another one, and move the file"
            raise OSError(error.errno, said, str(output)) from None
        unlocked.rename(self.folder / _LOCK)

    def close(self) -> None:
        self._lock.close()
        _remove(self.folder)


def clear(output: Path, taken_back: Iterable[Path]) -> None:
    """Removes folders of processes that ended without `close`, and of their drafts those that are ``taken_back``.

    Raises OSError.
    """
    for folder in output.parent.glob(f".{glob.escape(output.name)}-????????"):
        try:
            lock = (folder / _LOCK).open("r+b")
        except OSError:  # it is no folder of drafts, or another user's
            continue
        with suppress(BlockingIOError):
            with lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                for path in taken_back:
                    take_away(folder / path.name, path)
            _remove(folder)


def _remove(folder: Path) -> None:
    """Removes a folder; what cannot be removed stays until the next `clear`.

    Its lock was closed, because NFS keeps files that are open, and goes last, because it tells whose folder this is.
    """
    with suppress(OSError):
        for path in sorted(folder.iterdir(), key=lambda path: path.name == _LOCK):
            path.unlink(missing_ok=True)
        folder.rmdir()
