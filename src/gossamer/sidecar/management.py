"""The agent's own interface: how the proxy is, its statistics, a drain, and a louder log for a while.

Source: App Mesh user guide, the agent for Envoy, "Agent HTTP interface"; sentences and codes as App Mesh's
agent.
"""

import asyncio
import contextlib
import urllib.parse
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from gossamer.sidecar import admin, http1
from gossamer.sidecar.http_client import Unanswered
from gossamer.sidecar.listening import listening
from gossamer.sidecar.log_level import LogLevel, Unchanged, UnknownLevel
from gossamer.sidecar.management_settings import ManagementSettings
from gossamer.sidecar.rate_limit import RateLimit
from gossamer.sidecar.telemetry import Telemetry, UnknownParameter

_PATIENCE_S: Final = 10.0
_MOST_BODY: Final = 1024 * 1024
_REASONS: Final = {
    200: b"OK",
    304: b"Not Modified",
    400: b"Bad Request",
    404: b"Not Found",
    405: b"Method Not Allowed",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
}
_TEXT: Final = b"text/plain; charset=UTF-8"
_JSON: Final = b"application/json"

Query = dict[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered."""

    status: int
    body: bytes
    type: bytes = _TEXT


class Reports(Protocol):
    """Who knows how the proxy is."""

    async def report(self) -> bytes:
        """The answer of `/status`."""
        ...


class Management:
    """Answers for one Envoy, whose admin interface is on `socket`."""

    def __init__(self, socket: str, reports: Reports, level: LogLevel, telemetry: Telemetry) -> None:
        self._socket = socket
        self._reports = reports
        self._level = level
        self._telemetry = telemetry
        self._limit = RateLimit()
        self._routes: dict[str, Callable[[str, Query, int], Awaitable[Reply]]] = {
            "/status": self._status,
            "/drain_listeners": self._drain,
            "/enableLogging": self._enable_logging,
            "/stats/prometheus": self._stats,
        }

    @contextlib.asynccontextmanager
    async def served(self, settings: ManagementSettings) -> AsyncIterator[int]:
        """Answer where the settings say, if anywhere; the port.

        Raises: Misconfigured where it cannot listen.
        """
        where = (settings.addresses, settings.port, settings.socket)
        async with listening(self._serve, *where, "The agent's interface") as port:
            yield port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client's one request; what goes wrong on its connection ends with it."""
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
            reply = await self._replied(reader)
            fields = (b"content-type: " + reply.type, b"connection: close")
            line = b"HTTP/1.1 %d %s" % (reply.status, _REASONS[reply.status])
            writer.write(http1.whole(http1.Head(line, fields), reply.body))
            await writer.drain()
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()

    async def _replied(self, reader: asyncio.StreamReader) -> Reply:
        """Read a request, and reply."""
        try:
            async with asyncio.timeout(_PATIENCE_S):
                request = http1.head(await reader.readuntil(http1.END_OF_HEAD))
        except asyncio.LimitOverrunError:
            return Reply(431, b"The request's head is too long.\n")
        if not self._limit.admits(asyncio.get_running_loop().time()):
            return Reply(429, b"Too Many Requests\n")
        method, path, query = http1.target(request)
        answer = self._routes.get(path)
        if answer is None:
            return Reply(404, b"404 page not found\n")
        length = _MOST_BODY if request.is_chunked else request.length or 0
        return await answer(method, dict(urllib.parse.parse_qsl(query, keep_blank_values=True)), length)

    async def _status(self, _method: str, _query: Query, _length: int) -> Reply:
        """How the proxy is, to any method."""
        return Reply(200, await self._reports.report(), _JSON)

    async def _drain(self, method: str, query: Query, length: int) -> Reply:
        """Let no more connections in; only in this one form."""
        if method != "POST":
            return Reply(405, b"Use POST.\n")
        if query != {"inboundonly": ""} or length:
            return Reply(400, b"The one form is POST /drain_listeners?inboundonly, without a body.\n")
        try:
            await admin.post(self._socket, admin.DRAIN_INBOUND, within_s=_PATIENCE_S)
        except Unanswered as error:
            return Reply(500, f"{error}\n".encode())
        return Reply(200, b"OK\n")

    async def _enable_logging(self, method: str, query: Query, length: int) -> Reply:
        """Set Envoy's log level, for a while or for good."""
        if method != "POST":
            return Reply(405, b"Use POST.\n")
        if not {"level"} <= query.keys() <= {"level", "permanent"} or length:
            return Reply(400, b"The one form is POST /enableLogging?level=LEVEL[&permanent=true].\n")
        try:
            said = await self._level.set(query["level"], is_permanent=query.get("permanent") == "true")
        except UnknownLevel as error:
            return Reply(400, f"{error}\n".encode())
        except Unchanged:
            return Reply(304, b"")
        except Unanswered as error:
            return Reply(500, f"{error}\n".encode())
        return Reply(200, f"{said}\n".encode())

    async def _stats(self, method: str, query: Query, _length: int) -> Reply:
        """Envoy's statistics in Prometheus's text."""
        if method != "GET":
            return Reply(405, b"Use GET.\n")
        try:
            return Reply(200, await self._telemetry.prometheus(query))
        except UnknownParameter as error:
            return Reply(400, f"{error}\n".encode())
        except Unanswered as error:
            return Reply(500, f"{error}\n".encode())
