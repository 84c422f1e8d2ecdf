"""Every list, page by page: what its tokens lead to, and that no other token leads anywhere."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from gossamer.api.app import ApiSettings, create_app
from gossamer.clock import SystemClock
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from tests.support.in_process import Caller

Json = dict[str, Any]

ACCOUNT: Final = "123456789012"
M: Final = {"meshName": "m"}
HTTP: Final = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
TARGETS: Final = {"weightedTargets": [{"virtualNode": "n", "weight": 1}]}
TARGET: Final = {"target": {"virtualService": {"virtualServiceName": "s"}}}
ARN: Final = {"resourceArn": f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/m"}

#: list → its result, what it is asked with, and what creates one of its things.
LISTS: Final[dict[str, tuple[str, Json, str, Json]]] = {
    "ListMeshes": ("meshes", {}, "CreateMesh", {}),
    "ListVirtualNodes": ("virtualNodes", M, "CreateVirtualNode", {"spec": {}}),
    "ListVirtualRouters": ("virtualRouters", M, "CreateVirtualRouter", {"spec": {}}),
    "ListRoutes": (
        "routes",
        {**M, "virtualRouterName": "q"},
        "CreateRoute",
        {"spec": {"httpRoute": {"match": {}, "action": TARGETS}}},
    ),
    "ListVirtualServices": ("virtualServices", M, "CreateVirtualService", {"spec": {}}),
    "ListVirtualGateways": ("virtualGateways", M, "CreateVirtualGateway", {"spec": HTTP}),
    "ListGatewayRoutes": (
        "gatewayRoutes",
        {**M, "virtualGatewayName": "q"},
        "CreateGatewayRoute",
        {"spec": {"httpRoute": {"match": {}, "action": TARGET}}},
    ),
    "ListTagsForResource": ("tags", ARN, "TagResource", {}),
}
NAMES: Final = ("b", "a", "d", "c", "e")


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    store = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    found = Caller(create_app(store, settings=ApiSettings(account=ACCOUNT)))
    await found.call("CreateMesh", **M)
    await found.call("CreateVirtualRouter", **M, virtualRouterName="q", spec={})
    await found.call("CreateVirtualGateway", **M, virtualGatewayName="q", spec=HTTP)
    yield found
    await store.close()


async def filled(caller: Caller, operation: str) -> None:
    """Make five things that a list holds."""
    _, asked, create, body = LISTS[operation]
    for name in NAMES:
        if operation == "ListTagsForResource":
            await caller.call(create, **asked, tags=[{"key": name, "value": ""}])
        else:
            member = create.removeprefix("Create")
            named = {f"{member[0].lower()}{member[1:]}Name": name}
            await caller.call(create, **{**asked, **named}, **body)
        assert caller.status == 200, caller.body


def names(things: Sequence[Json]) -> list[str]:
    """What the things of a page are called; what was there before has other names."""
    found = [thing.get("key") or str(thing["arn"]).rpartition("/")[2] for thing in things]
    return [name for name in found if name in NAMES]


@pytest.mark.parametrize("operation", LISTS)
async def test_pages_hold_everything_once_in_the_order_of_names(caller: Caller, operation: str) -> None:
    await filled(caller, operation)
    result, asked, _, _ = LISTS[operation]
    token: Json = {}
    found: list[str] = []
    pages = 0
    while pages == 0 or token:
        answer = await caller.call(operation, **asked, **token, limit=2)
        assert caller.status == 200
        found += names(answer[result])
        token = {"nextToken": answer["nextToken"]} if "nextToken" in answer else {}
        pages += 1
    assert found == sorted(NAMES)
    assert pages == 3
    whole = await caller.call(operation, **asked)
    assert names(whole[result]) == sorted(NAMES)
    assert "nextToken" not in whole


@pytest.mark.parametrize("operation", LISTS)
async def test_only_a_token_of_this_very_list_leads_anywhere(caller: Caller, operation: str) -> None:
    await filled(caller, operation)
    _, asked, _, _ = LISTS[operation]
    token = (await caller.call(operation, **asked, limit=2))["nextToken"]
    other = "ListVirtualNodes" if operation != "ListVirtualNodes" else "ListVirtualRouters"
    await filled(caller, other)
    foreign = (await caller.call(other, **M, limit=2))["nextToken"]
    changed = token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1]
    for wrong in (foreign, changed, token[:-4], token * 2, "made up", "ü"):
        answer = await caller.call(operation, **asked, nextToken=wrong)
        assert caller.error == "BadRequestException", wrong
        assert answer == {"message": "nextToken: is not a token that this list gave out"}


@pytest.mark.parametrize("operation", LISTS)
async def test_a_limit_is_a_number_from_1_to_100(caller: Caller, operation: str) -> None:
    _, asked, _, _ = LISTS[operation]
    for limit in (0, -1, 101, "x", "", "1e1", "9" * 30):
        answer = await caller.call(operation, **asked, limit=limit)
        assert (caller.error, answer) == (
            "BadRequestException",
            {"message": "limit: must be between 1 and 100"},
        )


async def test_what_comes_between_two_pages_moves_nothing(caller: Caller) -> None:
    await filled(caller, "ListVirtualNodes")
    first = await caller.call("ListVirtualNodes", **M, limit=2)
    await caller.call("DeleteVirtualNode", **M, virtualNodeName="b")
    await caller.call("CreateVirtualNode", **M, virtualNodeName="aa", spec={})
    token = first["nextToken"]
    second = await caller.call("ListVirtualNodes", **M, nextToken=token)
    assert names(second["virtualNodes"]) == ["c", "d", "e"]
