"""What a rule may ask about the other resources of a mesh, inside the transaction of the write."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.spec import Spec
from gossamer.store import statements
from gossamer.store.rows import place, spec_of


@dataclass(frozen=True, slots=True)
class Neighbours:
    """One mesh, as it stands at this point of the transaction."""

    connection: Connection
    key: MeshKey

    def spec(self, ref: Ref) -> Spec | None:
        """The spec of one resource, if it is there."""
        row = statements.RESOURCE.row(self.connection, place(ref))
        return None if row is None else spec_of(ref.kind, row.spec)

    def is_there(self, ref: Ref) -> bool:
        """Whether a resource exists."""
        return statements.IS_THERE.row(self.connection, place(ref)) is not None

    def named(self, kind: Kind, names: Iterable[str]) -> Mapping[str, Spec]:
        """Those of the named resources of a kind that are there."""
        listed = sorted(set(names))
        if not listed:
            return {}
        # A statement for each power of two, rather than for each number of names.
        places = 1 << (len(listed) - 1).bit_length()
        asked = {f"name_{place}": name for place, name in enumerate(_filled(listed, places))}
        rows = statements.specs_of(places).rows(self.connection, self._collection(kind) | asked)
        return {row.name: spec_of(kind, row.spec) for row in rows}

    def ref(self, kind: Kind, name: str) -> Ref:
        """The name of a resource of this mesh, there or not."""
        return Ref(self.key.account, self.key.mesh, kind, name)

    def under(self, parent: str, kind: Kind) -> Sequence[tuple[str, Spec]]:
        """The routes of a virtual router, or the gateway routes of a gateway, in the order of their names."""
        rows = statements.SPECS_IN.rows(self.connection, self._collection(kind, parent))
        return [(row.name, spec_of(kind, row.spec)) for row in rows]

    def has_under(self, parent: str, kind: Kind) -> bool:
        """Whether a virtual router has any route, or a gateway any gateway route."""
        asked = self._collection(kind, parent)
        return statements.KIND_UNDER.row(self.connection, asked) is not None

    def has_kind(self, kind: Kind) -> bool:
        """Whether the mesh has any resource of a kind."""
        asked = {"account": self.key.account, "mesh": self.key.mesh, "kind": kind.value}
        return statements.KIND_IN_MESH.row(self.connection, asked) is not None

    def users(self, ref: Ref) -> frozenset[Kind]:
        """The kinds of the resources that name this one."""
        return frozenset(Kind(row.kind) for row in statements.USERS.rows(self.connection, _used(ref)))

    def users_of_kind(self, ref: Ref, kind: Kind) -> Sequence[tuple[str, Spec]]:
        """The resources of a kind that name this one, in the order of their names."""
        rows = statements.USERS_OF_KIND.rows(self.connection, _used(ref) | {"kind": kind.value})
        return [(row.name, spec_of(kind, row.spec)) for row in rows]

    def user_refs(self, ref: Ref, kind: Kind) -> tuple[Ref, ...]:
        """The names of the resources of a kind that name this one, in order."""
        rows = statements.USERS_AT.rows(self.connection, _used(ref) | {"kind": kind.value})
        return tuple(Ref(ref.account, ref.mesh, kind, row.name, row.parent or None) for row in rows)

    def _collection(self, kind: Kind, parent: str = "") -> dict[str, object]:
        return {"account": self.key.account, "kind": kind.value, "mesh": self.key.mesh, "parent": parent}


def _filled(names: Sequence[str], places: int) -> Sequence[str]:
    """So many names: those that there are, and the last one again."""
    return [*names, *(names[-1] for _ in range(places - len(names)))]


def _used(ref: Ref) -> dict[str, object]:
    return {"account": ref.account, "mesh": ref.mesh, "used_kind": ref.kind.value, "used_name": ref.name}
