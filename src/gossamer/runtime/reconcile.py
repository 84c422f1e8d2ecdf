"""What changed → which proxies' views → what is published.

Every mesh is held in memory; the database is the truth. Only mesh endpoints with a connected proxy are
compiled, and of those only the ones that looked at something that changed.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Final

import structlog

from gossamer.compile.fulfil import fulfilled, seen_by
from gossamer.compile.proxy import resources
from gossamer.compile.resources import Resources
from gossamer.compile.wish import NOTHING, Wishes
from gossamer.errors import Bug
from gossamer.mesh.data_plane import FAITHFUL, DataPlane, Fleet, Http2
from gossamer.mesh.findings import Findings
from gossamer.mesh.inputs import Inputs, seen_through
from gossamer.mesh.problem import Problem
from gossamer.mesh.problems import problems
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import NOWHERE, Needs, Surroundings
from gossamer.mesh.view import GatewayView, ProxyView, ResolvedGatewayRoute
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.revision import Revision
from gossamer.runtime.acceptance import Acceptance
from gossamer.runtime.due import Due
from gossamer.telemetry import metrics
from gossamer.telemetry.cause import Cause, within
from gossamer.xds import wire
from gossamer.xds.counts import counted
from gossamer.xds.hub import Channel
from gossamer.xds.node_id import NodeId, UnknownNode
from gossamer.xds.protocol import Published

#: What a proxy can speak for, by the token in its node id.
ENDPOINTS: Final = {kind.value: kind for kind in (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY)}

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Served:
    """Those of one mesh endpoint's proxies that wish the same: their channel, and the view published last."""

    ref: Ref
    wishes: Wishes
    channel: Channel
    view: ProxyView
    #: A gateway's routes that were replaced since the last sweep, and before it: requests that they took may
    #: still be under way.
    leaving: tuple[ResolvedGatewayRoute, ...] = ()
    left: tuple[ResolvedGatewayRoute, ...] = ()

    @property
    def key(self) -> tuple[Ref, Wishes]:
        """What they have in common."""
        return self.ref, self.wishes

    def compiled(self, view: ProxyView) -> Resources:
        """What they get by a view, beside what is leaving."""
        seen = replace(view, leaving=self.leaving + self.left) if isinstance(view, GatewayView) else view
        seen = seen_by(seen, self.wishes)
        return fulfilled(resources(seen), seen, (self.ref.kind, self.ref.name), self.wishes)

    def leave(self) -> None:
        """The view is going to be replaced: what it has begins to leave."""
        if isinstance(self.view, GatewayView):
            self.leaving = tuple(dict.fromkeys((*self.view.routes, *self.leaving)))


class Reconciler:
    """Every mesh as it stands, and the channel of each mesh endpoint that has proxies."""

    def __init__(self, account: str, data_plane: DataPlane = FAITHFUL) -> None:
        self._account = account
        #: Holds for views from now on.
        self.data_plane = data_plane
        self._acceptance = Acceptance()
        self.meshes: Mapping[MeshKey, Mesh] = {}
        self._findings: dict[MeshKey, Findings] = {}
        #: What is known outside of meshes.
        self.surroundings = NOWHERE
        self._served: dict[tuple[Ref, Wishes], _Served] = {}
        self._inputs: Inputs[tuple[Ref, Wishes]] = Inputs()
        self.due: Due[tuple[Ref, Wishes]] = Due(self._publish_due)
        #: The latest view of each endpoint that has proxies.
        self.views: dict[Ref, ProxyView] = {}
        #: Told when what proxies need from outside of meshes may have changed.
        self.on_needs: Callable[[], None] = _nobody

    def apply(self, changes: Iterable[tuple[Ref, Revision | None]], cause: Cause | None = None) -> None:
        """Take changes in, and publish to whoever they touch, soon; None takes a resource away."""
        begun = time.monotonic()
        by_mesh: dict[MeshKey, list[tuple[Ref, Revision | None]]] = {}
        for ref, revision in changes:
            by_mesh.setdefault(ref.key, []).append((ref, revision))
        meshes = dict(self.meshes)
        for key, changed in by_mesh.items():
            meshes[key] = meshes.get(key, Mesh(key)).amended(changed)
            if not meshes[key].shelves:
                del meshes[key]
                self._findings.pop(key, None)
        self.meshes = meshes
        with within(cause, "reconcile") as here:
            self._renew({seen_through(ref) for changed in by_mesh.values() for ref, _ in changed}, here)
        metrics.RECONCILE_SECONDS.observe(time.monotonic() - begun)

    def came(self, node: NodeId, *, accepts_http2: bool) -> None:
        """A proxy is connected: whoever calls its endpoint may have to speak otherwise to it."""
        ref = self._ref(node)
        if self._acceptance.came(ref, accepts=accepts_http2):
            self._accepted(ref)

    def left(self, node: NodeId, *, accepts_http2: bool) -> None:
        """A proxy is connected no more."""
        ref = self._ref(node)
        if self._acceptance.left(ref, accepts=accepts_http2):
            self._accepted(ref)

    def surround(self, surroundings: Surroundings) -> None:
        """Take in what is known outside of meshes, and publish to whoever looked for what changed."""
        self.surroundings = surroundings
        for findings in self._findings.values():
            findings.forget_outside()
        for served in list(self._served.values()):
            if surroundings.part(served.view.needs) != served.view.outside:
                self._publish(served)

    def sweep(self) -> None:
        """Time has passed: what was leaving at the sweep before goes; what began to leave since is next."""
        for served in self._served.values():
            is_over = bool(served.left)
            served.left, served.leaving = served.leaving, ()
            if is_over:
                self._send(served, served.compiled(served.view))
        for ref in self._acceptance.sweep():
            self._accepted(ref)

    def needs(self) -> Needs:
        """What the proxies that are connected need from outside of meshes."""
        views = (served.view for served in self._served.values() if served.channel.connections)
        return reduce(Needs.__or__, (view.needs for view in views), Needs())

    def channel(self, node: NodeId, wishes: Wishes = NOTHING) -> Channel:
        """The channel of a mesh endpoint for proxies with these wishes, with something published.

        Raises: UnknownNode if there is no such endpoint.
        """
        ref = self._ref(node)
        self.due.now((ref, wishes))  # Nobody gets what is known to be old.
        if (ref, wishes) in self._served:
            return self._served[ref, wishes].channel
        view = self._view(ref)
        if view is None:
            raise UnknownNode(f"there is no {node} in account {ref.account}")
        served = _Served(ref, wishes, Channel(str(ref)), view)
        with metrics.COMPILE_SECONDS.time():
            served.channel.published = wire.published(served.compiled(view))
        self._served[served.key] = served
        self.views[ref] = view
        self._inputs.put(served.key, view.inputs)
        self.on_needs()
        return served.channel

    def mesh(self, key: MeshKey) -> Mesh | None:
        """One mesh as it stands; None if there is none of that name."""
        found = self.meshes.get(key)
        return found if found is not None and found.names(Kind.MESH) else None

    def counts(self) -> Counter[Kind]:
        """How many resources of each kind there are."""
        counts: Counter[Kind] = Counter()
        for mesh in self.meshes.values():
            for (kind, _), shelf in mesh.shelves.items():
                counts[kind] += len(shelf)
        return counts

    def problems(self, mesh: str, account: str = "") -> tuple[Problem, ...] | None:
        """What cannot work in a mesh, of our own account or another; None if there is no such mesh."""
        found = self.mesh(MeshKey(account or self._account, mesh))
        return problems(found, self.surroundings) if found is not None else None

    def _ref(self, node: NodeId) -> Ref:
        return Ref(node.account or self._account, node.mesh, ENDPOINTS[node.kind], node.name)

    def _accepted(self, ref: Ref) -> None:
        """Who accepts HTTP/2 has changed: whoever calls them is told, if it is to be spoken."""
        if self.data_plane.http2 is Http2.ALL and ref.kind is Kind.VIRTUAL_NODE:
            log.info("http2_accepted", ref=str(ref), accepted=ref in self._acceptance.accepting)
            self._renew({ref})

    def _renew(self, touched: Collection[Ref], cause: Cause | None = None) -> None:
        """Publish to whoever looked at what changed."""
        for key in {ref.key for ref in touched}:
            if key in self._findings:
                self._findings[key].forget(touched)
        self.due.add(self._inputs.touched(touched), cause)

    def _publish_due(self, key: tuple[Ref, Wishes], cause: Cause | None) -> None:
        if key in self._served:
            self._publish(self._served[key], cause)

    def _forget(self, served: _Served) -> None:
        del self._served[served.key]
        self._inputs.remove(served.key)
        if not any(ref == served.ref for ref, _ in self._served):
            self.views.pop(served.ref, None)

    def _findings_of(self, key: MeshKey) -> Findings:
        return self._findings.setdefault(key, Findings())

    def _view(self, ref: Ref) -> ProxyView | None:
        mesh = self.meshes.get(ref.key)
        if mesh is None:
            return None
        metrics.VIEWS_DERIVED.inc()
        fleet = Fleet(self.data_plane, self._acceptance.accepting)
        return proxy_view(mesh, ref, self.surroundings, self._findings_of(ref.key), fleet)

    def _publish(self, served: _Served, cause: Cause | None = None) -> None:
        if not served.channel.connections:
            self._forget(served)  # The next proxy that comes gets what is there by then.
            return
        ref = served.ref
        view = self._view(ref)
        if view is None:
            self._forget(served)
            served.channel.close(f"{ref} was deleted")
        elif view != served.view:
            with within(cause, "compile", str(ref)) as here, metrics.COMPILE_SECONDS.time():
                self._replace(served, view, here)

    def _replace(self, served: _Served, view: ProxyView, cause: Cause | None) -> None:
        """Compile and send a view that is another than before."""
        served.leave()
        try:
            compiled = served.compiled(view)
        except Exception:  # a mistake of ours must not keep other proxies from their configuration
            metrics.COMPILE_FAILURES.inc()
            why = str(Bug("a valid spec did not compile"))
            log.exception("proxy_not_compiled", proxy=str(served.ref), why=why)
            return
        if view.needs != served.view.needs:
            self.on_needs()
        served.view = self.views[served.ref] = view
        self._inputs.put(served.key, view.inputs)
        self._send(served, compiled, cause)

    def _send(self, served: _Served, compiled: Resources, cause: Cause | None = None) -> None:
        before = served.channel.published
        published = wire.published(compiled, before)
        counted(published, before, cause)
        served.channel.publish(published, cause)


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that a view depends on beside its mesh."""

    surroundings: Surroundings
    fleet: Fleet

    def problems(self, mesh: Mesh) -> tuple[Problem, ...]:
        """What in a mesh cannot work."""
        return problems(mesh, self.surroundings)

    def view(self, mesh: Mesh, ref: Ref, findings: Findings) -> ProxyView | None:
        """What an endpoint's proxies are compiled from; None for an endpoint that is not there."""
        return proxy_view(mesh, ref, self.surroundings, findings, self.fleet)

    def published(self, ref: Ref, wishes: Wishes, view: ProxyView, before: Published | None) -> Published:
        """What an endpoint's proxies get by a view."""
        served = _Served(ref, wishes, Channel(str(ref)), view)
        return wire.published(served.compiled(view), before)


class Prospects:
    """What proxies would get of meshes that are not there, as everything else stands now."""

    def __init__(self, reconciler: Reconciler) -> None:
        self._reconciler = reconciler

    def served(self, key: MeshKey) -> tuple[tuple[Ref, Wishes], ...]:
        """The endpoints of a mesh that have proxies, with what those wish."""
        found = self._reconciler._served.values()  # noqa: SLF001 - of this module
        return tuple(one.key for one in found if one.ref.key == key and one.channel.connections)

    def outlook(self) -> Outlook:
        """What compiles as the reconciler does from now on, on any thread."""
        now = self._reconciler
        fleet = Fleet(now.data_plane, now._acceptance.accepting)  # noqa: SLF001 - of this module
        return Outlook(now.surroundings, fleet)


def _nobody() -> None:
    """Hears nothing."""
