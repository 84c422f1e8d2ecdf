"""One stream as a state machine: hears events, yields commands, never waits.

The order of a change, so that no request fails because of it:

1. Clusters that are new or changed go out first, with their secrets and endpoints.
2. A listener or a route goes out once the proxy runs every cluster that it sends traffic to, and at a gateway
   the routes of the way out. Envoy acknowledges clusters only when they are warm, so an ack means that they
   can take requests.
3. A cluster is taken away when neither what the proxy runs nor what it was sent has needed it for a whole
sweep:
   requests that are being tried again still find it, and a proxy that comes back has said what it runs.

At most one answer of a type is in flight; what is published meanwhile replaces what waited (newest wins).
Source: Envoy's xDS protocol, eventual consistency considerations; `ClusterManagerImpl::updateClusterCounts`
for when Envoy acknowledges clusters.
"""

from collections.abc import Iterator
from typing import Final, assert_never

from gossamer.compile.resources import ResourceType
from gossamer.xds.holding import Holding
from gossamer.xds.protocol import (
    WILDCARD_TYPES,
    Accepted,
    Command,
    Event,
    InFlight,
    Leap,
    Overdue,
    Published,
    Rejected,
    Report,
    Resource,
    Send,
    Subscribed,
    Swept,
    set_version,
)
from gossamer.xds.subscription import Subscription

ORDER: Final = (
    ResourceType.CLUSTER,
    ResourceType.SECRET,
    ResourceType.ENDPOINT,
    ResourceType.LISTENER,
    ResourceType.ROUTE,
)
USERS: Final = (ResourceType.LISTENER, ResourceType.ROUTE)


class Session:
    """One stream of one proxy. In state of the world, LDS and CDS answers carry whole sets."""

    __slots__ = (
        "_calm",
        "_leaping",
        "_leaving",
        "_nonces",
        "_published",
        "_sends_whole_sets",
        "_unneeded",
        "_watches",
    )

    def __init__(self, *, sends_whole_sets: bool = False) -> None:
        self._published: Published | None = None
        self._watches: dict[ResourceType, Subscription] = {}
        self._sends_whole_sets = sends_whole_sets
        self._nonces = 0
        self._unneeded: frozenset[str] = frozenset()
        self._leaving: frozenset[str] = frozenset()
        #: What was published when nothing was left to say, to wait for, or to sweep; None once that is over.
        self._calm: Published | None = None
        #: The one answer in flight that leads from there to what is published.
        self._leaping: Leap | None = None

    def handle(self, event: Event) -> list[Command]:
        """Take one event; what the server must do about it, in order."""
        leapt = self._leapt(event)
        if leapt is not None:
            return leapt
        self._calm = self._leaping = None
        return [*self._heard(event), *self._answers()]

    def _heard(self, event: Event) -> Iterator[Command]:
        match event:
            case Published():
                self._published = event
            case Subscribed():
                self._subscribe(event)
            case Accepted(type_, nonce):
                yield from self._settle(type_, nonce, None)
            case Rejected(type_, nonce, why):
                # What was refused stays in `sent`: the same content would only be refused again.
                yield from self._settle(type_, nonce, why)
            case Overdue(type_, nonce):
                self._give_up_waiting(type_, nonce)
            case Swept():
                now = self._leftovers()
                self._leaving, self._unneeded = now & self._unneeded, now - self._unneeded
            case _:
                assert_never(event)

    def _leapt(self, event: Event) -> list[Command] | None:
        """What most events come to, the short way; None where all must be looked through.

        One resource is new to a proxy that runs all else, and then the proxy has it: nothing else is waited
        for, and nothing else can be said because of it. What is done is the same either way.
        """
        leaping = self._leaping
        if leaping is not None and leaping.is_acked_by(event):
            self._watches[leaping.type].settle(None)
            self._calm, self._leaping = self._published, None
            return [leaping.acked]
        if self._calm is None or not isinstance(event, Published) or self._sends_whole_sets:
            return None
        leap = event.leap(self._calm)
        # A cluster that is new makes others wait.
        if leap is None or leap.type is ResourceType.CLUSTER:
            return None
        self._published = event
        watch = self._watches.get(leap.type)
        if watch is not None:
            watch.quiet = event.of(leap.type)
        if watch is None or not (watch.wildcard or leap.resource.name in watch.names):
            self._calm = event
            return []
        watch.send(leap.in_flight)
        self._calm, self._leaping = None, leap
        return [leap.answer]

    def is_in_sync(self) -> bool:
        """Whether the proxy runs all that is published for what it watches."""
        published = self._published
        if published is None or self._leaping is not None:
            return False
        if self._calm is published:
            return True
        watches = self._watches.values()
        if not all(_is_settled(watch, published) for watch in watches):
            return False
        if all(watch.is_quiet(published) for watch in watches):
            self._calm = published
        return True

    def is_refused(self, type_: ResourceType) -> bool:
        """Whether the proxy watches something of a type that it refused, and nothing newer came since."""
        watch = self._watches.get(type_)
        return watch is not None and bool(watch.refused)

    def names(self) -> int:
        """How many names the stream holds: watched, or sent."""
        return sum(max(len(watch.names), len(watch.sent)) for watch in self._watches.values())

    def holdings(self) -> Iterator[Holding]:
        """Everything that the proxy watches, was sent or runs, by type and name."""
        for type_ in ORDER:
            watch = self._watches.get(type_)
            if watch is not None:
                wanted = {} if self._published is None else watch.wanted(self._published)
                for name in sorted({*wanted, *watch.sent, *watch.running}):
                    yield watch.holding(type_, name, wanted.get(name))

    def has_leftovers(self) -> bool:
        """Whether the proxy has clusters that are published no more, so that sweeps are needed."""
        if self._calm is not None or self._leaping is not None:
            return False
        watch = self._watches.get(ResourceType.CLUSTER)
        published = self._published
        return watch is not None and published is not None and bool(watch.gone(published))

    def _settle(self, type_: ResourceType, nonce: str, why: str | None) -> Iterator[Report]:
        watch = self._waiting(type_, nonce)
        if watch is not None:
            watch.settle(why)
            yield Report(type_, nonce, why)

    def _give_up_waiting(self, type_: ResourceType, nonce: str) -> None:
        watch = self._waiting(type_, nonce)
        if watch is not None:
            watch.is_overdue = True

    def _waiting(self, type_: ResourceType, nonce: str) -> Subscription | None:
        """The watch whose answer in flight has this nonce; words about any other come too late."""
        watch = self._watches.get(type_)
        is_current = watch is not None and watch.in_flight is not None and watch.in_flight.nonce == nonce
        return watch if is_current else None

    def _subscribe(self, event: Subscribed) -> None:
        watch = self._watches.setdefault(event.type, Subscription(event.type))
        published = self._published or Published({})
        watch.wildcard = watch.wildcard or event.wildcard
        # A name asked for again is answered again: the proxy has dropped what it had.
        watch.forget(event.dropped | (event.added & watch.names))
        watch.names |= event.added
        watch.hold(event.held, published.of(event.type))
        wanted = watch.wanted(published) if event.held_set else {}
        if event.held_set and event.held_set == set_version(wanted.values()):
            watch.hold({name: one.version for name, one in wanted.items()}, wanted)
        watch.is_answered = watch.is_answered or bool(watch.sent)
        watch.quiet = None

    def _answers(self) -> Iterator[Send]:
        published = self._published
        if published is None:
            return
        for type_ in ORDER:
            watch = self._watches.get(type_)
            if watch is None or (watch.in_flight is not None and not watch.is_overdue):
                continue
            # A first look at a whole type is answered even when there is nothing: Envoy waits for it.
            is_first = watch.wildcard and not watch.is_answered
            if is_first or not watch.is_quiet(published):
                yield from self._answer(watch, published, is_first=is_first)

    def _answer(self, watch: Subscription, published: Published, *, is_first: bool) -> Iterator[Send]:
        type_, current = watch.type, published.of(watch.type)
        changed, gone = watch.changed(published), watch.gone(published)
        if not (changed or gone or is_first):
            watch.quiet = current
            return
        ready, going = self._ready(type_, changed, published), gone
        if type_ is ResourceType.CLUSTER:
            leaving = self._leaving & self._leftovers()
            going = [name for name in gone if name in leaving]
        if not (ready or going or is_first):
            return
        self._nonces += 1
        sending = InFlight(str(self._nonces), tuple(ready), tuple(going))
        watch.send(sending)
        is_all = len(ready) == len(changed) and len(going) == len(gone)
        watch.quiet = current if is_all else None
        if type_ is ResourceType.CLUSTER:
            self._endpoints_again(ready)
        resources = sending.resources
        if self._sends_whole_sets and type_ in WILDCARD_TYPES:
            resources = tuple(watch.sent[name] for name in sorted(watch.sent))
        yield Send(type_, sending.nonce, resources, sending.removed)

    def _endpoints_again(self, clusters: list[Resource]) -> None:
        """A cluster that is replaced starts without endpoints, so it must be told them again.

        Source: App Mesh roadmap issue 192, where forgetting this emptied clusters for half an hour.
        """
        endpoints = self._watches.get(ResourceType.ENDPOINT)
        if endpoints is not None:
            for cluster in clusters:
                endpoints.sent.pop(cluster.name, None)
            endpoints.quiet = None

    def _ready(self, type_: ResourceType, changed: list[Resource], published: Published) -> list[Resource]:
        """Of what changed, that for which the proxy runs every cluster that it needs."""
        clusters = self._watches.get(ResourceType.CLUSTER)
        if type_ not in USERS or clusters is None:
            return changed
        coming = clusters.unanswered()
        if clusters.in_flight is None or not clusters.is_overdue:
            coming.update(one.name for one in clusters.changed(published))
        watch = self._watches[type_]
        if type_ is ResourceType.ROUTE:
            # At a gateway the routes of its listeners lead to those of its way out.
            coming.update(one.name for one in changed)
        running = watch.running
        # A refused cluster holds back a change to what runs; to a proxy that has nothing, anything is better.
        return [
            one
            for one in changed
            if not one.needs
            or (
                one.needs.isdisjoint(coming)
                and (one.name not in running or one.needs.isdisjoint(clusters.refused))
            )
        ]

    def _leftovers(self) -> frozenset[str]:
        """Clusters that are published no more and that nothing the proxy runs, or was sent, needs."""
        clusters = self._watches.get(ResourceType.CLUSTER)
        if clusters is None or self._published is None:
            return frozenset()
        users = [
            one.needs
            for user in USERS
            if (watch := self._watches.get(user)) is not None
            for one in (*watch.running.values(), *watch.sent.values())
        ]
        if any(needs is None for needs in users):
            return frozenset()
        gone = clusters.gone(self._published)
        return frozenset(gone).difference(*(needs for needs in users if needs))


def _is_settled(watch: Subscription, published: Published) -> bool:
    """Whether the proxy runs all that is published of what it watches; clusters may be left over."""
    if watch.in_flight is not None or watch.refused:
        return False
    if watch.is_quiet(published):
        return True
    return not watch.changed(published) and (watch.type is ResourceType.CLUSTER or not watch.gone(published))
