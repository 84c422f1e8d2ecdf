"""The operations of the preview API: those of today on four of the kinds, without a version in their paths.

Source: App Mesh API 2018-10-01. A mesh had no spec, so it could not be updated; there were no labels.
"""

from typing import Final

from gossamer.api import operations
from gossamer.api.operations import Operation, UnknownOperation
from gossamer.model.kind import Kind

#: The first segment of every path; no other path of the control plane starts with it.
ROOT: Final = "meshes"

KINDS: Final = (Kind.MESH, Kind.VIRTUAL_NODE, Kind.VIRTUAL_ROUTER, Kind.ROUTE)

OPERATIONS: Final = tuple(
    one
    for one in operations.OPERATIONS
    if one.kind is not None and one.kind.kind in KINDS and one.name != "UpdateMesh"
)


def matched(method: str, raw_path: bytes) -> tuple[Operation, tuple[str, ...]]:
    """The operation of a request, and the names in its path, decoded.

    Raises: UnknownOperation; InvalidSpec for a name that is not text.
    """
    path = b"/" + operations.ROOT.encode() + raw_path
    try:
        found = operations.matched(method, path)
    except UnknownOperation as error:
        allowed = [one for one in error.allowed if operations.matched(one, path)[0] in OPERATIONS]
    else:
        if found[0] in OPERATIONS:
            return found
        allowed = [one.method for one in OPERATIONS if one.path == found[0].path]
    raise UnknownOperation(raw_path.decode("ascii", "replace"), method, tuple(sorted(allowed)))
