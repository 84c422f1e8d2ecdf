"""What documents no longer name goes, and nothing else."""

from typing import Any

import pytest

from tests.support.documents import mesh, node, route, router, service, shop
from tests.support.own_api import OwnApi, allowing

TEAM = [{"key": "team", "value": "a"}]


async def pruned(api: OwnApi, *documents: object, **more: Any) -> list[str]:
    """What went."""
    answer = await api.apply(*documents, **{"prune": {}, **more})
    return [one["resource"] for one in answer["changes"] if one["action"] == "delete"]


async def test_what_is_not_named_goes_with_what_is_in_it(api: OwnApi) -> None:
    await api.apply(*shop(), node("old"), router("old"), route("old", "x", old=1))
    gone = await pruned(api, *shop())
    assert set(gone) == {
        "shop/virtualNode/old",
        "shop/virtualRouter/old",
        "shop/virtualRouter/old/route/x",
    }
    assert len(await api.specs()) == len(shop())
    assert await pruned(api, *shop()) == []


async def test_a_mesh_and_what_something_named_lives_in_stay(api: OwnApi) -> None:
    await api.apply(*shop())
    gone = await pruned(api, route("orders", "all", v1=1), service("orders.local", "orders"), node("v1"))
    assert set(gone) == {"shop/virtualNode/front", "shop/virtualNode/v2"}
    assert {"shop", "shop/virtualRouter/orders"} <= set(await api.specs())


async def test_other_meshes_are_not_touched(api: OwnApi) -> None:
    await api.apply(*shop(), mesh("other"), {**node("lone"), "meshName": "other"})
    await pruned(api, mesh())
    assert set(await api.specs()) == {"shop"}
    assert set(await api.specs("other")) == {"other", "other/virtualNode/lone"}


async def test_only_what_has_all_labels_goes(api: OwnApi) -> None:
    more = [*TEAM, {"key": "stage", "value": "test"}]
    await api.apply(mesh(), node("both", tags=more), node("one", tags=TEAM), node("none"))
    assert await pruned(api, mesh(), prune={"tags": more}) == ["shop/virtualNode/both"]


async def test_what_is_still_needed_is_not_taken_away(api: OwnApi) -> None:
    await api.apply(*shop())
    answer = await api.attempt(route("orders", "all", v1=1, v2=1), prune={})
    assert api.caller.status == 409
    assert {one["resource"] for one in answer["violations"]} >= {"shop/virtualNode/v1", "shop/virtualNode/v2"}
    assert len(await api.specs()) == len(shop())


async def test_what_has_come_since_it_was_tried_is_not_taken_away(api: OwnApi) -> None:
    await api.apply(mesh(), node("old"))
    tried = await api.apply(mesh(), prune={}, dryRun=True)
    seen = [one["expected"] for one in tried["changes"]]
    await api.apply(node("new"))
    answer = await api.attempt(mesh(), prune={}, expected=seen)
    assert api.caller.status == 409
    assert [one["resource"] for one in answer["violations"]] == ["shop/virtualNode/new"]
    await api.apply(delete=["shop/virtualNode/new", "shop/virtualNode/old"])
    assert await pruned(api, mesh(), expected=seen) == [], "what is gone by now is no reason to refuse"


async def test_whoever_may_not_delete_a_resource_prunes_nothing(api: OwnApi) -> None:
    await api.apply(mesh(), node("old"))
    api.may(allowing("appmesh:CreateMesh", "appmesh:UpdateMesh", "gossamer:*"))
    answer = await api.attempt(mesh(), prune={})
    assert api.caller.status == 403
    assert "appmesh:DeleteVirtualNode" in answer["message"]


@pytest.mark.parametrize("prune", [{"tags": "a"}, {"meshes": ["shop"]}, True])
async def test_what_is_said_wrongly_is_refused(api: OwnApi, prune: object) -> None:
    answer = await api.attempt(mesh(), prune=prune)
    assert api.caller.status == 400
    assert "prune" in answer["message"]


async def test_a_mesh_of_another_account_is_not_pruned(api: OwnApi) -> None:
    document = {**node("v1"), "meshOwner": "999999999999"}
    answer = await api.attempt(document, prune={})
    assert api.caller.status == 400
    assert "prune: works in meshes of your own account; shop is of account 999999999999" in answer["message"]
