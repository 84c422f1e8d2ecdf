"""What was found out about a mesh: remembered, but not without end."""

from gossamer.mesh.findings import NOTHING_OUTSIDE, Finding, Remembered
from gossamer.model.kind import Kind, Ref


def found(name: str) -> Finding[str]:
    return Finding(name, frozenset({Ref("0", "m", Kind.VIRTUAL_SERVICE, name)}), NOTHING_OUTSIDE)


def test_what_was_not_asked_for_the_longest_goes_first() -> None:
    findings: Remembered[str, str] = Remembered(most=2)
    for name in ("a", "b"):
        findings.put(name, found(name))
    assert findings.get("a") == found("a")
    findings.put("c", found("c"))
    assert findings.get("b") is None
    assert findings.get("a") == found("a")
    findings.forget(found("b").inputs)  # Nothing of it is left to be forgotten.
    findings.forget(found("a").inputs)
    assert findings.get("a") is None
