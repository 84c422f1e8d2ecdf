"""A document: one resource as an operator writes it down, and what it asks for.

It is the body of App Mesh's create call with the names that travel in its path, and a `kind`:
`{"kind": "virtualNode", "meshName": "shop", "virtualNodeName": "front", "spec": {...}, "tags": [...]}`. Taken
too is what the AWS CLI prints and reads: the answer of a describe call, and the input of a create call, whose
members tell the kind. The `metadata` of an answer makes it a change of that version only.
Source: App Mesh API 2019-01-25, the `Create*Input` and `Describe*Output` shapes.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gossamer.api.kinds import KINDS, KindApi
from gossamer.errors import InvalidSpec, Violation
from gossamer.insight.body import doubled
from gossamer.insight.change import Goal
from gossamer.insight.expected import Expected
from gossamer.model.completion import completed
from gossamer.model.kind import Kind, Ref
from gossamer.model.likeness import did_you_mean
from gossamer.model.names import AN_ACCOUNT, is_account, is_resource_name

#: What only answers hold: nobody can write it.
_TOLD_ONLY: Final = frozenset({"metadata", "status", "arn"})

#: Members that are read here, and not by the shape of the body.
_AROUND: Final = frozenset({"kind", "meshName", "meshOwner"}) | _TOLD_ONLY

#: Said of a custom resource: its names and references mean something inside of a cluster only.
OF_KUBERNETES: Final = (
    "is of a Kubernetes object, which is not taken: write what the controller made of it, in App Mesh's own "
    "shape, such as {kind: virtualNode, meshName: …, virtualNodeName: …, spec: …}"
)

_SPELLINGS: Final[Mapping[str, Kind]] = {kind.value.lower(): kind for kind in Kind}


@dataclass(frozen=True, slots=True)
class Unread(Exception):
    """A document that breaks rules; all of them are listed."""

    violations: tuple[Violation, ...]


def goal_of(document: object, index: int, account: str) -> Goal:
    """What a document asks for; `account` owns its mesh unless it says otherwise.

    Raises: Unread.
    """
    if not isinstance(document, dict):
        raise Unread((Violation("", "must be an object"),))
    if twice := tuple(doubled(document)):
        raise Unread(twice)
    members = _unwrapped(document)
    if "apiVersion" in members:
        raise Unread((Violation("apiVersion", OF_KUBERNETES),))
    row = KINDS[_kind(members)]
    wrong = [*_wrong_names(row, members), *_wrong_metadata(members.get("metadata", {}))]
    body = {name: value for name, value in members.items() if name not in _AROUND | _path_members(row.kind)}
    if row.kind is Kind.MESH:
        body["meshName"] = members.get("meshName")
    try:
        read = row.create.from_json(json.dumps(body))
    except InvalidSpec as error:
        raise Unread((*wrong, *error.violations)) from error
    if wrong:
        raise Unread(tuple(wrong))
    tags = None if read.tags is None else {tag.key: tag.value for tag in read.tags}
    ref = _ref(row, members, read.name, account)
    return Goal(ref, completed(read.spec), tags, {"document": index}, basis=_basis(members.get("metadata")))


def _unwrapped(document: Mapping[str, object]) -> Mapping[str, object]:
    """The resource in an answer of a describe call, `{"route": {...}}`; anything else as it is."""
    if len(document) == 1:
        word, inner = next(iter(document.items()))
        if word in {kind.value for kind in Kind} and isinstance(inner, dict):
            return {"kind": word, **inner}
    return document


def _kind(members: Mapping[str, object]) -> Kind:
    """The kind, as it is said or as its members tell it.

    Raises: Unread.
    """
    said = members.get("kind")
    if said is None:
        return _told_kind(members)
    found = _SPELLINGS.get(said.lower()) if isinstance(said, str) else None
    if found is None:
        raise Unread((Violation("kind", _no_kind(said)),))
    return found


def _told_kind(members: Mapping[str, object]) -> Kind:
    named = [kind for kind in Kind if KINDS[kind].name_member in members]
    # A route names its router too, and everything its mesh.
    inner = [kind for kind in named if kind not in {one.parent for one in named} and kind is not Kind.MESH]
    if len(inner) > 1 or not named:
        words = ", ".join(kind.value for kind in Kind)
        raise Unread((Violation("kind", f"is required, one of {words}"),))
    return inner[0] if inner else Kind.MESH


def _no_kind(said: object) -> str:
    words = [kind.value for kind in Kind]
    return f"must be one of {', '.join(words)}{did_you_mean(str(said), words)}"


def _path_members(kind: Kind) -> frozenset[str]:
    """The names that travel in the path of a create call, besides the mesh."""
    return frozenset() if kind.parent is None else frozenset({KINDS[kind.parent].name_member})


def _wrong_names(row: KindApi, members: Mapping[str, object]) -> Iterator[Violation]:
    """What is wrong with the names around the resource; its own is read with the body."""
    for name in ("meshName", *sorted(_path_members(row.kind))):
        value = members.get(name)
        if value is None:
            yield Violation(name, "is required")
        elif not isinstance(value, str) or not is_resource_name(value):
            yield Violation(name, "may hold letters, digits, hyphens and underscores only")
    owner = members.get("meshOwner")
    if owner is not None and not (isinstance(owner, str) and is_account(owner)):
        yield Violation("meshOwner", f"must be {AN_ACCOUNT}")


def _wrong_metadata(found: object) -> Iterator[Violation]:
    """What is wrong with what an answer told; all but the version and the uid is left aside."""
    if not isinstance(found, dict):
        yield Violation("metadata", "must be an object")
        return
    version = found.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        yield Violation("metadata.version", "must be a whole number above 0")
    if not isinstance(found.get("uid", ""), str):
        yield Violation("metadata.uid", "must be a text")


def _basis(metadata: object) -> Expected | None:
    """The revision that a document was made of, if it tells."""
    if not isinstance(metadata, dict) or "version" not in metadata:
        return None
    return Expected(metadata.get("uid"), metadata["version"])


def _ref(row: KindApi, members: Mapping[str, object], name: str, account: str) -> Ref:
    parent = None if row.kind.parent is None else str(members[KINDS[row.kind.parent].name_member])
    owner = account if row.kind is Kind.MESH else str(members.get("meshOwner") or account)
    return Ref(owner, str(members["meshName"]), row.kind, name, parent)
