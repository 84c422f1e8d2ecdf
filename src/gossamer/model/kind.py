"""The kinds of resources, and how one resource is named.

Source: App Mesh API 2019-01-25; ARN forms in the service authorization reference.
"""

import enum
import functools
from dataclasses import dataclass
from typing import Final


class Kind(enum.Enum):
    """A kind of resource; the value is its token in ARNs and in Envoy's node ids."""

    MESH = "mesh"
    VIRTUAL_NODE = "virtualNode"
    VIRTUAL_ROUTER = "virtualRouter"
    ROUTE = "route"
    VIRTUAL_SERVICE = "virtualService"
    VIRTUAL_GATEWAY = "virtualGateway"
    GATEWAY_ROUTE = "gatewayRoute"

    # There is one object a member, and resources are looked up by it all the time: an enum's own hash is that
    # of the member's name, in a call of Python for each look-up.
    __hash__ = object.__hash__

    def __init__(self, word: str) -> None:
        #: The value, without the detour that an enum makes to it.
        self.token = word
        #: As operations and sentences spell it: `VirtualNode`.
        self.noun = word[0].upper() + word[1:]
        #: Many of them, as paths and lists spell it: `virtualNodes`.
        self.plural = "meshes" if word == "mesh" else f"{word}s"
        #: The member that names one: `virtualNodeName`.
        self.name_member = f"{word}Name"

    @property
    def parent(self) -> "Kind | None":
        """The kind that it lives under, besides the mesh."""
        return _PARENTS.get(self)


_PARENTS: Final = {Kind.ROUTE: Kind.VIRTUAL_ROUTER, Kind.GATEWAY_ROUTE: Kind.VIRTUAL_GATEWAY}

#: The partitions of AWS that are not the first, by how their regions' names begin.
_PARTITIONS: Final = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@functools.lru_cache(maxsize=64)
def partition_of(region: str) -> str:
    """The partition that a region belongs to: what the ARNs of its resources begin with.

    Source: botocore, `partitions.json`, the expressions for regions.
    """
    return next((name for start, name in _PARTITIONS.items() if region.startswith(start)), "aws")


@dataclass(frozen=True, slots=True, order=True)
class MeshKey:
    """What tells one mesh from another: its name is unique within the account that owns it."""

    account: str
    mesh: str


@dataclass(frozen=True, slots=True)
class Ref:
    """The name of one resource: unique by kind, mesh and parent.

    `account` owns the mesh. `parent` is the router or gateway of a route, else None. A mesh's `name` is its
    `mesh`.
    """

    account: str
    mesh: str
    kind: Kind
    name: str
    parent: str | None = None

    @property
    def noun(self) -> str:
        """The kind as sentences spell it."""
        return self.kind.noun

    @property
    def key(self) -> MeshKey:
        """The mesh that it belongs to."""
        return MeshKey(self.account, self.mesh)

    @property
    def path(self) -> tuple[str | None, ...]:
        """All that tells it from other resources."""
        return (self.account, self.kind.value, self.mesh, self.parent, self.name)

    def arn(self, region: str, owner: str) -> str:
        """Its ARN; `owner` is the account that created the resource.

        In a mesh of another account the mesh's segment carries `@` and that account.
        Source: App Mesh user guide, shared meshes.
        """
        mesh = self.mesh if owner == self.account else f"{self.mesh}@{self.account}"
        path = f"mesh/{mesh}"
        if self.parent is not None and self.kind.parent is not None:
            path += f"/{self.kind.parent.token}/{self.parent}"
        if self.kind is not Kind.MESH:
            path += f"/{self.kind.token}/{self.name}"
        return f"arn:{partition_of(region)}:appmesh:{region}:{owner}:{path}"

    def __str__(self) -> str:
        """Short and readable, for logs: `simpleapp/virtualRouter/b/route/r`."""
        parent = f"{self.kind.parent.value}/{self.parent}/" if self.parent and self.kind.parent else ""
        return self.mesh if self.kind is Kind.MESH else f"{self.mesh}/{parent}{self.kind.value}/{self.name}"
