"""A database into another one, of either engine; both are compared before it counts."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from sqlalchemy import Connection

from gossamer.errors import Bug
from gossamer.store.engine import fill_states
from gossamer.store.migration import upgrade
from gossamer.store.schema import SCHEMA_VERSION
from gossamer.store.upkeep.backup import known_version, noting
from gossamer.store.upkeep.rows import Progress, Row, count, fill, make, rows_of, tables, take_time
from gossamer.store.versions import version_of


class _Digest:
    """What went by, in few bytes."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def passing(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The same rows."""
        for row in rows:
            self._hash.update(json.dumps(list(row)).encode())
            yield row

    def value(self) -> str:
        """Of all that went by."""
        return self._hash.hexdigest()


def move(source: Connection, target: Connection, tell: Progress) -> Mapping[str, int]:
    """Fill a database that is ready for it from another one; how many rows of each table it has now.

    Raises: Unavailable for a source that is empty or of a later version; Bug if the two differ.
    """
    take_time(source)
    take_time(target)
    version = known_version(source)
    theirs = tables(source)
    ours = make(target, version.found, [table.name for table in theirs])
    counts: dict[str, int] = {}
    for table in theirs:
        there, copied, total = _Digest(), _Digest(), count(source, table)
        fill(target, ours[table.name], there.passing(rows_of(source, table)), noting(tell, table.name, total))
        for _ in copied.passing(rows_of(target, ours[table.name])):
            pass
        counts[table.name] = count(target, ours[table.name])
        if (there.value(), total) != (copied.value(), counts[table.name]):
            raise Bug(f"{table.name} came out different: {total} rows, then {counts[table.name]}")
    if version.found < SCHEMA_VERSION:
        upgrade(target, version_of(target))
    fill_states(target)
    return counts
