"""When an endpoint is set aside for failing.

Source: App Mesh API 2019-01-25, `OutlierDetection`; Envoy cluster `outlier_detection`.
"""

from collections.abc import Iterator
from typing import Annotated

from gossamer.model.duration import Duration
from gossamer.model.rule import Between
from gossamer.model.spec import Ruled, Violated


class OutlierDetection(Ruled):
    """When clients set an endpoint aside, and for how long; Envoy wants both durations longer than zero."""

    # Envoy counts errors in 32 bits.
    max_server_errors: Annotated[int, Between(1, 2**32 - 1)]
    """How many answers of status 5xx in a row set an endpoint aside."""
    interval: Duration
    """The time between two looks at all endpoints."""
    base_ejection_duration: Duration
    """How long an endpoint is set aside the first time; each further time lasts longer."""
    max_ejection_percent: Annotated[int, Between(0, 100)]
    """The largest share of the endpoints that may be set aside; one always may."""

    def _broken_rules(self) -> Iterator[Violated]:
        for member, duration in (
            ("interval", self.interval),
            ("baseEjectionDuration", self.base_ejection_duration),
        ):
            if duration.value == 0:
                yield Violated("must be longer than zero", member)
