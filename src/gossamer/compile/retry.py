"""model.retry -> envoy.config.route.v3.RetryPolicy.

Source: App Mesh API `HttpRetryPolicy`, `GrpcRetryPolicy`; App Mesh roadmap issues 7, 229, 284, 451; public
dumps for the order of the words, the codes and the host predicate.
"""

from typing import Final

from envoy.config.route.v3.route_components_pb2 import RetryPolicy
from envoy.extensions.retry.host.previous_hosts.v3.previous_hosts_pb2 import PreviousHostsPredicate

from gossamer.compile.value import duration, packed, uint32
from gossamer.model.retry import (
    GrpcRetryPolicy,
    GrpcRetryPolicyEvent,
    HttpRetryPolicy,
    HttpRetryPolicyEvent,
    TcpRetryPolicyEvent,
)

Event = HttpRetryPolicyEvent | TcpRetryPolicyEvent | GrpcRetryPolicyEvent

#: How often a retry may be drawn to a host that it was sent to before.
HOST_ATTEMPTS: Final = 5

DEFAULT_RETRIES: Final = 2
DEFAULT_RETRY_ON: Final = "unavailable,reset,connect-failure,refused-stream,retriable-status-codes"
DEFAULT_CODES: Final = (503,)

#: Envoy's words for each event, in the order in which they are written.
RETRY_ON: Final[dict[Event, tuple[str, ...]]] = {
    HttpRetryPolicyEvent.SERVER_ERROR: ("reset",),
    HttpRetryPolicyEvent.GATEWAY_ERROR: ("reset",),
    HttpRetryPolicyEvent.CLIENT_ERROR: (),
    HttpRetryPolicyEvent.STREAM_ERROR: ("refused-stream",),
    TcpRetryPolicyEvent.CONNECTION_ERROR: ("connect-failure",),
    GrpcRetryPolicyEvent.CANCELLED: ("cancelled",),
    GrpcRetryPolicyEvent.DEADLINE_EXCEEDED: ("deadline-exceeded",),
    GrpcRetryPolicyEvent.INTERNAL: ("internal",),
    GrpcRetryPolicyEvent.RESOURCE_EXHAUSTED: ("resource-exhausted",),
    GrpcRetryPolicyEvent.UNAVAILABLE: ("unavailable",),
}

RETRY_CODES: Final[dict[Event, tuple[int, ...]]] = {
    HttpRetryPolicyEvent.SERVER_ERROR: (500, 501, 502, 503, 504, 505, 506, 507, 508, 510, 511),
    HttpRetryPolicyEvent.GATEWAY_ERROR: (502, 503, 504),
    HttpRetryPolicyEvent.CLIENT_ERROR: (409,),
}


def retry_policy(policy: HttpRetryPolicy | GrpcRetryPolicy | None) -> RetryPolicy:
    """Translate when and how often a route tries again.

    Units:  `perRetryTimeout` bounds each try, the first too.
    Absent: the managed service's default for every account since July 2020. `maxRetries` 0 is none at all.
    """
    message = RetryPolicy(host_selection_retry_max_attempts=HOST_ATTEMPTS)
    predicate = message.retry_host_predicate.add(name="envoy.retry_host_predicates.previous_hosts")
    predicate.typed_config.CopyFrom(packed(PreviousHostsPredicate()))
    if policy is None:
        message.retry_on = DEFAULT_RETRY_ON
        message.num_retries.CopyFrom(uint32(DEFAULT_RETRIES))
        message.retriable_status_codes.extend(DEFAULT_CODES)
        return message
    events = _events(policy)
    codes = dict.fromkeys(code for event in events for code in RETRY_CODES.get(event, ()))
    words = dict.fromkeys(word for event in events for word in RETRY_ON[event])
    message.retry_on = ",".join([*words, *(["retriable-status-codes"] if codes else [])])
    message.retriable_status_codes.extend(codes)
    # Written even when zero: Envoy reads an absent count as one retry.
    message.num_retries.CopyFrom(uint32(policy.max_retries))
    message.per_try_timeout.CopyFrom(duration(policy.per_retry_timeout))
    return message


def _events(policy: HttpRetryPolicy | GrpcRetryPolicy) -> tuple[Event, ...]:
    """All events of a policy, in the order of the tables, whatever the order they were written in."""
    grpc = policy.grpc_retry_events if isinstance(policy, GrpcRetryPolicy) else None
    listed = {*(policy.http_retry_events or ()), *(policy.tcp_retry_events or ()), *(grpc or ())}
    return tuple(event for event in RETRY_ON if event in listed)
