"""Random operations, valid and not, against a simple oracle: no lost write, no other answer.

In `make fuzz` the server is killed and started again in between: what it acknowledged is there afterwards.
"""

import contextlib
import http.client
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.support.chance import is_long, seconds
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.oracle import PARENTS, Oracle, Place, Refused, Thing
from tests.support.wire import Refusal, Wire, collection, item, plural

pytestmark = [pytest.mark.e2e, pytest.mark.fuzz, pytest.mark.timeout(1200)]

T = TypeVar("T")
MANY: Final = ("--limit-meshes", "1000000")

NAMES: Final = st.sampled_from(["a", "b", "c"])
TOKENS: Final = st.sampled_from(["", "", "t", "u"])
TAGS: Final = st.dictionaries(st.sampled_from(["k", "l"]), st.sampled_from(["", "v"]), max_size=2)
NODE: Final = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n.local"}},
}
LISTENING: Final = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}


def route(*targets: str) -> dict[str, Any]:
    weighted = [{"virtualNode": name, "weight": 1} for name in targets]
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": weighted}}}


def gateway_route(service: str) -> dict[str, Any]:
    target = {"virtualService": {"virtualServiceName": service}}
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": target}}}


SPECS: Final[Mapping[str, list[dict[str, Any]]]] = {
    "mesh": [{}, {"egressFilter": {"type": "ALLOW_ALL"}}],
    "virtualNode": [{}, NODE, {"backends": [{"virtualService": {"virtualServiceName": "a"}}]}],
    "virtualRouter": [LISTENING],
    "virtualService": [
        {},
        {"provider": {"virtualNode": {"virtualNodeName": "a"}}},
        {"provider": {"virtualRouter": {"virtualRouterName": "a"}}},
        {"provider": {"virtualRouter": {"virtualRouterName": "b"}}},
    ],
    "virtualGateway": [LISTENING],
    "route": [route("a"), route("b"), route("a", "b")],
    "gatewayRoute": [gateway_route("a"), gateway_route("b")],
}
KINDS: Final = st.sampled_from(sorted(SPECS))

#: No spec of any kind.
INVALID: Final = st.sampled_from([{"bogus": 1}, {"listeners": "x"}, {"httpRoute": {}}, [], 7])

RUN: Final = itertools.count()

#: A run takes a quarter of a second; more when the server is killed in it, so there are fewer at a time.
RUNS: Final = settings(
    max_examples=5 if is_long() else 30,
    stateful_step_count=60,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate, Phase.shrink) if is_long() else (Phase.generate,),
)


class Server:
    """A control plane that can be killed and started again."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._stack = contextlib.ExitStack()
        self._start()

    def _start(self) -> None:
        self.plane: ControlPlane = self._stack.enter_context(running_control_plane(self._directory, *MANY))
        self.wire = Wire(self.plane.url)

    def crash(self) -> None:
        """Kill it, and start it again."""
        self.plane.kill()
        self.stop()
        self._start()

    def stop(self) -> None:
        """End it."""
        self.wire.close()
        self._stack.close()


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Somewhere in one of two meshes."""
    kind, mesh = draw(KINDS), draw(st.sampled_from(["m", "m", "m", "n"]))
    if kind == "mesh":
        return Place("mesh", mesh, "", mesh)
    parent = "" if PARENTS[kind] == "mesh" else draw(NAMES)
    return Place(kind, mesh, parent, draw(NAMES))


class Machine(RuleBasedStateMachine):
    """What callers may do, in any order."""

    server: Server

    def __init__(self) -> None:
        super().__init__()
        self.oracle = Oracle()
        self.prefix = f"run{next(RUN)}-"
        self.created: list[tuple[Place, dict[str, Any], dict[str, str], str]] = []

    def here(self, place: Place) -> Place:
        """The same place in a mesh of this run's own."""
        mesh = self.prefix + place.mesh
        return Place(place.kind, mesh, place.parent, mesh if place.kind == "mesh" else place.name)

    @initialize()
    def start(self) -> None:
        """Have something to begin with, so that most operations find what they are about."""
        for place in (
            Place("mesh", "m", "", "m"),
            Place("virtualRouter", "m", "", "a"),
            Place("virtualGateway", "m", "", "a"),
            Place("virtualNode", "m", "", "a"),
            Place("virtualService", "m", "", "a"),
            Place("gatewayRoute", "m", "a", "a"),
        ):
            self.create_there(self.here(place), SPECS[place.kind][0], {}, f"{self.prefix}{next(RUN)}")

    def somewhere(self, data: st.DataObject) -> Place:
        """A place, mostly one where something is."""
        there = sorted(self.oracle.things, key=str)
        rarely: int = data.draw(st.integers(0, 3))
        if there and rarely != 0:
            return data.draw(st.sampled_from(there))
        return self.here(data.draw(places()))

    def token(self, data: st.DataObject) -> str:
        """A client token, mostly a new one."""
        return self.prefix + (data.draw(TOKENS) or str(next(RUN)))

    @rule(data=st.data(), tags=TAGS)
    def create(self, data: st.DataObject, tags: dict[str, str]) -> None:
        place = self.here(data.draw(places())) if data.draw(st.booleans()) else self.somewhere(data)
        self.create_there(place, data.draw(st.sampled_from(SPECS[place.kind])), tags, self.token(data))

    @precondition(lambda self: bool(self.created))
    @rule(data=st.data())
    def create_again(self, data: st.DataObject) -> None:
        """Repeat a creation as it was sent, whatever became of the resource."""
        self.create_there(*data.draw(st.sampled_from(self.created)))

    def create_there(self, place: Place, spec: dict[str, Any], tags: dict[str, str], token: str) -> None:
        """Create a resource, or be refused."""
        self.created.append((place, spec, tags, token))
        listed = [{"key": key, "value": value} for key, value in tags.items()]
        body = {f"{place.kind}Name": place.name, "spec": spec, "tags": listed, "clientToken": token}
        path = collection(place.kind, place.mesh, place.parent)
        answer = self.same(
            lambda: self.server.wire.call("PUT", path, body),
            lambda: self.oracle.create(place, spec, tags, token),
        )
        if answer is not None:
            found, (thing, is_new) = answer
            if is_new:
                self.oracle.named(place, found["metadata"]["uid"])
                thing = self.oracle.things[place]
            self.agree(place, found, thing, "ACTIVE")

    @rule(data=st.data())
    def update(self, data: st.DataObject) -> None:
        place, token = self.somewhere(data), self.token(data)
        spec = data.draw(st.sampled_from(SPECS[place.kind]))
        body = {"spec": spec, "clientToken": token}
        answer = self.same(
            lambda: self.server.wire.call("PUT", item(place), body),
            lambda: self.oracle.update(place, spec, token),
        )
        if answer is not None:
            self.agree(place, *answer, "ACTIVE")

    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        place = self.somewhere(data)
        answer = self.same(
            lambda: self.server.wire.call("DELETE", item(place)), lambda: self.oracle.delete(place)
        )
        if answer is not None:
            found, thing = answer
            # A deleted service was answered without its provider.
            told = thing if place.kind != "virtualService" else Thing({}, thing.version, {}, thing.uid)
            self.agree(place, found, told, "DELETED")

    @rule(data=st.data())
    def describe(self, data: st.DataObject) -> None:
        place = self.somewhere(data)
        answer = self.same(lambda: self.server.wire.call("GET", item(place)), lambda: self.oracle.get(place))
        if answer is not None:
            self.agree(place, *answer, "ACTIVE")

    @rule(data=st.data(), limit=st.integers(1, 3))
    def walk(self, data: st.DataObject, limit: int) -> None:
        place = self.somewhere(data)
        if place.kind == "mesh":
            return
        answer = self.same(
            lambda: list(self.pages(place, limit)),
            lambda: self.oracle.list(place.kind, place.mesh, place.parent),
        )
        if answer is not None:
            found, expected = answer
            names = [(one[f"{place.kind}Name"], one["version"]) for one in found]
            assert names == [(one.name, self.oracle.things[one].version) for one in expected]

    @rule(data=st.data(), tags=TAGS)
    def tag(self, data: st.DataObject, tags: dict[str, str]) -> None:
        place = self.somewhere(data)
        body = {"tags": [{"key": key, "value": value} for key, value in tags.items()]}
        self.same(
            lambda: self.server.wire.call("PUT", "/v20190125/tag", body, resourceArn=arn(place)),
            lambda: self.oracle.tag(place, tags),
        )

    @rule(data=st.data(), keys=st.lists(st.sampled_from(["k", "l", "none"]), max_size=2, unique=True))
    def untag(self, data: st.DataObject, keys: list[str]) -> None:
        place = self.somewhere(data)
        self.same(
            lambda: self.server.wire.call(
                "PUT", "/v20190125/untag", {"tagKeys": keys}, resourceArn=arn(place)
            ),
            lambda: self.oracle.untag(place, keys),
        )

    @rule(data=st.data())
    def list_tags(self, data: st.DataObject) -> None:
        place = self.somewhere(data)
        answer = self.same(
            lambda: self.server.wire.call("GET", "/v20190125/tags", resourceArn=arn(place)),
            lambda: self.oracle.get(place).tags,
        )
        if answer is not None:
            found, tags = answer
            assert {one["key"]: one["value"] for one in found["tags"]} == tags

    @rule(data=st.data(), spec=INVALID, is_new=st.booleans())
    def ask_for_nonsense(self, data: st.DataObject, spec: object, is_new: bool) -> None:  # noqa: FBT001 - Hypothesis's
        place = self.somewhere(data)
        path = collection(place.kind, place.mesh, place.parent) if is_new else item(place)
        body = {"spec": spec} | ({f"{place.kind}Name": place.name} if is_new else {})
        with pytest.raises(Refusal) as refusal:
            self.server.wire.call("PUT", path, body)
        assert refusal.value.error == "BadRequestException"

    @precondition(lambda _: is_long())
    @rule(rarely=st.integers(0, 9))
    def crash(self, rarely: int) -> None:
        if rarely == 0:
            self.server.crash()
            self.everything_is_there()

    def teardown(self) -> None:
        """At the end, look at everything."""
        self.everything_is_there()

    def everything_is_there(self) -> None:
        """Every resource is what it should be, and there is no other."""
        for place, thing in self.oracle.things.items():
            self.agree(place, self.server.wire.call("GET", item(place)), thing, "ACTIVE")
            if place.kind == "mesh":
                for kind in ("virtualNode", "virtualRouter", "virtualService", "virtualGateway"):
                    found = self.pages(Place(kind, place.mesh, "", ""), 100)
                    expected = self.oracle.list(kind, place.mesh, "")
                    assert [one[f"{kind}Name"] for one in found] == [one.name for one in expected]

    def same(self, actual: Callable[[], Any], expected: Callable[[], T]) -> tuple[Any, T] | None:
        """Both answers, if both are answered; else both must be refused alike."""
        try:
            wanted = expected()
        except Refused as refused:
            error = refused.error
        else:
            return actual(), wanted
        with pytest.raises(Refusal) as refusal:
            actual()
        assert refusal.value.error == error, refusal.value
        return None

    def agree(self, place: Place, found: Any, thing: Thing, status: str) -> None:
        """An answer is what the oracle knows."""
        assert found[f"{place.kind}Name"] == place.name
        assert found["spec"] == thing.spec
        assert found["metadata"]["version"] == thing.version
        assert found["metadata"]["uid"] == thing.uid
        assert found["status"] == {"status": status}

    def pages(self, place: Place, limit: int) -> Iterator[Any]:
        """Everything in a collection, page by page."""
        path, more = collection(place.kind, place.mesh, place.parent), {"limit": str(limit)}
        while True:
            page = self.server.wire.call("GET", path, **more)
            assert len(page[plural(place.kind)]) <= limit
            yield from page[plural(place.kind)]
            if page.get("nextToken") is None:
                return
            more["nextToken"] = page["nextToken"]


def arn(place: Place) -> str:
    inside = f"mesh/{place.mesh}"
    if place.parent:
        inside += f"/{PARENTS[place.kind]}/{place.parent}"
    if place.kind != "mesh":
        inside += f"/{place.kind}/{place.name}"
    return f"arn:aws:appmesh:us-west-2:000000000000:{inside}"


def test_no_write_is_lost_and_no_answer_is_another(tmp_path: Path) -> None:
    server = Server(tmp_path)

    class Here(Machine):
        """The machine on this server."""

    Here.server = server
    end = time.monotonic() + seconds(usual=0)
    try:
        run_state_machine_as_test(Here, settings=RUNS)
        while time.monotonic() < end:
            run_state_machine_as_test(Here, settings=RUNS)
    finally:
        server.stop()


def test_a_write_that_was_acknowledged_outlives_a_crash_amid_others(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        rounds = 3 if not is_long() else 30
        server.wire.call("PUT", "/v20190125/meshes", {"meshName": "m"})
        place = Place("virtualNode", "m", "", "n")
        server.wire.call("PUT", collection("virtualNode", "m", ""), {"virtualNodeName": "n", "spec": {}})
        version = 1
        for _ in range(rounds):
            version = _crash_amid_updates(server, place, version)
    finally:
        server.stop()


def _crash_amid_updates(server: Server, place: Place, version: int) -> int:
    """Update without a pause, kill the server amid it, and see what is there."""
    acknowledged = version
    for count in itertools.count():
        if count == 20:
            server.plane.process.kill()
        try:
            found = server.wire.call("PUT", item(place), {"spec": NODE if count % 2 else {}})
        except (OSError, http.client.HTTPException):
            break
        acknowledged = found["metadata"]["version"]
    server.crash()
    found = server.wire.call("GET", item(place))["metadata"]["version"]
    # One more may have been written, and its answer lost.
    assert found in (acknowledged, acknowledged + 1)
    assert acknowledged >= version + 20
    return int(found)
