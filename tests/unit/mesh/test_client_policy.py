"""Which policy holds for which backend, and the clusters that this takes."""

from typing import Any

from gossamer.mesh.resolve import node_view
from gossamer.mesh.view import NodeView
from tests.support.goldens import mesh_of

STRICT = {
    "mode": "STRICT",
    "certificate": {"file": {"certificateChain": "/c.pem", "privateKey": "/k.pem"}},
}


def trusting(path: str, **members: object) -> dict[str, Any]:
    return {"tls": {"validation": {"trust": {"file": {"certificateChain": path}}}, **members}}


def view(tls: dict[str, Any] | None = None, /, **policies: dict[str, Any] | None) -> NodeView:
    """Front, whose backends all lead to one listener, each under its own policy."""
    backends = [
        {"virtualService": {"virtualServiceName": f"{name}.test", **({"clientPolicy": one} if one else {})}}
        for name, one in policies.items()
    ]
    listener: dict[str, Any] = {"portMapping": {"port": 8080, "protocol": "http"}}
    blue = {
        "listeners": [listener | ({"tls": tls} if tls else {})],
        "serviceDiscovery": {"dns": {"hostname": "blue.test"}},
    }
    provider = {"provider": {"virtualNode": {"virtualNodeName": "blue"}}}
    services = {f"{name}.test": provider for name in policies}
    found = node_view(
        mesh_of({"nodes": {"front": {"backends": backends}, "blue": blue}, "services": services}), "front"
    )
    assert found is not None
    return found


def apart(found: NodeView) -> dict[str, str]:
    return {
        service.service: target.destination.apart
        for service in found.services
        for route in service.routes
        for target in route.targets
    }


def test_services_that_share_a_policy_share_a_cluster() -> None:
    found = view(STRICT, a=trusting("/ca.pem"), b=trusting("/ca.pem"))
    assert apart(found) == {"a.test": "", "b.test": ""}
    assert len(found.destinations()) == 1


def test_the_strictest_policy_keeps_the_plain_name() -> None:
    """So that a request that is on its way while policies change is never sent in a less safe way."""
    assert apart(view(STRICT, a=None, b=trusting("/ca.pem"))) == {"a.test": "a.test", "b.test": ""}
    mixed = view(None, a=trusting("/ca.pem", enforce=False), b=trusting("/ca.pem"), c=None)
    assert apart(mixed) == {"a.test": "a.test", "b.test": "", "c.test": "a.test"}


def test_of_equally_strict_policies_the_first_service_keeps_the_plain_name() -> None:
    assert apart(view(STRICT, a=trusting("/x.pem"), b=trusting("/y.pem"))) == {
        "a.test": "",
        "b.test": "b.test",
    }
