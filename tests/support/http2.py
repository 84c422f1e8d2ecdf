"""One end of an HTTP/2 connection with prior knowledge, for applications and clients of tests."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import h2.errors
import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

Headers = list[tuple[str, str]]

#: More than any test sends, so that only the proxies between set a limit.
HEADER_BYTES: Final = 2**20

HEARD_BY_STREAMS: Final = (
    h2.events.RequestReceived,
    h2.events.ResponseReceived,
    h2.events.DataReceived,
    h2.events.TrailersReceived,
    h2.events.StreamEnded,
    h2.events.StreamReset,
)


@dataclass
class Stream:
    """One request and its answer; `heard` is what the other end said: headers, bytes, None for the end."""

    connection: "Http2Connection"
    id: int
    heard: asyncio.Queue[Headers | bytes | None] = field(default_factory=asyncio.Queue)
    is_reset: bool = False
    trailers: Headers = field(default_factory=list)

    def take(self, event: h2.events.Event) -> None:
        """Keep what happened, for whoever asks next."""
        match event:
            case h2.events.RequestReceived(headers=headers) | h2.events.ResponseReceived(headers=headers):
                self.heard.put_nowait(_texts(headers))
            case h2.events.DataReceived(data=data, flow_controlled_length=length):
                self.connection.h2.acknowledge_received_data(length or 0, self.id)
                if data:
                    self.heard.put_nowait(bytes(data))
            case h2.events.TrailersReceived(headers=headers):
                self.trailers = _texts(headers)
            case _:
                self.is_reset = self.is_reset or isinstance(event, h2.events.StreamReset)
                self.heard.put_nowait(None)

    async def headers(self) -> Headers:
        """What the other end's message begins with.

        Raises: ConnectionResetError if it never began.
        """
        first = await self.heard.get()
        if not isinstance(first, list):
            raise ConnectionResetError("the stream was reset")
        return first

    async def chunk(self) -> bytes:
        """The next bytes, none at the end.

        Raises: ConnectionResetError if the stream was cut.
        """
        said = await self.heard.get()
        if said is None and self.is_reset:
            raise ConnectionResetError("the stream was reset")
        assert not isinstance(said, list)
        return said or b""

    async def body(self) -> bytes:
        """All bytes to the end."""
        found = bytearray()
        while some := await self.chunk():
            found += some
        return bytes(found)

    async def say(self, headers: Headers, *, ends: bool) -> None:
        """Begin our message, or end it with trailers."""
        self.connection.h2.send_headers(self.id, headers, end_stream=ends)
        await self.connection.flush()

    async def send(self, data: bytes = b"", *, ends: bool = False) -> None:
        """Send bytes, as fast as the other end takes them."""
        state = self.connection.h2
        while data:
            room = min(state.local_flow_control_window(self.id), state.max_outbound_frame_size)
            if room == 0:
                await self.connection.room()
                continue
            state.send_data(self.id, data[:room])
            data = data[room:]
            await self.connection.flush()
        if ends:
            state.end_stream(self.id)
            await self.connection.flush()

    async def reset(self, *, is_refused: bool = False) -> None:
        """Cut the stream; refused means that nothing was done."""
        codes = h2.errors.ErrorCodes
        with contextlib.suppress(ProtocolError):
            self.connection.h2.reset_stream(
                self.id, codes.REFUSED_STREAM if is_refused else codes.INTERNAL_ERROR
            )
        await self.connection.flush()


class Http2Connection:
    """A connection; `answer` is called for each request that the other end makes."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        answer: Callable[[Stream], Awaitable[None]] | None = None,
    ) -> None:
        self._reader, self._writer, self._answer = reader, writer, answer
        # What tests send may break rules on purpose: Envoy is the judge of it.
        config = H2Configuration(
            client_side=answer is None,
            header_encoding="utf-8",
            validate_outbound_headers=False,
            normalize_outbound_headers=False,
        )
        self.h2 = H2Connection(config)
        said = {SettingCodes.MAX_HEADER_LIST_SIZE: HEADER_BYTES}
        if answer is not None:
            said[SettingCodes.ENABLE_CONNECT_PROTOCOL] = 1
        self.h2.local_settings = Settings(client=answer is None, initial_values=said)
        self.h2.decoder.max_header_list_size = HEADER_BYTES
        self.streams: dict[int, Stream] = {}
        self._tasks: set[asyncio.Future[None]] = set()
        self._room = asyncio.Event()

    async def start(self) -> None:
        """Say who we are, and listen."""
        self.h2.initiate_connection()
        await self.flush()
        self._keep(self._listen())

    async def request(self, headers: Headers, *, ends: bool) -> Stream:
        """Begin a request."""
        stream = Stream(self, self.h2.get_next_available_stream_id())
        self.streams[stream.id] = stream
        await stream.say(headers, ends=ends)
        return stream

    async def flush(self) -> None:
        """Send what waits to be sent."""
        if data := self.h2.data_to_send():
            with contextlib.suppress(ConnectionError):
                self._writer.write(data)
                await self._writer.drain()

    async def room(self) -> None:
        """Return when the other end can take more."""
        self._room.clear()
        await self._room.wait()

    async def close(self) -> None:
        """End the connection, and all that is under way on it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        with contextlib.suppress(ConnectionError):
            await self._writer.wait_closed()

    async def closed(self) -> None:
        """Return when the other end has ended the connection."""
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _keep(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionError, ProtocolError):
            while data := await self._reader.read(65536):
                self._hear(self.h2.receive_data(data))
                await self.flush()
        for stream in self.streams.values():
            stream.is_reset = True
            stream.heard.put_nowait(None)
        self._room.set()

    def _hear(self, events: Iterable[h2.events.Event]) -> None:
        for event in events:
            stream = self._stream(event)
            if stream is None:
                if isinstance(event, h2.events.WindowUpdated | h2.events.RemoteSettingsChanged):
                    self._room.set()
            elif isinstance(event, h2.events.RequestReceived) and self._answer is not None:
                stream.take(event)
                self._keep(self._answer(stream))
            else:
                stream.take(event)

    def _stream(self, event: h2.events.Event) -> Stream | None:
        """The stream that something happened to, if it matters to it."""
        if isinstance(event, h2.events.RequestReceived):
            self.streams[event.stream_id] = Stream(self, event.stream_id)
        return self.streams.get(event.stream_id) if isinstance(event, HEARD_BY_STREAMS) else None


def _texts(headers: Iterable[tuple[str | bytes, str | bytes]] | None) -> Headers:
    return [(str(name), str(value)) for name, value in headers or ()]
