"""Certificate authorities and certificates for tests, made without the code under test."""

import datetime
import ipaddress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

THEN = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
LATER = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Pair:
    """A certificate and its key, in PEM."""

    chain: str
    key: str

    def written(self, directory: Path, name: str) -> tuple[str, str]:
        """The paths of both in files; a file that is there is replaced as a whole."""
        return replaced(directory / f"{name}.pem", self.chain), replaced(
            directory / f"{name}.key.pem", self.key
        )


def replaced(path: Path, text: str) -> str:
    """Write a file and move it into its place, as tools that renew certificates do."""
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
    return str(path)


@dataclass(frozen=True)
class Authority:
    """A root that issues certificates."""

    name: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def root(self) -> str:
        """Its own certificate, in PEM."""
        usage = x509.BasicConstraints(ca=True, path_length=0)
        return _pem(_builder(self.name, self.name, self.key).add_extension(usage, critical=True), self.key)

    def issue(self, *names: str, until: datetime.datetime | None = None) -> Pair:
        """A certificate with these names: DNS names, URIs and addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        listed = x509.SubjectAlternativeName([_general(name) for name in names])
        builder = _builder("leaf", self.name, key, until).add_extension(listed, critical=False)
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        return Pair(_pem(builder, self.key), private.decode())


def _builder(
    subject: str, issuer: str, key: ec.EllipticCurvePrivateKey, until: datetime.datetime | None = None
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(THEN)
        .not_valid_after(until or LATER)
    )


def _pem(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def _general(name: str) -> x509.GeneralName:
    if "://" in name:
        return x509.UniformResourceIdentifier(name)
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
