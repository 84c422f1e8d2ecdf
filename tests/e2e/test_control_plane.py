"""The whole control plane with the real Envoy: crashes, refusals, recoveries, seen from outside."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest
from botocore.exceptions import ClientError

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy

pytestmark = pytest.mark.e2e

MESH = {"meshName": "simpleapp"}
SERVICE = "serviceB.simpleapp.local"
NODE = "mesh/simpleapp/virtualNode/a"


def node_spec(port: int) -> dict[str, Any]:
    return {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": "localhost", "ipPreference": "IPv4_ONLY"}},
    }


def route_spec(v1: int, v2: int) -> dict[str, Any]:
    targets = [{"virtualNode": "v1", "weight": v1}, {"virtualNode": "v2", "weight": v2}]
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": targets}}}


def fill(client: Any) -> None:
    client.create_mesh(**MESH)
    backend = {"virtualService": {"virtualServiceName": SERVICE}}
    client.create_virtual_node(**MESH, virtualNodeName="a", spec={"backends": [backend]})
    client.create_virtual_node(**MESH, virtualNodeName="v1", spec=node_spec(8081))
    client.create_virtual_node(**MESH, virtualNodeName="v2", spec=node_spec(8082))
    listener = {"portMapping": {"port": 80, "protocol": "http"}}
    client.create_virtual_router(**MESH, virtualRouterName="b", spec={"listeners": [listener]})
    client.create_route(**MESH, virtualRouterName="b", routeName="r", spec=route_spec(100, 0))
    provider = {"virtualRouter": {"virtualRouterName": "b"}}
    client.create_virtual_service(**MESH, virtualServiceName=SERVICE, spec={"provider": provider})


async def answer(session: aiohttp.ClientSession) -> str:
    try:
        async with session.get(f"http://{SERVICE}/") as response:
            return await response.text() if response.status == 200 else str(response.status)
    except aiohttp.ClientError as error:
        return repr(error)


async def test_traffic_and_writes_survive_a_crash_and_nothing_is_sent_again(tmp_path: Path) -> None:
    with running_control_plane(tmp_path, is_fresh=True) as plane:
        fill(plane.client())
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with envoy.client() as session:
                await eventually(lambda: _is(session, "8081"), "v1 answers")
                plane.client().update_route(
                    **MESH, virtualRouterName="b", routeName="r", spec=route_spec(0, 100)
                )
                await eventually(lambda: _is(session, "8082"), "v2 answers")
                plane.kill()
                assert {await answer(session) for _ in range(50)} == {"8082"}
                with running_control_plane(tmp_path, is_fresh=True) as again:
                    spec = again.client().describe_route(**MESH, virtualRouterName="b", routeName="r")
                    assert spec["route"]["spec"] == route_spec(0, 100)
                    assert len(again.client().list_virtual_nodes(**MESH)["virtualNodes"]) == 3
                    await eventually(again.is_in_sync, "the proxy is back and in sync")
                    await eventually(lambda: _types(again), "every type subscribed")
                    types = again.proxies()[0]["types"]
                    assert {name: found["sent"] for name, found in types.items()} == dict.fromkeys(types, 0)
                    assert await answer(session) == "8082"
                    again.client().update_route(
                        **MESH, virtualRouterName="b", routeName="r", spec=route_spec(100, 0)
                    )
                    await eventually(lambda: _is(session, "8081"), "changes go on")


async def test_what_envoy_refuses_is_shown_in_its_own_words_and_the_last_good_one_goes_on(
    tmp_path: Path,
) -> None:
    with running_control_plane(tmp_path, is_fresh=True) as plane:
        fill(plane.client())
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with envoy.client() as session:
                await eventually(lambda: _is(session, "8081"), "v1 answers")
                log = {"file": {"path": "/no/such/directory/access.log"}}
                backend = {"virtualService": {"virtualServiceName": SERVICE}}
                bad = {"backends": [backend], "logging": {"accessLog": log}}
                plane.client().update_virtual_node(**MESH, virtualNodeName="a", spec=bad)
                await eventually(lambda: _refused(plane), "the refusal is shown")
                shown = plane.proxies()[0]["types"]["listener"]["refusal"]
                assert "/no/such/directory/access.log" in shown
                assert await answer(session) == "8081"
                assert await envoy.stat("listener_manager.lds.update_rejected") == 1
                plane.client().update_virtual_node(**MESH, virtualNodeName="a", spec={"backends": [backend]})
                await eventually(plane.is_in_sync, "recovered")


async def test_a_bad_route_is_refused_by_the_api_and_never_reaches_envoy(tmp_path: Path) -> None:
    with running_control_plane(tmp_path, is_fresh=True) as plane:
        fill(plane.client())
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)) as envoy:
            await eventually(plane.is_in_sync, "in sync")
            before = plane.proxies()[0]["types"]
            spec = route_spec(1, 1)
            spec["httpRoute"]["match"] = {"path": {"regex": "(unclosed"}}
            with pytest.raises(ClientError, match=r"spec\.httpRoute\.match\.path\.regex") as error:
                plane.client().update_route(**MESH, virtualRouterName="b", routeName="r", spec=spec)
            assert error.value.response["Error"]["Code"] == "BadRequestException"
            assert plane.proxies()[0]["types"] == before
            assert await envoy.state() == "LIVE"


async def test_an_unknown_node_is_told_why_and_served_once_it_is_there(tmp_path: Path) -> None:
    with running_control_plane(tmp_path, is_fresh=True) as plane:
        plane.client().create_mesh(**MESH)
        with running_envoy("mesh/simpleapp/virtualNode/late", plane.socket, tmp_path) as envoy:
            await eventually(
                lambda: _logged(envoy.log, "there is no mesh/simpleapp/virtualNode/late"), "the reason"
            )
            plane.client().create_virtual_node(**MESH, virtualNodeName="late", spec={})
            await eventually(plane.is_in_sync, "served", within_s=90)


async def _is(session: aiohttp.ClientSession, text: str) -> bool:
    return await answer(session) == text


async def _types(plane: ControlPlane) -> bool:
    return {"cluster", "listener", "route"} <= set(plane.proxies()[0]["types"])


async def _refused(plane: ControlPlane) -> bool:
    return bool(plane.proxies()[0]["state"] == "refused")


async def _logged(log: Path, text: str) -> bool:
    return text in log.read_text()
