"""Several reads and writes as one, on the writer's thread and behind one savepoint."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection

from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.store import statements
from gossamer.store.database import Reading
from gossamer.store.log import Action, Written
from gossamer.store.neighbours import Neighbours
from gossamer.store.request import Request, tags_as_text
from gossamer.store.rows import place, revision_of
from gossamer.store.store import NO_TAGS, Author, Change, Desk, Look, Repeated
from gossamer.store.writes import Writes

T = TypeVar("T")


class SqlLook:
    """Resources inside one transaction, to look at."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, ref: Ref) -> Revision | None:
        """One resource, if it is there."""
        row = statements.RESOURCE.row(self._connection, place(ref))
        return None if row is None else revision_of(row)

    def under(self, parent: Ref, kind: Kind) -> Mapping[str, Spec]:
        """What lives under a resource, by name."""
        return dict(Neighbours(self._connection, parent.key).under(parent.name, kind))

    def users(self, ref: Ref, kind: Kind) -> tuple[Ref, ...]:
        """The resources of a kind that name this one."""
        return Neighbours(self._connection, ref.key).user_refs(ref, kind)


class SqlDesk(SqlLook):
    """Resources inside one transaction, to look at and to write to."""

    def __init__(self, connection: Connection, writes: Writes, author: Author) -> None:
        super().__init__(connection)
        self._writes = writes
        self._author = author
        #: What was added to the log.
        self.changes: tuple[Change, ...] = ()

    def create(self, ref: Ref, spec: Spec, *, said: str | None = None) -> Revision:
        """Write a resource that is not there yet."""
        return self._noted(
            self._writes.create(self._connection, self._request(Action.CREATE, ref, spec, said))
        )

    def update(self, ref: Ref, spec: Spec, *, said: str | None = None) -> Revision:
        """Replace the whole spec of a resource."""
        return self._noted(
            self._writes.update(self._connection, self._request(Action.UPDATE, ref, spec, said))
        )

    def delete(self, ref: Ref) -> Revision:
        """Take a resource away."""
        return self._noted(self._writes.delete(self._connection, ref, replace(self._author, token=None)))

    def _request(self, action: Action, ref: Ref, spec: Spec, said: str | None) -> Request:
        author = self._author if said is not None else replace(self._author, token=None)
        return Request(action, ref, spec, spec.to_json(), tags_as_text(NO_TAGS), author, said)

    def _noted(self, written: Written) -> Revision:
        if written.sequence is None:
            raise Repeated(written.revision)
        self.changes += written.changes
        return written.revision


@dataclass(frozen=True, slots=True)
class SqlPlans:
    """Plans in a SQL database; see `store.PlanStore`."""

    read: Reading
    write: Callable[[Callable[[Connection], Written]], Awaitable[Written]]
    writes: Writes

    async def look(self, question: Callable[[Look], T]) -> T:
        """The answer to a question about one point in time."""

        def work(connection: Connection) -> T:
            return question(SqlLook(connection))

        found: T = await self.read(work)
        return found

    async def carry_out(self, plan: Callable[[Desk], Revision], *, author: Author) -> Revision:
        """Carry out a plan; what it raises takes back all that it wrote."""

        def work(connection: Connection) -> Written:
            desk = SqlDesk(connection, self.writes, author)
            return Written(plan(desk), desk.changes)

        try:
            return (await self.write(work)).revision
        except Repeated as repeated:
            return repeated.revision
