"""The rules between resources, and the limits."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import URL

from gossamer.clock import SystemClock
from gossamer.errors import InUse, InvalidSpec, LimitExceeded, NotFound
from gossamer.model.kind import Kind, Ref
from gossamer.model.spec import Spec
from gossamer.store.sql import SqlStore
from gossamer.store.store import Collection, Limits, Rules, Store
from tests.store.test_store import ACCOUNT, AUTHOR, MESH, create_node, ref, spec

ROUTER = ref(Kind.VIRTUAL_ROUTER, "r")
GATEWAY = ref(Kind.VIRTUAL_GATEWAY, "g")


async def opened_with(url: URL, rules: Rules) -> SqlStore:
    store = await SqlStore.open(url, rules=rules, clock=SystemClock())
    await store.create(MESH, spec(Kind.MESH, {}), author=AUTHOR)
    return store


@pytest.fixture
async def store(url: URL) -> AsyncIterator[Store]:
    found = await opened_with(url, Rules())
    yield found
    await found.close()


def listeners(*ports: int, protocol: str = "http") -> list[dict[str, Any]]:
    return [{"portMapping": {"port": port, "protocol": protocol}} for port in ports]


def router(*ports: int, protocol: str = "http") -> Spec:
    return spec(Kind.VIRTUAL_ROUTER, {"listeners": listeners(*ports, protocol=protocol)})


def node(*ports: int) -> Spec:
    discovery = {"serviceDiscovery": {"dns": {"hostname": "n.local"}}}
    return spec(Kind.VIRTUAL_NODE, {"listeners": listeners(*ports), **discovery})


def route(*, match_port: int | None = None, target_port: int | None = None) -> Spec:
    target: dict[str, Any] = {"virtualNode": "n", "weight": 1}
    match: dict[str, Any] = {"prefix": "/"}
    target |= {} if target_port is None else {"port": target_port}
    match |= {} if match_port is None else {"port": match_port}
    return spec(Kind.ROUTE, {"httpRoute": {"match": match, "action": {"weightedTargets": [target]}}})


def gateway(*ports: int, protocol: str = "http") -> Spec:
    return spec(Kind.VIRTUAL_GATEWAY, {"listeners": listeners(*ports, protocol=protocol)})


def gateway_route(*, match_port: int | None = None, target_port: int | None = None) -> Spec:
    target: dict[str, Any] = {"virtualService": {"virtualServiceName": "s.local"}}
    match: dict[str, Any] = {"prefix": "/"}
    target |= {} if target_port is None else {"port": target_port}
    match |= {} if match_port is None else {"port": match_port}
    return spec(Kind.GATEWAY_ROUTE, {"httpRoute": {"match": match, "action": {"target": target}}})


async def create_route(store: Store, name: str, written: Spec) -> None:
    await store.create(ref(Kind.ROUTE, name, "r"), written, author=AUTHOR)


async def test_a_route_may_only_match_a_port_of_its_router(store: Store) -> None:
    await store.create(ROUTER, router(80, 81), author=AUTHOR)
    with pytest.raises(InvalidSpec, match=r"spec.httpRoute.match.port: must be .* listens on: 80, 81"):
        await create_route(store, "x", route(match_port=82))
    await create_route(store, "x", route(match_port=81))
    with pytest.raises(InvalidSpec, match="must define a port match criteria"):
        await store.update(ref(Kind.ROUTE, "x", "r"), route(), author=AUTHOR)


async def test_a_router_with_portless_routes_takes_no_second_listener(store: Store) -> None:
    await store.create(ROUTER, router(80), author=AUTHOR)
    for number in range(7):
        await create_route(store, f"x{number}", route())
    await create_route(store, "y", route(match_port=80))
    sentence = (
        r"All Routes for this Virtual Router must define a port match before adding multiple listeners to"
        r" this Virtual Router. 7 Route\(s\) are missing port. Listing up to 5 route names:"
        r" \[x0, x1, x2, x3, x4\]"
    )
    with pytest.raises(InvalidSpec, match=sentence):
        await store.update(ROUTER, router(80, 81), author=AUTHOR)
    # One listener may still move: nothing that a route says is broken by it, but for the one that names it.
    await store.delete(ref(Kind.ROUTE, "y", "r"), author=AUTHOR)
    await store.update(ROUTER, router(8080), author=AUTHOR)


async def test_a_listener_that_a_route_uses_stays(store: Store) -> None:
    await store.create(ROUTER, router(80, 81), author=AUTHOR)
    await create_route(store, "x", route(match_port=81))
    with pytest.raises(InvalidSpec, match=r"spec.listeners: must keep .* use: \[x\]"):
        await store.update(ROUTER, router(80), author=AUTHOR)
    with pytest.raises(InvalidSpec, match="must keep"):
        await store.update(ROUTER, router(80, 81, protocol="http2"), author=AUTHOR)
    await store.update(ROUTER, router(81), author=AUTHOR)
    await store.delete(ref(Kind.ROUTE, "x", "r"), author=AUTHOR)
    await store.update(ROUTER, router(9), author=AUTHOR)


async def test_a_route_of_another_type_than_its_router_does_not_hold_it(store: Store) -> None:
    await store.create(ROUTER, router(80, protocol="http2"), author=AUTHOR)
    await create_route(store, "x", route())
    await store.update(ROUTER, router(80), author=AUTHOR)


async def test_a_target_with_several_listeners_needs_a_port(store: Store) -> None:
    await store.create(ref(Kind.VIRTUAL_NODE, "n"), node(80, 81), author=AUTHOR)
    await store.create(ROUTER, router(80), author=AUTHOR)
    path = r"spec.httpRoute.action.weightedTargets\[0\].port: is required"
    with pytest.raises(InvalidSpec, match=path):
        await create_route(store, "x", route())
    await create_route(store, "x", route(target_port=81))


async def test_every_broken_rule_is_told_at_once(store: Store) -> None:
    await store.create(ref(Kind.VIRTUAL_NODE, "n"), node(80, 81), author=AUTHOR)
    await store.create(ROUTER, router(80, 81), author=AUTHOR)
    with pytest.raises(InvalidSpec, match="2 violations"):
        await create_route(store, "x", route())


async def test_a_route_lets_go_of_what_it_no_longer_targets(store: Store) -> None:
    await create_node(store, "n")
    await store.create(ROUTER, router(80), author=AUTHOR)
    await create_route(store, "x", route())
    with pytest.raises(InUse):
        await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)
    other = {"weightedTargets": [{"virtualNode": "other", "weight": 1}]}
    moved = spec(Kind.ROUTE, {"httpRoute": {"match": {"prefix": "/"}, "action": other}})
    await store.update(ref(Kind.ROUTE, "x", "r"), moved, author=AUTHOR)
    await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)


async def test_a_provider_stays_as_long_as_its_service(store: Store) -> None:
    await create_node(store, "n")
    service = ref(Kind.VIRTUAL_SERVICE, "s.local")
    provided = spec(Kind.VIRTUAL_SERVICE, {"provider": {"virtualNode": {"virtualNodeName": "n"}}})
    await store.create(service, provided, author=AUTHOR)
    sentence = "VirtualNode with name n cannot be deleted because it is a VirtualService provider"
    with pytest.raises(InUse, match=sentence):
        await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)
    await store.update(service, spec(Kind.VIRTUAL_SERVICE, {}), author=AUTHOR)
    await store.delete(ref(Kind.VIRTUAL_NODE, "n"), author=AUTHOR)


async def test_a_route_and_a_node_name_as_many_others_as_their_limits(url: URL) -> None:
    store = await opened_with(url, Rules(limits=Limits(backends=1, weighted_targets=1)))
    await store.create(ROUTER, router(80), author=AUTHOR)
    targets = [{"virtualNode": name, "weight": 1} for name in ("a", "b")]
    written = {"httpRoute": {"match": {}, "action": {"weightedTargets": targets}}}
    with pytest.raises(LimitExceeded, match="Weighted targets of Route x: at most 1 are allowed"):
        await create_route(store, "x", spec(Kind.ROUTE, written))
    backends = [{"virtualService": {"virtualServiceName": name}} for name in ("a", "b")]
    calling = spec(Kind.VIRTUAL_NODE, {"backends": backends})
    with pytest.raises(LimitExceeded, match="Backends of VirtualNode n: at most 1 are allowed"):
        await store.create(ref(Kind.VIRTUAL_NODE, "n"), calling, author=AUTHOR)
    await store.close()


async def test_a_mesh_tells_what_still_lives_in_it(store: Store) -> None:
    await create_node(store, "n")
    sentence = (
        "Mesh m for account 000000000000 has active VirtualNodes,"
        " please delete VirtualNodes before deleting the Mesh"
    )
    with pytest.raises(InUse, match=sentence):
        await store.delete(MESH, author=AUTHOR)


def provided(kind: str, name: str) -> Spec:
    return spec(Kind.VIRTUAL_SERVICE, {"provider": {kind: {f"{kind}Name": name}}})


USERS = {
    "a service of a router": (
        ref(Kind.VIRTUAL_SERVICE, "t"),
        provided("virtualRouter", "q"),
        "VirtualRouter",
        "q",
    ),
    "a service of a node": (ref(Kind.VIRTUAL_SERVICE, "t"), provided("virtualNode", "n"), "VirtualNode", "n"),
    "a route": (ref(Kind.ROUTE, "x", "r"), route(), "VirtualNode", "n"),
    "a gateway route": (ref(Kind.GATEWAY_ROUTE, "x", "g"), gateway_route(), "VirtualService", "s.local"),
}


@pytest.mark.parametrize(("user", "written", "noun", "name"), USERS.values(), ids=USERS.keys())
@pytest.mark.parametrize("is_strict", [True, False])
async def test_strict_references_refuse_what_names_nothing_and_lenient_ones_do_not(
    url: URL, user: Ref, written: Spec, noun: str, name: str, *, is_strict: bool
) -> None:
    store = await opened_with(url, Rules(strict_references=is_strict))
    await store.create(ROUTER, router(80), author=AUTHOR)
    await store.create(GATEWAY, gateway(80), author=AUTHOR)
    if is_strict:
        with pytest.raises(NotFound) as caught:
            await store.create(user, written, author=AUTHOR)
        assert str(caught.value) == f"{noun} with name {name} is missing"
    else:
        await store.create(user, written, author=AUTHOR)
    await store.close()


async def test_strict_references_take_what_is_there_and_any_backend(url: URL) -> None:
    store = await opened_with(url, Rules(strict_references=True))
    backend = {"backends": [{"virtualService": {"virtualServiceName": "nobody"}}]}
    await store.create(ref(Kind.VIRTUAL_NODE, "n"), spec(Kind.VIRTUAL_NODE, backend), author=AUTHOR)
    await store.create(ROUTER, router(80), author=AUTHOR)
    await store.create(GATEWAY, gateway(80), author=AUTHOR)
    await create_route(store, "x", route())
    await store.create(ref(Kind.VIRTUAL_SERVICE, "s.local"), provided("virtualRouter", "r"), author=AUTHOR)
    await store.create(ref(Kind.GATEWAY_ROUTE, "x", "g"), gateway_route(), author=AUTHOR)
    await store.close()


async def test_a_collection_holds_as_many_as_its_limit_and_no_more(url: URL) -> None:
    store = await opened_with(url, Rules(limits=Limits(virtual_nodes=7, meshes=2)))
    for number in range(7):
        await create_node(store, f"n{number}")
    with pytest.raises(LimitExceeded, match="VirtualNodes of mesh m: at most 7 are allowed"):
        await create_node(store, "n7")
    await store.delete(ref(Kind.VIRTUAL_NODE, "n3"), author=AUTHOR)
    await create_node(store, "n7")
    page = await store.list(Collection(ACCOUNT, Kind.VIRTUAL_NODE, "m"), limit=100)
    assert len(page.revisions) == 7
    await store.close()


async def test_a_node_has_as_many_backends_as_its_limit_and_no_more(url: URL) -> None:
    store = await opened_with(url, Rules(limits=Limits(backends=2)))
    names = ("a.local", "b.local", "c.local")
    backends = [{"virtualService": {"virtualServiceName": name}} for name in names]
    place = ref(Kind.VIRTUAL_NODE, "n")
    with pytest.raises(LimitExceeded, match="Backends of VirtualNode n"):
        await store.create(place, spec(Kind.VIRTUAL_NODE, {"backends": backends}), author=AUTHOR)
    await store.create(place, spec(Kind.VIRTUAL_NODE, {"backends": backends[:2]}), author=AUTHOR)
    await store.close()


async def test_a_gateway_route_needs_its_gateway_and_keeps_it(store: Store) -> None:
    with pytest.raises(NotFound, match="VirtualGateway with name g is not present under mesh m"):
        await store.create(ref(Kind.GATEWAY_ROUTE, "x", "g"), gateway_route(), author=AUTHOR)
    await store.create(GATEWAY, gateway(80), author=AUTHOR)
    await store.create(ref(Kind.GATEWAY_ROUTE, "x", "g"), gateway_route(), author=AUTHOR)
    sentence = "VirtualGateway with name g cannot be deleted because it has one or more gateway routes."
    with pytest.raises(InUse, match=sentence):
        await store.delete(GATEWAY, author=AUTHOR)
    with pytest.raises(InUse, match="has active VirtualGateways, please delete VirtualGateways"):
        await store.delete(MESH, author=AUTHOR)
    await store.delete(ref(Kind.GATEWAY_ROUTE, "x", "g"), author=AUTHOR)
    assert (await store.delete(GATEWAY, author=AUTHOR)).version == 2


async def test_a_service_that_gateway_routes_target_stays(store: Store) -> None:
    service = ref(Kind.VIRTUAL_SERVICE, "s.local")
    await store.create(service, spec(Kind.VIRTUAL_SERVICE, {}), author=AUTHOR)
    await store.create(GATEWAY, gateway(80), author=AUTHOR)
    await store.create(ref(Kind.GATEWAY_ROUTE, "y", "g"), gateway_route(), author=AUTHOR)
    await store.create(ref(Kind.GATEWAY_ROUTE, "x", "g"), gateway_route(), author=AUTHOR)
    sentence = r"VirtualService s.local is being referenced in the following: GATEWAY_ROUTE: \[x, y\]"
    with pytest.raises(InUse, match=sentence):
        await store.delete(service, author=AUTHOR)


@pytest.mark.parametrize("kind", Kind)
async def test_every_kind_has_a_limit(kind: Kind) -> None:
    assert Limits().of(kind) > 0
