"""The tables of certificates, and every statement on them.

`credential_state` holds one row whose version moves with every change: a running server asks for one number
to know whether anything is new. Keys are sealed by the caller.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    insert,
    select,
    update,
)

from gossamer.store.schema import METADATA

CREDENTIALS: Final = Table(
    "credentials",
    METADATA,
    Column("arn", String, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("kind", String, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("sealed_key", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("issuer", String, nullable=False),
    Column("issuer_generation", Integer, nullable=False),
    Column("issues_from", BigInteger),
    Column("retires_at", BigInteger),
    Column("overlap_ms", BigInteger, nullable=False),
)

CREDENTIAL_STATE: Final = Table(
    "credential_state",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)

ALL: Final = select(CREDENTIALS).order_by(CREDENTIALS.c.arn, CREDENTIALS.c.generation)
ADD: Final = insert(CREDENTIALS)
REMOVE: Final = delete(CREDENTIALS).where(
    CREDENTIALS.c.arn == bindparam("of_arn"), CREDENTIALS.c.generation == bindparam("of_generation")
)

VERSION: Final = select(CREDENTIAL_STATE.c.version)
FIRST_VERSION: Final = insert(CREDENTIAL_STATE).values(id=1, version=1)
HOLD_VERSION: Final = update(CREDENTIAL_STATE).values(version=CREDENTIAL_STATE.c.version)
NEXT_VERSION: Final = update(CREDENTIAL_STATE).values(version=CREDENTIAL_STATE.c.version + 1)
