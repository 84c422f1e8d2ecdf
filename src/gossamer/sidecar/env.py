"""The agent's one table of variables, and the settings that they make.

The table drives parsing, the flags of `gossamer agent`, and docs/reference/agent-variables.md. A variable
has App Mesh's name where App Mesh has one, and a GOSSAMER_ name otherwise. Each concept's variables stand in
its own file; they are put together here.

Source: App Mesh user guide, Envoy image variables; ranges as the managed service's own agent had them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar import (
    admin_settings,
    cloud,
    dns,
    envoy_settings,
    life_settings,
    management_settings,
    node,
    relay,
    runtime_layer,
    sds,
    stats,
    stream,
    tracing,
    traffic,
    xray,
)
from gossamer.sidecar.admin_settings import AdminSettings
from gossamer.sidecar.cloud import CloudSettings
from gossamer.sidecar.dns import DnsSettings
from gossamer.sidecar.envoy_settings import EnvoySettings
from gossamer.sidecar.life_settings import LifeSettings
from gossamer.sidecar.management_settings import ManagementSettings
from gossamer.sidecar.node import NodeSettings
from gossamer.sidecar.own_files import RESOURCES_FILE
from gossamer.sidecar.relay import RelaySettings
from gossamer.sidecar.runtime_layer import RuntimeLayer
from gossamer.sidecar.stats import Stats
from gossamer.sidecar.stream import StreamSettings
from gossamer.sidecar.tracing import Tracer
from gossamer.sidecar.variable import Idle, Ignored, Misconfigured, Reader, Variable

TABLE: Final[tuple[Variable, ...]] = (
    *node.TABLE, *stream.TABLE, *envoy_settings.TABLE, *admin_settings.TABLE, *runtime_layer.TABLE,
    *stats.TABLE, *tracing.TABLE, *sds.TABLE, RESOURCES_FILE, *life_settings.TABLE,
    *management_settings.TABLE, *dns.TABLE, *cloud.TABLE, *relay.TABLE,
    *traffic.TABLE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFiles:
    """The files of an operator's own, by what they hold; `""` where there is none."""

    resources: str
    tracing: str
    stats: str
    sinks: str
    sampling_rules: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator asked of the agent."""

    node: NodeSettings
    stream: StreamSettings | RelaySettings
    envoy: EnvoySettings
    admin: AdminSettings
    runtime: RuntimeLayer
    stats: Stats
    tracer: Tracer | None
    sds_socket: str
    files: OwnFiles
    life: LifeSettings
    management: ManagementSettings
    dns: DnsSettings | None
    cloud: CloudSettings
    reports_traffic: bool


def settings(
    environ: Mapping[str, str], *, is_check: bool = False
) -> tuple[Settings, tuple[Ignored | Idle, ...]]:
    """Read the settings, and what of the environment had to be ignored; a mere check needs no identity.

    Raises: Misconfigured for what no default can mend: a missing or wrong identity, a wrong endpoint, two
    tracers, half a certificate, spans without what they go by.
    """
    read = Reader(environ)
    envoy = envoy_settings.envoy_settings(read)
    is_relay = relay.is_relay(read)
    own = node.node_settings(read, is_needed=not (envoy.config_file or is_relay or is_check))
    found = Settings(
        node=own,
        stream=relay.relay_settings(read) if is_relay else stream.stream_settings(read),
        envoy=envoy,
        admin=admin_settings.admin_settings(read),
        runtime=runtime_layer.runtime_layer(read),
        stats=stats.stats(read, own.identity),
        tracer=tracing.tracer(read, own.identity),
        sds_socket=read.text(sds.SOCKET),
        files=_files(read),
        life=life_settings.life_settings(read),
        management=management_settings.management_settings(read),
        dns=dns.dns_settings(read),
        cloud=cloud.cloud_settings(read),
        reports_traffic=read.truth(traffic.REPORTS),
    )
    if not own.makes_request_ids and (found.tracer or found.files.tracing):
        raise Misconfigured(
            f"{node.MAKES_REQUEST_IDS.name} is false, but which requests get spans goes by x-request-id: "
            "without it, none does. Turn spans off, or leave that variable out."
        )
    return found, (*read.ignored, *read.idle)


def _files(read: Reader) -> OwnFiles:
    """The files of an operator's own."""
    return OwnFiles(
        resources=read.text(RESOURCES_FILE),
        tracing=read.text(tracing.CONFIG_FILE),
        stats=read.text(stats.CONFIG_FILE),
        sinks=read.text(stats.SINKS_FILE),
        sampling_rules=read.text(xray.SAMPLING_RULES) if read.truth(xray.ENABLED) else "",
    )
