"""Rows to revisions, and back.

Specs are frozen, so one that was read once is shared; a busy mesh is read far more often than it is written.
"""

import datetime
from collections import deque
from typing import Final
from weakref import WeakValueDictionary

from sqlalchemy import Row

from gossamer.model.kind import Kind, Ref
from gossamer.model.revision import Revision
from gossamer.model.spec import Spec
from gossamer.model.specs import stored_spec
from gossamer.store.store import Change

_EPOCH: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
_MILLISECOND: Final = datetime.timedelta(milliseconds=1)
_HELD_SPECS: Final = 512

#: An enum looks its members up ten times as slowly, and a list has a hundred rows.
_KINDS: Final = {kind.token: kind for kind in Kind}


def place(ref: Ref) -> dict[str, str]:
    """A resource's name as the columns that hold it."""
    return {
        "account": ref.account,
        "kind": ref.kind.token,
        "mesh": ref.mesh,
        "parent": ref.parent or "",
        "name": ref.name,
    }


def at_place(ref: Ref) -> dict[str, str]:
    """A resource's name as the parameters of a change, which keeps the bare columns for the new values."""
    return {f"is_{column}": value for column, value in place(ref).items()}


def milliseconds(at: datetime.datetime) -> int:
    """A moment as a whole number, rounded down."""
    return (at - _EPOCH) // _MILLISECOND


def moment(at_ms: int) -> datetime.datetime:
    """The moment that a number stands for."""
    return _EPOCH + at_ms * _MILLISECOND


class _Specs:
    """Specs by their text, as long as anybody holds them: a server's meshes hold all that are there.

    The latest are held here, for those who are about to read what was just written. Threads share it; two
    that read the same text at once only do the work twice.
    """

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[Kind, str], Spec] = WeakValueDictionary()
        self._latest: deque[Spec] = deque(maxlen=_HELD_SPECS)

    def get(self, kind: Kind, text: str) -> Spec:
        """The spec that a text holds."""
        found = self._known.get((kind, text))
        if found is None:
            found = stored_spec(kind, text)
            self.put(kind, text, found)
        return found

    def put(self, kind: Kind, text: str, spec: Spec) -> None:
        """Know a spec."""
        self._known[(kind, text)] = spec
        self._latest.append(spec)


_SPECS: Final = _Specs()


def spec_of(kind: Kind, text: str) -> Spec:
    """The spec that a column holds."""
    return _SPECS.get(kind, text)


def remember_spec(kind: Kind, text: str, spec: Spec) -> None:
    """Spare the next reader the work: what was just written is read back at once, for the proxies."""
    _SPECS.put(kind, text, spec)


def ref_of(row: Row[*tuple[object, ...]]) -> Ref:
    """The name that a row carries."""
    return Ref(row.account, row.mesh, _KINDS[row.kind], row.name, row.parent or None)


def revision_of(row: Row[*tuple[object, ...]]) -> Revision:
    """A resource as its row in `resources` tells it."""
    ref = ref_of(row)
    return Revision(
        ref=ref,
        spec=spec_of(ref.kind, row.spec),
        uid=row.uid,
        version=row.version,
        created_at=moment(row.created_at),
        last_updated_at=moment(row.last_updated_at),
        owner=row.owner,
    )


def change_of(row: Row[*tuple[object, ...]]) -> Change:
    """One entry of the log as its row in `revisions` tells it."""
    ref = ref_of(row)
    before_uid = None if row.before is None else row.uid
    if row.after is None:
        return Change(row.sequence, ref, before_uid, None, row.action, row.principal)
    revision = Revision(
        ref=ref,
        spec=spec_of(ref.kind, row.after),
        uid=row.uid,
        version=row.version,
        created_at=moment(row.created_at),
        last_updated_at=moment(row.at),
        owner=row.owner,
    )
    return Change(row.sequence, ref, before_uid, revision, row.action, row.principal)
