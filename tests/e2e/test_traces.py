"""One trace tells the whole way of a change: the call, its write, the log, the compiler, each proxy's ack."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_control_plane import MESH, NODE, SERVICE, fill, node_spec, route_spec
from tests.support.collector import Collector, facts, grpc_collector, http_collector
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy
from tests.support.light_proxy import light_proxies

pytestmark = pytest.mark.e2e

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = f"00-{TRACE}-b7ad6b7169203331-01"


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans are sent soon, and their exporter is named by the test alone."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")


def traced_client(plane: ControlPlane) -> Any:
    """An SDK whose calls are part of a trace."""
    client = plane.client()
    client.meta.events.register("before-send.*.*", _join)
    return client


def _join(request: Any, **_: object) -> None:
    request.headers["traceparent"] = CALLER


async def shift(client: Any, v1: int) -> None:
    spec = route_spec(v1, 100 - v1)
    await asyncio.to_thread(
        lambda: client.update_route(**MESH, virtualRouterName="b", routeName="r", spec=spec)
    )


async def has(collector: Collector, name: str, count: int = 1) -> bool:
    return len(collector.named(name, TRACE)) >= count


async def test_a_trace_leads_from_the_callers_span_to_the_ack_of_a_real_envoy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with http_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
        with running_control_plane(tmp_path) as plane:
            await asyncio.to_thread(fill, plane.client())
            with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)):
                await eventually(plane.is_in_sync, "in sync")
                await shift(traced_client(plane), 0)
                await eventually(lambda: has(collector, "ack route"), "the ack is told")
        (ack,) = collector.named("ack route", TRACE)
        way = ["ack route", "send route", "compile", "reconcile", "follow log", "UpdateRoute"]
        assert collector.path(ack) == way
        assert facts(ack)["gossamer.proxy"] == NODE
        (call,) = collector.named("UpdateRoute", TRACE)
        assert call.parent_span_id.hex() == CALLER.split("-")[2]
        assert facts(call)["http.response.status_code"] == 200
        (write,) = collector.named("write", TRACE)
        assert write.parent_span_id == call.span_id
        assert call.start_time_unix_nano <= write.start_time_unix_nano <= write.end_time_unix_nano
        assert write.end_time_unix_nano <= ack.end_time_unix_nano
        assert collector.services == {"gossamer"}
        told = [json.loads(line) for line in (tmp_path / "serve-0.log").read_text().splitlines()]
        assert [one["event"] for one in told if one["event"] == "traced"] == ["traced"]


async def test_traces_go_over_grpc_too_under_the_name_that_the_environment_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with grpc_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
        monkeypatch.setenv("OTEL_SERVICE_NAME", "mesh-of-the-shop")
        with running_control_plane(tmp_path, "--otlp-endpoint", collector.endpoint) as plane:
            await asyncio.to_thread(fill, traced_client(plane))
            await eventually(lambda: has(collector, "CreateVirtualService"), "the call is told")
        assert collector.services == {"mesh-of-the-shop"}


async def test_of_many_proxies_some_are_shown_and_the_rest_cost_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with http_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"{collector.endpoint}/v1/traces")
        with running_control_plane(tmp_path) as plane:
            await asyncio.to_thread(fill, plane.client())
            async with light_proxies(f"unix:{plane.socket}", NODE, 50):
                await eventually(lambda: are_in_sync(plane, 50), "all are in sync")
                await asyncio.to_thread(needs_another_cluster, traced_client(plane))
                await eventually(lambda: has(collector, "ack cluster", 20), "acks are told")
                await eventually(lambda: are_in_sync(plane, 50), "all are in sync")
        assert len(collector.named("send cluster", TRACE)) <= 40


def needs_another_cluster(client: Any) -> None:
    client.create_virtual_node(**MESH, virtualNodeName="v3", spec=node_spec(8083))
    provider = {"virtualNode": {"virtualNodeName": "v3"}}
    client.create_virtual_service(**MESH, virtualServiceName="other.test", spec={"provider": provider})
    backends = [{"virtualService": {"virtualServiceName": name}} for name in (SERVICE, "other.test")]
    client.update_virtual_node(**MESH, virtualNodeName="a", spec={"backends": backends})


async def are_in_sync(plane: ControlPlane, count: int) -> bool:
    found = await asyncio.to_thread(plane.proxies)
    return len(found) == count and all(one["state"] == "in sync" for one in found)


async def test_a_trace_that_its_caller_does_not_sample_is_not_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with http_collector() as collector:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.endpoint)
        monkeypatch.setenv("OTEL_TRACES_SAMPLER", "parentbased_always_off")
        with running_control_plane(tmp_path) as plane:
            await asyncio.to_thread(fill, plane.client())
            await shift(traced_client(plane), 0)
            await eventually(lambda: has(collector, "UpdateRoute"), "the sampled one is told")
        assert {span.trace_id.hex() for span in collector.spans} == {TRACE}
