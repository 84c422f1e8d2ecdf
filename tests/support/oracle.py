"""What the API must answer, as simply as it can be said: resources in a dictionary.

Source: App Mesh user guide and API 2019-01-25: what must exist, what is in use, versions, labels, tokens.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

Spec = Mapping[str, Any]

#: What lives in a mesh, by what it lives under.
PARENTS: Mapping[str, str] = {
    "mesh": "",
    "virtualNode": "mesh",
    "virtualRouter": "mesh",
    "virtualService": "mesh",
    "virtualGateway": "mesh",
    "route": "virtualRouter",
    "gatewayRoute": "virtualGateway",
}


@dataclass(frozen=True)
class Place:
    """Where a resource is: its kind, its mesh, what it lives under in the mesh, its name."""

    kind: str
    mesh: str
    parent: str
    name: str

    @property
    def above(self) -> "Place | None":
        """What it lives in."""
        if self.kind == "mesh":
            return None
        kind = PARENTS[self.kind]
        mesh = Place("mesh", self.mesh, "", self.mesh)
        return mesh if kind == "mesh" else Place(kind, self.mesh, "", self.parent)


@dataclass(frozen=True)
class Thing:
    """A resource as it stands. `uid` is what the server called it when it was created."""

    spec: Spec
    version: int
    tags: Mapping[str, str]
    uid: str = ""


class Refused(Exception):
    """The name of the error that must be the answer."""

    def __init__(self, error: str) -> None:
        self.error = error
        super().__init__(error)


@dataclass
class Oracle:
    """All resources, and what was done under which client token."""

    things: dict[Place, Thing] = field(default_factory=dict)
    tokens: dict[tuple[str, str, str], tuple[str, Place, str]] = field(default_factory=dict)

    def create(self, place: Place, spec: Spec, tags: Mapping[str, str], token: str) -> tuple[Thing, bool]:
        """What a creation answers, and whether it is new."""
        self._must_be_inside(place)
        if self._is_repeated("create", place, token, _digest(place, spec, tags)):
            return self.things[place], False
        if place in self.things:
            raise Refused("ConflictException")
        self.things[place] = Thing(completed(place, spec), 1, tags)
        self._remember("create", place, token, _digest(place, spec, tags))
        return self.things[place], True

    def update(self, place: Place, spec: Spec, token: str) -> Thing:
        """What an update answers."""
        before = self.get(place)
        if self._is_repeated("update", place, token, _digest(place, spec, {})):
            return before
        self.things[place] = replace(before, spec=completed(place, spec), version=before.version + 1)
        self._remember("update", place, token, _digest(place, spec, {}))
        return self.things[place]

    def delete(self, place: Place) -> Thing:
        """What a deletion answers."""
        before = self.get(place)
        if any(True for _ in self._users(place)):
            raise Refused("ResourceInUseException")
        del self.things[place]
        return replace(before, version=before.version + (place.kind != "mesh"))

    def get(self, place: Place) -> Thing:
        """One resource."""
        self._must_be_inside(place)
        if place not in self.things:
            raise Refused("NotFoundException")
        return self.things[place]

    def named(self, place: Place, uid: str) -> None:
        """Take note of what the server calls a new resource, for its tokens too."""
        self.things[place] = replace(self.things[place], uid=uid)
        for key, (digest, of, known) in self.tokens.items():
            if (key[0], of, known) == ("create", place, ""):
                self.tokens[key] = (digest, of, uid)

    def tag(self, place: Place, tags: Mapping[str, str]) -> None:
        """Add labels."""
        before = self.get(place)
        self.things[place] = replace(before, tags={**before.tags, **tags})

    def untag(self, place: Place, keys: list[str]) -> None:
        """Take labels away."""
        before = self.get(place)
        left = {key: value for key, value in before.tags.items() if key not in keys}
        self.things[place] = replace(before, tags=left)

    def list(self, kind: str, mesh: str, parent: str) -> list[Place]:
        """A collection, in the order of names."""
        self._must_be_inside(Place(kind, mesh, parent, ""))
        found = [one for one in self.things if (one.kind, one.mesh, one.parent) == (kind, mesh, parent)]
        return sorted(found, key=lambda one: one.name)

    def _must_be_inside(self, place: Place) -> None:
        above = place.above
        while above is not None:
            if above not in self.things:
                raise Refused("NotFoundException")
            above = above.above

    def _is_repeated(self, action: str, place: Place, token: str, digest: str) -> bool:
        if (action, place.kind, token) not in self.tokens:
            return False
        known, of, uid = self.tokens[(action, place.kind, token)]
        if known != digest:
            raise Refused("ConflictException")
        return of in self.things and self.things[of].uid == uid

    def _remember(self, action: str, place: Place, token: str, digest: str) -> None:
        self.tokens[(action, place.kind, token)] = (digest, place, self.things[place].uid)

    def _users(self, place: Place) -> Iterator[Place]:
        """What keeps a resource from going."""
        for other, thing in self.things.items():
            if other.mesh != place.mesh or other == place:
                continue
            if (
                place.kind == "mesh"
                or other.above == place
                or (place.kind, place.name) in used(other, thing.spec)
            ):
                yield other


def used(place: Place, spec: Spec) -> set[tuple[str, str]]:
    """What a resource names."""
    match place.kind:
        case "route":
            targets = spec["httpRoute"]["action"]["weightedTargets"]
            return {("virtualNode", target["virtualNode"]) for target in targets}
        case "gatewayRoute":
            target = spec["httpRoute"]["action"]["target"]["virtualService"]
            return {("virtualService", target["virtualServiceName"])}
        case "virtualService":
            return {(kind, next(iter(one.values()))) for kind, one in spec.get("provider", {}).items()}
        case _:
            return set()


def completed(place: Place, spec: Spec) -> Spec:
    """What the server fills in."""
    return {"backends": [], **spec} if place.kind == "virtualNode" else spec


def _digest(place: Place, spec: Spec, tags: Mapping[str, str]) -> str:
    return json.dumps([place.mesh, place.parent, place.name, completed(place, spec), tags], sort_keys=True)
