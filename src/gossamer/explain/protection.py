"""Whether a client speaks TLS to a listener, and which policy or listener decides so, in words.

What holds was decided by mesh.client_tls; here is only said why.
"""

from collections.abc import Iterator

from gossamer.explain.story import Protection
from gossamer.mesh.client_tls import ClientTls, RootTrust, covers, takes_tls
from gossamer.mesh.view import Destination, GatewayView, NodeView
from gossamer.model.tls import ClientPolicyTls, TlsValidationContextFileTrust


def protection(view: NodeView | GatewayView, service: str, place: Destination) -> Protection:
    """How a proxy speaks to a destination of a service, and why."""
    member, policy = policy_of(view, service)
    port = place.listener.port_mapping.port
    counts = policy is not None and covers(policy, port)
    if place.tls is None:
        if counts:
            return Protection(used=False, why=f"{member} does not enforce TLS, and the listener takes none")
        return Protection(used=False, why=f"{_no_policy(policy, member, port)}, and the listener takes none")
    if counts:
        return Protection(used=True, why=f"{member} asks for it{_checked(place.tls)}")
    return Protection(
        used=True, why=f"the listener offers it, and {_no_policy(policy, member, port)}{_checked(place.tls)}"
    )


def policy_of(view: NodeView | GatewayView, service: str) -> tuple[str, ClientPolicyTls | None]:
    """The client policy that holds for a service, and the member that holds it."""
    for index, backend in enumerate(view.spec.backends or () if isinstance(view, NodeView) else ()):
        one = backend.virtual_service
        if one is not None and one.virtual_service_name == service and one.client_policy is not None:
            return f"backends[{index}].virtualService.clientPolicy.tls", one.client_policy.tls
    defaults = view.spec.backend_defaults
    policy = defaults.client_policy if defaults is not None else None
    return "backendDefaults.clientPolicy.tls", policy.tls if policy is not None else None


def handshake_problems(place: Destination) -> Iterator[str]:
    """Why a handshake with a listener fails, as far as the two specs tell."""
    server = place.listener.tls
    if place.tls is None:
        return
    if not takes_tls(server):
        yield "the listener takes no TLS, so the handshake fails"
    elif lacks_client_certificate(place):
        yield "the listener asks for a client's certificate, and the client policy has none to show"
    if place.is_cut_off:
        yield "nobody knows the authorities that it is to be checked against, so nothing is sent"


def lacks_client_certificate(place: Destination) -> bool:
    """Whether a listener asks for a client's certificate, over TLS, and the client has none to show."""
    server = place.listener.tls
    asks = server is not None and takes_tls(server) and server.validation is not None
    return asks and place.tls is not None and place.tls.certificate is None


def _no_policy(policy: ClientPolicyTls | None, member: str, port: int) -> str:
    return "no client policy holds" if policy is None else f"{member} is not about port {port}"


def _checked(tls: ClientTls) -> str:
    """How the server's certificate is checked."""
    match tls.trust:
        case None:
            return "; the server's certificate is not checked"
        case RootTrust():
            by = ", ".join(tls.trust.arns)
        case TlsValidationContextFileTrust():
            by = tls.trust.certificate_chain
        case _:
            by = f"secret {tls.trust.secret_name}"
    return f"; the server's certificate must be of {by}, for {' or '.join(tls.names) or 'any name'}"
