"""TLS between Envoys: certificates, whom to trust, and when a client insists.

Source: App Mesh API 2019-01-25, `ListenerTls`, `ClientPolicy` and what they hold; user guide, pages on TLS.
"""

import enum
from collections.abc import Iterator
from typing import Annotated, Final

from pydantic import model_validator

from gossamer.model.port_mapping import PortNumber
from gossamer.model.rule import Characters, Items, Matching
from gossamer.model.spec import Ruled, Spec, Union, Violated

FilePath = Annotated[str, Characters(1, 255)]
# A SPIFFE id, the commonest of such names, may have 2048 bytes.
SdsSecretName = Annotated[str, Characters(1, 2048)]
SubjectAlternativeName = Annotated[str, Characters(1, 254)]
CertificateArn = Annotated[
    str,
    Matching(
        r"^arn:[^:\s]+:acm:[^:\s]+:[0-9]{12}:certificate/[^/\s]+$", "must be the ARN of an ACM certificate"
    ),
]
CertificateAuthorityArn = Annotated[
    str,
    Matching(
        # The user guide's own example says `acm`.
        r"^arn:[^:\s]+:acm(-pca)?:[^:\s]+:[0-9]{12}:certificate-authority/[^/\s]+$",
        "must be the ARN of a private certificate authority",
    ),
]


class ListenerTlsMode(enum.Enum):
    """Whether a listener takes TLS only, both, or plain text only."""

    STRICT = "STRICT"
    PERMISSIVE = "PERMISSIVE"
    DISABLED = "DISABLED"


class ListenerTlsAcmCertificate(Spec):
    """A certificate from ACM."""

    certificate_arn: CertificateArn
    """Its ARN; the certificate is a private one."""


class ListenerTlsFileCertificate(Spec):
    """A certificate in files that the Envoy beside the application can read."""

    certificate_chain: FilePath
    """The path of the chain, in PEM."""
    private_key: FilePath
    """The path of the key, in PEM."""


class ListenerTlsSdsCertificate(Spec):
    """A certificate from the secret discovery service beside the Envoy."""

    secret_name: SdsSecretName
    """The secret's name there."""


class ListenerTlsCertificate(Union):
    """The certificate that a listener shows."""

    acm: ListenerTlsAcmCertificate | None = None
    """One from ACM."""
    file: ListenerTlsFileCertificate | None = None
    """One in files."""
    sds: ListenerTlsSdsCertificate | None = None
    """One from secret discovery."""


class ClientTlsCertificate(Union):
    """The certificate that a client shows when it is asked for one."""

    file: ListenerTlsFileCertificate | None = None
    """One in files."""
    sds: ListenerTlsSdsCertificate | None = None
    """One from secret discovery."""


class SubjectAlternativeNameMatchers(Spec):
    """How the names in a certificate are compared."""

    exact: tuple[SubjectAlternativeName, ...]
    """The names of which one must be in the certificate: DNS names or URIs."""


class SubjectAlternativeNames(Spec):
    """The names of which a peer's certificate must carry one."""

    match: SubjectAlternativeNameMatchers
    """How they are compared."""


class TlsValidationContextAcmTrust(Spec):
    """Trust in authorities of ACM."""

    certificate_authority_arns: Annotated[tuple[CertificateAuthorityArn, ...], Items(1, 3)]
    """The ARNs of the authorities."""


class TlsValidationContextFileTrust(Spec):
    """Trust in authorities that a file holds."""

    certificate_chain: FilePath
    """The path of their certificates, in PEM."""


class TlsValidationContextSdsTrust(Spec):
    """Trust in authorities from the secret discovery service beside the Envoy."""

    secret_name: SdsSecretName
    """The secret's name there."""


#: The managed service's sentence. Source: issue 575 of its controller for Kubernetes.
_ONE_TRUST: Final = "One type of TLS Validation Context Trust must be set."


class _Trust(Union):
    """Whom to trust; the managed service had a sentence for it."""

    def _rule(self) -> Violated:
        return Violated(_ONE_TRUST, is_verbatim=True)


class TlsValidationContextTrust(_Trust):
    """Whom a client trusts."""

    acm: TlsValidationContextAcmTrust | None = None
    """Authorities of ACM."""
    file: TlsValidationContextFileTrust | None = None
    """Authorities in a file."""
    sds: TlsValidationContextSdsTrust | None = None
    """Authorities from secret discovery."""


class ListenerTlsValidationContextTrust(_Trust):
    """Whom a listener trusts."""

    file: TlsValidationContextFileTrust | None = None
    """Authorities in a file."""
    sds: TlsValidationContextSdsTrust | None = None
    """Authorities from secret discovery."""

    @model_validator(mode="before")
    @classmethod
    def _trusts_no_acm(cls, given: object) -> object:
        """Only clients trust authorities of ACM; the managed service answered as if none had been named."""
        if isinstance(given, dict) and given.keys() == {"acm"}:
            raise Violated(_ONE_TRUST, is_verbatim=True)
        return given


class TlsValidationContext(Spec):
    """How a client checks a server's certificate."""

    trust: TlsValidationContextTrust
    """Whom it trusts."""
    subject_alternative_names: SubjectAlternativeNames | None = None
    """The names that it accepts; the effective default is the name by which the server is discovered."""


class ListenerTlsValidationContext(Spec):
    """How a listener checks its clients' certificates."""

    trust: ListenerTlsValidationContextTrust
    """Whom it trusts."""
    subject_alternative_names: SubjectAlternativeNames | None = None
    """The names that it accepts; the effective default is any."""


class ListenerTls(Spec):
    """TLS at a listener."""

    mode: ListenerTlsMode
    """Whether TLS is a must."""
    certificate: ListenerTlsCertificate
    """The certificate that it shows."""
    validation: ListenerTlsValidationContext | None = None
    """How it checks clients; without it, clients show no certificate."""


class ClientPolicyTls(Ruled):
    """How a client uses TLS; an enforced policy may not accept wildcard names."""

    enforce: bool | None = None
    """Whether TLS is a must; the effective default is true."""
    ports: tuple[PortNumber, ...] | None = None
    """The servers' ports that this is about; none or an empty list means all."""
    certificate: ClientTlsCertificate | None = None
    """The certificate to show when the server asks for one."""
    validation: TlsValidationContext
    """How to check the server's certificate."""

    def _broken_rules(self) -> Iterator[Violated]:
        names = self.validation.subject_alternative_names
        if self.enforce is False or names is None:
            return
        for index, name in enumerate(names.match.exact):
            if "*" in name:
                member = f"validation.subjectAlternativeNames.match.exact[{index}]"
                yield Violated("must not be a wildcard while the policy is enforced", member)


class ClientPolicy(Spec):
    """How a client connects to its backends."""

    tls: ClientPolicyTls | None = None
    """How it uses TLS."""
