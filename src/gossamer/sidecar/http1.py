"""Pure: the little of HTTP/1.1 that the front of the admin interface must understand.

Source: RFC 9112, sections 2 (messages), 7.1 (chunked), 9.6 (close).
"""

from dataclasses import dataclass
from typing import Final

END_OF_HEAD: Final = b"\r\n\r\n"
_EOL: Final = b"\r\n"

#: Fields that speak of one connection, and are not for the next.
_HOP: Final = frozenset({b"connection", b"keep-alive", b"proxy-connection"})
_FRAMING: Final = frozenset({b"content-length", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Head:
    """The first line of a message and its fields, as they came."""

    line: bytes
    fields: tuple[bytes, ...]

    @property
    def encoded(self) -> bytes:
        """On the wire."""
        return _EOL.join((self.line, *self.fields)) + END_OF_HEAD

    @property
    def is_chunked(self) -> bool:
        """Whether the body comes in chunks."""
        return any(
            _name(field) == b"transfer-encoding" and b"chunked" in field.lower() for field in self.fields
        )

    @property
    def length(self) -> int | None:
        """How long the body says that it is; None where it does not say."""
        for field in self.fields:
            if _name(field) == b"content-length":
                digits = field.partition(b":")[2].strip()
                return int(digits) if digits.isdigit() else None
        return None

    def without(self, names: frozenset[bytes], *instead: bytes) -> "Head":
        """The same head without some fields, and with others at its end."""
        return Head(self.line, (*(field for field in self.fields if _name(field) not in names), *instead))


def head(raw: bytes) -> Head:
    """Read a head that ends in an empty line."""
    line, *fields = raw.removesuffix(END_OF_HEAD).split(_EOL)
    return Head(line, tuple(fields))


def asks_for(request: Head, path: bytes) -> bool:
    """Whether a request is a GET for this path, with or without a query."""
    method, _, rest = request.line.partition(b" ")
    return method == b"GET" and rest.partition(b" ")[0].partition(b"?")[0] == path


def last_on_connection(request: Head) -> Head:
    """The request as the only one of its connection, so that the answer ends where the connection does."""
    return request.without(_HOP, b"Connection: close")


def target(request: Head) -> tuple[str, str, str]:
    """A request's method, path and query."""
    method, _, rest = request.line.decode("latin-1").partition(" ")
    path, _, query = rest.partition(" ")[0].partition("?")
    return method, path, query


def whole(answer: Head, body: bytes) -> bytes:
    """An answer whose body is all here."""
    return answer.without(_FRAMING, b"content-length: %d" % len(body)).encoded + body


def dechunked(raw: bytes) -> bytes:
    """The body that came in chunks; one that was cut short gives what there was."""
    body = bytearray()
    at = 0
    while (end := raw.find(_EOL, at)) >= 0:
        size = int(raw[at:end].partition(b";")[0], 16)
        if size == 0:
            break
        at = end + len(_EOL)
        body += raw[at : at + size]
        at += size + len(_EOL)
    return bytes(body)


def _name(field: bytes) -> bytes:
    """A field's name in lower case."""
    return field.partition(b":")[0].strip().lower()
