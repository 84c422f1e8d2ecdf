"""Certificates of listeners that have expired, or are about to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import EXPIRED, EXPIRING
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, Ref
from gossamer.model.tls import ListenerTls, ListenerTlsMode

#: How long before it expires somebody should know, at most.
NOTICE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Validity:
    """From when to when a certificate is valid."""

    not_before: datetime
    not_after: datetime

    @property
    def notice(self) -> datetime:
        """When it is time: a third of a short life before its end, or 30 days."""
        return self.not_after - min(NOTICE, (self.not_after - self.not_before) / 3)


def expiring(mesh: Mesh, validities: Mapping[str, Validity], now: datetime) -> Iterator[Finding]:
    """Every listener that shows a certificate, known by its ARN, of which little or nothing is left."""
    for ref, port, tls in _shown(mesh):
        arn = tls.certificate.acm.certificate_arn if tls.certificate.acm is not None else ""
        validity = validities.get(arn)
        if tls.mode is ListenerTlsMode.DISABLED or validity is None:
            continue
        until = validity.not_after.strftime("%Y-%m-%d %H:%M UTC")
        if validity.not_after <= now:
            yield Finding(EXPIRED, ref, f"shows {arn} on port {port}, which expired {until}")
        elif validity.notice <= now:
            yield Finding(EXPIRING, ref, f"shows {arn} on port {port}, which expires {until}")


def _shown(mesh: Mesh) -> Iterator[tuple[Ref, int, ListenerTls]]:
    for name in mesh.names(Kind.VIRTUAL_NODE):
        node = mesh.virtual_node(name)
        for one in (node.listeners or ()) if node is not None else ():
            if one.tls is not None:
                yield mesh.ref(Kind.VIRTUAL_NODE, name), one.port_mapping.port, one.tls
    for name in mesh.names(Kind.VIRTUAL_GATEWAY):
        gateway = mesh.virtual_gateway(name)
        for each in gateway.listeners if gateway is not None else ():
            if each.tls is not None:
                yield mesh.ref(Kind.VIRTUAL_GATEWAY, name), each.port_mapping.port, each.tls
