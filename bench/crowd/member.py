"""One client: subscribes as Envoy does, acknowledges what comes, and remembers what it holds.

Source: Envoy's xDS protocol, incremental; the agent's bootstrap, which asks for clusters and listeners as a
whole, and for routes by the names in its listeners.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DeltaDiscoveryResponse

from bench.crowd.call import Call

_PREFIX: Final = "type.googleapis.com/envoy.config."
CLUSTER: Final = f"{_PREFIX}cluster.v3.Cluster"
ENDPOINT: Final = f"{_PREFIX}endpoint.v3.ClusterLoadAssignment"
LISTENER: Final = f"{_PREFIX}listener.v3.Listener"
ROUTE: Final = f"{_PREFIX}route.v3.RouteConfiguration"

#: What it watches as a whole; what else it watches, it names.
WHOLE: Final = (CLUSTER, LISTENER)


class Member:
    """One client of the crowd. `on_answer` hears, after the ack, which type an answer was about."""

    def __init__(
        self,
        opening: bytes,
        node: str,
        names: Mapping[str, Sequence[str]],
        on_answer: Callable[["Member", str], None],
    ) -> None:
        self._opening = opening
        self._node = node
        self._names = names
        self._on_answer = on_answer
        self._nonce_of = ""
        self.held: dict[str, dict[str, str]] = {}
        self.call: Call | None = None
        self.ended = ""
        self.answers = 0
        self.resources = 0
        self.received = 0

    def opened(self) -> Call:
        """A new stream, not connected yet, for a client that has what it has."""
        self.ended = ""
        self.call = Call(self._opening, self._heard, self._over)
        return self.call

    def subscribe(self) -> None:
        """Say what it watches, and what it holds already."""
        assert self.call is not None
        for number, type_url in enumerate((*WHOLE, *self._names)):
            request = DeltaDiscoveryRequest(
                type_url=type_url,
                resource_names_subscribe=self._names.get(type_url, ()),
                initial_resource_versions=self.held.get(type_url, {}),
            )
            if number == 0:
                request.node.id = self._node
            self.call.send(request.SerializeToString())

    def leave(self) -> None:
        """Drop the connection."""
        if self.call is not None:
            self.call.close()

    def has(self, type_url: str) -> bool:
        """Whether it holds anything of a type."""
        return bool(self.held.get(type_url))

    def _heard(self, raw: bytes) -> None:
        assert self.call is not None
        answer = DeltaDiscoveryResponse.FromString(raw)
        ack = DeltaDiscoveryRequest(type_url=answer.type_url, response_nonce=answer.nonce)
        self.call.send(ack.SerializeToString())
        held = self.held.setdefault(answer.type_url, {})
        for one in answer.resources:
            held[one.name] = one.version
        for name in answer.removed_resources:
            held.pop(name, None)
        self.answers += 1
        self.resources += len(answer.resources)
        self._on_answer(self, answer.type_url)

    def _over(self, why: str) -> None:
        if self.call is not None:
            self.received += self.call.received
        self.call, self.ended = None, why
