"""Cloud Map for tests: moto's server, which answers the real API over HTTP, and the lookout that asks it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

import boto3
from moto.moto_api._internal.models import moto_api_backend
from moto.server import ThreadedMotoServer

from gossamer.aws import Access, asking
from gossamer.clock import SystemClock
from gossamer.discovery.cloud_map import CloudMap
from gossamer.refresh import Pace
from gossamer.runtime.lookout import Lookout, Sources
from gossamer.runtime.reconcile import Reconciler

NAMESPACE = "shop.local"


@dataclass
class Registry:
    """A namespace with services, that tests fill and empty."""

    server: ThreadedMotoServer
    client: Any
    namespace: str
    asked: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def service(self, name: str) -> str:
        """A new service, whose instances' health is told by hand; its id."""
        created = self.client.create_service(
            Name=name, NamespaceId=self.namespace, HealthCheckCustomConfig={"FailureThreshold": 1}
        )
        return str(created["Service"]["Id"])

    def register(self, service: str, instance: str, **attributes: str) -> None:
        """An instance of it; `ipv4` and `ipv6` are its addresses."""
        addresses = {"ipv4": "AWS_INSTANCE_IPV4", "ipv6": "AWS_INSTANCE_IPV6"}
        named = {addresses.get(name, name): value for name, value in attributes.items()}
        self.client.register_instance(ServiceId=service, InstanceId=instance, Attributes=named)

    def deregister(self, service: str, instance: str) -> None:
        """The instance is gone."""
        self.client.deregister_instance(ServiceId=service, InstanceId=instance)

    def says(self, service: str, instance: str, health: str) -> None:
        """The instance is HEALTHY, or UNHEALTHY."""
        self.client.update_instance_custom_health_status(
            ServiceId=service, InstanceId=instance, Status=health
        )


@contextlib.asynccontextmanager
async def running_registry(reconciler: Reconciler, *, every_s: float = 0.1) -> AsyncIterator[Registry]:
    """A registry that is asked for what the reconciler's proxies need, until the test ends."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    # What moto holds belongs to the process, not to the server.
    moto_api_backend.reset()
    client = boto3.client("servicediscovery", endpoint_url=url, region_name="us-west-2")
    client.create_http_namespace(Name=NAMESPACE)
    (namespace,) = client.list_namespaces()["Namespaces"]
    registry = Registry(server, client, namespace["Id"])
    try:
        async with asking("servicediscovery", Access("us-west-2", "", url)) as ask:

            async def noting(operation: str, **asked: object) -> Any:
                registry.asked.append((operation, asked))
                return await ask(operation, **asked)

            sources = Sources(CloudMap(noting), Pace(every_s, at_most_s=every_s))
            lookout = Lookout(reconciler, sources, SystemClock(), Random(1))
            running = asyncio.ensure_future(lookout.run())
            try:
                yield registry
            finally:
                running.cancel()
                await asyncio.wait([running])
    finally:
        client._endpoint.http_session.close()
        server.stop()
