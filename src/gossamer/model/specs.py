"""The spec of each kind, for those who handle all kinds alike.

Source: App Mesh API 2019-01-25, the member `spec` of each create operation.
"""

from collections.abc import Mapping
from typing import Final

from gossamer.model.gateway_route import GatewayRouteSpec
from gossamer.model.kind import Kind
from gossamer.model.mesh import MeshSpec
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_gateway import VirtualGatewaySpec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import VirtualServiceSpec

SPECS: Final[Mapping[Kind, type[Spec]]] = {
    Kind.MESH: MeshSpec,
    Kind.VIRTUAL_NODE: VirtualNodeSpec,
    Kind.VIRTUAL_ROUTER: VirtualRouterSpec,
    Kind.ROUTE: RouteSpec,
    Kind.VIRTUAL_SERVICE: VirtualServiceSpec,
    Kind.VIRTUAL_GATEWAY: VirtualGatewaySpec,
    Kind.GATEWAY_ROUTE: GatewayRouteSpec,
}


def spec_from_json(kind: Kind, text: bytes | str) -> Spec:
    """Read the spec of one kind from its wire form.

    Raises: InvalidSpec with every violation.
    """
    return SPECS[kind].from_json(text)


def stored_spec(kind: Kind, text: str) -> Spec:
    """Read a spec that is in the store, under rules that may have changed since.

    Raises: InvalidSpec with every violation.
    """
    return SPECS[kind].from_store(text)
