"""The preview API of 2018-10-01, as boto3 speaks it: every operation, beside the API of today."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.preview import NODE, VERSION, clients, node, route

CALLED: set[str] = set()


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


@pytest.fixture(scope="module")
def then(plane: ControlPlane) -> Any:
    found = plane.client(VERSION)
    found.meta.events.register("before-call.app-mesh", lambda model, **_: CALLED.add(model.name))
    return found


@pytest.fixture
def now(plane: ControlPlane) -> Any:
    return clients(plane)[1]


@pytest.fixture
def mesh(then: Any, request: pytest.FixtureRequest) -> str:
    name = f"mesh-{abs(hash(request.node.nodeid))}"
    then.create_mesh(meshName=name)
    return name


def test_every_operation_of_the_preview_is_answered(then: Any) -> None:
    created = then.create_mesh(meshName="all")["mesh"]
    assert created["status"] == {"status": "ACTIVE"}
    assert set(created["metadata"]) == {"arn", "createdAt", "lastUpdatedAt", "uid", "version"}
    assert "spec" not in created
    assert then.describe_mesh(meshName="all")["mesh"] == created
    assert {"meshName": "all", "arn": created["metadata"]["arn"]} in then.list_meshes()["meshes"]
    place = {"meshName": "all", "virtualNodeName": "n"}
    assert then.create_virtual_node(**place, spec=NODE)["virtualNode"]["spec"] == NODE
    assert then.update_virtual_node(**place, spec=node(9090))["virtualNode"]["metadata"]["version"] == 2
    assert then.describe_virtual_node(**place)["virtualNode"]["spec"] == node(9090)
    (entry,) = then.list_virtual_nodes(meshName="all")["virtualNodes"]
    assert set(entry) == {"meshName", "virtualNodeName", "arn"}
    router = {"meshName": "all", "virtualRouterName": "r"}
    names = {"serviceNames": ["a.local", "b.local"]}
    assert then.create_virtual_router(**router, spec=names)["virtualRouter"]["spec"] == names
    names = {"serviceNames": ["b.local", "c.local"]}
    assert then.update_virtual_router(**router, spec=names)["virtualRouter"]["spec"] == names
    assert then.describe_virtual_router(**router)["virtualRouter"]["spec"] == names
    assert [
        one["virtualRouterName"] for one in then.list_virtual_routers(meshName="all")["virtualRouters"]
    ] == ["r"]
    assert then.create_route(**router, routeName="x", spec=route("n"))["route"]["spec"] == route("n")
    other = route("n", prefix="/other")
    assert then.update_route(**router, routeName="x", spec=other)["route"]["spec"] == other
    assert then.describe_route(**router, routeName="x")["route"]["spec"] == other
    assert [one["routeName"] for one in then.list_routes(**router)["routes"]] == ["x"]
    assert then.delete_route(**router, routeName="x")["route"]["status"] == {"status": "DELETED"}
    gone = then.delete_virtual_router(**router)["virtualRouter"]
    assert (gone["spec"], gone["status"]) == (names, {"status": "DELETED"})
    then.delete_virtual_node(**place)
    assert then.delete_mesh(meshName="all")["mesh"]["status"] == {"status": "DELETED"}
    service = botocore.session.get_session().get_service_model("appmesh", VERSION)
    assert set(service.operation_names) == CALLED


def test_the_service_names_of_a_router_are_virtual_services_today(then: Any, now: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    then.create_virtual_router(**router, spec={"serviceNames": ["a.local", "b.local"]})
    found = now.describe_virtual_service(meshName=mesh, virtualServiceName="a.local")["virtualService"][
        "spec"
    ]
    assert found == {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}
    now.create_virtual_service(meshName=mesh, virtualServiceName="c.local", spec=found)
    assert then.describe_virtual_router(**router)["virtualRouter"]["spec"]["serviceNames"] == [
        "a.local",
        "b.local",
        "c.local",
    ]
    then.update_virtual_router(**router, spec={"serviceNames": ["c.local"]})
    listed = now.list_virtual_services(meshName=mesh)["virtualServices"]
    assert [one["virtualServiceName"] for one in listed] == ["c.local"]


def test_a_router_listens_where_its_targets_do(then: Any, now: Any, mesh: str) -> None:
    def ports() -> list[int]:
        found = now.describe_virtual_router(meshName=mesh, virtualRouterName="r")["virtualRouter"]["spec"]
        return [one["portMapping"]["port"] for one in found.get("listeners", [])]

    def match_ports() -> list[int | None]:
        routes = [now.describe_route(**router, routeName=name)["route"]["spec"] for name in ("one", "two")]
        return [spec["httpRoute"]["match"].get("port") for spec in routes]

    router = {"meshName": mesh, "virtualRouterName": "r"}
    then.create_virtual_router(**router, spec={"serviceNames": ["a.local"]})
    assert ports() == []
    then.create_route(**router, routeName="one", spec=route("n1"))
    assert ports() == []
    then.create_virtual_node(meshName=mesh, virtualNodeName="n1", spec=node(8080))
    assert ports() == [8080]
    then.create_virtual_node(meshName=mesh, virtualNodeName="n2", spec=node(9090))
    then.create_route(**router, routeName="two", spec=route("n2", prefix="/two"))
    assert (ports(), match_ports()) == ([8080, 9090], [8080, 9090])
    then.update_virtual_node(meshName=mesh, virtualNodeName="n1", spec=node(7070))
    assert (ports(), match_ports()) == ([7070, 9090], [7070, 9090])
    then.update_virtual_node(meshName=mesh, virtualNodeName="n1", spec=node(9090))
    assert (ports(), match_ports()) == ([9090], [None, None])
    then.update_virtual_node(meshName=mesh, virtualNodeName="n2", spec=node(7070))
    then.delete_route(**router, routeName="one")
    assert ports() == [7070]
    then.delete_route(**router, routeName="two")
    assert ports() == []


def test_a_router_with_listeners_of_its_own_keeps_them(then: Any, now: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    spec = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
    now.create_virtual_router(**router, spec=spec)
    then.create_virtual_node(meshName=mesh, virtualNodeName="n", spec=node(8080))
    then.create_route(**router, routeName="x", spec=route("n"))
    then.update_virtual_node(meshName=mesh, virtualNodeName="n", spec=node(9090))
    then.update_virtual_router(**router, spec={"serviceNames": ["a.local"]})
    assert now.describe_virtual_router(**router)["virtualRouter"]["spec"] == spec


def test_what_the_preview_cannot_say_outlives_what_it_writes(then: Any, now: Any, mesh: str) -> None:
    second = {"unit": "s", "value": 1}
    spec = {
        "listeners": [
            {
                "portMapping": {"port": 8080, "protocol": "http"},
                "timeout": {"http": {"idle": second}},
            },
            {"portMapping": {"port": 9000, "protocol": "grpc"}},
        ],
        "serviceDiscovery": {"dns": {"hostname": "n.local", "responseType": "ENDPOINTS"}},
        "backends": [
            {
                "virtualService": {
                    "virtualServiceName": "b.local",
                    "clientPolicy": {"tls": {"validation": {"trust": {"file": {"certificateChain": "/ca"}}}}},
                }
            }
        ],
        "logging": {"accessLog": {"file": {"path": "/dev/stdout"}}},
    }
    place = {"meshName": mesh, "virtualNodeName": "n"}
    now.create_virtual_node(**place, spec=spec)
    seen = then.describe_virtual_node(**place)["virtualNode"]["spec"]
    assert seen == {
        "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"serviceName": "n.local"}},
        "backends": ["b.local"],
    }
    then.update_virtual_node(**place, spec=seen)
    assert now.describe_virtual_node(**place)["virtualNode"]["spec"] == spec
    then.update_virtual_node(**place, spec={**seen, "backends": ["b.local", "c.local"]})
    after = now.describe_virtual_node(**place)["virtualNode"]["spec"]
    added = {"virtualService": {"virtualServiceName": "c.local"}}
    assert after == {**spec, "backends": [*spec["backends"], added]}


def test_what_the_preview_cannot_say_of_a_route_stays(then: Any, now: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    listeners = [{"portMapping": {"port": 80, "protocol": "http"}}]
    now.create_virtual_router(**router, spec={"listeners": listeners})
    spec = {
        "priority": 3,
        "httpRoute": {
            "match": {"prefix": "/", "headers": [{"name": "x"}], "method": "GET"},
            "action": {"weightedTargets": [{"virtualNode": "n", "weight": 5, "port": 1234}]},
            "timeout": {"idle": {"unit": "s", "value": 0}},
        },
    }
    now.create_route(**router, routeName="x", spec=spec)
    seen = then.describe_route(**router, routeName="x")["route"]["spec"]
    assert seen == {
        "httpRoute": {
            "match": {"prefix": "/"},
            "action": {"weightedTargets": [{"virtualNode": "n", "weight": 5}]},
        }
    }
    seen["httpRoute"]["action"]["weightedTargets"][0]["weight"] = 7
    then.update_route(**router, routeName="x", spec=seen)
    spec["httpRoute"]["action"]["weightedTargets"][0]["weight"] = 7  # type: ignore[index]  # JSON
    assert now.describe_route(**router, routeName="x")["route"]["spec"] == spec


def test_a_route_that_the_preview_has_no_words_for_is_not_replaced(then: Any, now: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    now.create_virtual_router(
        **router, spec={"listeners": [{"portMapping": {"port": 80, "protocol": "grpc"}}]}
    )
    targets = {"weightedTargets": [{"virtualNode": "n", "weight": 1}]}
    spec = {"grpcRoute": {"match": {}, "action": targets}}
    now.create_route(**router, routeName="x", spec=spec)
    assert then.describe_route(**router, routeName="x")["route"]["spec"] == {}
    with pytest.raises(then.exceptions.BadRequestException, match="API 2019-01-25 has"):
        then.update_route(**router, routeName="x", spec=route("n"))
    assert now.describe_route(**router, routeName="x")["route"]["spec"] == spec


def test_a_write_that_cannot_be_done_as_a_whole_is_not_done(then: Any, now: Any, mesh: str) -> None:
    now.create_virtual_service(meshName=mesh, virtualServiceName="taken.local", spec={})
    with pytest.raises(then.exceptions.ConflictException, match=r"taken\.local is already present"):
        then.create_virtual_router(
            meshName=mesh, virtualRouterName="r", spec={"serviceNames": ["free.local", "taken.local"]}
        )
    assert now.list_virtual_routers(meshName=mesh)["virtualRouters"] == []
    listed = now.list_virtual_services(meshName=mesh)["virtualServices"]
    assert [one["virtualServiceName"] for one in listed] == ["taken.local"]


def test_a_service_name_that_a_gateway_route_needs_stays(then: Any, now: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    then.create_virtual_router(**router, spec={"serviceNames": ["a.local"]})
    listeners = [{"portMapping": {"port": 80, "protocol": "http"}}]
    now.create_virtual_gateway(meshName=mesh, virtualGatewayName="g", spec={"listeners": listeners})
    target = {"target": {"virtualService": {"virtualServiceName": "a.local"}}}
    spec = {"httpRoute": {"match": {"prefix": "/"}, "action": target}}
    now.create_gateway_route(meshName=mesh, virtualGatewayName="g", gatewayRouteName="x", spec=spec)
    with pytest.raises(then.exceptions.ConflictException, match=r"must keep the service name a\.local"):
        then.update_virtual_router(**router, spec={"serviceNames": []})
    with pytest.raises(then.exceptions.ResourceInUseException):
        then.delete_virtual_router(**router)
    assert then.describe_virtual_router(**router)["virtualRouter"]["spec"] == {"serviceNames": ["a.local"]}


def test_the_preview_has_the_errors_of_its_description(then: Any, mesh: str) -> None:
    router = {"meshName": mesh, "virtualRouterName": "r"}
    then.create_virtual_router(**router, spec={})
    then.create_route(**router, routeName="x", spec=route("n"))
    with pytest.raises(then.exceptions.ConflictException):
        then.create_mesh(meshName=mesh)
    names = {"serviceNames": ["a.local"]}
    with pytest.raises(then.exceptions.NotFoundException, match=r"no\|such is not present"):
        then.update_virtual_router(meshName=mesh, virtualRouterName="no|such", spec=names)
    with pytest.raises(then.exceptions.NotFoundException, match=r"VirtualNode with name no is not present"):
        then.describe_virtual_node(meshName=mesh, virtualNodeName="no")
    with pytest.raises(then.exceptions.NotFoundException, match="Mesh with name no is not present"):
        then.create_virtual_node(meshName="no", virtualNodeName="n", spec=NODE)
    with pytest.raises(then.exceptions.ResourceInUseException, match="one or more routes"):
        then.delete_virtual_router(**router)
    with pytest.raises(then.exceptions.ResourceInUseException, match="please delete"):
        then.delete_mesh(meshName=mesh)
    bad = {"listeners": [{"portMapping": {"port": 70000, "protocol": "grpc"}}]}
    with pytest.raises(then.exceptions.BadRequestException) as error:
        then.create_virtual_node(meshName=mesh, virtualNodeName="n", spec=bad)
    sentence = error.value.response["Error"]["Message"]
    assert "spec.listeners[0].portMapping.port: must be between 1 and 65535" in sentence
    assert "spec.listeners[0].portMapping.protocol: must be one of http, tcp" in sentence
    with pytest.raises(then.exceptions.BadRequestException, match=r"spec\.serviceDiscovery: is required"):
        then.create_virtual_node(
            meshName=mesh, virtualNodeName="n", spec={"listeners": node(80)["listeners"]}
        )


def test_a_client_token_repeats_the_whole_write(then: Any, now: Any, mesh: str) -> None:
    place = {"meshName": mesh, "virtualRouterName": "r"}
    spec = {"serviceNames": ["a.local"]}
    first = then.create_virtual_router(**place, spec=spec, clientToken="once")
    again = then.create_virtual_router(**place, spec=spec, clientToken="once")
    assert again["virtualRouter"] == first["virtualRouter"]
    with pytest.raises(then.exceptions.ConflictException, match="client token"):
        then.create_virtual_router(**place, spec={"serviceNames": ["b.local"]}, clientToken="once")
    node_place = {"meshName": mesh, "virtualNodeName": "n"}
    then.create_virtual_node(**node_place, spec=NODE)
    done = then.update_virtual_node(**node_place, spec=node(9090), clientToken="update")["virtualNode"]
    logged = {
        **now.describe_virtual_node(**node_place)["virtualNode"]["spec"],
        "logging": {"accessLog": {"file": {"path": "/dev/stdout"}}},
    }
    now.update_virtual_node(**node_place, spec=logged)
    again = then.update_virtual_node(**node_place, spec=node(9090), clientToken="update")["virtualNode"]
    assert (again["spec"], again["metadata"]["version"]) == (done["spec"], done["metadata"]["version"] + 1)
    assert now.describe_virtual_node(**node_place)["virtualNode"]["spec"] == logged


def test_paginators_walk_every_page_of_the_preview(then: Any, mesh: str) -> None:
    for name in ("b", "c", "a"):
        then.create_virtual_node(meshName=mesh, virtualNodeName=name, spec=NODE)
    pages = then.get_paginator("list_virtual_nodes").paginate(meshName=mesh, PaginationConfig={"PageSize": 1})
    assert [one["virtualNodeName"] for page in pages for one in page["virtualNodes"]] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "/meshes/any", 405),
        ("GET", "/meshes/any/virtualServices", 404),
        ("PUT", "/meshes/any/virtualGateways", 404),
        ("GET", "/tags", 404),
    ],
)
def test_what_only_later_versions_have_is_not_there(
    plane: ControlPlane, method: str, path: str, status: int
) -> None:
    where = urlsplit(plane.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    with contextlib.closing(connection):
        connection.request(method, path)
        answer = connection.getresponse()
        assert (answer.status, answer.headers["x-amzn-errortype"]) == (status, "UnknownOperationException")
        assert json.loads(answer.read())["message"]
