"""What a request must be like for a route to take it.

Source: App Mesh API 2019-01-25, `HttpRouteMatch`, `GrpcRouteMatch`, `TcpRouteMatch`, and what they hold.
"""

import enum
from collections.abc import Iterator
from typing import Annotated

from gossamer.model.names import ServiceName
from gossamer.model.port_mapping import PortNumber
from gossamer.model.regex import Regex
from gossamer.model.rule import Between, Characters, Items, Matching, Obeying
from gossamer.model.spec import Ruled, Spec, Union, Violated

Long = Annotated[int, Between(-(2**63), 2**63 - 1)]
Prefix = Annotated[str, Matching("^/", "must start with /")]
HttpPathExact = Annotated[str, Characters(1, 255), Matching("^/", "must start with /")]
HeaderMatch = Annotated[str, Characters(1, 255)]

# Source: RFC 9110 §5.1: a field name is a token; pseudo-headers such as `:authority` are taken too.
HeaderName = Annotated[
    str,
    Characters(1, 50),
    Matching(r"^[^\s\x00-\x1f\x7f-\x9f]+$", "may hold no whitespace or control character"),
]

# Envoy takes 1024 bytes, and a character may need four.
QueryParameterName = Annotated[str, Characters(1, 255)]


class HttpMethod(enum.Enum):
    """An HTTP method."""

    GET = "GET"
    HEAD = "HEAD"
    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    CONNECT = "CONNECT"
    OPTIONS = "OPTIONS"
    TRACE = "TRACE"
    PATCH = "PATCH"


class HttpScheme(enum.Enum):
    """The scheme that a client asked for."""

    HTTP = "http"
    HTTPS = "https"


class MatchRange(Spec):
    """Whole numbers from `start` up to, and without, `end`."""

    start: Long
    """The first number that matches."""
    end: Long
    """The first number that no longer matches."""


class HeaderMatchMethod(Union):
    """How a header's value is compared; case counts."""

    exact: HeaderMatch | None = None
    """The whole value."""
    prefix: HeaderMatch | None = None
    """How the value starts."""
    suffix: HeaderMatch | None = None
    """How the value ends."""
    regex: Regex | None = None
    """An expression that the whole value matches."""
    range: MatchRange | None = None
    """The numbers that the value may be."""


class GrpcRouteMetadataMatchMethod(HeaderMatchMethod):
    """How the value of gRPC metadata is compared; case counts."""


class HttpRouteHeader(Spec):
    """A condition on one header; with only a name, the header must be there."""

    name: HeaderName
    """The header; case does not count."""
    match: HeaderMatchMethod | None = None
    """What its value must be."""
    invert: bool | None = None
    """Whether to turn the condition round; the effective default is false."""


class GrpcRouteMetadata(Spec):
    """A condition on one entry of gRPC metadata; with only a name, the entry must be there."""

    name: Annotated[HeaderName, Obeying(str.lower, "is kept in lower case")]
    """The entry; the managed service kept it in lower case, and so do we."""
    match: GrpcRouteMetadataMatchMethod | None = None
    """What its value must be."""
    invert: bool | None = None
    """Whether to turn the condition round; the effective default is false."""


class HttpPathMatch(Union):
    """How the path is compared, without the query."""

    exact: HttpPathExact | None = None
    """The whole path."""
    regex: Regex | None = None
    """An expression that the whole path matches."""


class QueryParameterMatch(Spec):
    """How the value of a query parameter is compared."""

    exact: str | None = None
    """The whole value; case counts."""


class HttpQueryParameter(Spec):
    """A condition on one query parameter; with only a name, the parameter must be there."""

    name: QueryParameterName
    """The parameter; case counts."""
    match: QueryParameterMatch | None = None
    """What its value must be."""


class HttpRouteMatch(Ruled):
    """What an HTTP request must be like; all conditions must hold, and none at all takes every request.

    At most one of `prefix` and `path` may be set.
    """

    prefix: Prefix | None = None
    """How the path starts, letter by letter; `/` takes every path."""
    path: HttpPathMatch | None = None
    """What the path must be."""
    method: HttpMethod | None = None
    """The method."""
    scheme: HttpScheme | None = None
    """The scheme; clients send it over HTTP/2 only."""
    headers: Annotated[tuple[HttpRouteHeader, ...], Items(1, 10)] | None = None
    """Conditions on headers."""
    query_parameters: Annotated[tuple[HttpQueryParameter, ...], Items(1, 10)] | None = None
    """Conditions on query parameters."""
    port: PortNumber | None = None
    """The port of the router's listener; needed when the router has several."""

    def _broken_rules(self) -> Iterator[Violated]:
        if self.prefix is not None and self.path is not None:
            yield Violated("at most one of prefix, path may be set")


class GrpcRouteMatch(Ruled):
    """What a gRPC request must be like; all conditions must hold, and none at all takes every request.

    `methodName` needs `serviceName` beside it.
    """

    service_name: ServiceName | None = None
    """The gRPC service with its package, as in the request's path."""
    method_name: Annotated[str, Characters(1, 50)] | None = None
    """The method of that service."""
    metadata: Annotated[tuple[GrpcRouteMetadata, ...], Items(1, 10)] | None = None
    """Conditions on metadata."""
    port: PortNumber | None = None
    """The port of the router's listener; needed when the router has several."""

    def _broken_rules(self) -> Iterator[Violated]:
        if self.method_name is not None and self.service_name is None:
            yield Violated("is required when methodName is set", "serviceName")


class TcpRouteMatch(Spec):
    """What a TCP connection must be like."""

    port: PortNumber | None = None
    """The port of the router's listener; needed when the router has several."""
