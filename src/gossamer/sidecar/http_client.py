"""A client of HTTP/1.1 for small answers, over TCP or a Unix socket; one request a connection.

Written on bare streams: a client library would cost every sidecar twenty megabytes.
"""

import asyncio
import contextlib
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar import http1

OK: Final = 200

#: More than Envoy's statistics come to, less than would fill a small container.
_MOST_BYTES: Final = 64 * 1024 * 1024
_FORM: Final = 2

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Unanswered(Exception):
    """A server did not answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body."""

    status: int
    body: bytes


async def request_url(url: str, method: str = "GET", fields: Mapping[str, str] | None = None) -> Answer:
    """Ask a server by URL.

    Raises: Unanswered.
    """
    try:
        parts = urllib.parse.urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError as error:
        raise Unanswered(f"{url}: {error}") from error
    if not host:
        raise Unanswered(f"{url} names no host")
    target = parts.path + (f"?{parts.query}" if parts.query else "") or "/"
    try:
        streams = await asyncio.open_connection(host, port)
    except OSError as error:
        raise Unanswered(f"{url}: {error}") from error
    return await _exchanged(streams, request_head(method, target, parts.netloc, fields or {}), url)


async def request_socket(socket: str, target: str, method: str = "GET", *, within_s: float) -> Answer:
    """Ask the server of a Unix socket.

    Raises: Unanswered, also when it takes too long.
    """
    try:
        async with asyncio.timeout(within_s):
            streams = await asyncio.open_unix_connection(socket)
            return await _exchanged(streams, request_head(method, target, "localhost", {}), target)
    except TimeoutError as error:
        raise Unanswered(f"{target}: no answer in {within_s:g} s") from error
    except OSError as error:
        raise Unanswered(f"{target}: {error}") from error


def request_head(method: str, target: str, host: str, fields: Mapping[str, str]) -> bytes:
    """A request without a body, the only one of its connection."""
    own = {"Host": host, **fields, "Content-Length": "0", "Connection": "close"}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in own.items())]
    return "\r\n".join(lines).encode() + http1.END_OF_HEAD


async def _exchanged(streams: Streams, head: bytes, what: str) -> Answer:
    """Send a request and read the answer whole."""
    reader, writer = streams
    try:
        writer.write(head)
        answer = http1.head(await reader.readuntil(http1.END_OF_HEAD))
        body = await _body(reader, answer)
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise Unanswered(f"{what}: {str(error) or 'connection closed'}") from error
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
    words = answer.line.split(b" ", _FORM)
    if len(words) < _FORM or not words[1].isdigit():
        raise Unanswered(f"{what}: {answer.line.decode(errors='replace')}")
    return Answer(int(words[1]), http1.dechunked(body) if answer.is_chunked else body)


async def _body(reader: asyncio.StreamReader, answer: http1.Head) -> bytes:
    """The body: as long as it says, else until the connection ends."""
    length = answer.length
    if length is not None:
        return await reader.readexactly(length) if length <= _MOST_BYTES else b""
    return await reader.read(-1)
