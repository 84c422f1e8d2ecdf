"""The real Envoy, in a network namespace of its own; it reaches the control plane by a Unix socket."""

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from gossamer.contract import SDS_CLUSTER
from gossamer.sidecar.binary import envoy_command, envoy_path
from gossamer.sidecar.bootstrap import bootstrap
from gossamer.sidecar.env import settings

APPS = Path(__file__).with_name("apps.py")

#: New network and process namespaces with the loopback up, gone with the first process in them; without root,
#: inside a user namespace of their own.
OWN_MACHINE = (
    shutil.which("unshare") or "unshare",
    *(() if os.geteuid() == 0 else ("--user", "--map-root-user")),
    "--net",
    "--pid",
    "--kill-child",
    "--fork",
    "sh",
    "-c",
)

HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
ROUTER = "envoy.extensions.filters.http.router.v3.Router"


@dataclass
class RunningEnvoy:
    """One running Envoy, and its admin interface."""

    process: subprocess.Popen[bytes]
    admin: Path
    log: Path

    async def get(self, path: str) -> str:
        """What its admin interface answers."""
        connector = aiohttp.UnixConnector(str(self.admin))
        async with (
            aiohttp.ClientSession(connector=connector) as session,
            session.get(f"http://envoy{path}") as answer,
        ):
            return await answer.text()

    async def stat(self, name: str) -> int:
        """One of its statistics."""
        found = json.loads(await self.get(f"/stats?format=json&filter=^{name}$"))["stats"]
        return int(found[0]["value"]) if found else 0

    async def state(self) -> str:
        """LIVE, or why not yet."""
        try:
            return str(json.loads(await self.get("/server_info"))["state"])
        except (aiohttp.ClientError, OSError):
            return "NOT LISTENING"


@dataclass
class Envoy(RunningEnvoy):
    """On the socket `way_out` it takes what would be sent to port 80."""

    way_out: Path

    @contextlib.asynccontextmanager
    async def client(self) -> Any:
        """An application beside it that calls services on port 80."""
        connector = aiohttp.UnixConnector(str(self.way_out), limit=0)
        async with aiohttp.ClientSession(connector=connector) as session:
            yield session


@contextlib.contextmanager
def running_envoy(
    node: str,
    xds: Path,
    directory: Path,
    name: str = "envoy",
    apps: Sequence[int] = (),
    *,
    api_type: str = "DELTA_GRPC",
    program: Path | None = None,
) -> Iterator[Envoy]:
    """An Envoy that speaks for a node, with applications on the given ports beside it.

    `program` is an Envoy other than the one that comes with us.
    """
    found, _ = settings(
        {
            "APPMESH_RESOURCE_ARN": node,
            "APPMESH_XDS_ENDPOINT": f"unix://{xds}",
            "ENVOY_CONCURRENCY": "1",
            "ENVOY_ADMIN_ACCESS_LOG_FILE": "/dev/null",
        }
    )
    admin, way_out, config, log = (directory / f"{name}.{end}" for end in ("admin", "out", "json", "log"))
    written: Any = bootstrap(found, str(admin))
    written["dynamic_resources"]["ads_config"]["api_type"] = api_type
    written["static_resources"]["clusters"].append(sds_cluster(directory / "sds.sock"))
    if apps:
        written["static_resources"]["listeners"] = [explicit_listener(way_out)]
    config.write_text(json.dumps(written))
    beside = f"{sys.executable} {APPS} {' '.join(map(str, apps))} &" if apps else ""
    script = f'ip link set lo up; {beside} exec "$@"'
    started = envoy_command(found, str(program or envoy_path(found)), ("-c", str(config)))
    command = (*OWN_MACHINE, script, "sh", *started)
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            yield Envoy(process, admin, log, way_out)
        finally:
            process.kill()


def sds_cluster(socket: Path) -> dict[str, object]:
    """The secret discovery service beside a proxy."""
    options = {"@type": f"type.googleapis.com/{HTTP}", "explicit_http_config": {"http2_protocol_options": {}}}
    endpoint = {"endpoint": {"address": {"pipe": {"path": str(socket)}}}}
    return {
        "name": SDS_CLUSTER,
        "type": "STATIC",
        "typed_extension_protocol_options": {HTTP: options},
        "load_assignment": {"cluster_name": SDS_CLUSTER, "endpoints": [{"lb_endpoints": [endpoint]}]},
    }


def explicit_listener(socket: Path) -> dict[str, object]:
    """What an interception would do for port 80, on a socket that needs none: the same routes, over ADS."""
    source = {"ads": {}, "resource_api_version": "V3"}
    router = {"@type": f"type.googleapis.com/{ROUTER}"}
    manager = {
        "@type": f"type.googleapis.com/{HCM}",
        "stat_prefix": "egress",
        "rds": {"route_config_name": "rds_egress_http_80", "config_source": source},
        "http_filters": [{"name": "envoy.filters.http.router", "typed_config": router}],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": "explicit",
        "address": {"pipe": {"path": str(socket)}},
        "filter_chains": [{"filters": filters}],
    }


async def eventually(check: Callable[[], Awaitable[bool]], what: str, within_s: float = 20) -> None:
    """Wait until an async check holds."""
    for _ in range(int(within_s / 0.02)):
        if await check():
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"not within {within_s} s: {what}")
