"""One body for each operation that takes one, for people to start from; tests send every one of them."""

from collections.abc import Mapping
from typing import Final

Example = Mapping[str, object]

_MESH: Final[Example] = {"egressFilter": {"type": "DROP_ALL"}}
_NODE: Final[Example] = {
    "listeners": [
        {
            "portMapping": {"port": 8080, "protocol": "http"},
            "healthCheck": {
                "protocol": "http",
                "path": "/healthz",
                "healthyThreshold": 2,
                "unhealthyThreshold": 2,
                "intervalMillis": 5000,
                "timeoutMillis": 2000,
            },
        }
    ],
    "serviceDiscovery": {"dns": {"hostname": "orders-v1.shop.local"}},
    "backends": [{"virtualService": {"virtualServiceName": "stock.shop.local"}}],
}
_ROUTER: Final[Example] = {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]}
_ROUTE: Final[Example] = {
    "priority": 10,
    "httpRoute": {
        "match": {"prefix": "/"},
        "action": {
            "weightedTargets": [
                {"virtualNode": "orders-v1", "weight": 90},
                {"virtualNode": "orders-v2", "weight": 10},
            ]
        },
        "retryPolicy": {
            "maxRetries": 2,
            "perRetryTimeout": {"unit": "s", "value": 2},
            "httpRetryEvents": ["server-error", "gateway-error"],
        },
    },
}
_SERVICE: Final[Example] = {"provider": {"virtualRouter": {"virtualRouterName": "orders"}}}
_GATEWAY: Final[Example] = {"listeners": [{"portMapping": {"port": 8088, "protocol": "http"}}]}
_GATEWAY_ROUTE: Final[Example] = {
    "httpRoute": {
        "match": {"prefix": "/orders"},
        "action": {"target": {"virtualService": {"virtualServiceName": "orders.shop.local"}}},
    }
}

EXAMPLES: Final[Mapping[str, Example]] = {
    "CreateMesh": {"meshName": "shop", "spec": _MESH},
    "UpdateMesh": {"spec": _MESH},
    "CreateVirtualNode": {"virtualNodeName": "orders-v1", "spec": _NODE},
    "UpdateVirtualNode": {"spec": _NODE},
    "CreateVirtualRouter": {"virtualRouterName": "orders", "spec": _ROUTER},
    "UpdateVirtualRouter": {"spec": _ROUTER},
    "CreateRoute": {"routeName": "canary", "spec": _ROUTE},
    "UpdateRoute": {"spec": _ROUTE},
    "CreateVirtualService": {"virtualServiceName": "orders.shop.local", "spec": _SERVICE},
    "UpdateVirtualService": {"spec": _SERVICE},
    "CreateVirtualGateway": {"virtualGatewayName": "front", "spec": _GATEWAY},
    "UpdateVirtualGateway": {"spec": _GATEWAY},
    "CreateGatewayRoute": {"gatewayRouteName": "orders", "spec": _GATEWAY_ROUTE},
    "UpdateGatewayRoute": {"spec": _GATEWAY_ROUTE},
    "TagResource": {"tags": [{"key": "team", "value": "orders"}]},
    "UntagResource": {"tagKeys": ["team"]},
}
