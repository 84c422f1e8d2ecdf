"""One stream, put together: requests become events, commands become bytes and status, in either protocol.

No I/O of its own: the server feeds it and sends what it returns.
Source: Envoy's xDS protocol; App Mesh images speak state of the world, our sidecar speaks delta.
"""

import datetime
from collections.abc import Iterable, Iterator
from typing import Final, Generic, Protocol, TypeVar

from envoy.config.core.v3.base_pb2 import Node
from envoy.service.discovery.v3.discovery_pb2 import DeltaDiscoveryRequest, DiscoveryRequest

from gossamer.clock import Clock
from gossamer.compile.resources import ResourceType
from gossamer.telemetry.cause import Cause
from gossamer.xds import wire
from gossamer.xds.holding import Holding
from gossamer.xds.meter import Meter
from gossamer.xds.protocol import Accepted, Event, Overdue, Published, Report, Send, Subscribed, Swept
from gossamer.xds.session import Session
from gossamer.xds.status import ProxyStatus

Request = TypeVar("Request", DiscoveryRequest, DeltaDiscoveryRequest)
Heard_contra = TypeVar("Heard_contra", DiscoveryRequest, DeltaDiscoveryRequest, contravariant=True)

#: How long an answer may wait for its ack before it stops holding others back. Envoy acknowledges a cluster
#: once its name is resolved, so this outlasts a slow resolver but not a dead one.
ACK_PATIENCE: Final = datetime.timedelta(seconds=10)

#: How long a cluster must have been unneeded before it is taken away.
SWEEP_INTERVAL: Final = datetime.timedelta(seconds=5)


#: How many names one stream may watch and have; a mesh of the largest size needs a tenth.
MOST_NAMES: Final = 100_000


class TooManyNames(Exception):
    """The proxy asks for more names than one may; the text says how many."""


class Dialect(Protocol[Heard_contra]):
    """One of the two protocols."""

    @property
    def name(self) -> str:
        """As status shows it."""
        ...

    @property
    def sends_whole_sets(self) -> bool:
        """Whether an answer about clusters or listeners carries all of them."""
        ...

    def events(self, request: Heard_contra, type_: ResourceType) -> list[Event]:
        """What a request says."""
        ...

    def ack(self, raw: bytes) -> Accepted | None:
        """What a request says that is an ack and nothing else; None if it has to be decoded."""
        ...

    def holds_something(self, first: Heard_contra) -> bool:
        """Whether a first request says that the proxy runs something already."""
        ...

    def answer(self, send: Send) -> bytes:
        """The bytes of an answer."""
        ...


class Delta:
    """Incremental xDS: names come and go, only what changed is sent."""

    name: Final = "delta"
    sends_whole_sets: Final = False

    __slots__ = ("_seen",)

    def __init__(self) -> None:
        self._seen: set[ResourceType] = set()

    def events(self, request: DeltaDiscoveryRequest, type_: ResourceType) -> list[Event]:
        """What a request says."""
        is_first = type_ not in self._seen
        self._seen.add(type_)
        return wire.delta_events(request, type_, is_first=is_first)

    def ack(self, raw: bytes) -> Accepted | None:
        """What a request says that is an ack and nothing else; None if it has to be decoded."""
        ack = wire.delta_ack(raw) if len(raw) <= wire.SHORT else None
        return ack if ack is not None and ack.type in self._seen else None

    def holds_something(self, first: DeltaDiscoveryRequest) -> bool:
        """Whether a first request says that the proxy runs something already."""
        return bool(first.initial_resource_versions)

    def answer(self, send: Send) -> bytes:
        """The bytes of an answer."""
        return wire.delta_answer(send)


class WholeState:
    """State-of-the-world xDS: every request repeats all names."""

    name: Final = "state of the world"
    sends_whole_sets: Final = True

    __slots__ = ("_names",)

    def __init__(self) -> None:
        self._names: dict[ResourceType, frozenset[str]] = {}

    def events(self, request: DiscoveryRequest, type_: ResourceType) -> list[Event]:
        """What a request says."""
        events = wire.whole_events(request, type_, self._names.get(type_))
        self._names[type_] = frozenset(request.resource_names) - {"*"}
        return events

    def ack(self, _: bytes) -> None:
        """Each request repeats all names, so none is only an ack."""

    def holds_something(self, first: DiscoveryRequest) -> bool:
        """Whether a first request says that the proxy runs something already."""
        return bool(first.version_info)

    def answer(self, send: Send) -> bytes:
        """The bytes of an answer."""
        return wire.whole_answer(send)


class Stream(Generic[Request]):
    """One proxy's stream."""

    __slots__ = ("_awaited", "_clock", "_dialect", "_meter", "_next_sweep", "_session", "status")

    def __init__(self, dialect: Dialect[Request], status: ProxyStatus, clock: Clock) -> None:
        self.status = status
        self._dialect: Dialect[Request] = dialect
        self._clock = clock
        self._session = Session(sends_whole_sets=dialect.sends_whole_sets)
        self._meter = Meter(status.node)
        #: Of answers that the proxy has yet to speak about: the nonce, and since when it holds others back.
        self._awaited: dict[ResourceType, tuple[str, datetime.datetime]] = {}
        self._next_sweep: datetime.datetime | None = None

    def hear(self, request: Request) -> list[bytes]:
        """Take a request; return the answers to send. A type that we do not serve is not answered.

        Raises: TooManyNames.
        """
        type_ = wire.TYPES.get(request.type_url)
        if type_ is None:
            return []
        self.status.of(type_)
        return self._carry_out(self._dialect.events(request, type_))

    def hear_ack(self, raw: bytes) -> list[bytes] | None:
        """Take a request if it is an ack and nothing else, as most are; None if it has to be decoded."""
        ack = self._dialect.ack(raw)
        return None if ack is None else self._carry_out((ack,))

    def holds_something(self, first: Request) -> bool:
        """Whether a proxy's first request says that it runs something already, from an earlier stream."""
        return self._dialect.holds_something(first)

    def publish(self, published: Published, cause: Cause | None = None) -> list[bytes]:
        """Take something newer to run; return the answers to send."""
        self._meter.published(cause)
        return self._carry_out([published])

    def holdings(self) -> Iterator[Holding]:
        """Everything that the proxy watches, was sent or runs."""
        return self._session.holdings()

    def look_at_the_clock(self) -> list[bytes]:
        """Give up on acks that are overdue, sweep when it is time; return the answers that this sets free."""
        now = self._clock.now()
        overdue = [type_ for type_, (_, since) in self._awaited.items() if since + ACK_PATIENCE <= now]
        events: list[Event] = [Overdue(type_, self._awaited.pop(type_)[0]) for type_ in overdue]
        if self._next_sweep is not None and self._next_sweep <= now:
            self._next_sweep = None
            events.append(Swept())
        if overdue and not self._awaited:
            self._meter.settled()
        return self._carry_out(events)

    def closed(self) -> None:
        """There is no more to come."""
        self._meter.closed()

    def awaits_word(self) -> bool:
        """Whether the proxy has yet to speak about something it was sent."""
        return bool(self._awaited)

    def needs_the_clock(self) -> bool:
        """Whether anything will become due: an ack is awaited, or clusters are left over."""
        return bool(self._awaited) or self._next_sweep is not None

    def _carry_out(self, events: Iterable[Event]) -> list[bytes]:
        answers: list[bytes] = []
        now = self._clock.now()
        for event in events:
            for command in self._session.handle(event):
                match command:
                    case Send():
                        answers.append(self._sent(command, now))
                    case Report():
                        self._reported(command, now)
            if isinstance(event, Subscribed):
                self._subscribed(event)
        if self._next_sweep is None and self._session.has_leftovers():
            self._next_sweep = now + SWEEP_INTERVAL
        self.status.in_sync = not self._awaited and self._session.is_in_sync()
        if self.status.in_sync:
            self._meter.settled()
        return answers

    def _subscribed(self, event: Subscribed) -> None:
        if not self._session.is_refused(event.type):
            # What it refused it watches no more.
            self.status.of(event.type).refusal = None
        if (names := self._session.names()) > MOST_NAMES:
            raise TooManyNames(f"the stream asks for {names} names, and {MOST_NAMES} are as many as it may")

    def _sent(self, send: Send, now: datetime.datetime) -> bytes:
        status = self.status.of(send.type)
        status.sent += 1
        status.sent_at = now
        self._awaited[send.type] = send.nonce, now
        answer = self._dialect.answer(send)
        self._meter.sent(send.type, send.nonce, len(answer))
        return answer

    def _reported(self, report: Report, now: datetime.datetime) -> None:
        status = self.status.of(report.type)
        status.refusal = report.why
        self._awaited.pop(report.type, None)
        self._meter.heard(report.type, report.nonce, report.why)
        if report.why is None:
            status.acked += 1
            status.acked_at = now
        else:
            status.refused += 1
            status.refused_at = now
            self._meter.settled()


def build_version(node: Node) -> str:
    """The Envoy build that a node tells of, `1.40.0`, or what it calls itself."""
    if node.HasField("user_agent_build_version"):
        version = node.user_agent_build_version.version
        return f"{version.major_number}.{version.minor_number}.{version.patch}"
    return node.user_agent_version or node.user_agent_name or "unknown"
