"""The key that protects codes: without it, what is in Redis reveals nothing."""

from __future__ import annotations

import hmac
import re
import secrets
from contextlib import suppress
from pathlib import Path

from engine.errors import InvalidCodeKey
from engine.pricing.coupons import fold
from engine.store.new_file import new_file

_KEY_FILE = "codes.key"
_KEY = re.compile("[0-9a-fA-F]{64}")
_MEANT = re.compile("[0-9a-fA-F]{32,}")
"""Not the name of a file, but probably a partly copied key, which must not be printed."""


class CodeKey:
    """A secret of 32 bytes, the same for every replica; it is not in Redis."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def fingerprint(self) -> str:
        """Identifies this key, and reveals nothing else."""
        return hmac.digest(self._secret, b"fingerprint", "sha256")[:8].hex()

    def digest(self, rule_set: str, code: str) -> int:
        """The first 64 bits of HMAC-SHA-256, as a signed number; the case of A to Z is ignored.

        A random text has the digest of one of a million codes once in 2 × 10^13 times.
        """
        message = f"code\0{rule_set}\0{fold(code, case_sensitive=False)}".encode()
        return int.from_bytes(hmac.digest(self._secret, message, "sha256")[:8], signed=True)


def find_key(given: str | None, folder: Path | None) -> CodeKey:
    """The key given as 64 hexadecimal digits or as the name of a file that holds them; else that of the folder.

    That of the folder is created on first use. Raises InvalidCodeKey and OSError.
    """
    if given is not None:
        return _parsed(given, "the value") if _MEANT.fullmatch(given) else _read(Path(given))
    if folder is None:
        raise InvalidCodeKey("unique codes need a key: pass --code-key or set CARTWRIGHT_CODE_KEY")
    path = folder / _KEY_FILE
    if not path.exists():
        _make(path)
    return _read(path)


def _read(path: Path) -> CodeKey:
    return _parsed(path.read_bytes().decode("ascii", "replace"), str(path)[:100])


def _parsed(text: str, source: str) -> CodeKey:
    if not _KEY.fullmatch(text.strip()):
        raise InvalidCodeKey(
            f"{source} is not a key: a key is 64 hexadecimal digits, such as `openssl rand -hex 32` prints"
        )
    return CodeKey(bytes.fromhex(text.strip()))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError), new_file(path) as file:  # if two processes try, one succeeds
        file.write(f"{secrets.token_hex(32)}\n")
