"""Who may come in, as keys come and go while a server runs."""

from dataclasses import dataclass, field

import pytest

from gossamer.runtime.access import Access
from gossamer.store.directory import Directory
from gossamer.store.vault import Vault


@dataclass
class Stored:
    """What stands in the store, as the test says."""

    found: Directory = field(default_factory=Directory)

    async def directory(self, _: Vault, __: Directory) -> Directory:
        return self.found


def made(*, is_exposed: bool) -> tuple[Stored, Access]:
    stored = Stored()
    return stored, Access(stored, Vault(b"0" * 32), is_exposed=is_exposed)  # type: ignore[arg-type]  # a fake of the store's


async def looked(access: Access, stored: Stored, found: Directory) -> bool:
    stored.found = found
    await access.load()
    return access.is_open()


async def test_a_server_stays_shut_after_its_last_key_is_gone() -> None:
    stored, access = made(is_exposed=False)
    assert await looked(access, stored, Directory(version=1))
    assert not await looked(access, stored, Directory(version=2, has_keys=True))
    assert not await looked(access, stored, Directory(version=3))


@pytest.mark.parametrize("has_keys", [True, False])
async def test_a_server_that_others_reach_is_never_open(*, has_keys: bool) -> None:
    stored, access = made(is_exposed=True)
    assert not await looked(access, stored, Directory(version=1, has_keys=has_keys))
