"""model.timeout -> the two timeouts of an Envoy route.

Source: App Mesh user guide, routes and virtual nodes, timeouts; App Mesh examples, howto-timeout-policy.
"""

import datetime
from collections.abc import Iterable
from typing import Final

from google.protobuf.duration_pb2 import Duration as EnvoyDuration

from gossamer.compile.value import duration, seconds
from gossamer.mesh.view import ResolvedRoute
from gossamer.model.timeout import GrpcTimeout, HttpTimeout

#: What bounds a request where nobody says otherwise. Written out, as the managed service did.
DEFAULT_REQUEST_TIMEOUT: Final = datetime.timedelta(seconds=15)
#: How long Envoy itself lets a request see no byte: its `stream_idle_timeout`.
ENVOY_IDLE_TIMEOUT: Final = datetime.timedelta(minutes=5)


def request_timeout(timeout: HttpTimeout | GrpcTimeout | None) -> EnvoyDuration:
    """Translate how long a whole request may take, retries and all.

    Absent: 15 seconds. Zero: no limit, which is how Envoy reads it too.
    """
    if timeout is None or timeout.per_request is None:
        return seconds(DEFAULT_REQUEST_TIMEOUT)
    return duration(timeout.per_request)


def longest_request_timeout(routes: Iterable[ResolvedRoute]) -> EnvoyDuration | None:
    """How long the most patient of some routes waits: what bounds requests on their way to them.

    Absent: None where there are no routes. A route without limit leaves none.
    """
    found = [request_timeout(route.timeout) for route in routes]
    return max(found, key=_patience, default=None)


def longest_idle_timeout(routes: Iterable[ResolvedRoute]) -> EnvoyDuration | None:
    """How long the most patient of some routes waits for a byte; None where Envoy's own is enough."""
    found = [idle_timeout(route.timeout) or seconds(ENVOY_IDLE_TIMEOUT) for route in routes]
    longest = max(found, key=_patience, default=None)
    is_needed = longest is not None and _patience(longest) > ENVOY_IDLE_TIMEOUT
    return longest if is_needed else None


def _patience(length: EnvoyDuration) -> datetime.timedelta:
    return length.ToTimedelta() or datetime.timedelta.max


def idle_timeout(timeout: HttpTimeout | GrpcTimeout | None) -> EnvoyDuration | None:
    """Translate how long a request may see no byte.

    Absent: None, which is Envoy's 5 minutes, as the user guide says. Zero: no limit.
    """
    return duration(timeout.idle) if timeout is not None and timeout.idle is not None else None
