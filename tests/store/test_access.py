"""Keys and shares in a database; a database of an earlier version; secrets at rest."""

import datetime
import stat
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from gossamer.clock import FixedClock
from gossamer.errors import Forbidden, InvalidSpec, Unavailable
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.store import keys, shares
from gossamer.store.directory import Directory
from gossamer.store.keys import Holder, KeyStatus, NamedPolicy
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Collection, Rules
from gossamer.store.vault import Vault, token_key, vault_from_file, vault_from_text
from gossamer.store.visit import visited

OWNER, CONSUMER = "000000000000", "111111111111"
NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
VAULT = Vault(bytes(32))
HOLDER = Holder(OWNER, f"arn:aws:iam::{OWNER}:user/a", (NamedPolicy.managed("AWSAppMeshReadOnly"),))
MESH = Ref(OWNER, "m", Kind.MESH, "m")
ROUTER = Ref(OWNER, "m", Kind.VIRTUAL_ROUTER, "r")


def author(account: str) -> Author:
    return Author(account, f"arn:aws:iam::{account}:root")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
async def store(url: URL, clock: FixedClock) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(url, rules=Rules(), clock=clock)
    yield found
    await found.close()


async def test_a_directory_is_read_anew_only_when_something_changed(store: SqlStore, url: URL) -> None:
    first = await store.access.directory(VAULT, Directory())
    assert await store.access.directory(VAULT, first) is first
    with visited(url, NOW) as connection:
        made = keys.add(connection, VAULT, HOLDER, now=NOW)
        off = keys.add(connection, VAULT, HOLDER, now=NOW)
        keys.set_status(connection, off.key.id, KeyStatus.INACTIVE)
    found = await store.access.directory(VAULT, first)
    assert found.has_keys
    assert {key: known.secret for key, known in found.keys.items()} == {made.key.id: made.secret}


async def test_a_key_that_another_vault_sealed_keeps_nobody_else_out(store: SqlStore, url: URL) -> None:
    with visited(url, NOW) as connection:
        made = keys.add(connection, VAULT, HOLDER, now=NOW)
        other = keys.add(connection, Vault(b"1" * 32), HOLDER, now=NOW)
    found = await store.access.directory(VAULT, Directory())
    assert list(found.keys) == [made.key.id]
    assert "was sealed with another key" in found.unusable[other.key.id]


async def test_in_a_shared_mesh_each_account_changes_what_it_created(store: SqlStore) -> None:
    await store.create(MESH, MeshSpec(), author=author(OWNER))
    await store.create(ROUTER, VirtualRouterSpec(), author=author(CONSUMER))
    with pytest.raises(Forbidden, match=f"only account {CONSUMER}, which created it"):
        await store.update(ROUTER, VirtualRouterSpec(), author=author(OWNER))
    with pytest.raises(Forbidden):
        await store.delete(MESH, author=author(CONSUMER))
    assert (await store.update(ROUTER, VirtualRouterSpec(), author=author(CONSUMER))).owner == CONSUMER
    assert (await store.delete(ROUTER, author=author(OWNER))).owner == CONSUMER


async def test_two_shared_meshes_of_one_name_are_both_listed_page_by_page(store: SqlStore, url: URL) -> None:
    for account in (OWNER, CONSUMER, "222222222222"):
        await store.create(Ref(account, "m", Kind.MESH, "m"), MeshSpec(), author=author(account))
    with visited(url, NOW) as connection:
        assert shares.add(connection, MeshKey(OWNER, "m"), CONSUMER, NOW)
        assert not shares.add(connection, MeshKey(OWNER, "m"), CONSUMER, NOW)
    listed, after = [], ""
    while True:
        page = await store.list(Collection(CONSUMER, Kind.MESH), limit=1, after=after)
        listed += [revision.ref.account for revision in page.revisions]
        if page.next is None:
            break
        after = page.next
    assert listed == [OWNER, CONSUMER]


def test_a_vault_opens_what_it_sealed_for_the_same_owner_only() -> None:
    sealed = VAULT.sealed("secret", "a")
    assert VAULT.opened(sealed, "a") == "secret"
    assert "secret" not in sealed
    assert sealed != VAULT.sealed("secret", "a")
    with pytest.raises(Unavailable):
        VAULT.opened(sealed, "b")
    assert token_key(VAULT, b"1") != token_key(VAULT, b"2") != token_key(Vault(b"1" * 32), b"2")


def test_a_key_of_secrets_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "gossamer.key"
    sealed = vault_from_file(path).sealed("secret", "a")
    assert vault_from_file(path).opened(sealed, "a") == "secret"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["gossamer.key"]


def test_a_key_of_secrets_is_hexadecimal_or_base64() -> None:
    sealed = VAULT.sealed("secret", "a")
    assert vault_from_text("00" * 32 + "\n").opened(sealed, "a") == "secret"
    assert vault_from_text("A" * 43 + "=").opened(sealed, "a") == "secret"
    for wrong in ("", "00", "not a key", "A" * 44):
        with pytest.raises(ValueError, match="32 random bytes"):
            vault_from_text(wrong)


def test_a_policy_that_nobody_knows_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="is no policy that we know"):
        NamedPolicy.managed("Nothing")
