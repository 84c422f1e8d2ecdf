"""Meshes as they stand in files, for commands that need no server; loaded only by what is asked of files."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from gossamer.analysis import document as findings_document
from gossamer.analysis.analysis import Known, analysed
from gossamer.cli.files import sources
from gossamer.cli.inventory import which_mesh
from gossamer.cli.words import WrongUsage
from gossamer.contract import DEFAULT_ACCOUNT
from gossamer.errors import InvalidSpec
from gossamer.explain.document import document
from gossamer.explain.explain import explained, sender_of, view_of
from gossamer.insight.apply import NAMED_TWICE
from gossamer.insight.change import Goal
from gossamer.insight.document import Unread, goal_of
from gossamer.insight.explain import question
from gossamer.mesh.problems import problems
from gossamer.mesh.snapshot import Mesh
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.mesh import MeshSpec
from gossamer.model.revision import Revision

#: Files do not say when they were written, nor as which resource before.
_THEN: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def findings_in(files: Sequence[str], mesh: str | None, now: datetime.datetime) -> list[dict[str, Any]]:
    """What is found in the meshes of some files, or in one of them.

    Raises: WrongUsage.
    """
    found: list[dict[str, Any]] = []
    for one in meshes_in(files, mesh):
        answer = findings_document.document(analysed(one, Known(problems(one), now)))["findings"]
        found += answer if isinstance(answer, list) else []
    return found


def explained_in(
    files: Sequence[str], only: str | None, sender: str, asked: Mapping[str, Any]
) -> dict[str, Any]:
    """What becomes of a request, as `explain` asks for it, in the one mesh of some files.

    Raises: WrongUsage.
    """
    mesh, *others = meshes_in(files, only)
    if others:
        raise WrongUsage(which_mesh(one.key.mesh for one in (mesh, *others)))
    try:
        return document(explained(mesh, view_of(mesh, sender_of(mesh, sender)), question(asked)))
    except InvalidSpec as error:
        raise WrongUsage(str(error)) from error


def meshes_in(files: Sequence[str], only: str | None = None) -> tuple[Mesh, ...]:
    """The meshes that stand in some files, or the one of a name; one of which only parts do has no settings.

    Raises: WrongUsage.
    """
    meshes: dict[MeshKey, Mesh] = {}
    for goal in _goals(files):
        if goal.spec is not None and only in (None, goal.ref.mesh):
            key = goal.ref.key
            begun = meshes.get(key) or Mesh(key)
            meshes[key] = begun.amended([(goal.ref, _revision(goal))])
    if not meshes:
        what = f"no resource of mesh {only}" if only else "no resource"
        raise WrongUsage(f"{', '.join(files)}: there is {what} in it")
    return tuple(_with_settings(meshes[key]) for key in sorted(meshes))


def _with_settings(mesh: Mesh) -> Mesh:
    if mesh.names(Kind.MESH):
        return mesh
    ref = mesh.ref(Kind.MESH, mesh.key.mesh)
    return mesh.amended([(ref, _revision(Goal(ref, MeshSpec(), None, {})))])


def _goals(files: Sequence[str]) -> Iterator[Goal]:
    seen: set[Ref] = set()
    for number, source in enumerate(sources(files)):
        try:
            goal = goal_of(source.document, number, DEFAULT_ACCOUNT)
        except Unread as error:
            told = "; ".join(f"{source.place(one.path)}: {one}" for one in error.violations)
            raise WrongUsage(told) from error
        if goal.ref in seen:
            raise WrongUsage(f"{source.place('')}: {goal.ref} {NAMED_TWICE}")
        seen.add(goal.ref)
        yield goal


def _revision(goal: Goal) -> Revision:
    assert goal.spec is not None  # noqa: S101 - what is gone is in no mesh
    return Revision(goal.ref, goal.spec, "", 1, _THEN, _THEN, goal.ref.account)
