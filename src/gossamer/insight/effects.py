"""What a change of meshes would do: problems that come and go, and Envoy's resources of which proxies.

Derived as for the proxies themselves, from the mesh before and after: the compiler is pure, so this is exact.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gossamer.compile.resources import ResourceType
from gossamer.compile.wish import NOTHING, Wishes
from gossamer.insight.change import Action, Change
from gossamer.insight.meshes import Outlook
from gossamer.insight.unified import unified
from gossamer.mesh.findings import Findings
from gossamer.mesh.inputs import seen_through
from gossamer.mesh.problem import Problem
from gossamer.mesh.snapshot import Mesh, revisions
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.xds.protocol import Published, Resource
from gossamer.xds.shown import config

ENDPOINTS: Final = (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY)


@dataclass(frozen=True, slots=True)
class Affected:
    """A mesh that changes, and the endpoints whose proxies are asked about."""

    before: Mesh
    after: Mesh
    proxies: Sequence[tuple[Ref, Wishes]]

    def touched(self) -> frozenset[Ref]:
        """The resources that differ, as views look at them."""
        old, new = revisions(self.before), revisions(self.after)
        return frozenset(seen_through(ref) for ref in {*old, *new} if old.get(ref) != new.get(ref))


def affected(
    mesh: Mesh | None, key: MeshKey, changes: Iterable[Change], proxies: Sequence[tuple[Ref, Wishes]] | None
) -> Affected:
    """A mesh before and after changes; it may stand a moment before or after them.

    Absent: `proxies` for all endpoints of the mesh, whether they have any or not.
    """
    mine = [change for change in changes if change.ref.key == key and change.action is not Action.NONE]
    standing = mesh or Mesh(key)
    before = standing.amended((change.ref, change.before) for change in mine)
    after = standing.amended((change.ref, change.after) for change in mine)
    if proxies is None:
        refs = {ref for one in (before, after) for ref in revisions(one) if ref.kind in ENDPOINTS}
        proxies = [(ref, NOTHING) for ref in sorted(refs, key=str)]
    return Affected(before, after, proxies)


def told_effects(meshes: Sequence[Affected], outlook: Outlook) -> dict[str, object]:
    """What changes of meshes do, as our routes tell it."""
    old = {one: None for mesh in meshes for one in outlook.problems(mesh.before)}
    new = {one: None for mesh in meshes for one in outlook.problems(mesh.after)}
    return {
        "problems": {
            "appear": [_problem(one) for one in new if one not in old],
            "vanish": [_problem(one) for one in old if one not in new],
        },
        "proxies": [one for mesh in meshes for one in _proxies(mesh, outlook)],
    }


def _problem(problem: Problem) -> dict[str, str]:
    return {"resource": str(problem.ref), "why": problem.why}


def _proxies(mesh: Affected, outlook: Outlook) -> Iterator[dict[str, object]]:
    """The endpoints whose proxies get something else, each once."""
    touched, old, new = mesh.touched(), Findings(), Findings()
    found: dict[Ref, dict[tuple[object, ...], dict[str, object]]] = {}
    for ref, wishes in mesh.proxies:
        before = outlook.view(mesh.before, ref, old)
        if before is not None and before.inputs.isdisjoint(touched):
            continue
        after = outlook.view(mesh.after, ref, new)
        if before == after:
            continue
        sent = None if before is None else outlook.published(ref, wishes, before, None)
        coming = None if after is None else outlook.published(ref, wishes, after, sent)
        for one in _differences(sent, coming):
            found.setdefault(ref, {})[one["type"], one["name"]] = one
    for ref, ones in found.items():
        yield {"proxy": str(ref), "resources": list(ones.values())}


def _differences(before: Published | None, after: Published | None) -> Iterator[dict[str, object]]:
    for type_ in ResourceType:
        old = before.of(type_) if before is not None else {}
        new = after.of(type_) if after is not None else {}
        for name in sorted({*old, *new}):
            was, now = old.get(name), new.get(name)
            if was is None or now is None or was.version != now.version:
                yield _difference(type_, name, was, now)


def _difference(
    type_: ResourceType, name: str, was: Resource | None, now: Resource | None
) -> dict[str, object]:
    action = "add" if was is None else "remove" if now is None else "change"
    told: dict[str, object] = {"type": type_.name.lower(), "name": name, "action": action}
    if was is not None and now is not None:
        told["diff"] = unified(name, config(was), config(now))
    return told
