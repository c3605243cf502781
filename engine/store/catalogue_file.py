"""A catalogue in a file that may be replaced at any time."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Event, Thread
from typing import TypeAlias

from engine.errors import InvalidCatalogue
from engine.store.catalogue import Catalogue
from engine.store.catalogue_table import Expected, read_catalogue

_log = logging.getLogger(__name__)

_Stamp: TypeAlias = tuple[int, int, int]
"""The state of a file when it was checked; equal states mean that it has not changed."""


class CatalogueFile:
    """The catalogue that a file last held; checks every ``interval`` seconds whether the file has changed.

    A file that is not a valid catalogue changes nothing and is logged; one that is still being written is not read.
    """

    def __init__(self, path: Path, expected: Expected, interval: float = 1.0) -> None:
        """Reads the file. Raises InvalidCatalogue and OSError."""
        self.path = path
        self.expected = expected
        self._interval = interval
        self._read = _stamp(path)
        self._seen = self._read
        self.catalogue: Catalogue = read_catalogue(path, expected)
        """Replaced as a whole; a caller that needs it twice keeps a reference."""
        self._stopped = Event()
        self._watch = Thread(target=self._run, name="catalogue", daemon=True)

    def start(self) -> None:
        """Begin to watch the file."""
        self._watch.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._watch.is_alive():
            self._watch.join()

    def _run(self) -> None:
        said = ""
        while not self._stopped.wait(self._interval):
            try:
                self.look()
            except (InvalidCatalogue, OSError) as error:
                # A file that stays away is logged once, not every second.
                if said != (said := str(error)):
                    _log.warning("the catalogue was not read again: %s", error)
            else:
                said = ""

    def look(self) -> None:
        """Read the file if it has changed since it was last read, and has not changed since the last check.

        Raises InvalidCatalogue and OSError.
        """
        stamp = _stamp(self.path)
        steady, self._seen = stamp == self._seen, stamp
        if not steady or stamp == self._read:
            return
        try:
            self.catalogue = read_catalogue(self.path, self.expected)
        except InvalidCatalogue:
            self._read = stamp  # not read again until it changes
            raise
        self._read = stamp
        _log.info("%s: %d products", self.path, len(self.catalogue))


def _stamp(path: Path) -> _Stamp:
    status = os.stat(path)
    return status.st_mtime_ns, status.st_size, status.st_ino
