"""What is compared: the same mesh on the same Envoy, by different settings."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gossamer.mesh.data_plane import FAITHFUL, DataPlane, Http2

PROCESSORS: Final = len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run the mesh; `workers` are threads, `more` is what sidecars are told beyond the usual.

    Without `data_plane` it is hand-written.
    """

    name: str
    said: str
    data_plane: DataPlane | None = FAITHFUL
    workers: int = PROCESSORS
    more: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


APP_MESH: Final = Way(
    "app-mesh",
    "App Mesh's own configuration",
    DataPlane(inspects_every_port=True),
)
DEFAULT: Final = Way("default", "our defaults (TLS looked for on 443 only)")
HTTP2: Final = Way("http2", "HTTP/2 between sidecars", DataPlane(http2=Http2.ALL))
WORKERS: Final = Way("workers", "one worker, as for a share of one processor", workers=1)
FLAT: Final = Way("flat", "gateways in one step", DataPlane(has_flat_gateways=True))
_NO_IDS: Final = {"GOSSAMER_MAKES_REQUEST_IDS": "0"}
_IDLE: Final = {"GOSSAMER_ENDS_IDLE_REQUESTS": "0"}
_QUIET: Final = {"GOSSAMER_SHOWS_ENVOY": "0"}
_TOGETHER: Final = DataPlane(http2=Http2.ALL, has_flat_gateways=True)
NO_IDS: Final = Way("no-ids", "without request ids", more=_NO_IDS)
IDLE: Final = Way("idle", "idle requests stay", more=_IDLE)
QUIET: Final = Way("quiet", "without headers that tell of Envoy", more=_QUIET)
WHOLE: Final = Way("whole", "all that leaves nothing out", _TOGETHER, workers=1)
ALL: Final = Way("all", "all together", _TOGETHER, workers=1, more={**_NO_IDS, **_IDLE, **_QUIET})
MINIMAL: Final = Way("minimal", "a hand-written minimal configuration", None)
MINIMAL_1: Final = Way("minimal-1", "the same with one worker", None, workers=1)

#: Whose gateway is measured, and whose sidecars: not those that only change the other.
AT_GATEWAYS: Final = (APP_MESH, DEFAULT, HTTP2, WORKERS, FLAT, WHOLE, ALL, MINIMAL, MINIMAL_1)
AT_SIDECARS: Final = (
    APP_MESH, DEFAULT, HTTP2, WORKERS, NO_IDS, IDLE, QUIET, WHOLE, ALL, MINIMAL, MINIMAL_1,
)  # fmt: skip
WAYS: Final = (*AT_SIDECARS, FLAT)
