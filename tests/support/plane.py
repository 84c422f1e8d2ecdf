"""The xDS side of the control plane in this process, on a Unix socket: meshes in, proxies served."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from pathlib import Path

from gossamer.clock import SystemClock
from gossamer.insight.ledger import Ledger
from gossamer.mesh.snapshot import Mesh, revisions
from gossamer.model.kind import Ref
from gossamer.model.revision import Revision
from gossamer.runtime.flows import Flows
from gossamer.runtime.reconcile import Reconciler
from gossamer.xds.hub import Hub
from gossamer.xds.server import XdsServer
from gossamer.xds.status import ProxyStatus

ACCOUNT = "123456789012"


@dataclass
class Plane:
    """A management server and what feeds it."""

    reconciler: Reconciler
    hub: Hub
    socket: Path
    shown: dict[Ref, Revision]
    server: XdsServer
    ledger: Ledger

    def apply(self, changes: Iterable[tuple[Ref, Revision | None]]) -> None:
        """Take changes in."""
        listed = list(changes)
        for ref, revision in listed:
            if revision is None:
                self.shown.pop(ref, None)
            else:
                self.shown[ref] = revision
        self.reconciler.apply(listed)

    def show(self, mesh: Mesh) -> None:
        """Make the mesh be exactly this one."""
        coming = revisions(mesh)
        gone = [(ref, None) for ref in self.shown if ref not in coming]
        self.apply([*gone, *coming.items()])

    @contextlib.asynccontextmanager
    async def away(self) -> AsyncIterator[None]:
        """Serve nobody for a while, as if the process were gone."""
        await self.server.stop(grace_s=0)
        try:
            yield
        finally:
            self.socket.unlink(missing_ok=True)
            self.server = XdsServer(self.hub, SystemClock(), [f"unix:{self.socket}"])
            await self.server.start()

    def proxies(self) -> list[ProxyStatus]:
        """Every connected proxy."""
        return list(self.hub.statuses())

    def refusals(self) -> list[str]:
        """What connected proxies refused, in Envoy's words."""
        return [one.refusal for proxy in self.proxies() for one in proxy.types.values() if one.refusal]

    async def is_empty(self) -> bool:
        """Whether no proxy is connected."""
        return not self.proxies()

    async def is_in_sync(self) -> bool:
        """Whether every connected proxy runs all that is published."""
        proxies = self.proxies()
        return bool(proxies) and all(proxy.in_sync and len(proxy.types) >= 2 for proxy in proxies)


@contextlib.asynccontextmanager
async def running_plane(directory: Path, proxies_per_endpoint: int = 100) -> AsyncIterator[Plane]:
    """A management server, ended when the test is."""
    reconciler = Reconciler(ACCOUNT)
    ledger = Ledger(
        Flows(reconciler.views, ACCOUNT),
        SystemClock(),
        account=ACCOUNT,
        proxies_per_endpoint=proxies_per_endpoint,
    )
    hub = Hub(reconciler, proxies_per_endpoint=proxies_per_endpoint, roll=reconciler, reports=ledger)
    socket = directory / "xds.sock"
    plane = Plane(reconciler, hub, socket, {}, XdsServer(hub, SystemClock(), [f"unix:{socket}"]), ledger)
    await plane.server.start()
    try:
        yield plane
    finally:
        await plane.server.stop(grace_s=0)
