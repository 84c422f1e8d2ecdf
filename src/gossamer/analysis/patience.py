"""Timeouts and retries that defeat each other.

Source: App Mesh user guide, routes and virtual nodes, timeouts: 15 seconds at both ends unless said.
"""

from collections.abc import Iterator
from datetime import timedelta

from gossamer.analysis.finding import Finding
from gossamer.analysis.rule import CALLEE_LESS_PATIENT, TIMEOUT_BELOW_RETRIES
from gossamer.compile.timeout import request_timeout
from gossamer.explain.patience import ingress_patience, length
from gossamer.mesh.resolve import router_ports
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.view import ResolvedRoute
from gossamer.model.kind import Kind, Ref
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.route import GrpcRoute, HttpRoute


def impatient(mesh: Mesh) -> Iterator[Finding]:
    """Every route whose tries, or whose targets, do not fit its timeout."""
    for router in mesh.names(Kind.VIRTUAL_ROUTER):
        for port in router_ports(mesh, router):
            for route in port.routes:
                ref = mesh.ref(Kind.ROUTE, route.name, router)
                yield from _tries(ref, route)
                yield from _targets(ref, route)


def _tries(ref: Ref, route: ResolvedRoute) -> Iterator[Finding]:
    policy = route.rule.retry_policy if isinstance(route.rule, HttpRoute | GrpcRoute) else None
    if policy is None or not policy.max_retries:
        return
    total = request_timeout(route.timeout).ToTimedelta()
    each = policy.per_retry_timeout.as_timedelta
    needed = each * (policy.max_retries + 1)
    if total and each and needed > total:
        tries = f"{policy.max_retries + 1} tries of {length(each)} are {length(needed)}"
        yield Finding(TIMEOUT_BELOW_RETRIES, ref, f"{tries}, and the whole request may take {length(total)}")


def _targets(ref: Ref, route: ResolvedRoute) -> Iterator[Finding]:
    if not isinstance(route.rule, HttpRoute | GrpcRoute):
        return
    total = request_timeout(route.timeout).ToTimedelta() or timedelta.max
    for target in route.targets:
        listener = target.destination.listener
        if listener.port_mapping.protocol is PortProtocol.TCP:
            continue
        node = Ref(ref.account, ref.mesh, Kind.VIRTUAL_NODE, target.destination.node)
        theirs, set_by = ingress_patience(node, listener)
        if theirs and theirs < total:
            ours = "without limit" if total == timedelta.max else length(total)
            why = f"waits {ours}, and the proxy of {node} only {length(theirs)}, set by {set_by}"
            yield Finding(CALLEE_LESS_PATIENT, ref, why)
