"""One HTTP connection: uvicorn's, with bounds on what a caller may send and how long they may take over it.

What is no HTTP is refused in the form of the API, since most callers are its clients. The rest of the
connection is uvicorn's.
Source: RFC 9112 §3.2 (one Host), RFC 6585 §5 (431), RFC 9110 §15.5.9 (408).
"""

import asyncio
import json
import uuid
from http import HTTPStatus
from typing import Any, Final

import structlog
from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from gossamer.runtime.joined import Joined

log = structlog.get_logger(__name__)

#: What the head of a request may take: all headers together. A signed request of an SDK needs two kilobytes.
LONGEST_HEAD: Final = 64 * 1024

#: How long a request may take to arrive, head and body.
LONGEST_ARRIVAL_S: Final = 60.0

NO_HTTP: Final = "what was sent is no HTTP/1.1 request"


class _Unacceptable(Exception):
    """A request that is HTTP, and that no server takes."""


class HttpProtocol(HttpToolsProtocol):
    """One connection."""

    #: Tests shorten it.
    longest_arrival_s = LONGEST_ARRIVAL_S

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._arriving: asyncio.TimerHandle | None = None
        self._head_bytes = 0
        self._is_in_head = True
        #: Whether a request has begun and is not whole.
        self._is_due = False
        self._why = NO_HTTP

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Somebody is there; they have until the deadline to say what they want."""
        super().connection_made(transport)
        self.transport = Joined(transport, self.loop)
        self._await_arrival()

    def connection_lost(self, exc: Exception | None) -> None:
        """They are gone."""
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what came, but no endless head."""
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_due and self._arriving is None and not self.transport.is_closing():
            # Most requests arrive whole, and need no timer.
            self._await_arrival()
        if self._is_in_head and self._head_bytes > LONGEST_HEAD and not self.transport.is_closing():
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"the headers are too long, at most {LONGEST_HEAD} bytes are taken",
            )

    def on_message_begin(self) -> None:
        """A request starts."""
        super().on_message_begin()
        self._is_in_head = True
        self._why = NO_HTTP
        self._arrived()
        self._is_due = True

    def on_headers_complete(self) -> None:
        """The head is whole."""
        self._is_in_head = False
        self._head_bytes = 0
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (hosts == 0 and self.parser.get_http_version() == "1.1"):
            self._why = f"a request has one Host header, and this one has {hosts}"
            raise _Unacceptable(self._why)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """A request is whole."""
        self._arrived()
        self._is_due = False
        super().on_message_complete()

    def send_400_response(self, _: str) -> None:
        """Refuse what the parser could not read."""
        self._refuse(HTTPStatus.BAD_REQUEST, self._why)

    def _await_arrival(self) -> None:
        self._arrived()
        self._arriving = self.loop.call_later(self.longest_arrival_s, self._is_late)

    def _arrived(self) -> None:
        if self._arriving is not None:
            self._arriving.cancel()
            self._arriving = None

    def _is_late(self) -> None:
        """End a request that does not arrive; a connection on which nothing was asked ends without a word."""
        if self.transport.is_closing():
            return
        if self._head_bytes == 0 and self._is_in_head:
            self.transport.close()
            return
        self._refuse(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the request did not arrive within {self.longest_arrival_s:g} seconds",
        )

    def _refuse(self, status: HTTPStatus, sentence: str) -> None:
        request_id = str(uuid.uuid4())
        log.debug("request_refused", request_id=request_id, status=status.value, why=sentence)
        body = json.dumps({"message": sentence}).encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "content-type: application/json\r\n"
            f"content-length: {len(body)}\r\n"
            "x-amzn-errortype: BadRequestException\r\n"
            f"x-amzn-requestid: {request_id}\r\n"
            "connection: close\r\n\r\n"
        )
        self._arrived()
        self.transport.write(head.encode() + body)
        self.transport.close()
