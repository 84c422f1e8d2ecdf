"""Resources put into a database without a server."""

import asyncio
from pathlib import Path

from gossamer.clock import SystemClock
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Rules


def new_mesh(data: Path, key: MeshKey) -> None:
    """A mesh without anything in it."""

    async def write() -> None:
        store = await SqlStore.open(sqlite_url(data / "gossamer.db"), rules=Rules(), clock=SystemClock())
        ref = Ref(key.account, key.mesh, Kind.MESH, key.mesh)
        await store.create(ref, MeshSpec(), author=Author(key.account, f"arn:aws:iam::{key.account}:root"))
        await store.close()

    asyncio.run(write())
