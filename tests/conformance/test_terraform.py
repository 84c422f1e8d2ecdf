"""What the Terraform provider does with every kind: it reads back what it wrote, and says who owns the mesh.

Source: the provider's resources `aws_appmesh_*`, and the specs of its acceptance tests.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from gossamer.api.app import ApiSettings, create_app
from gossamer.clock import SystemClock
from gossamer.store.engine import sqlite_url
from gossamer.store.sql import SqlStore
from gossamer.store.store import Rules
from tests.support.in_process import Caller

Json = dict[str, Any]

ACCOUNT: Final = "123456789012"
M: Final = {"meshName": "m"}
OWNED: Final = {**M, "meshOwner": ACCOUNT}
DNS: Final = {"serviceDiscovery": {"dns": {"hostname": "n.local"}}}
CHECK: Final = {
    "protocol": "http2",
    "path": "/ping",
    "healthyThreshold": 3,
    "unhealthyThreshold": 3,
    "timeoutMillis": 2000,
    "intervalMillis": 5000,
}


def listeners(*ports: tuple[int, str], **members: object) -> Json:
    return {"listeners": [{"portMapping": {"port": port, "protocol": one}, **members} for port, one in ports]}


def route(member: str = "httpRoute", weights: tuple[int, ...] = (1,), **members: object) -> Json:
    targets = [{"virtualNode": f"n{index}", "weight": weight} for index, weight in enumerate(weights)]
    return {member: {"match": {"prefix": "/"}, "action": {"weightedTargets": targets}, **members}}


def entering(rewrite: Json | None = None, **match: object) -> Json:
    action: Json = {"target": {"virtualService": {"virtualServiceName": "s.local"}}}
    action |= {} if rewrite is None else {"rewrite": rewrite}
    return {"httpRoute": {"match": match, "action": action}}


def calling(**policy: object) -> Json:
    trust = {"validation": {"trust": {"file": {"certificateChain": "/ca.pem"}}}}
    backend = {"virtualServiceName": "nobody.local", "clientPolicy": {"tls": {**trust, **policy}}}
    return {"backends": [{"virtualService": backend}]}


def checked(**filled: object) -> Json:
    return {**listeners((8080, "grpc"), healthCheck={**CHECK, **filled}), **DNS}


def timeout(unit: str, value: int) -> Json:
    return {"timeout": {"idle": {"unit": unit, "value": value}, "perRequest": {"unit": unit, "value": value}}}


NO_RETRY: Final = {
    "maxRetries": 0,
    "perRetryTimeout": {"unit": "ms", "value": 250000},
    "httpRetryEvents": ["server-error"],
}
GRPC_CHECK: Final = {"protocol": "grpc"} | {
    member: value for member, value in CHECK.items() if member not in ("protocol", "path")
}
SHOWN: Final = {
    "certificate": {"file": {"certificateChain": "/cert_chain.pem", "privateKey": "tell-nobody"}},
    "validation": {
        "subjectAlternativeNames": {"match": {"exact": ["def.example.com"]}},
        "trust": {"sds": {"secretName": "restricted"}},
    },
}
MUTUAL: Final = {
    "certificate": {"sds": {"secretName": "very-secret"}},
    "mode": "PERMISSIVE",
    "validation": {
        "subjectAlternativeNames": {"match": {"exact": ["abc.example.com", "xyz.example.com"]}},
        "trust": {"file": {"certificateChain": "/cert_chain.pem"}},
    },
}
KEPT: Final = {
    "hostname": {"defaultTargetHostname": "DISABLED"},
    "prefix": {"defaultPrefix": "DISABLED"},
}
HEADERS: Final = [
    {"name": "X-Testing1", "invert": True},
    {"name": "X-Testing2", "invert": False, "match": {"range": {"start": 2, "end": 7}}},
]
MANY: Final = ((80, "http"), (81, "http2"), (82, "grpc"), (83, "tcp"))

#: noun → what else names it.
NAMES: Final[dict[str, Json]] = {
    "Mesh": {},
    "VirtualNode": {"virtualNodeName": "n"},
    "VirtualRouter": {"virtualRouterName": "q"},
    "Route": {"virtualRouterName": "r", "routeName": "x"},
    "VirtualService": {"virtualServiceName": "s.local"},
    "VirtualGateway": {"virtualGatewayName": "q"},
    "GatewayRoute": {"virtualGatewayName": "g", "gatewayRouteName": "x"},
}

#: What is written, of which kind, and what the service fills in.
WRITTEN: Final[dict[str, tuple[str, Json, Json]]] = {
    "seconds stay seconds": ("Route", route(**timeout("s", 15)), {}),
    "milliseconds stay milliseconds": ("Route", route(**timeout("ms", 15000)), {}),
    "zero is a value": ("Route", route(**timeout("s", 0)), {}),
    "weights 99 and 0": ("Route", route(weights=(99, 0)), {}),
    "no retries": ("Route", route(retryPolicy=NO_RETRY), {}),
    "an empty gRPC match": ("Route", route("grpcRoute", match={}), {}),
    "a header with only a name": (
        "Route",
        route(match={"prefix": "/", "headers": [{"name": "X-Only"}]}),
        {},
    ),
    "the lowest priority": ("Route", {**route("http2Route"), "priority": 1000}, {}),
    "no priority but zero": ("Route", {**route("tcpRoute", match={}), "priority": 0}, {}),
    "a policy that does not say whether it is enforced": ("VirtualNode", calling(), {}),
    "a policy that is not enforced": ("VirtualNode", calling(enforce=False, ports=[8443]), {}),
    "an HTTP/2 check of a gRPC listener": ("VirtualNode", checked(), {"backends": [], **checked(port=8080)}),
    "an empty node": ("VirtualNode", {}, {"backends": []}),
    "listeners of every protocol": ("VirtualNode", {**listeners(*MANY), **DNS}, {"backends": []}),
    "a router of every protocol": ("VirtualRouter", listeners(*MANY), {}),
    "a service of nobody": ("VirtualService", {}, {}),
    "a gateway": ("VirtualGateway", listeners((8080, "http")), {}),
    "an HTTP/2 check of a gRPC gateway": (
        "VirtualGateway",
        listeners((8080, "grpc"), healthCheck=CHECK),
        listeners((8080, "grpc"), healthCheck={**CHECK, "port": 8080}),
    ),
    "a gRPC check of an HTTP/2 gateway": (
        "VirtualGateway",
        listeners((8081, "http2"), healthCheck={**GRPC_CHECK, "port": 8081}),
        {},
    ),
    "a gateway that shows a certificate": (
        "VirtualGateway",
        {**listeners((8080, "http")), "backendDefaults": {"clientPolicy": {"tls": SHOWN}}},
        {},
    ),
    "a gateway that checks its clients": (
        "VirtualGateway",
        listeners((8080, "http"), (8081, "http"), tls=MUTUAL),
        {},
    ),
    "a gateway route that leaves everything": ("GatewayRoute", entering(KEPT, prefix="/"), {}),
    "a gateway route that rewrites a path": (
        "GatewayRoute",
        entering({"path": {"exact": "/rewrite_path"}}, path={"exact": "/match_path"}),
        {},
    ),
    "headers of a gateway route": ("GatewayRoute", entering(prefix="/users", headers=HEADERS), {}),
    "a gateway route of a host": ("GatewayRoute", entering(hostname={"suffix": ".example.com"}), {}),
    "a mesh that lets everything out": ("Mesh", {"egressFilter": {"type": "ALLOW_ALL"}}, {}),
    "a mesh of nothing": ("Mesh", {}, {}),
}


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    store = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    yield Caller(create_app(store, settings=ApiSettings(account=ACCOUNT)))
    await store.close()


async def done(caller: Caller, operation: str, **request: Any) -> Json:
    """An answer that is no error."""
    answer: Json = await caller.call(operation, **request)
    assert caller.status == 200, answer
    return answer


async def prepared(caller: Caller, noun: str) -> Json:
    """Make what a resource of a kind lives in; returns what its calls say of the mesh."""
    if noun == "Mesh":
        return M
    await done(caller, "CreateMesh", **M)
    await done(caller, "CreateVirtualRouter", **M, virtualRouterName="r", spec={})
    gateway = listeners((80, "http"))
    await done(caller, "CreateVirtualGateway", **M, virtualGatewayName="g", spec=gateway)
    return OWNED


@pytest.mark.parametrize(("noun", "spec", "filled"), WRITTEN.values(), ids=WRITTEN.keys())
async def test_a_resource_is_read_back_as_it_was_written(
    caller: Caller, noun: str, spec: Json, filled: Json
) -> None:
    owned = await prepared(caller, noun)
    created = await done(caller, f"Create{noun}", **owned, **NAMES[noun], spec=spec)
    assert created["spec"] == {**spec, **filled}
    # An import knows no owner; every refresh after it does.
    assert await done(caller, f"Describe{noun}", **M, **NAMES[noun]) == created
    assert await done(caller, f"Describe{noun}", **OWNED, **NAMES[noun]) == created
    updated = await done(caller, f"Update{noun}", **owned, **NAMES[noun], spec=spec)
    assert updated["spec"] == created["spec"]
    assert updated["metadata"]["uid"] == created["metadata"]["uid"]


@pytest.mark.parametrize("noun", NAMES)
async def test_a_resource_is_labelled_and_goes_for_good(caller: Caller, noun: str) -> None:
    owned = await prepared(caller, noun)
    spec = next(spec for of, spec, _ in WRITTEN.values() if of == noun)
    created = await done(caller, f"Create{noun}", **owned, **NAMES[noun], spec=spec)
    arn = {"resourceArn": created["metadata"]["arn"]}
    await done(caller, "TagResource", **arn, tags=[{"key": "a", "value": "1"}])
    assert await done(caller, "ListTagsForResource", **arn) == {"tags": [{"key": "a", "value": "1"}]}
    await done(caller, "UntagResource", **arn, tagKeys=["a"])
    deleted = await done(caller, f"Delete{noun}", **owned, **NAMES[noun])
    assert deleted["status"] == {"status": "DELETED"}
    assert deleted["metadata"].keys() == created["metadata"].keys()
    for verb in ("Describe", "Delete"):
        await caller.call(f"{verb}{noun}", **OWNED, **NAMES[noun])
        assert caller.error == "NotFoundException"


async def test_a_name_is_free_as_soon_as_it_is_deleted(caller: Caller) -> None:
    await done(caller, "CreateMesh", **M)
    first = await done(caller, "CreateVirtualNode", **M, virtualNodeName="n", spec={})
    await done(caller, "DeleteVirtualNode", **M, virtualNodeName="n")
    second = await done(caller, "CreateVirtualNode", **M, virtualNodeName="n", spec={})
    assert second["metadata"]["version"] == 1
    assert second["metadata"]["uid"] != first["metadata"]["uid"]


async def test_names_of_grpc_metadata_are_kept_in_lower_case_and_those_of_headers_as_sent(
    caller: Caller,
) -> None:
    owned = await prepared(caller, "Route")
    metadata: Json = {"metadata": [{"name": "myMetadata"}]}
    for noun, spec in (
        ("Route", route("grpcRoute", match=metadata)),
        ("GatewayRoute", {"grpcRoute": entering(**metadata)["httpRoute"]}),
    ):
        created = await done(caller, f"Create{noun}", **owned, **NAMES[noun], spec=spec)
        assert created["spec"]["grpcRoute"]["match"] == {"metadata": [{"name": "mymetadata"}]}


async def test_the_same_request_again_is_answered_with_what_stands_there(caller: Caller) -> None:
    await done(caller, "CreateMesh", **M)
    request = {**M, "virtualNodeName": "n", "spec": {}, "clientToken": "t"}
    created = await done(caller, "CreateVirtualNode", **request)
    assert await done(caller, "CreateVirtualNode", **request) == created
    await caller.call("CreateVirtualNode", **{**request, "spec": {"backends": []}, "tags": []})
    assert caller.status == 200
    await caller.call("CreateVirtualNode", **{**request, "spec": calling()})
    assert caller.error == "ConflictException"
    await caller.call("CreateVirtualNode", **{**request, "clientToken": "u"})
    assert caller.error == "ConflictException"
