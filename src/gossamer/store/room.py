"""How much room is left under the limits.

Counting a large collection at every creation would cost more than the creation. So the room that a count
found is remembered and used up by half before the next count; a creation that fails, or a deletion, only
leaves more room than is remembered. Several replicas, each counting for itself, may together overshoot a
limit, never by more than the room that each found.
"""

from typing import Final

from sqlalchemy import Connection

from gossamer.errors import LimitExceeded
from gossamer.model.kind import Kind, Ref
from gossamer.store import statements
from gossamer.store.rows import place
from gossamer.store.store import Limits

_REMEMBERED: Final = 10_000


class Room:
    """The limits, and what is known to be left under them. Belongs to the writer's thread."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._left: dict[tuple[str, Kind, str | None, str | None], int] = {}

    def take(self, connection: Connection, ref: Ref) -> None:
        """Use room for one more resource.

        Raises: LimitExceeded if there is none.
        """
        collection = (ref.account, ref.kind, None if ref.kind is Kind.MESH else ref.mesh, ref.parent)
        left = self._left.get(collection, 0) or self._count(connection, ref)
        if len(self._left) >= _REMEMBERED:
            self._left.clear()
        self._left[collection] = left - 1

    def _count(self, connection: Connection, ref: Ref) -> int:
        """How many creations may go by before the next count; at least one."""
        statement = statements.MESH_COUNT if ref.kind is Kind.MESH else statements.COLLECTION_COUNT
        limit = self._limits.of(ref.kind)
        left = limit - statement.number(connection, place(ref))
        if left <= 0:
            raise LimitExceeded(_what(ref), limit)
        return (left + 1) // 2


def _what(ref: Ref) -> str:
    if ref.kind is Kind.MESH:
        return f"Meshes of account {ref.account}"
    parent = ref.kind.parent
    return f"{ref.noun}s of " + (f"mesh {ref.mesh}" if parent is None else f"{parent.noun} {ref.parent}")
