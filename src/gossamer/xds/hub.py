"""Who is connected, and what each is to run: where the runtime hands over and the streams pick up.

One channel a mesh endpoint, and one more for each set of wishes that some of its proxies have; those of one
channel share what is published. Newest wins: a channel holds one snapshot,
and a slow stream takes whatever is current when it gets round to it.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from gossamer.compile.wish import Wishes
from gossamer.telemetry.cause import Cause
from gossamer.xds.holding import Holding
from gossamer.xds.node_id import NodeId
from gossamer.xds.protocol import Published
from gossamer.xds.pulse import Pulse
from gossamer.xds.register import Register
from gossamer.xds.reports import Nobody, Reports
from gossamer.xds.status import ProxyStatus
from gossamer.xds.turnstile import Turnstile


class TooManyProxies(Exception):
    """The endpoint has as many proxies as it may; the text says how many."""


def _nothing() -> Iterator[Holding]:
    """A stream that has said nothing yet."""
    return iter(())


@dataclass(eq=False, slots=True)
class Connection:
    """One stream's place at its channel; `wake` is called, in the loop, when there is something new.

    `holdings` tells what the proxy was sent and runs, once its stream says so.
    """

    channel: "Channel"
    status: ProxyStatus
    wake: Callable[[], None]
    holdings: Callable[[], Iterator[Holding]] = _nothing


@dataclass(eq=False, slots=True)
class Channel:
    """One mesh endpoint. `gone` says why it is no more, once it is."""

    endpoint: str
    published: Published | None = None
    #: What the newest is published because of; None if it is no change of a mesh.
    cause: Cause | None = None
    gone: str | None = None
    connections: set[Connection] = field(default_factory=set)

    def publish(self, published: Published, cause: Cause | None = None) -> None:
        """Give every proxy of the endpoint something newer."""
        self.published = published
        self.cause = cause
        for connection in self.connections:
            connection.status.in_sync = False
            connection.wake()

    def close(self, why: str) -> None:
        """The endpoint is no more: its streams end and say why."""
        self.gone = why
        for connection in self.connections:
            connection.wake()


class Endpoints(Protocol):
    """What the streams need of the rest: the channel of a node id."""

    def channel(self, node: NodeId, wishes: Wishes) -> Channel:
        """The channel of a mesh endpoint for proxies with these wishes, with something published.

        Raises: UnknownNode if there is no such endpoint.
        """
        ...


class Roll(Protocol):
    """Who keeps the roll of what proxies say of themselves."""

    def came(self, node: NodeId, *, accepts_http2: bool) -> None:
        """A proxy of an endpoint is connected."""
        ...

    def left(self, node: NodeId, *, accepts_http2: bool) -> None:
        """It is no more."""
        ...


class Hub:
    """All streams of this process."""

    def __init__(
        self,
        endpoints: Endpoints,
        *,
        proxies_per_endpoint: int,
        catch_up: Callable[[], Awaitable[None]] | None = None,
        roll: Roll | None = None,
        reports: Reports | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._catch_up = catch_up
        self._roll = roll
        self._limit = proxies_per_endpoint
        self._connections: set[Connection] = set()
        self.turnstile = Turnstile()
        self.pulse = Pulse()
        self.register = Register()
        self.reports: Reports = reports or Nobody()
        #: How many proxies an endpoint has, whatever they wish.
        self._counts: Counter[tuple[str, str]] = Counter()

    async def catch_up(self) -> None:
        """Return once what is published is no older than what any replica gave out before.

        Raises: Unavailable if that cannot be told.
        """
        if self._catch_up is not None:
            await self._catch_up()

    def connect(
        self, node: NodeId, wishes: Wishes, status: ProxyStatus, wake: Callable[[], None]
    ) -> Connection:
        """Take a stream in.

        Raises: UnknownNode, TooManyProxies.
        """
        channel = self._endpoints.channel(node, wishes)
        status.account, status.place = node.account or "", node
        if self._counts[status.account, channel.endpoint] >= self._limit:
            raise TooManyProxies(f"{channel.endpoint} has {self._limit} proxies, as many as it may")
        connection = Connection(channel, status, wake)
        self._counts[status.account, channel.endpoint] += 1
        channel.connections.add(connection)
        self._connections.add(connection)
        status.endpoint = channel.endpoint
        self.register.note(status)
        if self._roll is not None:
            self._roll.came(node, accepts_http2=status.accepts_http2)
        return connection

    def disconnect(self, connection: Connection) -> None:
        """Let a stream go."""
        channel = connection.channel
        channel.connections.discard(connection)
        self._connections.discard(connection)
        self.register.leave(connection.status)
        counted = (connection.status.account, channel.endpoint)
        self._counts[counted] -= 1
        if not self._counts[counted]:
            del self._counts[counted]
        if self._roll is not None and connection.status.place is not None:
            self._roll.left(connection.status.place, accepts_http2=connection.status.accepts_http2)

    def connection(self, stream: int) -> Connection | None:
        """One stream by its number, while it is connected."""
        return next((one for one in self._connections if one.status.stream == stream), None)

    def statuses(self) -> Iterator[ProxyStatus]:
        """Every connected proxy, in the order of its endpoint and stream."""
        found = [connection.status for connection in self._connections]
        return iter(sorted(found, key=lambda one: (one.endpoint, one.stream)))
