"""Bytes on a socket, and what comes back: requests that no client library would send."""

import contextlib
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

#: How long anything may take; the machine may be busy.
PATIENCE_S = 30.0


@dataclass(frozen=True)
class RawAnswer:
    """One answer: its status, its headers in lower case, its body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        """The sentence of an error."""
        return str(json.loads(self.body)["message"])


@contextlib.contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    """A connection to a server."""
    where = urlsplit(url)
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=PATIENCE_S) as connection:
        yield connection


def exchanged(url: str, *parts: bytes, ends: bool = True) -> list[RawAnswer]:
    """Send bytes, end our side, and read all answers until the server ends its own."""
    with connected(url) as connection:
        received = b""
        try:
            for part in parts:
                connection.sendall(part)
            if ends:
                connection.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It has answered, and does not want the rest.
        with contextlib.suppress(ConnectionResetError):
            while more := connection.recv(65536):
                received += more
        return list(answers(received))


def answers(received: bytes) -> Iterator[RawAnswer]:
    """The answers in a stream; an answer without a length goes on to the end."""
    while received:
        head, _, rest = received.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        length = int(headers.get("content-length", len(rest)))
        yield RawAnswer(int(status.split()[1]), headers, rest[:length])
        received = rest[length:]


def request(method: str, target: str, body: bytes = b"", *headers: str) -> bytes:
    """A request with the right length, unless the headers tell another."""
    lines = [f"{method} {target} HTTP/1.1", "Host: gossamer", "Connection: close", *headers]
    if not any(one.lower().startswith(("content-length", "transfer-encoding")) for one in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body
