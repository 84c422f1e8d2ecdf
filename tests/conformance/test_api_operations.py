"""A real boto3 client against our server: every operation, every error, and what no SDK would send."""

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.support.control_plane import ACCOUNT, ControlPlane, running_control_plane
from tests.support.full_specs import FULL

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "getting-started"
NODE = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n.local"}},
}
ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"weightedTargets": [{"virtualNode": "n", "weight": 1}]},
    }
}
ROUTER = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
GATEWAY = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
GATEWAY_ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"target": {"virtualService": {"virtualServiceName": "s.local"}}},
    }
}

#: kind as boto3 spells it → the names that a call takes beside the mesh's, and two specs.
KINDS: dict[str, tuple[dict[str, str], Any, Any]] = {
    "virtual_node": ({"virtualNodeName": "n"}, NODE, {"backends": []}),
    "virtual_router": ({"virtualRouterName": "r"}, ROUTER, ROUTER),
    "route": ({"virtualRouterName": "r", "routeName": "x"}, ROUTE, {**ROUTE, "priority": 7}),
    "virtual_service": (
        {"virtualServiceName": "s.local"},
        {"provider": {"virtualRouter": {"virtualRouterName": "r"}}},
        {},
    ),
    "virtual_gateway": (
        {"virtualGatewayName": "g"},
        GATEWAY,
        {"listeners": [{"portMapping": {"port": 81, "protocol": "http2"}}]},
    ),
    "gateway_route": (
        {"virtualGatewayName": "g", "gatewayRouteName": "x"},
        GATEWAY_ROUTE,
        {**GATEWAY_ROUTE, "priority": 7},
    ),
}


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        yield found


@pytest.fixture
def client(plane: ControlPlane) -> Any:
    return plane.client()


@pytest.fixture
def mesh(client: Any, request: pytest.FixtureRequest) -> str:
    name = f"mesh-{abs(hash(request.node.nodeid))}"
    client.create_mesh(meshName=name)
    return name


def parent_of(client: Any, mesh: str, kind: str) -> None:
    if kind == "route":
        client.create_virtual_router(meshName=mesh, virtualRouterName="r", spec=ROUTER)
    if kind == "gateway_route":
        client.create_virtual_gateway(meshName=mesh, virtualGatewayName="g", spec=GATEWAY)


@pytest.mark.parametrize("kind", KINDS)
def test_a_resource_is_created_described_updated_listed_and_deleted(
    client: Any, mesh: str, kind: str
) -> None:
    names, spec, other = KINDS[kind]
    parent_of(client, mesh, kind)
    place = {"meshName": mesh, **names}
    data = "".join(word.capitalize() for word in kind.split("_"))
    member = data[0].lower() + data[1:]
    created = getattr(client, f"create_{kind}")(**place, spec=spec, tags=[{"key": "a", "value": "b"}])[member]
    assert {name: created[name] for name in place} == place
    assert created["metadata"]["version"] == 1
    assert created["metadata"]["meshOwner"] == created["metadata"]["resourceOwner"] == ACCOUNT
    assert created["status"] == {"status": "ACTIVE"}
    described = getattr(client, f"describe_{kind}")(**place, meshOwner=ACCOUNT)[member]
    assert described == created
    assert described["spec"] == ({**spec, "backends": []} if kind == "virtual_node" else spec)
    updated = getattr(client, f"update_{kind}")(**place, spec=other)[member]
    assert (updated["metadata"]["version"], updated["spec"]) == (2, other)
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]
    listed = getattr(client, f"list_{kind}s")(**{k: v for k, v in place.items() if k != list(place)[-1]})
    entry = listed[f"{member}s"][0]
    assert entry["arn"] == created["metadata"]["arn"]
    assert "spec" not in entry
    deleted = getattr(client, f"delete_{kind}")(**place)[member]
    assert deleted["status"] == {"status": "DELETED"}
    with pytest.raises(client.exceptions.NotFoundException):
        getattr(client, f"describe_{kind}")(**place)


def test_a_mesh_is_created_described_updated_listed_and_deleted(client: Any) -> None:
    created = client.create_mesh(meshName="alone")["mesh"]
    assert created["spec"] == {}
    assert created["metadata"]["arn"] == f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/alone"
    assert client.describe_mesh(meshName="alone")["mesh"] == created
    spec = {"egressFilter": {"type": "ALLOW_ALL"}}
    assert client.update_mesh(meshName="alone", spec=spec)["mesh"]["spec"] == spec
    assert "alone" in [one["meshName"] for one in client.list_meshes()["meshes"]]
    assert client.delete_mesh(meshName="alone")["mesh"]["status"] == {"status": "DELETED"}


def test_every_member_of_every_spec_goes_in_and_comes_back(client: Any, mesh: str) -> None:
    full = {kind.value: json.loads(json.dumps(spec)) for kind, spec in FULL.items()}
    client.update_mesh(meshName=mesh, spec=full["mesh"])
    assert client.describe_mesh(meshName=mesh)["mesh"]["spec"] == full["mesh"]
    found = client.create_virtual_node(meshName=mesh, virtualNodeName="full", spec=full["virtualNode"])
    assert found["virtualNode"]["spec"] == full["virtualNode"]


def test_paginators_walk_every_page(client: Any, mesh: str) -> None:
    for name in ("c", "a", "b"):
        client.create_virtual_node(meshName=mesh, virtualNodeName=name, spec=NODE)
    pages = client.get_paginator("list_virtual_nodes").paginate(
        meshName=mesh, PaginationConfig={"PageSize": 1}
    )
    assert [one["virtualNodeName"] for page in pages for one in page["virtualNodes"]] == ["a", "b", "c"]
    with pytest.raises(client.exceptions.BadRequestException, match="nextToken"):
        client.list_virtual_nodes(meshName=mesh, nextToken="made-up")


def test_errors_have_the_names_that_sdks_know(client: Any, mesh: str) -> None:
    with pytest.raises(client.exceptions.ConflictException):
        client.create_mesh(meshName=mesh)
    with pytest.raises(client.exceptions.NotFoundException, match=f"Mesh with name {mesh}x is not present"):
        client.list_virtual_nodes(meshName=f"{mesh}x")
    client.create_virtual_node(meshName=mesh, virtualNodeName="n", spec=NODE)
    with pytest.raises(client.exceptions.ResourceInUseException, match="has active VirtualNodes"):
        client.delete_mesh(meshName=mesh)
    with pytest.raises(client.exceptions.BadRequestException, match="an ARN is not"):
        client.describe_virtual_node(meshName="arn:aws:appmesh:us-west-2:1:mesh/m", virtualNodeName="n")


def test_a_bad_body_is_told_every_wrong_member_with_its_rule(client: Any, mesh: str) -> None:
    spec = {"listeners": [{"portMapping": {"port": 70000, "protocol": "banana"}}]}
    with pytest.raises(client.exceptions.BadRequestException) as error:
        client.create_virtual_node(meshName=mesh, virtualNodeName="bad name!", spec=spec)
    sentence = error.value.response["Error"]["Message"]
    for part in (
        "spec.listeners[0].portMapping.port: must be between 1 and 65535",
        "spec.listeners[0].portMapping.protocol: must be one of http, http2, grpc, tcp",
        "virtualNodeName: may hold",
    ):
        assert part in sentence


def test_names_that_look_like_paths_stay_names(client: Any, mesh: str) -> None:
    for name in ("a/b", "..", "%2F", "a b", "ünï"):
        with pytest.raises(ClientError) as error:
            client.describe_virtual_service(meshName=mesh, virtualServiceName=name)
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


@pytest.mark.parametrize(
    "spec",
    [
        {
            "retryPolicy": {
                "maxRetries": 0,
                "perRetryTimeout": {"unit": "s", "value": 0},
                "tcpRetryEvents": ["connection-error"],
            }
        },
        {"timeout": {"perRequest": {"unit": "ms", "value": 1500}, "idle": {"unit": "s", "value": 0}}},
        {"match": {"prefix": "/", "headers": [{"name": "only-a-name"}]}},
    ],
)
def test_what_terraform_reads_back_is_what_it_wrote(client: Any, mesh: str, spec: dict[str, Any]) -> None:
    client.create_virtual_router(meshName=mesh, virtualRouterName="r", spec=ROUTER)
    written = {"httpRoute": {**ROUTE["httpRoute"], **spec}}
    client.create_route(meshName=mesh, virtualRouterName="r", routeName="x", spec=written)
    found = client.describe_route(meshName=mesh, virtualRouterName="r", routeName="x")["route"]["spec"]
    assert found == written


def call(
    plane: ControlPlane, method: str, path: str, body: bytes | None = None
) -> tuple[int, dict[str, Any]]:
    """A request that no SDK would send."""
    where = urlsplit(plane.url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


NODES = "/v20190125/meshes/m/virtualNodes"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"virtualNodeName": "n", "spec": {',
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"virtualNodeName": "\xff", "spec": {}}',
        b'{"virtualNodeName": "a\\u0000b", "spec": {}}',
        b'{"virtualNodeName": 7, "spec": "no"}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"x" * (2 * 1024 * 1024),
    ],
    ids=range(12),
)
def test_a_body_that_is_no_request_is_a_clear_400(plane: ControlPlane, body: bytes) -> None:
    status, answer = call(plane, "PUT", NODES, body)
    assert status == 400
    assert answer["message"]


def test_unknown_paths_and_methods_are_told_what_is_there(plane: ControlPlane) -> None:
    assert call(plane, "GET", "/v20190125/nope")[0] == 404
    status, answer = call(plane, "POST", NODES)
    assert (status, answer["message"]) == (405, "POST is not an operation of this path; it has GET, PUT")
    assert (
        call(plane, "GET", f"{NODES}?limit=0")[0] == 404 or call(plane, "GET", f"{NODES}?limit=0")[0] == 400
    )


def test_a_virtual_service_given_to_create_virtual_router_is_told_the_right_operation(
    plane: ControlPlane, mesh: str
) -> None:
    body = (EXAMPLES / "serviceB-virtual-service.json").read_text()
    fields = json.loads(body)
    del fields["meshName"]
    status, answer = call(
        plane, "PUT", f"/v20190125/meshes/{mesh}/virtualRouters", json.dumps(fields).encode()
    )
    assert status == 400
    assert "this is a body for CreateVirtualService" in answer["message"]


def test_the_oldest_cli_sends_no_body_for_a_mesh_beside_its_name(plane: ControlPlane) -> None:
    assert call(plane, "PUT", "/v20190125/meshes", b'{"meshName": "oldest"}')[0] == 200
    assert call(plane, "PUT", "/v20190125/meshes/oldest")[0] == 200
