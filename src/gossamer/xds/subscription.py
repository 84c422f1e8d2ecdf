"""What one stream watches of one type, what it was sent, and what it runs.

Source: Envoy's xDS protocol, incremental and state of the world.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from gossamer.compile.resources import ResourceType
from gossamer.xds.holding import Holding
from gossamer.xds.protocol import InFlight, Published, Resource


@dataclass(slots=True)
class Subscription:
    """One type on one stream.

    `sent` is the newest of each name that went out, whatever the proxy thought of it: the same content is
    never sent twice. `running` is the newest of each name that it accepted. `refused` are the names in
    answers that it refused and that nothing newer has replaced. `in_flight` is the answer that it has yet to
    speak about, `is_overdue` once that has taken too long. `quiet` is the last published set that held
    nothing to say, or nothing more, and nothing was sent since: most of what happens on a stream is about
    another type, and most of what is published is one step from there.
    """

    type: ResourceType
    wildcard: bool = False
    names: set[str] = field(default_factory=set)
    sent: dict[str, Resource] = field(default_factory=dict)
    running: dict[str, Resource] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    in_flight: InFlight | None = None
    is_overdue: bool = False
    is_answered: bool = False
    quiet: Mapping[str, Resource] | None = None

    def is_quiet(self, published: Published) -> bool:
        """Whether this very set was looked through before and held nothing to say."""
        return self.quiet is published.of(self.type)

    def wanted(self, published: Published) -> Mapping[str, Resource]:
        """Of what is published, the part that this stream watches."""
        current = published.of(self.type)
        if self.wildcard:
            return current
        return {name: current[name] for name in sorted(self.names) if name in current}

    def changed(self, published: Published) -> list[Resource]:
        """What it watches and has not been sent as it now is."""
        if self.is_quiet(published):
            return []
        if self.quiet is not None:  # All of that was sent.
            news = published.step(self.type, self.quiet).changed
            if self.wildcard:
                return list(news)
            return sorted((one for one in news if one.name in self.names), key=lambda one: one.name)
        sent = self.sent
        return [
            resource
            for name, resource in self.wanted(published).items()
            if (old := sent.get(name)) is None or old.version != resource.version
        ]

    def gone(self, published: Published) -> list[str]:
        """What it was sent and is published no more; only of a type that is watched as a whole."""
        if not self.wildcard or self.is_quiet(published):
            return []
        if self.quiet is not None:
            return [name for name in published.step(self.type, self.quiet).gone if name in self.sent]
        current = published.of(self.type)
        return sorted(name for name in self.sent if name not in current)

    def hold(self, held: Mapping[str, str], published: Mapping[str, Resource]) -> None:
        """Take the proxy's word for what it has from an earlier stream."""
        for name, version in held.items():
            current = published.get(name)
            known = current if current is not None and current.version == version else None
            self.sent[name] = self.running[name] = known or Resource(name, version, needs=None)

    def send(self, sending: InFlight) -> None:
        """Note that an answer goes out. An ack for it settles an overdue one before it too."""
        self.is_answered = True
        for resource in sending.resources:
            self.sent[resource.name] = resource
        for name in sending.removed:
            self.sent.pop(name, None)
        before = self.in_flight
        self.in_flight = sending if before is None else before.followed_by(sending)
        self.is_overdue = False

    def settle(self, why: str | None) -> None:
        """Note what the proxy said about the answer in flight; `why` is None if it accepted.

        Envoy applies what it can of an answer and names the rest in its refusal; if it names nothing that we
        know, all of the answer counts as refused.
        """
        settled, self.in_flight = self.in_flight, None
        if settled is None:
            return
        refused: Collection[str] = ()
        if why is not None or self.refused:
            names = {resource.name for resource in settled.resources}
            refused = () if why is None else {name for name in names if name in why} or names
            self.refused = (self.refused - names).union(refused)
        for resource in settled.resources:
            if resource.name not in refused:
                self.running[resource.name] = resource
        for name in settled.removed:
            self.running.pop(name, None)
            self.refused.discard(name)

    def forget(self, names: Iterable[str]) -> None:
        """The proxy watches these no more."""
        self.quiet = None
        for name in names:
            self.names.discard(name)
            self.sent.pop(name, None)
            self.running.pop(name, None)
            self.refused.discard(name)

    def holding(self, type_: ResourceType, name: str, published: Resource | None) -> Holding:
        """How it stands with one name; `published` is what the proxy is to run of it, if anything."""
        waiting = self.in_flight
        is_coming = waiting is not None and (
            name in waiting.removed or any(one.name == name for one in waiting.resources)
        )
        return Holding(
            type_,
            name,
            published,
            self.sent.get(name),
            self.running.get(name),
            is_coming=is_coming,
            is_refused=name in self.refused,
        )

    def unanswered(self) -> set[str]:
        """Names in an answer that the proxy has not spoken about, and still has time to."""
        waiting = self.in_flight
        if waiting is None or self.is_overdue:
            return set()
        return {resource.name for resource in waiting.resources}
