"""Certificates and trust as messages of their own -> envoy...Secret.

Files are read by the proxy, which looks at them again whenever their directory changes.
Source: Envoy secret discovery service, certificate rotation.
"""

from collections.abc import Iterator

from envoy.config.core.v3.base_pb2 import DataSource
from envoy.extensions.transport_sockets.tls.v3.common_pb2 import CertificateValidationContext, TlsCertificate
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret

from gossamer.compile import names
from gossamer.mesh.client_tls import ClientTls, RootTrust
from gossamer.mesh.surroundings import Surroundings
from gossamer.model.tls import (
    ListenerTls,
    ListenerTlsFileCertificate,
    ListenerTlsMode,
    TlsValidationContextFileTrust,
)


def client_secrets(tls: ClientTls, outside: Surroundings) -> Iterator[Secret]:
    """What a client needs on the stream to speak to a listener."""
    match tls.trust:
        case TlsValidationContextFileTrust():
            yield _trusted_file(tls.trust.certificate_chain)
        case RootTrust(arns):
            yield from _trusted_roots(arns, outside)
        case _:
            pass
    if tls.certificate is not None and tls.certificate.file is not None:
        yield _certificate_in_files(tls.certificate.file)


def listener_secrets(tls: ListenerTls | None, outside: Surroundings) -> Iterator[Secret]:
    """What a listener needs on the stream to let clients in."""
    if tls is None or tls.mode is ListenerTlsMode.DISABLED:
        return
    if tls.certificate.file is not None:
        yield _certificate_in_files(tls.certificate.file)
    if tls.certificate.acm is not None:
        yield from _certificate(tls.certificate.acm.certificate_arn, outside)
    if tls.validation is not None and tls.validation.trust.file is not None:
        yield _trusted_file(tls.validation.trust.file.certificate_chain)


def _certificate(arn: str, outside: Surroundings) -> Iterator[Secret]:
    """A certificate that was found; the proxy waits for one that was not looked for yet."""
    found = outside.certificates.get(arn)
    if found is not None:
        yield Secret(
            name=names.certificate_secret(arn),
            tls_certificate=TlsCertificate(
                certificate_chain=DataSource(inline_string=found.chain),
                private_key=DataSource(inline_string=found.key),
            ),
        )


def _trusted_roots(arns: tuple[str, ...], outside: Surroundings) -> Iterator[Secret]:
    """All that was found behind the ARNs, once each of them was looked for."""
    if any(arn not in outside.trust and not outside.lacks_trust(arn) for arn in arns):
        return
    roots = dict.fromkeys(
        found.strip() + "\n" for arn in arns if (found := outside.trust.get(arn)) is not None
    )
    if roots:
        yield _trust(names.trust_secret(arns), DataSource(inline_string="".join(roots)))


def _certificate_in_files(files: ListenerTlsFileCertificate) -> Secret:
    return Secret(
        name=names.file_certificate_secret(files),
        tls_certificate=TlsCertificate(
            certificate_chain=DataSource(filename=files.certificate_chain),
            private_key=DataSource(filename=files.private_key),
        ),
    )


def _trusted_file(path: str) -> Secret:
    return _trust(names.file_trust_secret(path), DataSource(filename=path))


def _trust(name: str, roots: DataSource) -> Secret:
    return Secret(name=name, validation_context=CertificateValidationContext(trusted_ca=roots))
