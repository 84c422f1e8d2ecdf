"""Access keys: whose each is, what it may do, and the secret that proves it.

All functions work inside the caller's transaction.
"""

import datetime
import enum
import hashlib
import json
import secrets
import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import Connection, Row

from gossamer.errors import InvalidSpec, MeshError, Violation
from gossamer.model.policy import MANAGED, Policy, policy_from_json
from gossamer.store import access_tables as tables
from gossamer.store.rows import milliseconds, moment
from gossamer.store.vault import Vault

#: What ids start with, of keys that stay and of keys that expire: no scanner takes them for those of AWS.
LASTING: Final = "GKIA"
TEMPORARY: Final = "GSIA"

_ID_ALPHABET: Final = string.ascii_uppercase + "234567"
_ID_LENGTH: Final = 16
_SECRET_BYTES: Final = 30
_TOKEN_BYTES: Final = 48


class UnknownKey(MeshError):
    """No access key has this id."""

    def __str__(self) -> str:
        """Which one, and where to look."""
        return f"there is no access key {self.args[0]}; `gossamer keys list` shows those that there are"


class KeyStatus(enum.Enum):
    """Whether a key is let in; the words are those of IAM."""

    ACTIVE = "Active"
    INACTIVE = "Inactive"


@dataclass(frozen=True, slots=True)
class NamedPolicy:
    """A policy as it is attached to a key: one that has a name of its own, or a document."""

    name: str
    document: str

    @classmethod
    def managed(cls, name: str) -> Self:
        """One of those with names of their own.

        Raises: InvalidSpec.
        """
        if name not in MANAGED:
            known = ", ".join(MANAGED)
            raise InvalidSpec(
                [Violation("", f"{name} is no policy that we know, nor a file; there are {known}")]
            )
        return cls(name, "")

    @property
    def text(self) -> str:
        """The document.

        Raises: InvalidSpec for a name that only a later version knows.
        """
        if not self.document and self.name not in MANAGED:
            raise InvalidSpec([Violation("", f"{self.name} is no policy that we know")])
        return self.document or MANAGED[self.name]

    def read(self) -> Policy:
        """What it says.

        Raises: InvalidSpec.
        """
        return policy_from_json(self.text)


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose a key is, and what it may do."""

    account: str
    principal: str
    policies: tuple[NamedPolicy, ...]


@dataclass(frozen=True, slots=True)
class AccessKey:
    """A key as it is kept: its secret sealed, of a session token only the digest."""

    id: str
    holder: Holder
    status: KeyStatus
    created_at: datetime.datetime
    expires_at: datetime.datetime | None
    sealed_secret: str
    token_digest: str | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key as it is shown, once."""

    key: AccessKey
    secret: str
    token: str | None


def add(
    connection: Connection,
    vault: Vault,
    holder: Holder,
    *,
    now: datetime.datetime,
    life: datetime.timedelta | None = None,
) -> NewKey:
    """Make a key; one with a life has a session token too, and expires."""
    key_id = (LASTING if life is None else TEMPORARY) + "".join(
        secrets.choice(_ID_ALPHABET) for _ in range(_ID_LENGTH)
    )
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    token = None if life is None else secrets.token_urlsafe(_TOKEN_BYTES)
    key = AccessKey(
        id=key_id,
        holder=holder,
        status=KeyStatus.ACTIVE,
        created_at=now,
        expires_at=None if life is None else now + life,
        sealed_secret=vault.sealed(secret, key_id),
        token_digest=None if token is None else digest(token),
    )
    connection.execute(tables.ADD_KEY, _row(key))
    connection.execute(tables.NEXT_VERSION)
    return NewKey(key, secret, token)


def every(connection: Connection) -> tuple[AccessKey, ...]:
    """Every key, by account and principal."""
    return tuple(_key(row) for row in connection.execute(tables.ALL_KEYS))


def find(connection: Connection, key_id: str) -> AccessKey:
    """One key.

    Raises: UnknownKey.
    """
    row = connection.execute(tables.KEY, {"key_id": key_id}).one_or_none()
    if row is None:
        raise UnknownKey(key_id)
    return _key(row)


def set_status(connection: Connection, key_id: str, status: KeyStatus) -> None:
    """Let a key in again, or no more.

    Raises: UnknownKey.
    """
    _change(connection, key_id, {"status": status.value})


def set_expiry(connection: Connection, key_id: str, at: datetime.datetime) -> None:
    """Let a key in until then.

    Raises: UnknownKey.
    """
    _change(connection, key_id, {"expires_at": milliseconds(at)})


def set_policies(connection: Connection, key_id: str, policies: Iterable[NamedPolicy]) -> None:
    """Say anew what a key may do.

    Raises: UnknownKey.
    """
    _change(connection, key_id, {"policies": _policies_text(policies)})


def remove(connection: Connection, key_id: str) -> None:
    """Forget a key.

    Raises: UnknownKey.
    """
    find(connection, key_id)
    connection.execute(tables.REMOVE_KEY, {"key_id": key_id})
    connection.execute(tables.NEXT_VERSION)


def digest(token: str) -> str:
    """What is kept of a session token: it is long and random, so that nobody finds it from this."""
    return hashlib.sha256(token.encode()).hexdigest()


def _change(connection: Connection, key_id: str, values: Mapping[str, object]) -> None:
    find(connection, key_id)
    connection.execute(tables.CHANGE_KEY.values(**values), {"key_id": key_id})
    connection.execute(tables.NEXT_VERSION)


def _row(key: AccessKey) -> dict[str, object]:
    return {
        "id": key.id,
        "account": key.holder.account,
        "principal": key.holder.principal,
        "policies": _policies_text(key.holder.policies),
        "status": key.status.value,
        "created_at": milliseconds(key.created_at),
        "expires_at": None if key.expires_at is None else milliseconds(key.expires_at),
        "sealed_secret": key.sealed_secret,
        "token_digest": key.token_digest,
    }


def _key(row: Row[*tuple[object, ...]]) -> AccessKey:
    policies = tuple(NamedPolicy(one["name"], one["document"]) for one in json.loads(row.policies))
    return AccessKey(
        id=row.id,
        holder=Holder(row.account, row.principal, policies),
        status=KeyStatus(row.status),
        created_at=moment(row.created_at),
        expires_at=None if row.expires_at is None else moment(row.expires_at),
        sealed_secret=row.sealed_secret,
        token_digest=row.token_digest,
    )


def _policies_text(policies: Iterable[NamedPolicy]) -> str:
    return json.dumps([{"name": one.name, "document": one.document} for one in policies])
