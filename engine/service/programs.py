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
            fault = str(error)
        source = self._source_of(receipt)
        try:
            if source is not None:
                with self._compiling:  # one at a time, because each may take much memory; others wait, too
                    return self._compiled(source)
        except InvalidRules as error:
            fault += f"; its source is no longer valid: {error}"
        except InvalidArtifact:
            pass  # the source is lost or damaged, too
        if receipt.revision:
            raise InvalidArtifact(f"{receipt.rule_set}@{receipt.revision} priced the sale: {fault}")
        raise InvalidArtifact(
            f"{receipt.rule_set} priced the sale, from a file: {fault}; or take the goods back with a service of the "
            "version that sold them"
        )

    def _source_of(self, receipt: Receipt) -> str | None:
        """The digest of the source of the version that priced the sale; None if the store does not have it."""
        if not receipt.revision:
            return self._store.kept_source(receipt.version)
        try:
            stored = self._store.revision(receipt.rule_set, receipt.revision)
        except (RevisionNotFound, RuleSetNotFound):
            return None
        # Revisions count from 1 again after the store was flushed.
        return stored.source if stored.version == receipt.version else None

    def _compile(self, digest: str) -> Program:
        source = self._store.source_bytes(digest)
        program = Program.load(compile(load_sources(sources_of(source), Limits(size=len(source)))))
        self._store.restore(program.version, program.artifact)
        return program
