"""Both ports over TLS, with certificates that are replaced while clients are connected."""

import asyncio
import contextlib
import http.client
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from botocore.exceptions import SSLError

from tests.support.access_keys import Key, new_key
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually
from tests.support.pki import Authority, Pair
from tests.support.streams import Ended, opened

NODE = "mesh/m/virtualNode/n"
SPEC = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n"}},
}
NAMES = ("localhost", "127.0.0.1")


@dataclass
class Secure:
    """A control plane that speaks TLS on both ports, and who may call it."""

    plane: ControlPlane
    admin: Key
    directory: Path
    authority: Authority

    @property
    def root(self) -> Path:
        """The file of the authority's certificate."""
        return self.directory / "root.pem"

    async def has_looked_at_what_it_cannot_use(self) -> bool:
        """Whether the server has said so."""
        (said,) = self.directory.glob("serve-*.log")
        return "certificate_not_usable" in said.read_text()

    def replace(self, pair: Pair) -> None:
        """Put another certificate in the place of the one in use."""
        pair.written(self.directory, "server")


@pytest.fixture
def secure(tmp_path: Path) -> Iterator[Secure]:
    authority = Authority("server authority")
    (tmp_path / "root.pem").write_text(authority.root)
    certificate, key = authority.issue(*NAMES).written(tmp_path, "server")
    admin = new_key(tmp_path / "data", "AWSAppMeshFullAccess")
    proxies = Authority("proxy authority")
    (tmp_path / "proxies.pem").write_text(proxies.root)
    proxies.issue(f"spiffe://gossamer/{NODE}").written(tmp_path, "n")
    proxies.issue(f"spiffe://elsewhere/{NODE}").written(tmp_path, "foreign")
    Authority("another").issue(f"spiffe://gossamer/{NODE}").written(tmp_path, "forged")
    flags = (
        *("--tls-cert-file", certificate, "--tls-key-file", key),
        *("--xds-client-ca-file", str(tmp_path / "proxies.pem")),
    )
    with running_control_plane(tmp_path, *flags) as plane:
        yield Secure(plane, admin, tmp_path, authority)


def test_the_api_is_served_over_tls_to_those_who_trust_its_authority(secure: Secure) -> None:
    assert secure.plane.url.startswith("https://")
    found = secure.admin.client(secure.plane.url, verify=str(secure.root))
    found.create_mesh(meshName="m")
    assert [one["meshName"] for one in found.list_meshes()["meshes"]] == ["m"]
    (secure.directory / "other.pem").write_text(Authority("other").root)
    with pytest.raises(SSLError):
        secure.admin.client(secure.plane.url, verify=str(secure.directory / "other.pem")).list_meshes()


def serial(connection: http.client.HTTPSConnection) -> str:
    assert isinstance(connection.sock, ssl.SSLSocket)
    return str((connection.sock.getpeercert() or {})["serialNumber"])


def connected(secure: Secure) -> http.client.HTTPSConnection:
    host, _, port = secure.plane.url.removeprefix("https://").partition(":")
    context = ssl.create_default_context(cafile=str(secure.root))
    connection = http.client.HTTPSConnection(host, int(port), context=context, timeout=60)
    connection.connect()
    return connection


def served(secure: Secure) -> str:
    """The serial number of what a new connection is shown."""
    with contextlib.closing(connected(secure)) as connection:
        return serial(connection)


def answered(connection: http.client.HTTPSConnection) -> int:
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    return answer.status


async def test_a_replaced_certificate_is_taken_up_and_open_connections_stay(secure: Secure) -> None:
    with contextlib.closing(connected(secure)) as before:
        await replaced_under(before, secure)


async def replaced_under(before: http.client.HTTPSConnection, secure: Secure) -> None:
    old = serial(before)
    # A key of another certificate is not taken up.
    stray = secure.authority.issue(*NAMES)
    (secure.directory / "server.key.pem").write_text(stray.key)
    await eventually(secure.has_looked_at_what_it_cannot_use, "the stray key is seen")
    assert served(secure) == old
    secure.replace(secure.authority.issue(*NAMES))
    deadline = time.monotonic() + 90
    while served(secure) == old:
        assert time.monotonic() < deadline, "the new certificate is not served"
        await asyncio.sleep(0.1)
    assert answered(before) == 200
    assert serial(before) == old
    assert await streamed(secure, "n") is not None


async def streamed(secure: Secure, name: str) -> Ended | None:
    """A stream with one of the proxies' certificates."""
    credentials = grpc.ssl_channel_credentials(
        secure.root.read_bytes(),
        (secure.directory / f"{name}.key.pem").read_bytes(),
        (secure.directory / f"{name}.pem").read_bytes(),
    )
    return await opened(secure.plane.xds, NODE, credentials=credentials)


async def test_a_certificate_opens_the_stream_of_its_endpoint(secure: Secure) -> None:
    admin = secure.admin.client(secure.plane.url, verify=str(secure.root))
    admin.create_mesh(meshName="m")
    admin.create_virtual_node(meshName="m", virtualNodeName="n", spec=SPEC)
    for _ in range(100):
        if await streamed(secure, "n") is None:
            break
        await asyncio.sleep(0.1)
    assert await streamed(secure, "n") is None
    foreign = await streamed(secure, "foreign")
    assert foreign is not None
    assert foreign.code == "UNAUTHENTICATED"
    assert "spiffe://gossamer/mesh/MESH/virtualNode/NAME" in foreign.why
    forged = await streamed(secure, "forged")
    assert forged is not None
    assert forged.code == "UNAVAILABLE"
