"""The tables of who may come in, and every statement on them.

`access_state` holds one row whose version moves with every change: a running server asks for one number to
know whether anything is new. Secrets are sealed, see `vault`.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
)
from sqlalchemy import update as update_statement

from gossamer.store.schema import METADATA

ACCESS_KEYS: Final = Table(
    "access_keys",
    METADATA,
    Column("id", String, primary_key=True),
    Column("account", String, nullable=False),
    Column("principal", String, nullable=False),
    Column("policies", Text, nullable=False),
    Column("status", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    Column("sealed_secret", String, nullable=False),
    Column("token_digest", String),
)

#: Which accounts may use a mesh of another one.
SHARES: Final = Table(
    "shares",
    METADATA,
    Column("account", String, primary_key=True),
    Column("mesh", String, primary_key=True),
    Column("consumer", String, primary_key=True),
    Column("created_at", BigInteger, nullable=False),
    Index("shares_by_consumer", "consumer"),
)

ACCESS_STATE: Final = Table(
    "access_state",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

_THIS_KEY: Final = ACCESS_KEYS.c.id == bindparam("key_id")
_THIS_MESH: Final = (SHARES.c.account == bindparam("owner"), SHARES.c.mesh == bindparam("of_mesh"))

ADD_KEY: Final = insert(ACCESS_KEYS)
ALL_KEYS: Final = select(ACCESS_KEYS).order_by(
    ACCESS_KEYS.c.account, ACCESS_KEYS.c.principal, ACCESS_KEYS.c.id
)
KEY: Final = select(ACCESS_KEYS).where(_THIS_KEY)
CHANGE_KEY: Final = update_statement(ACCESS_KEYS).where(_THIS_KEY)
REMOVE_KEY: Final = delete(ACCESS_KEYS).where(_THIS_KEY)

ADD_SHARE: Final = insert(SHARES)
ALL_SHARES: Final = select(SHARES).order_by(SHARES.c.account, SHARES.c.mesh, SHARES.c.consumer)
REMOVE_SHARE: Final = delete(SHARES).where(*_THIS_MESH, SHARES.c.consumer == bindparam("of_consumer"))
REMOVE_SHARES_OF: Final = delete(SHARES).where(*_THIS_MESH)

VERSION: Final = select(ACCESS_STATE.c.version)
FIRST_VERSION: Final = insert(ACCESS_STATE).values(id=1, version=1)
NEXT_VERSION: Final = update_statement(ACCESS_STATE).values(version=ACCESS_STATE.c.version + 1)
