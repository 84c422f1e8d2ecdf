"""What is wrong with a database, in sentences; nothing is changed.

In this order: the engine's own check, the tables, every resource by itself and with those around it, what
uses what, the log against what is there, shares, and whether sealed secrets open.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from sqlalchemy import Connection, select
from sqlalchemy.exc import DBAPIError

from gossamer.errors import MeshError, Unavailable
from gossamer.model.kind import Kind
from gossamer.store import access_tables, credential_tables, keys
from gossamer.store.integrity import used_by
from gossamer.store.migration import differences
from gossamer.store.rows import ref_of, spec_of
from gossamer.store.schema import PLACE, RESOURCES, STORE, USES
from gossamer.store.upkeep.backup import known_version
from gossamer.store.upkeep.replay import named, replayed
from gossamer.store.upkeep.rows import rows_of, tables, take_time
from gossamer.store.vault import Vault

#: What opens sealed secrets; the text says why there is none; None does not look at them.
Opener = Vault | str | None

_SQLITE_IS_FINE: Final = "ok"


def problems(connection: Connection, opener: Opener) -> Iterator[str]:
    """Each problem, as it is found.

    Raises: Unavailable for a database that is empty or of a later version.
    """
    take_time(connection)
    known_version(connection)
    parts: Mapping[str, Callable[[], Iterable[str]]] = {
        "pages": lambda: _of_the_engine(connection),
        "tables": lambda: differences(connection),
        "identity": lambda: _of_identity(connection),
        "resources": lambda: _of_resources(connection),
        "uses": lambda: _of_uses(connection),
        "log": lambda: replayed(connection),
        "shares": lambda: _of_shares(connection),
        "secrets": lambda: _of_secrets(connection, opener),
    }
    for part, found in parts.items():
        try:
            # Behind a savepoint: on PostgreSQL a statement that fails would take the others with it.
            with connection.begin_nested():
                yield from list(found())
        except DBAPIError as error:
            yield f"{part}: can't be read: {str(error.orig).strip()}"


def _of_the_engine(connection: Connection) -> Iterator[str]:
    """SQLite looks at every page itself; of PostgreSQL's, every row is read."""
    if connection.dialect.name == "sqlite":
        for (said,) in connection.exec_driver_sql("PRAGMA integrity_check"):
            if said != _SQLITE_IS_FINE:
                yield f"SQLite's integrity check: {said}"
        for table, row, other, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"row {row} of {table} refers to a row of {other} that is not there"
        return
    for table in tables(connection):
        for _ in rows_of(connection, table):
            pass


def _of_identity(connection: Connection) -> Iterator[str]:
    rows = connection.execute(select(STORE)).all()
    if len(rows) != 1 or rows[0].id != 1:
        yield f"the table store must hold one row and holds {len(rows)}"
    for name, state in (("access_state", access_tables), ("credential_state", credential_tables)):
        if (found := len(connection.execute(state.VERSION).all())) != 1:
            yield f"the table {name} must hold one row and holds {found}"


def _of_resources(connection: Connection) -> Iterator[str]:
    columns = (RESOURCES.c[part] for part in PLACE)
    there = {tuple(row) for row in connection.execute(select(*columns))}
    uids: dict[str, str] = {}
    for row in connection.execute(select(RESOURCES)):
        account, kind, mesh, parent, _ = place = tuple(getattr(row, part) for part in PLACE)
        try:
            spec_of(Kind(kind), row.spec)
        except (MeshError, ValueError) as error:
            yield f"{named(place)} can't be understood: {error}"
            continue
        if (account, Kind.MESH.value, mesh, "", mesh) not in there:
            yield f"{named(place)} is in a mesh that is not there"
        above = Kind(kind).parent
        if above is not None and (account, above.value, mesh, "", parent) not in there:
            yield f"{named(place)} is under a {above.noun} that is not there"
        if (other := uids.setdefault(row.uid, named(place))) != named(place):
            yield f"{named(place)} has the uid of {other}"


def _of_uses(connection: Connection) -> Iterator[str]:
    noted: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for row in connection.execute(select(USES)):
        place = tuple(getattr(row, part) for part in PLACE)
        noted.setdefault(place, set()).add((row.used_kind, row.used_name))
    for row in connection.execute(select(RESOURCES)):
        place = tuple(getattr(row, part) for part in PLACE)
        ours = noted.pop(place, set())
        try:
            named_by = {(kind.value, name) for kind, name in used_by(spec_of(ref_of(row).kind, row.spec))}
        except (MeshError, ValueError):
            continue  # Told already.
        for kind, name in sorted(named_by - ours):
            yield f"{named(place)} names {kind} {name}, which is not noted as in use"
        for kind, name in sorted(ours - named_by):
            yield f"{kind} {name} is noted as in use by {named(place)}, which does not name it"
    for place in noted:
        yield f"a use is noted of {named(place)}, which is not there"


def _of_shares(connection: Connection) -> Iterator[str]:
    meshes = select(RESOURCES.c.account, RESOURCES.c.mesh).where(RESOURCES.c.kind == Kind.MESH.value)
    there = {tuple(row) for row in connection.execute(meshes)}
    for row in connection.execute(access_tables.ALL_SHARES):
        if (row.account, row.mesh) not in there:
            yield f"mesh {row.mesh} of account {row.account} is shared with {row.consumer} and is not there"


def _of_secrets(connection: Connection, opener: Opener) -> Iterator[str]:
    """Whether every sealed secret opens, where that was asked for."""
    if opener is None:
        return
    sealed = [(key.id, key.sealed_secret) for key in keys.every(connection)]
    credentials = connection.execute(credential_tables.ALL)
    sealed += [(row.arn, row.sealed_key) for row in credentials if row.sealed_key]
    if isinstance(opener, str):
        if sealed:
            yield f"{len(sealed)} secrets can't be opened: {opener}"
        return
    for owner, text in sealed:
        try:
            opener.opened(text, owner)
        except Unavailable as error:
            yield str(error)
        except ValueError as error:
            yield f"the secret of {owner} is no sealed secret: {error}"
