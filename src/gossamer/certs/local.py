"""Gossamer's own certificate authority, as a source: what its credentials mean to proxies."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from gossamer.certs import pem
from gossamer.certs.ledger import Seal
from gossamer.errors import Unavailable
from gossamer.mesh.surroundings import Certificate
from gossamer.model.credential import Credential, CredentialKind

#: How long before its end a certificate that nobody here renews is told of.
NOTICE: Final = datetime.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class LocalCredentials:
    """All that the local authority has, at one moment. `doubts` says what is wrong with an ARN, in words."""

    certificates: Mapping[str, Certificate] = field(default_factory=dict)
    roots: Mapping[str, str] = field(default_factory=dict)
    doubts: Mapping[str, str] = field(default_factory=dict)

    async def certificate(self, arn: str) -> Certificate | None:
        """A certificate with its key; None if there is none with this ARN."""
        return self.certificates.get(arn)

    async def trust(self, arn: str) -> str | None:
        """What to trust, in PEM, of an authority's ARN, or of a certificate's; None if there is none."""
        return self.roots.get(arn)


def local_credentials(
    credentials: Iterable[Credential], seal: Seal, now: datetime.datetime
) -> LocalCredentials:
    """Open what is kept. A key that can't be opened makes its certificate unknown, and says why."""
    listed = tuple(credentials)
    certificates: dict[str, Certificate] = {}
    doubts: dict[str, str] = {}
    for one in listed:
        if one.kind is CredentialKind.CERTIFICATE:
            try:
                key = seal.opened(one.sealed_key, one.arn)
            except Unavailable as error:
                doubts[one.arn] = str(error)
                continue
            certificates[one.arn] = Certificate(shown_chain(one), key)
        doubts.update(_age(one, now))
    return LocalCredentials(certificates, trusted_roots(listed), doubts)


def trusted_roots(credentials: Iterable[Credential]) -> Mapping[str, str]:
    """What to trust behind each ARN: every generation of an authority; of a certificate its authority.

    A certificate from elsewhere is trusted through the end of its chain, or itself where it has none.
    """
    roots: dict[str, str] = {}
    listed = sorted(credentials, key=lambda one: (one.kind.value, one.arn, one.generation))
    for one in listed:
        if one.kind is CredentialKind.AUTHORITY:
            roots[one.arn] = pem.joined(roots.get(one.arn, ""), one.certificate)
    for one in listed:
        if one.kind is CredentialKind.CERTIFICATE:
            roots[one.arn] = roots.get(one.issuer) or pem.last(one.chain or one.certificate)
    return roots


def shown_chain(one: Credential) -> str:
    """What is shown in a handshake: the certificate and what leads to its root, but not a root itself.

    Source: RFC 8446 section 4.4.2.
    """
    return pem.joined(one.certificate, pem.without_roots(one.chain))


def _age(one: Credential, now: datetime.datetime) -> Mapping[str, str]:
    until = pem.facts(one.certificate).not_after
    if until <= now:
        return {one.arn: f"expired on {until:%Y-%m-%d %H:%M} UTC"}
    if until - now < NOTICE and not one.issuer and not one.retires_at:
        return {one.arn: f"expires on {until:%Y-%m-%d %H:%M} UTC, and nobody here can renew it"}
    return {}
