"""What a gateway route changes in a request before it passes it on.

Source: App Mesh API 2019-01-25, `HttpGatewayRouteRewrite`, `GrpcGatewayRouteRewrite` and what they hold; user
guide, page on gateway routes.
"""

import enum
from collections.abc import Iterator
from typing import Annotated

from gossamer.model.rule import Characters, Matching, Newly
from gossamer.model.spec import Ruled, Spec, Union, Violated

# Source: RFC 9112 §3.2, a request's target; real Envoys behind a gateway answered every other character with
# 400 or 503, or refused the route. All else is written with `%`.
RewrittenPath = Annotated[
    str,
    Characters(1, 255),
    Matching("^/", "must start with /"),
    Newly(r"^/[!-\"$-~]*$", "may hold visible ASCII characters only, and no #"),
]


class DefaultGatewayRouteRewrite(enum.Enum):
    """Whether the rewrite that happens by itself happens."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"


class GatewayRouteHostnameRewrite(Spec):
    """What becomes of the host."""

    default_target_hostname: DefaultGatewayRouteRewrite | None = None
    """Whether the host becomes the virtual service's name; the effective default is `ENABLED`."""


class HttpGatewayRoutePathRewrite(Spec):
    """What becomes of the whole path."""

    exact: RewrittenPath | None = None
    """The new path; without it, the path stays."""


class HttpGatewayRoutePrefixRewrite(Union):
    """What becomes of the part of the path that the route's prefix matched."""

    default_prefix: DefaultGatewayRouteRewrite | None = None
    """Whether it becomes `/`; the effective default is `ENABLED`."""
    value: RewrittenPath | None = None
    """What it becomes instead."""


class HttpGatewayRouteRewrite(Ruled):
    """What an HTTP gateway route changes; at most one of `prefix` and `path` may be set."""

    hostname: GatewayRouteHostnameRewrite | None = None
    """What becomes of the host."""
    prefix: HttpGatewayRoutePrefixRewrite | None = None
    """What becomes of the matched prefix; for a match without `path`."""
    path: HttpGatewayRoutePathRewrite | None = None
    """What becomes of the whole path; for a match without `prefix`."""

    def _broken_rules(self) -> Iterator[Violated]:
        if self.prefix is not None and self.path is not None:
            yield Violated("at most one of prefix, path may be set")


class GrpcGatewayRouteRewrite(Spec):
    """What a gRPC gateway route changes; the path, which names service and method, always stays."""

    hostname: GatewayRouteHostnameRewrite | None = None
    """What becomes of the host."""
