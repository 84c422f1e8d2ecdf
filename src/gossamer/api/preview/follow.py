"""A router that follows its targets, kept so by every write of the preview API that touches them.

Every step is a write that the rules between resources take: a router listens on a port before a route names
it, and no longer than a route does.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from gossamer.api.preview.route import addressed, at_port
from gossamer.api.preview.router import Layout, Routes, follows, layout, listening, targets_of
from gossamer.errors import NotFound
from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.route import RouteSpec
from gossamer.model.spec import Spec
from gossamer.model.virtual_router import VirtualRouterSpec
from gossamer.store.store import Desk, Look


@dataclass(frozen=True, slots=True)
class _Following:
    """A router that follows its targets, as it stands."""

    ref: Ref
    routes: Routes
    layout: Layout

    @classmethod
    def of(cls, look: Look, ref: Ref) -> "_Following | None":
        """The router, if it is there and follows."""
        found = look.get(ref)
        if found is None or not isinstance(found.spec, VirtualRouterSpec):
            return None
        routes = routes_of(look, ref)
        wanted = layout(routes, targets_of(look, routes, ref))
        return cls(ref, routes, wanted) if follows(found.spec, routes, wanted) else None

    def has_several(self, wanted: Layout) -> bool:
        """Whether the way from here leads over more than one port: then every route has to name its own."""
        return max(len(self.layout.ports), len(wanted.ports)) > 1


def with_routers(desk: Desk, refs: Iterable[Ref], write: Callable[[], Revision]) -> Revision:
    """Write, and let those routers follow that followed before."""
    following = [one for ref in refs if (one := _Following.of(desk, ref)) is not None]
    written = write()
    for one in following:
        routes = routes_of(desk, one.ref)
        wanted = layout(routes, targets_of(desk, routes, one.ref))
        _widen(desk, one, wanted)
        _settle(desk, one, wanted)
    return written


def with_route(desk: Desk, ref: Ref, spec: RouteSpec, write: Callable[[Spec], Revision]) -> Revision:
    """Write a route at the port where its router is about to listen for it."""
    spec = addressed(spec, targets_of(desk, {ref.name: spec}, ref))
    one = _Following.of(desk, router_of(ref))
    if one is None:
        return write(spec)
    routes = {**one.routes, ref.name: spec}
    wanted = layout(routes, targets_of(desk, routes, ref))
    _widen(desk, one, wanted)
    written = write(at_port(spec, wanted.explicit(ref.name) if one.has_several(wanted) else None))
    _settle(desk, one, wanted)
    return desk.get(ref) or written


def routes_of(look: Look, ref: Ref) -> Routes:
    """A router's routes, by name."""
    found = look.under(ref, Kind.ROUTE)
    return {name: spec for name, spec in found.items() if isinstance(spec, RouteSpec)}


def router_of(ref: Ref) -> Ref:
    """The router that a route belongs to."""
    return Ref(ref.account, ref.mesh, Kind.VIRTUAL_ROUTER, ref.parent or "")


def _widen(desk: Desk, one: _Following, wanted: Layout) -> None:
    """Listen on the new ports too, before anything is there that needs them."""
    ports = tuple(sorted({*one.layout.ports, *wanted.ports}))
    if not one.has_several(wanted) or ports == one.layout.ports:
        return
    for name in routes_of(desk, one.ref):
        _place(desk, one.ref, name, one.layout.explicit(name) or wanted.explicit(name))
    desk.update(one.ref, listening(ports))


def _settle(desk: Desk, one: _Following, wanted: Layout) -> None:
    """Put every route where it belongs, and stop listening where nothing is."""
    names = list(routes_of(desk, one.ref))
    found = desk.get(one.ref)
    if found is None or (names and not wanted.ports):
        return
    if one.has_several(wanted):
        for name in names:
            _place(desk, one.ref, name, wanted.explicit(name))
    if found.spec != listening(wanted.ports):
        desk.update(one.ref, listening(wanted.ports))
    for name in names:
        _place(desk, one.ref, name, wanted.routes[name])


def _place(desk: Desk, ref: Ref, name: str, port: int | None) -> None:
    """Have a route name a port, or none."""
    here = Ref(ref.account, ref.mesh, Kind.ROUTE, name, ref.name)
    found = desk.get(here)
    if found is None or not isinstance(found.spec, RouteSpec):
        raise NotFound(here)
    placed = at_port(found.spec, port)
    if placed != found.spec:
        desk.update(here, placed)
