"""What the tests of the preview API share."""

from typing import Any, Final

from tests.support.control_plane import ControlPlane

VERSION: Final = "2018-10-01"

NODE: Final = {
    "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"serviceName": "n.local"}},
    "backends": ["other.local"],
}


def node(port: int, name: str = "n.local") -> dict[str, Any]:
    return {
        "listeners": [{"portMapping": {"port": port, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"serviceName": name}},
        "backends": [],
    }


def route(*targets: str, prefix: str = "/") -> dict[str, Any]:
    weighted = [{"virtualNode": name, "weight": 1} for name in targets]
    return {"httpRoute": {"match": {"prefix": prefix}, "action": {"weightedTargets": weighted}}}


def clients(plane: ControlPlane) -> tuple[Any, Any]:
    """boto3 as it spoke then, and as it speaks today."""
    return plane.client(api_version=VERSION), plane.client()
