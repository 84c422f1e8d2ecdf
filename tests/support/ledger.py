"""What a client knows of the resources that it wrote: what was acknowledged, and what may be there or not.

Writers are threads, each with names of its own. A write that was answered is certain; one that broke off may
have happened or not, and until its resource is written again both are right. Anything else is a fault.
"""

import itertools
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.e2e.test_control_plane import MESH, node_spec, route_spec
from tests.support.control_plane import ControlPlane

#: One call is one try: what is tried again by the client itself is not known to be written once.
ONCE = Config(retries={"total_max_attempts": 1}, read_timeout=60, connect_timeout=10, max_pool_connections=4)

Found = str | None


def client_of(plane: ControlPlane) -> Any:
    """A client that tries once."""
    return plane.client(config=ONCE)


@dataclass
class Ledger:
    """What may be there of each virtual node: its host name, or None if it may be absent."""

    nodes: dict[str, set[Found]] = field(default_factory=dict)
    weights: set[int] = field(default_factory=lambda: {100})
    acknowledged: int = 0
    unknown: int = 0
    refused: list[str] = field(default_factory=list)
    is_over: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, name: str, hostname: Found, call: Callable[[], object]) -> bool:
        """Write one node, or take it away; whether that was answered."""
        may_be = self.nodes.setdefault(name, {None})
        may_be.add(hostname)
        if is_done := self._called(call):
            may_be.clear()
            may_be.add(hostname)
        return is_done

    def shift(self, weight: int, call: Callable[[], object]) -> bool:
        """Write the split of the route that traffic goes by."""
        self.weights.add(weight)
        if is_done := self._called(call):
            self.weights = {weight}
        return is_done

    def _called(self, call: Callable[[], object]) -> bool:
        try:
            call()
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            with self.lock:
                self.unknown += 1
                if status < 500:
                    self.refused.append(str(error))
            return False
        except BotoCoreError:
            with self.lock:
                self.unknown += 1
            return False
        with self.lock:
            self.acknowledged += 1
        return True

    def check(self, plane: ControlPlane) -> None:
        """Hold a control plane's answers to what is known."""
        client = plane.client()
        there = dict(_nodes(client))
        wrong = {
            name: (there.get(name), may_be)
            for name, may_be in self.nodes.items()
            if there.get(name) not in may_be
        }
        assert not wrong, f"not as acknowledged: {wrong}"
        assert set(there) <= set(self.nodes) | {"a", "v1", "v2"}
        assert weight_of(client) in self.weights
        assert self.refused == []


@dataclass
class Writer:
    """One thread's writes, through whichever control plane is there at the moment."""

    ledger: Ledger
    name: str
    chance: random.Random
    client: Callable[[], Any]
    mine: list[str] = field(default_factory=list)

    def run(self) -> None:
        """Create, change and delete nodes, and shift traffic, until it is over."""
        for step in itertools.count():
            if self.ledger.is_over.is_set():
                return
            try:
                is_done = self._step(step, self.client())
            except Exception as error:
                self.ledger.refused.append(repr(error))
                raise
            if not is_done:
                self.ledger.is_over.wait(0.05)

    def _step(self, step: int, client: Any) -> bool:
        certain = [name for name in self.mine if None not in self.ledger.nodes[name]]
        if self.name == "w0" and step % 3 == 0:
            weight = self.chance.randrange(101)
            spec = route_spec(weight, 100 - weight)
            return self.ledger.shift(
                weight,
                lambda: client.update_route(**MESH, virtualRouterName="b", routeName="r", spec=spec),
            )
        if certain and step % 5 == 3:
            name = self.chance.choice(certain)
            return self.ledger.write(
                name, None, lambda: client.delete_virtual_node(**MESH, virtualNodeName=name)
            )
        if certain and step % 5 == 2:
            name, spec = self.chance.choice(certain), self._spec(step)
            update = lambda: client.update_virtual_node(**MESH, virtualNodeName=name, spec=spec)  # noqa: E731
            return self.ledger.write(name, _hostname(spec), update)
        name, spec = f"{self.name}-{step}", self._spec(step)
        self.mine.append(name)
        return self.ledger.write(
            name,
            _hostname(spec),
            lambda: client.create_virtual_node(**MESH, virtualNodeName=name, spec=spec),
        )

    def _spec(self, step: int) -> dict[str, Any]:
        spec = node_spec(8081)
        spec["serviceDiscovery"] = {"dns": {"hostname": f"h{step}-{self.chance.randrange(10**6)}.local"}}
        return spec


def _hostname(spec: dict[str, Any]) -> str:
    return str(spec["serviceDiscovery"]["dns"]["hostname"])


def _nodes(client: Any) -> Iterator[tuple[str, str]]:
    for page in client.get_paginator("list_virtual_nodes").paginate(**MESH):
        for one in page["virtualNodes"]:
            name = one["virtualNodeName"]
            found = client.describe_virtual_node(**MESH, virtualNodeName=name)["virtualNode"]["spec"]
            yield name, found.get("serviceDiscovery", {}).get("dns", {}).get("hostname", "")


def weight_of(client: Any) -> int:
    """How much of the traffic the route sends to the first node."""
    spec = client.describe_route(**MESH, virtualRouterName="b", routeName="r")["route"]["spec"]
    return int(spec["httpRoute"]["action"]["weightedTargets"][0]["weight"])
