"""Every call of the preview API of 2018-10-01, in an order in which each comes to what it must.

The kinds that it has come and go as today's do, without an owner's account; what they are made of is said in
its own words.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from tests.support.compatibility.call import Api, Call
from tests.support.compatibility.scenario import (
    BAD_SPEC,
    FLAGS,
    HTTP,
    MESH,
    NO_NAME,
    NOWHERE,
    Kind,
    comes,
    goes,
    route,
)

DISCOVERY: Final = {"serviceDiscovery": {"dns": {"serviceName": "n.local"}}}

KINDS: Final = (
    Kind(
        *("VirtualNode", "VirtualNodes", "virtualNodeName", "n"),
        spec={**HTTP, **DISCOVERY},
        other={**HTTP, **DISCOVERY, "backends": ["s1"]},
        bad=BAD_SPEC,
        too_much={"backends": ["s1", "s2", "s3"]},
    ),
    Kind(
        *("VirtualRouter", "VirtualRouters", "virtualRouterName", "r"),
        spec={},
        other={"serviceNames": ["s1"]},
        bad={"serviceNames": ["a/b"]},
        # A mesh is made to hold two virtual services, which is what service names are.
        too_much={"serviceNames": ["s2", "s3", "s4"]},
    ),
    Kind(
        *("Route", "Routes", "routeName", "x"),
        spec=route("n1"),
        other=route("n1", "n2", prefix="/a"),
        bad=route("n1", prefix="a"),
        too_much=route("n1", "n2", "n3"),
        parent={"virtualRouterName": "r1"},
    ),
)


def _mesh_comes() -> Iterator[Call]:
    yield Call("CreateMesh", MESH)
    yield Call("CreateMesh", {"meshName": "m2"})
    yield Call("CreateMesh", {"meshName": "m3"}, "LimitExceededException")
    yield Call("CreateMesh", MESH, "ConflictException")
    yield Call("CreateMesh", {"meshName": "a.b"}, "BadRequestException")
    yield Call("DescribeMesh", MESH)
    yield Call("DescribeMesh", NOWHERE, "NotFoundException")
    yield Call("DescribeMesh", NO_NAME, "BadRequestException")
    yield Call("ListMeshes", pages=2)
    yield Call("ListMeshes", {"limit": 101}, "BadRequestException")


def _without_owner(call: Call) -> Call:
    """The call as a client of then can make it."""
    return replace(
        call, arguments={name: value for name, value in call.arguments.items() if name != "meshOwner"}
    )


def _everything_goes() -> Iterator[Call]:
    nodes, routers, routes = KINDS
    for kind in (nodes, routers):
        yield Call(f"Delete{kind.noun}", kind.at(1), "ResourceInUseException")
    yield Call("DeleteMesh", MESH, "ResourceInUseException")
    for kind in (routes, routers, nodes):
        yield from goes(kind)
    yield Call("DeleteMesh", MESH)
    yield Call("DeleteMesh", {"meshName": "m2"})
    yield Call("DeleteMesh", MESH, "NotFoundException")
    yield Call("DeleteMesh", NO_NAME, "BadRequestException")


PREVIEW: Final = Api(
    version="2018-10-01",
    flags=FLAGS,
    calls=(
        *_mesh_comes(),
        *(_without_owner(call) for kind in KINDS for call in comes(kind)),
        *map(_without_owner, _everything_goes()),
    ),
    impossible={
        ("CreateMesh", "NotFoundException"): "there is nothing that it could look for in vain",
        ("ListMeshes", "NotFoundException"): "there is nothing that it could look for in vain",
        ("DeleteRoute", "ResourceInUseException"): "nothing keeps a route",
    },
)
