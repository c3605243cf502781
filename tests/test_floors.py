"""Imports run downward, and each library is imported in one place only (docs/architecture.md)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FLOORS = {
    "engine.errors": 0,
    "engine.money": 0,
    "engine.rules": 1,
    "engine.pricing": 1,
    "engine._native": 2,
    "engine.advice": 3,
    "engine.lint": 3,
    "engine.store": 4,
    "engine.service": 5,
    "engine.client": 6,
    "engine.cli": 7,
}
SOLE_IMPORTERS = {
    "babel": ("engine.money",),
    "lark": ("engine.rules",),
    "yaml": ("engine.rules",),
    "pydantic": ("engine.rules",),
    "redis": ("engine.store.clients", "engine.store.connection"),
    "polars": ("engine.store",),
    "grpc": ("engine.service", "engine.client"),
    "grpc_status": ("engine.service", "engine.client"),
    "grpc_health": ("engine.service",),
    "grpc_reflection": ("engine.service",),
    "engine.v1": ("engine.service", "engine.client"),
    "google": ("engine.service", "engine.client"),
    "prometheus_client": ("engine.service",),
    "typer": ("engine.cli",),
    "rich": ("engine.cli",),
}
CIMPORT = re.compile(r"^\s*(?:from\s+([\w.]+)\s+c?import\b|c?import\s+([\w.]+))", re.MULTILINE)


def within(module: str, package: str) -> bool:
    return f"{module}.".startswith(f"{package}.")


def home(module: str) -> str:
    """The package of the engine that a module belongs to."""
    return next(package for package in FLOORS if within(module, package))


def imports_of_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def imports_of_cython(source: str) -> Iterator[str]:
    yield from (match[1] or match[2] for match in CIMPORT.finditer(source))


def edges() -> Iterator[tuple[str, str]]:
    """Every import in the engine, as (importing module, imported name)."""
    for path in sorted((ROOT / "engine").rglob("*.py*")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        if module == "engine" or within(module, "engine.v1") or path.suffix not in {".py", ".pyi", ".pyx", ".pxd"}:
            continue
        imports = imports_of_cython if path.suffix in {".pyx", ".pxd"} else imports_of_python
        yield from ((module, imported) for imported in imports(path.read_text(encoding="utf-8")))


EDGES = sorted(set(edges()))


def test_the_walk_sees_the_engine() -> None:
    assert ("engine.money", "engine.errors.InvalidAmount") in EDGES


def test_imports_run_downward() -> None:
    upward = [
        (module, imported)
        for module, imported in EDGES
        if within(imported, "engine")
        and not within(imported, "engine.v1")
        and FLOORS[home(imported)] > FLOORS[home(module)]
    ]
    assert upward == []


def test_pricing_does_not_know_rules_but_for_the_reference() -> None:
    crossing = [
        (module, imported)
        for module, imported in EDGES
        if within(module, "engine.pricing")
        and within(imported, "engine.rules")
        and not within(module, "engine.pricing.reference")
    ]
    assert crossing == []


def test_rules_know_of_pricing_only_what_carts_quotes_and_redemptions_are() -> None:
    """Rule files hold examples, coupon codes and limits."""
    known = ("cart", "coupons", "quote", "redemption", "validation")
    crossing = [
        (module, imported)
        for module, imported in EDGES
        if within(module, "engine.rules")
        and within(imported, "engine.pricing")
        and not any(within(imported, f"engine.pricing.{each}") for each in known)
    ]
    assert crossing == []


@pytest.mark.parametrize(("library", "importers"), SOLE_IMPORTERS.items())
def test_a_library_is_met_in_its_place_only(library: str, importers: tuple[str, ...]) -> None:
    elsewhere = [
        (module, imported)
        for module, imported in EDGES
        if within(imported, library) and not any(within(module, each) for each in importers)
    ]
    assert elsewhere == []
