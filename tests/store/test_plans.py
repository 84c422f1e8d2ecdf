"""Plans: what belongs together is written as a whole, or not at all."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from gossamer.clock import SystemClock
from gossamer.errors import Conflict
from gossamer.model.kind import Kind
from gossamer.model.revision import Revision
from gossamer.store.sql import SqlStore
from gossamer.store.store import Author, Desk, Rules
from tests.store.test_store import ACCOUNT, AUTHOR, MESH, NODE, ref, spec

FIRST, SECOND = ref(Kind.VIRTUAL_NODE, "a"), ref(Kind.VIRTUAL_NODE, "b")
FULL = spec(Kind.VIRTUAL_NODE, NODE)
EMPTY = spec(Kind.VIRTUAL_NODE, {})
TOKEN = Author(ACCOUNT, AUTHOR.principal, "token")


@pytest.fixture
async def store(url: URL) -> AsyncIterator[SqlStore]:
    found = await SqlStore.open(url, rules=Rules(), clock=SystemClock())
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    yield found
    await found.close()


def both(desk: Desk) -> Revision:
    first = desk.create(FIRST, FULL, said="both")
    desk.create(SECOND, EMPTY)
    return first


async def test_a_plan_sees_what_it_wrote_and_everybody_sees_it_after(store: SqlStore) -> None:
    def plan(desk: Desk) -> Revision:
        assert desk.get(FIRST) is None
        both(desk)
        desk.delete(SECOND)
        return desk.update(FIRST, EMPTY)

    sequence, _ = await store.all()
    assert (await store.plans.carry_out(plan, author=AUTHOR)).version == 2
    assert (await store.get(FIRST)).spec == EMPTY
    changes = [(change.ref, change.revision is None) for change in await store.changes(sequence)]
    assert changes == [(FIRST, False), (SECOND, False), (SECOND, True), (FIRST, False)]


async def test_what_a_plan_raises_takes_back_all_that_it_wrote(store: SqlStore) -> None:
    await store.create(SECOND, EMPTY, author=AUTHOR)
    sequence, _ = await store.all()
    with pytest.raises(Conflict):
        await store.plans.carry_out(both, author=AUTHOR)
    assert await store.changes(sequence) == ()
    assert await store.plans.look(lambda look: look.get(FIRST)) is None


async def test_a_repeated_plan_writes_nothing_and_has_the_same_answer(store: SqlStore) -> None:
    first = await store.plans.carry_out(both, author=TOKEN)
    await store.delete(SECOND, author=AUTHOR)
    assert await store.plans.carry_out(both, author=TOKEN) == first
    assert await store.plans.look(lambda look: look.get(SECOND)) is None


async def test_a_token_belongs_to_what_the_client_said_not_to_what_became_of_it(store: SqlStore) -> None:
    await store.create(FIRST, EMPTY, author=AUTHOR)
    await store.plans.carry_out(lambda desk: desk.update(FIRST, FULL, said="same"), author=TOKEN)
    again = await store.plans.carry_out(lambda desk: desk.update(FIRST, EMPTY, said="same"), author=TOKEN)
    assert again.spec == FULL
    with pytest.raises(Conflict):
        await store.plans.carry_out(lambda desk: desk.update(FIRST, FULL, said="other"), author=TOKEN)


async def test_a_look_tells_who_names_a_resource_and_what_lives_under_it(store: SqlStore) -> None:
    router, service = ref(Kind.VIRTUAL_ROUTER, "r"), ref(Kind.VIRTUAL_SERVICE, "s.local")
    await store.create(router, spec(Kind.VIRTUAL_ROUTER, {}), author=AUTHOR)
    provider = {"provider": {"virtualRouter": {"virtualRouterName": "r"}}}
    await store.create(service, spec(Kind.VIRTUAL_SERVICE, provider), author=AUTHOR)
    assert await store.plans.look(lambda look: look.users(router, Kind.VIRTUAL_SERVICE)) == (service,)
    assert await store.plans.look(lambda look: look.under(router, Kind.ROUTE)) == {}
