"""What the clusters of an endpoint's proxies are about, worked out when somebody asks, and kept."""

from collections.abc import Mapping

from gossamer.compile.flow import Flow, flows
from gossamer.mesh.view import ProxyView
from gossamer.model.kind import Kind, Ref
from gossamer.xds.node_id import NodeId


class Flows:
    """Of every endpoint that has proxies: `views` are their latest, `account` that of ids without one."""

    def __init__(self, views: Mapping[Ref, ProxyView], account: str) -> None:
        self._views = views
        self._account = account
        self._known: dict[Ref, tuple[ProxyView, tuple[Flow, ...]]] = {}

    def __call__(self, node: NodeId) -> tuple[Flow, ...]:
        """Those of one endpoint; none if it has no proxies."""
        ref = Ref(node.account or self._account, node.mesh, Kind(node.kind), node.name)
        view = self._views.get(ref)
        if view is None:
            self._known.pop(ref, None)
            return ()
        known = self._known.get(ref)
        if known is None or known[0] is not view:
            known = self._known[ref] = (view, flows(view))
            self._forget()
        return known[1]

    def _forget(self) -> None:
        """Nobody asks about those whose proxies have left."""
        if len(self._known) > len(self._views):
            self._known = {ref: known for ref, known in self._known.items() if ref in self._views}
