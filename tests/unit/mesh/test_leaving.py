"""What leaves a gateway's way out never decides how that which stays is reached."""

from dataclasses import replace

from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.view import GatewayView
from gossamer.model.kind import Kind
from tests.support.goldens import mesh_of
from tests.support.stage_mesh import GATE, Spec, into, listener, mesh

STOCK: Spec = {"stock.test": {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}}
POLICY: Spec = {"tls": {"validation": {"trust": {"file": {"certificateChain": "/ca.pem"}}}}}


def view(service: str, policy: Spec | None = None, **services: Spec) -> GatewayView:
    gate: Spec = {"listeners": [listener("http", GATE)]}
    if policy is not None:
        gate["backendDefaults"] = {"clientPolicy": policy}
    written = mesh(entries={"it": into(service)}, services=services or STOCK, gateways={"gate": gate})
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


def test_a_service_that_is_gone_does_not_linger() -> None:
    now = replace(view("stock.test", **{"stock.test": {}}), leaving=view("stock.test").routes)
    assert now.exits() == ()
