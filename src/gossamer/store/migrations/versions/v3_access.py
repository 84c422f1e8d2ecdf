"""Access keys, shares and the audit log: a server of an earlier version would let everybody in."""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Text

revision: Final = "3"
down_revision: Final = "2"
opens_to: Final = 3
loses: Final = "access keys, shares and the audit log"

_SEQUENCE: Final = BigInteger().with_variant(Integer, "sqlite")


def upgrade() -> None:
    """Who may come in, and what was done."""
    op.create_table(
        "access_keys",
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
    op.create_table(
        "shares",
        Column("account", String, primary_key=True),
        Column("mesh", String, primary_key=True),
        Column("consumer", String, primary_key=True),
        Column("created_at", BigInteger, nullable=False),
    )
    op.create_index("shares_by_consumer", "shares", ["consumer"])
    op.create_table(
        "access_state",
        Column("id", Integer, primary_key=True),
        Column("version", BigInteger, nullable=False),
    )
    _make_audit()


def downgrade() -> None:
    """Everybody may come in."""
    for table in ("audit", "access_state", "shares", "access_keys"):
        op.drop_table(table)


def _make_audit() -> None:
    op.create_table(
        "audit",
        Column("sequence", _SEQUENCE, primary_key=True, autoincrement=True),
        Column("at", _SEQUENCE, nullable=False),
        Column("name", String, nullable=False),
        Column("account", String),
        Column("principal", String),
        Column("key", String),
        Column("source", String, nullable=False),
        Column("is_read_only", Boolean, nullable=False),
        Column("error", String),
        Column("resource", String),
        Column("record", Text, nullable=False),
    )
    op.create_index("audit_by_time", "audit", ["at"])
