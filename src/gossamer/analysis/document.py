"""Findings as JSON, for `GET /gossamer/v1/meshes/M/analysis` and `gossamer analyze -o json`."""

from collections.abc import Iterable

from gossamer.analysis.finding import Finding


def document(findings: Iterable[Finding]) -> dict[str, object]:
    """All of them, in their order."""
    return {"findings": [_finding(one) for one in findings]}


def _finding(one: Finding) -> dict[str, object]:
    return {
        "resource": str(one.resource),
        "rule": one.rule.id,
        "severity": one.rule.severity.value,
        "why": one.why,
        "fix": one.rule.fix,
    }
