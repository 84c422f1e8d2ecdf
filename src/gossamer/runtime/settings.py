"""Every setting of `gossamer serve`, read once and handed down.

Each is a flag (`--data-dir`), a variable (`GOSSAMER_DATA_DIR`) and a line in docs/reference/settings.md,
which is made from this table.
"""

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final, Literal

from gossamer.contract import API_PORT, DEFAULT_ACCOUNT, DEFAULT_REGION, XDS_PORT
from gossamer.mesh.data_plane import DataPlane, Http2
from gossamer.model.names import AN_ACCOUNT, is_account
from gossamer.store.engine import Url, database_url, sqlite_url
from gossamer.store.store import Limits, Rules
from gossamer.store.vault import Vault, vault_from_file, vault_from_text
from gossamer.store.versions import Migrating

#: What the names of limits begin with.
_LIMIT: Final = "limit_"
_LIMITS: Final = Limits()

_KEY_VARIABLE: Final = "GOSSAMER_SECRETS_KEY"


def default_data_dir() -> Path:
    """Where data is kept by default: the system's place for root, the user's own for others."""
    if os.geteuid() == 0:
        return Path("/var/lib/gossamer")
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local" / "share") / "gossamer"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """Where a certificate, its key and, for clients that show one too, an authority stand in PEM."""

    certificate: Path
    key: Path
    client_ca: Path | None = None


class Unsafe(Exception):
    """A setting would expose the control plane; the text says what to do."""


#: What the other numbers may be, both bounds included.
BOUNDS: Final = (
    ("api_port", 0, 65_535),
    ("xds_port", 0, 65_535),
    ("proxies_per_endpoint", 1, 1_000_000),
    ("calls_per_second", 0, 1_000_000),
    ("audit_days", 0, 36_500),
    ("stream_max_age", 0, 31_536_000),
    ("drain_seconds", 0, 3_600),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """Every setting of `gossamer serve`."""

    data_dir: Path | None = None
    """Where the resources are kept. Default: /var/lib/gossamer for root, else ~/.local/share/gossamer."""

    database_url: str = ""
    """A PostgreSQL database that several replicas share, `postgresql://user:password@host:5432/gossamer`.
    Without it, everything is in a file of the data directory. The variable keeps its password hidden."""

    migrations: Literal["on-start", "by-hand"] = "on-start"
    """When a database of an older Gossamer is brought to this one's tables: on start, or only by
    `gossamer store migrate`, until which it is refused."""

    api_host: str = "127.0.0.1"
    """Address of the App Mesh API. Loopback only, until there are access keys (`gossamer keys create`)."""

    api_port: int = API_PORT
    """Port of the App Mesh API; 0 takes a free one."""

    xds_host: str = "127.0.0.1"
    """Address of the xDS management server. Loopback only, until there are access keys."""

    xds_port: int = XDS_PORT
    """Port of the xDS management server; 0 takes a free one."""

    xds_socket: Path | None = None
    """A Unix socket where xDS is served too: proxies in other network namespaces reach it."""

    account_id: str = DEFAULT_ACCOUNT
    """The AWS account that callers belong to, 12 digits: it stands in every ARN."""

    region: str = DEFAULT_REGION
    """The AWS region that stands in every ARN."""

    strict_references: bool = False
    """Refuse a provider or a target that does not exist yet, as the managed service did."""

    limit_meshes: int = _LIMITS.meshes
    """How many meshes an account may have."""

    limit_virtual_nodes: int = _LIMITS.virtual_nodes
    """How many virtual nodes a mesh may have."""

    limit_virtual_routers: int = _LIMITS.virtual_routers
    """How many virtual routers a mesh may have."""

    limit_virtual_services: int = _LIMITS.virtual_services
    """How many virtual services a mesh may have."""

    limit_virtual_gateways: int = _LIMITS.virtual_gateways
    """How many virtual gateways a mesh may have."""

    limit_routes: int = _LIMITS.routes
    """How many routes a virtual router may have."""

    limit_gateway_routes: int = _LIMITS.gateway_routes
    """How many gateway routes a virtual gateway may have."""

    limit_backends: int = _LIMITS.backends
    """How many backends a virtual node may have."""

    limit_weighted_targets: int = _LIMITS.weighted_targets
    """How many weighted targets a route may have; the shape of a route holds 10 at most."""

    calls_per_second: int = 0
    """How often an account may call the API, with twice as many at once after a rest; 0 sets no bound."""

    proxies_per_endpoint: int = 1000
    """How many proxies may connect for one virtual node or gateway; one more is refused with status 8."""

    secrets_key_file: Path | None = None
    """Key that secrets are sealed with, made if missing; by default gossamer.key in the data directory."""

    tls_cert_file: Path | None = None
    """The API's certificate, in PEM, with what leads to its authority; replaced files are taken up."""

    tls_key_file: Path | None = None
    """The key of that certificate."""

    xds_tls_cert_file: Path | None = None
    """The xDS port's certificate. Default: that of the API."""

    xds_tls_key_file: Path | None = None
    """The key of the xDS port's certificate."""

    xds_client_ca_file: Path | None = None
    """An authority: every proxy on the xDS port must show a certificate of it."""

    xds_trust_domain: str = "gossamer"
    """The trust domain of proxies' certificates: spiffe://DOMAIN/mesh/MESH/virtualNode/NAME."""

    xds_names: str = ""
    """Names, comma-separated, that proxies sign for the xDS port, besides its own and its certificate's."""

    audit_days: int = 90
    """How many days the audit log is kept; 0 keeps it for ever."""

    cloud_map: bool = False
    """Ask AWS Cloud Map for the endpoints of virtual nodes that are found through it."""

    cloud_map_endpoint_url: str = ""
    """Where Cloud Map answers, if that is not AWS itself."""

    cloud_map_interval: float = 1.0
    """Seconds between two looks at one service in Cloud Map."""

    acm: bool = False
    """Ask AWS for certificates and authorities whose ARNs are not those of `gossamer ca`."""

    acm_endpoint_url: str = ""
    """Where ACM answers, if that is not AWS itself."""

    acm_pca_endpoint_url: str = ""
    """Where ACM's private certificate authorities answer, if that is not AWS itself."""

    aws_region: str = ""
    """The region that AWS is asked in, if it is not the one that stands in every ARN."""

    aws_profile: str = ""
    """The profile of the AWS configuration with the credentials, if they are not found otherwise."""

    stream_max_age: float = 1800.0
    """Seconds after which a proxy's stream ends in order, so that proxies spread over replicas; 0 never."""

    drain_seconds: float = 5.0
    """Seconds over which many streams are ended when the process is told to end, and that a replica on
    PostgreSQL still answers calls, for load balancers to notice. A second signal ends it at once."""

    unready_after: float = 10.0
    """Seconds that the store may be unreadable before /readyz answers 503; proxies keep what they have."""

    tls_inspection: Literal["443", "all"] = "443"
    """Where TLS is looked for in what applications send: on port 443 only, or on every port, as App Mesh did,
    where a server that speaks first waits a second for it."""

    http2: Literal["off", "tls", "all"] = "off"
    """HTTP/2 between sidecars whose applications speak HTTP/1.1: where both agree over TLS, or in plain text
    too, to virtual nodes of which every connected proxy says that it takes it (`GOSSAMER_ACCEPTS_HTTP2`)."""

    flat_gateways: bool = False
    """Send what comes to a gateway straight to its virtual node, in one step instead of two, counted under
    the same names; what cannot be the same in one step still takes two."""

    otlp_endpoint: str = ""
    """A collector of traces, `http://collector:4318`; the standard OTEL_* variables do the same, and more."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The least of what is logged."""

    log_format: Literal["auto", "console", "json"] = "auto"
    """How logs are written: for people, for machines, or by whether a person watches."""

    def directory(self) -> Path:
        """Where data is kept."""
        return self.data_dir if self.data_dir is not None else default_data_dir()

    def data_plane(self) -> DataPlane:
        """Where proxies differ from App Mesh's own."""
        return DataPlane(
            inspects_every_port=self.tls_inspection == "all",
            http2=Http2(self.http2),
            has_flat_gateways=self.flat_gateways,
        )

    def rules(self) -> Rules:
        """What the store insists on."""
        limits = {field.name: getattr(self, f"{_LIMIT}{field.name}") for field in fields(Limits)}
        return Rules(strict_references=self.strict_references, limits=Limits(**limits))

    def url(self) -> Url:
        """The database: the one that was named, or else a file in the data directory.

        Raises: ValueError.
        """
        if self.database_url:
            try:
                return database_url(self.database_url)
            except ValueError as error:
                raise ValueError(f"--database-url {error}") from error
        return sqlite_url(self.directory() / "gossamer.db")

    def migrating(self) -> Migrating:
        """What opening the database may do to its tables."""
        return Migrating.ANY if self.migrations == "on-start" else Migrating.NONE

    def api_tls(self) -> TlsFiles | None:
        """The files of the API's certificate, if it speaks TLS."""
        if self.tls_cert_file is None or self.tls_key_file is None:
            return None
        return TlsFiles(self.tls_cert_file, self.tls_key_file)

    def xds_tls(self) -> TlsFiles | None:
        """The files of the xDS port's certificate, if it speaks TLS."""
        cert = self.xds_tls_cert_file or self.tls_cert_file
        key = self.xds_tls_key_file or self.tls_key_file
        return None if cert is None or key is None else TlsFiles(cert, key, self.xds_client_ca_file)

    def is_exposed(self) -> bool:
        """Whether other machines may reach a port."""
        return not (is_loopback(self.api_host) and is_loopback(self.xds_host))

    def check_exposure(self, *, has_keys: bool) -> None:
        """Refuse what would expose the control plane.

        Raises: Unsafe that says which setting, and what to do.
        """
        for name, host in (("api-host", self.api_host), ("xds-host", self.xds_host)):
            if not has_keys and not is_loopback(host):
                raise Unsafe(
                    f"--{name} {host} is not a loopback address, and there are no access keys: anybody who "
                    f"reaches it could rule the mesh. Make a key first: gossamer keys create --data-dir "
                    f"{self.directory()} --account-id {self.account_id} --policy AWSAppMeshFullAccess. "
                    "Or bind 127.0.0.1 or ::1, and let proxies on this machine use --xds-socket."
                )

    def check(self) -> None:
        """Refuse what can't be.

        Raises: ValueError that says which setting, and its rule.
        """
        self._check_tls()
        if not is_account(self.account_id):
            raise ValueError(f"--account-id {self.account_id!r} is not {AN_ACCOUNT}")
        if re.fullmatch(r"[a-z0-9-]+", self.region) is None:
            raise ValueError(f"--region {self.region!r} is not an AWS region, such as us-west-2")
        self.url()
        self._check_numbers()

    def _check_numbers(self) -> None:
        for name in ("cloud_map_interval", "unready_after"):
            if not getattr(self, name) > 0:
                raise ValueError(f"--{_flag(name)} must be above 0")
        for field in fields(self):
            if field.name.startswith(_LIMIT) and getattr(self, field.name) < 1:
                raise ValueError(f"--{_flag(field.name)} must be at least 1")
        for name, low, high in BOUNDS:
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"--{_flag(name)} must be between {low} and {high}")

    def _check_tls(self) -> None:
        for cert, key in (("tls_cert_file", "tls_key_file"), ("xds_tls_cert_file", "xds_tls_key_file")):
            if (getattr(self, cert) is None) is not (getattr(self, key) is None):
                raise ValueError(f"--{_flag(cert)} and --{_flag(key)} go together")
        if self.xds_client_ca_file is not None and self.xds_tls() is None:
            raise ValueError("--xds-client-ca-file needs --xds-tls-cert-file or --tls-cert-file")


def _flag(name: str) -> str:
    return name.replace("_", "-")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def vault(settings: Settings, environ: Mapping[str, str]) -> Vault:
    """What seals secrets: its key is in the environment, or else in a file, which is made if it is missing.

    Raises: ValueError for what is no key, OSError.
    """
    if text := environ.get(_KEY_VARIABLE):
        return vault_from_text(text)
    return vault_from_file(_key_file(settings))


def known_vault(settings: Settings, environ: Mapping[str, str]) -> Vault | str:
    """What opens secrets; where no key is, the sentence that says so, and none is made.

    Raises: ValueError for what is no key, OSError.
    """
    path = _key_file(settings)
    if environ.get(_KEY_VARIABLE) or path.exists():
        return vault(settings, environ)
    return f"there is no key in {path} nor in {_KEY_VARIABLE}"


def _key_file(settings: Settings) -> Path:
    return settings.secrets_key_file or settings.directory() / "gossamer.key"


def variables() -> tuple[str, ...]:
    """The environment variable of every setting."""
    return tuple(f"GOSSAMER_{field.name.upper()}" for field in fields(Settings))
