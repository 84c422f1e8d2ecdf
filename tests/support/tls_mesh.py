"""Short forms of what tests of TLS write, in the API's own words, and the certificates behind them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gossamer.mesh.surroundings import Certificate, Surroundings
from tests.support.pki import Authority, Pair, replaced
from tests.support.stage_mesh import Spec, listener, mesh, node

#: Two authorities that know nothing of each other.
OURS: Final = Authority("ours")
OTHERS: Final = Authority("others")

ARN: Final = "arn:aws:acm:us-west-2:123456789012:certificate/blue"
AUTHORITY_ARN: Final = "arn:aws:acm-pca:us-west-2:123456789012:certificate-authority/ours"


@dataclass(frozen=True)
class Files:
    """Certificates in a directory that the proxies can read."""

    directory: Path

    def certificate(self, name: str, pair: Pair) -> Spec:
        """A certificate in files, as listeners and policies name it."""
        chain, key = pair.written(self.directory, name)
        return {"file": {"certificateChain": chain, "privateKey": key}}

    def blue(self, mode: str = "STRICT") -> Spec:
        """Blue's listener with a certificate of ours, in its own name."""
        return serving(self.certificate("blue", OURS.issue("blue.test")), mode)

    def trust(self, authority: Authority) -> Spec:
        """Trust in an authority, in a file."""
        path = replaced(self.directory / f"{authority.name}.roots.pem", authority.root)
        return {"file": {"certificateChain": path}}


def serving(certificate: Spec, mode: str = "STRICT", trust: Spec | None = None, names: Any = None) -> Spec:
    """TLS at a listener; with trust, clients must show a certificate."""
    found: Spec = {"mode": mode, "certificate": certificate}
    return {**found, "validation": validation(trust, names)} if trust else found


def validation(trust: Spec, names: Any = None) -> Spec:
    """Whom to trust, and the names to accept."""
    accepted = {"subjectAlternativeNames": {"match": {"exact": names}}} if names is not None else {}
    return {"trust": trust, **accepted}


def policy(trust: Spec, names: Any = None, **members: object) -> Spec:
    """A client policy."""
    return {"tls": {"validation": validation(trust, names), **members}}


def between(
    tls: Spec | None, by_default: Spec | None = None, own: Spec | None = None, protocol: str = "http"
) -> Spec:
    """The usual mesh, in which front calls blue: what blue's listener does, and front's two policies."""
    taken = listener(protocol) if tls is None else listener(protocol, tls=tls)
    backend = {"virtualServiceName": "orders.test", **({"clientPolicy": own} if own is not None else {})}
    front = node("front", protocol, backends=[])
    front["backends"] = [{"virtualService": backend}]
    if by_default is not None:
        front["backendDefaults"] = {"clientPolicy": by_default}
    blue = node("blue", listeners=[taken])
    return mesh(protocol, nodes={"front": front, "blue": blue})


def surroundings(pair: Pair, root: Authority) -> Surroundings:
    """A world in which ACM has one certificate, and its authority one root."""
    certificate = Certificate(pair.chain, pair.key)
    return Surroundings(certificates={ARN: certificate}, trust={ARN: root.root, AUTHORITY_ARN: root.root})
