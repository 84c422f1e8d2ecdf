"""A mesh as a graph: who is in it, who leads to whom, how each is."""

import datetime
from typing import Any

from gossamer.compile.resources import ResourceType
from gossamer.insight.topology import topology
from gossamer.mesh.problem import Problem, Trouble
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.xds.status import ProxyStatus, TypeStatus
from tests.support.meshes import revision

ACCOUNT = "000000000000"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


def ref(kind: Kind, name: str, parent: str | None = None) -> Ref:
    return Ref(ACCOUNT, "m", kind, name, parent)


FRONT = ref(Kind.VIRTUAL_NODE, "front")
BACK = ref(Kind.VIRTUAL_NODE, "back")
GATEWAY = ref(Kind.VIRTUAL_GATEWAY, "in")
ROUTER = ref(Kind.VIRTUAL_ROUTER, "r")
SERVICE = ref(Kind.VIRTUAL_SERVICE, "s.local")
ROUTE = ref(Kind.ROUTE, "all", "r")
SPECS: dict[Ref, object] = {
    FRONT: {"backends": [{"virtualService": {"virtualServiceName": "s.local"}}]},
    BACK: {},
    GATEWAY: {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]},
    ROUTER: {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]},
    SERVICE: {"provider": {"virtualRouter": {"virtualRouterName": "r"}}},
    ROUTE: {
        "httpRoute": {
            "match": {"prefix": "/"},
            "action": {"weightedTargets": [{"virtualNode": "back", "weight": 3, "port": 8080}]},
        }
    },
    ref(Kind.GATEWAY_ROUTE, "way", "in"): {
        "httpRoute": {
            "match": {"prefix": "/"},
            "action": {"target": {"virtualService": {"virtualServiceName": "s.local"}}},
        }
    },
}
MESH = Mesh(MeshKey(ACCOUNT, "m")).amended(
    (one, revision(one, one.kind, spec)) for one, spec in SPECS.items()
)


def nodes(found: dict[str, Any]) -> dict[str, Any]:
    return {one["id"]: one for one in found["nodes"]}


def status(stream: int, endpoint: Ref, *, in_sync: bool = True) -> ProxyStatus:
    found = ProxyStatus(stream, "node", str(endpoint), "1.40.0", "delta", NOW, in_sync=in_sync)
    found.types[ResourceType.ROUTE] = TypeStatus()
    return found


def test_routes_are_edges_of_the_picture_and_all_else_are_its_nodes() -> None:
    found = topology(MESH, (), ())
    assert set(nodes(found)) == {str(one) for one in (FRONT, BACK, GATEWAY, ROUTER, SERVICE)}
    assert found["edges"] == [
        {
            "from": "m/virtualGateway/in",
            "to": "m/virtualService/s.local",
            "kind": "gatewayRoute",
            "protocol": "http",
            "route": "m/virtualGateway/in/gatewayRoute/way",
        },
        {"from": "m/virtualNode/front", "to": "m/virtualService/s.local", "kind": "backend"},
        {
            "from": "m/virtualRouter/r",
            "to": "m/virtualNode/back",
            "kind": "route",
            "weight": 3,
            "protocol": "http",
            "route": "m/virtualRouter/r/route/all",
            "port": 8080,
        },
        {"from": "m/virtualService/s.local", "to": "m/virtualRouter/r", "kind": "provider"},
    ]


def test_health_is_what_is_known_of_problems_and_proxies() -> None:
    refusing = status(3, GATEWAY)
    refusing.types[ResourceType.ROUTE].refusal = "no"
    proxies = [status(1, FRONT), status(2, FRONT, in_sync=False), refusing]
    found = nodes(topology(MESH, [Problem(ROUTE, "leads nowhere", Trouble.DANGLING)], proxies))
    assert {name: one["health"] for name, one in found.items()} == {
        str(FRONT): "ok",
        str(BACK): "unknown",
        str(GATEWAY): "failing",
        str(ROUTER): "warning",
        str(SERVICE): "ok",
    }
    assert found[str(ROUTER)]["problems"] == ["route all leads nowhere"]
    assert found[str(FRONT)]["proxies"] == {"connected": 2, "inSync": 1, "refused": 0}
