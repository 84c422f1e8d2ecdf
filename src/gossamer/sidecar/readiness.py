"""Whether the proxy is ready, asked of the agent beside it again and again: what a start hook waits for.

Source: App Mesh's agent, `-envoyReadiness`; App Mesh controller, the postStart hook.
"""

import asyncio
from typing import Final

from gossamer.sidecar import http_client, journal
from gossamer.sidecar.env import Settings
from gossamer.sidecar.http_client import Answer, Unanswered
from gossamer.sidecar.json_value import parsed
from gossamer.sidecar.status import is_ready

_PATIENCE_S: Final = 2.0


async def wait_until_ready(found: Settings) -> int:
    """Ask until the proxy is ready, or its time is up; the exit code says which."""
    interval, timeout = found.life.readiness_interval, found.life.readiness_timeout
    why = "it was not asked yet"
    try:
        async with asyncio.timeout(timeout.total_seconds()):
            while why := await _why_not(found):  # noqa: ASYNC110  the agent is another process
                await asyncio.sleep(interval.total_seconds())
    except TimeoutError:
        journal.error("envoy_not_ready", within_s=timeout.total_seconds(), why=why)
        return 1
    journal.info("envoy_ready")
    return 0


async def _why_not(found: Settings) -> str:
    """Why the proxy is not ready; nothing once it is."""
    try:
        answer = await _status(found)
    except (Unanswered, TimeoutError):
        settings = found.management
        where = f"port {settings.port}" if settings.addresses else settings.usual_socket
        return f"no agent answers at {where}; it does where APPNET_AGENT_ADMIN_MODE is set, here and there"
    return "" if is_ready(parsed(answer.body)) else "the agent says that the proxy is not"


async def _status(found: Settings) -> Answer:
    """What the agent says, wherever it is set to answer; by default on the socket, as App Mesh's.

    Raises: Unanswered, TimeoutError.
    """
    settings = found.management
    if settings.addresses:
        async with asyncio.timeout(_PATIENCE_S):
            return await http_client.request_url(f"http://localhost:{settings.port}/status")
    return await http_client.request_socket(settings.usual_socket, "/status", within_s=_PATIENCE_S)
