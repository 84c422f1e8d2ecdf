"""TLS for the xDS port: certificates that may change while streams are open.

Source: gRPC, `dynamic_ssl_server_credentials`: asked for at each handshake; open connections are left alone.
"""

from collections.abc import Callable
from dataclasses import dataclass

import grpc


@dataclass(frozen=True, slots=True)
class TlsMaterial:
    """What the port shows, in PEM; with `client_ca` every client must show a certificate of its own."""

    certificate: bytes
    key: bytes
    client_ca: bytes | None = None


def server_credentials(current: Callable[[], TlsMaterial]) -> grpc.ServerCredentials:
    """Credentials that follow `current`, which is called at every handshake, from gRPC's own threads."""
    first = current()
    shown = [first]

    def changed() -> grpc.ServerCertificateConfiguration | None:
        now = current()
        if now == shown[0]:
            return None
        shown[0] = now
        return _configuration(now)

    return grpc.dynamic_ssl_server_credentials(
        _configuration(first), changed, require_client_authentication=first.client_ca is not None
    )


def _configuration(found: TlsMaterial) -> grpc.ServerCertificateConfiguration:
    return grpc.ssl_server_certificate_configuration(
        [(found.key, found.certificate)], root_certificates=found.client_ca
    )
