"""What Envoy counts and where it tells: tags, sinks and their pace -> envoy.config.metrics.v3 (as JSON).

Source: App Mesh user guide, Envoy metrics; Envoy `StatsConfig`, `DogStatsdSink`.
"""

import datetime
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.endpoint import is_ip_address
from gossamer.sidecar.identity import Identity
from gossamer.sidecar.json_value import Json, pipe, socket_address, typed
from gossamer.sidecar.variable import Number, Reader, Span, Text, Truth, Variable

TAGS: Final = Truth(
    names=("ENABLE_ENVOY_STATS_TAGS",),
    flag="--stats-tags",
    default=False,
    meaning="Whether every statistic carries the mesh and the virtual node or gateway as tags.",
)
DOG_STATSD: Final = Truth(
    names=("ENABLE_ENVOY_DOG_STATSD",),
    flag="--dog-statsd",
    default=False,
    meaning="Whether statistics go to a DogStatsD daemon.",
)
STATSD_ADDRESS: Final = Text(
    names=("STATSD_ADDRESS",),
    flag="--statsd-address",
    default="127.0.0.1",
    takes="an IP address",
    meaning="Where the daemon is.",
)
STATSD_PORT: Final = Number(
    names=("STATSD_PORT",),
    flag="--statsd-port",
    default=8125,
    least=1,
    most=65535,
    meaning="The daemon's UDP port.",
)
STATSD_SOCKET: Final = Text(
    names=("STATSD_SOCKET_PATH",),
    flag="--statsd-socket-path",
    takes="a Unix socket",
    meaning="The daemon's socket, in place of address and port.",
)
FLUSH_INTERVAL: Final = Span(
    names=("ENVOY_STATS_FLUSH_INTERVAL",),
    flag="--stats-flush-interval",
    default="5000ms",
    meaning="How often statistics go out.",
)
CONFIG_FILE: Final = Text(
    names=("ENVOY_STATS_CONFIG_FILE",),
    flag="--stats-config-file",
    takes="a YAML file with `stats_config`",
    meaning="Tags and buckets of the operator's own; its tags join App Mesh's.",
)
SINKS_FILE: Final = Text(
    names=("ENVOY_STATS_SINKS_CFG_FILE",),
    flag="--stats-sinks-config-file",
    takes="a YAML file with `stats_sinks`",
    meaning="Sinks of the operator's own, in place of DogStatsD.",
)

TABLE: Final[tuple[Variable, ...]] = (
    TAGS, DOG_STATSD, STATSD_ADDRESS, STATSD_PORT, STATSD_SOCKET, FLUSH_INTERVAL, CONFIG_FILE, SINKS_FILE,
)  # fmt: skip

#: With several listeners a stat is `http.ingress.http.8080.x`; taking protocol and port out of its name, into
#: tags, keeps the names that dashboards know. Source: App Mesh user guide, Envoy metrics.
LISTENER_TAGS: Final = (
    ("appmesh.listener_protocol", r"\.ingress\.((http|http2|grpc|tcp)\.)[0-9]+\."),
    ("appmesh.listener_port", r"\.ingress\.(?:http|http2|grpc|tcp)\.(([0-9]+)\.)"),
    ("envoy_rds_route_config", r"\.ingress\.(?:http|http2|grpc)\.[0-9]+\.rds\.((.*?)\.)\w+$"),
)
_OWN_TAG: Final = {"virtualNode": "appmesh.virtual_node", "virtualGateway": "appmesh.virtual_gateway"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stats:
    """The parts of the bootstrap that are about statistics."""

    tags: tuple[Json, ...]
    sinks: tuple[Json, ...]
    flush_interval: datetime.timedelta

    def parts(self, more: tuple[Json, ...] = ()) -> Json:
        """Under the bootstrap's own names, with `more` sinks; no sinks, no member of that name."""
        every = [*self.sinks, *more]
        sinks: Json = {"stats_sinks": every} if every else {}
        interval = f"{self.flush_interval.total_seconds():g}s"
        return {"stats_config": {"stats_tags": list(self.tags)}, **sinks, "stats_flush_interval": interval}


def stats(read: Reader, who: Identity | None) -> Stats:
    """Read what is counted under which tags, and where it goes."""
    listeners: list[Json] = [{"tag_name": tag, "regex": regex} for tag, regex in LISTENER_TAGS]
    own = _own_tags(who) if read.truth(TAGS) and who else []
    has_daemon = read.truth(DOG_STATSD) and not read.text(SINKS_FILE)
    return Stats(
        tags=(*listeners, *own),
        sinks=(_dog_statsd(read),) if has_daemon else (),
        flush_interval=read.span(FLUSH_INTERVAL),
    )


def _own_tags(who: Identity) -> list[Json]:
    """Tags that are the same on every statistic.

    Source: App Mesh user guide, `ENABLE_ENVOY_STATS_TAGS`; envoy.config.metrics.v3.TagSpecifier.
    """
    fixed = (("appmesh.mesh", who.mesh), (_OWN_TAG[who.kind], who.name))
    return [{"tag_name": tag, "fixed_value": value} for tag, value in fixed]


def _dog_statsd(read: Reader) -> Json:
    """The daemon, by its socket or by UDP.

    Source: envoy.config.metrics.v3.DogStatsdSink; it looks up no name.
    """
    if path := read.text(STATSD_SOCKET):
        address = pipe(path)
    else:
        host = read.text(STATSD_ADDRESS)
        if not is_ip_address(host):
            host = read.refuse(STATSD_ADDRESS, STATSD_ADDRESS.takes)
        address = socket_address(host, read.number(STATSD_PORT), protocol="UDP")
    config = typed("envoy.config.metrics.v3.DogStatsdSink", address=address)
    return {"name": "envoy.stat_sinks.dog_statsd", "typed_config": config}
