"""One entry of the log: what a write leaves behind for everybody who follows.

An entry tells all that changed: the spec before and after, the labels if the write was about them, who wrote.
"""

import datetime
import enum
from dataclasses import dataclass

from sqlalchemy import Connection

from gossamer.model.revision import Revision
from gossamer.store import statements
from gossamer.store.rows import milliseconds, place
from gossamer.store.store import Author, Change


class Action(enum.Enum):
    """What a write does; the value stands in the log."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    TAG = "tag"


@dataclass(frozen=True, slots=True)
class Written:
    """What a write answers, and what it added to the log: nothing if nothing had to change."""

    revision: Revision
    changes: tuple[Change, ...] = ()

    @property
    def sequence(self) -> int | None:
        """Its last place in the log; None if it has none."""
        return self.changes[-1].sequence if self.changes else None


@dataclass(frozen=True, slots=True)
class Entry:
    """What the log keeps of one write.

    `before` and `after` are specs, `digest` is that of the request, `tags` are the labels after a write that
    may have changed them. `at` is the time, if it is not that of the revision.
    """

    action: Action
    author: Author
    revision: Revision
    before: str | None
    after: str | None
    digest: str | None = None
    tags: str | None = None
    at: datetime.datetime | None = None


def logged(connection: Connection, entry: Entry) -> Written:
    """Add an entry to the log."""
    revision = entry.revision
    row = place(revision.ref) | {
        "at": milliseconds(entry.at or revision.last_updated_at),
        "action": entry.action.value,
        "principal": entry.author.principal,
        "uid": revision.uid,
        "version": revision.version,
        "created_at": milliseconds(revision.created_at),
        "owner": revision.owner,
        "before": entry.before,
        "after": entry.after,
        "tags": entry.tags,
        "token": entry.author.token,
        "digest": entry.digest,
    }
    change = Change(
        sequence=statements.ADD_REVISION.number(connection, row),
        ref=revision.ref,
        before_uid=None if entry.before is None else revision.uid,
        revision=None if entry.after is None else revision,
        action=entry.action.value,
        principal=entry.author.principal,
    )
    return Written(revision, (change,))
