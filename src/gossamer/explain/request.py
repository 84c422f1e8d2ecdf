"""What somebody asks about: a request as a program would send it.

Source: RFC 9110 for methods, fields and targets; RFC 9113 for what HTTP/2 sends; gRPC over HTTP/2.
"""

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from gossamer.errors import InvalidSpec, Violation

Headers = tuple[tuple[str, str], ...]


class Protocol(enum.Enum):
    """What the client speaks."""

    HTTP = "http"
    HTTP2 = "http2"
    GRPC = "grpc"
    TCP = "tcp"


#: What a URL's scheme says of the protocol where nothing else does.
_BY_SCHEME: Final = {
    "http": Protocol.HTTP,
    "https": Protocol.HTTP,
    "grpc": Protocol.GRPC,
    "grpcs": Protocol.GRPC,
    "tcp": Protocol.TCP,
}
_ENCRYPTED: Final = frozenset({"https", "grpcs"})
_PORTS: Final = {False: 80, True: 443}

_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_TARGET: Final = re.compile(r"[!-~]*")
#: Source: RFC 3986 section 3.2, without a user; others are refused before any route is looked at.
_AUTHORITY: Final = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:%\[\]-]+")
_VALUE: Final = re.compile(r"[^\x00-\x08\x0a-\x1f\x7f]*")

_HOST: Final = ("host", ":authority")

#: What is about one connection only, and goes no further.
HOP_BY_HOP: Final = frozenset(
    {"connection", "upgrade", "keep-alive", "proxy-connection", "transfer-encoding"}
)

#: What every gRPC client sends.
_GRPC_HEADERS: Final = (("content-type", "application/grpc"), ("te", "trailers"))


@dataclass(frozen=True, slots=True)
class Request:
    """A request on its way: `target` is path and query as they are sent, `headers` in lower case, in order.

    `is_encrypted` says that the client itself speaks TLS, `names_port` that its URL names the port.
    """

    method: str
    authority: str
    host: str
    port: int
    target: str
    headers: Headers
    protocol: Protocol
    is_encrypted: bool = False
    names_port: bool = True


def read_request(
    method: str, url: str, headers: Mapping[str, str] | Sequence[tuple[str, str]] = (), protocol: str = ""
) -> Request:
    """A request from a method, a URL, headers, and a protocol; without one, the URL's scheme decides.

    A `host` header stands in for the URL's host, as clients let it.

    Raises: InvalidSpec with every violation.
    """
    listed = list(headers.items() if isinstance(headers, Mapping) else headers)
    parts, port = _split(url)
    if violations := [*_wrong_url(parts, port), *_wrong(method, protocol), *_wrong_headers(listed)]:
        raise InvalidSpec(violations)
    assert parts is not None  # noqa: S101 - told above
    spoken = Protocol(protocol) if protocol else _BY_SCHEME[parts.scheme]
    if violations := list(_of_one_connection(spoken, listed)):
        raise InvalidSpec(violations)
    given = tuple((name.lower(), value.strip(" \t")) for name, value in listed)
    authority = next((value for name, value in given if name in _HOST), parts.netloc)
    sent = tuple(one for one in given if one[0] not in _HOST)
    if spoken is Protocol.GRPC:
        sent += tuple(one for one in _GRPC_HEADERS if one[0] not in dict(sent))
    is_encrypted = parts.scheme in _ENCRYPTED
    return Request(
        method=method,
        authority=authority,
        host=_host(parts.netloc),
        port=port or _PORTS[is_encrypted],
        target=(parts.path or "/") + (f"?{parts.query}" if parts.query else ""),
        headers=sent,
        protocol=spoken,
        is_encrypted=is_encrypted,
        names_port=bool(port),
    )


def is_authority(text: str) -> bool:
    """Whether HTTP can carry it as a host, with or without a port."""
    return _AUTHORITY.fullmatch(text) is not None


def _host(netloc: str) -> str:
    """A URL's host as it is written, without the port."""
    return re.sub(r":[0-9]*$", "", netloc)


def _split(url: str) -> tuple[SplitResult | None, int | None]:
    """A URL's parts, and its port: none if it names none, 0 if that is no port."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None, None
    try:
        return parts, parts.port
    except ValueError:
        return parts, 0


def _wrong_url(parts: SplitResult | None, port: int | None) -> Iterator[Violation]:
    if parts is None or parts.scheme not in _BY_SCHEME or not parts.hostname:
        schemes = ", ".join(_BY_SCHEME)
        yield Violation("url", f"must be a whole URL, of the scheme {schemes}, with a host")
        return
    if port == 0:
        yield Violation("url", "its port must be between 1 and 65535")
    if parts.username is not None:
        yield Violation("url", "may hold no user: proxies refuse such a host")
    if parts.fragment:
        yield Violation("url", "may hold no fragment: clients do not send it")
    if not _TARGET.fullmatch(parts.netloc + parts.path + parts.query):
        yield Violation("url", "may hold printable ASCII only: clients send the rest percent-encoded")
    if "%00" in parts.path:
        yield Violation("url", "may not hold %00: proxies answer 400")
    if parts.scheme == "tcp" and port is None:
        yield Violation("url", "must name a port: TCP has no usual one")


def _wrong(method: str, protocol: str) -> Iterator[Violation]:
    if not _TOKEN.fullmatch(method):
        yield Violation("method", "must be an HTTP method")
    elif method.upper() == "CONNECT":
        yield Violation("method", "may not be CONNECT: no route takes it")
    if protocol and protocol not in [one.value for one in Protocol]:
        yield Violation("protocol", "must be one of http, http2, grpc, tcp")


def _wrong_headers(headers: Sequence[tuple[str, str]]) -> Iterator[Violation]:
    for name, value in headers:
        where = f"headers.{name}"
        if not _TOKEN.fullmatch(name) and name != ":authority":
            yield Violation(where, "must be a field name: letters, digits and punctuation, no space")
        if name.lower() in _HOST and not is_authority(value):
            yield Violation(where, "must be a host, with or without a port")
        elif not _VALUE.fullmatch(value):
            yield Violation(where, "may hold no control character")


def _of_one_connection(spoken: Protocol, headers: Sequence[tuple[str, str]]) -> Iterator[Violation]:
    """What HTTP/2 takes for a malformed request. Source: RFC 9113 section 8.2.2."""
    for name, value in headers if spoken in (Protocol.HTTP2, Protocol.GRPC) else ():
        if name.lower() in HOP_BY_HOP or (name.lower() == "te" and value.strip() != "trailers"):
            yield Violation(f"headers.{name}", "may not be sent over HTTP/2")
