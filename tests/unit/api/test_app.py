"""The application by itself: what arrives in pieces, too large, cut off, or from another account."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gossamer.api.app import ApiSettings, create_app
from gossamer.clock import SystemClock
from gossamer.errors import Bug, Unavailable
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from tests.support.in_process import Caller, part

OTHER = "999999999999"
SETTINGS = ApiSettings(account="123456789012", region="eu-west-1", max_body_bytes=1000)
MESH = b'{"meshName": "m"}'
MESHES = "/v20190125/meshes"


async def alive(_: Request) -> PlainTextResponse:
    return PlainTextResponse("alive")


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    yield found
    await found.close()


@pytest.fixture
def caller(store: SqlStore) -> Caller:
    return Caller(create_app(store, settings=SETTINGS, extra_routes=[Route("/alive", alive)]))


async def test_a_body_may_come_in_parts(caller: Caller) -> None:
    assert await caller.send("PUT", MESHES, part(MESH[:5], more=True), part(MESH[5:])) == 200
    assert caller.body["metadata"]["arn"] == "arn:aws:appmesh:eu-west-1:123456789012:mesh/m"
    assert caller.headers[b"content-type"] == b"application/json"
    assert len(caller.headers[b"x-amzn-requestid"]) == 36


async def test_a_request_that_is_cut_off_changes_nothing(caller: Caller) -> None:
    await caller.send("PUT", MESHES, part(MESH))
    spec = {"egressFilter": {"type": "ALLOW_ALL"}}
    await caller.send("PUT", f"{MESHES}/m", part(json.dumps({"spec": spec}).encode()))
    assert await caller.send("PUT", f"{MESHES}/m", {"type": "http.disconnect"}) == 0
    await caller.send("GET", f"{MESHES}/m")
    assert caller.body["spec"] == spec


async def test_a_body_that_is_too_long_is_read_further_but_not_for_ever(caller: Caller) -> None:
    parts = [part(b" " * 900, more=True)] * 30
    assert await caller.send("PUT", MESHES, *parts[:2], part(b"")) == 400
    assert caller.body == {"message": "the body is too long, at most 1000 bytes are taken"}
    assert await caller.send("PUT", MESHES, *parts) == 400


async def test_the_meshes_of_another_account_are_not_there(caller: Caller, store: SqlStore) -> None:
    await caller.send("PUT", MESHES, part(MESH))
    others = Caller(create_app(store, settings=ApiSettings(account=OTHER)))
    await others.send("PUT", MESHES, part(MESH))
    assert await caller.send("GET", f"{MESHES}/m?meshOwner={OTHER}") == 404
    assert caller.body["message"] == f"Mesh with name m is not present for account {OTHER}"
    assert caller.headers[b"x-amzn-errortype"] == b"NotFoundException"
    assert await caller.send("GET", f"{MESHES}/m/virtualNodes?meshOwner={OTHER}") == 404
    assert await caller.send("PUT", f"{MESHES}?meshOwner={OTHER}", part(b'{"meshName": "x"}')) == 404
    assert await caller.send("GET", f"{MESHES}/m?meshOwner={SETTINGS.account}") == 200
    assert await caller.send("GET", f"{MESHES}/m?meshOwner=me") == 400
    await caller.send("GET", MESHES)
    assert [mesh["meshOwner"] for mesh in caller.body["meshes"]] == [SETTINGS.account]


async def test_what_is_mounted_beside_the_operations_answers_for_itself(caller: Caller) -> None:
    assert await caller.send("GET", "/alive") == 200
    assert caller.answers[1]["body"] == b"alive"


async def test_a_path_that_nobody_has_is_answered_in_the_form_of_the_service(caller: Caller) -> None:
    assert await caller.send("GET", "/mesh") == 404
    assert caller.headers[b"x-amzn-errortype"] == b"UnknownOperationException"
    assert "ListMeshes (GET /v20190125/meshes)" in caller.body["message"]
    assert await caller.send("POST", MESHES) == 405
    assert caller.headers[b"allow"] == b"GET, PUT"


class Broken:
    """A store in which nothing works."""

    secret = b""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def get(self, _: object) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "name"),
    [
        (Unavailable("the disk is full"), 503, b"ServiceUnavailableException"),
        (Bug("what was that"), 500, b"InternalServerErrorException"),
        (ZeroDivisionError("division by zero"), 500, b"InternalServerErrorException"),
    ],
)
async def test_a_failure_of_ours_is_told_as_one(error: Exception, status: int, name: bytes) -> None:
    caller = Caller(create_app(Broken(error), settings=SETTINGS))  # type: ignore[arg-type]  # only `get` is asked
    assert await caller.send("GET", f"{MESHES}/m") == status
    assert caller.headers[b"x-amzn-errortype"] == name
    assert "division" not in caller.body["message"]
