"""From the texts of a rule set to what is stored of it: checked, its examples priced, linted, compiled."""

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
    """Check a rule set as a whole.

    Raises InvalidRules with every mistake: where it does not check; else where an example does not come to what it
    says and, with ``refuse_findings``, where lint finds something.
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
