"""A mesh: the boundary within which services call each other.

Source: App Mesh API 2019-01-25, `MeshSpec` and the shapes below it.
"""

import enum

from gossamer.model.service_discovery import IpPreference
from gossamer.model.spec import Spec


class EgressFilterType(enum.Enum):
    """Whether traffic may leave for anywhere, or for backends and AWS endpoints only."""

    ALLOW_ALL = "ALLOW_ALL"
    DROP_ALL = "DROP_ALL"


class EgressFilter(Spec):
    """What traffic may leave the mesh."""

    type: EgressFilterType
    """How open the mesh is."""


class MeshServiceDiscovery(Spec):
    """What holds for the discovery of every node that does not say otherwise."""

    ip_preference: IpPreference | None = None
    """Which version of IP."""


class MeshSpec(Spec):
    """What an operator says of a mesh; all of it may be left out."""

    egress_filter: EgressFilter | None = None
    """What traffic may leave; the effective default is `DROP_ALL`."""
    service_discovery: MeshServiceDiscovery | None = None
    """How endpoints are discovered."""
