"""What a request must be like for a gateway route to take it.

Source: App Mesh API 2019-01-25, `HttpGatewayRouteMatch`, `GrpcGatewayRouteMatch` and what they hold;
user guide, page on gateway routes, for what is reserved.
"""

from collections.abc import Iterator
from typing import Annotated, Final

from gossamer.model.match import (
    GrpcRouteMetadata,
    GrpcRouteMetadataMatchMethod,
    HeaderMatchMethod,
    HttpMethod,
    HttpPathMatch,
    HttpQueryParameter,
    HttpRouteHeader,
    Prefix,
)
from gossamer.model.names import ServiceName
from gossamer.model.port_mapping import PortNumber
from gossamer.model.rule import Characters, Items, Matching, Obeying
from gossamer.model.spec import Ruled, Spec, Union, Violated

RESERVED_PREFIXES: Final = ("/aws-appmesh", "/aws-app-mesh")
RESERVED_SERVICES: Final = ("aws.appmesh", "aws.app-mesh")
_PREFIX_SAYS: Final = f"must not start with {' or '.join(RESERVED_PREFIXES)}"
_SERVICE_SAYS: Final = f"must not start with {' or '.join(RESERVED_SERVICES)}"


def _unreserved_prefix(prefix: str) -> str:
    if prefix.startswith(RESERVED_PREFIXES):
        raise Violated(_PREFIX_SAYS)
    return prefix


def _unreserved_service(name: str) -> str:
    if name.startswith(RESERVED_SERVICES):
        raise Violated(_SERVICE_SAYS)
    return name


GatewayPrefix = Annotated[Prefix, Obeying(_unreserved_prefix, _PREFIX_SAYS)]
GatewayGrpcServiceName = Annotated[ServiceName, Obeying(_unreserved_service, _SERVICE_SAYS)]

# A star would be taken for a letter; a suffix needs none. What clients send is ASCII, RFC 9110 section 7.2.
HostnamePart = Annotated[
    str,
    Characters(1, 253),
    Matching(r"^[!-)+-.0-~]+$", "may hold printable ASCII only, and no slash or star"),
]


class GatewayRouteHostnameMatch(Union):
    """How the host that a client asked for is compared; case does not count."""

    exact: HostnamePart | None = None
    """The whole name."""
    suffix: HostnamePart | None = None
    """How the name ends."""


class HttpGatewayRouteHeader(HttpRouteHeader):
    """A condition on one header; with only a name, the header must be there."""

    match: HeaderMatchMethod | None = None
    """What its value must be."""


class HttpGatewayRouteMatch(Ruled):
    """What an HTTP request must be like; all conditions must hold, and none at all takes every request.

    At most one of `prefix` and `path` may be set.
    """

    prefix: GatewayPrefix | None = None
    """How the path starts; `/` takes every path."""
    path: HttpPathMatch | None = None
    """What the path must be."""
    hostname: GatewayRouteHostnameMatch | None = None
    """The host that the client asked for."""
    method: HttpMethod | None = None
    """The method."""
    headers: Annotated[tuple[HttpGatewayRouteHeader, ...], Items(1, 10)] | None = None
    """Conditions on headers."""
    query_parameters: Annotated[tuple[HttpQueryParameter, ...], Items(1, 10)] | None = None
    """Conditions on query parameters."""
    port: PortNumber | None = None
    """The port of the gateway's listener; needed when the gateway has several."""

    def _broken_rules(self) -> Iterator[Violated]:
        if self.prefix is not None and self.path is not None:
            yield Violated("at most one of prefix, path may be set")


class GrpcMetadataMatchMethod(GrpcRouteMetadataMatchMethod):
    """How the value of gRPC metadata is compared; case counts."""


class GrpcGatewayRouteMetadata(GrpcRouteMetadata):
    """A condition on one entry of gRPC metadata; with only a name, the entry must be there."""

    match: GrpcMetadataMatchMethod | None = None
    """What its value must be."""


class GrpcGatewayRouteMatch(Spec):
    """What a gRPC request must be like; all conditions must hold, and none at all takes every request."""

    service_name: GatewayGrpcServiceName | None = None
    """The gRPC service with its package, as in the request's path."""
    hostname: GatewayRouteHostnameMatch | None = None
    """The host that the client asked for."""
    metadata: Annotated[tuple[GrpcGatewayRouteMetadata, ...], Items(1, 10)] | None = None
    """Conditions on metadata."""
    port: PortNumber | None = None
    """The port of the gateway's listener; needed when the gateway has several."""
