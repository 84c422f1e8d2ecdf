"""Resources as they stand, remembered for readers where nobody else writes.

What is remembered is what the database holds: every change passes here before whoever made it is answered.
"""

from collections.abc import Iterable
from typing import Final

from gossamer.model.kind import Ref
from gossamer.model.revision import Revision
from gossamer.store.store import Change

#: How many resources are remembered; those that were asked for or written last.
REMEMBERED: Final = 10_000


class Standing:
    """The latest revisions. Lives on one event loop."""

    def __init__(self, most: int = REMEMBERED) -> None:
        self._most = most
        self._revisions: dict[Ref, Revision] = {}

    def get(self, ref: Ref) -> Revision | None:
        """One resource, if it is remembered."""
        return self._revisions.get(ref)

    def take(self, changes: Iterable[Change]) -> None:
        """These became durable."""
        for change in changes:
            self._revisions.pop(change.ref, None)
            if change.revision is not None:
                self.put(change.revision)

    def put(self, revision: Revision) -> None:
        """This is how one stands; whoever read it knows that nothing was written since."""
        if len(self._revisions) >= self._most and revision.ref not in self._revisions:
            del self._revisions[next(iter(self._revisions))]
        self._revisions[revision.ref] = revision
