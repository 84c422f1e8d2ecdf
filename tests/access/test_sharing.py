"""Meshes shared between accounts, through real boto3 clients of two accounts and a stranger."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gossamer.clock import SystemClock
from gossamer.model.kind import MeshKey
from gossamer.store import shares
from tests.support.access_keys import changing, new_key
from tests.support.control_plane import running_control_plane

OWNER, CONSUMER, STRANGER = "000000000000", "111111111111", "222222222222"
LISTENER = {"portMapping": {"port": 80, "protocol": "http"}}
NODE = {"listeners": [LISTENER], "serviceDiscovery": {"dns": {"hostname": "n"}}}
SHARED = {"meshName": "shared", "meshOwner": OWNER}


@dataclass
class Accounts:
    """Everybody's client, and the database that they share."""

    owner: Any
    consumer: Any
    stranger: Any
    data: Path

    def share(self, *, is_shared: bool) -> None:
        """Share the mesh or stop sharing it, and wait until the server knows."""
        with changing(self.data) as connection:
            mesh = MeshKey(OWNER, "shared")
            if is_shared:
                shares.add(connection, mesh, CONSUMER, SystemClock().now())
            else:
                shares.remove(connection, mesh, CONSUMER)
        deadline = time.monotonic() + 90
        while (code(self.consumer.describe_mesh, **SHARED) == "") is not is_shared:
            assert time.monotonic() < deadline
            time.sleep(0.1)


@pytest.fixture(scope="module")
def accounts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Accounts]:
    data = tmp_path_factory.mktemp("sharing") / "data"
    full = "AWSAppMeshFullAccess"
    owner, consumer, stranger = (new_key(data, full, account) for account in (OWNER, CONSUMER, STRANGER))
    with running_control_plane(data.parent) as plane:
        clients = [key.client(plane.url) for key in (owner, consumer, stranger)]
        found = Accounts(clients[0], clients[1], clients[2], data)
        found.owner.create_mesh(meshName="shared")
        found.owner.create_virtual_node(meshName="shared", virtualNodeName="owners", spec=NODE)
        found.consumer.create_mesh(meshName="own")
        found.share(is_shared=True)
        yield found


def code(call: Any, **parameters: Any) -> str:
    """The name of the error of a call, empty for none."""
    try:
        call(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


def test_a_consumer_sees_the_mesh_beside_its_own_and_a_stranger_does_not(accounts: Accounts) -> None:
    listed = accounts.consumer.list_meshes()["meshes"]
    assert [(one["meshName"], one["meshOwner"]) for one in listed] == [("own", CONSUMER), ("shared", OWNER)]
    pages = accounts.consumer.get_paginator("list_meshes").paginate(PaginationConfig={"PageSize": 1})
    assert [one["meshName"] for page in pages for one in page["meshes"]] == ["own", "shared"]
    assert accounts.stranger.list_meshes()["meshes"] == []
    assert code(accounts.stranger.describe_mesh, **SHARED) == "NotFoundException"
    assert code(accounts.stranger.list_virtual_nodes, **SHARED) == "NotFoundException"
    assert code(accounts.consumer.describe_mesh, meshName="shared") == "NotFoundException"


def test_what_a_consumer_creates_is_its_own(accounts: Accounts) -> None:
    made = accounts.consumer.create_virtual_node(**SHARED, virtualNodeName="theirs", spec=NODE)["virtualNode"]
    metadata = made["metadata"]
    assert (metadata["meshOwner"], metadata["resourceOwner"]) == (OWNER, CONSUMER)
    assert metadata["arn"] == f"arn:aws:appmesh:us-west-2:{CONSUMER}:mesh/shared@{OWNER}/virtualNode/theirs"
    names = {"virtualNodeName": "theirs"}
    assert code(accounts.consumer.update_virtual_node, **SHARED, **names, spec=NODE) == ""
    assert (
        code(accounts.owner.update_virtual_node, meshName="shared", **names, spec=NODE)
        == "ForbiddenException"
    )
    tags = [{"key": "a", "value": "b"}]
    assert code(accounts.consumer.tag_resource, resourceArn=metadata["arn"], tags=tags) == ""
    assert code(accounts.owner.tag_resource, resourceArn=metadata["arn"], tags=tags) == "ForbiddenException"
    assert code(accounts.owner.list_tags_for_resource, resourceArn=metadata["arn"]) == "ForbiddenException"
    assert code(accounts.owner.delete_virtual_node, meshName="shared", **names) == ""


def test_a_consumer_looks_at_everything_and_changes_nothing_of_others(accounts: Accounts) -> None:
    names = {"virtualNodeName": "owners"}
    assert code(accounts.consumer.describe_virtual_node, **SHARED, **names) == ""
    assert code(accounts.consumer.update_virtual_node, **SHARED, **names, spec=NODE) == "ForbiddenException"
    assert code(accounts.consumer.delete_virtual_node, **SHARED, **names) == "ForbiddenException"


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("create_virtual_gateway", {"virtualGatewayName": "g", "spec": {"listeners": [LISTENER]}}),
        ("list_virtual_gateways", {}),
        ("describe_virtual_gateway", {"virtualGatewayName": "g"}),
        ("delete_virtual_gateway", {"virtualGatewayName": "g"}),
        ("list_gateway_routes", {"virtualGatewayName": "g"}),
    ],
)
def test_a_share_gives_no_right_to_gateways(
    accounts: Accounts, operation: str, parameters: dict[str, Any]
) -> None:
    assert code(getattr(accounts.consumer, operation), **SHARED, **parameters) == "ForbiddenException"


def test_a_mesh_that_is_shared_no_more_keeps_what_was_made_in_it(accounts: Accounts) -> None:
    names = {"virtualRouterName": "left"}
    accounts.consumer.create_virtual_router(**SHARED, **names, spec={})
    accounts.share(is_shared=False)
    assert (
        code(accounts.consumer.describe_virtual_router, **SHARED, virtualRouterName="left")
        == "NotFoundException"
    )
    found = accounts.owner.describe_virtual_router(meshName="shared", virtualRouterName="left")[
        "virtualRouter"
    ]
    assert found["metadata"]["resourceOwner"] == CONSUMER
    accounts.share(is_shared=True)
    assert code(accounts.consumer.delete_virtual_router, **SHARED, **names) == ""


def test_a_share_goes_with_its_mesh(accounts: Accounts) -> None:
    accounts.owner.create_mesh(meshName="brief")
    with changing(accounts.data) as connection:
        shares.add(connection, MeshKey(OWNER, "brief"), CONSUMER, SystemClock().now())
    accounts.owner.delete_mesh(meshName="brief")
    with changing(accounts.data) as connection:
        assert [one.mesh.mesh for one in shares.every(connection)] == ["shared"]
