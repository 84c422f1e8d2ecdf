"""Certificates and keys in PEM: made, signed, read.

Source: RFC 5280; by `cryptography`.
"""

import datetime
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from gossamer.errors import InvalidSpec, Violation

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

#: The clocks of two machines may differ by as much.
SKEW: Final = datetime.timedelta(minutes=5)
#: The longest common name. Source: RFC 5280, appendix A.1.
LONGEST_COMMON_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class Signed:
    """A new certificate and its key."""

    certificate: str
    key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a certificate says of itself."""

    name: str
    names: tuple[str, ...]
    not_before: datetime.datetime
    not_after: datetime.datetime
    issuer: str = ""

    @property
    def life(self) -> datetime.timedelta:
        """From its first moment to its last."""
        return self.not_after - self.not_before


@dataclass(frozen=True, slots=True)
class Issuer:
    """An authority that signs; both in PEM."""

    certificate: str
    key: str = field(repr=False)


def root(name: str, now: datetime.datetime, life: datetime.timedelta) -> Signed:
    """A new root that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _named(name)
    builder = _begun(subject, subject, key, now, now + life).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    usage = _usage(signs_certificates=True)
    signed = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    return Signed(_text(signed), _key_text(key))


def leaf(names: Sequence[str], issuer: Issuer, now: datetime.datetime, life: datetime.timedelta) -> Signed:
    """A new certificate for these names, for servers and clients. It ends with its issuer at the latest.

    Raises: InvalidSpec.
    """
    parent = certificate(issuer.certificate)
    signer = private_key(issuer.key)
    key = ec.generate_private_key(ec.SECP256R1())
    until = min(now + life, parent.not_valid_after_utc)
    common = next((name for name in names if len(name) <= LONGEST_COMMON_NAME), "gossamer")
    purposes = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    builder = (
        _begun(_named(common), parent.subject, key, now, until)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(purposes, critical=False)
        .add_extension(authority, critical=False)
        .add_extension(x509.SubjectAlternativeName(_general_names(names)), critical=False)
    )
    return Signed(_text(builder.sign(signer, hashes.SHA256())), _key_text(key))


def certificate(text: str) -> x509.Certificate:
    """The first certificate of a PEM text.

    Raises: InvalidSpec.
    """
    return certificates(text)[0]


def certificates(text: str) -> list[x509.Certificate]:
    """Every certificate of a PEM text, at least one.

    Raises: InvalidSpec.
    """
    try:
        return x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise InvalidSpec(
            [Violation("", "the certificate is not one or more certificates in PEM")]
        ) from error


def private_key(text: str) -> PrivateKey:
    """A key in PEM.

    Raises: InvalidSpec.
    """
    key: PrivateKeyTypes
    try:
        key = serialization.load_pem_private_key(text.encode(), None)
    except TypeError as error:
        raise InvalidSpec([Violation("", "the key is encrypted: decrypt it first")]) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidSpec([Violation("", "the key is not a private key in PEM")]) from error
    if not isinstance(key, PrivateKey):
        raise InvalidSpec([Violation("", "the key must be one of RSA, or of an elliptic curve")])
    return key


def decrypted_key(text: str, word: str) -> str:
    """A key that is sealed with a word, without it.

    Raises: InvalidSpec.
    """
    try:
        key = serialization.load_pem_private_key(text.encode(), word.encode())
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise InvalidSpec([Violation("", "the key is not a private key that this word opens")]) from error
    if not isinstance(key, PrivateKey):
        raise InvalidSpec([Violation("", "the key must be one of RSA, or of an elliptic curve")])
    return _key_text(key)


def check_pair(certificate_text: str, key_text: str) -> None:
    """Refuse a key that is not the certificate's.

    Raises: InvalidSpec.
    """
    if certificate(certificate_text).public_key() != private_key(key_text).public_key():
        raise InvalidSpec([Violation("", "the key does not belong to the certificate")])


def is_authority(text: str) -> bool:
    """Whether a certificate may issue others."""
    try:
        return certificate(text).extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def is_self_signed(text: str) -> bool:
    """Whether a certificate is a root."""
    return _is_root(certificate(text))


def without_roots(text: str) -> str:
    """A chain without certificates that signed themselves."""
    return "".join(_text(one) for one in certificates(text) if not _is_root(one)) if text.strip() else ""


def facts(text: str) -> Facts:
    """What a certificate says of itself."""
    found = certificate(text)
    common = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    try:
        names = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        listed = tuple(str(one.value) for one in names)
    except x509.ExtensionNotFound:
        listed = ()
    name = str(common[0].value) if common else found.subject.rfc4514_string()
    issuers = found.issuer.get_attributes_for_oid(NameOID.COMMON_NAME)
    issuer = str(issuers[0].value) if issuers else found.issuer.rfc4514_string()
    return Facts(name, listed, found.not_valid_before_utc, found.not_valid_after_utc, issuer)


def split(text: str) -> list[str]:
    """Every certificate of a PEM text, each by itself."""
    return [_text(one) for one in certificates(text)]


def joined(*texts: str) -> str:
    """Several texts in PEM as one, each ended by a line."""
    return "".join(f"{text.strip()}\n" for text in texts if text.strip())


def last(text: str) -> str:
    """The last certificate of a chain."""
    return _text(certificates(text)[-1])


def _is_root(found: x509.Certificate) -> bool:
    return found.issuer == found.subject


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    now: datetime.datetime,
    until: datetime.datetime,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - SKEW)
        .not_valid_after(until)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _named(common: str) -> x509.Name:
    if not 0 < len(common) <= LONGEST_COMMON_NAME:
        why = f"a name must have 1 to {LONGEST_COMMON_NAME} characters"
        raise InvalidSpec([Violation("", why)])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _general_names(names: Sequence[str]) -> list[x509.GeneralName]:
    try:
        return [_general_name(name) for name in names]
    except ValueError as error:
        raise InvalidSpec([Violation("", f"names must be DNS names, URIs or addresses: {error}")]) from error


def _general_name(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name.removesuffix("."))


def _text(found: x509.Certificate) -> str:
    return found.public_bytes(serialization.Encoding.PEM).decode()


def _key_text(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
