"""`gossamer serve --cloud-map --acm`: what the settings say reaches the proxy, from moto's real HTTP."""

from pathlib import Path

import boto3
import pytest
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from tests.support.control_plane import ControlPlane, running_control_plane
from tests.support.envoy import eventually, running_envoy

pytestmark = pytest.mark.e2e

MESH = {"meshName": "shop"}
ARN = "arn:aws:acm:us-west-2:123456789012:certificate/11111111-2222-3333-4444-555555555555"


async def test_what_the_settings_say_is_asked_and_reaches_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "id")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    try:
        _register(url)
        flags = ("--cloud-map", "--cloud-map-endpoint-url", url, "--cloud-map-interval", "0.1")
        acm = ("--acm", "--acm-endpoint-url", url, "--acm-pca-endpoint-url", url)
        with running_control_plane(tmp_path, *flags, *acm) as plane:
            _fill(plane)
            with running_envoy("mesh/shop/virtualNode/front", plane.socket, tmp_path) as envoy:

                async def knows() -> bool:
                    return await envoy.state() == "LIVE" and "10.0.0.7:8080" in await envoy.get("/clusters")

                await eventually(knows, "the instance in Envoy")

                async def is_told() -> bool:
                    found = plane.get("/gossamer/v1/meshes/shop/problems")["problems"]
                    return any(f"nobody knows certificate {ARN}" in one["why"] for one in found)

                await eventually(is_told, "that ACM does not know the certificate")
    finally:
        server.stop()


def _register(url: str) -> None:
    moto_api_backend.reset()
    client = boto3.client("servicediscovery", endpoint_url=url, region_name="us-west-2")
    client.create_http_namespace(Name="shop.local")
    (namespace,) = client.list_namespaces()["Namespaces"]
    service = client.create_service(Name="blue", NamespaceId=namespace["Id"])["Service"]["Id"]
    client.register_instance(
        ServiceId=service, InstanceId="one", Attributes={"AWS_INSTANCE_IPV4": "10.0.0.7"}
    )
    client._endpoint.http_session.close()


def _fill(plane: ControlPlane) -> None:
    client = plane.client()
    client.create_mesh(**MESH)
    listener = {"portMapping": {"port": 8080, "protocol": "http"}}
    found = {"awsCloudMap": {"namespaceName": "shop.local", "serviceName": "blue"}}
    blue = {"listeners": [listener], "serviceDiscovery": found}
    client.create_virtual_node(**MESH, virtualNodeName="blue", spec=blue)
    provider = {"virtualNode": {"virtualNodeName": "blue"}}
    client.create_virtual_service(**MESH, virtualServiceName="blue.test", spec={"provider": provider})
    tls = {"mode": "STRICT", "certificate": {"acm": {"certificateArn": ARN}}}
    front = {
        "listeners": [{"portMapping": {"port": 8081, "protocol": "http"}, "tls": tls}],
        "serviceDiscovery": {"dns": {"hostname": "front.test"}},
        "backends": [{"virtualService": {"virtualServiceName": "blue.test"}}],
    }
    client.create_virtual_node(**MESH, virtualNodeName="front", spec=front)
