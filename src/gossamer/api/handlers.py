"""What an operation does: create, describe, update, delete and list, the same for every kind.

Source: App Mesh API 2019-01-25.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.api import pagination, wire
from gossamer.api.operations import Verb
from gossamer.api.request import Request
from gossamer.api.tagging import Tagging
from gossamer.model.completion import completed
from gossamer.model.kind import Kind
from gossamer.store.store import Collection, Page, Store


@dataclass(frozen=True, slots=True)
class Handlers:
    """The operations on one store. `region` stands in every ARN."""

    store: Store
    region: str

    async def answer(self, request: Request) -> bytes:
        """Carry out a call; returns the body of the answer.

        Raises: MeshError.
        """
        verb = request.operation.verb
        if verb in _ON_TAGS:
            return await _ON_TAGS[verb](Tagging(self.store, self.region), request)
        return await _HANDLERS[verb](self, request)

    async def create(self, request: Request) -> bytes:
        """Write a resource that is not there yet."""
        body = request.creation
        ref = request.ref(body.name)
        tags = {tag.key: tag.value for tag in body.tags or ()}
        author = request.author(body.client_token)
        revision = await self.store.create(ref, completed(body.spec), author=author, tags=tags)
        return wire.described(revision, self.region)

    async def describe(self, request: Request) -> bytes:
        """Read a resource."""
        return wire.described(await self.store.get(request.ref()), self.region)

    async def update(self, request: Request) -> bytes:
        """Replace the whole spec of a resource."""
        body = request.update
        author = request.author(body.client_token)
        revision = await self.store.update(request.ref(), completed(body.spec), author=author)
        return wire.described(revision, self.region)

    async def delete(self, request: Request) -> bytes:
        """Take a resource away, and tell what it was."""
        return wire.described(await self.store.delete(request.ref(), author=request.author()), self.region)

    async def list(self, request: Request) -> bytes:
        """Read part of a collection, in the order of names."""
        page, token = await self.page(request)
        return wire.listed(page.revisions, request.kind.kind, token, self.region)

    async def page(self, request: Request) -> tuple[Page, str | None]:
        """The part of a collection that a call asks for, and the token for the next."""
        collection = self._collection(request)
        place = (request.operation.name, *collection.path)
        after = pagination.start(request.query, place, self.store.secret)
        page = await self.store.list(collection, limit=pagination.size(request.query), after=after)
        return page, None if page.next is None else pagination.next_token(place, page.next, self.store.secret)

    def _collection(self, request: Request) -> Collection:
        """What a list is about."""
        kind = request.kind.kind
        if kind is Kind.MESH:
            return Collection(request.account, kind)
        place = request.ref("")
        return Collection(place.account, kind, place.mesh, place.parent)


_HANDLERS: Final[Mapping[Verb, Callable[[Handlers, Request], Awaitable[bytes]]]] = {
    Verb.CREATE: Handlers.create,
    Verb.DESCRIBE: Handlers.describe,
    Verb.UPDATE: Handlers.update,
    Verb.DELETE: Handlers.delete,
    Verb.LIST: Handlers.list,
}

_ON_TAGS: Final[Mapping[Verb, Callable[[Tagging, Request], Awaitable[bytes]]]] = {
    Verb.TAG: Tagging.tag,
    Verb.UNTAG: Tagging.untag,
    Verb.LIST_TAGS: Tagging.list_tags,
}
