"""A database checked, backed up, restored and moved, on both engines."""

import asyncio
import contextlib
import datetime
import gzip
import itertools
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, select, text

from gossamer.errors import Unavailable
from gossamer.model.kind import Kind, MeshKey
from gossamer.store import keys, migration, shares
from gossamer.store.engine import open_database, sqlite_url
from gossamer.store.keys import Holder, NamedPolicy
from gossamer.store.schema import METADATA, SCHEMA_VERSION
from gossamer.store.sql import SqlStore
from gossamer.store.upkeep.archive import BadArchive, Header, verified
from gossamer.store.upkeep.backup import Taken, backup
from gossamer.store.upkeep.check import problems
from gossamer.store.upkeep.info import info
from gossamer.store.upkeep.move import move
from gossamer.store.upkeep.opening import Served, held, looked_at
from gossamer.store.upkeep.restore import NotEmpty, Unsound, make_ready, restore
from gossamer.store.vault import Vault
from gossamer.store.versions import version_of
from tests.store.test_store import AUTHOR, MESH, create_node, opened, ref, spec
from tests.support.old_databases import KEY, old_database
from tests.support.postgresql_server import PostgresqlServer, programs

COUNT = itertools.count(1)

NOW = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
TAKEN = Taken(NOW, "0.1", "abc")
VAULT = Vault(KEY)
OWNER = "000000000000"


def silent(_what: str, _done: int, _total: int) -> None:
    """Nobody watches."""


@contextlib.contextmanager
def changed(url: URL) -> Iterator[Connection]:
    """A transaction that breaks things."""
    database = open_database(url)
    try:
        with database.steward.begin() as connection:
            yield connection
    finally:
        database.dispose()


def rows(url: URL) -> dict[str, list[tuple[object, ...]]]:
    with looked_at(url) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in METADATA.sorted_tables
        }


async def filled(url: URL) -> None:
    """A mesh in use: a route and its target, labels, an update, something deleted, a key, a share."""
    store = await opened(url)
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR, tags={"team": "ü😀"})
    for name in ("n", "gone"):
        await create_node(store, name)
    await store.create(ref(Kind.VIRTUAL_ROUTER, "r"), spec(Kind.VIRTUAL_ROUTER, {}), author=AUTHOR)
    await store.create(ref(Kind.ROUTE, "all", "r"), spec(Kind.ROUTE, route("n")), author=AUTHOR)
    await store.update(ref(Kind.ROUTE, "all", "r"), spec(Kind.ROUTE, route("other")), author=AUTHOR)
    await store.tags.put(ref(Kind.VIRTUAL_NODE, "n"), {"a": "b"}, author=AUTHOR)
    await store.delete(ref(Kind.VIRTUAL_NODE, "gone"), author=AUTHOR)
    await store.close()
    with changed(url) as connection:
        holder = Holder(OWNER, f"arn:aws:iam::{OWNER}:user/a", (NamedPolicy.managed("AWSAppMeshReadOnly"),))
        keys.add(connection, VAULT, holder, now=NOW)
        shares.add(connection, MeshKey(OWNER, "m"), "111111111111", NOW)


def route(target: str) -> dict[str, object]:
    action = {"weightedTargets": [{"virtualNode": target, "weight": 1}]}
    return {"httpRoute": {"match": {"prefix": "/"}, "action": action}}


def backed_up(url: URL, path: Path, *, overwrite: bool = False) -> Header:
    with looked_at(url) as connection:
        return backup(connection, path, TAKEN, silent, overwrite=overwrite)


def restored(url: URL, path: Path, *, replace: bool = False, accept_problems: bool = False) -> None:
    with held(url, alone=True) as connection:
        make_ready(connection, replace=replace)
        restore(connection, path, silent, accept_problems=accept_problems)


def found(url: URL, opener: Vault | str | None = VAULT) -> list[str]:
    with looked_at(url) as connection:
        return list(problems(connection, opener))


@pytest.fixture
async def full(url: URL) -> URL:
    await filled(url)
    return url


@pytest.fixture
def other(request: pytest.FixtureRequest, url: URL, tmp_path: Path) -> URL:
    """An empty database of the other engine, where there is one."""
    if url.get_backend_name() == "postgresql" or programs() is None:
        return sqlite_url(tmp_path / "other.db")
    server: PostgresqlServer = request.getfixturevalue("postgresql")
    return server.create_database(f"upkeep{next(COUNT)}")


async def test_a_sound_database_has_no_problems(full: URL) -> None:
    assert found(full) == []


BROKEN: list[tuple[str, str]] = [
    ("DELETE FROM uses", "names virtualNode other, which is not noted as in use"),
    (
        "UPDATE uses SET used_name = 'x'",
        "virtualNode x is noted as in use by route all of r .*, which does not name it",
    ),
    ("UPDATE resources SET spec = '{' WHERE kind = 'virtualNode'", "virtualNode n in .* can't be understood"),
    ("UPDATE resources SET version = 7 WHERE kind = 'route'", "route all .* its version is not the one"),
    ("UPDATE resources SET tags = '{}' WHERE kind = 'mesh'", "mesh m .* its tags is not the one"),
    ("UPDATE resources SET uid = 'u'", "has the uid of"),
    ("DELETE FROM resources WHERE kind = 'virtualRouter'", "is under a VirtualRouter that is not there"),
    ("DELETE FROM resources WHERE kind = 'virtualNode'", "is in the log and was not deleted, and is not"),
    ("DELETE FROM resources WHERE kind = 'mesh'", "is in a mesh that is not there"),
    ("DELETE FROM resources WHERE kind = 'mesh'", "is shared with 111111111111 and is not there"),
    ("DELETE FROM revisions WHERE sequence = 1", "mesh m .* is there, and not in the log"),
    ("DELETE FROM revisions WHERE action = 'create' AND name = 'n'", "is about something that is not there"),
    ("UPDATE revisions SET before = 'x' WHERE action = 'update'", "has another spec before it"),
    ("UPDATE revisions SET version = 9 WHERE action = 'update'", "leads from version 1 to 9"),
    ("UPDATE revisions SET action = 'dance' WHERE sequence = 2", "does 'dance', which no write does"),
    ("DELETE FROM access_state", "the table access_state must hold one row and holds 0"),
    ("DROP INDEX uses_by_used", "uses_by_used"),
    ("ALTER TABLE audit DROP COLUMN record", "record"),
    ("UPDATE access_keys SET sealed_secret = 'AAAA'", "GKIA"),
]


async def test_what_is_broken_is_told(full: URL) -> None:
    with changed(full) as connection:
        for how, what in BROKEN:
            breaking = connection.begin_nested()
            connection.execute(text(how))
            told = list(problems(connection, VAULT))
            assert any(re.search(what, one) for one in told), (how, told)
            breaking.rollback()
        assert list(problems(connection, VAULT)) == []


async def test_secrets_that_do_not_open_are_told(full: URL) -> None:
    assert any("was sealed with another key" in one for one in found(full, Vault(b"1" * 32)))
    assert found(full, "there is no key in x") == ["1 secrets can't be opened: there is no key in x"]
    assert found(full, None) == []


async def test_a_damaged_file_is_told_by_sqlite_itself(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "store.db")
    await filled(url)
    with changed(url) as connection:
        connection.execute(text("UPDATE resources SET spec = spec || :much"), {"much": " " * 20_000})
    raw = bytearray((tmp_path / "store.db").read_bytes())
    raw[-3 * 4096 : -4096] = b"\xff" * (2 * 4096)
    (tmp_path / "store.db").write_bytes(raw)
    assert any("integrity check" in one or "can't be read" in one for one in found(url))


async def test_a_backup_is_restored_with_everything_in_it_into_either_engine(
    full: URL, other: URL, tmp_path: Path
) -> None:
    path = tmp_path / "backup"
    header = backed_up(full, path)
    assert (header.version, header.sequence) == (SCHEMA_VERSION, 8)
    assert header.rows["resources"] == 4
    assert verified(path) == header
    restored(other, path)
    assert rows(other) == rows(full)
    assert found(other) == []
    store = await opened(other)
    assert (await store.all())[0] == 8
    await create_node(store, "after")
    assert (await store.all())[0] == 9
    await store.close()


async def test_a_backup_is_for_its_owner_only_and_replaces_nothing_unasked(full: URL, tmp_path: Path) -> None:
    path = tmp_path / "backup"
    backed_up(full, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError, match="--overwrite"):
        backed_up(full, path)
    before = path.read_bytes()
    backed_up(full, path, overwrite=True)
    assert path.read_bytes() == before
    assert list(tmp_path.glob(".backup*")) == []


def test_what_is_no_file_is_not_replaced_by_a_backup(full: URL, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(FileExistsError, match="is no file, and is not replaced"):
        backed_up(full, pipe, overwrite=True)
    assert pipe.is_fifo()


async def test_a_backup_that_cannot_be_written_names_the_file_that_was_asked_for(
    full: URL, tmp_path: Path
) -> None:
    with pytest.raises(FileNotFoundError) as refused:
        backed_up(full, tmp_path / "none" / "backup")
    assert refused.value.filename == str(tmp_path / "none" / "backup")


async def test_a_backup_is_one_moment_while_writes_go_on(url: URL, tmp_path: Path) -> None:
    store = await opened(url)
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    is_over = False

    async def write() -> None:
        number = 0
        while not is_over:
            await create_node(store, f"n{number}")
            number += 1

    writing = asyncio.ensure_future(write())
    for number in range(5):
        path = tmp_path / f"backup{number}"
        header = await asyncio.to_thread(backed_up, url, path)
        assert header.rows["resources"] == header.rows["revisions"] == header.sequence
        again = sqlite_url(tmp_path / f"again{number}.db")
        await asyncio.to_thread(restored, again, path)
    is_over = True
    await writing
    await store.close()


def damaged(path: Path, how: Callable[[bytes], bytes]) -> None:
    path.write_bytes(how(path.read_bytes()))


def relined(how: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda raw: gzip.compress(b"".join(how(gzip.decompress(raw).splitlines(keepends=True))))


def _header(**facts: object) -> Callable[[list[bytes]], list[bytes]]:
    return lambda lines: [json.dumps(json.loads(lines[0]) | facts).encode() + b"\n", *lines[1:]]


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (lambda raw: raw[: len(raw) // 2], "is not whole"),
        (lambda _: b"", "is not whole"),
        (lambda _: b"PK something else", "is not a backup of Gossamer"),
        (lambda _: gzip.compress(b"[1]\n"), "is not a backup of Gossamer"),
        (lambda _: gzip.compress(b'{"is":"else"}\n'), "is not a backup of Gossamer"),
        (lambda raw: raw[:300] + bytes([raw[300] ^ 1]) + raw[301:], "is damaged"),
        (relined(lambda lines: lines[:-1]), "is not whole"),
        (relined(lambda lines: [*lines[:2], *lines[3:]]), "is damaged: it holds"),
        (
            relined(lambda lines: [one.replace(b"n.local", b"x.local") for one in lines]),
            "is damaged: what it",
        ),
        (relined(_header(format=2)), "has format 2, and this Gossamer only reads 1"),
        (relined(lambda lines: [*lines, b"[]\n"]), "it goes on behind its end"),
    ],
)
async def test_a_file_that_is_no_whole_backup_is_refused_before_anything_happens(
    tmp_path: Path, how: Callable[[bytes], bytes], why: str
) -> None:
    url, path = sqlite_url(tmp_path / "store.db"), tmp_path / "backup"
    await filled(url)
    backed_up(url, path)
    damaged(path, how)
    with pytest.raises(BadArchive, match=why):
        verified(path)


async def test_a_database_that_holds_something_is_replaced_only_where_that_was_said(
    full: URL, tmp_path: Path
) -> None:
    path = tmp_path / "backup"
    backed_up(full, path)
    store = await opened(full)
    await create_node(store, "later")
    await store.close()
    with pytest.raises(NotEmpty, match="--replace"):
        restored(full, path)
    restored(full, path, replace=True)
    assert found(full) == []
    store = await opened(full)
    assert (await store.all())[0] == 8
    await store.close()


async def test_a_database_that_was_only_started_once_is_empty(url: URL, tmp_path: Path) -> None:
    source, path = sqlite_url(tmp_path / "source.db"), tmp_path / "backup"
    await filled(source)
    backed_up(source, path)
    await (await opened(url)).close()
    restored(url, path)
    assert rows(url) == rows(source)


async def test_an_unsound_backup_changes_nothing_unless_that_was_accepted(full: URL, tmp_path: Path) -> None:
    path, before = tmp_path / "backup", rows(full)
    with changed(full) as connection:
        connection.execute(text("UPDATE resources SET version = 7 WHERE kind = 'route'"))
    backed_up(full, path)
    with changed(full) as connection:
        connection.execute(text("UPDATE resources SET version = 2 WHERE kind = 'route'"))
    with pytest.raises(Unsound, match="its version is not the one"):
        restored(full, path, replace=True)
    assert rows(full) == before
    restored(full, path, replace=True, accept_problems=True)
    assert rows(full) != before


@pytest.mark.parametrize("version", [2, 3])
async def test_a_backup_of_an_earlier_version_is_restored_and_brought_up(
    url: URL, other: URL, tmp_path: Path, version: int
) -> None:
    old_database(url, version)
    header = backed_up(url, tmp_path / "backup")
    assert header.version == version
    restored(other, tmp_path / "backup")
    assert found(other) == []
    with looked_at(other) as connection:
        assert migration.differences(connection) == ()
        assert getattr(version_of(connection), "found", 0) == SCHEMA_VERSION


def test_a_backup_of_a_later_version_is_refused(tmp_path: Path) -> None:
    url, path = sqlite_url(tmp_path / "store.db"), tmp_path / "backup"
    asyncio.run(filled(url))
    backed_up(url, path)
    damaged(path, relined(_header(version=SCHEMA_VERSION + 1)))
    with pytest.raises(Unavailable, match=r"take Gossamer 0\.1 or later"):
        restored(sqlite_url(tmp_path / "other.db"), path)


async def test_everything_moves_to_the_other_engine_and_back(full: URL, other: URL, tmp_path: Path) -> None:
    back = sqlite_url(tmp_path / "back.db")
    for source, target in ((full, other), (other, back)):
        with held(source, alone=True) as one, held(target, alone=True) as two:
            make_ready(two, replace=False)
            assert move(one, two, silent)["resources"] == 4
    assert rows(full) == rows(other) == rows(back)
    assert found(back) == []


async def test_a_database_that_is_served_is_left_alone(url: URL) -> None:
    if url.get_backend_name() == "sqlite":
        pytest.skip("whoever serves a file holds its directory")
    store: SqlStore = await opened(url)
    refused = False
    for _ in range(500):
        try:
            with held(url, alone=True):
                await asyncio.sleep(0.01)
        except Served:
            refused = True
            break
        await asyncio.sleep(0.02)
    await store.close()
    assert refused
    with held(url, alone=True):
        pass


async def test_what_is_in_a_database_is_told(full: URL) -> None:
    with looked_at(full) as connection:
        told = info(connection)
    assert told is not None
    assert (told.sequence, told.resources["virtualNode"], told.rows["revisions"]) == (8, 1, 8)
    assert told.bytes > 0


def test_an_empty_database_is_told_and_not_made(url: URL) -> None:
    with looked_at(url) as connection:
        assert info(connection) is None
    with pytest.raises(Unavailable, match="the database is empty"):
        found(url)
    with looked_at(url) as connection:
        assert version_of(connection) is None
