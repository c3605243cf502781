"""What an installed package carries."""

from __future__ import annotations

from pathlib import Path

import pytest
from setuptools import Distribution

ROOT = Path(__file__).parents[1]
GENERATED = {".c", ".html", ".pyc", ".so"}
"""Suffixes of files that a build writes next to its sources; the extensions are rebuilt for the package."""


def test_every_source_file_of_the_engine_is_in_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    distribution = Distribution({"script_name": "setup.py"})
    distribution.parse_config_files()
    build = distribution.get_command_obj("build_py")
    build.ensure_finalized()
    data = (Path(folder, name) for _, folder, _, names in build.data_files for name in names)
    carried = {*map(Path, build.get_source_files()), *data}
    sources = {each.relative_to(ROOT) for each in ROOT.glob("engine/**/*.*") if each.suffix not in GENERATED}
    assert sources - carried == set()
