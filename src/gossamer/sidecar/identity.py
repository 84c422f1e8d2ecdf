"""Who a proxy is: an ARN, or the part of one that starts at `mesh/`.

Source: App Mesh user guide, Envoy image variables; service authorization reference, ARN forms. The mesh's
segment may carry `@` and its owner's account when another account shares it.
"""

import re
from dataclasses import dataclass
from typing import Final

from gossamer.sidecar.variable import Misconfigured

_PATH: Final = r"mesh/(?P<mesh>[^/\s]+)/(?P<kind>virtualNode|virtualGateway)/(?P<name>[^/\s]+)"
_IDENTITY: Final = re.compile(rf"(?:arn:[^:\s]+:appmesh(?:-preview)?:(?P<region>[^:\s]*):[^:\s]*:)?{_PATH}")


@dataclass(frozen=True, slots=True)
class Identity:
    """One virtual node or virtual gateway; `text` is what the operator wrote, and becomes Envoy's node id."""

    text: str
    mesh: str
    kind: str
    name: str
    region: str = ""


def identity(text: str) -> Identity:
    """Read an identity; the region is empty unless an ARN carries one.

    Raises: Misconfigured when it is neither form.
    """
    found = _IDENTITY.fullmatch(text)
    if found is None:
        raise Misconfigured(
            f"{text!r} names no virtual node and no virtual gateway. Write its ARN, "
            "arn:aws:appmesh:REGION:ACCOUNT:mesh/MESH/virtualNode/NODE, or the end of it, "
            "mesh/MESH/virtualNode/NODE (virtualGateway for a gateway)."
        )
    return Identity(text, found["mesh"], found["kind"], found["name"], found["region"] or "")
