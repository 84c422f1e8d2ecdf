"""Changes that say what they had read: nobody overwrites what they have not seen."""

from typing import Any

import pytest

from tests.support.documents import node, shop
from tests.support.own_api import OwnApi

FRONT = "shop/virtualNode/v1"


async def read(api: OwnApi) -> dict[str, object]:
    """The node as a caller has read it, and expects it to be."""
    _, found = await api.store.all()
    (one,) = (one for one in found if str(one.ref) == FRONT)
    return {"resource": FRONT, "uid": one.uid, "version": one.version}


@pytest.fixture
async def known(api: OwnApi) -> dict[str, object]:
    await api.apply(*shop())
    return await read(api)


async def test_what_is_as_it_was_read_is_written(api: OwnApi, known: dict[str, object]) -> None:
    answer = await api.apply(node("v1", 81), expected=[known])
    assert answer["changes"][0]["action"] == "update"


async def test_what_another_changed_meanwhile_is_not_overwritten(
    api: OwnApi, known: dict[str, object]
) -> None:
    await api.apply(node("v1", 81))
    answer = await api.attempt(node("v1", 82), expected=[known])
    assert api.caller.status == 409
    assert "was changed after it was read: version 2 since" in answer["message"]
    assert answer["violations"][0]["resource"] == FRONT
    assert (await read(api))["version"] == 2


async def test_a_rehearsal_tells_of_it_too(api: OwnApi, known: dict[str, object]) -> None:
    await api.apply(node("v1", 81))
    await api.attempt(node("v1", 82), expected=[known], dryRun=True)
    assert api.caller.status == 409


async def test_what_another_deleted_meanwhile_is_not_made_again(api: OwnApi) -> None:
    await api.apply(*shop(), node("lone"))
    known = {"resource": "shop/virtualNode/lone", "version": 1}
    await api.apply(delete=["shop/virtualNode/lone"])
    answer = await api.attempt(node("lone"), expected=[known])
    assert api.caller.status == 409
    assert "was deleted after it was read" in answer["message"]


async def test_a_name_that_was_created_again_is_another_resource(api: OwnApi) -> None:
    await api.apply(*shop(), node("lone"))
    await api.apply(delete=["shop/virtualNode/lone"])
    await api.apply(node("lone"))
    known = {"resource": "shop/virtualNode/lone", "uid": "00000000-0000-0000-0000-000000000000", "version": 1}
    answer = await api.attempt(node("lone", 81), expected=[known])
    assert "was deleted and created again" in answer["message"]


async def test_what_is_to_be_new_overwrites_nothing_of_that_name(
    api: OwnApi, known: dict[str, object]
) -> None:
    answer = await api.attempt(node("v1", 82), expected=[{"resource": FRONT}])
    assert api.caller.status == 409
    assert "already exists" in answer["message"]
    assert await read(api) == known
    await api.apply(node("new"), expected=[{"resource": "shop/virtualNode/new"}])


async def test_an_expectation_of_what_is_not_written_is_refused(
    api: OwnApi, known: dict[str, object]
) -> None:
    answer = await api.attempt(node("other"), expected=[known])
    assert api.caller.status == 400
    assert "expected[0].resource" in answer["message"]


async def test_what_another_changed_meanwhile_is_not_deleted(api: OwnApi) -> None:
    await api.apply(*shop(), node("lone"))
    gone = "shop/virtualNode/lone"
    seen = (await api.apply(delete=[gone], dryRun=True))["changes"][0]["expected"]
    await api.apply(node("lone", 81))
    answer = await api.attempt(delete=[gone], expected=[seen])
    assert api.caller.status == 409
    assert "was changed after it was read: version 2 since" in answer["message"]
    seen = (await api.apply(delete=[gone], dryRun=True))["changes"][0]["expected"]
    await api.apply(delete=[gone], expected=[seen])
    assert gone not in await api.specs()


async def back(api: OwnApi, to: int, **more: object) -> Any:
    return await api.call("POST", "meshes/shop/rollback", {"to": to, **more})


@pytest.fixture
async def changed(api: OwnApi) -> int:
    """A mesh whose node was changed; the moment before."""
    then = (await api.apply(*shop()))["sequence"]
    await api.apply(node("v1", 81))
    return int(then)


async def test_a_rollback_that_was_tried_is_made_as_it_was_tried(api: OwnApi, changed: int) -> None:
    tried = await back(api, changed, dryRun=True)
    seen = [one["expected"] for one in tried["changes"]]
    assert [(one["resource"], one["version"]) for one in seen] == [(FRONT, 2)]
    made = await back(api, changed, expected=seen)
    assert made["changes"][0]["after"] == tried["changes"][0]["after"]


async def test_what_another_changed_meanwhile_is_not_rolled_back(api: OwnApi, changed: int) -> None:
    seen = [one["expected"] for one in (await back(api, changed, dryRun=True))["changes"]]
    await api.apply(node("v1", 82))
    before = await api.specs()
    answer = await back(api, changed, resource=FRONT, expected=seen)
    assert api.caller.status == 409
    assert "was changed after it was read: version 3 since" in answer["message"]
    await back(api, changed, expected=seen)
    assert (api.caller.status, await api.specs()) == (409, before)


async def test_a_rollback_writes_nothing_that_was_not_read(api: OwnApi, changed: int) -> None:
    seen = [one["expected"] for one in (await back(api, changed, dryRun=True))["changes"]]
    await api.apply(node("lone"))
    answer = await back(api, changed, expected=seen)
    assert api.caller.status == 409
    assert answer["violations"][0]["resource"] == "shop/virtualNode/lone"
    assert "was changed after it was read: version 1 since" in answer["message"]
    await back(api, changed, expected=[])
    assert api.caller.status == 409


async def test_what_is_expected_of_a_rollback_is_of_its_mesh(api: OwnApi, changed: int) -> None:
    answer = await back(api, changed, expected=[{"resource": "other/virtualNode/v1"}])
    assert api.caller.status == 400
    assert "expected[0].resource: must be of mesh shop" in answer["message"]
