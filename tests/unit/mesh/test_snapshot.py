"""What a snapshot of a mesh tells of its gateways, and of the routes below routers and gateways."""

from typing import Any

from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind
from tests.support.goldens import mesh_of

GATEWAY: dict[str, Any] = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
ROUTE: dict[str, Any] = {
    "httpRoute": {"match": {}, "action": {"target": {"virtualService": {"virtualServiceName": "s.local"}}}}
}


def mesh() -> Mesh:
    return mesh_of({"gateways": {"g": GATEWAY, "h": GATEWAY}, "gateway_routes": {"g/b": ROUTE, "g/a": ROUTE}})


def test_a_gateway_knows_its_listeners_and_its_routes_by_name() -> None:
    found = mesh().virtual_gateway("g")
    assert found is not None
    assert [listener.port_mapping.port for listener in found.listeners] == [80]
    assert [name for name, _ in mesh().gateway_routes_of("g")] == ["a", "b"]
    assert mesh().gateway_routes_of("h") == ()
    assert mesh().virtual_gateway("nobody") is None


def test_a_gateway_and_a_router_of_one_name_keep_their_routes_apart() -> None:
    assert mesh().routes_of("g") == ()


def test_a_change_shares_all_that_it_leaves_alone() -> None:
    found = mesh()
    after = found.amended([(found.ref(Kind.GATEWAY_ROUTE, "a", "g"), None)])
    assert after.shelves[Kind.VIRTUAL_GATEWAY, None] is found.shelves[Kind.VIRTUAL_GATEWAY, None]
    assert len(found.gateway_routes_of("g")) == len(after.gateway_routes_of("g")) + 1


def test_a_gateway_route_that_was_deleted_is_gone() -> None:
    found = mesh()
    after = found.amended([(found.ref(Kind.GATEWAY_ROUTE, "a", "g"), None)])
    assert [name for name, _ in after.gateway_routes_of("g")] == ["b"]
