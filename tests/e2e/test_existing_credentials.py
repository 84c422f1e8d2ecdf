"""The credentials of App Mesh's images, for a control plane with keys: the old plugin's, the relay's."""

import datetime
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import grpc
import pytest
from envoy.config.core.v3.base_pb2 import Node
from envoy.service.discovery.v3.discovery_pb2 import DiscoveryRequest, DiscoveryResponse

from gossamer.clock import SystemClock
from tests.e2e.test_existing_images import NODE, aws_envoy
from tests.support.access_keys import Key, allowing, new_key
from tests.support.agent_process import agent_process
from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually
from tests.support.pki import Authority, replaced

pytestmark = pytest.mark.e2e

METHOD = "/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources"
CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
REGION = "us-west-2"


@dataclass(frozen=True)
class Guarded:
    """A control plane with keys, over TLS: one that rules, and one that may only stream."""

    plane: ControlPlane
    proxy: Key
    root: str

    @property
    def where(self) -> str:
        return f"localhost:{self.plane.xds.rpartition(':')[2]}"


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    folder = tmp_path_factory.mktemp("guarded")
    authority = Authority("shop")
    chain, key = authority.issue("localhost", "127.0.0.1").written(folder, "server")
    admin = new_key(folder / "data", allowing("appmesh:*"))
    proxy = new_key(folder / "data", allowing("appmesh:StreamAggregatedResources"), name="envoy")
    flags = ("--xds-tls-cert-file", chain, "--xds-tls-key-file", key)
    with running_control_plane(folder, *flags) as plane:
        client = admin.client(plane.url)
        client.create_mesh(meshName="shop")
        client.create_virtual_node(meshName="shop", virtualNodeName="front", spec={})
        yield Guarded(plane, proxy, replaced(folder / "root.pem", authority.root))


def signed_as_the_plugin_did(key: Key, host: str) -> list[tuple[str, str]]:
    """The metadata of the call credentials in App Mesh's images: a POST of the method without a body.

    Source: Envoy's former `envoy.grpc_credentials.aws_iam`; AWS Signature Version 4.
    """
    now = SystemClock().now().astimezone(datetime.UTC)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    empty = hashlib.sha256(b"").hexdigest()
    headers = {"host": host, "x-amz-content-sha256": empty, "x-amz-date": stamp}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n{METHOD}\n\n{lines}\n{names}\n{empty}"
    scope = f"{day}/{REGION}/appmesh/aws4_request"
    text = "\n".join(("AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(canonical.encode()).hexdigest()))
    made = b"AWS4" + key.secret.encode()
    for part in (*scope.split("/"), text):
        made = hmac.digest(made, part.encode(), "sha256")
    authorization = (
        f"AWS4-HMAC-SHA256 Credential={key.id}/{scope}, SignedHeaders={names}, Signature={made.hex()}"
    )
    return [
        ("authorization", authorization),
        ("x-amz-date", stamp),
        ("x-amz-content-sha256", empty),
    ]


def streamed(guarded: Guarded, metadata: list[tuple[str, str]]) -> DiscoveryResponse:
    """The first answer of a stream in state of the world.

    Raises: grpc.RpcError.
    """
    credentials = grpc.ssl_channel_credentials(Path(guarded.root).read_bytes())
    with grpc.secure_channel(guarded.where, credentials) as channel:
        call = channel.stream_stream(METHOD, DiscoveryRequest.SerializeToString, DiscoveryResponse.FromString)
        request = DiscoveryRequest(node=Node(id=NODE, cluster=NODE), type_url=CLUSTER)
        answer = next(call(iter([request]), metadata=metadata, timeout=30))
        assert isinstance(answer, DiscoveryResponse)
        return answer


def test_the_old_plugins_signature_opens_a_stream(guarded: Guarded) -> None:
    answer = streamed(guarded, signed_as_the_plugin_did(guarded.proxy, guarded.where))
    assert answer.type_url == CLUSTER
    assert answer.resources


def test_a_wrong_signature_of_the_old_plugin_does_not(guarded: Guarded) -> None:
    other = Key(guarded.proxy.id, "another secret")
    with pytest.raises(grpc.RpcError) as refused:
        streamed(guarded, signed_as_the_plugin_did(other, guarded.where))
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_no_signature_is_answered_in_app_meshs_words(guarded: Guarded) -> None:
    with pytest.raises(grpc.RpcError, match="Missing Authentication Token") as refused:
        streamed(guarded, [])
    assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_an_image_behind_a_relay_gets_its_configuration_signed_by_the_relay(
    tmp_path: Path, guarded: Guarded
) -> None:
    relay = tmp_path / "relay.sock"
    environ = {
        "APPNET_ENABLE_RELAY_MODE_FOR_XDS": "1",
        "APPMESH_XDS_ENDPOINT": guarded.where,
        "APPNET_RELAY_LISTENER_UDS_PATH": str(relay),
        "GOSSAMER_XDS_CA_FILE": guarded.root,
        "AWS_ACCESS_KEY_ID": guarded.proxy.id,
        "AWS_SECRET_ACCESS_KEY": guarded.proxy.secret,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    with agent_process(tmp_path, environ) as agent:

        async def is_listening() -> bool:
            return relay.exists() and agent.is_state("LIVE")

        await eventually(is_listening, f"the relay: {agent.output}")
        with aws_envoy(tmp_path, NODE, f"unix://{relay}") as envoy:

            async def is_live() -> bool:
                return await envoy.state() == "LIVE"

            await eventually(is_live, f"live: {agent.output}")
            assert await envoy.stat("listener_manager.lds.update_success") > 0
