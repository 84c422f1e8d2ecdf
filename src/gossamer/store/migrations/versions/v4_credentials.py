"""The certificates of the local authority.

Version 3 made these tables itself when they were first needed, and goes on with them: they may be there, and
the way down leaves them.
"""

from typing import Final

from alembic import op
from sqlalchemy import BigInteger, Column, Integer, String, Text

revision: Final = "4"
down_revision: Final = "3"
opens_to: Final = 3
loses: Final = ""


def upgrade() -> None:
    """Make what is missing."""
    op.create_table(
        "credentials",
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
        if_not_exists=True,
    )
    op.create_table(
        "credential_state",
        Column("id", Integer, primary_key=True),
        Column("version", BigInteger, nullable=False),
        if_not_exists=True,
    )


def downgrade() -> None:
    """Leave them: version 3 knows them."""
