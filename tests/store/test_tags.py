"""Labels of resources that are there already."""

import contextlib
from collections.abc import AsyncIterator, Iterator

import pytest
from sqlalchemy import URL, Connection, create_engine, text

from gossamer.errors import NotFound, TooManyTags
from gossamer.model.kind import Kind
from gossamer.store.store import Store
from tests.store.test_store import AUTHOR, MESH, NODE, opened, ref, spec

PLACE = ref(Kind.VIRTUAL_NODE, "n")


@contextlib.contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """The database itself, beside the store."""
    engine = create_engine(url)
    with engine.begin() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
async def store(url: URL) -> AsyncIterator[Store]:
    found = await opened(url)
    await found.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    await found.create(
        PLACE, spec(Kind.VIRTUAL_NODE, NODE), author=AUTHOR, tags={"team": "a", "stage": "test"}
    )
    yield found
    await found.close()


async def test_labels_come_with_a_resource_and_are_added_replaced_and_taken_away(store: Store) -> None:
    assert await store.tags.of(PLACE) == {"team": "a", "stage": "test"}
    await store.tags.put(PLACE, {"team": "b", "empty": ""}, author=AUTHOR)
    assert await store.tags.of(PLACE) == {"team": "b", "stage": "test", "empty": ""}
    await store.tags.remove(PLACE, ["stage", "was never there"], author=AUTHOR)
    assert await store.tags.of(PLACE) == {"team": "b", "empty": ""}


async def test_labels_change_neither_version_nor_time_and_an_update_leaves_them_alone(store: Store) -> None:
    before = await store.get(PLACE)
    await store.tags.put(PLACE, {"team": "b"}, author=AUTHOR)
    assert await store.get(PLACE) == before
    await store.update(PLACE, spec(Kind.VIRTUAL_NODE, {}), author=AUTHOR)
    assert await store.tags.of(PLACE) == {"team": "b", "stage": "test"}


async def test_a_resource_carries_fifty_labels_and_no_more(store: Store) -> None:
    await store.tags.put(PLACE, {f"key{number}": "" for number in range(48)}, author=AUTHOR)
    sentence = "VirtualNode with name n may carry at most 50 tags"
    with pytest.raises(TooManyTags, match=sentence):
        await store.tags.put(PLACE, {"one": "", "team": "b"}, author=AUTHOR)
    assert (await store.tags.of(PLACE))["team"] == "a"
    await store.tags.put(PLACE, {"team": "b"}, author=AUTHOR)


async def test_a_change_of_labels_stands_in_the_log_and_none_does_not(store: Store, url: URL) -> None:
    sequence, _ = await store.all()
    await store.tags.put(PLACE, {"team": "a"}, author=AUTHOR)
    assert await store.changes(sequence) == ()
    await store.tags.put(PLACE, {"team": "b"}, author=AUTHOR)
    await store.wait(sequence)
    (change,) = await store.changes(sequence)
    assert change.revision is not None
    assert (change.ref, change.revision.version, change.before_uid) == (PLACE, 1, change.revision.uid)
    with connected(url) as connection:
        logged = connection.execute(text("SELECT action, tags, principal FROM revisions ORDER BY sequence"))
        assert logged.all()[1:] == [
            ("create", '{"stage": "test", "team": "a"}', AUTHOR.principal),
            ("tag", '{"stage": "test", "team": "b"}', AUTHOR.principal),
        ]


async def test_only_what_is_there_has_labels(store: Store) -> None:
    nobody = ref(Kind.VIRTUAL_NODE, "nobody")
    with pytest.raises(NotFound):
        await store.tags.of(nobody)
    with pytest.raises(NotFound):
        await store.tags.put(nobody, {}, author=AUTHOR)


async def test_a_resource_that_is_created_again_has_no_labels_of_before(store: Store) -> None:
    await store.delete(PLACE, author=AUTHOR)
    await store.create(PLACE, spec(Kind.VIRTUAL_NODE, NODE), author=AUTHOR)
    assert await store.tags.of(PLACE) == {}
