"""One resource as it stands: its spec, and what the service knows about it.

Source: App Mesh API 2019-01-25, `ResourceMetadata` and the `*Data` shapes.
"""

import datetime
import enum
from dataclasses import dataclass

from gossamer.model.kind import Ref
from gossamer.model.spec import Spec


class Status(enum.Enum):
    """Whether the resource is there. `DELETED` only ever stands in the answer to a delete."""

    ACTIVE = "ACTIVE"
    INACTIVE = "INACTIVE"
    DELETED = "DELETED"


@dataclass(frozen=True, slots=True)
class Revision:
    """One resource at one version.

    `uid` is new whenever a name is created again; caches are keyed by it. `version` starts at 1. Times are
    aware, UTC, with millisecond precision. `owner` is the account that created the resource.
    """

    ref: Ref
    spec: Spec
    uid: str
    version: int
    created_at: datetime.datetime
    last_updated_at: datetime.datetime
    owner: str
    status: Status = Status.ACTIVE
