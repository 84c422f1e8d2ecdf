"""What an operation does: create, describe, update, delete and list, the same for every kind.

Source: App Mesh API 2019-01-25.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.api import pagination, wire
from gossamer.api.operations import Verb
from gossamer.api.request import Request
from gossamer.errors import InvalidSpec, Violation
from gossamer.model.completion import completed
from gossamer.model.kind import Kind
from gossamer.store.store import Collection, Store

#: How many resources a page holds, at most and by default.
PAGE: Final = 100


@dataclass(frozen=True, slots=True)
class Handlers:
    """The operations on one store. `region` stands in every ARN."""

    store: Store
    region: str

    async def answer(self, request: Request) -> bytes:
        """Carry out a call; returns the body of the answer.

        Raises: MeshError.
        """
        handlers: Mapping[Verb, Callable[[Request], Awaitable[bytes]]] = {
            Verb.CREATE: self.create,
            Verb.DESCRIBE: self.describe,
            Verb.UPDATE: self.update,
            Verb.DELETE: self.delete,
            Verb.LIST: self.list,
        }
        return await handlers[request.operation.verb](request)

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
        collection = self._collection(request)
        token = request.query.get("nextToken")
        after = pagination.after(collection, token, self.store.secret) if token else None
        page = await self.store.list(collection, limit=_limit(request.query.get("limit")), after=after)
        more = (
            pagination.next_token(collection, page.next, self.store.secret) if page.next is not None else None
        )
        return wire.listed(page.revisions, request.kind.kind, more, self.region)

    def _collection(self, request: Request) -> Collection:
        """What a list is about."""
        kind = request.kind.kind
        if kind is Kind.MESH:
            return Collection(request.account, kind)
        place = request.ref("")
        return Collection(place.account, kind, place.mesh, place.parent)


def _limit(text: str | None) -> int:
    if text is None:
        return PAGE
    limit = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(PAGE)) else 0
    if not 1 <= limit <= PAGE:
        raise InvalidSpec([Violation("limit", f"must be between 1 and {PAGE}")])
    return limit
