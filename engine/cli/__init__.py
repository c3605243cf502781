"""The command line ``cartwright``. Sole importer of typer and rich."""

from engine.cli.commands import main

__all__ = ["main"]
