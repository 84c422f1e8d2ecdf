"""The ARN of a resource, read back.

Source: service authorization reference, App Mesh resource types; user guide, shared meshes, whose examples
leave the owner of the mesh out.
"""

import re
from dataclasses import dataclass
from typing import Final

from gossamer.errors import InvalidSpec, Violation
from gossamer.model.kind import Kind, Ref

_FORM: Final = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):appmesh:(?P<region>[a-z0-9-]+):(?P<account>[0-9]{12}):"
    r"mesh/(?P<mesh>[^/@]+)(?:@(?P<mesh_owner>[0-9]{12}))?"
    r"(?:/(?P<outer>[A-Za-z]+)/(?P<outer_name>[^/]+))?(?:/(?P<inner>[A-Za-z]+)/(?P<inner_name>[^/]+))?"
)
_SAYS: Final = (
    "must be the ARN of a mesh or of something in it, such as"
    " arn:aws:appmesh:REGION:ACCOUNT:mesh/MESH/virtualNode/NAME"
)


@dataclass(frozen=True, slots=True)
class Arn:
    """What an ARN says. `owner` is the account that created the resource; `ref` names the mesh's owner."""

    ref: Ref
    region: str
    owner: str


def read_arn(member: str, text: str) -> Arn:
    """Read an ARN; `member` is what the caller calls it: `resourceArn`.

    Absent: a mesh without `@` belongs to the account of the ARN.
    Raises: InvalidSpec for text of another form.
    """
    found = _FORM.fullmatch(text)
    kind = None if found is None else _kind(found["outer"], found["inner"])
    if found is None or kind is None:
        raise InvalidSpec([Violation(member, _SAYS)])
    name = found["inner_name"] or found["outer_name"] or found["mesh"]
    parent = found["outer_name"] if kind.parent is not None else None
    mesh_owner = found["mesh_owner"] or found["account"]
    return Arn(Ref(mesh_owner, found["mesh"], kind, name, parent), found["region"], found["account"])


#: How `str(Ref)` writes the name of a resource.
_SHORT_SAYS: Final = (
    "must be a resource such as MESH, MESH/virtualNode/NAME or MESH/virtualRouter/NAME/route/NAME, or its ARN"
)


def read_ref(member: str, text: str, account: str) -> Ref:
    """Read a resource's name as `str(Ref)` writes it, in a mesh of an account, or its ARN.

    Raises: InvalidSpec for text of another form.
    """
    if text.startswith("arn:"):
        return read_arn(member, text).ref
    mesh, *words = text.split("/")
    names = words[1::2]
    kind = _kind(*words[::2], *[None] * (2 - len(names))) if len(words) in (0, 2, 4) else None
    if kind is None or not all((mesh, *names)) or "\0" in text:
        raise InvalidSpec([Violation(member, _SHORT_SAYS)])
    parent = names[0] if kind.parent is not None else None
    return Ref(account, mesh, kind, names[-1] if names else mesh, parent)


def _kind(outer: str | None, inner: str | None) -> Kind | None:
    """The kind whose ARNs have these words; None if no kind's have."""
    words = [word for word in (outer, inner) if word is not None]
    for kind in Kind:
        around = [] if kind.parent is None else [kind.parent.value]
        if words == ([] if kind is Kind.MESH else [*around, kind.value]):
            return kind
    return None
