"""The examples of public documentation: what goes in comes back as documented.

A file of tests/conformance/examples holds stories, each played from an empty store, call by call. A call that
has a `response` must be answered with it; another one with what it sent. Times, uids, owners and regions are
of the day and the place of the recording. `unlike` tells in what else a recording is not what its own request
would give, `account` who calls, `refused` what is said to a call that this version of the API never took. A
call without `about` is ours, and only prepares the next ones; so is a `share`, and so are the parents that a
story takes for granted.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import URL

from gossamer.api.app import ApiSettings, create_app
from gossamer.api.call import Call
from gossamer.api.request import Caller as Principal
from gossamer.api.request import Request
from gossamer.clock import SystemClock
from gossamer.model.kind import MeshKey
from gossamer.store import shares
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from gossamer.store.visit import visited
from tests.support.in_process import Caller

Json = dict[str, Any]

EXAMPLES: Final = Path(__file__).with_name("examples")
SETTINGS: Final = ApiSettings(account="123456789012", region="us-east-1")
#: What a recording can't have in common with an answer of today.
OF_THE_DAY: Final = frozenset({"createdAt", "lastUpdatedAt", "uid"})
#: What was added to the service after the older recordings, or what only some of its answers carried.
ADDED: Final = frozenset({"meshOwner", "resourceOwner", "version", "backends"})


def stories() -> Iterator[Any]:
    for path in sorted(EXAMPLES.glob("*.json")):
        for number, story in enumerate(json.loads(path.read_text())["stories"]):
            yield pytest.param(story, id=f"{path.stem}-{number}")


class Accounts:
    """Takes every caller for whom the example names."""

    def __init__(self, database: URL) -> None:
        self.account = SETTINGS.account
        self._database = database
        self._shared: set[MeshKey] = set()

    def share(self, owner: str, mesh: str, consumer: str) -> None:
        """Let another account use a mesh."""
        key, now = MeshKey(owner, mesh), SystemClock().now()
        with visited(self._database, now) as visit:
            shares.add(visit, key, consumer, now)
        self._shared.add(key)

    def authenticate(self, _: Call) -> Principal:
        principal = f"arn:aws:iam::{self.account}:root"
        return Principal(self.account, principal, shared=frozenset(self._shared))

    def glance(self, _: Call) -> None:
        """They may come in."""

    async def authorize(self, _: Request) -> None:
        """They may do everything."""

    def answered(self, call: Call, status: int) -> None:
        """They may do so again."""


@pytest.fixture
def accounts(tmp_path: Path) -> Accounts:
    return Accounts(sqlite_url(tmp_path / "store.db"))


@pytest.fixture
async def caller(tmp_path: Path, accounts: Accounts) -> AsyncIterator[Caller]:
    store = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    yield Caller(create_app(store, settings=SETTINGS, gate=accounts))
    await store.close()


async def prepared(caller: Caller, request: Json) -> None:
    """Make what a new resource lives in, if it is not there."""
    mesh = {"meshName": request["meshName"]}
    await caller.call("CreateMesh", **mesh)
    if "virtualRouterName" in request and "routeName" in request:
        router = {"virtualRouterName": request["virtualRouterName"], "spec": {}}
        await caller.call("CreateVirtualRouter", **mesh, **router)
    if "gatewayRouteName" in request:
        spec = {"listeners": [{"portMapping": {"port": 9080, "protocol": "http"}}]}
        gateway = {"virtualGatewayName": request["virtualGatewayName"], "spec": spec}
        await caller.call("CreateVirtualGateway", **mesh, **gateway)


def differences(recorded: object, answer: object, path: str = "") -> Iterator[str]:
    """Where an answer is not what was recorded, or holds more than is known to have been added."""
    if isinstance(recorded, dict) and isinstance(answer, dict):
        yield from (f"{path}{one} is new" for one in answer.keys() - recorded.keys() - ADDED - OF_THE_DAY)
        for one in recorded.keys() - OF_THE_DAY:
            yield from differences(recorded[one], answer.get(one), f"{path}{one}.")
    elif isinstance(recorded, list) and isinstance(answer, list) and len(recorded) == len(answer):
        for index, (one, other) in enumerate(zip(recorded, answer, strict=True)):
            yield from differences(one, other, f"{path[:-1]}[{index}].")
    elif placeless(recorded) != placeless(answer):
        yield path[:-1]


def placeless(value: object) -> object:
    """An ARN without its region, and without the preview channel that a recording was made in."""
    if isinstance(value, str) and value.startswith("arn:aws:appmesh"):
        return re.sub("appmesh(-preview)?:us-(east-1|west-2):", "appmesh::", value)
    return value


def expected(example: Json, answer: Json) -> Json:
    """What must be answered where nothing was recorded: what was sent, and a health check's port."""
    if "spec" not in answer:
        return answer
    sent: Json = json.loads(json.dumps(example["request"].get("spec", answer["spec"])))
    for listener in sent.get("listeners", ()):
        if "healthCheck" in listener:
            listener["healthCheck"].setdefault("port", listener["portMapping"]["port"])
    return {"spec": sent} | {one: value for one, value in answer.items() if one != "spec"}


@pytest.mark.parametrize("story", list(stories()))
async def test_an_example_goes_in_and_comes_back_as_documented(
    caller: Caller, accounts: Accounts, story: list[Json]
) -> None:
    for example in story:
        accounts.account = example.get("account", SETTINGS.account)
        if "share" in example:
            accounts.share(**example["share"])
            continue
        operation, request = example["operation"], example["request"]
        if operation.startswith("Create") and operation != "CreateMesh":
            await prepared(caller, request)
        answer = await caller.call(operation, **request)
        if "refused" in example:
            assert caller.error == "BadRequestException"
            assert example["refused"] in answer["message"]
            continue
        assert caller.status == 200, answer
        recorded = example.get("response") or expected(example, answer)
        if "about" in example:
            assert set(differences(recorded, answer)) == example.get("unlike", {}).keys(), example
