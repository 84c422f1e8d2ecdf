"""What the log tells of a mesh, and how many writes are judged as one."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from gossamer.clock import SystemClock
from gossamer.errors import InUse, InvalidSpec, NotFound
from gossamer.model.kind import Kind
from gossamer.store.batch import Batch
from gossamer.store.history import PastQuery
from gossamer.store.log import Action
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from tests.store.test_store import AUTHOR, MESH, ref, spec

NODE = ref(Kind.VIRTUAL_NODE, "a")
ROUTER = ref(Kind.VIRTUAL_ROUTER, "r")
ROUTE = ref(Kind.ROUTE, "one", "r")


def listening(*ports: int) -> dict[str, object]:
    return {"listeners": [{"portMapping": {"port": port, "protocol": "http"}} for port in ports]}


def node(*ports: int) -> dict[str, object]:
    return {**listening(*ports), "serviceDiscovery": {"dns": {"hostname": "a.local"}}}


def route(port: int | None = None, target_port: int | None = None) -> dict[str, object]:
    target = {"virtualNode": "a", "weight": 1} | ({} if target_port is None else {"port": target_port})
    match = {"prefix": "/"} | ({} if port is None else {"port": port})
    return {"httpRoute": {"action": {"weightedTargets": [target]}, "match": match}}


@pytest.fixture
async def store(url: URL) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(url, rules=Rules(), clock=SystemClock())
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    yield found
    await found.close()


async def test_history_tells_who_did_what_newest_first_and_page_by_page(store: SqlStore) -> None:
    await store.create(NODE, spec(Kind.VIRTUAL_NODE, node(80)), author=AUTHOR)
    await store.update(NODE, spec(Kind.VIRTUAL_NODE, node(81)), author=AUTHOR)
    await store.delete(NODE, author=AUTHOR)
    page = await store.history.page(MESH.key, PastQuery(limit=3))
    assert [one.action for one in page.entries] == [Action.DELETE, Action.UPDATE, Action.CREATE]
    assert {one.principal for one in page.entries} == {AUTHOR.principal}
    rest = await store.history.page(MESH.key, PastQuery(before=page.next))
    assert [one.ref for one in rest.entries] == [MESH]
    only = await store.history.page(MESH.key, PastQuery(ref=MESH))
    assert only == rest


async def test_a_mesh_is_told_as_it_was_at_any_moment_with_its_labels(store: SqlStore) -> None:
    await store.create(NODE, spec(Kind.VIRTUAL_NODE, node(80)), author=AUTHOR, tags={"team": "a"})
    first = await store.history.last(MESH.key)
    await store.tags.put(NODE, {"team": "b"}, author=AUTHOR)
    await store.update(NODE, spec(Kind.VIRTUAL_NODE, node(81)), author=AUTHOR)
    await store.delete(NODE, author=AUTHOR)
    await store.create(NODE, spec(Kind.VIRTUAL_NODE, node(82)), author=AUTHOR)
    last = await store.history.last(MESH.key)

    def tell(batch: Batch) -> list[tuple[object, object]]:
        found = [batch.then(MESH.key, moment).get(NODE) for moment in range(first - 1, last + 1)]
        return [(None, None) if one is None else (one.spec, dict(one.tags)) for one in found]

    was = [spec(Kind.VIRTUAL_NODE, node(port)) for port in (80, 81, 82)]
    assert await store.batches.carry_out(tell, author=AUTHOR) == [
        (None, None),
        (was[0], {"team": "a"}),
        (was[0], {"team": "b"}),
        (was[1], {"team": "b"}),
        (None, None),
        (was[2], {}),
    ]
    moves = await store.history.moves(MESH.key, first, last)
    assert [(one.ref, one.before and one.before.spec, one.after and one.after.spec) for one in moves] == [
        (NODE, was[0], was[2])
    ]


async def test_a_batch_is_judged_by_where_it_ends(store: SqlStore) -> None:
    await store.create(ROUTER, spec(Kind.VIRTUAL_ROUTER, listening(80)), author=AUTHOR)
    await store.create(NODE, spec(Kind.VIRTUAL_NODE, node(80)), author=AUTHOR)
    await store.create(ROUTE, spec(Kind.ROUTE, route()), author=AUTHOR)
    two_ports = spec(Kind.VIRTUAL_NODE, node(80, 81))
    with pytest.raises(InvalidSpec):
        await store.update(NODE, two_ports, author=AUTHOR)

    def both(batch: Batch) -> int | None:
        before = batch.get(NODE)
        batch.update(NODE, two_ports)
        batch.update(ROUTE, spec(Kind.ROUTE, route(target_port=81)))
        batch.judge(NODE, None if before is None else before.spec)
        return batch.sequence

    assert await store.batches.carry_out(both, author=AUTHOR) == await store.history.last(MESH.key)
    assert (await store.get(NODE)).spec == two_ports


async def test_what_a_batch_leaves_in_use_takes_all_of_it_back(store: SqlStore) -> None:
    await store.create(ROUTER, spec(Kind.VIRTUAL_ROUTER, listening(80)), author=AUTHOR)
    await store.create(ROUTE, spec(Kind.ROUTE, route()), author=AUTHOR)
    last = await store.history.last(MESH.key)

    def half(batch: Batch) -> None:
        batch.delete(ROUTER)
        batch.judge(ROUTER, None)

    with pytest.raises(InUse):
        await store.batches.carry_out(half, author=AUTHOR)
    assert await store.history.last(MESH.key) == last


async def test_a_rehearsal_tells_its_result_and_leaves_nothing(store: SqlStore) -> None:
    def create(batch: Batch) -> int:
        return batch.create(NODE, spec(Kind.VIRTUAL_NODE, node(80)), {}).version

    assert await store.batches.carry_out(create, author=AUTHOR, is_rehearsal=True) == 1
    with pytest.raises(NotFound):
        await store.get(NODE)
