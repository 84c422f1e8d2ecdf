"""Every metric of the control plane, as one table; docs/reference/metrics.md is made from it.

No label names a resource, a proxy or a caller: how many series there are follows from the code, not from what
is in the meshes. Gauges are set when somebody looks (`runtime/observe.py`); all else counts as it happens.
Source: Prometheus documentation, metric and label naming; histograms.
"""

import functools
from collections.abc import Sequence
from typing import Final

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.metrics import MetricWrapperBase

from gossamer.telemetry.tally import LoopCounter, LoopHistogram

#: What the table holds.
Told = MetricWrapperBase | LoopCounter | LoopHistogram

#: Seconds of one step inside of the process.
_STEP: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
#: Seconds between a change and what follows from it elsewhere.
_WAY: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

# A second series beside each counter, which would only tell when this process began to count.
disable_created_metrics()  # type: ignore[no-untyped-call]  # theirs to type

# The API.

API_REQUESTS: Final = Counter(
    "gossamer_api_requests_total",
    "Calls of the API that were answered. `operation` is one of App Mesh's, `gossamer:Read` and its like for "
    "our own routes, or `none`; `status` is HTTP's.",
    ("operation", "status"),
)
API_SECONDS: Final = Histogram(
    "gossamer_api_request_seconds",
    "From the head of a call to its answer.",
    ("operation",),
    buckets=_STEP,
)
API_UNDER_WAY: Final = Gauge(
    "gossamer_api_requests_under_way", "Calls of the API that wait for their answer."
)


@functools.cache
def of_calls(operation: str, status: int) -> tuple[Counter, Histogram]:
    """What calls of an operation with one status count as; there are as many as the code has."""
    return API_REQUESTS.labels(operation, str(status)), API_SECONDS.labels(operation)


# The store.

STORE_WRITE_SECONDS: Final = Histogram(
    "gossamer_store_write_seconds",
    "From a write's arrival at the writer until it is durable, its wait included.",
    buckets=_STEP,
)
STORE_COMMIT_SECONDS: Final = Histogram(
    "gossamer_store_commit_seconds",
    "How long a transaction took to become durable: SQLite's sync, PostgreSQL's commit.",
    buckets=_STEP,
)
STORE_GROUP_SIZE: Final = Histogram(
    "gossamer_store_group_size",
    "Writes that shared a transaction.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
)
STORE_QUEUE: Final = Gauge("gossamer_store_queue_depth", "Writes that wait for the writer.")
STORE_FAILURES: Final = Counter(
    "gossamer_store_failures_total",
    "What the database did not do: transactions of writes (`write`), or reading the log (`follow`).",
    ("what",),
)
LOG_COMMITTED: Final = Gauge(
    "gossamer_log_committed_sequence", "The last sequence of the log that this process knows to be durable."
)
LOG_FOLLOWED: Final = Gauge(
    "gossamer_log_followed_sequence", "The last sequence of the log that was taken into the meshes in memory."
)
FOLLOW_LAG: Final = Gauge(
    "gossamer_log_follow_lag", "Entries of the log that are durable and not taken in yet."
)
FOLLOW_SECONDS: Final = Histogram(
    "gossamer_log_follow_seconds",
    "From a change's commit until it was taken in; for one of another replica, from hearing of it.",
    buckets=_WAY,
)

# Reconciling.

CHANGES_TAKEN: Final = Counter("gossamer_changes_taken_total", "Changes that were taken into meshes.")
RECONCILE_SECONDS: Final = Histogram(
    "gossamer_reconcile_seconds",
    "How long taking in one batch of changes kept the event loop; what takes longer to publish goes on in "
    "slices.",
    buckets=_STEP,
)
PUBLISH_DUE: Final = Gauge(
    "gossamer_publish_due", "Mesh endpoints that a change touched and that are still to be published."
)
VIEWS_DERIVED: Final = Counter(
    "gossamer_views_derived_total", "Views of mesh endpoints that were derived anew, changed or not."
)
COMPILE_SECONDS: Final = Histogram(
    "gossamer_compile_seconds", "How long compiling and serialising one mesh endpoint took.", buckets=_STEP
)
COMPILE_FAILURES: Final = Counter(
    "gossamer_compile_failures_total", "Mesh endpoints that did not compile: a mistake of ours, see the log."
)
RESOURCES_PUBLISHED: Final = Counter(
    "gossamer_resources_published_total",
    "Resources of Envoy that were published new or changed, by type.",
    ("type",),
)
CHANGE_PUBLISHED_SECONDS: Final = Histogram(
    "gossamer_change_published_seconds",
    "From a change's commit until what follows from it was published, by type of resource.",
    ("type",),
    buckets=_WAY,
)
CHANGE_SENT_SECONDS: Final = LoopHistogram(
    "gossamer_change_sent_seconds",
    "From a change's commit until what follows from it was handed to a proxy's stream, once a proxy.",
    "type",
    buckets=_WAY,
)
CHANGE_ACKED_SECONDS: Final = LoopHistogram(
    "gossamer_change_acked_seconds",
    "From a change's commit until a proxy said that it runs what follows from it, once a proxy.",
    "type",
    buckets=_WAY,
)
MESHES: Final = Gauge("gossamer_meshes", "Meshes in memory.")
MESH_RESOURCES: Final = Gauge("gossamer_mesh_resources", "Resources of all meshes, by kind.", ("kind",))

# Streams.

PROXIES: Final = Gauge(
    "gossamer_proxies",
    "Connected proxies: `in_sync`, `updating`, `refused` (runs its last good configuration), or `stale` (has "
    "not spoken about an update for ten seconds).",
    ("state",),
)
PROXY_ENDPOINTS: Final = Gauge(
    "gossamer_proxy_endpoints", "Virtual nodes and gateways that have a proxy connected."
)
STREAMS_OPENED: Final = Counter(
    "gossamer_streams_opened_total", "Streams that were served, by protocol.", ("protocol",)
)
STREAMS_CLOSED: Final = Counter(
    "gossamer_streams_closed_total",
    "Streams that were served and ended: `ended` by the proxy, `lost` with its connection, `drained` when "
    "this process ended, `recycled` at their age, `slow` for not reading, `revoked`, `endpoint_gone`, "
    "`invalid` or `too_many` for what they sent, or `failed` by a mistake of ours.",
    ("reason",),
)
STREAMS_REFUSED: Final = Counter(
    "gossamer_streams_refused_total",
    "Streams that were not let in: `unauthenticated`, `forbidden`, `invalid` (no such endpoint), "
    "`too_many`, or `unavailable` (draining, or the store cannot be read).",
    ("reason",),
)
STREAMS_WAITING: Final = Gauge(
    "gossamer_streams_waiting", "Streams that have come and wait for their turn to be taken in."
)
MESSAGES_SENT: Final = LoopCounter(
    "gossamer_stream_messages_sent_total", "Answers to proxies, by type.", "type"
)
BYTES_SENT: Final = LoopCounter(
    "gossamer_stream_bytes_sent_total", "Bytes of answers to proxies, by type.", "type"
)
UPDATES_ACKED: Final = LoopCounter(
    "gossamer_updates_acked_total", "Answers that proxies said they run, by type.", "type"
)
UPDATES_REFUSED: Final = LoopCounter(
    "gossamer_updates_refused_total", "Answers that proxies refused, by type.", "type"
)
ACK_SECONDS: Final = LoopHistogram(
    "gossamer_ack_seconds", "From an answer to the proxy's word about it, by type.", "type", buckets=_WAY
)
SEND_QUEUE: Final = Gauge("gossamer_send_queue_depth", "Answers that wait in all streams to be written.")
SEND_QUEUE_BYTES: Final = Gauge("gossamer_send_queue_bytes", "Bytes that wait in all streams to be written.")
SEND_QUEUE_LONGEST: Final = Gauge("gossamer_send_queue_longest", "Answers that wait in the fullest stream.")

# Audit, certificates, discovery.

AUDIT_QUEUE: Final = Gauge("gossamer_audit_queue_depth", "Audit entries that wait to be written.")
AUDIT_LOST: Final = Counter(
    "gossamer_audit_entries_lost_total", "Audit entries that could not be written in time."
)
CERTIFICATE_EXPIRY: Final = Gauge(
    "gossamer_certificate_expiry_seconds",
    "Seconds until the first certificate of its use ends: the ports' (`api`, `xds`), and those of the local "
    "authority (`authority`, `issued`); negative once it has.",
    ("use",),
)
DISCOVERY_POLLS: Final = Counter(
    "gossamer_discovery_polls_total",
    "Questions to what is outside of meshes: `cloud_map`, `certificates`, `trust`.",
    ("source",),
)
DISCOVERY_FAILURES: Final = Counter(
    "gossamer_discovery_failures_total", "Such questions that were not answered.", ("source",)
)

# The process.

BUILD: Final = Gauge("gossamer_build_info", "1, with the version of this process.", ("version",))
READY: Final = Gauge("gossamer_ready", "1 while /readyz answers 200.")
DRAINING: Final = Gauge("gossamer_draining", "1 while this process hands its streams over to end.")
TASKS: Final = Gauge("gossamer_tasks", "Tasks of the event loop that are not done.")
LOOP_LAG: Final = Histogram(
    "gossamer_loop_lag_seconds",
    "How late the event loop came to what was due, looked at once a second.",
    buckets=_STEP,
)

# What can happen is told as zero before it does, so that a first time shows as a rise.
for _reason in (
    *("ended", "lost", "drained", "recycled", "slow"),
    *("revoked", "endpoint_gone", "invalid", "too_many", "failed"),
):
    STREAMS_CLOSED.labels(_reason)
for _reason in ("unauthenticated", "forbidden", "invalid", "too_many", "unavailable"):
    STREAMS_REFUSED.labels(_reason)
for _protocol in ("delta", "state_of_the_world"):
    STREAMS_OPENED.labels(_protocol)
for _what in ("write", "follow"):
    STORE_FAILURES.labels(_what)
for _source in ("cloud_map", "certificates", "trust"):
    DISCOVERY_POLLS.labels(_source)
    DISCOVERY_FAILURES.labels(_source)


def table() -> dict[str, Told]:
    """Every metric by the name of its constant, in the order above."""
    return {name: one for name, one in globals().items() if isinstance(one, Told)}


def exposition(names: Sequence[str] = ()) -> tuple[bytes, str]:
    """All of it in Prometheus' text format, with what the client library tells of the process; its type.

    With `names` only these series, as `name[]` asks for: `gossamer_proxies`, `gossamer_ack_seconds_bucket`.
    Source: Prometheus' client libraries, `name[]`.
    """
    registry = REGISTRY.restricted_registry(names) if names else REGISTRY
    return generate_latest(registry), CONTENT_TYPE_LATEST
