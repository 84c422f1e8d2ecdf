"""What the compiler makes: Envoy's messages, by type and name, part by part.

Source: Envoy's xDS protocol, resource types.
"""

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import ParamSpec

from envoy.config.cluster.v3.cluster_pb2 import Cluster
from envoy.config.endpoint.v3.endpoint_pb2 import ClusterLoadAssignment
from envoy.config.listener.v3.listener_pb2 import Listener
from envoy.config.route.v3.route_components_pb2 import VirtualHost
from envoy.config.route.v3.route_pb2 import RouteConfiguration
from envoy.extensions.transport_sockets.tls.v3.secret_pb2 import Secret

P = ParamSpec("P")


class ResourceType(enum.Enum):
    """A type of resource that a proxy can subscribe to; the value is its URL on the wire."""

    CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster"
    ENDPOINT = "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"
    LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener"
    ROUTE = "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"
    SECRET = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"  # noqa: S105 - a type, not a secret

    # There is one object a member, and streams look things up by it all the time: an enum's own hash is that
    # of the member's name, in a call of Python for each look-up.
    __hash__ = object.__hash__


Message = Cluster | ClusterLoadAssignment | Listener | RouteConfiguration | Secret


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Host:
    """A virtual host, with the clusters that it leads to.

    It is the same object in the routes of every proxy, so that it is serialised once.
    """

    message: VirtualHost
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Compiled:
    """One message under its name, with the clusters, or routes of a gateway's way out, that it leads to.

    `needs` is why the streams can make before they break: a route goes out only once its clusters are there.
    One that is shared is the same object for every proxy, so that it is serialised once. The `hosts` of a
    route configuration come after what is its `own`.
    """

    type: ResourceType
    name: str
    own: Message
    needs: frozenset[str] = frozenset()
    is_shared: bool = False
    hosts: tuple[Host, ...] = ()

    @property
    def message(self) -> Message:
        """The whole message."""
        if not isinstance(self.own, RouteConfiguration) or not self.hosts:
            return self.own
        whole = RouteConfiguration()
        whole.CopyFrom(self.own)
        whole.virtual_hosts.extend(host.message for host in self.hosts)
        return whole


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what a proxy gets: a pure translation, and all that it is given.

    Two equal parts compile to the same, so whoever keeps what one became need not compile the other.
    """

    translate: Callable[..., Iterable[Compiled]]
    given: tuple[object, ...]

    def compiled(self) -> tuple[Compiled, ...]:
        """What it becomes."""
        return tuple(self.translate(*self.given))


def part(translate: Callable[P, Iterable[Compiled]], *given: P.args, **_: P.kwargs) -> Part:
    """What a translation makes of frozen values."""
    return Part(translate, given)


@dataclass(frozen=True, slots=True)
class Resources:
    """All that one proxy gets. Names are unique within a type."""

    parts: tuple[Part, ...]

    @staticmethod
    def holding(*compiled: Compiled) -> "Resources":
        """What is compiled already."""
        return Resources((part(_as_it_is, compiled),))

    @property
    def compiled(self) -> tuple[Compiled, ...]:
        """Everything, in the order of the table of contents."""
        return tuple(one for part in self.parts for one in part.compiled())

    def of(self, type_: ResourceType) -> Iterator[Compiled]:
        """Those of one type, in the order of the table of contents."""
        return (one for one in self.compiled if one.type is type_)


def _as_it_is(compiled: tuple[Compiled, ...]) -> tuple[Compiled, ...]:
    return compiled
