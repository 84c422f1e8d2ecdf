"""The agent's Envoy on its stream: what it says of itself, and how it finds a control plane again."""

import contextlib
import json
import queue
import signal
import socket
from collections.abc import Iterator
from concurrent import futures
from pathlib import Path

import grpc
import pytest
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from gossamer.sidecar.stream import XDS_CLUSTER
from tests.support.agent_process import AgentProcess, agent_process, eventually

pytestmark = pytest.mark.e2e

ARN = "arn:aws:appmesh:us-west-2:123456789012:mesh/m/virtualNode/n"
SERVICE = "envoy.service.discovery.v3.AggregatedDiscoveryService"
Requests = queue.SimpleQueue[DeltaDiscoveryRequest]


def stream(requests: Requests, asked: Iterator[DeltaDiscoveryRequest]) -> Iterator[DeltaDiscoveryResponse]:
    """Answer every subscription with nothing, which is enough to make Envoy live."""
    for count, request in enumerate(asked):
        requests.put(request)
        if not request.response_nonce:
            yield DeltaDiscoveryResponse(type_url=request.type_url, nonce=str(count))


@contextlib.contextmanager
def control_plane(target: str) -> Iterator[Requests]:
    """A management server that has nothing to manage."""
    requests: Requests = queue.SimpleQueue()
    handler = grpc.stream_stream_rpc_method_handler(
        lambda asked, _: stream(requests, asked),
        DeltaDiscoveryRequest.FromString,
        DeltaDiscoveryResponse.SerializeToString,
    )
    with futures.ThreadPoolExecutor(4) as pool:
        server = grpc.server(pool)
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, {"DeltaAggregatedResources": handler}),)
        )
        assert server.add_insecure_port(target)
        server.start()
        try:
            yield requests
        finally:
            server.stop(0).wait()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def endpoints(folder: Path) -> dict[str, str]:
    """Each form of endpoint, and what gRPC calls it."""
    port = free_port()
    return {
        f"127.0.0.1:{port}": f"127.0.0.1:{port}",
        f"localhost:{port}": f"127.0.0.1:{port}",
        f"unix://{folder}/xds.sock": f"unix:{folder}/xds.sock",
    }


@pytest.mark.parametrize("form", range(3), ids=["address", "name", "socket"])
def test_envoy_introduces_itself_once_over_delta_and_becomes_live(tmp_path: Path, form: int) -> None:
    endpoint, target = list(endpoints(tmp_path).items())[form]
    environ = {
        "APPMESH_RESOURCE_ARN": ARN,
        "APPMESH_RESOURCE_CLUSTER": "shop",
        "APPMESH_XDS_ENDPOINT": endpoint,
    }
    with control_plane(target) as requests, running(tmp_path, environ) as agent:
        assert eventually(lambda: agent.is_state("LIVE")), agent.output
        first, *others = [requests.get(timeout=60) for _ in range(requests.qsize())]
        assert (first.node.id, first.node.cluster) == (ARN, "shop")
        assert "aws.appmesh.static_runtime" in first.node.metadata
        assert not any(request.HasField("node") for request in others)


def test_a_control_plane_that_comes_back_is_found_within_seconds(tmp_path: Path) -> None:
    port = free_port()
    environ = {"APPMESH_RESOURCE_ARN": ARN, "APPMESH_XDS_ENDPOINT": f"127.0.0.1:{port}"}
    with running(tmp_path, environ) as agent:
        with control_plane(f"127.0.0.1:{port}"):
            assert eventually(lambda: is_connected(agent)), agent.output
        assert eventually(lambda: not is_connected(agent))
        assert eventually(lambda: refusals(agent) >= 5), "the back-off has not grown"
        with control_plane(f"127.0.0.1:{port}") as requests:
            # Envoy's own back-off would have grown to half a minute.
            assert requests.get(timeout=12).node.id == ARN


@contextlib.contextmanager
def running(folder: Path, environ: dict[str, str]) -> Iterator[AgentProcess]:
    """An agent, stopped before its control plane is."""
    with agent_process(folder, environ) as agent:
        yield agent
        agent.send(signal.SIGINT)


def is_connected(agent: AgentProcess) -> bool:
    """Whether Envoy's stream is open, as dashboards ask."""
    return stats(agent, "control_plane.connected_state") == [1]


def refusals(agent: AgentProcess) -> int:
    """How often Envoy has found nobody who listens."""
    return sum(stats(agent, f"cluster.{XDS_CLUSTER}.upstream_cx_connect_fail"))


def stats(agent: AgentProcess, name: str) -> list[int]:
    status, body = agent.ask(f"/stats?format=json&filter=^{name}$")
    return [stat["value"] for stat in json.loads(body)["stats"]] if status == 200 else []
