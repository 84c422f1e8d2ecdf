"""${message}."""

from typing import Final

from alembic import op

revision: Final = "${up_revision}"
down_revision: Final = "${down_revision}"
opens_to: Final = ${up_revision}
loses: Final = ""


def upgrade() -> None:
    """${upgrades if upgrades else "Nothing to do."}"""


def downgrade() -> None:
    """${downgrades if downgrades else "Nothing to do."}"""
