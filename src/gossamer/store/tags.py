"""Labels of resources that are there already. They are no part of a spec, and a change makes no new version.

Source: App Mesh API 2019-01-25, TagResource, UntagResource, ListTagsForResource, TooManyTagsException.
"""

import datetime
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from sqlalchemy import Connection

from gossamer.clock import Clock
from gossamer.errors import TooManyTags
from gossamer.model.kind import Ref
from gossamer.model.tags import MOST_TAGS
from gossamer.store import statements
from gossamer.store.database import Reading
from gossamer.store.log import Action, Entry, Written, logged
from gossamer.store.reads import missing
from gossamer.store.request import tags_as_text
from gossamer.store.rows import at_place, milliseconds, moment, place, revision_of
from gossamer.store.store import Author

Tags = Mapping[str, str]


def read_tags(connection: Connection, ref: Ref) -> Tags:
    """The labels of one resource, by name.

    Raises: NotFound.
    """
    row = statements.RESOURCE.row(connection, place(ref))
    if row is None:
        raise missing(connection, ref)
    found: dict[str, str] = json.loads(row.tags)
    return found


@dataclass(frozen=True, slots=True)
class SqlTags:
    """Labels in a SQL database; see `store.TagStore`."""

    read: Reading
    write: Callable[[Callable[[Connection], Written]], Awaitable[Written]]
    clock: Clock

    async def of(self, ref: Ref) -> Tags:
        """The labels of one resource, by name."""
        return await self.read(partial(read_tags, ref=ref))

    async def put(self, ref: Ref, tags: Tags, *, author: Author) -> None:
        """Add labels, or give those that are there another value."""
        await self.write(partial(self._changed, ref=ref, author=author, change=lambda now: {**now, **tags}))

    async def remove(self, ref: Ref, keys: Iterable[str], *, author: Author) -> None:
        """Take labels away; those that are not there are no matter."""
        gone = frozenset(keys)
        change = partial(_without, gone)
        await self.write(partial(self._changed, ref=ref, author=author, change=change))

    def _changed(
        self, connection: Connection, ref: Ref, author: Author, change: Callable[[Tags], Tags]
    ) -> Written:
        return write_tags(connection, ref, change, author, self.clock.now())


def write_tags(
    connection: Connection, ref: Ref, change: Callable[[Tags], Tags], author: Author, now: datetime.datetime
) -> Written:
    """Make the labels of a resource what a change makes of them.

    Raises: NotFound, TooManyTags.
    """
    row = statements.RESOURCE.row(connection, place(ref))
    if row is None:
        raise missing(connection, ref)
    revision, before = revision_of(row), json.loads(row.tags)
    after = change(before)
    if len(after) > MOST_TAGS:
        raise TooManyTags(ref, MOST_TAGS)
    if after == before:
        return Written(revision)
    text = tags_as_text(after)
    statements.CHANGE_RESOURCE.rows(connection, at_place(ref) | {"tags": text})
    at = moment(milliseconds(now))
    return logged(connection, Entry(Action.TAG, author, revision, row.spec, row.spec, at=at, tags=text))


def _without(gone: frozenset[str], now: Tags) -> Tags:
    return {key: value for key, value in now.items() if key not in gone}
