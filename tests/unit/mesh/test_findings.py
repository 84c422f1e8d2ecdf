"""What services were found to mean: remembered, but not without end."""

from gossamer.mesh.findings import NOTHING_OUTSIDE, Finding, Findings
from gossamer.model.kind import Kind, Ref


def found(name: str) -> Finding:
    return Finding((), frozenset({Ref("0", "m", Kind.VIRTUAL_SERVICE, name)}), NOTHING_OUTSIDE)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    findings = Findings(most=2)
    for name in ("a", "b"):
        findings.put(name, None, found(name))
    assert findings.get("a", None) == found("a")
    findings.put("c", None, found("c"))
    assert findings.get("b", None) is None
    assert findings.get("a", None) == found("a")
    findings.forget(found("b").inputs)  # Nothing of it is left to be forgotten.
    findings.forget(found("a").inputs)
    assert findings.get("a", None) is None
