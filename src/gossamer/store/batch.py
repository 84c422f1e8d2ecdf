"""Many writes as one: what a change of several resources is made of, judged by where it ends.

Each write alone might break a rule that the next one mends: a node gets its second listener together with the
routes that name a port. So a batch writes first, and then asks for each resource whether it may stand as it
does. All of it is one transaction.
"""

import contextlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import Connection

from gossamer.clock import Clock
from gossamer.model.kind import MeshKey, Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.store import statements
from gossamer.store.history import Then, mesh_then
from gossamer.store.log import Action, Written
from gossamer.store.plans import SqlLook
from gossamer.store.request import Request, tags_as_text
from gossamer.store.rows import place
from gossamer.store.store import NO_TAGS, Author
from gossamer.store.tags import write_tags
from gossamer.store.writes import Writes

T = TypeVar("T")


class Batch(SqlLook):
    """Resources inside one transaction, to look at and to write to. Nothing is judged until it is asked."""

    def __init__(self, connection: Connection, writes: Writes, author: Author, clock: Clock) -> None:
        super().__init__(connection)
        self.author = author
        #: The last write, with what all of them added to the log; None if nothing had to change.
        self.written: Written | None = None
        self._writes = writes
        self._clock = clock

    def tags(self, ref: Ref) -> Mapping[str, str]:
        """The labels of a resource; none if it is not there."""
        row = statements.RESOURCE.row(self._connection, place(ref))
        return NO_TAGS if row is None else json.loads(row.tags)

    def then(self, key: MeshKey, sequence: int) -> Mapping[Ref, Then]:
        """Every resource of a mesh as an entry of the log left it."""
        return mesh_then(self._connection, key, sequence)

    def create(self, ref: Ref, spec: Spec, tags: Mapping[str, str]) -> Revision:
        """Write a resource that is not there yet.

        Raises: NotFound for what it would live in, Conflict, LimitExceeded.
        """
        request = self._request(Action.CREATE, ref, spec, tags)
        return self._noted(self._writes.create(self._connection, request, is_judged=False))

    def update(self, ref: Ref, spec: Spec) -> Revision:
        """Replace the whole spec of a resource.

        Raises: NotFound, Forbidden.
        """
        request = self._request(Action.UPDATE, ref, spec, NO_TAGS)
        return self._noted(self._writes.update(self._connection, request, is_judged=False))

    def delete(self, ref: Ref) -> Revision:
        """Take a resource away.

        Raises: NotFound, Forbidden.
        """
        return self._noted(self._writes.delete(self._connection, ref, self.author, is_judged=False))

    def label(self, ref: Ref, tags: Mapping[str, str]) -> None:
        """Give a resource exactly these labels.

        Raises: NotFound, TooManyTags.
        """
        self._noted(write_tags(self._connection, ref, lambda _: tags, self.author, self._clock.now()))

    def judge(self, ref: Ref, before: Spec | None) -> None:
        """Ask whether a resource, which was `before`, may stand as it does now, or be gone if it is.

        Raises: InvalidSpec with every violation, InUse, LimitExceeded; with strict references also NotFound.
        """
        now = self.get(ref)
        self._writes.judge(self._connection, ref, None if now is None else now.spec, before)

    @property
    def sequence(self) -> int | None:
        """The place in the log of the last write; None if nothing had to change."""
        return None if self.written is None else self.written.sequence

    def _request(self, action: Action, ref: Ref, spec: Spec, tags: Mapping[str, str]) -> Request:
        return Request(action, ref, spec, spec.to_json(), tags_as_text(tags), self.author)

    def _noted(self, written: Written) -> Revision:
        if written.sequence is not None:
            before = () if self.written is None else self.written.changes
            self.written = Written(written.revision, before + written.changes)
        return written.revision


class _Rehearsed(Exception):
    """A batch was carried out for its result alone: what it wrote is taken back."""


@dataclass(frozen=True, slots=True)
class Batches:
    """Batches in a SQL database."""

    write: Callable[[Callable[[Connection], Written | None]], Awaitable[Written | None]]
    writes: Writes
    clock: Clock

    async def carry_out(self, work: Callable[[Batch], T], *, author: Author, is_rehearsal: bool = False) -> T:
        """Return what the work returned, once all that it wrote is durable; what it raises takes that back.

        A rehearsal takes it back in any case.
        """
        found: list[T] = []

        def attempt(connection: Connection) -> Written | None:
            batch = Batch(connection, self.writes, author, self.clock)
            found.append(work(batch))
            if is_rehearsal:
                raise _Rehearsed
            return batch.written

        with contextlib.suppress(_Rehearsed):
            await self.write(attempt)
        return found[-1]
