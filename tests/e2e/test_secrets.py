"""Secrets over both kinds of stream, and only to those that need them."""

from pathlib import Path

import pytest

from gossamer.compile.resources import ResourceType
from gossamer.mesh.surroundings import Certificate, Surroundings
from tests.support.envoy import Envoy, eventually, running_envoy
from tests.support.goldens import mesh_of
from tests.support.pki import Authority
from tests.support.plane import Plane, running_plane
from tests.support.stage_mesh import listener, mesh, node
from tests.support.tls_mesh import ARN, serving

pytestmark = pytest.mark.e2e

OURS = Authority("ours")


def show(plane: Plane) -> None:
    """Front calls blue, which shows a certificate of ACM."""
    pair = OURS.issue("blue.test")
    certificates = {ARN: Certificate(pair.chain, pair.key)}
    plane.reconciler.surround(Surroundings(certificates=certificates, trust={ARN: OURS.root}))
    blue = node("blue", listeners=[listener("http", tls=serving({"acm": {"certificateArn": ARN}}))])
    plane.show(mesh_of(mesh(nodes={"blue": blue})))


@pytest.mark.parametrize("api_type", ["DELTA_GRPC", "GRPC"])
async def test_a_certificate_arrives_and_is_replaced_on_either_kind_of_stream(
    tmp_path: Path, api_type: str
) -> None:
    async with running_plane(tmp_path) as plane:
        show(plane)
        with running_envoy("mesh/shop/virtualNode/blue", plane.socket, tmp_path, api_type=api_type) as envoy:
            await eventually(lambda: _has_certificate(envoy), "the certificate")
            before = await envoy.get("/certs")
            show(plane)

            async def is_replaced() -> bool:
                return await _has_certificate(envoy) and await envoy.get("/certs") != before

            await eventually(is_replaced, "its successor")
            assert plane.refusals() == []


async def test_keys_go_to_their_listener_roots_to_clients_and_nothing_to_others(tmp_path: Path) -> None:
    async with running_plane(tmp_path) as plane:
        show(plane)
        with (
            running_envoy("mesh/shop/virtualNode/blue", plane.socket, tmp_path, "blue"),
            running_envoy("mesh/shop/virtualNode/front", plane.socket, tmp_path, "front"),
            running_envoy("mesh/shop/virtualNode/green", plane.socket, tmp_path, "green"),
        ):
            await eventually(lambda: _all_in_sync(plane, 3), "all in sync")
            sent = {
                connection.channel.endpoint.rpartition("/")[2]: connection.channel.published
                for connection in plane.hub._connections
            }
    found = {
        name: {secret: one.any_field for secret, one in published.of(ResourceType.SECRET).items()}
        for name, published in sent.items()
        if published is not None
    }
    assert {name: list(secrets) for name, secrets in found.items()} == {
        "blue": [ARN],
        "front": [f"trust:{ARN}"],
        "green": [],
    }
    assert b"PRIVATE KEY" in found["blue"][ARN]
    assert b"PRIVATE KEY" not in found["front"][f"trust:{ARN}"]


async def _has_certificate(envoy: Envoy) -> bool:
    return await envoy.state() == "LIVE" and "blue.test" in await envoy.get("/certs")


async def _all_in_sync(plane: Plane, proxies: int) -> bool:
    return len(plane.proxies()) == proxies and await plane.is_in_sync()
