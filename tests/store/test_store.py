"""What every store must do; written against the protocol, run on both engines."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from gossamer.clock import SystemClock
from gossamer.errors import Conflict, InUse, InvalidSpec, NotFound
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Status
from gossamer.model.spec import Spec
from gossamer.model.specs import spec_from_json
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Collection, Rules, Store

ACCOUNT = "000000000000"
AUTHOR = Author(ACCOUNT, "arn:aws:iam::000000000000:root")
NODE = {
    "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n.local"}},
}


def ref(kind: Kind, name: str, parent: str | None = None) -> Ref:
    return Ref(ACCOUNT, "m", kind, name, parent)


MESH = ref(Kind.MESH, "m")


def spec(kind: Kind, written: object) -> Spec:
    return spec_from_json(kind, json.dumps(written))


async def opened(url: URL, *, strict: bool = False) -> SqlStore:
    return await SqlStore.open(url, rules=Rules(strict_references=strict), clock=SystemClock())


@pytest.fixture
async def store(url: URL) -> AsyncIterator[Store]:
    found = await opened(url)
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    yield found
    await found.close()


async def create_node(store: Store, name: str) -> None:
    await store.create(ref(Kind.VIRTUAL_NODE, name), spec(Kind.VIRTUAL_NODE, NODE), author=AUTHOR)


async def test_what_was_created_is_read_back(store: Store) -> None:
    await create_node(store, "n")
    found = await store.get(ref(Kind.VIRTUAL_NODE, "n"))
    assert (found.version, found.status, found.owner) == (1, Status.ACTIVE, ACCOUNT)
    assert found.spec == spec(Kind.VIRTUAL_NODE, NODE)


async def test_an_update_replaces_the_spec_and_counts_on(store: Store) -> None:
    await create_node(store, "n")
    after = await store.update(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
    assert after.version == 2
    assert (await store.get(ref(Kind.VIRTUAL_NODE, "n"))).spec == spec(Kind.VIRTUAL_NODE, {})


async def test_a_name_that_is_taken_is_a_conflict(store: Store) -> None:
    await create_node(store, "n")
    with pytest.raises(Conflict):
        await create_node(store, "n")


async def test_a_repeated_request_with_the_same_token_is_answered_as_before(store: Store) -> None:
    author = Author(ACCOUNT, AUTHOR.principal, "token")
    place = ref(Kind.VIRTUAL_NODE, "n")
    first = await store.create(place, spec(Kind.VIRTUAL_NODE, NODE), author=author)
    assert await store.create(place, spec(Kind.VIRTUAL_NODE, NODE), author=author) == first
    with pytest.raises(Conflict, match="token"):
        await store.create(place, spec(Kind.VIRTUAL_NODE, {}), author=author)


async def test_a_name_created_again_has_another_uid(store: Store) -> None:
    await create_node(store, "n")
    first = await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)
    assert (first.status, first.version) == (Status.DELETED, 2)
    await create_node(store, "n")
    second = await store.get(ref(Kind.VIRTUAL_NODE, "n"))
    assert second.uid != first.uid
    assert second.version == 1


async def test_what_is_not_there_is_not_found(store: Store) -> None:
    sentence = "VirtualNode with name n is not present under mesh m for account 000000000000"
    with pytest.raises(NotFound, match=sentence):
        await store.get(ref(Kind.VIRTUAL_NODE, "n"))
    with pytest.raises(NotFound):
        await store.update(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
    with pytest.raises(NotFound):
        await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)
    with pytest.raises(NotFound, match="VirtualRouter with name r"):
        await store.create(ref(Kind.ROUTE, "x", "r"), route("n"), author=AUTHOR)


def route(node: str, **match: object) -> Spec:
    target = {"virtualNode": node, "weight": 1}
    http = {"match": {"prefix": "/", **match}, "action": {"weightedTargets": [target]}}
    return spec(Kind.ROUTE, {"httpRoute": http})


async def create_router(store: Store, *ports: int) -> None:
    listeners = [{"portMapping": {"port": port, "protocol": "http"}} for port in ports]
    router = spec(Kind.VIRTUAL_ROUTER, {"listeners": listeners})
    await store.create(ref(Kind.VIRTUAL_ROUTER, "r"), router, author=AUTHOR)


async def test_what_others_need_cannot_be_deleted(store: Store) -> None:
    await create_node(store, "n")
    await create_router(store, 80)
    await store.create(ref(Kind.ROUTE, "x", "r"), route("n"), author=AUTHOR)
    provider = {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}
    service = ref(Kind.VIRTUAL_SERVICE, "s.local")
    await store.create(service, spec(Kind.VIRTUAL_SERVICE, provider), author=AUTHOR)
    for needed, why in (
        (ref(Kind.VIRTUAL_NODE, "n"), "it is the target of one or more routes"),
        (ref(Kind.VIRTUAL_ROUTER, "r"), "has one or more routes"),
        (MESH, "please delete"),
    ):
        with pytest.raises(InUse, match=why):
            await store.delete(needed, author=AUTHOR)
    for gone in (
        service,
        ref(Kind.ROUTE, "x", "r"),
        ref(Kind.VIRTUAL_ROUTER, "r"),
        ref(Kind.VIRTUAL_NODE, "n"),
        MESH,
    ):
        await store.delete(gone, author=AUTHOR)
    assert (await store.all())[1] == ()


async def test_a_reference_may_dangle(store: Store) -> None:
    await create_router(store, 80)
    await store.create(ref(Kind.ROUTE, "x", "r"), route("nobody"), author=AUTHOR)


async def test_a_strict_store_refuses_a_reference_that_dangles(url: URL) -> None:
    store = await opened(url, strict=True)
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    await create_router(store, 80)
    with pytest.raises(NotFound, match="VirtualNode with name nobody"):
        await store.create(ref(Kind.ROUTE, "x", "r"), route("nobody"), author=AUTHOR)
    await store.close()


async def test_a_route_of_a_router_with_several_listeners_must_name_its_port(store: Store) -> None:
    await create_router(store, 80, 81)
    with pytest.raises(InvalidSpec, match="Route must define a port match criteria"):
        await store.create(ref(Kind.ROUTE, "x", "r"), route("n"), author=AUTHOR)
    await store.create(ref(Kind.ROUTE, "x", "r"), route("n", port=81), author=AUTHOR)


async def test_pages_come_in_the_order_of_names_and_end(store: Store) -> None:
    for name in ("c", "a", "b"):
        await create_node(store, name)
    collection = Collection(ACCOUNT, Kind.VIRTUAL_NODE, "m")
    first = await store.list(collection, limit=2)
    second = await store.list(collection, limit=2, after=first.next or "")
    assert [one.ref.name for one in (*first.revisions, *second.revisions)] == ["a", "b", "c"]
    assert second.next is None


async def test_the_log_holds_every_change_in_order(store: Store) -> None:
    begun, _ = await store.all()
    waiting = asyncio.ensure_future(store.wait(begun))
    await create_node(store, "n")
    await store.update(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
    await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)
    await asyncio.wait_for(waiting, 60)
    changes = await store.changes(begun)
    assert [change.revision.version if change.revision else None for change in changes] == [1, 2, None]
    assert [change.sequence for change in changes] == sorted(change.sequence for change in changes)


async def test_a_hundred_writers_at_once_all_get_their_own_answer(store: Store) -> None:
    async def attempt(number: int) -> bool:
        try:
            await create_node(store, f"n{number % 80}")
        except Conflict:
            return False
        return True

    outcomes = await asyncio.gather(*(attempt(number) for number in range(100)))
    assert sum(outcomes) == 80
    page = await store.list(Collection(ACCOUNT, Kind.VIRTUAL_NODE, "m"), limit=100)
    assert len(page.revisions) == 80


async def test_everything_is_there_after_opening_again(url: URL) -> None:
    store = await opened(url)
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    before = (await store.all(), store.secret)
    await store.close()
    again = await opened(url)
    assert (await again.all(), again.secret) == before
    await again.close()


WRITER = """
import asyncio, sys
from sqlalchemy import make_url
from tests.store.test_store import MESH, AUTHOR, Kind, create_node, opened, spec

async def main():
    store = await opened(make_url(sys.argv[1]))
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    async def write(name):
        await create_node(store, name)
        print(name, flush=True)
    for step in range(1000):
        await asyncio.gather(*(write(f"n{step}-{one}") for one in range(8)))

asyncio.run(main())
"""


@pytest.mark.e2e
@pytest.mark.parametrize("acknowledged", [5, 60])
async def test_every_acknowledged_write_survives_kill_9(url: URL, acknowledged: int) -> None:
    command = (sys.executable, "-c", WRITER, url.render_as_string(hide_password=False))
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        names = {process.stdout.readline().strip() for _ in range(acknowledged)}
        process.send_signal(signal.SIGKILL)
        names |= {line.strip() for line in process.stdout if line.endswith("\n")}
    store = await opened(url)
    there = {one.ref.name for one in (await store.all())[1]}
    await store.close()
    assert len(names) >= acknowledged
    assert names <= there


async def test_updates_at_once_each_raise_the_version_by_one_and_the_last_one_stands(store: Store) -> None:
    await create_node(store, "n")
    place = ref(Kind.VIRTUAL_NODE, "n")
    specs = [spec(Kind.VIRTUAL_NODE, {}), spec(Kind.VIRTUAL_NODE, NODE)]
    written = await asyncio.gather(
        *(store.update(place, specs[number % 2], author=AUTHOR) for number in range(20))
    )
    assert sorted(one.version for one in written) == list(range(2, 22))
    assert await store.get(place) == max(written, key=lambda one: one.version)
