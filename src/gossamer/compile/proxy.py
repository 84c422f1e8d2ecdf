"""What one proxy gets: by what it speaks for.

ProxyView -> Resources
"""

from gossamer.compile.resources import Resources
from gossamer.compile.virtual_gateway import gateway_resources
from gossamer.compile.virtual_node import node_resources
from gossamer.errors import Bug
from gossamer.mesh.view import GatewayView, NodeView, ProxyView


def resources(view: ProxyView) -> Resources:
    """All that the proxies of one mesh endpoint get: the same view gives the same bytes."""
    match view:
        case NodeView():
            return node_resources(view)
        case GatewayView():
            return gateway_resources(view)
        case _:
            raise Bug(f"nothing is compiled from a {type(view).__name__}")
