"""Who may do what: for each action a caller that may and one that may not, through a real boto3 client.

Each may-caller's key allows the one action on the one resource, and nothing else; each may-not-caller's
allows everything but that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gossamer.api.operations import OPERATIONS
from tests.support.access_keys import Key, new_key
from tests.support.control_plane import ControlPlane, running_control_plane

ACCOUNT = "000000000000"
ROOT = f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh"
LISTENER = {"portMapping": {"port": 80, "protocol": "http"}}
NODE = {"listeners": [LISTENER], "serviceDiscovery": {"dns": {"hostname": "n"}}}
BACKEND = {**NODE, "backends": [{"virtualService": {"virtualServiceName": "s"}}]}
ROUTER = {"listeners": [LISTENER]}
ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"weightedTargets": [{"virtualNode": "n", "weight": 1}]},
    }
}
SERVICE = {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}
GATEWAY = {"listeners": [LISTENER]}
GATEWAY_ROUTE = {
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {"target": {"virtualService": {"virtualServiceName": "s"}}},
    }
}


@dataclass(frozen=True)
class Row:
    """One call: the method of boto3's client and its parameters; the ARNs that it needs, `*` for none."""

    method: str
    parameters: dict[str, Any]
    needs: tuple[str, ...]

    @property
    def action(self) -> str:
        """As policies name it."""
        words = (word.capitalize() for word in self.method.split("_"))
        return f"appmesh:{''.join(words)}"


def rows_of(kind: str, names: dict[str, str], spec: Any, uses: tuple[str, ...], parent: str) -> Iterator[Row]:
    """The five actions on one kind; `parent` is the path of what its list is asked of."""
    own = list(names.items())[-1]
    place = {"meshName": "m", **names}
    around = {name: value for name, value in place.items() if name != own[0]}
    member = own[0].removesuffix("Name")
    arn = f"{ROOT}/{parent}/{member}/{own[1]}"
    used = tuple(f"{ROOT}/m/{path}" for path in uses)
    yield Row(f"create_{kind}", {**place, "spec": spec}, (arn, *used))
    yield Row(f"describe_{kind}", place, (arn,))
    yield Row(f"update_{kind}", {**place, "spec": spec}, (arn, *used))
    yield Row(f"list_{kind}s", around, (f"{ROOT}/{parent}",))
    yield Row(f"delete_{kind}", place, (arn,))


TABLE = (
    Row("create_mesh", {"meshName": "m"}, (f"{ROOT}/m",)),
    Row("describe_mesh", {"meshName": "m"}, (f"{ROOT}/m",)),
    Row("update_mesh", {"meshName": "m", "spec": {}}, (f"{ROOT}/m",)),
    Row("list_meshes", {}, ("*",)),
    *rows_of("virtual_node", {"virtualNodeName": "n"}, BACKEND, ("virtualService/s",), "m"),
    *rows_of("virtual_router", {"virtualRouterName": "r"}, ROUTER, (), "m"),
    *rows_of(
        "route", {"virtualRouterName": "r", "routeName": "x"}, ROUTE, ("virtualNode/n",), "m/virtualRouter/r"
    ),
    *rows_of("virtual_service", {"virtualServiceName": "s"}, SERVICE, ("virtualRouter/r",), "m"),
    *rows_of("virtual_gateway", {"virtualGatewayName": "g"}, GATEWAY, (), "m"),
    *rows_of(
        "gateway_route",
        {"virtualGatewayName": "g", "gatewayRouteName": "y"},
        GATEWAY_ROUTE,
        ("virtualService/s",),
        "m/virtualGateway/g",
    ),
    Row("tag_resource", {"resourceArn": f"{ROOT}/m", "tags": [{"key": "a", "value": "b"}]}, (f"{ROOT}/m",)),
    Row("list_tags_for_resource", {"resourceArn": f"{ROOT}/m"}, (f"{ROOT}/m",)),
    Row("untag_resource", {"resourceArn": f"{ROOT}/m", "tagKeys": ["a"]}, (f"{ROOT}/m",)),
    Row("delete_mesh", {"meshName": "m"}, (f"{ROOT}/m",)),
)


def statement(effect: str, action: str | list[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource}


def may(row: Row) -> dict[str, Any]:
    return {"Statement": [statement("Allow", row.action, list(row.needs))]}


def may_not(row: Row) -> dict[str, Any]:
    """Everything but the last of what the call needs."""
    return {"Statement": [statement("Allow", "*", "*"), statement("Deny", row.action, row.needs[-1])]}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("who") / "data"


@pytest.fixture(scope="module")
def keys(data: Path) -> dict[str, tuple[Key, Key]]:
    return {
        row.method: (
            new_key(data, may(row), name=f"may/{row.method}"),
            new_key(data, may_not(row), name=f"may-not/{row.method}"),
        )
        for row in TABLE
    }


@pytest.fixture(scope="module")
def admin(data: Path) -> Key:
    return new_key(data, "AWSAppMeshFullAccess")


@pytest.fixture(scope="module")
def plane(data: Path, keys: dict[str, tuple[Key, Key]], admin: Key) -> Iterator[ControlPlane]:
    assert keys
    assert admin.id
    with running_control_plane(data.parent) as found:
        yield found


@pytest.fixture
def built(plane: ControlPlane, admin: Key) -> Iterator[Any]:
    """A mesh with one of each, taken away afterwards."""
    client = admin.client(plane.url)
    yield client
    deleted = [row for row in TABLE if row.method.startswith("delete_")]
    for row in sorted(deleted, key=lambda one: ORDER.index(one.method)):
        try:
            getattr(client, row.method)(**row.parameters)
        except client.exceptions.NotFoundException:
            continue


ORDER = [
    f"delete_{kind}"
    for kind in (
        "gateway_route",
        "virtual_gateway",
        "virtual_service",
        "route",
        "virtual_router",
        "virtual_node",
        "mesh",
    )
]


def prepare(client: Any, row: Row) -> None:
    """Make everything that a call needs, but not what it would make."""
    for one in TABLE:
        if one.method.startswith("create_") and one.method != row.method:
            if row.method == "create_mesh" and one.method != "create_mesh":
                continue
            try:
                getattr(client, one.method)(**one.parameters)
            except client.exceptions.NotFoundException:
                continue
    if row.method in ORDER:
        for method in ORDER[: ORDER.index(row.method)]:
            (doomed,) = [one for one in TABLE if one.method == method]
            getattr(client, method)(**doomed.parameters)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.method)
def test_an_action_is_done_by_who_may_and_refused_to_who_may_not(
    plane: ControlPlane, keys: dict[str, tuple[Key, Key]], built: Any, row: Row
) -> None:
    prepare(built, row)
    allowed, forbidden = keys[row.method]
    with pytest.raises(ClientError) as error:
        getattr(forbidden.client(plane.url), row.method)(**row.parameters)
    answer = error.value.response
    assert (answer["ResponseMetadata"]["HTTPStatusCode"], answer["Error"]["Code"]) == (
        403,
        "AccessDeniedException",
    )
    assert answer["Error"]["Message"] == (
        f"User: arn:aws:iam::{ACCOUNT}:user/may-not/{row.method} is not authorized to perform: {row.action}"
        f" on resource: {row.needs[-1]} with an explicit deny"
    )
    getattr(allowed.client(plane.url), row.method)(**row.parameters)


def test_the_table_has_every_action_of_the_api() -> None:
    names = {row.action.removeprefix("appmesh:") for row in TABLE}
    assert names == {operation.name for operation in OPERATIONS}
