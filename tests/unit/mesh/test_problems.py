"""What cannot work is told in plain words, with what was probably meant."""

from typing import Any

from gossamer.mesh.problems import problems
from tests.support.goldens import mesh_of

NODE = {
    "listeners": [{"portMapping": {"port": 80, "protocol": "http"}}],
    "serviceDiscovery": {"dns": {"hostname": "n.local"}},
}


def told(**written: Any) -> list[str]:
    return [f"{one.ref.name} {one.why}" for one in problems(mesh_of(written))]


def test_a_backend_without_a_service_names_the_likely_one() -> None:
    backend = {"virtualService": {"virtualServiceName": "serviceB.simpleapp.local"}}
    provider = {"provider": {"virtualNode": {"virtualNodeName": "b"}}}
    found = told(nodes={"a": {"backends": [backend]}, "b": NODE}, services={"serviceB": provider})
    assert found == ["a backend serviceB.simpleapp.local does not exist: did you mean serviceB?"]


def test_missing_providers_and_targets_are_named() -> None:
    target = {"virtualNode": "nobody", "weight": 1}
    route = {"httpRoute": {"match": {"prefix": "/"}, "action": {"weightedTargets": [target]}}}
    found = told(
        services={"s": {"provider": {"virtualRouter": {"virtualRouterName": "none"}}}, "t": {}},
        routers={"r": {"listeners": NODE["listeners"]}, "empty": {"listeners": NODE["listeners"]}},
        routes={"r/x": route},
    )
    assert found == [
        "s provider none does not exist",
        "t has no provider, so nothing answers for it",
        "empty has no routes, so its services answer 404",
        "x target nobody does not exist",
    ]


def test_ports_that_cannot_be_shared_are_named() -> None:
    tcp = {**NODE, "listeners": [{"portMapping": {"port": 80, "protocol": "tcp"}}]}
    backends = [{"virtualService": {"virtualServiceName": name}} for name in ("s.a", "s.b")]
    provider = {name: {"provider": {"virtualNode": {"virtualNodeName": name[-1]}}} for name in ("s.a", "s.b")}
    found = told(nodes={"c": {"backends": backends}, "a": NODE, "b": tcp}, services=provider)
    assert found == ["c port 80 is TCP for s.b and HTTP for s.a: only HTTP is served"]


def test_a_mesh_that_works_has_no_problems() -> None:
    assert told(nodes={"a": NODE}) == []
