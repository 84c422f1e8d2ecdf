"""Golden cases: one mesh in an operator's words, and what one of its proxies gets.

A case is a YAML file `<name>.mesh.yaml` under tests/golden/compile/<stem>/:

    # Why: the reason that the case exists.
    proxy: virtualNode/front          whose configuration
    show: [routes]                    which types the golden holds; Envoy checks all of them
    only: lds_dns                     which of their resources, optional
    wishes: {has_metrics: true}       what the proxy's Envoy asks for besides, optional
    data_plane: {http2: all}          what is asked of all proxies, and who of them is `accepting`, optional
    with: shop                        a mesh of tests/golden/meshes to start from, optional
    mesh / nodes / services / routers / routes / gateways / gateway_routes
                                      name → spec, added or replaced
    surroundings                      known outside: instances (`namespace/service`), certificates, trust

Routes are written `router/route`, gateway routes `gateway/route`. The output is `<name>.envoy.json`, or
`<name>.violations.txt` for a case whose specs break rules.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml
from google.protobuf import json_format

from gossamer.compile.fulfil import fulfilled, seen_by
from gossamer.compile.proxy import resources
from gossamer.compile.resources import Resources, ResourceType
from gossamer.compile.wish import NameService, Resolver, Wishes
from gossamer.errors import InvalidSpec
from gossamer.mesh.data_plane import DataPlane, Fleet, Http2
from gossamer.mesh.resolve import proxy_view
from gossamer.mesh.snapshot import Mesh
from gossamer.mesh.surroundings import Certificate, CloudMapService, Instance, Surroundings
from gossamer.model.kind import Kind, MeshKey, Ref
from tests.support.meshes import revision

ROOT: Final = Path(__file__).resolve().parent.parent / "golden" / "compile"
SHARED: Final = ROOT.parent / "meshes"
#: Long-lived ones, real enough for Envoy. Cases that name files name these, from the project's root.
CERTIFICATES: Final = ROOT.parent / "certs"

SECTIONS: Final = {
    "mesh": Kind.MESH,
    "nodes": Kind.VIRTUAL_NODE,
    "services": Kind.VIRTUAL_SERVICE,
    "routers": Kind.VIRTUAL_ROUTER,
    "routes": Kind.ROUTE,
    "gateways": Kind.VIRTUAL_GATEWAY,
    "gateway_routes": Kind.GATEWAY_ROUTE,
}

SHOWN: Final = {
    "clusters": ResourceType.CLUSTER,
    "secrets": ResourceType.SECRET,
    "endpoints": ResourceType.ENDPOINT,
    "listeners": ResourceType.LISTENER,
    "routes": ResourceType.ROUTE,
}


@dataclass(frozen=True)
class Case:
    """One golden pair."""

    path: Path

    @property
    def name(self) -> str:
        return f"{self.path.parent.name}/{self.path.name.removesuffix('.mesh.yaml')}"

    def read(self) -> Mapping[str, Any]:
        """The case's own words on top of the mesh that it starts from."""
        own: dict[str, Any] = yaml.safe_load(self.path.read_text())
        if "with" not in own:
            return own
        base = yaml.safe_load((SHARED / f"{own['with']}.yaml").read_text())
        merged = {key: (base.get(key) or {}) | (own.get(key) or {}) for key in SECTIONS}
        return {**base, **own, **merged}

    def output(self) -> Path:
        """The golden file that is there, or that ought to be."""
        kind = ".violations.txt" if "violations" in self.path.name else ".envoy.json"
        return self.path.with_name(self.path.name.removesuffix(".mesh.yaml") + kind)

    def compiled(self) -> Resources:
        """What the case's proxy gets."""
        written = self.read()
        mesh = mesh_of(written)
        kind, _, name = str(written["proxy"]).partition("/")
        view = proxy_view(
            mesh, mesh.ref(Kind(kind), name), surroundings_of(written), fleet=fleet_of(mesh, written)
        )
        assert view is not None, f"{self.name}: no such proxy"
        seen = seen_by(view, wishes_in(written))
        return fulfilled(resources(seen), seen, (Kind(kind), name), wishes_in(written))

    def golden(self) -> str:
        """What the golden file must hold."""
        try:
            compiled = self.compiled()
        except InvalidSpec as error:
            return "".join(f"{one}\n" for one in error.violations)
        shown = [SHOWN[name] for name in self.read()["show"]]
        document = {
            name: [
                json_format.MessageToDict(one.message, preserving_proto_field_name=True)
                for one in compiled.of(type_)
                if self.read().get("only", one.name) == one.name
            ]
            for name, type_ in SHOWN.items()
            if type_ in shown
        }
        return json.dumps(document, indent=1, sort_keys=True) + "\n"


def fleet_of(mesh: Mesh, written: Mapping[str, Any]) -> Fleet:
    """What is asked of all proxies; `accepting` are the nodes whose proxies take HTTP/2."""
    asked = dict(written.get("data_plane", {}))
    accepting = frozenset(mesh.ref(Kind.VIRTUAL_NODE, name) for name in asked.pop("accepting", ()))
    if "http2" in asked:
        asked["http2"] = Http2(asked["http2"])
    return Fleet(DataPlane(**asked), accepting)


def cases() -> Iterator[Case]:
    """Every case, in a steady order."""
    return (Case(path) for path in sorted(ROOT.rglob("*.mesh.yaml")))


def surroundings_of(written: Mapping[str, Any]) -> Surroundings:
    """What a case says is known outside of its mesh."""
    found = written.get("surroundings") or {}
    return Surroundings(
        instances={
            CloudMapService(*name.split("/")): tuple(Instance(**one) for one in listed)
            for name, listed in (found.get("instances") or {}).items()
        },
        certificates={
            arn: Certificate(chain=_pem(one["chain"]), key=_pem(one["key"]))
            for arn, one in (found.get("certificates") or {}).items()
        },
        trust={arn: _pem(name) for arn, name in (found.get("trust") or {}).items()},
    )


def _pem(name: str) -> str:
    return (CERTIFICATES / name).read_text()


def wishes_in(written: Mapping[str, Any]) -> Wishes:
    """What the Envoy of a case asks for; `names` answers on 127.0.0.1 and asks the listed addresses."""
    asked = written.get("wishes", {})
    resolvers = tuple(Resolver(address, 53) for address in asked.get("names", ()))
    return Wishes(
        has_metrics=asked.get("has_metrics", False),
        keeps_request_id=asked.get("keeps_request_id", False),
        makes_no_request_ids=asked.get("makes_no_request_ids", False),
        keeps_idle_requests=asked.get("keeps_idle_requests", False),
        hides_envoy=asked.get("hides_envoy", False),
        counts_steps=asked.get("counts_steps", False),
        names=NameService("127.0.0.1", 53, resolvers) if resolvers else None,
    )


def mesh_of(written: Mapping[str, object]) -> Mesh:
    """The mesh that a case describes.

    Raises: InvalidSpec.
    """
    key = MeshKey("123456789012", "shop")
    changes = [(ref := Ref(key.account, key.mesh, Kind.MESH, key.mesh), revision(ref, Kind.MESH, {}))]
    for section, kind in SECTIONS.items():
        found = written.get(section) or {}
        named = {key.mesh: found} if kind is Kind.MESH else found
        assert isinstance(named, dict)
        for name, spec in named.items():
            parent, _, own = name.rpartition("/") if kind.parent is not None else ("", "", name)
            ref = Ref(key.account, key.mesh, kind, own, parent or None)
            changes.append((ref, revision(ref, kind, spec or {})))
    return Mesh(key).amended(changes)
