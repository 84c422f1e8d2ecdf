"""How Envoy speaks to a server that the bootstrap itself names -> parts of its Cluster (as JSON).

Source: envoy.config.cluster.v3.Cluster; envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext.
"""

from collections.abc import Mapping
from typing import Final

from gossamer.sidecar.endpoint import is_ip_address
from gossamer.sidecar.json_value import Json, typed

#: Where Debian, Alpine and Amazon Linux keep the authorities that everybody trusts.
AUTHORITIES: Final = "/etc/ssl/certs/ca-certificates.crt"

_HTTP: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_TLS: Final = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext"


def http2(options: Mapping[str, object] | None = None, **more: object) -> Json:
    """A cluster's protocol options: HTTP/2, which gRPC needs; `more` goes beside it."""
    explicit = {"http2_protocol_options": options or {}}
    return {_HTTP: typed(_HTTP, explicit_http_config=explicit, **more)}


def transport_socket(host: str, ca_file: str, **common: object) -> Json:
    """TLS: the server's certificate must come from the authorities and carry its name, or its address.

    `common` are further members of the `CommonTlsContext`.
    """
    is_address = is_ip_address(host)
    san = {"san_type": "IP_ADDRESS" if is_address else "DNS", "matcher": {"exact": host}}
    validation = {"trusted_ca": {"filename": ca_file}, "match_typed_subject_alt_names": [san]}
    # A server's name in TLS is never an address. Source: RFC 6066 section 3.
    name: Json = {} if is_address else {"sni": host}
    context = typed(_TLS, common_tls_context={**common, "validation_context": validation}, **name)
    return {"name": "envoy.transport_sockets.tls", "typed_config": context}
