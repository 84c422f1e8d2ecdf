"""Pure: how Envoy is, from what its admin interface says; and since when the control plane is away.

Source: App Mesh user guide, the agent for Envoy, `/status`; Envoy statistics `control_plane.connected_state`,
`update_rejected` and `update_success` of listeners and clusters.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.json_value import member, parsed

UNREACHABLE: Final = "UNREACHABLE"
LIVE: Final = "LIVE"
_STARTING: Final = frozenset({UNREACHABLE, "PRE_INITIALIZING", "INITIALIZING"})

CONNECTED: Final = "control_plane.connected_state"
_UPDATES: Final = ("listener_manager.lds", "cluster_manager.cds")
_REJECTED: Final = tuple(f"{kind}.update_rejected" for kind in _UPDATES)
_ACCEPTED: Final = tuple(f"{kind}.update_success" for kind in _UPDATES)

#: What is asked of Envoy to know all this.
STATS_TARGET: Final = (
    "/stats?format=json&filter=^(control_plane\\.connected_state|"
    "(listener_manager\\.lds|cluster_manager\\.cds)\\.update_(rejected|success))$"
)

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look at Envoy: its state, and whether its stream is open; None where it has none."""

    state: str = UNREACHABLE
    is_connected: bool | None = None
    was_refused: bool = False


def look(ready: bytes | None, stats: bytes | None) -> Look:
    """What Envoy's `/ready` and statistics say; None for what was not answered."""
    if ready is None:
        return Look()
    counts = _counts(stats or b"")
    connected = counts.get(CONNECTED)
    refused = any(counts.get(name, 0) for name in _REJECTED)
    accepted = any(counts.get(name, 0) for name in _ACCEPTED)
    return Look(
        state=ready.decode(errors="replace").strip() or UNREACHABLE,
        is_connected=None if connected is None else connected > 0,
        was_refused=refused and not accepted,
    )


class Health:
    """How Envoy has been. Times are those of the looks."""

    def __init__(self, began: datetime.datetime, patience: datetime.timedelta) -> None:
        """`patience` is how long the control plane may be away before the proxy counts as unhealthy."""
        self._began = began
        self._patience = patience
        self._look = Look()
        self._at = began
        self.disconnected_since: datetime.datetime | None = began
        self.was_initialized = False

    def see(self, found: Look, at: datetime.datetime) -> bool:
        """Take a look in; whether the connection to the control plane came or went by it."""
        was = self.is_connected
        self._look, self._at = found, at
        self.was_initialized = self.was_initialized or found.state not in _STARTING
        if found.is_connected:
            self.disconnected_since = None
        elif self.disconnected_since is None:
            self.disconnected_since = at
        return was != self.is_connected

    def start_over(self) -> None:
        """Envoy was started anew."""
        self.was_initialized = False

    @property
    def state(self) -> str:
        """Envoy's own word for how it is."""
        return self._look.state

    @property
    def is_connected(self) -> bool:
        """Whether the stream to the control plane is open."""
        return bool(self._look.is_connected)

    @property
    def was_refused(self) -> bool:
        """Whether all that the control plane sent so far was refused."""
        return self._look.was_refused

    @property
    def is_healthy(self) -> bool:
        """Whether the proxy serves, and has not been without a control plane for too long."""
        if self._look.state != LIVE:
            return False
        if self._look.is_connected is None or self.disconnected_since is None:
            return True  # it has no control plane, or is in touch with it
        return self._at - self.disconnected_since < self._patience

    @property
    def uptime(self) -> datetime.timedelta:
        """How long the agent has been here."""
        return self._at - self._began


def _counts(stats: bytes) -> Counts:
    """Statistics by name, of Envoy's JSON."""
    found = member(parsed(stats), "stats")
    listed = found if isinstance(found, list) else []
    pairs = ((member(one, "name"), member(one, "value")) for one in listed)
    return {name: value for name, value in pairs if isinstance(name, str) and isinstance(value, int)}
