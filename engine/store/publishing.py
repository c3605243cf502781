"""From the files of a rule set to what is stored: checked, examples priced, linted, compiled."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from engine._native.program import Program
from engine._native.session import Session
from engine.lint import lint
from engine.rules import InvalidRules, Limits, Source, compile, load_sources, places
from engine.rules.issues import Issues
from engine.rules.judging import differences
from engine.store.revisions import Publication, PublishedFinding


def prepare(sources: Sequence[Source], limits: Limits, refuse_findings: bool = False) -> Publication:
    """Check a whole rule set and prepare it for the store.

    Raises InvalidRules with every mistake of the check; if there is none, with every example whose figures differ and,
    with ``refuse_findings``, every finding of lint.
    """
    rules = load_sources(sources, limits)
    artifact = compile(rules)
    session = Session(Program.load(artifact))
    standing = places(sources, limits)
    issues = Issues(limits.issues)
    for example, place in zip(rules.examples, standing.examples, strict=True):
        failed = list(differences(example, session.price(example.cart)))
        if failed:
            issues.example_fails(place, example.name, failed)
    findings = []
    for finding in lint(rules, session):
        place = standing.promotions[finding.promotions[0]]
        kind, sentence = finding.kind.value, f"{finding.promotions[0]} {finding.sentence}"
        findings.append(PublishedFinding(kind, finding.promotions, sentence, place.file, place.line))
        if refuse_findings:
            issues.finding(place, kind, sentence)
    if issues:
        raise InvalidRules(issues.found, sources, issues.more)
    return Publication(rules, tuple(sources), artifact, sha256(artifact).hexdigest(), tuple(findings))
