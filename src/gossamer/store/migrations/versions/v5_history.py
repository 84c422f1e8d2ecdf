"""The log of a mesh is read by its mesh: history, and what a mesh was at a moment."""

from typing import Final

from alembic import op

revision: Final = "5"
down_revision: Final = "4"
opens_to: Final = 3
loses: Final = ""


def upgrade() -> None:
    """Make the index."""
    op.create_index("revisions_by_mesh", "revisions", ["account", "mesh", "sequence"])


def downgrade() -> None:
    """Do without."""
    op.drop_index("revisions_by_mesh", "revisions")
