"""The C code of the bench, compiled with the system's C compiler (``$CC`` or ``cc``) when needed."""

from __future__ import annotations

import os
import subprocess
from hashlib import sha256
from pathlib import Path

from bench import kept

OPTIONS = ("-O3", "-std=gnu11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC")


def shared_library(name: str) -> Path:
    """The library built from bench/NAME.c, kept until the source changes. Raises CalledProcessError."""
    source = Path(__file__).with_name(f"{name}.c")
    compiled = kept.path(f"{name}-{sha256(source.read_bytes()).hexdigest()[:16]}.so")
    if not compiled.exists():
        subprocess.run([os.environ.get("CC", "cc"), *OPTIONS, "-o", str(compiled), str(source)], check=True)
    return compiled
