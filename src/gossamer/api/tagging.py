"""Labels at the API: TagResource, UntagResource, ListTagsForResource.

Source: App Mesh API 2019-01-25, the operations on tags; user guide, shared meshes: only the account that
created a resource handles its labels.
"""

import json
from dataclasses import dataclass

from gossamer.api import pagination
from gossamer.api.request import Request
from gossamer.errors import Bug, Forbidden, InvalidSpec, NotFound, Violation
from gossamer.model.input import TagResourceInput, UntagResourceInput
from gossamer.model.kind import Ref
from gossamer.store.store import Store

_NOTHING = b"{}"


@dataclass(frozen=True, slots=True)
class Tagging:
    """The operations on the labels of one store's resources, which are all in one region."""

    store: Store
    region: str

    async def tag(self, request: Request) -> bytes:
        """Add labels, or give those that are there another value."""
        if not isinstance(request.input, TagResourceInput):
            raise Bug(f"{request.operation.name} was read without its body")
        ref = await self._labelled(request)
        tags = {tag.key: tag.value for tag in request.input.tags}
        await self.store.tags.put(ref, tags, author=request.author())
        return _NOTHING

    async def untag(self, request: Request) -> bytes:
        """Take labels away; those that are not there are no matter."""
        if not isinstance(request.input, UntagResourceInput):
            raise Bug(f"{request.operation.name} was read without its body")
        ref = await self._labelled(request)
        await self.store.tags.remove(ref, request.input.tag_keys, author=request.author())
        return _NOTHING

    async def list_tags(self, request: Request) -> bytes:
        """Read some of a resource's labels, in the order of their names."""
        ref = await self._labelled(request)
        place = (request.operation.name, *ref.path)
        after = pagination.start(request.query, place, self.store.secret)
        size = pagination.size(request.query)
        tags = sorted((key, value) for key, value in (await self.store.tags.of(ref)).items() if key > after)
        body: dict[str, object] = {"tags": [{"key": key, "value": value} for key, value in tags[:size]]}
        if len(tags) > size:
            body["nextToken"] = pagination.next_token(place, tags[size - 1][0], self.store.secret)
        return json.dumps(body).encode()

    async def _labelled(self, request: Request) -> Ref:
        """The resource that an ARN names.

        Raises: InvalidSpec for one of another region, NotFound, Forbidden for a resource of another account.
        """
        arn = request.arn
        if arn.region != self.region:
            raise InvalidSpec(
                [Violation("resourceArn", f"must be of region {self.region}, not {arn.region}")]
            )
        found = await self.store.get(request.ref())
        if found.owner != arn.owner:
            raise NotFound(found.ref)
        if found.owner != request.account:
            raise Forbidden(f"only account {found.owner}, which created it, handles the tags of {found.ref}")
        return found.ref
