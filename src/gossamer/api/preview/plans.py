"""What each write of the preview API does: the resource itself, and what follows from it.

Every function is a plan for `Store.plans`: all of it happens, or nothing. The service names of a virtual
router are virtual services that it provides; its listeners follow its targets, see `router` and `follow`.
"""

from collections.abc import Iterable
from functools import partial
from typing import TypeVar

from gossamer.api.preview import node, route, shape
from gossamer.api.preview.follow import router_of, with_route, with_routers
from gossamer.errors import Conflict, InUse, InvalidSpec, Violation
from gossamer.model.completion import completed
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_node import VirtualNodeSpec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.model.virtual_service import (
    VirtualRouterServiceProvider,
    VirtualServiceProvider,
    VirtualServiceSpec,
)
from gossamer.store.store import Desk, Look

S = TypeVar("S", bound=Spec)


def create_node(desk: Desk, ref: Ref, asked: shape.VirtualNodeSpec) -> Revision:
    """A new virtual node."""
    write = partial(desk.create, ref, _checked(node.written(asked)), said=asked.to_json())
    return with_routers(desk, _routers_of(desk, ref), write)


def update_node(desk: Desk, ref: Ref, asked: shape.VirtualNodeSpec) -> Revision:
    """A virtual node, and what of it this version has no words for stays."""
    before = desk.get(ref)
    spec = before.spec if before is not None else None
    merged = node.written(asked, spec) if isinstance(spec, VirtualNodeSpec) else node.written(asked)
    write = partial(desk.update, ref, _checked(merged), said=asked.to_json())
    return with_routers(desk, _routers_of(desk, ref), write)


def create_router(desk: Desk, ref: Ref, asked: shape.VirtualRouterSpec) -> Revision:
    """A new virtual router, with a virtual service for each of its names."""
    written = desk.create(ref, VirtualRouterSpec(), said=asked.to_json())
    _name(desk, ref, asked.service_names or ())
    return written


def update_router(desk: Desk, ref: Ref, asked: shape.VirtualRouterSpec) -> Revision:
    """A virtual router's names; its listeners stay as they are."""
    before = desk.get(ref)
    written = desk.update(ref, before.spec if before else VirtualRouterSpec(), said=asked.to_json())
    names = asked.service_names or ()
    for service in services_of(desk, ref):
        if service.name not in names:
            try:
                desk.delete(service)
            except InUse as error:
                raise Conflict(ref, f"must keep the service name {service.name}: {error.why}") from error
    _name(desk, ref, names)
    return written


def delete_router(desk: Desk, ref: Ref) -> Revision:
    """A virtual router with its names; routes are in the way."""
    for service in services_of(desk, ref):
        desk.delete(service)
    return desk.delete(ref)


def create_route(desk: Desk, ref: Ref, asked: shape.RouteSpec) -> Revision:
    """A new route."""
    spec = _checked(route.written(asked))
    return with_route(desk, ref, spec, partial(desk.create, ref, said=asked.to_json()))


def update_route(desk: Desk, ref: Ref, asked: shape.RouteSpec) -> Revision:
    """A route, and what of it this version has no words for stays."""
    before = desk.get(ref)
    known = before.spec if before is not None else None
    spec = _checked(route.written(asked, known if isinstance(known, RouteSpec) else None))
    return with_route(desk, ref, spec, partial(desk.update, ref, said=asked.to_json()))


def delete_route(desk: Desk, ref: Ref) -> Revision:
    """A route; its router goes on with what the other routes ask for."""
    return with_routers(desk, [router_of(ref)], partial(desk.delete, ref))


def services_of(look: Look, ref: Ref) -> tuple[Ref, ...]:
    """The virtual services that a router provides, in the order of their names."""
    return look.users(ref, Kind.VIRTUAL_SERVICE)


def provided_by(ref: Ref) -> VirtualServiceSpec:
    """A virtual service that a router answers for."""
    provider = VirtualRouterServiceProvider(virtual_router_name=ref.name)
    return VirtualServiceSpec(provider=VirtualServiceProvider(virtual_router=provider))


def _name(desk: Desk, ref: Ref, names: Iterable[str]) -> None:
    """Give a router the names that it does not have yet."""
    known = {service.name for service in services_of(desk, ref)}
    for name in dict.fromkeys(names):
        if name not in known:
            desk.create(Ref(ref.account, ref.mesh, Kind.VIRTUAL_SERVICE, name), provided_by(ref))


def _routers_of(look: Look, ref: Ref) -> list[Ref]:
    """The routers whose routes name a virtual node."""
    return list(dict.fromkeys(router_of(one) for one in look.users(ref, Kind.ROUTE)))


def _checked(spec: S) -> S:
    """A spec that was put together, held to all rules."""
    try:
        return type(spec).from_json(completed(spec).to_json())
    except InvalidSpec as error:
        raise InvalidSpec([Violation(f"spec.{one.path}", one.why) for one in error.violations]) from error
