"""Resources put into a database without a server."""

import asyncio
import json
from pathlib import Path

from gossamer.clock import SystemClock
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Rules


def new_mesh(data: Path, key: MeshKey) -> None:
    """A mesh without anything in it."""
    asyncio.run(_created(data, Ref(key.account, key.mesh, Kind.MESH, key.mesh), MeshSpec()))


def new_node(data: Path, key: MeshKey, name: str) -> None:
    """A virtual node in a mesh that is there, with a listener."""
    spec = {
        "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": f"{name}.local"}},
    }
    ref = Ref(key.account, key.mesh, Kind.VIRTUAL_NODE, name)
    asyncio.run(_created(data, ref, VirtualNodeSpec.from_json(json.dumps(spec))))


async def _created(data: Path, ref: Ref, spec: Spec) -> None:
    store = await SqlStore.open(sqlite_url(data / "gossamer.db"), rules=Rules(), clock=SystemClock())
    await store.create(ref, spec, author=Author(ref.account, f"arn:aws:iam::{ref.account}:root"))
    await store.close()
