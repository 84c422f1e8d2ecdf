"""What one proxy gets: by what it speaks for.

ProxyView -> Resources
"""

from typing import Final

from gossamer.compile.endpoint import load_assignment
from gossamer.compile.resources import Compiled, Part, Resources, ResourceType
from gossamer.compile.virtual_gateway import gateway_parts
from gossamer.compile.virtual_node import node_parts
from gossamer.errors import Bug
from gossamer.mesh.view import GatewayView, NodeView, ProxyView

#: A cluster that App Mesh's agent puts into the bootstrap where its endpoint is a Unix socket, and asks
#: endpoints for. Nothing needs them, but Envoy waits fifteen seconds for an answer before it starts.
LOCAL_CLUSTER: Final = "local_cluster"
_LOCAL: Final = Resources.holding(
    Compiled(ResourceType.ENDPOINT, LOCAL_CLUSTER, load_assignment(LOCAL_CLUSTER, ()), is_shared=True)
)


def resources(view: ProxyView) -> Resources:
    """All that the proxies of one mesh endpoint get: the same view gives the same bytes."""
    return Resources((*_parts(view), *_LOCAL.parts))


def _parts(view: ProxyView) -> tuple[Part, ...]:
    match view:
        case NodeView():
            return node_parts(view)
        case GatewayView():
            return gateway_parts(view)
        case _:
            raise Bug(f"nothing is compiled from a {type(view).__name__}")
