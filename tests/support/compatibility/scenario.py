"""Every call of the API of 2019-01-25, in an order in which each comes to what it must and nothing is left.

A server that allows two of each kind at one place is made to refuse a third.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.support.compatibility.call import Api, Call
from tests.support.control_plane import ACCOUNT

Json = Mapping[str, Any]

MESH: Final = {"meshName": "m"}
NOWHERE: Final = {"meshName": "nowhere"}
NO_NAME: Final = {"meshName": f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/m"}
BAD_SPEC: Final = {"listeners": [{"portMapping": {"port": 70000, "protocol": "http"}}]}
HTTP: Final = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
DISCOVERY: Final = {"serviceDiscovery": {"dns": {"hostname": "n.local"}}}
BACKEND: Final = {"virtualService": {"virtualServiceName": "s1"}}


def route(*nodes: str, prefix: str = "/") -> Json:
    targets = [{"virtualNode": node, "weight": 1} for node in nodes]
    return {"httpRoute": {"match": {"prefix": prefix}, "action": {"weightedTargets": targets}}}


def _gateway_route(prefix: str) -> Json:
    target = {"virtualService": {"virtualServiceName": "s1"}}
    return {"httpRoute": {"match": {"prefix": prefix}, "action": {"target": target}}}


@dataclass(frozen=True)
class Kind:
    """One kind: what its resources are called, under whom, and specs that are good, bad and too much."""

    noun: str
    plural: str
    member: str
    letter: str
    spec: Json
    other: Json
    bad: Json
    too_much: Json | None = None
    parent: Json | None = None

    def at(self, number: int, mesh: Json = MESH) -> Json:
        """The names of one of its resources."""
        return {**mesh, **(self.parent or {}), self.member: f"{self.letter}{number}"}

    def around(self, mesh: Json = MESH) -> Json:
        """The names of what its resources live in."""
        return {**mesh, **(self.parent or {})}


KINDS: Final = (
    Kind(
        *("VirtualNode", "VirtualNodes", "virtualNodeName", "n"),
        spec={**HTTP, **DISCOVERY},
        other={**HTTP, **DISCOVERY, "backends": [BACKEND]},
        bad=BAD_SPEC,
        too_much={"backends": [BACKEND] * 3},
    ),
    Kind(
        *("VirtualRouter", "VirtualRouters", "virtualRouterName", "r"),
        spec=HTTP,
        other={},
        bad=BAD_SPEC,
    ),
    Kind(
        *("Route", "Routes", "routeName", "x"),
        spec=route("n1"),
        other=route("n1", "n2", prefix="/a"),
        bad=route("n1", prefix="a"),
        too_much=route("n1", "n2", "n3"),
        parent={"virtualRouterName": "r1"},
    ),
    Kind(
        *("VirtualService", "VirtualServices", "virtualServiceName", "s"),
        spec={"provider": {"virtualRouter": {"virtualRouterName": "r1"}}},
        other={},
        bad={"provider": {"virtualRouter": {"virtualRouterName": "a.b"}}},
    ),
    Kind(
        *("VirtualGateway", "VirtualGateways", "virtualGatewayName", "g"),
        spec=HTTP,
        other={"listeners": [{"portMapping": {"port": 81, "protocol": "http"}}]},
        bad=BAD_SPEC,
    ),
    Kind(
        *("GatewayRoute", "GatewayRoutes", "gatewayRouteName", "y"),
        spec=_gateway_route("/"),
        other=_gateway_route("/a"),
        bad=_gateway_route("/aws-appmesh"),
        parent={"virtualGatewayName": "g1"},
    ),
)

#: In which order resources go: first what uses others.
LEAVING: Final = ("GatewayRoute", "VirtualGateway", "VirtualService", "Route", "VirtualRouter", "VirtualNode")

#: What is still used when its turn to go has not come yet.
USED: Final = ("VirtualGateway", "VirtualService", "VirtualRouter", "VirtualNode")


def _mesh_comes() -> Iterator[Call]:
    open_mesh, closed = ({"egressFilter": {"type": one}} for one in ("ALLOW_ALL", "DROP_ALL"))
    tags = [{"key": "team", "value": "a"}]
    yield Call("CreateMesh", {**MESH, "spec": open_mesh, "tags": tags})
    yield Call("CreateMesh", {"meshName": "m2"})
    yield Call("CreateMesh", {"meshName": "m3"}, "LimitExceededException")
    yield Call("CreateMesh", MESH, "ConflictException")
    yield Call("CreateMesh", {"meshName": "a.b"}, "BadRequestException")
    yield Call("DescribeMesh", {**MESH, "meshOwner": ACCOUNT})
    yield Call("DescribeMesh", NOWHERE, "NotFoundException")
    yield Call("DescribeMesh", {**MESH, "meshOwner": "a" * 12}, "BadRequestException")
    yield Call("UpdateMesh", {**MESH, "spec": open_mesh, "clientToken": "1"})
    yield Call("UpdateMesh", {**MESH, "spec": closed, "clientToken": "1"}, "ConflictException")
    yield Call("UpdateMesh", {**NOWHERE, "spec": closed}, "NotFoundException")
    yield Call("UpdateMesh", {**MESH, "spec": {"egressFilter": {"type": "X"}}}, "BadRequestException")
    yield Call("ListMeshes", pages=2)
    yield Call("ListMeshes", {"limit": 101}, "BadRequestException")


def comes(kind: Kind) -> Iterator[Call]:
    """A kind's resources are created, looked at, changed and listed."""
    noun, first, spec = kind.noun, kind.at(1), {"spec": kind.spec}
    yield Call(f"Create{noun}", {**first, **spec, "meshOwner": ACCOUNT})
    yield Call(f"Create{noun}", {**kind.at(2), **spec})
    yield Call(f"Create{noun}", {**kind.at(3), **spec}, "LimitExceededException")
    yield Call(f"Create{noun}", {**first, **spec}, "ConflictException")
    yield Call(f"Create{noun}", {**kind.at(3), "spec": kind.bad}, "BadRequestException")
    yield Call(f"Create{noun}", {**kind.at(1, NOWHERE), **spec}, "NotFoundException")
    yield Call(f"Describe{noun}", {**first, "meshOwner": ACCOUNT})
    yield Call(f"Describe{noun}", kind.at(3), "NotFoundException")
    yield Call(f"Describe{noun}", kind.at(1, NO_NAME), "BadRequestException")
    token = {"clientToken": noun}
    yield Call(f"Update{noun}", {**first, **spec, **token, "meshOwner": ACCOUNT})
    yield Call(f"Update{noun}", {**first, "spec": kind.other, **token}, "ConflictException")
    yield Call(f"Update{noun}", {**kind.at(2), "spec": kind.other})
    yield Call(f"Update{noun}", {**first, "spec": kind.bad}, "BadRequestException")
    yield Call(f"Update{noun}", {**kind.at(3), **spec}, "NotFoundException")
    if kind.too_much is not None:
        yield Call(f"Update{noun}", {**first, "spec": kind.too_much}, "LimitExceededException")
    yield Call(f"List{kind.plural}", {**kind.around(), "meshOwner": ACCOUNT}, pages=2)
    yield Call(f"List{kind.plural}", kind.around(NOWHERE), "NotFoundException")
    yield Call(f"List{kind.plural}", {**kind.around(), "limit": 101}, "BadRequestException")


def _tags() -> Iterator[Call]:
    arn = {"resourceArn": f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/m"}
    nothing = {"resourceArn": f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/nowhere"}
    many = [{"key": str(number), "value": ""} for number in range(50)]
    for operation, body in (("TagResource", {"tags": many[:1]}), ("UntagResource", {"tagKeys": ["team"]})):
        yield Call(operation, {**arn, **body})
        yield Call(operation, {**nothing, **body}, "NotFoundException")
        yield Call(operation, {"resourceArn": "m", **body}, "BadRequestException")
    yield Call("TagResource", {**arn, "tags": [{"key": "team", "value": "b"}]})
    yield Call("TagResource", {**arn, "tags": many}, "TooManyTagsException")
    yield Call("ListTagsForResource", arn, pages=2)
    yield Call("ListTagsForResource", nothing, "NotFoundException")
    yield Call("ListTagsForResource", {"resourceArn": "m"}, "BadRequestException")


def goes(kind: Kind) -> Iterator[Call]:
    """A kind's resources are taken away."""
    yield Call(f"Delete{kind.noun}", {**kind.at(1), "meshOwner": ACCOUNT})
    yield Call(f"Delete{kind.noun}", kind.at(2))
    yield Call(f"Delete{kind.noun}", kind.at(1), "NotFoundException")
    yield Call(f"Delete{kind.noun}", kind.at(1, NO_NAME), "BadRequestException")


def _everything_goes() -> Iterator[Call]:
    kinds = {kind.noun: kind for kind in KINDS}
    for noun in USED:
        yield Call(f"Delete{noun}", kinds[noun].at(1), "ResourceInUseException")
    yield Call("DeleteMesh", MESH, "ResourceInUseException")
    for kind in (kinds[noun] for noun in LEAVING):
        yield from goes(kind)
    yield Call("DeleteMesh", MESH)
    yield Call("DeleteMesh", {"meshName": "m2"})
    yield Call("DeleteMesh", MESH, "NotFoundException")
    yield Call("DeleteMesh", NO_NAME, "BadRequestException")


def _impossible() -> Iterator[tuple[tuple[str, str], str]]:
    """What the API's own description lists, and why it never happens."""
    for operation in ("CreateMesh", "ListMeshes"):
        yield (operation, "NotFoundException"), "there is nothing that it could look for in vain"
    for noun in ("Route", "GatewayRoute"):
        yield (f"Delete{noun}", "ResourceInUseException"), "nothing keeps a route"
    for kind in KINDS:
        if kind.too_much is None:
            yield (f"Update{kind.noun}", "LimitExceededException"), "nothing in its spec is limited"


LIMITS: Final = (
    *("meshes", "virtual-nodes", "virtual-routers", "virtual-services", "virtual-gateways"),
    *("routes", "gateway-routes", "backends", "weighted-targets"),
)

FLAGS: Final = tuple(word for limit in LIMITS for word in (f"--limit-{limit}", "2"))

CURRENT: Final = Api(
    version="2019-01-25",
    flags=FLAGS,
    calls=(
        *_mesh_comes(),
        *(call for kind in KINDS for call in comes(kind)),
        *_tags(),
        *_everything_goes(),
    ),
    impossible=dict(_impossible()),
)
