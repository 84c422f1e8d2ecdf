"""What is compared: the same mesh on the same Envoy, by different settings."""

import os
from dataclasses import dataclass
from typing import Final

from gossamer.mesh.data_plane import FAITHFUL, DataPlane, Http2

PROCESSORS: Final = len(os.sched_getaffinity(0))


@dataclass(frozen=True, slots=True)
class Way:
    """One way to run the mesh; `workers` are threads. Without `data_plane` it is hand-written."""

    name: str
    said: str
    data_plane: DataPlane | None = FAITHFUL
    workers: int = PROCESSORS


APP_MESH: Final = Way(
    "app-mesh",
    "App Mesh's own configuration",
    DataPlane(inspects_every_port=True),
)
DEFAULT: Final = Way("default", "our defaults (TLS looked for on 443 only)")
HTTP2: Final = Way("http2", "HTTP/2 between sidecars", DataPlane(http2=Http2.ALL))
WORKERS: Final = Way("workers", "one worker, as for a share of one processor", workers=1)
FLAT: Final = Way("flat", "gateways in one step", DataPlane(has_flat_gateways=True))
ALL: Final = Way("all", "all together", DataPlane(http2=Http2.ALL, has_flat_gateways=True), workers=1)
MINIMAL: Final = Way("minimal", "a hand-written minimal configuration", None)
MINIMAL_1: Final = Way("minimal-1", "the same with one worker", None, workers=1)

WAYS: Final = (APP_MESH, DEFAULT, HTTP2, WORKERS, FLAT, ALL, MINIMAL, MINIMAL_1)
#: Whose gateway is measured, and whose sidecars: not those that only change the other.
AT_GATEWAYS: Final = (APP_MESH, DEFAULT, HTTP2, WORKERS, FLAT, ALL, MINIMAL, MINIMAL_1)
AT_SIDECARS: Final = (APP_MESH, DEFAULT, HTTP2, WORKERS, ALL, MINIMAL, MINIMAL_1)
