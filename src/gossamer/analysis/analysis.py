"""Every rule over one mesh."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from gossamer.analysis.expiry import Validity, expiring
from gossamer.analysis.finding import Finding
from gossamer.analysis.hidden import hidden_routes
from gossamer.analysis.listeners import missing_certificates, reserved_ports
from gossamer.analysis.patience import impatient
from gossamer.analysis.rule import PROBLEMS, Severity
from gossamer.analysis.targets import doubtful_targets, self_calls, unsendable_names
from gossamer.analysis.unused import unused, without_backends
from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh

#: The worst first.
ORDER: Final = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known beside the mesh: its problems, the validity of certificates by ARN, and the time."""

    problems: Iterable[Problem]
    now: datetime
    validities: Mapping[str, Validity] = field(default_factory=dict)


def analysed(mesh: Mesh, known: Known) -> tuple[Finding, ...]:
    """All that the rules find, the worst first, then by resource."""
    found = (
        *(Finding(PROBLEMS[one.trouble], one.ref, one.why) for one in known.problems),
        *reserved_ports(mesh),
        *missing_certificates(mesh),
        *expiring(mesh, known.validities, known.now),
        *hidden_routes(mesh),
        *doubtful_targets(mesh),
        *unsendable_names(mesh),
        *impatient(mesh),
        *self_calls(mesh),
        *without_backends(mesh),
        *unused(mesh),
    )
    return tuple(sorted(dict.fromkeys(found), key=_place))


def _place(finding: Finding) -> tuple[int, str, str, str]:
    return ORDER.index(finding.rule.severity), str(finding.resource), finding.rule.id, finding.why
