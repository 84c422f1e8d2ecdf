"""One spec of each kind with every member that the API has, on the wire."""

from typing import Final

from gossamer.model.kind import Kind

Json = dict[str, object]

TARGETS: Final[Json] = {"weightedTargets": [{"virtualNode": "a", "weight": 99, "port": 8080}]}
CONDITIONS: Final[list[object]] = [
    {"name": "only-a-name"},
    {"name": "exact", "match": {"exact": "a"}, "invert": True},
    {"name": "prefix", "match": {"prefix": "a"}, "invert": False},
    {"name": "suffix", "match": {"suffix": "a"}},
    {"name": "regex", "match": {"regex": "a.*"}},
    {"name": "range", "match": {"range": {"start": -1, "end": 100}}},
]
RETRY: Final[Json] = {
    "maxRetries": 0,
    "perRetryTimeout": {"unit": "ms", "value": 2000},
    "httpRetryEvents": ["server-error", "gateway-error", "client-error", "stream-error"],
    "tcpRetryEvents": ["connection-error"],
}
TIMEOUT: Final[Json] = {"idle": {"unit": "s", "value": 0}, "perRequest": {"unit": "ms", "value": 1000}}
POLICY: Final[Json] = {
    "tls": {
        "enforce": True,
        "ports": [443],
        "certificate": {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}},
        "validation": {
            "trust": {
                "acm": {
                    "certificateAuthorityArns": [
                        "arn:aws:acm-pca:us-west-2:000000000000:certificate-authority/12345678-1234"
                    ]
                }
            },
            "subjectAlternativeNames": {"match": {"exact": ["b.local", "spiffe://b"]}},
        },
    }
}
HEALTH_CHECK: Final[Json] = {
    "protocol": "http2",
    "healthyThreshold": 2,
    "unhealthyThreshold": 10,
    "intervalMillis": 5000,
    "timeoutMillis": 2000,
    "path": "/health",
    "port": 8080,
}
LISTENER: Final[Json] = {
    "portMapping": {"port": 8080, "protocol": "grpc"},
    "healthCheck": HEALTH_CHECK,
    "timeout": {"grpc": TIMEOUT},
    "connectionPool": {"grpc": {"maxRequests": 1}},
    "outlierDetection": {
        "maxServerErrors": 5,
        "interval": {"unit": "s", "value": 10},
        "baseEjectionDuration": {"unit": "ms", "value": 1},
        "maxEjectionPercent": 0,
    },
    "tls": {
        "mode": "STRICT",
        "certificate": {"acm": {"certificateArn": "arn:aws:acm:us-west-2:000000000000:certificate/1-2"}},
        "validation": {
            "trust": {"file": {"certificateChain": "/ca.pem"}},
            "subjectAlternativeNames": {"match": {"exact": ["*.local"]}},
        },
    },
}
LISTENERS: Final[list[object]] = [
    LISTENER,
    {
        "portMapping": {"port": 80, "protocol": "http"},
        "timeout": {"http": TIMEOUT},
        "connectionPool": {"http": {"maxConnections": 1, "maxPendingRequests": 2147483647}},
        "tls": {"mode": "PERMISSIVE", "certificate": {"sds": {"secretName": "spiffe://b"}}},
    },
    {
        "portMapping": {"port": 81, "protocol": "http2"},
        "timeout": {"http2": {}},
        "connectionPool": {"http2": {"maxRequests": 1}},
        "tls": {
            "mode": "DISABLED",
            "certificate": {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}},
            "validation": {"trust": {"sds": {"secretName": "ca"}}},
        },
    },
    {
        "portMapping": {"port": 82, "protocol": "tcp"},
        "timeout": {"tcp": {"idle": {"unit": "s", "value": 1}}},
        "connectionPool": {"tcp": {"maxConnections": 1}},
    },
]
NODE: Final[Json] = {
    "listeners": LISTENERS,
    "serviceDiscovery": {
        "awsCloudMap": {
            "namespaceName": "local",
            "serviceName": "b",
            "attributes": [{"key": "version", "value": "1 2"}],
            "ipPreference": "IPv6_PREFERRED",
        }
    },
    "backends": [
        {"virtualService": {"virtualServiceName": "c.local", "clientPolicy": POLICY}},
        {"virtualService": {"virtualServiceName": "d.local"}},
    ],
    "backendDefaults": {"clientPolicy": {}},
    "logging": {
        "accessLog": {
            "file": {"path": "/dev/stdout", "format": {"json": [{"key": "p", "value": "%PROTOCOL%"}]}}
        }
    },
}
ROUTE: Final[Json] = {
    "priority": 0,
    "httpRoute": {
        "match": {
            "path": {"regex": "/a/.*"},
            "method": "GET",
            "scheme": "https",
            "headers": CONDITIONS,
            "queryParameters": [{"name": "q"}, {"name": "r", "match": {"exact": "1"}}],
            "port": 80,
        },
        "action": TARGETS,
        "timeout": TIMEOUT,
        "retryPolicy": RETRY,
    },
}

GATEWAY: Final[Json] = {
    "listeners": [
        {
            "portMapping": {"port": 8080, "protocol": "http"},
            "healthCheck": HEALTH_CHECK | {"protocol": "http"},
            "connectionPool": {"http": {"maxConnections": 1, "maxPendingRequests": 2}},
            "tls": {
                "mode": "STRICT",
                "certificate": {
                    "acm": {"certificateArn": "arn:aws:acm:us-west-2:000000000000:certificate/1-2"}
                },
                "validation": {
                    "trust": {"file": {"certificateChain": "/ca.pem"}},
                    "subjectAlternativeNames": {"match": {"exact": ["*.local"]}},
                },
            },
        },
        {
            "portMapping": {"port": 8081, "protocol": "http2"},
            "connectionPool": {"http2": {"maxRequests": 1}},
            "tls": {
                "mode": "PERMISSIVE",
                "certificate": {"sds": {"secretName": "spiffe://b"}},
                "validation": {"trust": {"sds": {"secretName": "ca"}}},
            },
        },
        {
            "portMapping": {"port": 8082, "protocol": "grpc"},
            "connectionPool": {"grpc": {"maxRequests": 1}},
            "tls": {
                "mode": "DISABLED",
                "certificate": {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}},
            },
        },
    ],
    "backendDefaults": {"clientPolicy": POLICY},
    "logging": {
        "accessLog": {
            "file": {"path": "/dev/stdout", "format": {"json": [{"key": "p", "value": "%PROTOCOL%"}]}}
        }
    },
}
GATEWAY_TARGET: Final[Json] = {"virtualService": {"virtualServiceName": "b.local"}, "port": 80}
GATEWAY_ROUTE: Final[Json] = {
    "priority": 0,
    "httpRoute": {
        "match": {
            "path": {"regex": "/a/.*"},
            "hostname": {"exact": "www.example.com"},
            "method": "GET",
            "headers": CONDITIONS,
            "queryParameters": [{"name": "q"}, {"name": "r", "match": {"exact": "1"}}],
            "port": 8080,
        },
        "action": {
            "target": GATEWAY_TARGET,
            "rewrite": {"hostname": {"defaultTargetHostname": "DISABLED"}, "path": {"exact": "/b"}},
        },
    },
}

FULL: Final[dict[Kind, Json]] = {
    Kind.MESH: {"egressFilter": {"type": "ALLOW_ALL"}, "serviceDiscovery": {"ipPreference": "IPv4_ONLY"}},
    Kind.VIRTUAL_NODE: NODE,
    Kind.VIRTUAL_ROUTER: {"listeners": [{"portMapping": {"port": 80, "protocol": "http"}}]},
    Kind.ROUTE: ROUTE,
    Kind.VIRTUAL_SERVICE: {"provider": {"virtualRouter": {"virtualRouterName": "r"}}},
    Kind.VIRTUAL_GATEWAY: GATEWAY,
    Kind.GATEWAY_ROUTE: GATEWAY_ROUTE,
}

#: More specs that clients send and read back, and what each is about.
FURTHER: Final[dict[str, tuple[Kind, Json]]] = {
    "a mesh of nothing": (Kind.MESH, {}),
    "a node of nothing": (Kind.VIRTUAL_NODE, {}),
    "a node with empty lists": (Kind.VIRTUAL_NODE, {"listeners": [], "backends": []}),
    "a node in DNS that logs text": (
        Kind.VIRTUAL_NODE,
        {
            "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
            "serviceDiscovery": {
                "dns": {"hostname": "a.local.", "responseType": "ENDPOINTS", "ipPreference": "IPv6_ONLY"}
            },
            "logging": {"accessLog": {"file": {"path": "/log", "format": {"text": "%PROTOCOL%\n"}}}},
        },
    ),
    "a client that trusts a file": (
        Kind.VIRTUAL_NODE,
        {
            "backendDefaults": {
                "clientPolicy": {
                    "tls": {
                        "enforce": False,
                        "validation": {
                            "trust": {"file": {"certificateChain": "/ca"}},
                            "subjectAlternativeNames": {"match": {"exact": ["*.local"]}},
                        },
                    }
                }
            }
        },
    ),
    "a client that asks for secrets": (
        Kind.VIRTUAL_NODE,
        {
            "backendDefaults": {
                "clientPolicy": {
                    "tls": {
                        "certificate": {"sds": {"secretName": "me"}},
                        "validation": {"trust": {"sds": {"secretName": "ca"}}},
                    }
                }
            }
        },
    ),
    "a service of a node": (
        Kind.VIRTUAL_SERVICE,
        {"provider": {"virtualNode": {"virtualNodeName": "n_1-a"}}},
    ),
    "a service of nobody": (Kind.VIRTUAL_SERVICE, {}),
    "a router of nothing": (Kind.VIRTUAL_ROUTER, {}),
    "a route that matches a port alone": (
        Kind.ROUTE,
        {"http2Route": {"match": {"port": 80}, "action": TARGETS}},
    ),
    "a route with weights 99 and 0": (
        Kind.ROUTE,
        {
            "httpRoute": {
                "match": {"prefix": "/"},
                "action": {
                    "weightedTargets": [
                        {"virtualNode": "a", "weight": 99},
                        {"virtualNode": "b", "weight": 0},
                    ]
                },
            }
        },
    ),
    "a route of an exact path": (
        Kind.ROUTE,
        {"httpRoute": {"match": {"path": {"exact": "/a"}}, "action": TARGETS}},
    ),
    "a gRPC route with an empty match": (Kind.ROUTE, {"grpcRoute": {"match": {}, "action": TARGETS}}),
    "a gRPC route with everything": (
        Kind.ROUTE,
        {
            "priority": 1000,
            "grpcRoute": {
                "match": {"serviceName": "p.S", "methodName": "M", "metadata": CONDITIONS, "port": 80},
                "action": TARGETS,
                "timeout": TIMEOUT,
                "retryPolicy": {
                    **RETRY,
                    "grpcRetryEvents": [
                        "cancelled",
                        "deadline-exceeded",
                        "internal",
                        "resource-exhausted",
                        "unavailable",
                    ],
                },
            },
        },
    ),
    "a gateway that trusts a file and logs text": (
        Kind.VIRTUAL_GATEWAY,
        {
            "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
            "backendDefaults": {
                "clientPolicy": {"tls": {"validation": {"trust": {"file": {"certificateChain": "/ca"}}}}}
            },
            "logging": {"accessLog": {"file": {"path": "/log", "format": {"text": "%PROTOCOL%\n"}}}},
        },
    ),
    "a gateway that asks for secrets": (
        Kind.VIRTUAL_GATEWAY,
        {
            "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
            "backendDefaults": {
                "clientPolicy": {
                    "tls": {
                        "certificate": {"sds": {"secretName": "me"}},
                        "validation": {"trust": {"sds": {"secretName": "ca"}}},
                    }
                }
            },
        },
    ),
    "a gateway route of a host's ending": (
        Kind.GATEWAY_ROUTE,
        {
            "httpRoute": {
                "match": {"hostname": {"suffix": ".example.com"}},
                "action": {"target": GATEWAY_TARGET},
            }
        },
    ),
    "a gateway route that matches a port alone": (
        Kind.GATEWAY_ROUTE,
        {"http2Route": {"match": {"port": 2222}, "action": {"target": GATEWAY_TARGET}}},
    ),
    "a gateway route that keeps its prefix": (
        Kind.GATEWAY_ROUTE,
        {
            "http2Route": {
                "match": {"prefix": "/a"},
                "action": {
                    "target": GATEWAY_TARGET,
                    "rewrite": {"prefix": {"defaultPrefix": "DISABLED"}},
                },
            }
        },
    ),
    "a gateway route that moves its prefix": (
        Kind.GATEWAY_ROUTE,
        {
            "httpRoute": {
                "match": {"prefix": "/a/"},
                "action": {"target": GATEWAY_TARGET, "rewrite": {"prefix": {"value": "/b/"}}},
            }
        },
    ),
    "a gateway route of gRPC": (
        Kind.GATEWAY_ROUTE,
        {
            "priority": 1000,
            "grpcRoute": {
                "match": {
                    "serviceName": "p.S",
                    "hostname": {"exact": "grpc.example.com"},
                    "metadata": CONDITIONS,
                    "port": 8082,
                },
                "action": {
                    "target": GATEWAY_TARGET,
                    "rewrite": {"hostname": {"defaultTargetHostname": "ENABLED"}},
                },
            },
        },
    ),
    "a TCP route": (
        Kind.ROUTE,
        {
            "tcpRoute": {
                "match": {"port": 1},
                "action": TARGETS,
                "timeout": {"idle": {"unit": "s", "value": 0}},
            }
        },
    ),
}

SAMPLES: Final = {f"a full {kind.value}": (kind, spec) for kind, spec in FULL.items()} | FURTHER
