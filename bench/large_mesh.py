"""A mesh of any size: every service has a node, a router with five routes to two nodes, and ten backends.

As requests for a server that is running, and as changes for a reconciler in this process.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gossamer.api.kinds import KINDS
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.revision import Revision
from tests.support.control_plane import ACCOUNT
from tests.support.meshes import revision

ROUTES: Final = 5
BACKENDS: Final = 10
NAME: Final = "large"
KEY: Final = MeshKey(ACCOUNT, NAME)

#: The routes that every proxy of such a mesh has for its way out.
ROUTES_OUT: Final = "rds_egress_http_80"

Change = tuple[Ref, Revision]


@dataclass(frozen=True, slots=True)
class Made:
    """One resource: what somebody would write."""

    kind: Kind
    name: str
    spec: object
    parent: str | None = None

    def change(self) -> Change:
        """As the log of the store tells it."""
        ref = Ref(ACCOUNT, NAME, self.kind, self.name, self.parent)
        return ref, revision(ref, self.kind, self.spec)

    def request(self) -> bytes:
        """As a call of the API, for a server that is open."""
        api = KINDS[self.kind]
        names = iter((NAME, self.parent) if self.parent else (NAME,))
        path = "/".join(segment or str(next(names)) for segment in api.item_path[:-1])
        body = json.dumps({api.name_member: self.name, "spec": self.spec})
        return f"PUT /{path} HTTP/1.1\r\nhost: bench\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


def mesh(size: int) -> Iterator[Made]:
    """All of it, what others live in first."""
    yield Made(Kind.MESH, NAME, {})
    yield from (router(number) for number in range(size))
    for number in range(size):
        yield node(number, sorted({(number * 7 + step * 13 + 1) % size for step in range(BACKENDS)}))
        provider = {"virtualRouter": {"virtualRouterName": f"r{number}"}}
        yield Made(Kind.VIRTUAL_SERVICE, f"s{number}.local", {"provider": provider})
        yield from (route(number, one, size, weight=90) for one in range(ROUTES))


def node(number: int, called: Sequence[int]) -> Made:
    """A node that calls some services."""
    spec = {
        "backends": [{"virtualService": {"virtualServiceName": f"s{one}.local"}} for one in called],
        "listeners": [{"portMapping": {"port": 8080, "protocol": "http"}}],
        "serviceDiscovery": {"dns": {"hostname": f"n{number}.local"}},
    }
    return Made(Kind.VIRTUAL_NODE, f"n{number}", spec)


def router(number: int) -> Made:
    """A service's router."""
    listener = {"portMapping": {"port": 80, "protocol": "http"}}
    return Made(Kind.VIRTUAL_ROUTER, f"r{number}", {"listeners": [listener]})


def route(number: int, which: int, size: int, *, weight: int) -> Made:
    """One of a service's routes."""
    targets = [
        {"virtualNode": f"n{number}", "weight": weight},
        {"virtualNode": f"n{(number + 1) % size}", "weight": 10},
    ]
    rule = {"match": {"prefix": f"/{which}/"}, "action": {"weightedTargets": targets}}
    return Made(Kind.ROUTE, f"t{which}", {"priority": which, "httpRoute": rule}, f"r{number}")


def node_id(number: int) -> str:
    """What a proxy of a node calls itself."""
    return f"mesh/{NAME}/virtualNode/n{number}"
