"""Programs that receipts were priced under, long after they were replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from threading import Lock

from engine._native.program import Program
from engine.errors import InvalidArtifact, RevisionNotFound, RuleSetNotFound
from engine.rules import InvalidRules, Limits, compile, load_sources
from engine.store.receipts import Receipt
from engine.store.rule_sets import RuleSetStore, sources_of

_MOST = 8
"""Programs kept in memory."""


class Programs:
    """Finds programs, and caches those used last. Any thread may call it; it raises what the store raises."""

    def __init__(self, store: RuleSetStore, served: Callable[[], Iterable[Program]] = tuple) -> None:
        """``served`` returns the programs that this process prices by, which the store need not have."""
        self._store = store
        self._served = served
        self._loaded = lru_cache(_MOST)(lambda version: Program.load(store.artifact(version)))
        self._compiled = lru_cache(_MOST)(self._compile)
        self._compiling = Lock()

    def of_version(self, version: str) -> Program:
        """The program of exactly this version. Raises InvalidArtifact."""
        return next((each for each in self._served() if each.version == version), None) or self._loaded(version)

    def of_sale(self, receipt: Receipt) -> Program:
        """The program of a sale; if the store lacks it, or has it in another format, its source is compiled again.

        A program compiled again may have another version: it is put into the store under that. Raises InvalidArtifact.
        """
        try:
            return self.of_version(receipt.version)
        except InvalidArtifact as error:
            said = f"{receipt.rule_set}@{receipt.revision}" if receipt.revision else receipt.rule_set
            said += f" priced the sale: {error}"
        try:
            with self._compiling:  # one at a time, because each may take much memory; others wait, too
                return self._compiled(receipt.rule_set, receipt.revision, receipt.version)
        except (InvalidArtifact, RevisionNotFound, RuleSetNotFound):
            raise InvalidArtifact(said) from None
        except InvalidRules as error:
            raise InvalidArtifact(f"{said}; its source is no longer valid: {error}") from None

    def _compile(self, rule_set: str, revision: int, version: str) -> Program:
        stored = self._store.revision(rule_set, revision)
        if stored.version != version:  # revisions count from 1 again after the store was flushed
            raise RevisionNotFound(f"{rule_set} has no revision of version {version}")
        source = self._store.source_bytes(stored.source)
        program = Program.load(compile(load_sources(sources_of(source), Limits(size=len(source)))))
        self._store.keep(program.version, program.artifact, anew=True)
        return program
