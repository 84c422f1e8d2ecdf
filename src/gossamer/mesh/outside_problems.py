"""What cannot work because of what is outside of a mesh, certificates and endpoints, or is not; in words."""

from collections.abc import Iterator

from gossamer.mesh.client_tls import RootTrust
from gossamer.mesh.outlook import cloud_map_service
from gossamer.mesh.problem import Problem, Said, Trouble, problems_of
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import Surroundings
from gossamer.mesh.view import Destination, GatewayView, NodeView, ProxyView
from gossamer.model.kind import Kind
from gossamer.model.tls import ListenerTls, ListenerTlsMode


def outside_problems(mesh: Mesh, surroundings: Surroundings) -> Iterator[Problem]:
    """What is missing outside of the mesh, of every virtual node and gateway."""
    for kind in (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY):
        for ref in (mesh.ref(kind, name) for name in mesh.names(kind)):
            view = proxy_view(mesh, ref, surroundings)
            yield from problems_of(ref, _of(view, surroundings) if view is not None else ())


def _of(view: ProxyView, surroundings: Surroundings) -> Iterator[Said]:
    if isinstance(view, NodeView | GatewayView):
        for listener in view.spec.listeners or ():
            yield from _certificate(listener.port_mapping.port, listener.tls, surroundings)
    for place in view.destinations():
        where = f"port {place.listener.port_mapping.port} of virtual node {place.node}"
        yield from _trust(place, where, surroundings)
        yield from _endpoints(place, where, surroundings)


def _certificate(port: int, tls: ListenerTls | None, surroundings: Surroundings) -> Iterator[Said]:
    """What is wrong with the certificate that a listener shows."""
    if tls is None or tls.mode is ListenerTlsMode.DISABLED or tls.certificate.acm is None:
        return
    arn = tls.certificate.acm.certificate_arn
    if surroundings.lacks_certificate(arn):
        yield Trouble.CERTIFICATE, f"nobody knows certificate {arn}, so port {port} takes no TLS connection"
    if arn in surroundings.doubts:
        yield Trouble.OUTDATED, f"certificate {arn} of port {port}: {surroundings.doubts[arn]}"


def _trust(place: Destination, where: str, surroundings: Surroundings) -> Iterator[Said]:
    if place.tls is None:
        return
    server = place.listener.tls
    if server is None or server.mode is ListenerTlsMode.DISABLED:
        why = f"the client policy enforces TLS, and {where} takes none: requests to it are answered 503"
        yield Trouble.TLS_MISMATCH, why
    arns = place.tls.trust.arns if isinstance(place.tls.trust, RootTrust) else ()
    for arn in arns:
        if surroundings.lacks_trust(arn):
            end = "nothing is sent there" if place.is_cut_off else "only the others are trusted"
            yield Trouble.CERTIFICATE, f"nobody knows {arn}, which {where} is trusted by: {end}"
        elif arn in surroundings.doubts:
            yield Trouble.OUTDATED, f"{arn}, which {where} is trusted by: {surroundings.doubts[arn]}"


def _endpoints(place: Destination, where: str, surroundings: Surroundings) -> Iterator[Said]:
    if place.discovery.aws_cloud_map is None:
        return
    service = cloud_map_service(place.discovery.aws_cloud_map)
    if not surroundings.has_cloud_map:
        why = f"{where} is found through Cloud Map, which this server does not ask (--cloud-map)"
        yield Trouble.NO_ENDPOINT, why
    elif service in surroundings.doubts:
        why = f"{where}: {surroundings.doubts[service]}; the endpoints that were known last are used"
        yield Trouble.OUTDATED, why
    elif place.addresses == ():
        why = f"Cloud Map lists no instance of {service.service} in {service.namespace} for {where}"
        yield Trouble.NO_ENDPOINT, why
