"""AWS as a source: certificates of ACM with their keys, and the authorities of ACM PCA behind them.

Source: AWS Certificate Manager API, `ExportCertificate`, `DescribeCertificate`; AWS Private CA API,
`GetCertificateAuthorityCertificate`; App Mesh user guide, Transport Layer Security, for the permissions.
"""

import secrets
from collections.abc import Mapping
from typing import Final

from gossamer.aws import Answer, Asking, Refused
from gossamer.certs import pem
from gossamer.errors import InvalidSpec, Unavailable
from gossamer.mesh.surroundings import Certificate

#: Errors that mean that there is nothing behind an ARN, which is an answer.
ABSENT: Final = frozenset({"ResourceNotFoundException", "InvalidArnException"})

AUTHORITY: Final = ":certificate-authority/"


class Acm:
    """Certificates and trust by the real APIs."""

    def __init__(self, acm: Asking, pca: Asking) -> None:
        self._acm = acm
        self._pca = pca

    async def certificate(self, arn: str) -> Certificate | None:
        """A certificate with its key; None if there is none with this ARN.

        Raises: Unavailable if that can't be told now.
        """
        # The key travels sealed with a word that nobody keeps.
        word = secrets.token_hex(16)
        answer = await _answer(self._acm, "export_certificate", CertificateArn=arn, Passphrase=word.encode())
        if answer is None:
            return None
        try:
            key = pem.decrypted_key(_text(answer, "PrivateKey"), word)
        except InvalidSpec as error:
            raise Unavailable(f"ACM exports {arn} in a form that can't be read: {error}") from error
        chain = pem.joined(_text(answer, "Certificate"), pem.without_roots(_text(answer, "CertificateChain")))
        return Certificate(chain, key)

    async def trust(self, arn: str) -> str | None:
        """What to trust, in PEM, of an authority's ARN, or of a certificate's; None if there is none.

        Raises: Unavailable if that can't be told now.
        """
        if AUTHORITY in arn:
            return await self._authority(arn)
        answer = await _answer(self._acm, "describe_certificate", CertificateArn=arn)
        if answer is None:
            return None
        details = answer.get("Certificate")
        authority = details.get("CertificateAuthorityArn") if isinstance(details, Mapping) else None
        return await self._authority(str(authority)) if authority else await self._end_of_chain(arn)

    async def _authority(self, arn: str) -> str | None:
        """An authority's own certificate: what it issued is trusted, and nothing that its parent did."""
        answer = await _answer(
            self._pca, "get_certificate_authority_certificate", CertificateAuthorityArn=arn
        )
        return pem.joined(_text(answer, "Certificate")) or None if answer is not None else None

    async def _end_of_chain(self, arn: str) -> str | None:
        """What a certificate that was imported into ACM leads to."""
        answer = await _answer(self._acm, "get_certificate", CertificateArn=arn)
        if answer is None:
            return None
        return pem.last(_text(answer, "CertificateChain") or _text(answer, "Certificate"))


async def _answer(ask: Asking, operation: str, **asked: object) -> Answer | None:
    """What AWS says; None if there is nothing behind the ARN."""
    try:
        return await ask(operation, **asked)
    except Refused as error:
        if error.code in ABSENT:
            return None
        raise


def _text(answer: Answer, member: str) -> str:
    found = answer.get(member)
    return found if isinstance(found, str) else ""
