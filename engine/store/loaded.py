"""Revisions fetched, verified and loaded, ready to be served."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from engine._native.program import Program
from engine.errors import InvalidArtifact
from engine.store.kept import StoredRevision
from engine.store.revisions import Activation
from engine.store.rule_sets import RuleSetStore


class LoadedRevision(NamedTuple):
    """A revision and the program of its artifact."""

    stored: StoredRevision
    program: Program

    def is_of(self, activation: Activation) -> bool:
        return (self.stored.number, self.stored.version) == (activation.revision, activation.version)


def load(stored: StoredRevision) -> LoadedRevision:
    """Raises InvalidArtifact if it is damaged, in another format, or of another rule set."""
    return LoadedRevision(stored, _program(stored.name, stored.artifact))


def fetch(store: RuleSetStore, name: str, wanted: Activation, known: Iterable[LoadedRevision | None]) -> LoadedRevision:
    """The revision of a rule set to be served; a program that is ``known`` is not loaded again.

    Raises InvalidArtifact as `load` does, RevisionNotFound, RuleSetNotFound and StoreUnavailable.
    """
    same = [each for each in known if each is not None and each.stored.version == wanted.version]
    for each in same:
        if each.is_of(wanted):
            return each
    revision = store.revision(name, wanted.revision)
    if revision.version != wanted.version:
        raise InvalidArtifact(f"its version is {revision.version[:8]}, not the activated {wanted.version[:8]}")
    source = store.source_bytes(revision.source)
    if same:
        artifact, program = same[0].stored.artifact, same[0].program
    else:
        artifact = store.artifact(wanted.version)
        program = _program(name, artifact)
    return LoadedRevision(StoredRevision(name, wanted.revision, wanted.version, artifact, source), program)


def _program(name: str, artifact: bytes) -> Program:
    program = Program.load(artifact)
    if program.name != name:
        raise InvalidArtifact(f"its artifact is of the rule set {program.name}")
    return program
