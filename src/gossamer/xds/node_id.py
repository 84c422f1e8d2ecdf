"""Who a proxy says it is.

Source: App Mesh user guide, Envoy image variables: `APPMESH_RESOURCE_ARN` takes a full ARN or its resource
part; shared meshes write the owner behind `@`. The seed's `APPMESH_VIRTUAL_NODE_NAME` has the same two forms.
"""

import re
from dataclasses import dataclass
from typing import Final

FORM: Final = re.compile(
    r"(?:arn:[\w-]+:[\w-]+:(?P<region>[\w-]*):(?P<account>[0-9]{12}):)?"
    r"mesh/(?P<mesh>[^/@\s\0]+)(?:@(?P<owner>[0-9]{12}))?/(?P<kind>virtualNode|virtualGateway)/(?P<name>[^/\s\0]+)"
)


@dataclass(frozen=True, slots=True)
class NodeId:
    """The mesh endpoint that a proxy speaks for. `account` is None where the id does not say."""

    mesh: str
    kind: str
    name: str
    account: str | None = None

    def __str__(self) -> str:
        """The short form."""
        return f"mesh/{self.mesh}/{self.kind}/{self.name}"


class UnknownNode(Exception):
    """The id has no form that we know, or names no mesh endpoint; the text says which."""


def node_id(text: str) -> NodeId:
    """Read a node id.

    `account` is the mesh's owner: behind the `@` if it is there, else the ARN's.
    Raises: UnknownNode with the two forms.
    """
    found = FORM.fullmatch(text)
    if found is None:
        raise UnknownNode(
            f"node id {text[:300]!r} is neither mesh/MESH/virtualNode/NAME nor "
            "arn:aws:appmesh:REGION:ACCOUNT:mesh/MESH/virtualNode/NAME"
        )
    return NodeId(found["mesh"], found["kind"], found["name"], found["owner"] or found["account"])
