"""TLS of virtual gateways: the shapes of `tls` by the names that the API gives them there.

Each is the shape of a virtual node with another name, so that whatever reads the one reads the other.
Source: App Mesh API 2019-01-25, `VirtualGatewayListenerTls`, `VirtualGatewayClientPolicy` and what they hold.
"""

from gossamer.model.tls import (
    ClientPolicy,
    ClientPolicyTls,
    ClientTlsCertificate,
    ListenerTls,
    ListenerTlsAcmCertificate,
    ListenerTlsCertificate,
    ListenerTlsFileCertificate,
    ListenerTlsSdsCertificate,
    ListenerTlsValidationContext,
    ListenerTlsValidationContextTrust,
    TlsValidationContext,
    TlsValidationContextAcmTrust,
    TlsValidationContextFileTrust,
    TlsValidationContextSdsTrust,
    TlsValidationContextTrust,
)


class VirtualGatewayListenerTlsAcmCertificate(ListenerTlsAcmCertificate):
    """A certificate from ACM."""


class VirtualGatewayListenerTlsFileCertificate(ListenerTlsFileCertificate):
    """A certificate in files that the gateway's Envoy can read."""


class VirtualGatewayListenerTlsSdsCertificate(ListenerTlsSdsCertificate):
    """A certificate from the secret discovery service beside the gateway's Envoy."""


class VirtualGatewayListenerTlsCertificate(ListenerTlsCertificate):
    """The certificate that a gateway's listener shows."""

    acm: VirtualGatewayListenerTlsAcmCertificate | None = None
    """One from ACM."""
    file: VirtualGatewayListenerTlsFileCertificate | None = None
    """One in files."""
    sds: VirtualGatewayListenerTlsSdsCertificate | None = None
    """One from secret discovery."""


class VirtualGatewayClientTlsCertificate(ClientTlsCertificate):
    """The certificate that a gateway shows to a backend that asks for one."""

    file: VirtualGatewayListenerTlsFileCertificate | None = None
    """One in files."""
    sds: VirtualGatewayListenerTlsSdsCertificate | None = None
    """One from secret discovery."""


class VirtualGatewayTlsValidationContextAcmTrust(TlsValidationContextAcmTrust):
    """Trust in authorities of ACM."""


class VirtualGatewayTlsValidationContextFileTrust(TlsValidationContextFileTrust):
    """Trust in authorities that a file holds."""


class VirtualGatewayTlsValidationContextSdsTrust(TlsValidationContextSdsTrust):
    """Trust in authorities from the secret discovery service beside the gateway's Envoy."""


class VirtualGatewayTlsValidationContextTrust(TlsValidationContextTrust):
    """Whom a gateway trusts among its backends."""

    acm: VirtualGatewayTlsValidationContextAcmTrust | None = None
    """Authorities of ACM."""
    file: VirtualGatewayTlsValidationContextFileTrust | None = None
    """Authorities in a file."""
    sds: VirtualGatewayTlsValidationContextSdsTrust | None = None
    """Authorities from secret discovery."""


class VirtualGatewayListenerTlsValidationContextTrust(ListenerTlsValidationContextTrust):
    """Whom a gateway's listener trusts."""

    file: VirtualGatewayTlsValidationContextFileTrust | None = None
    """Authorities in a file."""
    sds: VirtualGatewayTlsValidationContextSdsTrust | None = None
    """Authorities from secret discovery."""


class VirtualGatewayTlsValidationContext(TlsValidationContext):
    """How a gateway checks a backend's certificate."""

    trust: VirtualGatewayTlsValidationContextTrust
    """Whom it trusts."""


class VirtualGatewayListenerTlsValidationContext(ListenerTlsValidationContext):
    """How a gateway's listener checks its clients' certificates."""

    trust: VirtualGatewayListenerTlsValidationContextTrust
    """Whom it trusts."""


class VirtualGatewayListenerTls(ListenerTls):
    """TLS at a gateway's listener."""

    certificate: VirtualGatewayListenerTlsCertificate
    """The certificate that it shows."""
    validation: VirtualGatewayListenerTlsValidationContext | None = None
    """How it checks clients; without it, clients show no certificate."""


class VirtualGatewayClientPolicyTls(ClientPolicyTls):
    """How a gateway uses TLS towards its backends; an enforced policy may not accept wildcard names."""

    certificate: VirtualGatewayClientTlsCertificate | None = None
    """The certificate to show when the server asks for one."""
    validation: VirtualGatewayTlsValidationContext
    """How to check the server's certificate."""


class VirtualGatewayClientPolicy(ClientPolicy):
    """How a gateway connects to its backends."""

    tls: VirtualGatewayClientPolicyTls | None = None
    """How it uses TLS."""
