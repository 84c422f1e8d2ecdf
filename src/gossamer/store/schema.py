"""The tables, in SQL that SQLite and PostgreSQL share.

Times are whole milliseconds since 1970, UTC. An absent parent is the empty string, because NULLs are never
equal in a unique key. `revisions` is only ever added to.
"""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    event,
)

#: What these tables are; `migrations` holds how they became so.
SCHEMA_VERSION: Final = 5

#: The oldest version whose Gossamer may go on with these tables.
OPENS_TO: Final = 3

#: Where Alembic notes the version that a database has; earlier than 4 there was only the table `store`.
VERSION_TABLE: Final = "gossamer_schema"

METADATA: Final = MetaData()

#: The members of a resource's name, in the order in which collections are read.
PLACE: Final = ("account", "kind", "mesh", "parent", "name")

#: SQLite numbers rows by itself only in a column of exactly the type INTEGER.
SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")

#: Names are compared and ordered by their bytes, whatever the language of a PostgreSQL server.
_NAME: Final = String().with_variant(String(collation="C"), "postgresql")

RESOURCES: Final = Table(
    "resources",
    METADATA,
    *(Column(part, _NAME, primary_key=True) for part in PLACE),
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
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", BigInteger, nullable=False),
    Column("action", String, nullable=False),
    Column("principal", String, nullable=False),
    *(Column(part, _NAME, nullable=False) for part in PLACE),
    Column("uid", String, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("owner", String, nullable=False),
    Column("before", Text),
    Column("after", Text),
    Column("token", String),
    Column("digest", String),
    Column("tags", Text),
)

_HAS_TOKEN: Final = REVISIONS.c.token.is_not(None)

#: By client token, of the entries that have one.
REVISIONS_BY_TOKEN: Final = Index(
    "revisions_by_token", REVISIONS.c.token, REVISIONS.c.principal, sqlite_where=_HAS_TOKEN
)


@event.listens_for(REVISIONS_BY_TOKEN, "before_create")
def _in_part(index: Index, connection: Connection, **_: object) -> None:
    """The same of PostgreSQL; told of it earlier, SQLAlchemy would load all that it has for that engine."""
    if connection.dialect.name == "postgresql":
        index.dialect_kwargs["postgresql_where"] = _HAS_TOKEN


#: By mesh, in the order of the log: what its history is read by.
Index("revisions_by_mesh", REVISIONS.c.account, REVISIONS.c.mesh, REVISIONS.c.sequence)

#: Which resource names which other one in a way that keeps the other from being deleted.
USES: Final = Table(
    "uses",
    METADATA,
    *(Column(part, _NAME, primary_key=True) for part in PLACE),
    Column("used_kind", String, primary_key=True),
    Column("used_name", _NAME, primary_key=True),
    ForeignKeyConstraint(PLACE, [f"resources.{part}" for part in PLACE], ondelete="CASCADE"),
    Index("uses_by_used", "account", "mesh", "used_kind", "used_name"),
)

#: One row: what this database is. `schema_version` is the oldest version whose Gossamer may go on with it; a
#: Gossamer that only knows earlier ones refuses it.
STORE: Final = Table(
    "store",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("schema_version", Integer, nullable=False),
    Column("secret", String, nullable=False),
    Column("created_at", BigInteger, nullable=False),
)
