"""How a proxy proves who it is to the control plane: SigV4, a token, a certificate, or not at all.

A certificate is presented whenever there is one. Of the other two the stream carries one: a token if there
is one, a signature if there are AWS keys in the environment, unless GOSSAMER_XDS_AUTH says otherwise.
Secrets never stand in the bootstrap: Envoy reads them from files beside it, again whenever they change.

Source: Envoy's AwsRequestSigning and CredentialInjector as upstream filters; RFC 6750, the Bearer scheme.
"""

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gossamer.contract import DEFAULT_REGION
from gossamer.sidecar.endpoint import Endpoint, TcpEndpoint, UnixEndpoint
from gossamer.sidecar.json_value import Json, typed
from gossamer.sidecar.variable import Choice, Misconfigured, Reader, Text, Truth, Variable

AUTH: Final = Choice(
    names=("GOSSAMER_XDS_AUTH",),
    flag="--xds-auth",
    default="auto",
    among=("auto", "sigv4", "token", "none"),
    meaning="What the stream to the control plane carries. By default what there is: a token, else AWS keys "
    "of the environment. `sigv4` takes credentials from wherever AWS's own programs do.",
)
SIGNING_NAME: Final = Text(
    names=("APPMESH_SIGNING_NAME",),
    flag="--signing-name",
    meaning="The service that signatures are for. Without it appmesh, or appmesh-preview.",
)
PREVIEW: Final = Truth(
    names=("APPMESH_PREVIEW",),
    flag="--preview",
    default=False,
    meaning="Whether signatures are for the preview's service.",
)
TOKEN: Final = Text(
    names=("GOSSAMER_XDS_TOKEN",),
    flag="--xds-token",
    meaning="A token for the stream.",
)
TOKEN_FILE: Final = Text(
    names=("GOSSAMER_XDS_TOKEN_FILE",),
    flag="--xds-token-file",
    takes="a file that holds a token",
    meaning="A token for the stream; the file is read again when it changes.",
)
CERT_FILE: Final = Text(
    names=("GOSSAMER_XDS_CERT_FILE",),
    flag="--xds-cert-file",
    takes="a file of PEM certificates",
    meaning="The certificate that the proxy presents to the control plane; it is read again when it changes.",
)
KEY_FILE: Final = Text(
    names=("GOSSAMER_XDS_KEY_FILE",),
    flag="--xds-key-file",
    takes="a file with a PEM key",
    meaning="The key of that certificate.",
)
ACCESS_KEY: Final = Text(
    names=("AWS_ACCESS_KEY_ID",),
    flag="--aws-access-key-id",
    meaning="The key that signs, with AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, which Envoy reads itself.",
)

TABLE: Final[tuple[Variable, ...]] = (
    AUTH, SIGNING_NAME, PREVIEW, ACCESS_KEY, TOKEN, TOKEN_FILE, CERT_FILE, KEY_FILE,
)  # fmt: skip

TOKEN_SECRET: Final = "xds_token"  # noqa: S105  a name
CERTIFICATE_SECRET: Final = "xds_certificate"  # noqa: S105  a name

_SIGNING: Final = "envoy.extensions.filters.http.aws_request_signing.v3.AwsRequestSigning"
_INJECTOR: Final = "envoy.extensions.filters.http.credential_injector.v3.CredentialInjector"
_GENERIC: Final = "envoy.extensions.http.injected_credentials.generic.v3.Generic"
_CODEC: Final = "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec"
_SECRET: Final = "envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105  a type


class Proof(enum.Enum):
    """What the stream's requests carry."""

    NOTHING = enum.auto()
    SIGNATURE = enum.auto()
    TOKEN = enum.auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What an operator gave for the stream."""

    proof: Proof
    signing_name: str
    has_keys: bool
    token: str
    token_file: str
    cert_file: str
    key_file: str


def credentials(read: Reader, endpoint: Endpoint, *, is_tls: bool) -> Credentials:
    """Read what the proxy proves itself with.

    Raises: Misconfigured for half a pair, and for a secret that would travel in the clear.
    """
    found = Credentials(
        proof=_proof(read, endpoint),
        signing_name=signing_name(read),
        has_keys=read.is_set(ACCESS_KEY),
        token=read.text(TOKEN),
        token_file=read.text(TOKEN_FILE),
        cert_file=read.text(CERT_FILE),
        key_file=read.text(KEY_FILE),
    )
    _check(found, endpoint, is_tls=is_tls)
    return found


def signing_name(read: Reader) -> str:
    """The service that signatures are for."""
    return read.text(SIGNING_NAME) or ("appmesh-preview" if read.truth(PREVIEW) else "appmesh")


def _proof(read: Reader, endpoint: Endpoint) -> Proof:
    """What the stream carries; over a Unix socket App Mesh's agent signed nothing."""
    has_token = read.is_set(TOKEN) or read.is_set(TOKEN_FILE)
    signs = read.is_set(ACCESS_KEY) and isinstance(endpoint, TcpEndpoint)
    by_choice = {"sigv4": Proof.SIGNATURE, "token": Proof.TOKEN, "none": Proof.NOTHING}
    by_itself = Proof.TOKEN if has_token else Proof.SIGNATURE if signs else Proof.NOTHING
    chosen = by_choice.get(read.choice(AUTH), by_itself)
    if chosen is Proof.TOKEN and not has_token:
        raise Misconfigured("GOSSAMER_XDS_AUTH is token: set GOSSAMER_XDS_TOKEN or GOSSAMER_XDS_TOKEN_FILE.")
    return chosen


def _check(found: Credentials, endpoint: Endpoint, *, is_tls: bool) -> None:
    """Refuse what cannot work, and what would give a secret away."""
    if found.token and found.token_file:
        raise Misconfigured("Set GOSSAMER_XDS_TOKEN or GOSSAMER_XDS_TOKEN_FILE, not both.")
    if bool(found.cert_file) != bool(found.key_file):
        raise Misconfigured("GOSSAMER_XDS_CERT_FILE and GOSSAMER_XDS_KEY_FILE go together.")
    if found.cert_file and not is_tls:
        raise Misconfigured(
            "A certificate needs TLS: set GOSSAMER_XDS_CA_FILE, and HOST:PORT as the endpoint."
        )
    is_here = isinstance(endpoint, UnixEndpoint) or endpoint.is_loopback
    if found.proof is Proof.TOKEN and not (is_tls or is_here):
        raise Misconfigured("A token would travel in the clear: set GOSSAMER_XDS_CA_FILE for TLS.")


def upstream_filters(found: Credentials, region: str, directory: Path) -> list[Json]:
    """What each request of the stream passes last; nothing for a stream that proves nothing."""
    own: dict[Proof, Json] = {
        Proof.SIGNATURE: {
            "name": "envoy.filters.http.aws_request_signing",
            "typed_config": _signing(found, region),
        },
        Proof.TOKEN: {"name": "envoy.filters.http.credential_injector", "typed_config": _injector(directory)},
    }
    if found.proof is Proof.NOTHING:
        return []
    return [own[found.proof], {"name": "envoy.filters.http.upstream_codec", "typed_config": typed(_CODEC)}]


def _signing(found: Credentials, region: str) -> Json:
    """A signature as App Mesh's stream had it: the body is not in it, and nothing that proxies add.

    With keys in the environment Envoy is told to look nowhere else; it would ask the machine's own in vain.
    """
    excluded = [{"exact": "te"}, {"prefix": "x-"}]
    only: Json = {"custom_credential_provider_chain": True, "environment_credential_provider": {}}
    return typed(
        _SIGNING,
        service_name=found.signing_name,
        region=region or DEFAULT_REGION,
        use_unsigned_payload=True,
        match_excluded_headers=excluded,
        **({"credential_provider": only} if found.has_keys else {}),
    )


def _injector(directory: Path) -> Json:
    """The token, read from its file by Envoy."""
    generic = typed(_GENERIC, credential=secret_source(TOKEN_SECRET, directory), header="authorization")
    credential = {"name": "envoy.http.injected_credentials.generic", "typed_config": generic}
    return typed(_INJECTOR, overwrite=True, credential=credential)


def secret_source(name: str, directory: Path) -> Json:
    """Where Envoy reads a secret; a file that is moved into place is read again."""
    source = {"path": str(secret_file(name, directory)), "watched_directory": {"path": str(directory)}}
    return {"name": name, "sds_config": {"path_config_source": source, "resource_api_version": "V3"}}


def secret_file(name: str, directory: Path) -> Path:
    """The file of a secret."""
    return directory / f"{name}.json"


def token_secret(token: str) -> Json:
    """The file's content for a token.

    Source: envoy.extensions.transport_sockets.tls.v3.GenericSecret.
    """
    header = {"inline_string": f"Bearer {token}"}
    return _resources(typed(_SECRET, name=TOKEN_SECRET, generic_secret={"secret": header}))


def certificate_secret(found: Credentials) -> Json:
    """The file's content for the certificate; both files are read again when their directory changes.

    Source: envoy.extensions.transport_sockets.tls.v3.TlsCertificate.
    """
    certificate: Json = {
        "certificate_chain": {"filename": found.cert_file},
        "private_key": {"filename": found.key_file},
        "watched_directory": {"path": str(Path(found.cert_file).parent)},
    }
    return _resources(typed(_SECRET, name=CERTIFICATE_SECRET, tls_certificate=certificate))


def _resources(*secrets: Json) -> Json:
    """Secrets as a file of discovery."""
    return {"resources": list(secrets)}
