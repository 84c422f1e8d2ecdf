"""What leaves a gateway's way out never decides how that which stays is reached."""

from dataclasses import replace

import pytest

from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.view import GatewayView
from gossamer.model.kind import Kind
from tests.support.goldens import mesh_of
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh, node

STOCK: Spec = {"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}}
POLICY: Spec = {"tls": {"validation": {"trust": {"file": {"certificateChain": "/ca.pem"}}}}}


GREEN: Spec = {"green.test": {"provider": {"virtualNode": {"virtualNodeName": "green"}}}}


def view(
    service: str, policy: Spec | None = None, services: Spec = STOCK, nodes: Spec | None = None
) -> GatewayView:
    gate: Spec = {"listeners": [listener("http", GATE)]}
    if policy is not None:
        gate["backendDefaults"] = {"clientPolicy": policy}
    written = mesh(
        entries={"it": into(service)}, services=services, nodes=nodes or {}, gateways={"gate": gate}
    )
    built = mesh_of(written)
    found = proxy_view(built, built.ref(Kind.VIRTUAL_GATEWAY, "gate"))
    assert isinstance(found, GatewayView)
    return found


def test_a_node_that_both_lead_to_is_reached_as_it_is_now() -> None:
    # The service that leaves comes later by port and name.
    now = replace(view("orders.test", POLICY), leaving=view("stock.test").routes)
    (destination,) = now.destinations()
    assert destination.tls is not None
    assert [one.service for one in now.exits()] == ["stock.test", "orders.test"]


@pytest.mark.parametrize("older", ["orders.test", "stock.test"])
def test_a_node_that_only_those_lead_to_is_reached_as_the_newest_of_them_says(older: str) -> None:
    blue_was = {"blue": node("elsewhere", "http")}
    routes = (*view("orders.test").routes, *view(older, nodes=blue_was).routes)
    now = replace(view("green.test", services=GREEN), leaving=routes)
    assert [one.discovery.dns.hostname for one in now.destinations() if one.discovery.dns] == [
        "blue.test",
        "green.test",
    ]


def test_a_service_that_is_gone_does_not_linger() -> None:
    now = replace(view("stock.test", services={"stock.test": {}}), leaving=view("stock.test").routes)
    assert now.exits() == ()
