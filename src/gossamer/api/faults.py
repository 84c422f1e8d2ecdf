"""Errors as the service names them, with their status.

Source: App Mesh API 2019-01-25, the error shapes of its operations.
"""

from collections.abc import Mapping
from typing import Final

from gossamer.errors import (
    Bug,
    Conflict,
    Forbidden,
    InUse,
    InvalidSpec,
    LimitExceeded,
    MeshError,
    NotFound,
    Throttled,
    TooManyTags,
    Unavailable,
)

FAULTS: Final[Mapping[type[MeshError], tuple[int, str]]] = {
    InvalidSpec: (400, "BadRequestException"),
    LimitExceeded: (400, "LimitExceededException"),
    TooManyTags: (400, "TooManyTagsException"),
    Forbidden: (403, "ForbiddenException"),
    NotFound: (404, "NotFoundException"),
    Conflict: (409, "ConflictException"),
    InUse: (409, "ResourceInUseException"),
    Throttled: (429, "TooManyRequestsException"),
    Bug: (500, "InternalServerErrorException"),
    Unavailable: (503, "ServiceUnavailableException"),
}
