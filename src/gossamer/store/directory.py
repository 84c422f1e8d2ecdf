"""Everybody who may come in, as one value in memory: usable keys with their secrets, and shares."""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial

from sqlalchemy import Connection

from gossamer.errors import InvalidSpec, Unavailable
from gossamer.model.kind import MeshKey
from gossamer.model.policy import Policy
from gossamer.store import access_tables as tables
from gossamer.store import keys, shares
from gossamer.store.database import Reading
from gossamer.store.keys import AccessKey, KeyStatus
from gossamer.store.vault import Vault


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key that is let in, until it expires."""

    account: str
    principal: str
    policies: tuple[Policy, ...]
    secret: str = field(repr=False)
    token_digest: str | None = None
    expires_at: datetime.datetime | None = None


@dataclass(frozen=True, slots=True)
class Directory:
    """Who may come in.

    `has_keys` counts those too that are not let in at the moment. `unusable` says why a key that should be
    let in cannot be.
    """

    version: int = 0
    keys: Mapping[str, KnownKey] = field(default_factory=dict)
    shares: Mapping[str, frozenset[MeshKey]] = field(default_factory=dict)
    has_keys: bool = False
    unusable: Mapping[str, str] = field(default_factory=dict)

    def shared_with(self, account: str) -> frozenset[MeshKey]:
        """The meshes of others that an account may use."""
        return self.shares.get(account, frozenset())


@dataclass(frozen=True, slots=True)
class SqlAccess:
    """Who may come in, in a SQL database."""

    read: Reading

    async def directory(self, vault: Vault, known: Directory) -> Directory:
        """Everybody who may come in; what is known already, if nothing changed since.

        Raises: Unavailable.
        """
        if await self.read(read_version) == known.version:
            return known
        return await self.read(partial(read_directory, vault=vault))


def read_version(connection: Connection) -> int:
    """The number that moves with every change."""
    return int(connection.execute(tables.VERSION).scalar_one())


def read_directory(connection: Connection, vault: Vault) -> Directory:
    """Everybody, as they stand. A key that can't be read keeps nobody else out."""
    found = keys.every(connection)
    shared: dict[str, frozenset[MeshKey]] = {}
    for one in shares.every(connection):
        shared[one.consumer] = shared.get(one.consumer, frozenset()) | {one.mesh}
    known: dict[str, KnownKey] = {}
    unusable: dict[str, str] = {}
    for key in found:
        try:
            if key.status is KeyStatus.ACTIVE:
                known[key.id] = _known(key, vault)
        except (InvalidSpec, Unavailable) as error:
            unusable[key.id] = str(error)
    return Directory(read_version(connection), known, shared, has_keys=bool(found), unusable=unusable)


def _known(key: AccessKey, vault: Vault) -> KnownKey:
    """A key, opened.

    Raises: InvalidSpec for a policy of a later version, Unavailable for a secret that another vault sealed.
    """
    return KnownKey(
        account=key.holder.account,
        principal=key.holder.principal,
        policies=tuple(policy.read() for policy in key.holder.policies),
        secret=vault.opened(key.sealed_secret, key.id),
        token_digest=key.token_digest,
        expires_at=key.expires_at,
    )
