"""Configuration changes under load, through the real Envoy: no request fails because of one."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.revision import Revision
from tests.support.envoy import Envoy, eventually, running_envoy
from tests.support.meshes import revision
from tests.support.plane import ACCOUNT, Plane, running_plane

pytestmark = pytest.mark.e2e

KEY = MeshKey(ACCOUNT, "simpleapp")
Change = tuple[Ref, Revision]


def resource(kind: Kind, name: str, spec: object, parent: str | None = None) -> Change:
    ref = Ref(KEY.account, KEY.mesh, kind, name, parent)
    return ref, revision(ref, kind, spec)


def node(name: str, port: int) -> Change:
    spec = {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": "localhost", "ipPreference": "IPv4_ONLY"}},
    }
    return resource(Kind.VIRTUAL_NODE, name, spec)


def route(**weights: int) -> Change:
    targets = [{"virtualNode": name, "weight": weight} for name, weight in weights.items()]
    spec = {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": targets}}}
    return resource(Kind.ROUTE, "route", spec, "b")


def simpleapp() -> Mesh:
    backend = {"virtualService": {"virtualServiceName": "serviceB.simpleapp.local"}}
    provider = {"virtualRouter": {"virtualRouterName": "b"}}
    listener = {"portMapping": {"port": 80, "protocol": "http"}}
    return Mesh(KEY).amended(
        [
            resource(Kind.MESH, "simpleapp", {}),
            resource(Kind.VIRTUAL_NODE, "a", {"backends": [backend]}),
            resource(Kind.VIRTUAL_SERVICE, "serviceB.simpleapp.local", {"provider": provider}),
            resource(Kind.VIRTUAL_ROUTER, "b", {"listeners": [listener]}),
            node("v1", 8081),
            node("v2", 8082),
            route(v1=90, v2=10),
        ]
    )


class Load:
    """Requests from several clients at once, for as long as it runs; who answered, and what failed."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.answers: Counter[str] = Counter()
        self.failures: list[str] = []
        self._session = session
        self._clients = [asyncio.ensure_future(self._client()) for _ in range(8)]

    async def stop(self) -> None:
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    async def _client(self) -> None:
        while True:
            try:
                async with self._session.get("http://serviceB.simpleapp.local/") as answer:
                    text = await answer.text()
                    if answer.status != 200:
                        self.failures.append(f"{answer.status} {text}")
                    self.answers[text] += 1
            except aiohttp.ClientError as error:
                self.failures.append(repr(error))


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator[tuple[Plane, Envoy, Load]]:
    """The mesh served to an Envoy that requests run through already."""
    async with running_plane(tmp_path) as plane:
        plane.show(simpleapp())
        with running_envoy(
            "mesh/simpleapp/virtualNode/a", plane.socket, tmp_path, apps=(8081, 8082)
        ) as envoy:
            await eventually(plane.is_in_sync, f"in sync: {plane.refusals()}")
            async with envoy.client() as session:
                await eventually(lambda: _answers(session), "an answer")
                load = Load(session)
                yield plane, envoy, load
                await load.stop()


async def _answers(session: Any) -> bool:
    try:
        async with session.get("http://serviceB.simpleapp.local/") as answer:
            return bool(answer.status == 200)
    except aiohttp.ClientError:
        return False


async def test_no_request_fails_while_weights_change_a_hundred_times(
    stage: tuple[Plane, Envoy, Load],
) -> None:
    plane, _, load = stage
    for step in range(100):
        plane.apply([route(v1=step, v2=100 - step)])
        await eventually(plane.is_in_sync, f"step {step} in sync")
    plane.apply([route(v1=0, v2=100)])
    await eventually(plane.is_in_sync, "the last step in sync")
    before = load.answers.total()
    await eventually(lambda: _has_more_than(load, max(before + 200, 2000)), "2,000 requests")
    assert load.failures == []
    assert set(load.answers) == {"8081", "8082"}


async def test_no_request_fails_while_targets_come_and_go(stage: tuple[Plane, Envoy, Load]) -> None:
    plane, envoy, load = stage
    for step in range(20):
        name = f"new{step}"
        plane.apply([node(name, 8081 + step % 2), route(**{name: 1})])
        await eventually(plane.is_in_sync, f"step {step} in sync")
        if step > 0:
            gone, _ = node(f"new{step - 1}", 8081)
            plane.apply([(gone, None)])
    assert load.failures == []
    assert load.answers.total() > 100
    await eventually(
        lambda: _knows_only(envoy, "new19"),
        "old clusters gone, a while after they were last needed",
        within_s=90,
    )
    assert load.failures == []


async def test_all_traffic_follows_the_weights(stage: tuple[Plane, Envoy, Load]) -> None:
    plane, _, load = stage
    plane.apply([route(v1=0, v2=100)])
    await eventually(plane.is_in_sync, "in sync")
    await asyncio.sleep(0.2)  # requests that were under way
    load.answers.clear()
    await eventually(lambda: _has_more_than(load, 200), "200 requests")
    assert set(load.answers) == {"8082"}
    assert load.failures == []


async def test_an_envoy_that_speaks_state_of_the_world_is_served_too(tmp_path: Path) -> None:
    async with running_plane(tmp_path) as plane:
        plane.show(simpleapp())
        node_id = "arn:aws:appmesh:us-west-2:123456789012:mesh/simpleapp/virtualNode/a"
        with running_envoy(node_id, plane.socket, tmp_path, apps=(8081, 8082), api_type="GRPC") as envoy:
            await eventually(plane.is_in_sync, f"in sync: {plane.refusals()}")
            assert plane.proxies()[0].protocol == "state of the world"
            async with envoy.client() as session:
                await eventually(lambda: _answers(session), "an answer")
                load = Load(session)
                for step in range(10):
                    plane.apply([node(f"new{step}", 8082), route(**{f"new{step}": 1})])
                    await eventually(plane.is_in_sync, f"step {step} in sync")
                load.answers.clear()
                await eventually(lambda: _has_more_than(load, 100), "100 requests")
                await load.stop()
                assert load.failures == []
                assert plane.refusals() == []


async def test_one_proxy_more_than_the_limit_is_turned_away(tmp_path: Path) -> None:
    async with running_plane(tmp_path, proxies_per_endpoint=1) as plane:
        plane.show(simpleapp())
        node_id = "mesh/simpleapp/virtualNode/a"
        with running_envoy(node_id, plane.socket, tmp_path, "first"):
            await eventually(plane.is_in_sync, "the first in sync")
            with running_envoy(node_id, plane.socket, tmp_path, "second") as second:
                await eventually(lambda: _is_turned_away(second), "the second turned away")
                assert len(plane.proxies()) == 1


async def _is_turned_away(envoy: Envoy) -> bool:
    return (
        await envoy.state() != "NOT LISTENING" and await envoy.stat("cluster_manager.cds.update_failure") > 0
    )


async def _has_more_than(load: Load, count: int) -> bool:
    return load.answers.total() > count


async def _knows_only(envoy: Envoy, name: str) -> bool:
    clusters = {line.split("::")[0] for line in (await envoy.get("/clusters")).splitlines()}
    return {one for one in clusters if "_new" in one} == {f"cds_egress_simpleapp_{name}_http_8082"}
