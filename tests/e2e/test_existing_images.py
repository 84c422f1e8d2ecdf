"""Envoys that App Mesh's own agent started, with their endpoint set to Gossamer: nothing else is changed."""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.env import settings
from tests.support import aws_agent
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import OWN_MACHINE, RunningEnvoy, eventually

pytestmark = pytest.mark.e2e

NODE = "mesh/shop/virtualNode/front"
NAMES = ("cds_egress_shop_v1_http_8080", "cds_egress_shop_v2_http_8080")
ARN = f"arn:aws:appmesh:us-west-2:000000000000:{NODE}"


#: Takes connections on a port, and carries them to a Unix socket: the way out of a machine of its own.
RELAY = """
import asyncio, sys
async def copy(source, sink):
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()
    sink.close()
async def carry(reader, writer):
    inner = await asyncio.open_unix_connection(sys.argv[2])
    await asyncio.gather(copy(reader, inner[1]), copy(inner[0], writer))
async def main():
    server = await asyncio.start_server(carry, "127.0.0.1", int(sys.argv[1]))
    open(sys.argv[3], "w").close()
    await server.serve_forever()
asyncio.run(main())
"""


@pytest.fixture(scope="module")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """A control plane with a shop: front calls orders, which two nodes provide."""
    with running_control_plane(tmp_path_factory.mktemp("plane")) as found:
        client = found.client()
        client.create_mesh(meshName="shop")
        for name in ("front", "v1", "v2"):
            spec = {
                "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
                "serviceDiscovery": {"dns": {"hostname": "localhost"}},
            }
            if name == "front":
                spec["backends"] = [{"virtualService": {"virtualServiceName": "orders.shop.local"}}]
            client.create_virtual_node(meshName="shop", virtualNodeName=name, spec=spec)
        client.create_virtual_router(
            meshName="shop",
            virtualRouterName="orders",
            spec={"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]},
        )
        client.create_route(
            meshName="shop", virtualRouterName="orders", routeName="all", spec=route(v1=90, v2=10)
        )
        provider = {"virtualRouter": {"virtualRouterName": "orders"}}
        client.create_virtual_service(
            meshName="shop", virtualServiceName="orders.shop.local", spec={"provider": provider}
        )
        yield found


def route(**weights: int) -> dict[str, object]:
    targets = [{"virtualNode": name, "weight": weight} for name, weight in weights.items()]
    return {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": targets}}}


@contextlib.contextmanager
def aws_envoy(folder: Path, node: str, target: str, beside: str = "") -> Iterator[RunningEnvoy]:
    """An Envoy on a machine of its own, with the bootstrap of App Mesh's agent, and its command.

    `beside` is a shell command that runs on the same machine.
    """
    admin, config, log = (folder / f"aws.{end}" for end in ("admin", "json", "log"))
    config.write_text(json.dumps(aws_agent.bootstrap(node, target, admin)))
    command = [
        envoy_path(settings({"ENVOY_CONFIG_FILE": "x"})[0]),
        *("-c", str(config), "-l", "warning", "--concurrency", "1"),
        *("--drain-time-s", "20", "--disable-hot-restart", "--skip-deprecated-logs"),
    ]
    script = f'ip link set lo up; {beside} exec "$@"'
    within = (*OWN_MACHINE, script, "sh")
    with log.open("wb") as out, subprocess.Popen([*within, *command], stdout=out, stderr=out) as process:
        try:
            yield RunningEnvoy(process, admin, log)
        finally:
            process.kill()


async def weights(envoy: RunningEnvoy) -> dict[str, int]:
    """How the route that Envoy runs splits its requests."""
    found = json.loads(await envoy.get("/config_dump?resource=dynamic_route_configs"))
    for config in found["configs"]:
        for host in config["route_config"]["virtual_hosts"]:
            for one in host.get("routes", []):
                clusters = one.get("route", {}).get("weighted_clusters", {}).get("clusters", [])
                if clusters:
                    return {each["name"]: each.get("weight", 0) for each in clusters}
    return {}


async def settled(envoy: RunningEnvoy, plane: ControlPlane) -> None:
    """Wait until the image is live with all that it asked for, and has refused nothing."""

    async def is_live() -> bool:
        return await envoy.state() == "LIVE" and await plane.is_in_sync()

    # Well under the fifteen seconds that Envoy would wait for endpoints that nobody tells it of.
    await eventually(is_live, "live, and in sync", within_s=12)
    for kind in ("cluster_manager.cds", "listener_manager.lds"):
        assert await envoy.stat(f"{kind}.update_success") > 0
        assert await envoy.stat(f"{kind}.update_rejected") == 0


@pytest.mark.parametrize("form", ["unix", "tcp"])
async def test_an_image_gets_its_configuration_and_every_change_of_it(
    tmp_path: Path, plane: ControlPlane, form: str
) -> None:
    target, beside = f"unix://{plane.socket}", ""
    if form == "tcp":
        target = "127.0.0.1:18000"
        # gRPC would try again after ten seconds, so the way must be there first.
        is_there = tmp_path / "relay"
        beside = f"{sys.executable} -c '{RELAY}' 18000 {plane.socket} {is_there} & "
        beside += f"until [ -e {is_there} ]; do sleep 0.05; done;"
    change = {"meshName": "shop", "virtualRouterName": "orders", "routeName": "all"}
    plane.client().update_route(**change, spec=route(v1=90, v2=10))
    with aws_envoy(tmp_path, ARN, target, beside) as envoy:
        await settled(envoy, plane)
        listeners = await envoy.get("/listeners")
        assert "lds_ingress_0.0.0.0_15000" in listeners
        assert "lds_egress_0.0.0.0_15001" in listeners
        assert await weights(envoy) == {NAMES[0]: 90, NAMES[1]: 10}
        (proxy,) = [one for one in plane.proxies() if one["node"] == ARN]
        assert "agent" not in proxy
        assert (proxy["node"], proxy["protocol"]) == (ARN, "state of the world")
        plane.client().update_route(**change, spec=route(v1=1, v2=3))

        async def is_changed() -> bool:
            return await weights(envoy) == {NAMES[0]: 1, NAMES[1]: 3}

        await eventually(is_changed, "the new weights")


@pytest.mark.parametrize("node", [NODE, ARN, NODE.replace("shop/", "shop@000000000000/")])
async def test_an_image_is_known_by_every_form_of_its_name(
    tmp_path: Path, plane: ControlPlane, node: str
) -> None:
    with aws_envoy(tmp_path, node, f"unix://{plane.socket}") as envoy:
        await settled(envoy, plane)


async def test_an_image_whose_node_is_gone_is_told_so(tmp_path: Path, plane: ControlPlane) -> None:
    with aws_envoy(tmp_path, "mesh/shop/virtualNode/nobody", f"unix://{plane.socket}") as envoy:

        async def is_told() -> bool:
            return "there is no mesh/shop/virtualNode/nobody" in envoy.log.read_text()

        await eventually(is_told, "the reason in Envoy's log")
