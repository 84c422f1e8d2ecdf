"""Looks at Envoy now and then, so that what has become of it can be told at once.

Source: App Mesh user guide, the agent for Envoy, health checks.
"""

import asyncio
import datetime
from typing import Final, Protocol

from gossamer.clock import Clock
from gossamer.sidecar import admin, health, journal
from gossamer.sidecar.health import Health, Look
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.status import status

_PATIENCE_S: Final = 2.0

#: While Envoy is not yet ready, or out of touch, it is looked at more often: what changes is soon known.
_SOON: Final = datetime.timedelta(seconds=1)


class Watched(Protocol):
    """The Envoy that is looked at."""

    @property
    def pid(self) -> int | None:
        """Its process, if it runs."""
        ...

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        ...


class Watch:
    """Looks at one Envoy, whose admin interface is on `socket`."""

    def __init__(self, socket: str, health_: Health, clock: Clock, interval: datetime.timedelta) -> None:
        self._socket = socket
        self._health = health_
        self._clock = clock
        self._interval = interval
        self.envoy: Watched | None = None

    async def report(self) -> bytes:
        """The answer of `/status`, after a look."""
        await self._see()
        envoy = self.envoy
        return status(self._health, envoy.pid if envoy else None, envoy.restarts if envoy else 0)

    async def keep_looking(self) -> None:
        """Look for ever."""
        while True:
            is_well = self._health.is_connected and self._health.state == health.LIVE
            pause = self._interval if is_well else min(self._interval, _SOON)
            await asyncio.sleep(pause.total_seconds())
            await self._see()

    async def _see(self) -> None:
        """Look once, and say when the control plane came or went."""
        has_changed = self._health.see(await self._look(), self._clock.now())
        if has_changed and self._health.is_connected:
            journal.info("control_plane_connected")
        elif has_changed:
            journal.warning("control_plane_lost")

    async def _look(self) -> Look:
        """What Envoy says of itself."""
        try:
            ready = await admin.get(self._socket, "/ready", within_s=_PATIENCE_S)
            stats = await admin.get(self._socket, health.STATS_TARGET, within_s=_PATIENCE_S)
        except Unanswered:
            return Look()
        return health.look(ready, stats)
