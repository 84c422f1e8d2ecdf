"""Pure: settings to Envoy's bootstrap, env.Settings -> envoy.config.bootstrap.v3.Bootstrap (as JSON).

Source: App Mesh user guide, Envoy image variables; the bootstrap of the managed service's own agent, without
what Envoy 1.40 has dropped: its AWS credentials for gRPC, and three runtime guards.
"""

from collections.abc import Mapping
from pathlib import Path

from gossamer.sidecar import (
    admin_settings,
    own_files,
    relay,
    runtime_layer,
    sds,
    stats,
    stream,
    tracing,
    traffic,
)
from gossamer.sidecar.dns import dns_wish
from gossamer.sidecar.env import OwnFiles, Settings
from gossamer.sidecar.facts import NO_FACTS, Facts
from gossamer.sidecar.json_value import Json
from gossamer.sidecar.node import node
from gossamer.sidecar.relay import RelaySettings
from gossamer.sidecar.stream import StreamSettings

#: What an operator's files hold, by the path of each.
Documents = Mapping[str, Json]


def bootstrap(settings: Settings, admin_socket: str, facts: Facts = NO_FACTS) -> Json:
    """The bootstrap of one proxy; Envoy's own admin interface is `admin_socket`, its secrets lie beside it.

    Raises: Misconfigured when names are to be answered and there is nobody to pass others on to.
    """
    region = settings.node.region or facts.region
    return {
        "node": node(settings.node, facts, settings.runtime.told, dns_wish(settings.dns, facts.nameservers)),
        "admin": admin_settings.admin(settings.admin, admin_socket),
        **_resources(settings, region, Path(admin_socket).parent),
        "cluster_manager": _cluster_manager(settings),
        "layered_runtime": runtime_layer.layers(settings.runtime.fixed),
        **settings.stats.parts(_traffic_sinks(settings)),
        **({"tracing": settings.tracer.tracing} if settings.tracer else {}),
    }


def _cluster_manager(settings: Settings) -> Json:
    found: Json = {"outlier_detection": {"event_log_path": settings.envoy.outlier_log}}
    if settings.reports_traffic and isinstance(settings.stream, StreamSettings):
        found["load_stats_config"] = traffic.load_stats(settings.stream)
    return found


def _traffic_sinks(settings: Settings) -> tuple[Json, ...]:
    if settings.reports_traffic and isinstance(settings.stream, StreamSettings):
        return (traffic.metrics_sink(settings.stream),)
    return ()


def with_own_files(written: Json, files: OwnFiles, documents: Documents) -> tuple[Json, tuple[str, ...]]:
    """The bootstrap with an operator's own parts, and the names of those that took the place of ours.

    Raises: Misconfigured where they contradict it.
    """
    replaced: list[str] = []
    if files.stats:
        written = own_files.with_stats_config(written, documents[files.stats], stats.CONFIG_FILE.name)
    for path, variable in (
        (files.tracing, tracing.CONFIG_FILE.name),
        (files.sinks, stats.SINKS_FILE.name),
        (files.resources, own_files.RESOURCES_FILE.name),
    ):
        if path:
            written, names = own_files.merged(written, documents[path], variable)
            replaced.extend(names)
    return written, tuple(replaced)


def _resources(settings: Settings, region: str, directory: Path) -> Json:
    """Where everything else comes from, and the clusters that must be there before.

    A relay has no control plane of its own: it is one's way to it.
    """
    if isinstance(settings.stream, RelaySettings):
        return {"static_resources": relay.relay_resources(settings.stream, region)}
    clusters = [stream.xds_cluster(settings.stream, region, directory)]
    if settings.sds_socket:
        clusters.append(sds.sds_cluster(settings.sds_socket))
    clusters.extend(settings.tracer.clusters if settings.tracer else ())
    return {
        "dynamic_resources": stream.dynamic_resources(settings.stream),
        "static_resources": {"clusters": clusters},
    }
