"""What an operation of the preview API does, on the same store as today's.

Source: App Mesh API 2018-10-01.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from pydantic import ValidationError

from gossamer.api.handlers import Handlers
from gossamer.api.operations import OPERATIONS, Verb
from gossamer.api.preview import plans, wire
from gossamer.api.preview.inputs import INPUTS
from gossamer.api.preview.shape import VirtualRouterSpec
from gossamer.api.request import Request
from gossamer.errors import InvalidSpec
from gossamer.model.input import CreateVirtualServiceInput
from gossamer.model.kind import Kind, Ref
from gossamer.model.names import is_resource_name
from gossamer.model.revision import Revision
from gossamer.model.spec import violations

Plan = Callable[..., Revision]

#: What each write does besides the plain one.
PLANS: Final[Mapping[str, Plan]] = {
    "CreateVirtualNode": plans.create_node,
    "UpdateVirtualNode": plans.update_node,
    "CreateVirtualRouter": plans.create_router,
    "UpdateVirtualRouter": plans.update_router,
    "DeleteVirtualRouter": plans.delete_router,
    "CreateRoute": plans.create_route,
    "UpdateRoute": plans.update_route,
    "DeleteRoute": plans.delete_route,
}


@dataclass(frozen=True, slots=True)
class PreviewHandlers:
    """The operations on one store; `today` has those of the API of today."""

    today: Handlers

    def understood(self, request: Request, body: bytes) -> Request:
        """The request with its body read: in this version's words, and in those of today.

        Raises: InvalidSpec.
        """
        model = INPUTS.get(request.operation.name)
        if model is None:
            return request
        found = model.from_json(body)
        try:
            return replace(request, input=found.current(), asked=found.asked)
        except ValidationError as error:
            raise InvalidSpec(tuple(violations(error))) from error

    async def implied(self, request: Request) -> tuple[Request, ...]:
        """What a write does to virtual services, as requests of their own: who may not, may not here."""
        if not request.operation.name.endswith("VirtualRouter") or request.operation.verb is Verb.DESCRIBE:
            return ()
        ref = _ref(request)
        wanted = request.asked.service_names or () if isinstance(request.asked, VirtualRouterSpec) else ()
        if not is_resource_name(ref.name):
            return ()  # Nothing can be there; the write itself says so.
        known = await self._services(ref)
        created = [
            _on_service(request, "CreateVirtualService", ref, one) for one in wanted if one not in known
        ]
        deleted = [
            _on_service(request, "DeleteVirtualService", ref, one) for one in known if one not in wanted
        ]
        return (*created, *deleted)

    async def answer(self, request: Request) -> bytes:
        """Carry out a call; returns the body of the answer.

        Raises: MeshError.
        """
        verb = request.operation.verb
        handlers: Mapping[Verb, Callable[[Request], Awaitable[bytes]]] = {
            Verb.DESCRIBE: self.describe,
            Verb.DELETE: self.delete,
            Verb.LIST: self.list,
        }
        return await handlers.get(verb, self.write)(request)

    async def write(self, request: Request) -> bytes:
        """Create or update a resource."""
        ref, store = _ref(request), self.today.store
        author = request.author(request.update.client_token)
        if ref.kind is Kind.MESH:
            return self._told(await store.create(ref, request.update.spec, author=author), ())
        plan = partial(PLANS[request.operation.name], ref=ref, asked=request.asked)
        revision = await store.plans.carry_out(plan, author=author)
        return self._told(revision, await self._services(ref))

    async def describe(self, request: Request) -> bytes:
        """Read a resource."""
        ref = request.ref()
        revision = await self.today.store.get(ref)
        return self._told(revision, await self._services(ref))

    async def delete(self, request: Request) -> bytes:
        """Take a resource away, and tell what it was."""
        ref, store = request.ref(), self.today.store
        services = await self._services(ref)
        plan = PLANS.get(request.operation.name)
        if plan is None:
            return self._told(await store.delete(ref, author=request.author()), services)
        revision = await store.plans.carry_out(partial(plan, ref=ref), author=request.author())
        return self._told(revision, services)

    async def list(self, request: Request) -> bytes:
        """Read part of a collection, in the order of names."""
        page, token = await self.today.page(request)
        return wire.listed(page.revisions, request.kind.kind, token, self.today.region)

    async def _services(self, ref: Ref) -> tuple[str, ...]:
        """The names that a router answers for."""
        if ref.kind is not Kind.VIRTUAL_ROUTER:
            return ()
        found = await self.today.store.plans.look(partial(plans.services_of, ref=ref))
        return tuple(service.name for service in found)

    def _told(self, revision: Revision, services: tuple[str, ...]) -> bytes:
        return wire.described(revision, services, self.today.region)


def _ref(request: Request) -> Ref:
    is_new = request.operation.verb is Verb.CREATE
    return request.ref(request.creation.name) if is_new else request.ref()


def _on_service(request: Request, name: str, router: Ref, service: str) -> Request:
    """The same caller's request about one virtual service."""
    operation = next(one for one in OPERATIONS if one.name == name)
    if operation.verb is Verb.DELETE:
        return replace(request, operation=operation, names=(router.mesh, service), input=None)
    spec = plans.provided_by(router)
    body = CreateVirtualServiceInput(virtual_service_name=service, spec=spec)
    return replace(request, operation=operation, names=(router.mesh,), input=body)
