"""Whole meshes of every kind, drawn by Hypothesis: any valid specs, under names that mostly meet."""

import operator
from collections.abc import Iterator
from typing import Any, Final

from hypothesis import strategies as st

from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import Certificate, Instance, Needs, Surroundings
from gossamer.mesh.view import ProxyView
from gossamer.model.kind import Kind, MeshKey, Ref
from gossamer.model.specs import SPECS
from tests.support import random_specs
from tests.support.goldens import CERTIFICATES
from tests.support.meshes import revision

KEY: Final = MeshKey("123456789012", "shop")

#: How many of a kind a mesh has at least and at most; with fewer, little of a mesh would hang together.
LEAST: Final = 2
MOST: Final = 3

Drawn = dict[Ref, Any]

#: Kinds of whose spec all may be left out.
CAN_BE_EMPTY: Final = (Kind.MESH, Kind.VIRTUAL_NODE, Kind.VIRTUAL_ROUTER, Kind.VIRTUAL_SERVICE)


def refs(kind: Kind) -> Iterator[Ref]:
    """Every resource of a kind that a drawn mesh may have: all names but the one that nobody has."""
    if kind is Kind.MESH:
        yield Ref(KEY.account, KEY.mesh, kind, KEY.mesh)
    elif kind.parent is not None:
        for parent in random_specs.NAMES[kind.parent][:-1]:
            yield from (Ref(KEY.account, KEY.mesh, kind, name, parent) for name in ("a", "b", "c"))
    else:
        yield from (Ref(KEY.account, KEY.mesh, kind, name) for name in random_specs.NAMES[kind][:-1])


EMPTY: Final[list[Drawn]] = [{ref: {}} for kind in CAN_BE_EMPTY for ref in refs(kind)]


def drawn_meshes() -> st.SearchStrategy[Drawn]:
    """Whole meshes as names and specs on the wire; Hypothesis shows and shrinks them like that."""
    kinds = st.tuples(*(_of_kind(kind) for kind in SPECS))
    whole = kinds.map(lambda parts: {ref: spec for part in parts for ref, spec in part.items()})
    return st.builds(operator.or_, whole, st.one_of(st.just({}), st.sampled_from(EMPTY)))


@st.composite
def _of_kind(draw: st.DrawFn, kind: Kind) -> Drawn:
    known = list(refs(kind))
    names = draw(
        st.lists(st.sampled_from(known), unique=True, min_size=min(LEAST, len(known)), max_size=MOST)
    )
    return {name: draw(random_specs.spec(SPECS[kind])) for name in names}


def proxies(mesh: Mesh) -> Iterator[Ref]:
    """Every node and gateway of a mesh."""
    for kind in (Kind.VIRTUAL_NODE, Kind.VIRTUAL_GATEWAY):
        yield from (mesh.ref(kind, name) for name in mesh.names(kind))


def views(drawn: Drawn) -> Iterator[tuple[Ref, ProxyView]]:
    """The view of every proxy of a mesh, in a world where all is found that is looked for."""
    mesh = mesh_of(drawn)
    for ref in proxies(mesh):
        alone = proxy_view(mesh, ref)
        assert alone is not None
        found = proxy_view(mesh, ref, world(alone.needs))
        assert found is not None
        yield ref, found


def world(needs: Needs) -> Surroundings:
    """A world in which there is all that is needed."""
    chain, key = ((CERTIFICATES / name).read_text() for name in ("chain.pem", "key.pem"))
    instances = (Instance("192.0.2.1", "2001:db8::1"), Instance("192.0.2.2"))
    return Surroundings(
        instances=dict.fromkeys(needs.services, instances),
        certificates=dict.fromkeys(needs.certificates, Certificate(chain, key)),
        trust=dict.fromkeys(needs.trust, chain),
    )


def mesh_of(drawn: Drawn) -> Mesh:
    """The mesh that was drawn."""
    return Mesh(KEY).amended([(ref, revision(ref, ref.kind, spec)) for ref, spec in drawn.items()])
