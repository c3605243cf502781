"""``python -m engine.cli`` is ``cartwright``."""

from engine.cli import main

main()
