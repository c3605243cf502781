from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from engine.cli.demo import demo, service, story
from engine.errors import CallFailed


def test_the_demo_comes_to_the_totals_it_must() -> None:
    console = Console(file=StringIO(), width=100)
    assert demo(console)
    printed = console.file.getvalue()
    assert "Refused:" in printed
    assert "One unit more or less of BOOT-RIDGE-42 in it, 300 times: " in printed


def test_the_demo_fails_when_a_total_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    first, *_ = story()
    monkeypatch.setattr("engine.cli.demo.story", lambda: iter([replace(first, total=1)]))
    console = Console(file=StringIO(), width=100)
    assert not demo(console)
    assert f"Not as expected: {first.sentence}" in console.file.getvalue()


def test_a_service_that_does_not_start_is_a_failed_call(tmp_path: Path) -> None:
    with pytest.raises(CallFailed, match="did not start"), service(tmp_path / "missing.yaml"):
        pass
