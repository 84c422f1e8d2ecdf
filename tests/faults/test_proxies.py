"""Proxies that do not behave: they harm nobody but themselves."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from tests.e2e.test_control_plane import NODE, fill
from tests.e2e.test_replicas import shift
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.endured import IS_FULL, Traffic, in_agreement, traffic_through
from tests.support.envoy import Envoy, eventually, running_envoy
from tests.support.streams import CLUSTERS, METHOD

pytestmark = [pytest.mark.e2e, pytest.mark.faults]

ROUTES = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"


@dataclass
class Scene:
    """A control plane with a proxy that behaves."""

    plane: ControlPlane
    envoy: Envoy
    traffic: Traffic

    async def still_serves(self, *, more: int = 0) -> None:
        """Changes reach the proxy that behaves, at once and each of them; `more` others are connected."""
        for weight in (0, 30, 100):
            await asyncio.to_thread(shift, self.plane, weight)
            await in_agreement(self.plane, self.envoy)
        assert len(await asyncio.to_thread(self.plane.proxies)) == 1 + more

    def descriptors(self) -> int:
        """What the control plane has open."""
        return len(os.listdir(f"/proc/{self.plane.process.pid}/fd"))  # noqa: PTH208 - only counted


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    with running_control_plane(tmp_path) as plane:
        fill(plane.client())
        with running_envoy(NODE, plane.socket, tmp_path, apps=(8081, 8082)) as envoy:
            async with traffic_through(envoy) as traffic:
                yield Scene(plane, envoy, traffic)
        assert plane.process.poll() is None


def subscribing(type_url: str, *names: str) -> DeltaDiscoveryRequest:
    request = DeltaDiscoveryRequest(type_url=type_url, resource_names_subscribe=names)
    request.node.id = NODE
    return request


@contextlib.asynccontextmanager
async def proxy(
    plane: ControlPlane, answer: Callable[[DeltaDiscoveryResponse], DeltaDiscoveryRequest | None]
) -> AsyncIterator[list[DeltaDiscoveryResponse]]:
    """A proxy that answers in its own way; what it was sent."""
    heard: list[DeltaDiscoveryResponse] = []
    async with grpc.aio.insecure_channel(plane.xds) as channel:
        call = channel.stream_stream(
            METHOD, DeltaDiscoveryRequest.SerializeToString, DeltaDiscoveryResponse.FromString
        )()
        await call.write(subscribing(CLUSTERS))
        await call.write(subscribing(ROUTES, "rds_egress_http_80"))

        async def talk() -> None:
            while (got := await call.read()) is not grpc.aio.EOF:
                heard.append(got)
                if (said := answer(got)) is not None:
                    await call.write(said)

        talking = asyncio.ensure_future(talk())
        try:
            yield heard
        finally:
            talking.cancel()
            await asyncio.wait([talking])
            call.cancel()


async def silent(heard: list[DeltaDiscoveryResponse]) -> bool:
    """Whether a proxy was sent nothing for a second."""
    before = len(heard)
    await asyncio.sleep(1)
    return len(heard) == before


@pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it")
async def test_a_proxy_that_never_acknowledges(scene: Scene) -> None:
    async with proxy(scene.plane, lambda _: None) as heard:
        await eventually(lambda: _is(lambda: bool(heard)), "it is served")
        await scene.still_serves(more=1)
        await eventually(lambda: _is(lambda: "updating" in states(scene.plane)), "it is shown")
        # It is not sent more of what it does not acknowledge.
        assert len(heard) <= 4


async def test_a_proxy_that_refuses_everything(scene: Scene) -> None:
    def refuse(got: DeltaDiscoveryResponse) -> DeltaDiscoveryRequest:
        said = DeltaDiscoveryRequest(type_url=got.type_url, response_nonce=got.nonce)
        said.error_detail.code, said.error_detail.message = 13, "I do not like it"
        return said

    async with proxy(scene.plane, refuse) as heard:
        await eventually(lambda: _is(lambda: "refused" in states(scene.plane)), "it is shown")
        await scene.still_serves(more=1)
        # Nothing is sent again as long as nothing changes.
        await eventually(lambda: silent(heard), "silence", within_s=2)
        assert len(heard) < 20
        told = [
            one["types"]["cluster"]["refusal"] for one in scene.plane.proxies() if one["state"] == "refused"
        ]
        assert told == ["I do not like it"]


@pytest.mark.skipif(not IS_FULL, reason="`make faults` runs it")
async def test_a_proxy_that_reconnects_in_a_loop(scene: Scene) -> None:
    before = scene.descriptors()
    for _ in range(60):
        async with proxy(scene.plane, lambda _: None) as heard:
            await eventually(lambda heard=heard: _is(lambda: bool(heard)), "it is served")  # type: ignore[misc]
    await scene.still_serves()
    await eventually(lambda: _is(lambda: scene.descriptors() <= before + 5), "nothing is left open")


GARBAGE = {
    "noise": os.urandom(4096),
    "nothing": b"",
    "HTTP/1.1": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "half a preface": b"PRI * HTTP/2.0\r\n",
    "a preface and noise": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + os.urandom(4096),
    "TLS": bytes.fromhex("16030100a5010000a1") + os.urandom(160),
}


async def test_a_proxy_that_sends_garbage(scene: Scene) -> None:
    before = scene.descriptors()
    host, _, port = scene.plane.xds.rpartition(":")
    for raw in GARBAGE.values():
        for _ in range(5):
            with contextlib.suppress(OSError), socket.create_connection((host, int(port)), timeout=5) as sent:
                sent.sendall(raw)
    async with grpc.aio.insecure_channel(scene.plane.xds) as channel:
        for body in (os.urandom(2000), b"\xff" * 10, b"x" * (20 * 1024 * 1024), _many_names()):
            call = channel.stream_stream(METHOD)()
            # What is well formed and means nothing is not answered, and harms nobody.
            with contextlib.suppress(grpc.aio.AioRpcError, asyncio.InvalidStateError, TimeoutError):
                await call.write(body)
                await asyncio.wait_for(call.read(), 2)
            call.cancel()
    await scene.still_serves()
    await eventually(lambda: _is(lambda: scene.descriptors() <= before + 5), "nothing is left open", 60)


def _many_names() -> bytes:
    """Well formed, of a type that nobody has, and with more names than anybody needs."""
    return subscribing("type.googleapis.com/no.such.Type", *map(str, range(10_000))).SerializeToString()


def states(plane: ControlPlane) -> list[str]:
    return [str(one["state"]) for one in plane.proxies()]


async def _is(question: Callable[[], bool]) -> bool:
    return await asyncio.to_thread(question)
