"""Metrics of a control plane that serves: each of these moves when its thing happens."""

import asyncio
import urllib.request
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import pytest
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse
from prometheus_client.parser import text_string_to_metric_families

from gossamer.telemetry import metrics
from tests.e2e.test_control_plane import MESH, NODE, fill, route_spec
from tests.support.access_keys import gossamer
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy
from tests.support.light_proxy import bare_stream, request
from tests.support.streams import CLUSTERS
from tests.unit.telemetry.test_metrics import MOVED_ALONE

pytestmark = pytest.mark.e2e


def series(plane: ControlPlane) -> Mapping[str, float]:
    """Every family's samples, added up; of a histogram how much it has counted."""
    with urllib.request.urlopen(f"{plane.url}/metrics", timeout=60) as told:  # noqa: S310 - its own address
        text = told.read().decode()
    found: defaultdict[str, float] = defaultdict(float)
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if not sample.name.endswith(("_bucket", "_sum")):
                found[family.name] += sample.value
    return found


def change(plane: ControlPlane, v1: int) -> None:
    plane.client().update_route(**MESH, virtualRouterName="b", routeName="r", spec=route_spec(v1, 100 - v1))


async def refusing(address: str) -> None:
    """A proxy that refuses what it gets, and another that nobody knows."""
    async with bare_stream(address) as call:
        await call.write(request(NODE))
        answer = DeltaDiscoveryResponse.FromString(await call.read())
        refusal = DeltaDiscoveryRequest(type_url=CLUSTERS, response_nonce=answer.nonce)
        refusal.error_detail.message = "no"
        await call.write(refusal.SerializeToString())
        await call.done_writing()
        await call.code()
    async with bare_stream(address) as call:
        await call.write(request("mesh/simpleapp/virtualNode/nobody"))
        await call.code()


async def test_each_metric_moves_when_its_thing_happens(tmp_path: Path) -> None:
    made = await asyncio.to_thread(gossamer, "ca", "create", "inside", data=tmp_path / "data")
    assert made.returncode == 0, made.stderr
    with running_control_plane(tmp_path) as plane:
        before = series(plane)
        await asyncio.to_thread(fill, plane.client())
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)):
            await eventually(plane.is_in_sync, "in sync")
            await asyncio.to_thread(change, plane, 50)
            await refusing(f"unix:{plane.socket}")
            await eventually(lambda: _has(plane, "gossamer_change_acked_seconds"), "the change is acked")
            await eventually(lambda: _has(plane, "gossamer_loop_lag_seconds"), "a second has gone by")
            during = series(plane)
    families = {name: told.name for name, one in metrics.table().items() for told in one.describe()}
    still = {
        name
        for name, family in families.items()
        if during[family] == before[family] and not (name in THERE and during[family])
    }
    # What waits may wait at the very moment of a look.
    assert still <= MOVED_ALONE
    assert during["gossamer_log_committed_sequence"] == during["gossamer_log_followed_sequence"] == 8
    assert during["gossamer_proxies"] == during["gossamer_proxy_endpoints"] == 1


#: What is so from the beginning.
THERE = {"BUILD", "READY", "CERTIFICATE_EXPIRY"}


async def _has(plane: ControlPlane, family: str) -> bool:
    return (await asyncio.to_thread(series, plane))[family] > 0


def test_no_series_names_what_is_in_a_mesh_and_some_can_be_asked_for(tmp_path: Path) -> None:
    with running_control_plane(tmp_path) as plane:
        fill(plane.client())
        with urllib.request.urlopen(f"{plane.url}/metrics", timeout=60) as told:  # noqa: S310 - its own address
            text = told.read().decode()
        asked = "name[]=gossamer_meshes&name[]=gossamer_ready"
        with urllib.request.urlopen(f"{plane.url}/metrics?{asked}", timeout=60) as told:  # noqa: S310 - its own address
            few = told.read().decode()
    # Series can be asked for by name.
    lines = [line for line in few.splitlines() if not line.startswith("#")]
    assert sorted(lines) == ["gossamer_meshes 1.0", "gossamer_ready 1.0"]
    assert "simpleapp" not in text
    assert '"000000000000"' not in text  # as a label; the digits of a sum may be anything
