"""Envoy's log level, raised for a while and set back by itself.

Source: App Mesh user guide, the agent for Envoy, `/enableLogging`; App Mesh's agent refused words of more
than five letters, so `warning` and `critical` failed, which is not kept.
"""

import asyncio
import datetime
from typing import Final

from gossamer.sidecar import admin, journal
from gossamer.sidecar.http_client import Unanswered

#: As the caller may write them, and as Envoy's admin interface wants them.
LEVELS: Final = {
    "trace": "trace",
    "debug": "debug",
    "info": "info",
    "warn": "warning",
    "warning": "warning",
    "error": "error",
    "critical": "critical",
    "off": "off",
}
_PATIENCE_S: Final = 10.0


class UnknownLevel(Exception):
    """The word is no level; the text lists them."""


class Unchanged(Exception):
    """It is so already, or a level that was set is still to be set back."""


class LogLevel:
    """The level of one Envoy, whose admin interface is on `socket`."""

    def __init__(
        self, socket: str, usual: str, reset_after: datetime.timedelta, tasks: asyncio.TaskGroup
    ) -> None:
        self._socket = socket
        self._usual = LEVELS[usual]
        self._now = self._usual
        self._reset_after = reset_after
        self._tasks = tasks
        self._reset: asyncio.Task[None] | None = None

    async def set(self, word: str, *, is_permanent: bool) -> str:
        """Set it; what was done, in words.

        Raises: UnknownLevel, Unchanged, Unanswered.
        """
        level = LEVELS.get(word.lower())
        if level is None:
            raise UnknownLevel(f"level {word[:50]!r} is none of {', '.join(LEVELS)}.")
        if level == self._now or self._reset is not None:
            raise Unchanged
        await self._tell(level)
        if is_permanent:
            self._usual = level
            return f"Envoy's log level is {level}."
        self._reset = self._tasks.create_task(self._set_back(), name="log-level-reset")
        return f"Envoy's log level is {level} for {self._reset_after.total_seconds():g} s."

    def start_over(self) -> None:
        """Envoy was started anew, at the level of its command."""
        self._now = self._usual

    def close(self) -> None:
        """Set nothing back any more."""
        if self._reset is not None:
            self._reset.cancel()

    async def _set_back(self) -> None:
        await asyncio.sleep(self._reset_after.total_seconds())
        self._reset = None
        try:
            await self._tell(self._usual)
        except Unanswered as error:
            journal.warning("log_level_not_reset", why=str(error))

    async def _tell(self, level: str) -> None:
        await admin.post(self._socket, f"/logging?level={level}", within_s=_PATIENCE_S)
        self._now = level
        journal.info("log_level_set", envoy_log_level=level)
