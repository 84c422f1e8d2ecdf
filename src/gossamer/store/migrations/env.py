"""What Alembic runs for every command: on the connection that it was handed, inside its transaction."""

from typing import cast

from alembic import context
from sqlalchemy import Connection

from gossamer.store.schema import METADATA, VERSION_TABLE

context.configure(
    connection=cast("Connection", context.config.attributes["connection"]),
    target_metadata=METADATA,
    version_table=VERSION_TABLE,
    # Both engines take back a change of tables with its transaction, SQLite too as we begin it.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
