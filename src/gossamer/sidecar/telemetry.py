"""Envoy's statistics as the agent tells them, with the snapshots that differences are taken from.

Source: App Mesh user guide, the agent for Envoy, `/stats/prometheus`, `ENABLE_STATS_SNAPSHOT`.
"""

import asyncio
import re
from typing import Final

from gossamer.sidecar import admin, prometheus
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.identity import Identity

SNAPSHOT_INTERVAL_S: Final = 60.0
FILTER: Final = "metrics_extension"

_PATIENCE_S: Final = 10.0
_TARGET: Final = "/stats/prometheus"
_KINDS: Final = {"virtualNode": "VirtualNode", "virtualGateway": "VirtualGateway"}

#: Everything but what the application opens itself. Source: Envoy's names of the mesh's listeners.
_INBOUND: Final = re.compile(r'envoy_listener_address="(?!.*_15001")')


class UnknownParameter(Exception):
    """The query is none of the forms; the text says which there are."""


class Telemetry:
    """The statistics of one Envoy, whose admin interface is on `socket`; `who` names it in them."""

    def __init__(self, socket: str, who: Identity | None, *, has_metrics: bool, has_snapshots: bool) -> None:
        self._socket = socket
        self._labels = {"Mesh": who.mesh, _KINDS[who.kind]: who.name} if who and has_metrics else {}
        self._has_snapshots = has_snapshots
        self._before: prometheus.Snapshot = {}

    async def prometheus(self, query: dict[str, str]) -> bytes:
        """The answer to a query.

        Raises: UnknownParameter, Unanswered.
        """
        self._check(query)
        text = await self._text(is_used_only="usedonly" in query)
        if "filter" in query:
            own = prometheus.delta(text, self._before) if "delta" in query else text
            return prometheus.appmesh_only(own).encode()
        return text.encode()

    async def keep_snapshots(self) -> None:
        """Keep what was counted, every minute, for ever; nothing unless it is asked for."""
        while self._has_snapshots:
            try:
                self._before = prometheus.snapshot(await self._text(is_used_only=True))
            except Unanswered:
                self._before = {}  # an Envoy that is gone counts anew when it is back
            await asyncio.sleep(SNAPSHOT_INTERVAL_S)

    async def _text(self, *, is_used_only: bool) -> str:
        """What Envoy tells, with the one count that is ours to make."""
        target = _TARGET + ("?usedonly" if is_used_only else "")
        text = (await admin.get(self._socket, target, within_s=_PATIENCE_S)).decode(errors="replace")
        return text + (prometheus.active_connections(text, self._labels, _INBOUND) if self._labels else "")

    def _check(self, query: dict[str, str]) -> None:
        """Refuse what is none of the forms."""
        if not query.keys() <= {"usedonly", "filter", "delta"}:
            raise UnknownParameter("The parameters are usedonly, filter and delta.")
        if query.get("filter", FILTER) != FILTER:
            raise UnknownParameter(f"The one filter is {FILTER}.")
        if "delta" in query and not {"usedonly", "filter"} <= query.keys():
            raise UnknownParameter("delta needs usedonly and filter.")
        if "delta" in query and not self._has_snapshots:
            raise UnknownParameter("delta needs ENABLE_STATS_SNAPSHOT.")
