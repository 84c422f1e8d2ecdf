"""Whether and how a client speaks TLS to one listener of another node.

Its policy stands on one side, what the listener takes on the other.

Source: App Mesh user guide, Transport Layer Security, and client policies; App Mesh API `ClientPolicyTls`,
`ListenerTls`.
"""

from dataclasses import dataclass

from gossamer.model.listener import Listener
from gossamer.model.service_discovery import ServiceDiscovery
from gossamer.model.tls import (
    ClientPolicyTls,
    ClientTlsCertificate,
    ListenerTls,
    ListenerTlsMode,
    TlsValidationContext,
    TlsValidationContextFileTrust,
    TlsValidationContextSdsTrust,
)


@dataclass(frozen=True, slots=True)
class RootTrust:
    """Trust in the roots behind ARNs: of authorities, or of the very certificate that the server shows."""

    arns: tuple[str, ...]


Trust = TlsValidationContextFileTrust | TlsValidationContextSdsTrust | RootTrust


@dataclass(frozen=True, slots=True)
class ClientTls:
    """How a client speaks TLS to one listener.

    Without `trust` the server's certificate is not checked. `names` are those of which it must carry one;
    `server_name` is what the client asks for.
    """

    server_name: str
    trust: Trust | None = None
    names: tuple[str, ...] = ()
    certificate: ClientTlsCertificate | None = None


def client_tls(policy: ClientPolicyTls | None, listener: Listener, name: str) -> ClientTls | None:
    """Decide how a client speaks to a listener of a node that is discovered by `name`; None is plain text.

    A policy counts where it lists the listener's port, or none. One that is enforced means TLS, whatever the
    listener takes: the handshake then fails, and nothing is sent in the open. One that is not enforced leaves
    it to the listener. Without a policy that counts, the listener's certificate decides how it is checked.

    Absent: `enforce` is true.
    """
    offered = listener.tls if takes_tls(listener.tls) else None
    if policy is not None and covers(policy, listener.port_mapping.port):
        return None if offered is None and policy.enforce is False else _by_policy(policy, name)
    return _by_listener(offered, name) if offered is not None else None


def discovery_name(discovery: ServiceDiscovery) -> str:
    """The name that a node is known by: its DNS name, or what Cloud Map would register for it."""
    if discovery.dns is not None:
        return discovery.dns.hostname
    if discovery.aws_cloud_map is not None:
        return f"{discovery.aws_cloud_map.service_name}.{discovery.aws_cloud_map.namespace_name}"
    return ""


def takes_tls(tls: ListenerTls | None) -> bool:
    """Whether a listener takes TLS connections."""
    return tls is not None and tls.mode is not ListenerTlsMode.DISABLED


def covers(policy: ClientPolicyTls, port: int) -> bool:
    """Whether a policy is about a listener's port: it lists that one, or none."""
    return not policy.ports or port in policy.ports


def _by_policy(policy: ClientPolicyTls, name: str) -> ClientTls:
    listed = policy.validation.subject_alternative_names
    return ClientTls(
        server_name=_bare(name),
        trust=_trust(policy.validation),
        names=listed.match.exact if listed is not None and listed.match.exact else (_bare(name),),
        certificate=policy.certificate,
    )


def _trust(validation: TlsValidationContext) -> Trust | None:
    trust = validation.trust
    return (
        RootTrust(trust.acm.certificate_authority_arns) if trust.acm is not None else trust.file or trust.sds
    )


def _by_listener(offered: ListenerTls, name: str) -> ClientTls:
    """A certificate of ACM is checked against its own root; nothing is known of the root of any other."""
    acm = offered.certificate.acm
    if acm is None:
        return ClientTls(_bare(name))
    return ClientTls(_bare(name), RootTrust((acm.certificate_arn,)), (_bare(name),))


def _bare(name: str) -> str:
    """A name without the dot that ends it: certificates and handshakes never carry that.

    Source: RFC 6066 section 3.
    """
    return name.removesuffix(".")
