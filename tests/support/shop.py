"""A mesh of 300 services, as large as people look at in the console."""

import json
import urllib.request
from typing import Final

from tests.support.control_plane import ControlPlane

MESH: Final = "large"
SERVICES: Final = 300


def documents() -> list[dict[str, object]]:
    """A shop of 300 services in tiers: each calls a few of the next."""
    made: list[dict[str, object]] = [{"kind": "mesh", "meshName": MESH, "spec": {}}]
    for number in range(SERVICES):
        calls = {(number * 2 + step) % SERVICES for step in (1, 2)} if number < SERVICES // 2 else set()
        backends = [{"virtualService": {"virtualServiceName": f"svc-{one}.local"}} for one in sorted(calls)]
        node = {
            "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
            "serviceDiscovery": {"dns": {"hostname": f"svc-{number}.test"}},
            "backends": backends,
        }
        provider = {"virtualNode": {"virtualNodeName": f"svc-{number}"}}
        named = {"meshName": MESH}
        made += [
            {"kind": "virtualNode", **named, "virtualNodeName": f"svc-{number}", "spec": node},
            {
                "kind": "virtualService",
                **named,
                "virtualServiceName": f"svc-{number}.local",
                "spec": {"provider": provider},
            },
        ]
    return made


def fill(plane: ControlPlane) -> None:
    """Write all of it, in one go."""
    body = json.dumps({"documents": documents()}).encode()
    request = urllib.request.Request(f"{plane.url}/gossamer/v1/apply", body, method="POST")  # noqa: S310
    request.add_header("content-type", "application/json")
    with urllib.request.urlopen(request, timeout=100) as answer:  # noqa: S310 - its own address
        assert answer.status == 200
