"""Envoy's runtime: the layer that the agent fixes, under one that the admin interface may write.

Source: App Mesh user guide, Envoy image variables. Four guards of App Mesh's are not set: Envoy 1.40 has
dropped them. What three of them chose is the only way now; the fourth is asked of the control plane.
"""

from dataclasses import dataclass
from typing import Final

from gossamer.contract import TRACING_DECISION_WISH
from gossamer.sidecar.json_value import Json
from gossamer.sidecar.variable import Number, Reader, Spent, Truth, Variable

TRACING_DECISION: Final = Truth(
    names=("APPMESH_SET_TRACING_DECISION",),
    flag="--set-tracing-decision",
    default=True,
    meaning="Whether Envoy writes its decision to trace into `x-request-id`.",
)
REQUESTS_PER_CYCLE: Final = Number(
    names=("MAX_REQUESTS_PER_IO_CYCLE",),
    flag="--max-requests-per-io-cycle",
    default=None,
    least=1,
    most=2**31 - 1,
    meaning="How many requests of one connection are taken on before others have their turn. "
    "Without it, all.",
)
EXTENSION_LOOKUP: Final = Spent(
    names=("ENVOY_NO_EXTENSION_LOOKUP_BY_NAME",),
    flag="--no-extension-lookup-by-name",
    meaning="Envoy finds every extension by its type, and by its type alone.",
)
CREDENTIAL_CLIENT: Final = Spent(
    names=("ENVOY_USE_HTTP_CLIENT_TO_FETCH_AWS_CREDENTIALS",),
    flag="--use-http-client-to-fetch-aws-credentials",
    meaning="Envoy's own HTTP client is the only one that it has.",
)
POOL_IDLE_TIMEOUT: Final = Spent(
    names=("ENVOY_ENABLE_TCP_POOL_IDLE_TIMEOUT",),
    flag="--tcp-pool-idle-timeout",
    meaning="Envoy always closes pooled TCP connections that are idle for ten minutes.",
)

TABLE: Final[tuple[Variable, ...]] = (
    TRACING_DECISION, REQUESTS_PER_CYCLE, EXTENSION_LOOKUP, CREDENTIAL_CLIENT, POOL_IDLE_TIMEOUT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RuntimeLayer:
    """What is fixed in Envoy, and what the control plane is told of it in the node's metadata."""

    fixed: Json
    told: Json


def runtime_layer(read: Reader) -> RuntimeLayer:
    """Read what is fixed.

    The decision to trace is the listeners' in Envoy 1.40: the control plane hears of it where it always did,
    and sends listeners that leave `x-request-id` alone.
    """
    read.spent(EXTENSION_LOOKUP, CREDENTIAL_CLIENT, POOL_IDLE_TIMEOUT)
    fixed: Json = {
        "envoy.features.enable_all_deprecated_features": True,
        "re2.max_program_size.error_level": 1000,
    }
    cycle = read.number(REQUESTS_PER_CYCLE)
    if cycle is not None:
        fixed["http.max_requests_per_io_cycle"] = cycle
    return RuntimeLayer(fixed, {**fixed, TRACING_DECISION_WISH: read.truth(TRACING_DECISION)})


def layers(fixed: Json) -> Json:
    """Both layers; the admin interface's wins."""
    return {
        "layers": [
            {"name": "static_layer_0", "static_layer": fixed},
            {"name": "admin_layer", "admin_layer": {}},
        ]
    }
