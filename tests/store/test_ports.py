"""How the ports of listeners, routes and targets must agree, whichever is written first."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import URL

from gossamer.errors import InvalidSpec
from gossamer.model.kind import Kind, Ref
from gossamer.model.spec import Spec
from gossamer.store.store import Rules, Store
from tests.store.test_integrity import (
    GATEWAY,
    ROUTER,
    gateway,
    gateway_route,
    node,
    opened_with,
    route,
    router,
)
from tests.store.test_store import AUTHOR, ref, spec

NODE = ref(Kind.VIRTUAL_NODE, "n")
SERVICE = ref(Kind.VIRTUAL_SERVICE, "s.local")
ROUTE = ref(Kind.ROUTE, "x", "r")
MANY = {NODE: node(80, 81), ROUTER: router(80, 81)}
ONE = {NODE: node(80), ROUTER: router(80)}


@pytest.fixture
async def store(url: URL) -> AsyncIterator[Store]:
    found = await opened_with(url, Rules())
    yield found
    await found.close()


def service(provider: Ref) -> Spec:
    name = {
        NODE: {"virtualNode": {"virtualNodeName": "n"}},
        ROUTER: {"virtualRouter": {"virtualRouterName": "r"}},
    }
    return spec(Kind.VIRTUAL_SERVICE, {"provider": name[provider]})


async def create(store: Store, *written: tuple[Ref, Spec]) -> None:
    for place, what in written:
        await store.create(place, what, author=AUTHOR)


def entering(name: str) -> Ref:
    return ref(Kind.GATEWAY_ROUTE, name, "g")


async def test_a_gateway_route_names_a_port_of_its_gateway_once_there_are_several(store: Store) -> None:
    await create(store, (GATEWAY, gateway(80, 81)))
    with pytest.raises(InvalidSpec) as caught:
        await create(store, (entering("x"), gateway_route()))
    assert str(caught.value) == (
        "Gateway route must define a match port if the parent Virtual Gateway has multiple listeners."
    )
    with pytest.raises(
        InvalidSpec, match=r"port: must be a port that the virtual gateway listens on: 80, 81"
    ):
        await create(store, (entering("x"), gateway_route(match_port=82)))
    await create(store, (entering("x"), gateway_route(match_port=81)))


async def test_a_gateway_with_portless_routes_takes_no_second_listener(store: Store) -> None:
    await create(store, (GATEWAY, gateway(80)), (entering("x"), gateway_route()))
    with pytest.raises(InvalidSpec) as caught:
        await store.update(GATEWAY, gateway(80, 81), author=AUTHOR)
    assert str(caught.value) == (
        "All GatewayRoutes for this Virtual Gateway must define a port match before adding multiple listeners"
        " to this Virtual Gateway. 1 GatewayRoute(s) are missing port. Listing up to 5 route names: [x]"
    )
    await store.update(GATEWAY, gateway(81), author=AUTHOR)


async def test_a_listener_that_a_gateway_route_uses_stays(store: Store) -> None:
    await create(store, (GATEWAY, gateway(80, 81)), (entering("x"), gateway_route(match_port=81)))
    for other in (gateway(80), gateway(80, 81, protocol="http2")):
        with pytest.raises(InvalidSpec, match=r"spec.listeners: must keep .* use: \[x\]"):
            await store.update(GATEWAY, other, author=AUTHOR)
    await store.update(GATEWAY, gateway(81, 82), author=AUTHOR)


async def test_both_rules_about_listeners_are_told_at_once(store: Store) -> None:
    await create(
        store, (ROUTER, router(80)), (ROUTE, route()), (ref(Kind.ROUTE, "y", "r"), route(match_port=80))
    )
    with pytest.raises(InvalidSpec, match=r"2 violations: .*\[x\]; spec.listeners: .*\[x, y\]"):
        await store.update(ROUTER, router(81, 82, protocol="http2"), author=AUTHOR)


async def test_a_node_gets_no_second_listener_while_routes_name_none(store: Store) -> None:
    await create(store, (NODE, node(80)), (ROUTER, router(80)), (ROUTE, route()))
    with pytest.raises(InvalidSpec) as caught:
        await store.update(NODE, node(80, 81), author=AUTHOR)
    assert str(caught.value) == (
        "spec.listeners: All Routes to this Virtual Node must define a target port before adding multiple"
        " listeners to this Virtual Node. 1 Route(s) are missing port. Listing up to 5 route names: [x]"
    )
    await store.update(ROUTE, route(target_port=80), author=AUTHOR)
    await store.update(NODE, node(80, 81), author=AUTHOR)


async def test_a_node_that_comes_after_its_routes_keeps_the_same_rule(store: Store) -> None:
    await create(store, (ROUTER, router(80)), (ROUTE, route()))
    with pytest.raises(InvalidSpec, match="to this Virtual Node must define a target port"):
        await create(store, (NODE, node(80, 81)))
    await create(store, (NODE, node(80)))


@pytest.mark.parametrize("provider", [NODE, ROUTER], ids=["node", "router"])
async def test_a_gateway_route_names_a_port_of_a_provider_of_several(store: Store, provider: Ref) -> None:
    await create(store, (GATEWAY, gateway(80)), (provider, MANY[provider]), (SERVICE, service(provider)))
    with pytest.raises(InvalidSpec) as caught:
        await create(store, (entering("x"), gateway_route()))
    assert str(caught.value) == (
        "spec.httpRoute.action.target.port: is required,"
        " since the provider of virtual service s.local has multiple listeners"
    )
    await create(store, (entering("x"), gateway_route(target_port=81)))


@pytest.mark.parametrize("provider", [NODE, ROUTER], ids=["node", "router"])
async def test_a_provider_gets_no_second_listener_while_gateway_routes_name_none(
    store: Store, provider: Ref
) -> None:
    await create(store, (GATEWAY, gateway(80)), (provider, ONE[provider]), (SERVICE, service(provider)))
    await create(store, (entering("x"), gateway_route()))
    sentence = "All GatewayRoutes to Virtual Service s.local must define a target port before adding multiple"
    with pytest.raises(InvalidSpec, match=sentence):
        await store.update(provider, MANY[provider], author=AUTHOR)
    await store.update(entering("x"), gateway_route(target_port=80), author=AUTHOR)
    await store.update(provider, MANY[provider], author=AUTHOR)


@pytest.mark.parametrize("provider", [NODE, ROUTER], ids=["node", "router"])
async def test_a_service_gets_no_provider_of_several_while_gateway_routes_name_none(
    store: Store, provider: Ref
) -> None:
    await create(store, (GATEWAY, gateway(80)), (provider, MANY[provider]), (entering("x"), gateway_route()))
    with pytest.raises(InvalidSpec, match=r"to Virtual Service s\.local must define"):
        await create(store, (SERVICE, service(provider)))
    await create(store, (SERVICE, spec(Kind.VIRTUAL_SERVICE, {})))
    with pytest.raises(InvalidSpec, match=r"to Virtual Service s\.local must define"):
        await store.update(SERVICE, service(provider), author=AUTHOR)
