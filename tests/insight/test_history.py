"""History and rollback: what was, who changed it, and the way back."""

import asyncio
import datetime
from typing import Any

import pytest

from gossamer.model.kind import MeshKey
from tests.support.documents import mesh, node, route, router, shop
from tests.support.in_process import Caller
from tests.support.own_api import ACCOUNT, OwnApi, allowing

OTHER = "222222222222"


async def sequence(api: OwnApi) -> int:
    return int((await api.get("meshes/shop/history?limit=1"))["revisions"][0]["sequence"])


async def rollback(api: OwnApi, to: object, **more: object) -> Any:
    found: dict[str, Any] = await api.call("POST", "meshes/shop/rollback", {"to": to, **more})
    return found


async def test_history_tells_each_change_of_a_mesh_newest_first(api: OwnApi) -> None:
    await api.apply(*shop())
    await api.apply(route("orders", "all", v1=1))
    (newest, *_) = (await api.get("meshes/shop/history"))["revisions"]
    assert newest["resource"] == "shop/virtualRouter/orders/route/all"
    assert (newest["action"], newest["version"], newest["kind"]) == ("update", 2, "route")
    assert newest["principal"] == f"arn:aws:iam::{ACCOUNT}:root"
    assert datetime.datetime.fromisoformat(newest["at"]).tzinfo is datetime.UTC
    told = await api.get(f"meshes/shop/history/{newest['sequence']}")
    assert "+    - virtualNode: v1" in told["diff"] or "weight: 1" in told["diff"]
    assert told["after"]["httpRoute"]["action"]["weightedTargets"] == [{"virtualNode": "v1", "weight": 1}]


async def test_history_comes_in_pages_and_by_resource_and_time(api: OwnApi) -> None:
    await api.apply(*shop())
    first = await api.get("meshes/shop/history?limit=5")
    second = await api.get(f"meshes/shop/history?limit=5&nextToken={first['nextToken']}")
    seen = [one["sequence"] for one in (*first["revisions"], *second["revisions"])]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(shop())
    assert "nextToken" not in second
    only = await api.get("meshes/shop/history?resource=shop/virtualNode/v1")
    assert [one["resource"] for one in only["revisions"]] == ["shop/virtualNode/v1"]
    at = only["revisions"][0]["at"]
    assert (await api.get("meshes/shop/history?until=2000-01-01"))["revisions"] == []
    assert (await api.get(f"meshes/shop/history?since={at}"))["revisions"]


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("limit=0", "limit: must be between 1 and 1000"),
        ("since=yesterday", "since: must be a time such as"),
        ("nextToken=x", "nextToken: is not a token that this list gave out"),
        ("resource=other/virtualNode/a", "resource: must be of mesh shop"),
        ("resource=shop/virtualnode/a", "resource: must be a resource such as"),
        ("colour=red", "colour: is not known here"),
        ("limit=1&limit=2", "limit: stands more than once in the query"),
        ("resource=%ff", "the query is not in UTF-8"),
    ],
)
async def test_a_question_that_is_none_is_told_by_its_member(api: OwnApi, query: str, why: str) -> None:
    await api.apply(mesh())
    answer = await api.call("GET", f"meshes/shop/history?{query}")
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")
    assert answer["message"].startswith(why)


async def test_what_is_not_there_is_not_found(api: OwnApi) -> None:
    for path in ("history", "diff?from=1", "history/1"):
        await api.call("GET", f"meshes/shop/{path}")
        assert (api.caller.status, api.caller.error) == (404, "NotFoundException")
    await rollback(api, 1)
    assert api.caller.status == 404
    await api.apply(mesh())
    answer = await api.call("GET", "meshes/shop/history/99")
    assert answer["message"] == "Mesh shop has no revision 99"
    await rollback(api, 99)
    assert api.caller.status == 400


async def test_a_mesh_is_compared_at_any_two_moments(api: OwnApi) -> None:
    await api.apply(*shop())
    before = await sequence(api)
    await api.apply(route("orders", "all", v1=1), node("v3"), delete=["shop/virtualNode/v2"])
    found = (await api.get(f"meshes/shop/diff?from={before}"))["changes"]
    assert [one["resource"] for one in found] == [
        "shop/virtualNode/v2",
        "shop/virtualNode/v3",
        "shop/virtualRouter/orders/route/all",
    ]
    assert found[0]["after"] is None
    assert found[1]["before"] is None
    assert found[1]["diff"].startswith("--- /dev/null\n+++ shop/virtualNode/v3\n")
    back = (await api.get(f"meshes/shop/diff?from=now&to={before}&resource=shop/virtualNode/v3"))["changes"]
    assert [(one["before"] is None, one["after"]) for one in back] == [(False, None)]


async def test_one_resource_is_rolled_back_as_a_new_revision(api: OwnApi) -> None:
    await api.apply(*shop())
    before, was = await sequence(api), await api.specs()
    await api.apply(route("orders", "all", v1=1), node("v1", 99))
    answer = await rollback(api, before, resource="shop/virtualRouter/orders/route/all")
    assert [(one["resource"], one["action"]) for one in answer["changes"]] == [
        ("shop/virtualRouter/orders/route/all", "update")
    ]
    now = await api.specs()
    assert now["shop/virtualRouter/orders/route/all"] == was["shop/virtualRouter/orders/route/all"]
    assert now["shop/virtualNode/v1"] != was["shop/virtualNode/v1"]
    (newest, *_) = (await api.get("meshes/shop/history"))["revisions"]
    assert (newest["sequence"], newest["version"]) == (answer["sequence"], 3)


async def test_a_whole_mesh_is_rolled_back_with_what_came_and_what_went(api: OwnApi) -> None:
    await api.apply(*shop())
    before, was = await sequence(api), await api.specs()
    await api.apply(
        route("orders", "all", v3=1),
        node("v3"),
        router("new"),
        route("new", "r", v3=1),
        delete=["shop/virtualNode/v1", "shop/virtualNode/v2"],
    )
    moment = (await api.get("meshes/shop/history"))["revisions"]
    answer = await rollback(api, before)
    assert api.caller.status == 200, answer
    assert await api.specs() == was
    assert {one["action"] for one in answer["changes"]} == {"create", "update", "delete"}
    again = await rollback(api, moment[0]["sequence"])
    assert api.caller.status == 200, again
    assert set(await api.specs()) >= {"shop/virtualNode/v3", "shop/virtualRouter/new/route/r"}


async def test_a_mesh_that_was_deleted_comes_back_with_its_labels(api: OwnApi) -> None:
    answer = await api.apply(*shop(), node("labelled", tags=[{"key": "team", "value": "x"}]))
    before, was = await sequence(api), await api.specs()
    uid = (await api.get("meshes/shop/history"))["revisions"][0]["uid"]
    await api.apply(delete=[one["resource"] for one in answer["changes"]])
    assert await api.specs() == {}
    assert (await api.get("meshes/shop/history?limit=1"))["revisions"][0]["action"] == "delete"
    await rollback(api, before)
    assert await api.specs() == was
    _, found = await api.store.all()
    labelled = next(one for one in found if one.ref.name == "labelled")
    assert await api.store.tags.of(labelled.ref) == {"team": "x"}
    assert uid not in {one.uid for one in found}


async def test_a_moment_may_be_a_time(api: OwnApi) -> None:
    await api.apply(*shop())
    was = await api.specs()
    at = (await api.get("meshes/shop/history?limit=1"))["revisions"][0]["at"]
    while (await api.get("meshes/shop/history?limit=1"))["revisions"][0]["at"] == at:
        await api.apply(node("v1", 99))
        await api.apply(node("v1", 98))
    await rollback(api, at)
    assert await api.specs() in (
        was,
        {**was, "shop/virtualNode/v1": (await api.specs())["shop/virtualNode/v1"]},
    )


async def test_there_is_no_way_back_to_before_the_mesh_was(api: OwnApi) -> None:
    await api.apply(mesh())
    for moment in ("2000-01-01T00:00:00Z", 0):
        answer = await rollback(api, moment)
        assert answer["message"] == "to: mesh shop was not there at that moment; to be rid of it, delete it"
        assert api.caller.status == 400


async def test_a_rollback_can_be_tried_first(api: OwnApi) -> None:
    await api.apply(*shop())
    before = await sequence(api)
    await api.apply(node("v1", 99))
    answer = await rollback(api, before, dryRun=True)
    assert [one["action"] for one in answer["changes"]] == ["update"]
    assert "sequence" not in answer
    assert await sequence(api) == before + 1


async def test_two_rollbacks_at_once_are_one(api: OwnApi) -> None:
    await api.apply(*shop())
    before, was = await sequence(api), await api.specs()
    await api.apply(node("v1", 99), node("v2", 99))
    both = [
        OwnApi(api.store, api.reconciler, api.hub, api.gate, Caller(api.caller.app), api.follower)
        for _ in "12"
    ]
    answers = await asyncio.gather(*(rollback(one, before) for one in both))
    assert sorted(len(one["changes"]) for one in answers) == [0, 2]
    assert await api.specs() == was


async def test_a_resource_that_was_made_again_under_its_name_goes_back_to_the_earlier_one(
    api: OwnApi,
) -> None:
    await api.apply(mesh(), node("a", 80))
    before, was = await sequence(api), await api.specs()
    await api.apply(delete=["shop/virtualNode/a"])
    await api.apply(node("a", 81))
    answer = await rollback(api, before, resource="shop/virtualNode/a")
    assert [one["action"] for one in answer["changes"]] == ["update"]
    assert await api.specs() == was


async def test_a_rollback_of_one_resource_must_fit_what_is_there_now(api: OwnApi) -> None:
    await api.apply(*shop())
    before = await sequence(api)
    await api.apply(router("orders", 8080, 8081), route("orders", "all", port=8081, v1=1))
    answer = await rollback(api, before, resource="shop/virtualRouter/orders/route/all")
    assert (api.caller.status, api.caller.error) == (400, "BadRequestException")
    assert answer["violations"][0]["path"] == "spec.httpRoute.match.port"


async def test_a_rollback_asks_for_each_resource_that_it_writes(api: OwnApi) -> None:
    await api.apply(*shop())
    before = await sequence(api)
    await api.apply(node("v1", 99))
    api.may(allowing("gossamer:*", "appmesh:UpdateRoute"))
    answer = await rollback(api, before)
    assert (api.caller.status, api.caller.error) == (403, "AccessDeniedException")
    assert "appmesh:UpdateVirtualNode" in answer["message"]
    api.may(allowing("appmesh:UpdateVirtualNode"))
    await rollback(api, before)
    assert api.caller.status == 200
    assert api.audited[-1].name in ("UpdateVirtualNode", "POST /gossamer/v1/meshes/shop/rollback")


async def test_another_account_sees_the_history_of_its_own_meshes_only(api: OwnApi) -> None:
    await api.apply(*shop())
    api.may(allowing("*"), account=OTHER, shared=[MeshKey(ACCOUNT, "shop")])
    await api.call("GET", "meshes/shop/history")
    assert api.caller.status == 404
    await rollback(api, 1)
    assert api.caller.status == 404


async def test_what_another_account_made_is_not_changed_by_a_rollback_of_the_owner(api: OwnApi) -> None:
    await api.apply(*shop())
    api.may(allowing("*"), account=OTHER, shared=[MeshKey(ACCOUNT, "shop")])
    await api.apply({**node("theirs"), "meshOwner": ACCOUNT})
    api.may(allowing("*"))
    before = await sequence(api)
    api.may(allowing("*"), account=OTHER, shared=[MeshKey(ACCOUNT, "shop")])
    await api.apply({**node("theirs", 99), "meshOwner": ACCOUNT})
    api.may(allowing("*"))
    answer = await rollback(api, before)
    assert api.caller.error == "ForbiddenException"
    assert "only account 222222222222, which created it" in str(answer["message"])
