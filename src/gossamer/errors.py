"""Every error that stops a caller, in one tree.

Raise an error with its facts; `str()` makes the sentence. `api/faults.py` gives each its name on the wire.
Source: App Mesh API 2019-01-25, the error shapes; sentences as the managed service was seen to say them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

#: How many violations one sentence tells.
MOST_TOLD: Final = 100


class Named(Protocol):
    """What an error needs to know of a resource to name it."""

    @property
    def noun(self) -> str:
        """The kind as sentences spell it: `VirtualNode`."""
        ...

    @property
    def name(self) -> str:
        """The resource's own name."""
        ...

    @property
    def mesh(self) -> str:
        """The mesh that it belongs to."""
        ...

    @property
    def account(self) -> str:
        """The account that owns the mesh."""
        ...


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule: where, in the caller's words (`spec.httpRoute.match.prefix`), and what the rule is.

    `is_verbatim` marks a sentence of the managed service, which stands for itself: clients compare it.
    """

    path: str
    why: str
    is_verbatim: bool = False

    def __str__(self) -> str:
        """The sentence: path, colon, rule; a rule about the whole request has no path."""
        return f"{self.path}: {self.why}" if self.path and not self.is_verbatim else self.why


class MeshError(Exception):
    """The root of all errors that Gossamer raises on purpose."""


class InvalidSpec(MeshError):
    """The request breaks rules; all of them are listed."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        self.violations = tuple(violations)
        super().__init__(self.violations)

    def __str__(self) -> str:
        """Every violation, in the order of the request."""
        count = len(self.violations)
        if count == 1:
            return str(self.violations[0])
        told = "; ".join(map(str, self.violations[:MOST_TOLD]))
        more = f"; and {count - MOST_TOLD} more" if count > MOST_TOLD else ""
        return f"{count} violations: {told}{more}"


class NotFound(MeshError):
    """No such resource; `is_reference` tells that another one names it, and nobody asked for it itself."""

    def __init__(self, ref: Named, *, is_reference: bool = False) -> None:
        self.ref = ref
        self.is_reference = is_reference
        super().__init__(ref)

    def __str__(self) -> str:
        """The managed service's sentences."""
        ref = self.ref
        if self.is_reference:
            return f"{ref.noun} with name {ref.name} is missing"
        under = "" if ref.noun == "Mesh" else f" under mesh {ref.mesh}"
        return f"{ref.noun} with name {ref.name} is not present{under} for account {ref.account}"


class Conflict(MeshError):
    """The name is taken, or a client token came again with other parameters."""

    def __init__(self, ref: Named, why: str) -> None:
        self.ref = ref
        self.why = why
        super().__init__(ref, why)

    def __str__(self) -> str:
        """What is in the way."""
        return f"{self.ref.noun} with name {self.ref.name} {self.why}"


class InUse(MeshError):
    """Others still refer to it."""

    def __init__(self, ref: Named, why: str) -> None:
        self.ref = ref
        self.why = why
        super().__init__(ref, why)

    def __str__(self) -> str:
        """The managed service's sentence; two kinds have one of their own, carried in `why`."""
        if self.ref.noun == "Mesh":
            return f"Mesh {self.ref.name} for account {self.ref.account} {self.why}"
        if self.ref.noun == "VirtualService":
            return f"VirtualService {self.ref.name} {self.why}"
        return f"{self.ref.noun} with name {self.ref.name} cannot be deleted because {self.why}"


class LimitExceeded(MeshError):
    """Too many of something; `limit` is what is allowed."""

    def __init__(self, what: str, limit: int) -> None:
        self.what = what
        self.limit = limit
        super().__init__(what, limit)

    def __str__(self) -> str:
        """What, and how many are allowed."""
        return f"{self.what}: at most {self.limit} are allowed"


class TooManyTags(MeshError):
    """A resource would carry more labels than it may; `limit` is what is allowed."""

    def __init__(self, ref: Named, limit: int) -> None:
        self.ref = ref
        self.limit = limit
        super().__init__(ref, limit)

    def __str__(self) -> str:
        """What, and how many are allowed."""
        return f"{self.ref.noun} with name {self.ref.name} may carry at most {self.limit} tags"


class Forbidden(MeshError):
    """The caller may not do this."""


class Throttled(MeshError):
    """Too often; try again later."""


class Unavailable(MeshError):
    """Something that we depend on is down; try again later."""


class Bug(MeshError):
    """Our own mistake, never caught below the edge."""
