"""model.timeout -> the two timeouts of an Envoy route.

Source: App Mesh user guide, routes and virtual nodes, timeouts; App Mesh examples, howto-timeout-policy.
"""

import datetime
from typing import Final

from google.protobuf.duration_pb2 import Duration as EnvoyDuration

from gossamer.compile.value import duration, seconds
from gossamer.model.timeout import GrpcTimeout, HttpTimeout

#: What bounds a request where nobody says otherwise. Written out, as the managed service did.
DEFAULT_REQUEST_TIMEOUT: Final = datetime.timedelta(seconds=15)


def request_timeout(timeout: HttpTimeout | GrpcTimeout | None) -> EnvoyDuration:
    """Translate how long a whole request may take, retries and all.

    Absent: 15 seconds. Zero: no limit, which is how Envoy reads it too.
    """
    if timeout is None or timeout.per_request is None:
        return seconds(DEFAULT_REQUEST_TIMEOUT)
    return duration(timeout.per_request)


def idle_timeout(timeout: HttpTimeout | GrpcTimeout | None) -> EnvoyDuration | None:
    """Translate how long a request may see no byte.

    Absent: None, which is Envoy's 5 minutes, as the user guide says. Zero: no limit.
    """
    return duration(timeout.idle) if timeout is not None and timeout.idle is not None else None
