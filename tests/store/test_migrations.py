"""Databases of earlier versions, the steps between versions, and who may go on meanwhile."""

import asyncio
import contextlib
import datetime
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import URL, Connection, inspect, select, text

from gossamer.clock import SystemClock
from gossamer.errors import Unavailable
from gossamer.model.kind import Kind, Ref
from gossamer.store import credentials, migration
from gossamer.store.database import Database
from gossamer.store.directory import Directory
from gossamer.store.engine import open_database, prepare
from gossamer.store.schema import METADATA, OPENS_TO, SCHEMA_VERSION, STORE
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from gossamer.store.vault import Vault
from gossamer.store.versions import VERSIONS, Migrating, Version, version_of
from gossamer.store.visit import visited
from tests.store.test_store import AUTHOR, opened, spec
from tests.support.old_databases import KEY, old_database

ACCOUNT = "000000000000"
NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)


def ref(kind: Kind, name: str, parent: str | None = None) -> Ref:
    return Ref(ACCOUNT, "shop", kind, name, parent)


@contextlib.contextmanager
def connected(url: URL) -> Iterator[Connection]:
    with at(url) as database, database.steward.begin() as connection:
        yield connection


@contextlib.contextmanager
def at(url: URL) -> Iterator[Database]:
    database = open_database(url)
    try:
        yield database
    finally:
        database.dispose()


def rows(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours that is there."""
    there = inspect(connection).get_table_names()
    return {
        table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
        for table in METADATA.sorted_tables
        if table.name in there
    }


def test_the_steps_lead_to_the_tables_that_we_work_with(url: URL) -> None:
    with connected(url) as connection:
        migration.upgrade(connection, None)
        assert migration.differences(connection) == ()
    last = migration.steps()[-1]
    assert (last.version, last.opens_to) == (SCHEMA_VERSION, OPENS_TO)
    with connected(url) as connection:
        connection.execute(text("ALTER TABLE audit DROP COLUMN source"))
        connection.execute(text("DROP INDEX uses_by_used"))
        assert len(migration.differences(connection)) == 2


async def test_tables_that_are_made_at_once_are_those_of_the_steps(url: URL) -> None:
    await (await opened(url)).close()
    with connected(url) as connection:
        assert migration.differences(connection) == ()
        assert version_of(connection) == Version(SCHEMA_VERSION, OPENS_TO)


@pytest.mark.parametrize("version", [2, 3])
async def test_a_database_of_an_earlier_version_is_opened_with_all_that_is_in_it(
    url: URL, version: int
) -> None:
    old_database(url, version)
    store = await opened(url)
    try:
        sequence, revisions = await store.all()
        assert len(revisions) == 7
        assert sequence == 11
        assert (await store.get(ref(Kind.ROUTE, "all", "r"))).version == 2
        assert await store.tags.of(ref(Kind.VIRTUAL_NODE, "v1")) == {"release": "1 ü"}
        await store.create(ref(Kind.VIRTUAL_NODE, "new"), spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
        found = await store.access.directory(Vault(KEY), Directory())
        assert len(found.keys) == version - 2
    finally:
        await store.close()
    with connected(url) as connection:
        assert migration.differences(connection) == ()
        assert len(credentials.every(connection)) == version - 2


@pytest.mark.parametrize("version", [2, 3])
def test_a_database_goes_up_down_and_up_with_its_data(url: URL, version: int) -> None:
    old_database(url, version)
    with connected(url) as connection:
        before = rows(connection)
        migration.upgrade(connection, version_of(connection))
        up = rows(connection)
    with connected(url) as connection:
        found = version_of(connection)
        assert found is not None
        migration.downgrade(connection, found, version)
        assert version_of(connection) == Version(version, 1 if version == 2 else 3)
        down = rows(connection)
        # Version 2 itself wrote its own number where now stands who may go on.
        assert down | {"store": []} == {name: up[name] for name in down} | {"store": []}
        assert {name: down[name] for name in before if name != "store"} == {
            name: found for name, found in before.items() if name != "store"
        }
    with connected(url) as connection:
        migration.upgrade(connection, version_of(connection))
        assert rows(connection) == up
        assert migration.differences(connection) == ()


def test_what_the_way_down_forgets_is_told() -> None:
    assert migration.lost(SCHEMA_VERSION, 3) == ()
    assert migration.lost(SCHEMA_VERSION, 1) == (
        "access keys, shares and the audit log",
        "what the log says of labels",
    )


def test_a_step_that_fails_leaves_the_database_as_it_was(url: URL) -> None:
    old_database(url, 2)
    with connected(url) as connection:
        connection.execute(text("CREATE TABLE audit (pets INTEGER)"))
        before = inspect(connection).get_table_names()
    with at(url) as database, pytest.raises(Unavailable, match="audit"):
        prepare(database, 0, Migrating.ANY)
    with connected(url) as connection:
        assert inspect(connection).get_table_names() == before
        assert version_of(connection) == Version(2, 2)


def test_those_who_open_a_database_at_once_bring_it_up_once(url: URL) -> None:
    old_database(url, 3)
    secrets: list[bytes] = []

    def start() -> None:
        with at(url) as database:
            secrets.append(prepare(database, 0, Migrating.ANY))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 4
    assert len(set(secrets)) == 1
    with connected(url) as connection:
        assert connection.execute(select(VERSIONS.c.version_num)).scalars().all() == [str(SCHEMA_VERSION)]


def test_an_older_database_is_refused_where_steps_are_taken_by_hand(url: URL) -> None:
    old_database(url, 3)
    with at(url) as database, pytest.raises(Unavailable, match=r"version 3, and .* `gossamer store migrate`"):
        prepare(database, 0, Migrating.NONE)


def test_a_command_takes_no_step_that_servers_can_not_go_on_with(url: URL) -> None:
    old_database(url, 2)
    with pytest.raises(Unavailable, match=r"version 2.* stop every server of it"), visited(url, NOW):
        pass


async def test_a_step_is_refused_while_older_replicas_serve_that_can_not_go_on(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        pytest.skip("whoever serves a file holds its directory")
    store = await opened(url)
    with connected(url) as connection:
        found = version_of(connection)
        assert found is not None
        migration.downgrade(connection, found, 2)
    with at(url) as database:
        await _until_served(database)
        with pytest.raises(Unavailable, match="those that serve it now can't go on with"):
            await asyncio.to_thread(prepare, database, 0, Migrating.ANY)
        await store.close()
        await asyncio.to_thread(prepare, database, 0, Migrating.ANY)


async def test_a_replica_goes_on_while_a_later_version_brings_its_database_up(url: URL) -> None:
    """The step to 4 is one that version 3 can go on with, and so is starting again."""
    store = await opened(url)
    with connected(url) as connection:
        found = version_of(connection)
        assert found is not None
        migration.downgrade(connection, found, 3)
    with at(url) as database:
        await store.create(ref(Kind.MESH, "shop"), spec(Kind.MESH, {}), author=AUTHOR)
        await asyncio.to_thread(prepare, database, 0, Migrating.ONLINE)
        await store.create(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
        with connected(url) as connection:
            assert connection.execute(select(STORE.c.schema_version)).scalar_one() == 3
    await store.close()


@pytest.mark.parametrize(("found", "opens_to"), [(SCHEMA_VERSION + 1, SCHEMA_VERSION), (9, 9)])
async def test_a_later_database_is_opened_if_it_is_open_to_us(url: URL, found: int, opens_to: int) -> None:
    await (await opened(url)).close()
    with connected(url) as connection:
        connection.execute(VERSIONS.update().values(version_num=str(found)))
        connection.execute(STORE.update().values(schema_version=opens_to))
    if opens_to <= SCHEMA_VERSION:
        await (await opened(url)).close()
        return
    with pytest.raises(Unavailable, match="which needs a Gossamer that knows version 9"):
        await SqlStore.open(url, rules=Rules(), clock=SystemClock())


async def _until_served(database: Database) -> None:
    for _ in range(500):
        with database.steward.begin() as connection:
            if database.is_served(connection):
                return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody serves it")
