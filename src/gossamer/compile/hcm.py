"""What handles HTTP on a chain -> envoy...HttpConnectionManager.

Source: public configuration dumps of App Mesh proxies: what is set here was set there, what is not was not,
but for WebSockets over HTTP/2.
"""

from collections.abc import Iterable
from typing import Final

from envoy.config.accesslog.v3.accesslog_pb2 import AccessLog
from envoy.config.core.v3.protocol_pb2 import Http2ProtocolOptions
from envoy.config.listener.v3.listener_components_pb2 import Filter
from envoy.extensions.filters.http.router.v3.router_pb2 import Router
from envoy.extensions.filters.network.http_connection_manager.v3.http_connection_manager_pb2 import (
    HttpConnectionManager,
    HttpFilter,
    Rds,
)

from gossamer.compile.access_log import access_logs
from gossamer.compile.address import ANYWHERE
from gossamer.compile.config_source import ads
from gossamer.compile.value import boolean, packed
from gossamer.model.access_log import Logging

#: The order in which a request passes the filters; the router is always last.
HTTP_FILTERS: Final = (("envoy.filters.http.router", Router),)


def http_connection_manager(
    stat_prefix: str,
    routes: str,
    logging: Logging | None,
    counts: Iterable[AccessLog] = (),
    *,
    is_from_application: bool = False,
) -> Filter:
    """The HTTP filter of one chain; its routes come under their own name."""
    manager = HttpConnectionManager(
        stat_prefix=stat_prefix,
        rds=Rds(route_config_name=routes, config_source=ads()),
        http_filters=[HttpFilter(name=name, typed_config=packed(make())) for name, make in HTTP_FILTERS],
        # Empty, but there: the tracer of the bootstrap is used.
        tracing=HttpConnectionManager.Tracing(),
        access_log=[*access_logs(logging), *counts],
        upgrade_configs=[
            HttpConnectionManager.UpgradeConfig(upgrade_type="websocket", enabled=boolean(value=True))
        ],
        # A WebSocket over HTTP/2 is an extended CONNECT. Source: RFC 8441; App Mesh roadmap issue 465.
        http2_protocol_options=Http2ProtocolOptions(allow_connect=True),
        normalize_path=boolean(value=True),
        merge_slashes=True,
        path_with_escaped_slashes_action=HttpConnectionManager.KEEP_UNCHANGED,
    )
    if is_from_application:
        manager.MergeFrom(_trusting())
    return Filter(name="envoy.filters.network.http_connection_manager", typed_config=packed(manager))


def _trusting() -> HttpConnectionManager:
    """What makes Envoy follow an application's own `x-envoy-retry-on`, `x-envoy-upstream-rq-timeout-ms` etc.

    Envoy takes such headers away from whoever it does not trust, which is everybody unless it looks at the
    address of the connection. No other header changes for that: nothing is added to `x-forwarded-for`, and
    `x-forwarded-proto` and `x-request-id` stay as the application sent them.
    Source: App Mesh roadmap issue 404; Envoy, HTTP header sanitizing.
    """
    return HttpConnectionManager(
        use_remote_address=boolean(value=True),
        internal_address_config=HttpConnectionManager.InternalAddressConfig(cidr_ranges=ANYWHERE),
        skip_xff_append=True,
        xff_num_trusted_hops=1,
        preserve_external_request_id=True,
    )
