"""The tables, in SQL that SQLite and PostgreSQL share.

Times are whole milliseconds since 1970, UTC. An absent parent is the empty string, because NULLs are never
equal in a unique key. `revisions` is only ever added to.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

SCHEMA_VERSION: Final = 1

METADATA: Final = MetaData()

#: The members of a resource's name, in the order in which collections are read.
PLACE: Final = ("account", "kind", "mesh", "parent", "name")

#: SQLite numbers rows by itself only in a column of exactly the type INTEGER.
_SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")

RESOURCES: Final = Table(
    "resources",
    METADATA,
    *(Column(part, String, primary_key=True) for part in PLACE),
    Column("uid", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("last_updated_at", BigInteger, nullable=False),
    Column("owner", String, nullable=False),
    Column("tags", Text, nullable=False),
    Column("spec", Text, nullable=False),
)

REVISIONS: Final = Table(
    "revisions",
    METADATA,
    Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("principal", String, nullable=False),
    *(Column(part, String, nullable=False) for part in PLACE),
    Column("uid", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("owner", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
)

#: Which resource names which other one in a way that keeps the other from being deleted.
USES: Final = Table(
    "uses",
    METADATA,
    *(Column(part, String, primary_key=True) for part in PLACE),
    Column("used_kind", String, primary_key=True),
    Column("used_name", String, primary_key=True),
    ForeignKeyConstraint(PLACE, [f"resources.{part}" for part in PLACE], ondelete="CASCADE"),
    Index("uses_by_used", "account", "mesh", "used_kind", "used_name"),
)

CLIENT_TOKENS: Final = Table(
    "client_tokens",
    METADATA,
    Column("account", String, primary_key=True),
    Column("operation", String, primary_key=True),
    Column("token", String, primary_key=True),
    Column("digest", String, nullable=False),
    Column("uid", String, nullable=False),
    Column("at", BigInteger, nullable=False, index=True),
    sqlite_with_rowid=False,
)

#: One row: what this database is.
STORE: Final = Table(
    "store",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("secret", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
