"""Clients of a test's stage, in every protocol; what they send begins on their machine.

A name that is not an address is looked up in the test's own table, else it leads to an address that nobody
has, as the names of virtual services do.
"""

import asyncio
import contextlib
import io
import ipaddress
import itertools
import json
import socket
import tempfile
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
import grpc
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from tests.support.answering import relay
from tests.support.http2 import HEADER_BYTES, Http2Connection
from tests.support.machine import Machine

Pairs = Sequence[tuple[str, str]]

#: What the names of virtual services resolve to: an address of no machine.
NOWHERE: Final = "10.89.0.1"
#: How long a client waits for anything, on a machine that may be busy.
PATIENCE_S: Final = 120.0


@dataclass(frozen=True)
class Answer:
    """What a client got; an application's answer tells who gave it, and what it saw."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def seen(self) -> dict[str, Any]:
        """What the application saw."""
        assert self.status == 200, (self.status, self.body[:500])
        return dict(json.loads(self.body))

    @property
    def who(self) -> str:
        """Who answered."""
        return str(self.seen["who"])

    @property
    def path(self) -> str:
        """The path that the application saw."""
        return str(self.seen["path"])

    def sent(self, name: str) -> list[str]:
        """The values of a request header that the application saw."""
        return [value for header, value in self.seen["headers"] if header == name]


@dataclass
class Client:
    """The clients on one machine."""

    machine: Machine
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def address(self, host: str) -> str:
        """Where a name leads from here."""
        with contextlib.suppress(ValueError):
            return str(ipaddress.ip_address(host))
        found = self.names.get(host)
        return found[0] if found else NOWHERE

    async def connect(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection."""
        opened = await self.machine.connected(self.address(host), port)
        return await asyncio.open_connection(sock=opened)

    @contextlib.asynccontextmanager
    async def session(self) -> AsyncIterator[aiohttp.ClientSession]:
        """HTTP/1.1, with connections that are kept."""
        connector = aiohttp.TCPConnector(
            resolver=_Names(self), socket_factory=lambda found: self.machine.opened(found[0]), limit=0
        )
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(
            connector=connector, timeout=timeout, max_line_size=HEADER_BYTES, max_field_size=HEADER_BYTES
        ) as session:
            yield session

    async def http(
        self,
        url: str,
        method: str = "GET",
        headers: Mapping[str, str] | Iterable[tuple[str, str]] = (),
        body: bytes | None = None,
    ) -> Answer:
        """One request of HTTP/1.1 on a connection of its own; the path is sent as it is written.

        Raises: aiohttp.ClientError if there is no answer.
        """
        async with self.session() as session:
            # Bytes that stand for a file are sent piece by piece.
            sent = None if body is None else io.BytesIO(body)
            listed = headers.items() if isinstance(headers, Mapping) else headers
            asked = session.request(
                method, URL(url, encoded=True), headers=[*listed], data=sent, allow_redirects=False
            )
            async with asked as found:
                told = {name.lower(): value for name, value in found.headers.items()}
                return Answer(found.status, told, await found.read())

    @contextlib.asynccontextmanager
    async def http2_connection(self, host: str, port: int) -> AsyncIterator[Http2Connection]:
        """A connection of HTTP/2 with prior knowledge."""
        connection = Http2Connection(*await self.connect(host, port))
        try:
            await connection.start()
            yield connection
        finally:
            await connection.close()

    async def http2(self, url: str, method: str = "GET", headers: Pairs = (), body: bytes = b"") -> Answer:
        """One request of HTTP/2 on a connection of its own.

        Raises: ConnectionError if there is no answer.
        """
        asked = URL(url, encoded=True)
        async with (
            asyncio.timeout(PATIENCE_S),
            self.http2_connection(asked.host or "", asked.port or 80) as connection,
        ):
            return await http2_request(connection, asked, method, headers, body)

    @contextlib.asynccontextmanager
    async def channel(self, host: str, port: int) -> AsyncIterator[Any]:
        """A channel of the gRPC library; it connects to a file, and we relay from here."""
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "way"

            async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                with contextlib.suppress(OSError):
                    await relay(reader, writer, *await self.connect(host, port))
                writer.close()

            server = await asyncio.start_unix_server(talk, path)
            authority = host if port == 80 else f"{host}:{port}"
            options = [
                ("grpc.default_authority", authority),
                ("grpc.max_metadata_size", HEADER_BYTES),
                # Channels to one address would share their connections, and an old one might be found dead.
                ("grpc.use_local_subchannel_pool", 1),
            ]
            async with server, grpc.aio.insecure_channel(f"unix:{path}", options) as channel:
                yield channel

    async def grpc(
        self,
        host: str,
        method: str,
        metadata: Sequence[tuple[str, str]] = (),
        message: bytes = b"hello",
        port: int = 80,
    ) -> Answer:
        """One call; `method` is the whole path: `/package.Service/Method`. `status` is 200 for OK.

        A call that fails has the name of its code in `headers["grpc-status"]`, and its details as the body.
        """
        async with self.channel(host, port) as channel:
            try:
                body = await channel.unary_unary(method)(message, metadata=metadata, timeout=PATIENCE_S)
            except grpc.aio.AioRpcError as error:
                return Answer(0, {"grpc-status": error.code().name}, error.details().encode())
            return Answer(200, {"grpc-status": "OK"}, body)

    async def tcp(self, host: str, port: int, say: bytes = b"hello") -> str:
        """What a connection answers with, first; the name of the error if it breaks, `closed` if it ends."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                reader, writer = await self.connect(host, port)
                with contextlib.closing(writer):
                    writer.write(say)
                    return (await reader.read(65536)).decode(errors="replace") or "closed"
        except OSError as error:
            return type(error).__name__


async def http2_request(
    connection: Http2Connection, url: URL, method: str = "GET", headers: Pairs = (), body: bytes = b""
) -> Answer:
    """One request on a connection that is there; a header with a colon takes the place of the usual one."""
    usual = {":method": method, ":scheme": url.scheme, ":authority": url.authority, ":path": url.raw_path_qs}
    said = [*(usual | {k: v for k, v in headers if k.startswith(":")}).items()]
    said += [(name, value) for name, value in headers if not name.startswith(":")]
    stream = await connection.request(said, ends=not body)
    if body:
        await stream.send(body, ends=True)
    answered = dict(await stream.headers())
    return Answer(int(answered.pop(":status")), answered, await stream.body())


class _Names(AbstractResolver):
    """The names of one client, for aiohttp."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_INET,  # noqa: ARG002 - the table decides
    ) -> list[ResolveResult]:
        """One address."""
        address = self._client.address(host)
        found = socket.AF_INET6 if ":" in address else socket.AF_INET
        one = {"hostname": host, "host": address, "port": port, "family": found, "proto": 0, "flags": 0}
        return [ResolveResult(**one)]  # type: ignore[typeddict-item]  # it has those members

    async def close(self) -> None:
        """Nothing is held."""


def counted(answers: Iterable[Answer]) -> dict[str, int]:
    """How often each application answered."""
    return {who: len(list(some)) for who, some in itertools.groupby(sorted(one.who for one in answers))}
