"""Resources, the log of their revisions, and which uses which."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, ForeignKeyConstraint, Integer, String, Text, column

revision: Final = "1"
down_revision: Final = None
opens_to: Final = 1
loses: Final = "everything"

_PLACE: Final = ("account", "kind", "mesh", "parent", "name")
_NAME: Final = String().with_variant(String(collation="C"), "postgresql")
_SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Make the first tables."""
    op.create_table(
        "resources",
        *(Column(part, _NAME, primary_key=True) for part in _PLACE),
        Column("uid", String, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("last_updated_at", BigInteger, nullable=False),
        Column("owner", String, nullable=False),
        Column("tags", Text, nullable=False),
        Column("spec", Text, nullable=False),
    )
    _make_revisions()
    op.create_table(
        "uses",
        *(Column(part, _NAME, primary_key=True) for part in _PLACE),
        Column("used_kind", String, primary_key=True),
        Column("used_name", _NAME, primary_key=True),
        ForeignKeyConstraint(_PLACE, [f"resources.{part}" for part in _PLACE], ondelete="CASCADE"),
    )
    op.create_index("uses_by_used", "uses", ["account", "mesh", "used_kind", "used_name"])
    op.create_table(
        "store",
        Column("id", Integer, primary_key=True),
        Column("schema_version", Integer, nullable=False),
        Column("secret", String, nullable=False),
        Column("created_at", BigInteger, nullable=False),
    )


def downgrade() -> None:
    """Leave nothing."""
    for table in ("store", "uses", "revisions", "resources"):
        op.drop_table(table)


def _make_revisions() -> None:
    op.create_table(
        "revisions",
        Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        Column("at", BigInteger, nullable=False),
        Column("action", String, nullable=False),
        Column("principal", String, nullable=False),
        *(Column(part, _NAME, nullable=False) for part in _PLACE),
        Column("uid", String, nullable=False),
        Column("version", BigInteger, nullable=False),
        Column("created_at", BigInteger, nullable=False),
        Column("owner", String, nullable=False),
        Column("before", Text),
        Column("after", Text),
        Column("token", String),
        Column("digest", String),
    )
    with_token = column("token").is_not(None)
    op.create_index(
        "revisions_by_token",
        "revisions",
        ["token", "principal"],
        sqlite_where=with_token,
        postgresql_where=with_token,
    )
