"""model.tls -> the TLS contexts of Envoy's listeners and clusters.

Certificates and trust come as secrets, whatever their source: over the same stream for files and for ACM,
from the secret discovery service beside the proxy for its own. So none of them changes a listener or a
cluster when it is renewed.
Source: App Mesh user guide, Transport Layer Security; public configuration dumps of App Mesh proxies, which
show the secret discovery service's cluster and the combined validation; Envoy TLS documentation.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from envoy.config.core.v3.base_pb2 import TransportSocket
from envoy.config.core.v3.config_source_pb2 import ApiConfigSource, ApiVersion, ConfigSource
from envoy.config.core.v3.grpc_service_pb2 import GrpcService
from envoy.extensions.transport_sockets.tls.v3.common_pb2 import CertificateValidationContext
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import SdsSecretConfig
from envoy.extensions.transport_sockets.tls.v3.tls_pb2 import (
    CommonTlsContext,
    DownstreamTlsContext,
    UpstreamTlsContext,
)

from gossamer.compile import names
from gossamer.compile.config_source import ads
from gossamer.compile.san import is_address, san_matchers
from gossamer.compile.value import boolean, packed
from gossamer.contract import SDS_CLUSTER
from gossamer.mesh.client_tls import ClientTls, RootTrust, Trust
from gossamer.mesh.surroundings import Surroundings
from gossamer.model.port_mapping import PortProtocol
from gossamer.model.tls import (
    ClientTlsCertificate,
    ListenerTls,
    ListenerTlsCertificate,
    ListenerTlsMode,
    ListenerTlsValidationContext,
    TlsValidationContextFileTrust,
    TlsValidationContextSdsTrust,
)

#: In bytes; names of Cloud Map, which are longer, belong to no host.
LONGEST_SERVER_NAME: Final = 255
TLS: Final = "envoy.transport_sockets.tls"

#: What a listener offers. Clients that speak HTTP/1.1 to an http2 port work in plain text too.
SERVER_ALPN: Final[dict[PortProtocol, Sequence[str]]] = {
    PortProtocol.HTTP: ("http/1.1",),
    PortProtocol.HTTP2: ("h2", "http/1.1"),
    PortProtocol.GRPC: ("h2",),
    PortProtocol.TCP: (),
}

#: What a client asks for: exactly what it is going to speak.
CLIENT_ALPN: Final[dict[PortProtocol, Sequence[str]]] = {
    PortProtocol.HTTP: ("http/1.1",),
    PortProtocol.HTTP2: ("h2",),
    PortProtocol.GRPC: ("h2",),
    PortProtocol.TCP: (),
}


@dataclass(frozen=True, slots=True)
class Door:
    """One way into a port. `transport` is what must have been found out about the connection, if anything.

    Without a socket it is plain text. A closed door ends every connection.
    """

    transport: str = ""
    socket: TransportSocket | None = None
    is_closed: bool = False


PLAIN_TEXT: Final = "raw_buffer"
ENCRYPTED: Final = "tls"


def doors(
    tls: ListenerTls | None, protocol: PortProtocol, outside: Surroundings, *, offers_http2: bool = False
) -> tuple[Door, ...]:
    """Translate how a port may be entered; one that offers HTTP/2 takes it from those who know it.

    Shape:  STRICT is one door, of which the handshake is the guard; PERMISSIVE is two, told apart by the
            first bytes; DISABLED is one without TLS, whatever else is written.
    Absent: plain text. A certificate that nobody knows leaves its door shut, never open to plain text.
    """
    if tls is None or tls.mode is ListenerTlsMode.DISABLED:
        return (Door(),)
    is_strict = tls.mode is ListenerTlsMode.STRICT
    acm = tls.certificate.acm
    is_closed = acm is not None and outside.lacks_certificate(acm.certificate_arn)
    socket = (
        None
        if is_closed
        else downstream_socket(tls, SERVER_ALPN[PortProtocol.HTTP2 if offers_http2 else protocol])
    )
    guarded = Door("" if is_strict else ENCRYPTED, socket, is_closed)
    return (guarded,) if is_strict else (guarded, Door(PLAIN_TEXT))


def needs_inspection(tls: ListenerTls | None) -> bool:
    """Whether the first bytes decide by which door a connection comes in."""
    return tls is not None and tls.mode is ListenerTlsMode.PERMISSIVE


def downstream_socket(tls: ListenerTls, offered: Sequence[str]) -> TransportSocket:
    """Translate what a listener shows and offers, and whom it lets in.

    Absent: without `validation` clients show no certificate; without names in it, any name is let in.
    Source: App Mesh API `ListenerTls`; Envoy `DownstreamTlsContext`.
    """
    common = CommonTlsContext(
        alpn_protocols=offered,
        tls_certificate_sds_secret_configs=[_certificate(tls.certificate)],
    )
    if tls.validation is not None:
        common.combined_validation_context.CopyFrom(_client_validation(tls.validation))
    context = DownstreamTlsContext(
        common_tls_context=common,
        require_client_certificate=boolean(value=True) if tls.validation is not None else None,
    )
    return TransportSocket(name=TLS, typed_config=packed(context))


def upstream_socket(
    tls: ClientTls, protocol: PortProtocol, *, is_negotiated: bool = False
) -> TransportSocket:
    """Translate how a client speaks to one listener.

    Shape:  what is negotiated says its cluster; health checks ask for nothing, and speak HTTP/1.1.

    Absent: without trust the server's certificate is not checked; without a certificate, none is shown.
    Source: App Mesh API `ClientPolicyTls`; Envoy `UpstreamTlsContext`.
    """
    common = CommonTlsContext(alpn_protocols=() if is_negotiated else CLIENT_ALPN[protocol])
    if tls.certificate is not None:
        common.tls_certificate_sds_secret_configs.append(_certificate(tls.certificate))
    if tls.trust is not None:
        common.combined_validation_context.CopyFrom(_validation(tls.trust, tls.names))
    context = UpstreamTlsContext(common_tls_context=common, sni=_asked_for(tls.server_name))
    return TransportSocket(name=TLS, typed_config=packed(context))


def _asked_for(server_name: str) -> str:
    """The server's name in the handshake: never an address, nor what is too long for a host's name.

    Source: RFC 6066 section 3; Envoy `UpstreamTlsContext.sni`.
    """
    is_name = not is_address(server_name) and len(server_name.encode()) <= LONGEST_SERVER_NAME
    return server_name if is_name else ""


def _client_validation(
    validation: ListenerTlsValidationContext,
) -> CommonTlsContext.CombinedCertificateValidationContext:
    trust = validation.trust.file or validation.trust.sds
    listed = validation.subject_alternative_names
    assert trust is not None  # noqa: S101 - a union of the model: one of them is set
    return _validation(trust, listed.match.exact if listed is not None else ())


def _validation(
    trust: Trust, accepted: Sequence[str]
) -> CommonTlsContext.CombinedCertificateValidationContext:
    return CommonTlsContext.CombinedCertificateValidationContext(
        default_validation_context=CertificateValidationContext(
            match_typed_subject_alt_names=san_matchers(accepted)
        ),
        validation_context_sds_secret_config=_trust(trust),
    )


def _certificate(certificate: ListenerTlsCertificate | ClientTlsCertificate) -> SdsSecretConfig:
    if certificate.sds is not None:
        return _beside(certificate.sds.secret_name)
    if certificate.file is not None:
        return _over_the_stream(names.file_certificate_secret(certificate.file))
    assert isinstance(certificate, ListenerTlsCertificate)  # noqa: S101 - clients have no other kind
    assert certificate.acm is not None  # noqa: S101 - a union of the model: one of them is set
    return _over_the_stream(names.certificate_secret(certificate.acm.certificate_arn))


def _trust(trust: Trust) -> SdsSecretConfig:
    match trust:
        case TlsValidationContextSdsTrust():
            return _beside(trust.secret_name)
        case TlsValidationContextFileTrust():
            return _over_the_stream(names.file_trust_secret(trust.certificate_chain))
        case RootTrust():
            return _over_the_stream(names.trust_secret(trust.arns))


def _over_the_stream(name: str) -> SdsSecretConfig:
    return SdsSecretConfig(name=name, sds_config=ads())


def _beside(name: str) -> SdsSecretConfig:
    """A secret of the service that the bootstrap names, `APPMESH_SDS_SOCKET_PATH`."""
    service = GrpcService(envoy_grpc=GrpcService.EnvoyGrpc(cluster_name=SDS_CLUSTER))
    source = ApiConfigSource(
        api_type=ApiConfigSource.GRPC, transport_api_version=ApiVersion.V3, grpc_services=[service]
    )
    return SdsSecretConfig(
        name=name, sds_config=ConfigSource(api_config_source=source, resource_api_version=ApiVersion.V3)
    )
