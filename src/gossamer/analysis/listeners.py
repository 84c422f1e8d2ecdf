"""Listeners: ports that proxies need for themselves, and mutual TLS of which one half is missing.

Source: App Mesh user guide, proxy configuration; mutual TLS.
"""

from collections.abc import Iterator
from typing import Final

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import CLIENT_CERTIFICATE, RESERVED_PORT
from gossamer.contract import ADMIN_PORT, AGENT_PORT, EGRESS_PORT, INGRESS_PORT
from gossamer.explain.protection import lacks_client_certificate
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind

_OF_PROXIES: Final = {
    INGRESS_PORT: "what comes in",
    EGRESS_PORT: "what goes out",
    ADMIN_PORT: "Envoy's admin interface",
    AGENT_PORT: "the agent",
}


def reserved_ports(mesh: Mesh) -> Iterator[Finding]:
    """Every listener on a port of its own proxy; that of a gateway's way out is among the problems."""
    for name in mesh.names(Kind.VIRTUAL_NODE):
        spec = mesh.virtual_node(name)
        for listener in (spec.listeners or ()) if spec is not None else ():
            port = listener.port_mapping.port
            if port in _OF_PROXIES:
                why = f"listens on port {port}, which its proxy needs for {_OF_PROXIES[port]}"
                yield Finding(RESERVED_PORT, mesh.ref(Kind.VIRTUAL_NODE, name), why)
    for name in mesh.names(Kind.VIRTUAL_GATEWAY):
        gateway = mesh.virtual_gateway(name)
        ports = [one.port_mapping.port for one in gateway.listeners] if gateway is not None else []
        for port in (one for one in ports if one in (ADMIN_PORT, AGENT_PORT)):
            why = f"listens on port {port}, which its proxy needs for {_OF_PROXIES[port]}"
            yield Finding(RESERVED_PORT, mesh.ref(Kind.VIRTUAL_GATEWAY, name), why)


def missing_certificates(mesh: Mesh) -> Iterator[Finding]:
    """Every caller that has no certificate to show where one is asked for."""
    for kind in (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY):
        for ref in (mesh.ref(kind, name) for name in mesh.names(kind)):
            view = proxy_view(mesh, ref)
            for place in view.destinations() if view is not None else ():
                if lacks_client_certificate(place):
                    port = place.listener.port_mapping.port
                    why = (
                        f"port {port} of virtual node {place.node} asks for a certificate, and there is none"
                    )
                    yield Finding(CLIENT_CERTIFICATE, ref, why)
