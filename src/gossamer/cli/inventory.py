"""What is in a mesh, asked of App Mesh's own operations: names first, then each resource."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Annotated, Final

import cyclopts

from gossamer.cli.progress import progress
from gossamer.cli.server import APPMESH, HERE, Answer, Server
from gossamer.cli.words import WrongUsage, kind_of, resource_name
from gossamer.model.kind import Kind
from gossamer.model.likeness import did_you_mean

#: How many resources are asked for at once.
AT_ONCE: Final = 8

#: Fewer than this are there before anybody wonders.
MANY: Final = 200

#: The members of an answer that are what an operator wrote; the others are what the service knows.
KNOWN: Final = ("metadata", "status")


@cyclopts.Parameter(name="*")
@dataclass(frozen=True, kw_only=True, slots=True)
class Where:
    """In which mesh, and under what; on which control plane."""

    mesh: Annotated[str | None, cyclopts.Parameter(alias="-m")] = None
    """The mesh; may be left out where there is only one."""
    router: str | None = None
    """The virtual router of a route."""
    gateway: str | None = None
    """The virtual gateway of a gateway route."""
    mesh_owner: str | None = None
    """The account that shares the mesh, if it is another one's."""
    server: Annotated[Server, cyclopts.Parameter(name="*")] = HERE


ANYWHERE: Final = Where()


@dataclass(frozen=True, slots=True)
class Item:
    """One resource by its name."""

    kind: Kind
    mesh: str
    name: str
    parent: str | None = None

    @property
    def resource(self) -> str:
        """As our routes name it."""
        return resource_name(self.kind, self.mesh, self.name, self.parent)

    @property
    def path(self) -> tuple[str, ...]:
        """Where the operations about it are."""
        if self.kind is Kind.MESH:
            return (*APPMESH, self.mesh)
        around = () if self.kind.parent is None else (self.kind.parent.value, self.parent or "")
        return (*APPMESH, self.mesh, *around, self.kind.plural, self.name)


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is at a place."""

    where: Where = ANYWHERE

    @property
    def server(self) -> Server:
        """The control plane."""
        return self.where.server

    def mesh(self) -> str:
        """The mesh that is meant.

        Raises: WrongUsage if there are several, or none.
        """
        if self.where.mesh is not None:
            return self.where.mesh
        found = [one.name for one in self.meshes()]
        if len(found) == 1:
            return found[0]
        if not found:
            raise WrongUsage("there is no mesh yet")
        raise WrongUsage(which_mesh(found))

    def meshes(self) -> tuple[Item, ...]:
        """Every mesh of the caller's account, and those that others share with it."""
        found = self.server.pages(*APPMESH, of="meshes")
        return tuple(Item(Kind.MESH, one["meshName"], one["meshName"]) for one in found)

    def listed(self, kind: Kind) -> tuple[Item, ...]:
        """Every resource of a kind in the mesh; of routes, those of every router, or of one that is named."""
        if kind is Kind.MESH:
            return self.meshes()
        mesh = self.mesh()
        if kind.parent is None:
            return tuple(self._list(Item(Kind.MESH, mesh, mesh), kind))
        named = self.where.router if kind is Kind.ROUTE else self.where.gateway
        parents = self.listed(kind.parent) if named is None else (Item(kind.parent, mesh, named),)
        return tuple(one for parent in parents for one in self._list(parent, kind))

    def everything(self) -> tuple[Item, ...]:
        """Everything in the mesh, and the mesh itself, the innermost last."""
        mesh = self.mesh()
        inside = (one for kind in Kind if kind is not Kind.MESH for one in self.listed(kind))
        return (Item(Kind.MESH, mesh, mesh), *inside)

    def named(self, kind: Kind, name: str) -> Item:
        """One resource by its name; a route may be named without its router, if only one has it.

        Raises: WrongUsage, with what was probably meant.
        """
        if kind is Kind.MESH:
            return Item(kind, name, name)
        listed = self.listed(kind)
        found = [one for one in listed if one.name == name]
        if len(found) > 1:
            flag = "--router" if kind is Kind.ROUTE else "--gateway"
            raise WrongUsage(f"{flag} says which is meant: {', '.join(one.resource for one in found)}")
        if not found:
            hint = did_you_mean(name, [one.name for one in listed])
            raise WrongUsage(f"there is no {kind.value} {name} in mesh {self.mesh()}{hint}")
        return found[0]

    def at_any_time(self, kind: str | None, name: str | None) -> str | None:
        """A resource that may be gone by now, by its kind and name or as a whole; None if none is named.

        Raises: WrongUsage.
        """
        if kind is None or name is None:
            return kind
        found, where = kind_of(kind), self.where
        if found.parent is not None and where.router is None and where.gateway is None:
            return self.named(found, name).resource
        return resource_name(found, self.mesh(), name, where.router or where.gateway)

    def described(self, items: Sequence[Item]) -> Iterator[Answer]:
        """What is known of each, in order."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            answers = pool.map(self._describe, items)
            if len(items) < MANY:
                yield from answers
                return
            with progress() as tell:
                for done, answer in enumerate(answers, 1):
                    tell("resources read", done, len(items))
                    yield answer

    def _describe(self, item: Item) -> Answer:
        owner = None if item.kind is Kind.MESH and self.where.mesh_owner is None else self.where.mesh_owner
        return self.server.get(*item.path, meshOwner=owner)

    def _list(self, parent: Item, kind: Kind) -> Iterator[Item]:
        path = (*parent.path, kind.plural)
        if parent.kind is not Kind.MESH:
            # A collection names its parent in the singular.
            path = (*APPMESH, parent.mesh, parent.kind.value, parent.name, kind.plural)
        inside = None if parent.kind is Kind.MESH else parent.name
        for one in self.server.pages(*path, of=kind.plural, meshOwner=self.where.mesh_owner):
            yield Item(kind, parent.mesh, one[kind.name_member], inside)


def which_mesh(names: Iterable[str]) -> str:
    """What is said where several meshes may be meant."""
    return f"--mesh says which of the meshes {', '.join(names)} is meant"


def document(item: Item, answer: Answer) -> Answer:
    """What `apply` takes: the names and the spec."""
    return {"kind": item.kind.value, **{name: one for name, one in answer.items() if name not in KNOWN}}
