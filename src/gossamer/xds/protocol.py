"""The vocabulary of a stream: resources, what is published, events in, commands out.

Source: Envoy's xDS protocol; `DiscoveryRequest`, `DeltaDiscoveryRequest` and their answers.
"""

import hashlib
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gossamer.compile.resources import Part, ResourceType

#: Types that a proxy watches as a whole; the others it asks for by name.
WILDCARD_TYPES: Final = frozenset({ResourceType.CLUSTER, ResourceType.LISTENER})


@dataclass(frozen=True, slots=True)
class Resource:
    """One resource, serialised once and shared by every proxy that gets it.

    `version` is a hash of the content. `needs` names the clusters, and at a gateway the routes of its way
    out, that it sends traffic to; None if that is unknown (a proxy said that it has the resource, and we have
    not seen it). `any_field` is the packed message as field 2 of whatever holds it; `delta_field` is the
    named and versioned resource as field 2 of a delta answer.
    """

    name: str
    version: str
    needs: frozenset[str] | None = frozenset()
    any_field: bytes = field(default=b"", repr=False)
    delta_field: bytes = field(default=b"", repr=False)

    def __hash__(self) -> int:
        """By what tells it apart: the other fields are large, and follow from these."""
        return hash((self.name, self.version))


NOTHING: Final[Mapping[str, Resource]] = MappingProxyType({})

#: Streams that come to a published set from so many earlier ones find what is new without looking again.
_KEPT_LEAPS: Final = 4


@dataclass(frozen=True, slots=True)
class Made:
    """A part of what an endpoint's proxies get, and what it became."""

    part: Part
    resources: tuple[tuple[ResourceType, Resource], ...]


@dataclass(frozen=True, slots=True)
class Published:
    """All that one endpoint's proxies are to run, by type and name. One event: there is something newer."""

    resources: Mapping[ResourceType, Mapping[str, Resource]]
    #: What each part of it became.
    made: tuple[Made, ...] = field(default=(), repr=False, compare=False)
    #: The steps that were asked for last, each beside the set that it leads from.
    _steps: dict[ResourceType, tuple[Mapping[str, Resource], "Step"]] = field(
        default_factory=dict, repr=False, compare=False
    )

    #: The leaps that were asked for last, each beside the sets that it leads from.
    _leaps: list[tuple[Mapping[ResourceType, Mapping[str, Resource]], "Leap | None"]] = field(
        default_factory=list, repr=False, compare=False
    )

    def step(self, type_: ResourceType, before: Mapping[str, Resource]) -> "Step":
        """What is new of a type since an earlier set: looked for once, for all streams that had that one."""
        known = self._steps.get(type_)
        if known is None or known[0] is not before:
            known = self._steps[type_] = (before, _step(before, self.of(type_)))
        return known[1]

    def leap(self, before: "Published") -> "Leap | None":
        """What is new, if that is one resource and all else is the very same; looked for once."""
        for earlier, leap in self._leaps:
            if earlier is before.resources:
                return leap
        leap = self._leap(before)
        self._leaps.append((before.resources, leap))
        del self._leaps[:-_KEPT_LEAPS]
        return leap

    def _leap(self, before: "Published") -> "Leap | None":
        others = [type_ for type_ in ResourceType if self.of(type_) is not before.of(type_)]
        if len(others) != 1:
            return None
        step = self.step(others[0], before.of(others[0]))
        if len(step.changed) != 1 or step.gone or step.changed[0].name in (step.changed[0].needs or ()):
            return None
        return Leap.of(others[0], step.changed[0])

    def of(self, type_: ResourceType) -> Mapping[str, Resource]:
        """Those of one type, by name."""
        return self.resources.get(type_, NOTHING)


@dataclass(frozen=True, slots=True)
class Step:
    """From one set of a type to a later one."""

    changed: tuple[Resource, ...]
    gone: tuple[str, ...]


def _step(before: Mapping[str, Resource], now: Mapping[str, Resource]) -> Step:
    changed = (
        one
        for name, one in now.items()
        if (old := before.get(name)) is not one and (old is None or old.version != one.version)
    )
    return Step(tuple(changed), tuple(sorted(name for name in before if name not in now)))


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The proxy watches more, or less, of a type.

    `held` are names and versions that it says it has already, from an earlier stream (delta).
    `held_set` is the version of the whole set that it has (state of the world).
    """

    type: ResourceType
    added: frozenset[str] = frozenset()
    dropped: frozenset[str] = frozenset()
    wildcard: bool = False
    held: Mapping[str, str] = field(default_factory=dict)
    held_set: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The proxy runs what the answer with this nonce carried."""

    type: ResourceType
    nonce: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """The proxy refused what the answer with this nonce carried; `why` is in its own words."""

    type: ResourceType
    nonce: str
    why: str


@dataclass(frozen=True, slots=True)
class Overdue:
    """An answer of this type has waited too long for its ack: stop holding others back for it."""

    type: ResourceType
    nonce: str


@dataclass(frozen=True, slots=True)
class Swept:
    """Time has passed: a cluster that was not needed at the last sweep, and is not now, may go."""


Event = Published | Subscribed | Accepted | Rejected | Overdue | Swept


@dataclass(frozen=True, slots=True, eq=False)
class Send:
    """Answer with these resources, and tell that those names are gone.

    An answer that many streams give is one object, so that its bytes are put together once.
    """

    type: ResourceType
    nonce: str
    resources: tuple[Resource, ...]
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Tell the status board what the proxy said; `why` is None if it accepted."""

    type: ResourceType
    nonce: str
    why: str | None = None


Command = Send | Report


@dataclass(frozen=True, slots=True, eq=False)
class InFlight:
    """An answer that the proxy has not said anything about yet; of a leap the same on every stream."""

    nonce: str
    resources: tuple[Resource, ...]
    removed: tuple[str, ...]

    def followed_by(self, later: "InFlight") -> "InFlight":
        """Both answers as one: what the later one's ack says of them together."""
        named = {one.name for one in later.resources} | set(later.removed)
        kept = tuple(one for one in self.resources if one.name not in named)
        names = {one.name for one in later.resources}
        removed = tuple(name for name in self.removed if name not in names)
        return InFlight(later.nonce, kept + later.resources, removed + later.removed)


_leaps: Final = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Leap:
    """From one published set to a later one that differs in one resource.

    Its answer is the same on every stream, its nonce too, which no stream counts up to.
    """

    type: ResourceType
    resource: Resource
    answer: Send
    in_flight: InFlight
    acked: Report

    @staticmethod
    def of(type_: ResourceType, resource: Resource) -> "Leap":
        """One that nobody has made yet."""
        nonce = f"leap-{next(_leaps)}"
        send = Send(type_, nonce, (resource,))
        in_flight = InFlight(nonce, send.resources, ())
        return Leap(type_, resource, send, in_flight, Report(type_, nonce))

    def is_acked_by(self, event: Event) -> bool:
        """Whether the proxy says that it runs this."""
        return isinstance(event, Accepted) and event.nonce == self.answer.nonce and event.type is self.type


def set_version(resources: Iterable[Resource]) -> str:
    """The version of a whole set, as state of the world tells it: a hash of the names and versions in it."""
    lines = sorted(f"{one.name}={one.version}" for one in resources)
    return hashlib.blake2b("\n".join(lines).encode(), digest_size=8).hexdigest()
