"""Findings about valid rule sets, each proven by a cart that is priced to show it."""

from engine.lint.findings import Finding, Kind, Witness
from engine.lint.run import Lint, lint
from engine.lint.unseen import Unseen

__all__ = ["Finding", "Kind", "Lint", "Unseen", "Witness", "lint"]
