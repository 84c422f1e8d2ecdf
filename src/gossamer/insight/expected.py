"""What a caller had read before it writes: nobody's change is overwritten by one who has not seen it."""

from dataclasses import dataclass

from gossamer.clock import iso
from gossamer.errors import Conflict
from gossamer.model.kind import Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec


class Expectation(Spec):
    """A resource as a caller had read it; without `uid` and `version`, that it was not there."""

    resource: str
    uid: str | None = None
    version: int | None = None

    def expected(self) -> "Expected":
        """What is to be found."""
        return Expected(self.uid, self.version)


def found(ref: Ref, revision: Revision | None) -> dict[str, object]:
    """A resource as it was found, as an expectation: whoever sends it back writes over nothing else."""
    known = {} if revision is None else {"uid": revision.uid, "version": revision.version}
    return {"resource": str(ref), **known}


@dataclass(frozen=True, slots=True)
class Expected:
    """What is to be found: this revision; any of its version or uid if only one is known; or nothing."""

    uid: str | None
    version: int | None

    def is_about(self, found: Revision | None) -> bool:
        """Whether it was read of the resource that is there, and not of a namesake, earlier or elsewhere."""
        return self.uid is None or (found is not None and found.uid == self.uid)

    def check(self, ref: Ref, found: Revision | None) -> None:
        """Let a write pass that knows what it overwrites.

        Raises: Conflict.
        """
        is_absence = self.uid is None and self.version is None
        if found is None:
            if not is_absence:
                raise overtaken(ref, found)
            return
        if is_absence:
            raise Conflict(ref, "already exists")
        if self.uid not in (None, found.uid):
            raise Conflict(ref, f"was deleted and created again, at {iso(found.created_at)}")
        if self.version not in (None, found.version):
            raise overtaken(ref, found)


def overtaken(ref: Ref, found: Revision | None) -> Conflict:
    """Somebody was faster: what it is now."""
    if found is None:
        return Conflict(ref, "was deleted after it was read")
    at = iso(found.last_updated_at)
    return Conflict(ref, f"was changed after it was read: version {found.version} since {at}")
