"""The command line, in this process and in one of its own."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import pytest

from engine.cli import main
from tests.redis import connection, redis_folder, redis_url

__all__ = ["connection", "redis_folder", "redis_url"]

RULES = """\
ruleset: spring
currencies: [USD]
promotions:
  ten-off:
    name: 10 % off everything
    layer: order
    reward: {percent_off: {of: cart, per: order, percent: 10}}
  june:
    name: 5.00 off in June
    layer: order
    schedule: {from: 2026-06-01, until: 2026-06-30}
    reward: {amount_off: {of: cart, per: order, amount: 5.00}}
"""
CART = '{"id": "c1", "currency": "USD", "lines": [{"id": "a", "sku": "BOOT", "quantity": 2, "price": 5000}]}'


@dataclass(frozen=True)
class Outcome:
    code: int
    out: str
    err: str


Run: TypeAlias = Callable[..., Outcome]


def rows(text: str) -> list[str]:
    """Lines with single blanks and without table borders, so that no test depends on the width of columns."""
    lines = (" ".join(line.strip("│╭╮╰╯─ ").split()) for line in text.splitlines())
    return [line for line in lines if line]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as the console script does; no traceback may ever reach the user."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")

    def run(*arguments: object, stdin: bytes = b"") -> Outcome:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main([str(each) for each in arguments])
        printed = capsys.readouterr()
        assert "Traceback" not in printed.out + printed.err
        return Outcome(int(ended.value.code or 0), printed.out, printed.err)

    return run


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[str]]:
    """Starts a command in its own process."""

    def start(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "engine.cli", *map(str, arguments)]
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    return start


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    path = tmp_path / "spring.yaml"
    path.write_text(RULES)
    return path


@pytest.fixture
def cart(tmp_path: Path) -> Path:
    path = tmp_path / "cart.json"
    path.write_text(CART)
    return path
