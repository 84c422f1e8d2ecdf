"""A DNS server for tests: answers from a table that the test may change while it runs.

Source: RFC 1035, section 4; RFC 3596 for AAAA.
"""

import asyncio
import contextlib
import ipaddress
import socket
import struct
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Final

HEADER: Final = struct.Struct("!6H")
TYPES: Final = {1: 4, 28: 6}
ANSWERED, UNKNOWN = 0x8180, 0x8183


class Names(asyncio.DatagramProtocol):
    """Answers each datagram from the table: name → addresses of both families."""

    def __init__(self, table: Mapping[str, Sequence[str]]) -> None:
        self._table = table

    # A datagram protocol is only ever given a transport of datagrams.
    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._transport.sendto(answer(data, self._table), addr)


def answer(question: bytes, table: Mapping[str, Sequence[str]]) -> bytes:
    """The answer to a question with one name."""
    number = HEADER.unpack_from(question)[0]
    place, labels = HEADER.size, []
    while length := question[place]:
        labels.append(question[place + 1 : place + 1 + length].decode("ascii", "replace").lower())
        place += 1 + length
    (kind,) = struct.unpack_from("!H", question, place + 1)
    asked = question[HEADER.size : place + 5]
    addresses = table.get(".".join(labels))
    records = list(_records(kind, addresses or ()))
    status = ANSWERED if addresses is not None else UNKNOWN
    return HEADER.pack(number, status, 1, len(records), 0, 0) + asked + b"".join(records)


def _records(kind: int, addresses: Iterable[str]) -> Iterable[bytes]:
    for text in addresses:
        address = ipaddress.ip_address(text)
        if TYPES.get(kind) == address.version:
            yield struct.pack("!HHHIH", 0xC00C, kind, 1, 1, len(address.packed)) + address.packed


@contextlib.asynccontextmanager
async def serving_names(where: socket.socket, table: Mapping[str, Sequence[str]]) -> AsyncIterator[None]:
    """A server on a bound socket."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Names(table), sock=where)
    try:
        yield
    finally:
        transport.close()
