"""Errors in the managed service's own words, as its users reported them, and the same pattern for the others.

Source: issues of the App Mesh roadmap, its controller for Kubernetes, the Terraform provider, the CDK.
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
Call = tuple[str, Json]

ACCOUNT: Final = "123456789012"
M: Final = {"meshName": "m"}
DISCOVERY: Final = {"serviceDiscovery": {"dns": {"hostname": "n.local"}}}


def listeners(*ports: int, protocol: str = "http", **members: object) -> Json:
    return {"listeners": [{"portMapping": {"port": one, "protocol": protocol}, **members} for one in ports]}


def node(name: str, **spec: object) -> Call:
    return "CreateVirtualNode", {**M, "virtualNodeName": name, "spec": spec}


def router(*ports: int, verb: str = "Create") -> Call:
    return f"{verb}VirtualRouter", {**M, "virtualRouterName": "r", "spec": listeners(*ports)}


def gateway(*ports: int, **members: object) -> Call:
    spec = {"listeners": [one | members for one in listeners(*ports)["listeners"]]}
    return "CreateVirtualGateway", {**M, "virtualGatewayName": "g", "spec": spec}


def service(**provider: object) -> Call:
    return "CreateVirtualService", {**M, "virtualServiceName": "s.local", "spec": {"provider": provider}}


def route(name: str = "x") -> Call:
    action = {"weightedTargets": [{"virtualNode": "n", "weight": 1}]}
    spec = {"httpRoute": {"match": {"prefix": "/"}, "action": action}}
    return "CreateRoute", {**M, "virtualRouterName": "r", "routeName": name, "spec": spec}


def gateway_route() -> Call:
    target = {"virtualService": {"virtualServiceName": "s.local"}}
    spec = {"httpRoute": {"match": {"prefix": "/"}, "action": {"target": target}}}
    return "CreateGatewayRoute", {**M, "virtualGatewayName": "g", "gatewayRouteName": "x", "spec": spec}


def deletion(noun: str, **names: str) -> Call:
    return f"Delete{noun}", {**M, **names}


CHECK: Final = {
    "protocol": "grpc",
    "healthyThreshold": 2,
    "unhealthyThreshold": 2,
    "intervalMillis": 5000,
    "timeoutMillis": 2000,
}
TRUST: Final = {"mode": "STRICT", "certificate": {"sds": {"secretName": "me"}}}
PROVIDED: Final = service(virtualRouter={"virtualRouterName": "r"})

#: What is made before, the call that is refused, and what it is refused with.
REFUSED: Final[dict[str, tuple[tuple[Call, ...], Call, str, str]]] = {
    "a node that is not there": (
        (),
        ("DescribeVirtualNode", {**M, "virtualNodeName": "n"}),
        "NotFoundException",
        f"VirtualNode with name n is not present under mesh m for account {ACCOUNT}",
    ),
    "a router that provides": (
        (router(80), PROVIDED),
        deletion("VirtualRouter", virtualRouterName="r"),
        "ResourceInUseException",
        "VirtualRouter with name r cannot be deleted because it is a VirtualService provider",
    ),
    "a node that provides": (
        (node("n"), service(virtualNode={"virtualNodeName": "n"})),
        deletion("VirtualNode", virtualNodeName="n"),
        "ResourceInUseException",
        "VirtualNode with name n cannot be deleted because it is a VirtualService provider",
    ),
    "a target": (
        (node("n"), router(80), route()),
        deletion("VirtualNode", virtualNodeName="n"),
        "ResourceInUseException",
        "VirtualNode with name n cannot be deleted because it is the target of one or more routes.",
    ),
    "a service behind a gateway": (
        (service(virtualNode={"virtualNodeName": "n"}), gateway(80), gateway_route()),
        deletion("VirtualService", virtualServiceName="s.local"),
        "ResourceInUseException",
        "VirtualService s.local is being referenced in the following: GATEWAY_ROUTE: [x]",
    ),
    "discovery without a listener": (
        (),
        node("n", **DISCOVERY),
        "BadRequestException",
        "Service Discovery can't be set without a listener.",
    ),
    "no trust": (
        (),
        node("n", **listeners(80, tls={**TRUST, "validation": {"trust": {}}}), **DISCOVERY),
        "BadRequestException",
        "One type of TLS Validation Context Trust must be set.",
    ),
    "authorities of ACM for clients of a gateway": (
        (),
        gateway(80, tls={**TRUST, "validation": {"trust": {"acm": {"certificateAuthorityArns": ["x"]}}}}),
        "BadRequestException",
        "One type of TLS Validation Context Trust must be set.",
    ),
    "a gRPC check of an HTTP listener": (
        (),
        node("n", **listeners(80, healthCheck=CHECK), **DISCOVERY),
        "BadRequestException",
        "GRPC HealthCheck requires listener type of HTTP2 or GRPC.",
    ),
    "a portless route of many listeners": (
        (router(80, 81),),
        route(),
        "BadRequestException",
        "Route must define a port match criteria if the Virtual Router has multiple listeners",
    ),
    "a second listener over portless routes": (
        (router(80), route("a"), route("b")),
        router(80, 81, verb="Update"),
        "BadRequestException",
        (
            "All Routes for this Virtual Router must define a port match before adding multiple listeners to"
            " this Virtual Router. 2 Route(s) are missing port. Listing up to 5 route names: [a, b]"
        ),
    ),
    "a portless gateway route of many listeners": (
        (gateway(80, 81),),
        gateway_route(),
        "BadRequestException",
        "Gateway route must define a match port if the parent Virtual Gateway has multiple listeners.",
    ),
}

#: A kind's plural, and how the one resource of it that keeps the mesh is made.
CHILDREN: Final = {
    "VirtualNodes": node("n"),
    "VirtualRouters": router(80),
    "VirtualServices": ("CreateVirtualService", {**M, "virtualServiceName": "s.local", "spec": {}}),
    "VirtualGateways": gateway(80),
}

ABSENT: Final = {
    "VirtualRouter": {"virtualRouterName": "q"},
    "VirtualService": {"virtualServiceName": "q"},
    "VirtualGateway": {"virtualGatewayName": "q"},
    "Route": {"virtualRouterName": "r", "routeName": "q"},
    "GatewayRoute": {"virtualGatewayName": "g", "gatewayRouteName": "q"},
}


@pytest.fixture
async def caller(tmp_path: Path) -> AsyncIterator[Caller]:
    store = await SqlStore.open(sqlite_url(tmp_path / "store.db"), rules=Rules(), clock=SystemClock())
    found = Caller(create_app(store, settings=ApiSettings(account=ACCOUNT)))
    await made(found, ("CreateMesh", dict(M)))
    yield found
    await store.close()


async def made(caller: Caller, *calls: Call) -> None:
    for operation, request in calls:
        answer = await caller.call(operation, **request)
        assert caller.status == 200, answer


@pytest.mark.parametrize(("before", "call", "error", "sentence"), REFUSED.values(), ids=REFUSED.keys())
async def test_an_error_is_told_in_the_words_of_the_managed_service(
    caller: Caller, before: tuple[Call, ...], call: Call, error: str, sentence: str
) -> None:
    await made(caller, *before)
    answer = await caller.call(call[0], **call[1])
    assert (caller.error, answer) == (error, {"message": sentence})


@pytest.mark.parametrize("noun", ABSENT)
async def test_whatever_is_not_there_is_told_in_the_same_pattern(caller: Caller, noun: str) -> None:
    await made(caller, router(80), gateway(80))
    for verb in ("Describe", "Delete"):
        answer = await caller.call(f"{verb}{noun}", **M, **ABSENT[noun])
        sentence = f"{noun} with name q is not present under mesh m for account {ACCOUNT}"
        assert (caller.status, answer) == (404, {"message": sentence})


@pytest.mark.parametrize("plural", CHILDREN)
async def test_a_mesh_tells_what_still_lives_in_it(caller: Caller, plural: str) -> None:
    await made(caller, CHILDREN[plural])
    answer = await caller.call("DeleteMesh", **M)
    sentence = (
        f"Mesh m for account {ACCOUNT} has active {plural}, please delete {plural} before deleting the Mesh"
    )
    assert (caller.error, answer) == ("ResourceInUseException", {"message": sentence})


async def test_a_name_and_an_arn_are_told_apart(caller: Caller) -> None:
    arn = f"arn:aws:appmesh:us-west-2:{ACCOUNT}:mesh/m"
    answer = await caller.call("DescribeMesh", meshName=arn)
    assert (caller.error, answer["message"]) == (
        "BadRequestException",
        "meshName: must be the name of a mesh: an ARN is not",
    )
