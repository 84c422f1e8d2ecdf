"""The Store: what every storage engine offers, and the values that go in and out.

A write returns when it is durable. Reads see every write that was answered before they began. The log
has no gaps for a reader that resumes after the last sequence it saw.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.telemetry.commits import Commits

T = TypeVar("T")

NO_TAGS: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes. `token` is the client's own, by which a repeated request is recognised."""

    account: str
    principal: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """All resources of a kind at one place.

    An account's meshes have no `mesh`; routes and gateway routes have a `parent`.
    """

    account: str
    kind: Kind
    mesh: str | None = None
    parent: str | None = None

    @property
    def path(self) -> tuple[str | None, ...]:
        """All that tells it from other collections."""
        return (self.account, self.kind.value, self.mesh, self.parent)


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a collection, by name. `next` is the name to go on after; None on the last page."""

    revisions: tuple[Revision, ...]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One entry of the log. `before_uid` is None for a creation, `revision` is None for a deletion.

    A change of labels is one too: the same revision again. `action` is `create`, `update`, `delete` or `tag`,
    and `principal` whose.
    """

    sequence: int
    ref: Ref
    before_uid: str | None
    revision: Revision | None
    action: str
    principal: str


@dataclass(frozen=True, slots=True)
class Limits:
    """How many of each are allowed.

    The managed service allowed 15 meshes, 200 of each kind in a mesh but 3 gateways, 50 routes, 10 gateway
    routes and 50 backends, and raised most of them on request; nothing here needs numbers that low. The
    shape of a route holds ten targets anyway.
    Source: App Mesh service quotas.
    """

    meshes: int = 1_000
    virtual_nodes: int = 5_000
    virtual_routers: int = 5_000
    virtual_services: int = 5_000
    virtual_gateways: int = 1_000
    routes: int = 1_000
    gateway_routes: int = 1_000
    backends: int = 500
    weighted_targets: int = 10

    def of(self, kind: Kind) -> int:
        """How many resources of a kind one place may hold."""
        allowed = {
            Kind.MESH: self.meshes,
            Kind.VIRTUAL_NODE: self.virtual_nodes,
            Kind.VIRTUAL_ROUTER: self.virtual_routers,
            Kind.VIRTUAL_SERVICE: self.virtual_services,
            Kind.VIRTUAL_GATEWAY: self.virtual_gateways,
            Kind.ROUTE: self.routes,
            Kind.GATEWAY_ROUTE: self.gateway_routes,
        }
        return allowed[kind]


@dataclass(frozen=True, slots=True)
class Rules:
    """What a store insists on.

    `strict_references` refuses providers and targets that are not there, as the managed service did. The
    Getting Started creates a service before its router, so the default is to accept.
    """

    strict_references: bool = False
    limits: Limits = field(default_factory=Limits)


class TagStore(Protocol):
    """The labels of resources that are there. Labels that come with a creation go in with it.

    Raises: NotFound, TooManyTags, Unavailable.
    """

    async def of(self, ref: Ref) -> Mapping[str, str]:
        """The labels of one resource, by name."""
        ...

    async def put(self, ref: Ref, tags: Mapping[str, str], *, author: Author) -> None:
        """Add labels, or give those that are there another value."""
        ...

    async def remove(self, ref: Ref, keys: Iterable[str], *, author: Author) -> None:
        """Take labels away; those that are not there are no matter."""
        ...


class Look(Protocol):
    """Resources at one point in time, to look at."""

    def get(self, ref: Ref) -> Revision | None:
        """One resource, if it is there."""
        ...

    def under(self, parent: Ref, kind: Kind) -> Mapping[str, Spec]:
        """What lives under a resource, by name."""
        ...

    def users(self, ref: Ref, kind: Kind) -> tuple[Ref, ...]:
        """The resources of a kind that name this one."""
        ...


class Desk(Look, Protocol):
    """Resources at one point in time, to look at and to write to; what is written can be seen at once."""

    def create(self, ref: Ref, spec: Spec, *, said: str | None = None) -> Revision:
        """Write a resource that is not there yet.

        The client's token belongs to the one write that has `said`: all that the client said. Raises:
        Repeated if that write was answered before.
        """
        ...

    def update(self, ref: Ref, spec: Spec, *, said: str | None = None) -> Revision:
        """Replace the whole spec of a resource; `said` and Repeated as in `create`."""
        ...

    def delete(self, ref: Ref) -> Revision:
        """Take a resource away."""
        ...


class Repeated(Exception):
    """The client asked for the same before: nothing is written, and this is the answer."""

    def __init__(self, revision: Revision) -> None:
        self.revision = revision
        super().__init__(revision)


class PlanStore(Protocol):
    """Several reads and writes as one: what belongs together happens as a whole, or not at all."""

    async def look(self, question: Callable[[Look], T]) -> T:
        """The answer to a question about one point in time."""
        ...

    async def carry_out(self, plan: Callable[[Desk], Revision], *, author: Author) -> Revision:
        """Carry out a plan; what it raises takes back all that it wrote."""
        ...


class Store(Protocol):
    """Where resources are kept.

    Raises: NotFound, Conflict, InUse, LimitExceeded and InvalidSpec for what the caller did, Unavailable when
    nothing could be written. A write that raised left nothing behind.
    """

    secret: bytes
    """Random bytes that belong to this database; every replica signs page tokens with them."""

    tags: TagStore
    """The labels of its resources."""

    plans: PlanStore
    """Writes that belong together."""

    commits: Commits
    """When what this process wrote became durable."""

    async def create(
        self, ref: Ref, spec: Spec, *, author: Author, tags: Mapping[str, str] = NO_TAGS
    ) -> Revision:
        """Write a resource that is not there yet."""
        ...

    async def update(self, ref: Ref, spec: Spec, *, author: Author) -> Revision:
        """Replace the whole spec of a resource."""
        ...

    async def delete(self, ref: Ref, *, author: Author) -> Revision:
        """Take a resource away; returns its last revision, with status DELETED."""
        ...

    async def get(self, ref: Ref) -> Revision:
        """One resource as it stands."""
        ...

    async def list(self, collection: Collection, *, limit: int, after: str = "") -> Page:
        """Part of a collection in the order of names, starting behind the name `after`."""
        ...

    async def all(self) -> tuple[int, tuple[Revision, ...]]:
        """Everything, and the sequence of the last change that it includes."""
        ...

    async def changes(self, after: int) -> tuple[Change, ...]:
        """What came after a sequence, oldest first; a long log comes in parts, so ask until it is empty."""
        ...

    async def wait(self, after: int) -> None:
        """Return as soon as the log holds a sequence above `after`."""
        ...

    async def close(self) -> None:
        """Finish the writes that were accepted, and let go of the database."""
        ...
