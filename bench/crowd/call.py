"""One gRPC call on an HTTP/2 connection of its own, with no more of either than an xDS stream needs.

A stream of grpc.aio costs its client 50 µs a message, which would measure the clients; this costs a tenth.
Source: RFC 9113 (frames, flow control), RFC 7541 §6.2.3 (literal fields), gRPC over HTTP/2 (length-prefixed
messages, trailers).
"""

import asyncio
import struct
from collections.abc import Callable
from typing import Final

import hpack

DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE = 0, 1, 3, 4, 6, 7, 8
END_STREAM, ACK, END_HEADERS, PADDED, PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20
STREAM: Final = 1

HEAD_BYTES: Final = 9
PREFIX_BYTES: Final = 5
INITIAL_WINDOW_SIZE: Final = 4
MAX_FRAME_SIZE: Final = 5
LARGEST_WINDOW: Final = 2**31 - 1
DEFAULT_WINDOW: Final = 2**16 - 1


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """One frame."""
    return struct.pack("!IBI", len(payload) << 8 | kind, flags, stream) + payload


def opening(authority: str, path: str) -> bytes:
    """The first bytes of a connection: our settings, windows that never fill up, and the call's headers."""
    fields = {
        ":method": "POST",
        ":scheme": "http",
        ":path": path,
        ":authority": authority,
        "content-type": "application/grpc",
        "te": "trailers",
    }
    settings = struct.pack("!HIHI", INITIAL_WINDOW_SIZE, LARGEST_WINDOW, MAX_FRAME_SIZE, 2**24 - 1)
    return (
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        + frame(SETTINGS, 0, 0, settings)
        + frame(WINDOW_UPDATE, 0, 0, struct.pack("!I", LARGEST_WINDOW - DEFAULT_WINDOW))
        + frame(HEADERS, END_HEADERS, STREAM, b"".join(map(_literal, fields, fields.values())))
    )


def _literal(name: str, value: str) -> bytes:
    """A field that no table remembers, in plain text; both are short."""
    return bytes((0x10, len(name))) + name.encode() + bytes((len(value),)) + value.encode()


class Call(asyncio.Protocol):
    """One call. `on_message` hears each message, `on_end` once why it is over."""

    def __init__(
        self, opening: bytes, on_message: Callable[[bytes], None], on_end: Callable[[str], None]
    ) -> None:
        self._opening = opening
        self._on_message = on_message
        self._on_end = on_end
        self._transport: asyncio.Transport | None = None
        self._frames = b""
        self._messages = b""
        self._window = DEFAULT_WINDOW
        self._connection_window = DEFAULT_WINDOW
        self._initial_window = DEFAULT_WINDOW
        self._blocks: list[bytes] = []
        self._why = ""
        self.received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is here
        """Open the call."""
        self._transport = transport
        transport.write(self._opening)

    def connection_lost(self, _: Exception | None) -> None:
        """It is over."""
        self._transport = None
        self._on_end(self._why or "the connection was lost")

    def send(self, message: bytes) -> None:
        """Send one message.

        Raises: ConnectionError when the other end takes no more: a client's requests are small, so this is no
        slowness, and nothing that should be measured.
        """
        if self._transport is None:
            return
        payload = struct.pack("!BI", 0, len(message)) + message
        self._window -= len(payload)
        self._connection_window -= len(payload)
        if min(self._window, self._connection_window) < 0:
            raise ConnectionError("the server's window is full")
        self._transport.write(frame(DATA, 0, STREAM, payload))

    def close(self) -> None:
        """Go away without a word, as a process that ends does."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take each whole frame."""
        self.received += len(data)
        data = self._frames + data if self._frames else data
        at = 0
        while len(data) - at >= HEAD_BYTES:
            head, flags, stream = struct.unpack_from("!IBI", data, at)
            end = at + HEAD_BYTES + (head >> 8)
            if end > len(data):
                break
            self._take(head & 0xFF, flags, stream, data[at + HEAD_BYTES : end])
            at = end
        self._frames = data[at:]

    def _take(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        if kind == DATA:
            self._take_data(_unpadded(flags, payload))
        elif kind == HEADERS:
            self._blocks.append(_unpadded(flags, payload)[5 if flags & PRIORITY else 0 :])
            if flags & END_STREAM:
                self._end(_ending(self._blocks))
        elif kind in (RST_STREAM, GOAWAY):
            self._end(f"{'reset' if kind == RST_STREAM else 'told to go away'}: {payload[:8].hex()}")
        else:
            self._take_upkeep(kind, flags, stream, payload)

    def _take_upkeep(self, kind: int, flags: int, stream: int, payload: bytes) -> None:
        """Take a frame that is about the connection itself."""
        if kind == SETTINGS and not flags & ACK:
            self._settings(payload)
            self._write(frame(SETTINGS, ACK, 0))
        elif kind == PING and not flags & ACK:
            self._write(frame(PING, ACK, 0, payload))
        elif kind == WINDOW_UPDATE:
            (more,) = struct.unpack("!I", payload)
            if stream:
                self._window += more
            else:
                self._connection_window += more

    def _settings(self, payload: bytes) -> None:
        for name, value in struct.iter_unpack("!HI", payload):
            if name == INITIAL_WINDOW_SIZE:
                self._window += value - self._initial_window
                self._initial_window = value

    def _take_data(self, data: bytes) -> None:
        """Take each whole message."""
        data = self._messages + data if self._messages else data
        at = 0
        while len(data) - at >= PREFIX_BYTES:
            end = at + PREFIX_BYTES + int.from_bytes(data[at + 1 : at + PREFIX_BYTES])
            if end > len(data):
                break
            self._on_message(data[at + PREFIX_BYTES : end])
            at = end
        self._messages = data[at:]

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)

    def _end(self, why: str) -> None:
        """The first reason counts: a server that said a status resets the stream as well."""
        self._why = self._why or why
        self.close()


def _unpadded(flags: int, payload: bytes) -> bytes:
    return payload[1 : len(payload) - payload[0]] if flags & PADDED else payload


def _ending(blocks: list[bytes]) -> str:
    """What the trailers say. They may refer to the headers before, which are not looked at until now."""
    decoder = hpack.Decoder()
    try:
        found = {str(name): str(value) for block in blocks for name, value in decoder.decode(block)}
    except hpack.HPACKError as error:
        return f"ended in words that cannot be read: {error}"
    return f"status {found.get('grpc-status', '?')}: {found.get('grpc-message', '')}"
