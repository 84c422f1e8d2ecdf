"""Labels in the log of revisions."""

from typing import Final

from alembic import op
from sqlalchemy import Column, Text

revision: Final = "2"
down_revision: Final = "1"
opens_to: Final = 1
loses: Final = "what the log says of labels"


def upgrade() -> None:
    """Entries have labels."""
    op.add_column("revisions", Column("tags", Text))


def downgrade() -> None:
    """Entries have none."""
    op.drop_column("revisions", "tags")
