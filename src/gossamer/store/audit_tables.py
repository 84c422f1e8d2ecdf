"""The table of the audit log, and its statements. Times are whole milliseconds since 1970, UTC."""

from typing import Final

from sqlalchemy import Boolean, Column, Index, String, Table, Text, bindparam, delete, insert, select

from gossamer.store.prepared import Prepared
from gossamer.store.schema import METADATA, SEQUENCE

AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("sequence", SEQUENCE, primary_key=True, autoincrement=True),
    Column("at", SEQUENCE, nullable=False),
    Column("name", String, nullable=False),
    Column("account", String),
    Column("principal", String),
    Column("key", String),
    Column("source", String, nullable=False),
    Column("is_read_only", Boolean, nullable=False),
    Column("error", String),
    Column("resource", String),
    Column("record", Text, nullable=False),
    Index("audit_by_time", "at"),
)

ADD: Final = Prepared(insert(AUDIT))
OLD: Final = select(AUDIT.c.sequence).where(AUDIT.c.at < bindparam("before")).limit(bindparam("most"))
REMOVE: Final = delete(AUDIT).where(AUDIT.c.sequence.in_(OLD.scalar_subquery()))
