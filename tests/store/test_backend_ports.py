"""Backends of one node that cannot share a port."""

from collections.abc import AsyncIterator, Sequence

import pytest
from sqlalchemy import URL

from gossamer.errors import InvalidSpec
from gossamer.model.kind import Kind
from gossamer.model.spec import Spec
from gossamer.store.store import Store
from tests.store.test_store import AUTHOR, MESH, NODE, opened, ref, spec

CALLER = ref(Kind.VIRTUAL_NODE, "caller")


@pytest.fixture
async def store(url: URL) -> AsyncIterator[Store]:
    """Two services on port 80, HTTP by a router and TCP by a node."""
    found = await opened(url)
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    listener = {"portMapping": {"port": 80, "protocol": "http"}}
    await found.create(
        ref(Kind.VIRTUAL_ROUTER, "r"), spec(Kind.VIRTUAL_ROUTER, {"listeners": [listener]}), author=AUTHOR
    )
    tcp = {**NODE, "listeners": [{"portMapping": {"port": 80, "protocol": "tcp"}}]}
    await found.create(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, tcp), author=AUTHOR)
    await provide(found, "web", {"virtualRouter": {"virtualRouterName": "r"}})
    await provide(found, "database", {"virtualNode": {"virtualNodeName": "n"}})
    yield found
    await found.close()


async def provide(store: Store, name: str, provider: object) -> None:
    written = spec(Kind.VIRTUAL_SERVICE, {"provider": provider})
    await store.create(ref(Kind.VIRTUAL_SERVICE, name), written, author=AUTHOR)


def calling(names: Sequence[str], **more: object) -> Spec:
    backends = [{"virtualService": {"virtualServiceName": name}} for name in names]
    return spec(Kind.VIRTUAL_NODE, {"backends": backends, **more})


async def test_two_protocols_on_one_port_are_refused_with_both_names(store: Store) -> None:
    sentence = (
        r"spec\.backends\[1\]\.virtualService\.virtualServiceName: is TCP on port 80, where web is HTTP: "
        "one port cannot be both, give one of them another"
    )
    with pytest.raises(InvalidSpec, match=sentence):
        await store.create(CALLER, calling(["web", "database"]), author=AUTHOR)
    await store.create(CALLER, calling(["web", "later"]), author=AUTHOR)
    with pytest.raises(InvalidSpec, match="is HTTP on port 80, where database is TCP"):
        await store.update(CALLER, calling(["database", "web"]), author=AUTHOR)


async def test_a_node_that_came_to_clash_later_can_still_be_changed_otherwise(store: Store) -> None:
    await store.create(CALLER, calling(["web", "late"]), author=AUTHOR)
    await provide(store, "late", {"virtualNode": {"virtualNodeName": "n"}})
    log = {"logging": {"accessLog": {"file": {"path": "/dev/stdout"}}}}
    await store.update(CALLER, calling(["web", "late"], **log), author=AUTHOR)
