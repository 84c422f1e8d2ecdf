"""Requests through our configuration against a minimal hand-written one, on the same Envoy in the same run.

Both take requests on a Unix socket and pass them to the same application; rounds take turns.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp

from bench.result import Baseline, Result, Spread, Statistic, at_least
from gossamer.sidecar.binary import envoy_path
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import settings
from tests.e2e.test_canary import route, simpleapp
from tests.support.envoy import APPS, HCM, OWN_MACHINE, ROUTER, eventually, explicit_listener
from tests.support.plane import running_plane

ROUNDS = 8
REQUESTS = 1500
CLIENTS = 8
NAME = "serviceB.simpleapp.local"


async def dataplane() -> list[Result]:
    """Alternate between the two listeners of one Envoy, so that nothing else differs."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        async with running_plane(directory) as plane:
            plane.show(simpleapp().amended([route(v1=100, v2=0)]))
            config = _config(directory, plane.socket)
            found, _ = settings({"ENVOY_CONFIG_FILE": str(config)})
            envoy = (envoy_path(found), "-c", str(config), "--concurrency", "1", "-l", "error")
            script = f'ip link set lo up; {sys.executable} {APPS} 8081 8082 & exec "$@"'
            with subprocess.Popen((*OWN_MACHINE, script, "sh", *envoy)) as process:
                try:
                    await eventually(plane.is_in_sync, "in sync")
                    return await _compare(directory)
                finally:
                    process.kill()


async def _compare(directory: Path) -> list[Result]:
    ours, minimal = [], []
    for listener in ("ours", "minimal"):
        await eventually(partial(_answers, directory / listener), f"{listener} answers")
    for _ in range(ROUNDS):
        ours.append(await _rate(directory / "ours"))
        minimal.append(await _rate(directory / "minimal"))
    return [
        Result(
            "requests through one sidecar's way out",
            "a second",
            Spread.of(ours),
            goals=(at_least(0.97, Statistic.RATIO),),
            baselines=(Baseline("minimal configuration", Spread.of(minimal)),),
            note="Client and application are Python and take most of the time.",
        )
    ]


async def _answers(socket: Path) -> bool:
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket))) as session:
        try:
            async with session.get(f"http://{NAME}/") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False


async def _rate(socket: Path) -> float:
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(str(socket), limit=CLIENTS)) as session:

        async def client() -> None:
            for _ in range(REQUESTS // CLIENTS):
                async with session.get(f"http://{NAME}/") as answer:
                    assert answer.status == 200, await answer.text()
                    await answer.read()

        begun = time.monotonic()
        await asyncio.gather(*(client() for _ in range(CLIENTS)))
        return REQUESTS / (time.monotonic() - begun)


def _config(directory: Path, xds: Path) -> Path:
    """One Envoy with both listeners: ours gets its routes from the control plane, the other is static."""
    found, _ = settings(
        {"APPMESH_RESOURCE_ARN": "mesh/simpleapp/virtualNode/a", "APPMESH_XDS_ENDPOINT": f"unix://{xds}"}
    )
    written: Any = bootstrap(found, str(directory / "admin"))
    static = written["static_resources"]
    static["listeners"] = [explicit_listener(directory / "ours"), _minimal(directory / "minimal")]
    endpoint = {"address": {"socket_address": {"address": "127.0.0.1", "port_value": 8081}}}
    static["clusters"].append(
        {
            "name": "app",
            "type": "STATIC",
            "load_assignment": {
                "cluster_name": "app",
                "endpoints": [{"lb_endpoints": [{"endpoint": endpoint}]}],
            },
        }
    )
    path = directory / "envoy.json"
    path.write_text(json.dumps(written))
    return path


def _minimal(socket: Path) -> dict[str, object]:
    """The least that passes HTTP on."""
    onward = {"match": {"prefix": "/"}, "route": {"cluster": "app"}}
    manager = {
        "@type": f"type.googleapis.com/{HCM}",
        "stat_prefix": "minimal",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [onward]}]},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"type.googleapis.com/{ROUTER}"},
            }
        ],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": "minimal",
        "address": {"pipe": {"path": str(socket)}},
        "filter_chains": [{"filters": filters}],
    }
