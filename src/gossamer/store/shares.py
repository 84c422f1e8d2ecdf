"""Shares: which accounts may use a mesh of another one.

All functions work inside the caller's transaction. A share goes with its mesh.
Source: App Mesh user guide, shared meshes.
"""

import datetime
from dataclasses import dataclass

from sqlalchemy import Connection

from gossamer.errors import MeshError, NotFound
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.store import access_tables as tables
from gossamer.store import statements
from gossamer.store.rows import milliseconds, moment, place


class NotShared(MeshError):
    """The mesh is not shared with that account."""

    def __str__(self) -> str:
        """Which mesh, with whom."""
        key, consumer = self.args
        return f"Mesh {key.mesh} of account {key.account} is not shared with account {consumer}"


@dataclass(frozen=True, slots=True)
class Share:
    """One account that may use one mesh."""

    mesh: MeshKey
    consumer: str
    created_at: datetime.datetime


def add(connection: Connection, mesh: MeshKey, consumer: str, now: datetime.datetime) -> bool:
    """Share a mesh; False if it was shared with that account already.

    Raises: NotFound if there is no such mesh.
    """
    ref = Ref(mesh.account, mesh.mesh, Kind.MESH, mesh.mesh)
    if statements.IS_THERE.row(connection, place(ref)) is None:
        raise NotFound(ref)
    if any(one.mesh == mesh and one.consumer == consumer for one in every(connection)):
        return False
    row = {"account": mesh.account, "mesh": mesh.mesh, "consumer": consumer, "created_at": milliseconds(now)}
    connection.execute(tables.ADD_SHARE, row)
    connection.execute(tables.NEXT_VERSION)
    return True


def every(connection: Connection) -> tuple[Share, ...]:
    """Every share, by mesh."""
    return tuple(
        Share(MeshKey(row.account, row.mesh), row.consumer, moment(row.created_at))
        for row in connection.execute(tables.ALL_SHARES)
    )


def remove(connection: Connection, mesh: MeshKey, consumer: str) -> None:
    """Share a mesh no longer; what the other account made in it stays.

    Raises: NotShared.
    """
    asked = {"owner": mesh.account, "of_mesh": mesh.mesh, "of_consumer": consumer}
    if not connection.execute(tables.REMOVE_SHARE, asked).rowcount:
        raise NotShared(mesh, consumer)
    connection.execute(tables.NEXT_VERSION)


def forget(connection: Connection, mesh: MeshKey) -> None:
    """A mesh is no more, and so are its shares."""
    asked = {"owner": mesh.account, "of_mesh": mesh.mesh}
    if connection.execute(tables.REMOVE_SHARES_OF, asked).rowcount:
        connection.execute(tables.NEXT_VERSION)
